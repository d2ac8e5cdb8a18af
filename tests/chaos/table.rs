//! What became of the calls, counted.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::outcome::Outcome;
use crate::fault_proxy::{Fault, Kind, Part};

#[derive(Default)]
pub(crate) struct Table(BTreeMap<(Kind, Part), Row>);

#[derive(Default)]
struct Row {
    calls: usize,
    /// Requests of these calls that came to the proxy.
    sent: usize,
    outcomes: BTreeMap<String, usize>,
}

/// They have a column even if there are none: most of them must not be.
const SUCCESSES: [Outcome; 4] = [Outcome::Right, Outcome::NoUsage, Outcome::Changed, Outcome::Foreign];
const FAILURES: [Outcome; 2] = [Outcome::FalseText, Outcome::Hang];

impl Table {
    pub(crate) fn count(&mut self, fault: Fault, outcome: Outcome, sent: usize) {
        let row = self.0.entry((fault.kind, fault.part)).or_default();
        row.calls += 1;
        row.sent += sent;
        *row.outcomes.entry(outcome.to_string()).or_default() += 1;
    }

    /// Faults, at every part of a message, that no call had.
    pub(crate) fn missing(&self) -> Vec<(Kind, Part)> {
        let all = Kind::ALL.into_iter().flat_map(|kind| Part::ALL.map(|part| (kind, part)));
        all.filter(|row| !self.0.contains_key(row)).collect()
    }

    fn columns(&self) -> Vec<String> {
        let always = SUCCESSES.iter().chain(&FAILURES).map(Outcome::to_string);
        let mut columns: Vec<String> = always.collect();
        let found: BTreeSet<_> = self.0.values().flat_map(|row| row.outcomes.keys()).collect();
        columns
            .extend(found.into_iter().filter(|name| !columns.contains(*name)).cloned().collect::<Vec<_>>());
        columns
    }

    fn total(&self) -> Row {
        let mut total = Row::default();
        for row in self.0.values() {
            total.calls += row.calls;
            total.sent += row.sent;
            for (name, count) in &row.outcomes {
                *total.outcomes.entry(name.clone()).or_default() += count;
            }
        }
        total
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.columns();
        write!(f, "{:<22}{:>6}{:>6}", "fault", "calls", "sent")?;
        for column in &columns {
            write!(f, "{column:>width$}", width = width(column))?;
        }
        for ((kind, part), row) in &self.0 {
            row.write(f, &format!("{kind:?} at {part:?}"), &columns)?;
        }
        self.total().write(f, "all", &columns)
    }
}

impl Row {
    fn write(&self, f: &mut fmt::Formatter<'_>, name: &str, columns: &[String]) -> fmt::Result {
        write!(f, "\n{name:<22}{:>6}{:>6}", self.calls, self.sent)?;
        for column in columns {
            let count = self.outcomes.get(column).map_or_else(|| ".".to_owned(), usize::to_string);
            write!(f, "{count:>width$}", width = width(column))?;
        }
        Ok(())
    }
}

fn width(column: &str) -> usize {
    column.len() + 2
}
