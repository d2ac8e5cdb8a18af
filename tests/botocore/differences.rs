//! Where two JSON values differ.

use std::collections::BTreeMap;

use serde_json::Value;

/// Each place where they differ, as a JSON Pointer, and what is there. Where objects have the same members in another
/// order, the place ends in `{}`.
pub(crate) fn differences(ours: &Value, theirs: &Value) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    compare(Some(ours), Some(theirs), String::new(), &mut found);
    found
}

fn compare(ours: Option<&Value>, theirs: Option<&Value>, at: String, found: &mut BTreeMap<String, String>) {
    match (ours, theirs) {
        (Some(Value::Object(ours)), Some(Value::Object(theirs))) => {
            let only_theirs = theirs.keys().filter(|name| !ours.contains_key(*name));
            for name in ours.keys().chain(only_theirs) {
                compare(ours.get(name), theirs.get(name), format!("{at}/{name}"), found);
            }
            let in_both = |name: &&String| ours.contains_key(*name) && theirs.contains_key(*name);
            if !ours.keys().filter(in_both).eq(theirs.keys().filter(in_both)) {
                let names = |members: &serde_json::Map<String, Value>| format!("{:?}", members.keys());
                found.insert(format!("{at}/{{}}"), said(names(ours), names(theirs)));
            }
        }
        (Some(Value::Array(ours)), Some(Value::Array(theirs))) => {
            for index in 0..ours.len().max(theirs.len()) {
                compare(ours.get(index), theirs.get(index), format!("{at}/{index}"), found);
            }
        }
        _ if ours == theirs => {}
        _ => drop(found.insert(at, said(text(ours), text(theirs)))),
    }
}

fn said(ours: String, theirs: String) -> String {
    format!("ours {ours}, botocore's {theirs}")
}

fn text(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), Value::to_string)
}
