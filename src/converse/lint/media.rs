//! Images and documents: how they are named, and what has to be beside them.

use std::collections::HashSet;
use std::mem;

use super::draft::{Draft, Placed, note};
use super::rename::Shape;
use super::{Change, Finding, Repair, Rule};
use crate::converse::{ContentBlock, ConverseRequest, DocumentBlock, ImageFormat, ToolResultContentBlock};

pub(super) fn spell_jpeg(draft: &mut Draft) {
    let Draft { turns, repairs, .. } = draft;
    for placed in turns.iter_mut().flat_map(|turn| &mut turn.content) {
        let path = &placed.path;
        match &mut placed.block {
            ContentBlock::Image(image) => spell_in(&mut image.format, || format!("{path}.image"), repairs),
            ContentBlock::ToolResult(result) => {
                for (i, content) in result.content.iter_mut().enumerate() {
                    if let ToolResultContentBlock::Image(image) = content {
                        let path = || format!("{path}.toolResult.content[{i}].image");
                        spell_in(&mut image.format, path, repairs);
                    }
                }
            }
            _ => {}
        }
    }
}

fn spell_in(format: &mut ImageFormat, path: impl Fn() -> String, repairs: &mut Vec<Repair>) {
    if matches!(format, ImageFormat::Unknown(format) if format.eq_ignore_ascii_case("jpg")) {
        *format = ImageFormat::Jpeg;
        note(repairs, format!("{}.format", path()), Rule::ImageFormatJpg, Change::Rewritten);
    }
}

const DOCUMENT_NAME: Shape = Shape {
    max_length: 200,
    allows: |name| name.chars().all(is_of_name) && !name.contains("  "),
    clean: clean_name,
    fallback: "document",
    numbered: |number| format!(" ({number})"),
};

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_' | '(' | ')' | '[' | ']')
}

fn clean_name(name: &str) -> String {
    let spaced: String = name
        .chars()
        .map(|c| match c {
            c if c.is_whitespace() => ' ',
            c if is_of_name(c) => c,
            _ => '-',
        })
        .collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A document that is renamed, where it is and why.
type Misnamed<'a> = (String, &'a mut DocumentBlock, Rule);

pub(super) fn name_documents(draft: &mut Draft) {
    let Draft { turns, repairs, .. } = draft;
    let (mut seen, mut taken) = (HashSet::new(), HashSet::new());
    let mut misnamed: Vec<Misnamed<'_>> = Vec::new();
    for placed in turns.iter_mut().flat_map(|turn| &mut turn.content) {
        for (path, document, place) in documents(placed) {
            let fits = DOCUMENT_NAME.fits(&document.name);
            taken.extend(fits.then(|| document.name.clone()));
            if !fits {
                misnamed.push((path, document, Rule::DocumentName));
            } else if place == Place::Message && !seen.insert(document.name.clone()) {
                misnamed.push((path, document, Rule::DuplicateDocumentName));
            }
        }
    }
    for (path, document, rule) in misnamed {
        let to = DOCUMENT_NAME.take_name(&document.name, &mut taken);
        let from = mem::replace(&mut document.name, to.clone());
        note(repairs, path, rule, Change::Renamed { from, to });
    }
}

/// Whether two documents of one name are known to be refused: nothing says so of those in results.
#[derive(PartialEq, Eq)]
enum Place {
    Message,
    ToolResult,
}

fn documents(placed: &mut Placed<ContentBlock>) -> Vec<(String, &mut DocumentBlock, Place)> {
    let path = &placed.path;
    match &mut placed.block {
        ContentBlock::Document(document) => {
            vec![(format!("{path}.document.name"), document, Place::Message)]
        }
        ContentBlock::ToolResult(result) => {
            let contents = result.content.iter_mut().enumerate();
            contents
                .filter_map(|(i, content)| match content {
                    ToolResultContentBlock::Document(document) => {
                        let path = format!("{path}.toolResult.content[{i}].document.name");
                        Some((path, document, Place::ToolResult))
                    }
                    _ => None,
                })
                .collect()
        }
        _ => Vec::new(),
    }
}

pub(super) fn check_documents(request: &ConverseRequest, findings: &mut Vec<Finding>) {
    let is_document = |block: &ContentBlock| matches!(block, ContentBlock::Document(_));
    let is_text =
        |block: &ContentBlock| matches!(block, ContentBlock::Text(_) | ContentBlock::GuardContent(_));
    for (i, message) in request.messages.iter().enumerate() {
        if message.content.iter().any(is_document) && !message.content.iter().any(is_text) {
            findings.push(Finding::not_fixable(format!("messages[{i}].content"), Rule::DocumentWithoutText));
        }
    }
}
