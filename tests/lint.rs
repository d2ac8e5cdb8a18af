//! Each rule: a request that breaks it, and one next to it that does not.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use bedrock_converse::converse::{ConverseRequest, Rule};
use serde_json::{Value, json};

struct Case {
    rule: Rule,
    broken: Value,
    path: &'static str,
    fixable: bool,
    kept: Value,
}

fn case(rule: Rule, path: &'static str, broken: Value, kept: Value) -> Case {
    Case { rule, broken, path, fixable: true, kept }
}

fn hopeless(rule: Rule, path: &'static str, broken: Value, kept: Value) -> Case {
    Case { fixable: false, ..case(rule, path, broken, kept) }
}

fn request(body: &Value) -> ConverseRequest {
    serde_json::from_value(body.clone()).unwrap()
}

fn user(content: Value) -> Value {
    json!({"role": "user", "content": content})
}

fn assistant(content: Value) -> Value {
    json!({"role": "assistant", "content": content})
}

fn says(content: Value) -> Value {
    json!({"messages": [user(content)]})
}

fn tools() -> Value {
    json!({"tools": [{"toolSpec": {"name": "t", "inputSchema": {"json": {}}}}]})
}

/// A conversation that asks for a tool and answers.
fn exchange(asked: Value, answer: Value) -> Value {
    json!({
        "messages": [user(json!([{"text": "?"}])), assistant(asked), user(answer)],
        "toolConfig": tools(),
    })
}

fn asks(id: &str) -> Value {
    json!({"toolUse": {"toolUseId": id, "name": "t", "input": {}}})
}

fn answers(id: &str) -> Value {
    json!({"toolResult": {"toolUseId": id, "content": [{"text": "!"}]}})
}

fn answers_with(content: Value) -> Value {
    exchange(json!([asks("a")]), json!([{"toolResult": {"toolUseId": "a", "content": content}}]))
}

fn document(name: &str) -> Value {
    json!({"document": {"format": "txt", "name": name, "source": {"text": "d"}}})
}

fn image(format: &str) -> Value {
    json!({"image": {"format": format, "source": {"bytes": "AA=="}}})
}

fn with(mut body: Value, member: &str, value: Value) -> Value {
    body[member] = value;
    body
}

fn hello() -> Value {
    says(json!([{"text": "?"}]))
}

fn thinks(reasoning: Value) -> Value {
    let messages = [
        user(json!([{"text": "?"}])),
        assistant(json!([{"reasoningContent": {"reasoningText": reasoning}}, {"text": "!"}])),
        user(json!([{"text": "?"}])),
    ];
    json!({
        "messages": messages,
        "additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 1024}},
    })
}

fn inference(config: Value) -> Value {
    with(hello(), "inferenceConfig", config)
}

fn cache(ttl: &str) -> Value {
    json!({"cachePoint": {"type": "default", "ttl": ttl}})
}

fn named(name: &str) -> Value {
    with(hello(), "toolConfig", json!({"tools": [{"toolSpec": {"name": name, "inputSchema": {"json": {}}}}]}))
}

fn describes(description: &str) -> Value {
    let tool = json!({"toolSpec": {"name": "t", "description": description, "inputSchema": {"json": {}}}});
    with(hello(), "toolConfig", json!({"tools": [tool]}))
}

