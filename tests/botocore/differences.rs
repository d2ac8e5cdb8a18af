//! Where two JSON values differ.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value, json};

/// Differences by their place, a JSON Pointer. Where objects have the same members in another order, the place ends in `{}`
/// and the names are there.
pub(crate) type Differences = BTreeMap<String, Difference>;

/// What each side has in a place; `None` where it has nothing.
#[derive(Clone, PartialEq)]
pub(crate) struct Difference {
    pub(crate) ours: Option<Value>,
    pub(crate) theirs: Option<Value>,
}

pub(crate) fn between(ours: &Value, theirs: &Value) -> Differences {
    let mut found = BTreeMap::new();
    compare(Some(ours), Some(theirs), String::new(), &mut found);
    found
}

/// The differences that are not among others.
pub(crate) fn without<'a>(
    differences: &'a Differences,
    others: &Differences,
) -> BTreeMap<&'a String, &'a Difference> {
    differences.iter().filter(|(at, difference)| others.get(*at) != Some(difference)).collect()
}

impl fmt::Debug for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text =
            |side: &Option<Value>| side.as_ref().map_or_else(|| "nothing".to_owned(), Value::to_string);
        write!(f, "ours {}, botocore's {}", text(&self.ours), text(&self.theirs))
    }
}

fn compare(ours: Option<&Value>, theirs: Option<&Value>, at: String, found: &mut Differences) {
    match (ours, theirs) {
        (Some(Value::Object(ours)), Some(Value::Object(theirs))) => {
            compare_members(ours, theirs, &at, found);
        }
        (Some(Value::Array(ours)), Some(Value::Array(theirs))) => {
            for index in 0..ours.len().max(theirs.len()) {
                compare(ours.get(index), theirs.get(index), format!("{at}/{index}"), found);
            }
        }
        _ if ours == theirs => {}
        _ => drop(found.insert(at, Difference { ours: ours.cloned(), theirs: theirs.cloned() })),
    }
}

fn compare_members(
    ours: &Map<String, Value>,
    theirs: &Map<String, Value>,
    at: &str,
    found: &mut Differences,
) {
    let only_theirs = theirs.keys().filter(|name| !ours.contains_key(*name));
    for name in ours.keys().chain(only_theirs) {
        compare(ours.get(name), theirs.get(name), format!("{at}/{name}"), found);
    }
    let in_both = |name: &&String| ours.contains_key(*name) && theirs.contains_key(*name);
    let names = |members: &Map<String, Value>| json!(members.keys().filter(in_both).collect::<Vec<_>>());
    let order = Difference { ours: Some(names(ours)), theirs: Some(names(theirs)) };
    if order.ours != order.theirs {
        found.insert(format!("{at}/{{}}"), order);
    }
}
