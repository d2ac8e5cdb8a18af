use serde::{Deserialize, Serialize};

use super::CitationsConfig;
use super::wire::union;

/// Generated text together with the sources it rests on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CitationsContentBlock {
    /// The generated text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<Vec<CitationGeneratedContent>>,
    /// The sources of all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub citations: Option<Vec<Citation>>,
}

union! {
    /// Generated text that has sources.
    CitationGeneratedContent {
        /// Text.
        Text(String) = "text",
    }
}

/// A source of generated text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Citation {
    /// The title of the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What the source is, such as the URL of a search result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The passages of the source that were used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_content: Option<Vec<CitationSourceContent>>,
    /// Where in the source they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<CitationLocation>,
}

union! {
    /// A passage of a source.
    CitationSourceContent {
        /// Text.
        Text(String) = "text",
    }
}

union! {
    /// Where in a source a passage is.
    CitationLocation {
        /// On a web page.
        Web(WebLocation) = "web",
        /// Between two characters of a document.
        DocumentChar(DocumentLocation) = "documentChar",
        /// Between two pages of a document.
        DocumentPage(DocumentLocation) = "documentPage",
        /// Between two pieces of a document that was given in pieces.
        DocumentChunk(DocumentLocation) = "documentChunk",
        /// Between two pieces of a search result.
        SearchResultLocation(SearchResultLocation) = "searchResultLocation",
    }
}

/// A web page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebLocation {
    /// The page's URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The domain that the page is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
}

/// A part of a document, counted in characters, pages or pieces.
///
/// Amazon has three shapes with these same members.
#[doc(alias("DocumentCharLocation", "DocumentPageLocation", "DocumentChunkLocation"))]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DocumentLocation {
    /// Which document of the request, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_index: Option<u64>,
    /// Where the part begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<u64>,
    /// Where the part ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<u64>,
}

/// A part of a search result.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SearchResultLocation {
    /// Which search result of the request, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search_result_index: Option<u64>,
    /// The piece that the part begins with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<u64>,
    /// The piece that the part ends before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<u64>,
}

/// A search result for the model to use and cite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SearchResultBlock {
    /// Where the result comes from, such as a URL.
    pub source: String,
    /// The result's title.
    pub title: String,
    /// The result's text, in pieces that the model can cite.
    pub content: Vec<SearchResultContentBlock>,
    /// Whether the model may cite the result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub citations: Option<CitationsConfig>,
}

impl SearchResultBlock {
    /// Makes a search result from its pieces.
    pub fn new<T: Into<String>>(
        source: impl Into<String>,
        title: impl Into<String>,
        content: impl IntoIterator<Item = T>,
    ) -> Self {
        let content =
            content.into_iter().map(|text| SearchResultContentBlock { text: text.into() }).collect();
        Self { source: source.into(), title: title.into(), content, citations: None }
    }

    /// Lets the model cite the result, or forbids it.
    pub fn citations(mut self, enabled: bool) -> Self {
        self.citations = Some(CitationsConfig { enabled });
        self
    }
}

/// A piece of a search result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SearchResultContentBlock {
    /// The text.
    pub text: String,
}