fn text_cases() -> Vec<Case> {
    let text = |text: &str| says(json!([{"text": text}, image("png")]));
    let begun =
        |text: &str| json!({"messages": [user(json!([{"text": "?"}])), assistant(json!([{"text": text}]))]});
    vec![
        case(Rule::BlankText, "messages[0].content[0].text", text(""), text("a")),
        case(
            Rule::BlankText,
            "messages[0].content[0].text",
            text("\n\t "),
            says(json!([{"text": "\n"}, {"text": "a"}])),
        ),
        case(
            Rule::BlankText,
            "messages[0].content[1].text",
            says(json!([{"text": "a"}, {"text": ""}])),
            answers_with(json!([{"text": ""}])),
        ),
        case(
            Rule::BlankText,
            "system[1].text",
            with(hello(), "system", json!([{"text": "a"}, {"text": ""}])),
            with(hello(), "system", json!([])),
        ),
        case(Rule::TrailingWhitespace, "messages[1].content[0].text", begun("a \n"), begun("a b")),
        case(
            Rule::EmptyContent,
            "messages[0]",
            json!({"messages": [assistant(json!([])), user(json!([{"text": "?"}]))]}),
            json!({"messages": [assistant(json!([{"text": "!"}])), user(json!([{"text": "?"}]))]}),
        ),
        hopeless(Rule::EmptyContent, "messages[0]", says(json!([])), hello()),
        hopeless(Rule::NoMessages, "messages", json!({"system": [{"text": "a"}]}), json!({"system": []})),
        hopeless(Rule::NoMessages, "messages", json!({"inferenceConfig": {}}), json!({})),
    ]
}

fn tool_pair_cases() -> Vec<Case> {
    let by_service =
        json!({"toolUse": {"toolUseId": "s", "name": "t", "input": {}, "type": "server_tool_use"}});
    vec![
        case(
            Rule::UnansweredToolUse,
            "messages[1].content[1].toolUse",
            exchange(json!([asks("a"), asks("b")]), json!([answers("a")])),
            exchange(json!([asks("a"), asks("b")]), json!([answers("b"), answers("a"), {"text": "?"}])),
        ),
        case(
            Rule::UnansweredToolUse,
            "messages[0].content[0].toolUse",
            json!({"messages": [assistant(json!([asks("a")]))], "toolConfig": tools()}),
            json!({"messages": [assistant(json!([by_service]))], "toolConfig": tools()}),
        ),
        case(
            Rule::UnrequestedToolResult,
            "messages[2].content[1].toolResult",
            exchange(json!([asks("a")]), json!([answers("a"), answers("b")])),
            exchange(json!([by_service, answers("s"), asks("a")]), json!([answers("a")])),
        ),
        case(
            Rule::DuplicateToolUseId,
            "messages[2].content[1].toolResult.toolUseId",
            exchange(json!([asks("a")]), json!([answers("a"), answers("a")])),
            exchange(json!([asks("a")]), json!([answers("a")])),
        ),
        case(
            Rule::DuplicateToolUseId,
            "messages[1].content[1].toolUse.toolUseId",
            exchange(json!([asks("a"), asks("a")]), json!([answers("a")])),
            {
                let [asked, answer] = [assistant(json!([asks("a")])), user(json!([answers("a")]))];
                json!({"messages": [asked, answer, asked, answer], "toolConfig": tools()})
            },
        ),
    ]
}

