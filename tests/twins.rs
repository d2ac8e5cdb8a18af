//! What has async has a twin of the same name in `blocking`, with the same public methods and the same parameters, so that
//! none is forgotten.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Where what waits is made. What is below them is the client's own.
const WITH_ASYNC: [&str; 4] = ["client", "stream", "operations", "chat"];

/// There is one builder, by which `build` of the client builds; and nobody can stop a wait without async, so that `close`
/// has a limit.
const WITHOUT_TWIN: [&str; 2] = ["ClientBuilder::", "Client::close()"];
const TWIN_OF_NOTHING: [&str; 2] =
    ["Client::build(builder: ClientBuilder)", "Client::close(wait_at_most: Duration)"];

/// The public methods of each type with their parameters, and whether any is async.
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

    let wanted =
        paths(that_wait.clone()).filter(|path| !WITHOUT_TWIN.iter().any(|none| path.starts_with(none)));
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

    pub async fn next_page<U: Fn(u8) -> u8>(
        &mut self,
        at_most: impl Fn(u8) -> Option<u8>,
        pages: u8,
    ) -> u8 {
    }
}

impl Iterator for Pages<u8> {
    fn next(&mut self) {
    }
}
";
    let types = types(code);
    assert_eq!(
        Vec::from_iter(&types["Pages"].methods),
        ["next()", "next_page(at_most: impl Fn(u8) -> Option<u8>, pages: u8)", "tag(key: impl Into<String>)"]
    );
    assert!(types["Pages"].waits);
}

fn paths<'a>(types: impl IntoIterator<Item = (&'a String, &'a Type)>) -> impl Iterator<Item = String> {
    let path_of = |name: &str, method: &str| format!("{name}::{method}");
    types.into_iter().flat_map(move |(name, of_type)| {
        of_type.methods.iter().map(|method| path_of(name, method)).collect::<Vec<_>>()
    })
}

/// The types that have public methods, in code as rustfmt lays it out.
fn types(code: &str) -> BTreeMap<String, Type> {
    let mut types = BTreeMap::<String, Type>::new();
    let (mut name, mut is_list) = (None, false);
    for (offset, line) in lines(code) {
        match line {
            _ if line.starts_with("impl") => name = Some(name_of_type(line)),
            "}" => name = None,
            "    }" => is_list = false,
            _ if line.starts_with("    forward! {") => is_list = true,
            _ => {}
        }
        if let (Some(name), Some(start)) = (&name, method(line, is_list)) {
            let of_type = types.entry(name.clone()).or_default();
            of_type.methods.insert(signature(&code[offset + start..]));
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

fn lines(code: &str) -> impl Iterator<Item = (usize, &str)> {
    code.lines().map(|line| (line.as_ptr() as usize - code.as_ptr() as usize, line))
}

/// Where the name of a public method begins in a line.
fn method(line: &str, is_list: bool) -> Option<usize> {
    let starts: &[&str] =
        if is_list { &["        "] } else { &["    pub fn ", "    pub async fn ", "    fn "] };
    let start = starts.iter().find(|start| line.starts_with(**start))?.len();
    // Of the methods of traits it is that of an iterator that has a twin: the others are not listed here.
    (is_list || line.starts_with("    pub ") || line[start..].starts_with("next(")).then_some(start)
}

/// The name and the parameters of a method, which is written here.
fn signature(code: &str) -> String {
    let (name, rest) = code.split_at(code.find(['(', '<']).unwrap());
    let parameters = within(&rest[generics(rest)..]);
    let one_line = |parameter: &str| parameter.split_whitespace().collect::<Vec<_>>().join(" ");
    // `mut` is of no matter to a caller, and a receiver is another here where the call is consumed.
    let parameters = parameters.split(',').map(|parameter| one_line(parameter).replacen("mut ", "", 1));
    let is_receiver = |parameter: &String| ["", "self", "&self"].contains(&parameter.as_str());
    let parameters: Vec<_> = parameters.filter(|parameter| !is_receiver(parameter)).collect();
    format!("{name}({})", parameters.join(", "))
}

/// The length of the `<...>` that code begins with, if it does.
fn generics(code: &str) -> usize {
    let mut depth = 0;
    let is_end = |(index, character): &(usize, char)| {
        match character {
            '<' => depth += 1,
            '>' if !code[..*index].ends_with('-') => depth -= 1,
            _ => {}
        }
        depth == 0
    };
    let end = code.char_indices().find(is_end);
    end.filter(|_| code.starts_with('<')).map_or(0, |(index, _)| index + 1)
}

/// What is within the parentheses that code begins with.
fn within(code: &str) -> &str {
    let mut depth = 0;
    let is_end = |character: char| {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        depth == 0
    };
    &code[1..code.find(is_end).unwrap()]
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
