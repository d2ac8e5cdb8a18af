use serde::{Deserialize, Serialize};

use super::wire::{open_enum, union};
use super::{Blob, S3Location};

/// A document for the model to read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DocumentBlock {
    /// The document's file format; `txt` where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<DocumentFormat>,
    /// The document's name, 1 to 200 characters: letters, digits, single spaces, hyphens, brackets. The model sees
    /// it, so Amazon advises a neutral one.
    pub name: String,
    /// The document itself.
    pub source: DocumentSource,
    /// What the model should know about the document, for citations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// Whether the model may cite the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub citations: Option<CitationsConfig>,
}

impl DocumentBlock {
    /// Makes a document from bytes, or from an object in Amazon S3.
    pub fn new(format: DocumentFormat, name: impl Into<String>, source: impl Into<DocumentSource>) -> Self {
        Self {
            format: Some(format),
            name: name.into(),
            source: source.into(),
            context: None,
            citations: None,
        }
    }

    /// Tells the model about the document.
    pub fn context(mut self, context: impl Into<String>) -> Self {
        self.context = Some(context.into());
        self
    }

    /// Lets the model cite the document, or forbids it.
    pub fn citations(mut self, enabled: bool) -> Self {
        self.citations = Some(CitationsConfig { enabled });
        self
    }
}

open_enum! {
    /// The file format of a document.
    DocumentFormat {
        /// PDF.
        Pdf = "pdf",
        /// Comma-separated values.
        Csv = "csv",
        /// Microsoft Word up to 2003.
        Doc = "doc",
        /// Microsoft Word.
        Docx = "docx",
        /// Microsoft Excel up to 2003.
        Xls = "xls",
        /// Microsoft Excel.
        Xlsx = "xlsx",
        /// HTML.
        Html = "html",
        /// Plain text.
        Txt = "txt",
        /// Markdown.
        Md = "md",
    }
}

union! {
    /// Where a document is.
    DocumentSource {
        /// In the request itself, as a file.
        Bytes(Blob) = "bytes",
        /// In Amazon S3.
        S3Location(S3Location) = "s3Location",
        /// In the request itself, as text.
        Text(String) = "text",
        /// In the request itself, in pieces that the model can cite.
        Content(Vec<DocumentContentBlock>) = "content",
    }
}

union! {
    /// A piece of a document.
    DocumentContentBlock {
        /// Text.
        Text(String) = "text",
    }
}

/// Whether the model may cite a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CitationsConfig {
    /// True where it may.
    pub enabled: bool,
}

impl CitationsConfig {
    /// Allows citations, or forbids them.
    pub fn new(enabled: bool) -> Self {
        Self { enabled }
    }
}