fn tool_cases() -> Vec<Case> {
    let input = |input: Value| {
        let asked = json!([{"toolUse": {"toolUseId": "a", "name": "t", "input": input}}]);
        exchange(asked, json!([answers("a")]))
    };
    let error = |content: Value, status: &str| {
        let answer = json!([{"toolResult": {"toolUseId": "a", "content": content, "status": status}}]);
        exchange(json!([asks("a")]), answer)
    };
    let name_in_history = |name: &str| {
        let asked = json!([{"toolUse": {"toolUseId": "a", "name": name, "input": {}}}]);
        exchange(asked, json!([answers("a")]))
    };
    let system_tool =
        |name: &str| with(hello(), "toolConfig", json!({"tools": [{"systemTool": {"name": name}}]}));
    let without_config = |prompt: bool| {
        let mut body = exchange(json!([asks("a")]), json!([answers("a")]));
        body.as_object_mut().unwrap().remove("toolConfig");
        if prompt { with(body, "promptVariables", json!({"v": {"text": "a"}})) } else { body }
    };
    vec![
        case(
            Rule::ToolUseId,
            "messages[1].content[0].toolUse.toolUseId",
            exchange(json!([asks("a b")]), json!([answers("a b")])),
            exchange(json!([asks("a.b:c-d_E1")]), json!([answers("a.b:c-d_E1")])),
        ),
        case(Rule::ToolName, "toolConfig.tools[0].toolSpec.name", named("a.b"), named("a-b_C1")),
        case(
            Rule::ToolName,
            "toolConfig.tools[0].toolSpec.name",
            named(&"a".repeat(65)),
            named(&"a".repeat(64)),
        ),
        case(
            Rule::ToolName,
            "messages[1].content[0].toolUse.name",
            name_in_history("$READ"),
            name_in_history("unknown"),
        ),
        hopeless(
            Rule::ToolName,
            "toolConfig.tools[0].systemTool.name",
            system_tool("nova.grounding"),
            system_tool("nova_grounding"),
        ),
        case(
            Rule::EmptyToolDescription,
            "toolConfig.tools[0].toolSpec.description",
            describes(""),
            describes("d"),
        ),
        hopeless(Rule::ToolConfigMissing, "toolConfig", without_config(false), without_config(true)),
        case(
            Rule::NoTools,
            "toolConfig.tools",
            with(hello(), "toolConfig", json!({"tools": []})),
            named("t"),
        ),
        hopeless(
            Rule::NoTools,
            "toolConfig.tools",
            with(without_config(false), "toolConfig", json!({"tools": []})),
            with(without_config(false), "toolConfig", tools()),
        ),
        case(
            Rule::InputNotObject,
            "messages[1].content[0].toolUse.input",
            input(json!("{\"a\": tr")),
            input(json!({"a": true})),
        ),
        case(
            Rule::JsonNotObject,
            "messages[2].content[0].toolResult.content[1].json",
            answers_with(json!([{"text": "a"}, {"json": [1]}])),
            answers_with(json!([{"text": "a"}, {"json": {"a": [1]}}])),
        ),
        case(
            Rule::EmptyErrorResult,
            "messages[2].content[0].toolResult.content",
            error(json!([]), "error"),
            error(json!([]), "success"),
        ),
        case(
            Rule::CachePointInToolResult,
            "messages[2].content[0].toolResult.content[1]",
            answers_with(json!([{"text": "a"}, {"cachePoint": {"type": "default"}}])),
            exchange(json!([asks("a")]), json!([answers("a"), {"cachePoint": {"type": "default"}}])),
        ),
    ]
}

