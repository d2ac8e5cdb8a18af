//! The ranges and lengths of the API reference that the types leave open.

use super::draft::{Draft, note};
use super::{Change, Finding, Rule};
use crate::converse::{ConverseRequest, InferenceConfiguration};

pub(super) fn leave_out_empty_stop_sequences(draft: &mut Draft) {
    let Draft { request, repairs, .. } = draft;
    let sequences = request.inference_config.as_mut().and_then(|config| config.stop_sequences.as_mut());
    let Some(sequences) = sequences else { return };
    let mut index = 0..;
    sequences.retain(|sequence| {
        let i = index.next().unwrap_or_default();
        if sequence.is_empty() {
            let path = format!("inferenceConfig.stopSequences[{i}]");
            note(repairs, path, Rule::EmptyStopSequence, Change::LeftOut);
        }
        !sequence.is_empty()
    });
}

pub(super) fn check_limits(request: &ConverseRequest, findings: &mut Vec<Finding>) {
    let inference = request.inference_config.iter().flat_map(beyond_inference);
    let paths = request.additional_model_response_field_paths.iter().flat_map(|paths| beyond_paths(paths));
    let metadata = request.request_metadata.as_ref().is_some_and(|metadata| {
        !(1..=16).contains(&metadata.len())
            || metadata.iter().any(|(key, value)| !is_label(key) || key.is_empty() || !is_label(value))
    });
    let effort = request.output_config.as_ref().and_then(|config| config.effort.as_ref());
    let effort = effort.is_some_and(|effort| effort.chars().count() > 16);
    let others = [(metadata, "requestMetadata"), (effort, "outputConfig.effort")];
    let others = others.into_iter().filter(|(is_beyond, _)| *is_beyond).map(|(_, path)| path.to_owned());
    let beyond = inference.map(str::to_owned).chain(paths).chain(others);
    findings.extend(beyond.map(|path| Finding::not_fixable(path, Rule::Limit)));
}

fn beyond_inference(config: &InferenceConfiguration) -> impl Iterator<Item = &'static str> {
    let is_share = |number: Option<f64>| number.is_none_or(|number| (0.0..=1.0).contains(&number));
    let sequences = config.stop_sequences.as_ref().map_or(0, Vec::len);
    [
        (config.max_tokens == Some(0), "inferenceConfig.maxTokens"),
        (!is_share(config.temperature), "inferenceConfig.temperature"),
        (!is_share(config.top_p), "inferenceConfig.topP"),
        (sequences > 2500, "inferenceConfig.stopSequences"),
    ]
    .into_iter()
    .filter(|(is_beyond, _)| *is_beyond)
    .map(|(_, path)| path)
}

fn beyond_paths(paths: &[String]) -> impl Iterator<Item = String> {
    let list = "additionalModelResponseFieldPaths";
    let too_many = (paths.len() > 10).then(|| list.to_owned());
    let is_beyond = |path: &String| !(1..=256).contains(&path.chars().count());
    let entries = paths.iter().enumerate().filter(move |(_, path)| is_beyond(path));
    too_many.into_iter().chain(entries.map(move |(i, _)| format!("{list}[{i}]")))
}

fn is_label(text: &str) -> bool {
    let is_allowed =
        |c: char| c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || ":_@$#=/+,-.".contains(c);
    text.len() <= 256 && text.chars().all(is_allowed)
}
