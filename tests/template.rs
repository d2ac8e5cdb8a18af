//! Templates: what is a placeholder, what is filled in, and that nothing is sent that is not.

#![allow(clippy::unwrap_used)]

use bedrock_converse::chat::template::{Template, TemplateError};
use bedrock_converse::stand_in::{Reply, StandIn};
use bedrock_converse::{Error, ErrorClass};

fn render(template: &str, texts: &[(&str, &str)]) -> Result<String, Error> {
    Template::parse(template)?.render(texts.iter().copied())
}

fn failure(template: &str, texts: &[(&str, &str)]) -> TemplateError {
    let error = render(template, texts).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Configuration);
    error.detail::<TemplateError>().unwrap().clone()
}

#[test]
fn placeholders_are_replaced_and_everything_else_is_text() {
    for (template, rendered) in [
        ("", ""),
        ("no placeholder", "no placeholder"),
        ("{{a}}", "1"),
        ("{{a}}{{b-2}}{{a}}", "121"),
        ("Grüße, {{a}}, ὦ {{b-2}}!", "Grüße, 1, ὦ 2!"),
        (r#"{"json": {"a": "{{a}}"}}"#, r#"{"json": {"a": "1"}}"#),
        ("{{{a}}}", "{1}"),
        ("{{{{a}}", "{{a}}"),
        ("{{{{{{a}}}}", "{{1}}"),
        ("{{{{{a}}", "{{{a}}"),
        ("{{{{{{{a}}", "{{{1"),
        ("{ {a} }", "{ {a} }"),
        ("a}}b", "a}}b"),
    ] {
        let template_of = Template::parse(template).unwrap();
        let known = [("a", "1"), ("b-2", "2")];
        let needed = known.into_iter().filter(|(name, _)| template_of.names().any(|other| other == *name));
        assert_eq!(template_of.render(needed).unwrap(), rendered, "{template}");
    }
}

#[test]
fn what_is_filled_in_is_not_looked_at_again() {
    assert_eq!(render("{{a}} {{b}}", &[("a", "{{b}}"), ("b", "{{{{")]).unwrap(), "{{b}} {{{{");
}

#[test]
fn names_are_those_of_prompt_management() {
    let hundred = "a_".repeat(100);
    for name in ["a", "7", "first_name", "a-b_c", "trailing_", hundred.as_str()] {
        let template = Template::parse(&format!("{{{{{name}}}}}")).unwrap();
        assert_eq!(template.names().collect::<Vec<_>>(), [name]);
    }
    let longer = "a".repeat(101);
    for name in ["", " ", " a ", "a b", "_a", "-a", "a__b", "a-_b", "ä", "a.b", longer.as_str()] {
        let expected = TemplateError::Name { name: name.to_owned(), at: 3 };
        assert_eq!(failure(&format!("Hi {{{{{name}}}}}"), &[]), expected);
    }
}

#[test]
fn any_text_can_be_written_as_a_template() {
    for text in ["{{", "{{{", "{{{{", "{{{{{", "}}", "{{a}}", "{{{a}}}", "a{{", "{ {{ }}", "{{}}"] {
        assert_eq!(render(&text.replace("{{", "{{{{"), &[]).unwrap(), text);
    }
}

#[test]
fn names_come_in_the_order_of_the_text_and_once() {
    let template = Template::parse("{{b}} {{a}} {{b}} {{c}}").unwrap();
    assert_eq!(template.names().collect::<Vec<_>>(), ["b", "a", "c"]);
}

#[test]
fn every_fault_is_named() {
    let name = |name: &str| name.to_owned();
    assert_eq!(failure("Hi {{name", &[]), TemplateError::Unclosed { at: 3 });
    assert_eq!(failure("{{a}} {{b}}", &[("a", "1")]), TemplateError::Missing { name: name("b") });
    assert_eq!(failure("{{a}}", &[("a", "1"), ("c", "3")]), TemplateError::Unused { name: name("c") });
    assert_eq!(failure("{{a}}", &[("a", "1"), ("a", "2")]), TemplateError::GivenTwice { name: name("a") });
    assert_eq!(
        render("Hi {{name", &[]).unwrap_err().to_string(),
        "the template's placeholder at byte 3 has no end: write {{{{ for two braces that are text"
    );
}

#[tokio::test]
async fn with_a_missing_name_nothing_is_sent() {
    async fn ask(stand_in: &StandIn, texts: &[(&str, &str)]) -> Result<String, Error> {
        let question = render("Translate {{text}} into {{language}}.", texts)?;
        let client = stand_in.client().await?;
        Ok(client.converse("amazon.nova-micro-v1:0").user(question).send().await?.text())
    }
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply_otherwise(Reply::json(
        r#"{"output":{"message":{"role":"assistant","content":[{"text":"Bonjour"}]}},"stopReason":"end_turn"}"#,
    ));
    let error = ask(&stand_in, &[("text", "Good day")]).await.unwrap_err();
    assert!(error.to_string().contains("`language`"), "{error}");
    assert!(stand_in.received().is_empty());
    assert_eq!(ask(&stand_in, &[("text", "Good day"), ("language", "French")]).await.unwrap(), "Bonjour");
    let body = String::from_utf8(stand_in.received().last().unwrap().body.to_vec()).unwrap();
    assert!(body.contains("Translate Good day into French."), "{body}");
}

#[test]
fn what_is_no_name_is_not_printed_whole() {
    let all_of_a_text = "word ".repeat(10_000);
    for error in [
        render(&format!("{{{{{all_of_a_text}}}}}"), &[]).unwrap_err(),
        render("{{a}}", &[(&all_of_a_text, "1")]).unwrap_err(),
    ] {
        assert!(error.to_string().contains(r#"word word "..."#), "{error}");
        assert!(error.to_string().len() < 300, "{error}");
    }
}