fn other_cases() -> Vec<Case> {
    let cached = |first: Value, second: Value| {
        with(says(json!([{"text": "?"}, second])), "system", json!([{"text": "a"}, first]))
    };
    let called = |name: &str| says(json!([{"text": "?"}, document(name)]));
    let two = |first: &str, second: &str| {
        json!({"messages": [
            user(json!([{"text": "?"}, document(first)])),
            assistant(json!([{"text": "!"}])),
            user(json!([{"text": "?"}, document(second)])),
        ]})
    };
    let name = "messages[0].content[1].document.name";
    let unsigned = "messages[1].content[0].reasoningContent";
    let mut other_model = thinks(json!({"text": "h"}));
    other_model["additionalModelRequestFields"] = json!({"reasoning_effort": "high"});
    let labelled = |key: &str| with(hello(), "requestMetadata", json!({key: "v"}));
    let effort = |effort: &str| with(hello(), "outputConfig", json!({"effort": effort}));
    let pointers = |paths: Value| with(hello(), "additionalModelResponseFieldPaths", paths);
    vec![
        case(
            Rule::CacheTtlOrder,
            "messages[0].content[1].cachePoint.ttl",
            cached(json!({"cachePoint": {"type": "default"}}), cache("1h")),
            cached(cache("1h"), json!({"cachePoint": {"type": "default"}})),
        ),
        case(
            Rule::CacheTtlOrder,
            "system[1].cachePoint.ttl",
            {
                let tools =
                    json!({"tools": [{"toolSpec": {"name": "t", "inputSchema": {"json": {}}}}, cache("5m")]});
                with(cached(cache("1h"), cache("5m")), "toolConfig", tools)
            },
            cached(cache("1h"), cache("1h")),
        ),
        case(Rule::DocumentName, name, called("a\tb"), called("A b-c_d (1) [2]")),
        case(Rule::DocumentName, name, called("\u{30c6}\u{3000}a"), called(" a ")),
        case(Rule::DocumentName, name, called("a  b"), called("a b")),
        case(Rule::DocumentName, name, called("a.pdf"), called(&"a".repeat(200))),
        case(Rule::DocumentName, name, called(&"a".repeat(201)), called("a")),
        case(
            Rule::DocumentName,
            "messages[2].content[0].toolResult.content[0].document.name",
            answers_with(json!([document("a/b")])),
            answers_with(json!([document("a"), document("a")])),
        ),
        case(
            Rule::DuplicateDocumentName,
            "messages[2].content[1].document.name",
            two("a", "a"),
            two("a", "b"),
        ),
        hopeless(
            Rule::DocumentWithoutText,
            "messages[0].content",
            says(json!([document("a")])),
            answers_with(json!([document("a")])),
        ),
        case(
            Rule::ImageFormatJpg,
            "messages[0].content[0].image.format",
            says(json!([image("jpg")])),
            says(json!([image("jpeg"), image("hologram")])),
        ),
        case(
            Rule::ImageFormatJpg,
            "messages[2].content[0].toolResult.content[0].image.format",
            answers_with(json!([image("JPG")])),
            answers_with(json!([image("gif")])),
        ),
        case(Rule::UnsignedReasoning, unsigned, thinks(json!({"text": "h"})), other_model),
        case(
            Rule::UnsignedReasoning,
            unsigned,
            thinks(json!({"text": "h", "signature": ""})),
            thinks(json!({"text": "", "signature": "s"})),
        ),
        case(
            Rule::EmptyStopSequence,
            "inferenceConfig.stopSequences[1]",
            inference(json!({"stopSequences": ["a", ""]})),
            inference(json!({"stopSequences": [" "]})),
        ),
        hopeless(
            Rule::Limit,
            "inferenceConfig.temperature",
            inference(json!({"temperature": 1.1})),
            inference(json!({"temperature": 1, "topP": 0, "maxTokens": 1})),
        ),
        hopeless(Rule::Limit, "inferenceConfig.topP", inference(json!({"topP": -0.1})), hello()),
        hopeless(Rule::Limit, "inferenceConfig.maxTokens", inference(json!({"maxTokens": 0})), hello()),
        hopeless(
            Rule::Limit,
            "inferenceConfig.stopSequences",
            inference(json!({"stopSequences": vec!["a"; 2501]})),
            inference(json!({"stopSequences": vec!["a"; 2500]})),
        ),
        hopeless(Rule::Limit, "requestMetadata", labelled("a;b"), labelled("a b:_@$#=/+,-.")),
        hopeless(Rule::Limit, "requestMetadata", labelled(""), labelled(&"k".repeat(256))),
        hopeless(Rule::Limit, "requestMetadata", with(hello(), "requestMetadata", json!({})), hello()),
        hopeless(Rule::Limit, "outputConfig.effort", effort(&"e".repeat(17)), effort("high")),
        hopeless(
            Rule::Limit,
            "additionalModelResponseFieldPaths",
            pointers(json!(vec!["/a"; 11])),
            pointers(json!(vec!["/a"; 10])),
        ),
        hopeless(Rule::Limit, "additionalModelResponseFieldPaths[1]", pointers(json!(["/a", ""])), hello()),
    ]
}

fn cases() -> Vec<Case> {
    [text_cases(), tool_pair_cases(), tool_cases(), other_cases()].into_iter().flatten().collect()
}

