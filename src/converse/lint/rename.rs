//! Names that stay different from one another when they are made valid.

use std::collections::HashSet;
use std::iter;

/// What a name has to be. Allowed characters are ASCII.
pub(super) struct Shape {
    pub(super) max_length: usize,
    pub(super) allows: fn(&str) -> bool,
    /// Replaces what is not allowed.
    pub(super) clean: fn(&str) -> String,
    /// Stands for a name of which nothing is left.
    pub(super) fallback: &'static str,
    /// What is put behind a name that is taken.
    pub(super) numbered: fn(usize) -> String,
}

impl Shape {
    pub(super) fn fits(&self, name: &str) -> bool {
        !name.is_empty() && name.len() <= self.max_length && (self.allows)(name)
    }

    /// Makes a valid name like this one that is not taken, and takes it.
    pub(super) fn take_name(&self, like: &str, taken: &mut HashSet<String>) -> String {
        let clean: String = (self.clean)(like).chars().take(self.max_length).collect();
        let clean = if clean.is_empty() { self.fallback.to_owned() } else { clean };
        let numbered = (2..).map(|number| {
            let end = (self.numbered)(number);
            let start: String = clean.chars().take(self.max_length.saturating_sub(end.len())).collect();
            format!("{}{end}", start.trim_end())
        });
        let mut names = iter::once(clean.clone()).chain(numbered);
        let name = names.find(|name| !taken.contains(name)).unwrap_or_default();
        taken.insert(name.clone());
        name
    }
}
