//! Documents that STS might send, and documents that nobody should.

use proptest::prelude::*;

use super::element_text;

fn text(xml: &str, path: &[&str]) -> Option<String> {
    element_text(xml, path).map(|text| text.to_string())
}

#[test]
fn the_text_of_an_element_is_found_by_its_name_and_its_parents_names() {
    let xml = "<?xml version='1.0'?>\n<R xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n\
               <A><Id>first</Id></A><B><Id>second</Id><Id>third</Id></B><Empty/><Blank></Blank></R>\n";
    for (path, expected) in [
        (&["Id"][..], Some("first")),
        (&["A", "Id"], Some("first")),
        (&["B", "Id"], Some("second")),
        (&["R", "B", "Id"], Some("second")),
        (&["Empty"], Some("")),
        (&["Blank"], Some("")),
        (&["C", "Id"], None),
        (&["X", "R", "B", "Id"], None),
        (&["id"], None),
        (&["B"], None),
    ] {
        assert_eq!(text(xml, path).as_deref(), expected, "{path:?}");
    }
}

#[test]
fn text_is_unescaped_and_joined_across_comments_and_cdata() {
    for (inside, expected) in [
        ("a &lt;&gt;&amp;&quot;&apos; b", "a <>&\"' b"),
        ("&#65;&#x42;&#x1F600;&#10;", "AB\u{1f600}\n"),
        ("a<!-- <b> & -->b<?x <y> ?>c", "abc"),
        ("a<![CDATA[<b>&amp;</b>]]>c", "a<b>&amp;</b>c"),
        ("&amp;lt;", "&lt;"),
        (" a \n", " a \n"),
        ("é", "é"),
    ] {
        assert_eq!(text(&format!("<R><T>{inside}</T></R>"), &["T"]).as_deref(), Some(expected), "{inside}");
    }
}

#[test]
fn attributes_and_prefixes_are_passed_over() {
    let xml = "\u{feff}<s:R a='>' b=\"</s:R>\"><s:T\n c='\"/'>x</s:T ></s:R>";
    assert_eq!(text(xml, &["R", "T"]).as_deref(), Some("x"));
}

#[test]
fn what_is_not_well_formed_is_refused_wherever_it_is() {
    for flaw in [
        "<R><T>x</T>",
        "<R><T>x</R></T>",
        "<R><T>x</T></R><R></R>",
        "<R><T>x</T></R>y",
        "y<R><T>x</T></R>",
        "<R><T>x</T></R></R>",
        "<R><T>x</T><U>&unknown;</U></R>",
        "<R><T>x</T><U>&lt</U></R>",
        "<R><T>x</T><U>&#0;</U></R>",
        "<R><T>x</T><U>&#xD800;</U></R>",
        "<R><T>x</T><U>&#x110000;</U></R>",
        "<R><T>x</T><U>&#+65;</U></R>",
        "<R><T>x</T><U>&#;</U></R>",
        "<R><T>x</T><!-- </R>",
        "<R><T>x</T><![CDATA[ </R>",
        "<R><T>x</T><U a='></R>",
        "<R><T>x</T><1></1></R>",
        "<R><T>x</T>< U></ U></R>",
        "<R><T>x<U>y</U></T></R>",
        "<!DOCTYPE R><R><T>x</T></R>",
        "<!DOCTYPE R [<!ENTITY e 'x'>]><R><T>x</T></R>",
        "<R><T>x</T><!DOCTYPE R></R>",
        "",
        "<",
        "{\"T\":\"x\"}",
    ] {
        assert_eq!(text(flaw, &["T"]), None, "{flaw}");
    }
}

#[test]
fn nesting_has_a_limit() {
    let nested = |depth: usize| format!("{}<T>x</T>{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert_eq!(text(&nested(31), &["T"]).as_deref(), Some("x"));
    assert_eq!(text(&nested(32), &["T"]), None);
    assert_eq!(text(&"<a>".repeat(1 << 18), &["T"]), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_survives_the_way_through_xml(expected in "\\PC*") {
        let escaped = expected.replace('&', "&amp;").replace('<', "&lt;");
        let found = text(&format!("<R><T>{escaped}</T></R>"), &["R", "T"]);
        prop_assert_eq!(found, Some(expected));
    }

    #[test]
    fn no_document_is_too_strange(parts in prop::collection::vec(
        prop_oneof![
            Just("<"), Just(">"), Just("</"), Just("/>"), Just("T"), Just("<T>"), Just("</T>"), Just("<T/>"), Just("<!--"),
            Just("-->"), Just("<![CDATA["), Just("]]>"), Just("&"), Just(";"), Just("#x"), Just("é"), Just("'"), Just("\""),
        ],
        0..40,
    )) {
        let xml = parts.concat();
        let found = text(&xml, &["T"]);
        prop_assert!(found.is_none_or(|text| text.len() <= xml.len()));
    }
}