#[test]
fn each_rule_is_found_where_it_is_broken_and_only_there() {
    for Case { rule, broken, path, fixable, kept } in cases() {
        let findings = request(&broken).lint();
        let first = findings.first().unwrap_or_else(|| panic!("{rule:?} is not found in {broken}"));
        assert_eq!((first.rule, first.path.as_str(), first.fixable), (rule, path, fixable), "{broken}");
        assert!(findings.iter().all(|finding| finding.rule == rule), "{findings:?} in {broken}");
        assert_eq!(request(&kept).lint(), [], "{rule:?} is kept by {kept}");
    }
}

#[test]
fn every_rule_has_a_case() {
    for rule in Rule::ALL {
        assert!(cases().iter().any(|case| case.rule == *rule), "{rule:?} has no case");
    }
}

#[test]
fn repair_mends_what_is_fixable_and_nothing_else() {
    for Case { rule, broken, fixable, kept, .. } in cases() {
        let mut repaired = request(&broken);
        let repairs = repaired.repair();
        assert_eq!(!repairs.is_empty(), fixable, "{rule:?}");
        assert_eq!(repaired.lint().is_empty(), fixable, "{rule:?}: {repaired:?}");
        let mut clean = request(&kept);
        assert_eq!(clean.repair(), []);
        assert_eq!(clean, request(&kept));
    }
}

#[test]
fn a_finding_is_one_line_with_what_bedrock_answers() {
    let line = |rule: &Rule| {
        let case = cases().into_iter().find(|case| case.rule == *rule).unwrap();
        format!("{}\n", request(&case.broken).lint()[0])
    };
    let lines: String = Rule::ALL.iter().map(line).collect();
    assert_eq!(
        lines,
        include_str!("lint/findings.txt"),
        "tests/lint/findings.txt has the lines that are wanted"
    );
}

/// What recordings and reports show to be accepted, by some models at least.
#[test]
fn what_depends_on_the_model_is_no_rule() {
    let (question, answer) = (user(json!([{"text": "?"}])), assistant(json!([{"text": "!"}])));
    for messages in [
        json!([answer, question]),
        json!([question, question]),
        json!([question, answer, answer, question]),
        json!([question, answer]),
    ] {
        assert_eq!(request(&json!({"messages": messages})).lint(), [], "{messages}");
    }
    assert_eq!(request(&inference(json!({"temperature": 0.5, "topP": 0.5}))).lint(), []);
    assert_eq!(request(&json!({})).lint(), [], "a prompt may bring everything");
}

/// Signed or redacted reasoning in a conversation shows that its model signs.
#[test]
fn reasoning_is_held_against_the_conversation_it_is_in() {
    let conversation = |first: Value| {
        let messages = [
            assistant(json!([{"reasoningContent": first}, {"text": "!"}])),
            assistant(json!([{"reasoningContent": {"reasoningText": {"text": "h"}}}, {"text": "!"}])),
            user(json!([{"text": "?"}])),
        ];
        request(&json!({"messages": messages})).lint().len()
    };
    assert_eq!(conversation(json!({"reasoningText": {"text": "h", "signature": "s"}})), 1);
    assert_eq!(conversation(json!({"redactedContent": "AA=="})), 1);
    assert_eq!(conversation(json!({"reasoningText": {"text": "h"}})), 0);
}

#[test]
fn a_finding_holds_nothing_of_the_conversation() {
    let secret = "secret\n\u{202e}\u{1b}[31m";
    let body = exchange(
        json!([{"toolUse": {"toolUseId": secret, "name": secret, "input": secret}}, {"text": ""}]),
        json!([{"text": secret}, document(secret)]),
    );
    let lines: Vec<_> = request(&body).lint().iter().map(ToString::to_string).collect();
    assert!(lines.len() >= 5, "{lines:?}");
    assert!(lines.iter().all(|line| !line.contains("secret") && !line.contains('\n')), "{lines:?}");
}
