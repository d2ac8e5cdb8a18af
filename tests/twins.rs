//! What has async has a twin of the same name in `blocking`, with the same public methods, so that none is forgotten.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Where what waits is made. What is below them is the client's own.
const WITH_ASYNC: [&str; 4] = ["client", "stream", "operations", "chat"];

/// There is one builder, by which `build` of the client builds.
const WITHOUT_TWIN: [&str; 2] = ["ClientBuilder", "Client::builder"];
const TWIN_OF_NOTHING: [&str; 1] = ["Client::build"];

/// The public methods of each type, and whether any is async.
#[derive(Default)]
struct Type {
    methods: BTreeSet<String>,
    waits: bool,
}

#[test]
fn each_type_that_waits_has_a_twin_with_the_same_methods() {
    let originals = types(&WITH_ASYNC.map(code_of).concat());
    let twins = types(&code_of("blocking"));
    let waits = |(name, of_type): &(&String, &Type)| of_type.waits || name.ends_with("Call");
    let that_wait: BTreeMap<_, _> = originals.iter().filter(waits).collect();
    assert!(that_wait.len() > 15, "the sources are written in another way: {:?}", that_wait.keys());

    let wanted = paths(that_wait.clone()).filter(|path| !WITHOUT_TWIN.iter().any(|none| is_of(path, none)));
    let there = paths(&twins).filter(|path| !TWIN_OF_NOTHING.contains(&path.as_str()));
    let (wanted, there) = (BTreeSet::from_iter(wanted), BTreeSet::from_iter(there));
    let missing: Vec<_> = wanted.difference(&there).collect();
    let of_nothing: Vec<_> = there.difference(&wanted).collect();
    assert!(missing.is_empty(), "src/blocking has no {missing:?}");
    assert!(of_nothing.is_empty(), "src/blocking alone has {of_nothing:?}");
}

#[test]
fn methods_are_found_however_they_are_written() {
    let code = "
impl<T: Page> Pages<T> {
    forward! { operations::Pages =>
        tag(key: impl Into<String>);
    }

    pub(super) fn new() -> Self {
    }

    pub async fn next_page<U>(&mut self) {
    }
}

impl Iterator for Pages<u8> {
    fn next(&mut self) {
    }
}
";
    let types = types(code);
    assert_eq!(Vec::from_iter(&types["Pages"].methods), ["next", "next_page", "tag"]);
    assert!(types["Pages"].waits);
}

fn paths<'a>(types: impl IntoIterator<Item = (&'a String, &'a Type)>) -> impl Iterator<Item = String> {
    let path_of = |name: &str, method: &str| format!("{name}::{method}");
    types.into_iter().flat_map(move |(name, of_type)| {
        of_type.methods.iter().map(|method| path_of(name, method)).collect::<Vec<_>>()
    })
}

fn is_of(path: &str, exception: &str) -> bool {
    path == exception || path.strip_prefix(exception).is_some_and(|rest| rest.starts_with("::"))
}

/// The types that have public methods, in code as rustfmt lays it out.
fn types(code: &str) -> BTreeMap<String, Type> {
    let mut types = BTreeMap::<String, Type>::new();
    let (mut name, mut is_list) = (None, false);
    for line in code.lines() {
        match line {
            _ if line.starts_with("impl") => name = Some(name_of_type(line)),
            "}" => name = None,
            "    }" => is_list = false,
            _ if line.starts_with("    forward! {") => is_list = true,
            _ => {}
        }
        if let (Some(name), Some(method)) = (&name, method(line, is_list)) {
            let of_type = types.entry(name.clone()).or_default();
            of_type.methods.insert(method);
            of_type.waits |= line.starts_with("    pub async fn ");
        }
    }
    types
}

/// That of `impl<P: Page> Iterator for Pages<P> {`.
fn name_of_type(head: &str) -> String {
    let without_generics = head.split_once("> ").filter(|_| head.starts_with("impl<")).map(|(_, rest)| rest);
    let rest = without_generics.unwrap_or(head.trim_start_matches("impl "));
    let of_type = rest.split_once(" for ").map_or(rest, |(_, of_type)| of_type);
    of_type.chars().take_while(|character| character.is_alphanumeric()).collect()
}

fn method(line: &str, is_list: bool) -> Option<String> {
    let starts: &[&str] =
        if is_list { &["        "] } else { &["    pub fn ", "    pub async fn ", "    fn "] };
    let signature = starts.iter().find_map(|start| line.strip_prefix(start))?;
    let name = signature.split(['(', '<']).next()?;
    // Of the methods of traits it is that of an iterator that has a twin: the others are not listed here.
    (is_list || line.starts_with("    pub ") || name == "next").then(|| name.to_owned())
}

/// All code of a module.
fn code_of(module: &str) -> String {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let file = source.join(module).with_extension("rs");
    if file.exists() { std::fs::read_to_string(file).unwrap() } else { code_below(&source.join(module)) }
}

fn code_below(directory: &Path) -> String {
    let paths = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    paths
        .map(|path| if path.is_dir() { code_below(&path) } else { std::fs::read_to_string(path).unwrap() })
        .collect()
}
