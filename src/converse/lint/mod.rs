//! What Bedrock would refuse, found and repaired without the network.
//!
//! - `rule`: the [`Rule`]s, each with its source; `finding` and `repair`: what is said about a request.
//! - `draft`: a request while it is repaired; then rule by rule, `text`, `turns`, `tool_pairs`, `tool_names` (which
//!   needs `rename`), `tool_values`, `cache_points`, `media`, `reasoning` and `limits`.
//!
//! What can be repaired is found by repairing a copy: what [`lint`](ConverseRequest::lint) calls fixable and what
//! [`repair`](ConverseRequest::repair) fixes cannot differ.

mod cache_points;
mod draft;
mod finding;
mod limits;
mod media;
mod reasoning;
mod rename;
mod repair;
mod rule;
mod text;
mod tool_names;
mod tool_pairs;
mod tool_values;
mod turns;

pub use finding::Finding;
pub use repair::{Change, Repair};
pub use rule::Rule;

use std::mem;

use draft::Draft;

use super::{ConverseRequest, Message};

/// Each notes what it changes, and changes nothing without a note. What one leaves behind a later one may mend.
const REPAIRS: &[fn(&mut Draft)] = &[
    media::spell_jpeg,
    media::name_documents,
    limits::leave_out_empty_stop_sequences,
    tool_values::leave_out_empty_descriptions,
    tool_values::make_inputs_objects,
    tool_values::make_results_objects,
    tool_names::rename_tools,
    tool_names::rename_tool_use_ids,
    cache_points::move_out_of_results,
    reasoning::leave_out_unsigned_reasoning,
    text::leave_out_blank_text,
    turns::leave_out_empty_messages,
    tool_pairs::separate_duplicates,
    tool_pairs::leave_out_unrequested_results,
    tool_pairs::answer_tool_uses,
    tool_values::explain_errors,
    tool_values::leave_out_empty_tool_config,
    text::trim_final_turn,
    cache_points::order_ttls,
];

/// More than it takes. A bound all the same: two rules at odds must not hang the caller.
const PASSES: usize = 10;

/// What nobody but the caller can mend.
const CHECKS: &[fn(&ConverseRequest, &mut Vec<Finding>)] = &[
    turns::check_messages,
    media::check_documents,
    tool_values::check_tool_config,
    tool_names::check_system_tools,
    limits::check_limits,
];

/// What a tool use of the model's has to be to be sent back, whatever else is in the request.
const RESHAPES: &[fn(&mut Draft)] = &[
    tool_values::make_inputs_objects,
    tool_names::rename_tools,
    tool_names::rename_tool_use_ids,
    tool_pairs::separate_duplicates,
];

/// A turn with its tool uses as the rules have them: the same blocks, in the same places.
pub(super) fn reshape_tool_uses(turn: Message) -> Option<Message> {
    let mut draft = Draft::new(ConverseRequest::new().message(turn));
    RESHAPES.iter().for_each(|reshape| reshape(&mut draft));
    draft.finish().0.messages.pop()
}

impl ConverseRequest {
    /// Finds what Bedrock would refuse with a 400, rule by rule. Sends nothing.
    ///
    /// A rule that only some models have is in [`Rule`] with what it takes to be looked for. What depends on the model
    /// alone is no rule: whether a conversation may begin with the model's turn, have two turns of one role in a row, or
    /// end with the model's turn. A request without findings may still be refused for such a reason.
    ///
    /// It works on copies: one of the request, and one more for each rule that is broken. Blobs are not copied.
    ///
    /// ```
    /// use bedrock_converse::converse::{ConverseRequest, Rule, ToolUseBlock};
    /// use serde_json::json;
    ///
    /// let request = ConverseRequest::new()
    ///     .user("Do I need a coat?")
    ///     .assistant(ToolUseBlock::new("id", "weather", json!({})))
    ///     .user("Never mind.");
    ///
    /// let findings = request.lint();
    /// assert_eq!(findings[0].rule, Rule::UnansweredToolUse);
    /// assert_eq!(findings[0].path, "messages[1].content[0].toolUse");
    /// assert!(findings[0].fixable);
    /// assert_eq!(findings[1].rule, Rule::ToolConfigMissing);
    /// assert!(!findings[1].fixable);
    /// ```
    pub fn lint(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut draft = Draft::new(self.clone());
        for repair in REPAIRS {
            repair(&mut draft);
            if !draft.repairs.is_empty() {
                findings.extend(draft.repairs.drain(..).map(Finding::from));
                draft = Draft::new(self.clone());
            }
        }
        CHECKS.iter().for_each(|check| check(self, &mut findings));
        findings
    }

    /// Repairs what can be repaired without words of the caller's, and says what it did. A request without findings is
    /// left as it is, to the byte.
    ///
    /// What it leaves out of a conversation is lost: keep the original where that matters. Nothing calls it but you.
    ///
    /// ```
    /// use bedrock_converse::converse::{ConverseRequest, ToolSpecification};
    /// use serde_json::json;
    ///
    /// let weather = ToolSpecification::new("weather", json!({"type": "object"})).description("");
    /// let mut request =
    ///     ConverseRequest::new().user("Do I need a coat?").assistant(["", "Wait. "]).tool(weather);
    ///
    /// let repairs: Vec<_> = request.repair().iter().map(ToString::to_string).collect();
    /// assert_eq!(repairs, [
    ///     "toolConfig.tools[0].toolSpec.description: the description is empty; left out",
    ///     "messages[1].content[0].text: the text is blank; left out",
    ///     "messages[1].content[1].text: the last turn is the model's and ends in white space; white space cut off",
    /// ]);
    /// assert_eq!(request.messages[1].text(), "Wait.");
    /// assert_eq!(request.lint(), []);
    /// ```
    pub fn repair(&mut self) -> Vec<Repair> {
        let mut draft = Draft::new(mem::take(self));
        for _ in 0..PASSES {
            let done = draft.repairs.len();
            REPAIRS.iter().for_each(|repair| repair(&mut draft));
            if draft.repairs.len() == done {
                break;
            }
        }
        let (request, repairs) = draft.finish();
        *self = request;
        repairs
    }
}
