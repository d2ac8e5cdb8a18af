//! What became of the calls, counted.

use std::collections::BTreeMap;
use std::fmt;

use super::outcome::Outcome;
use crate::fault_proxy::{Fault, Kind, Part};

#[derive(Default)]
pub(crate) struct Table(BTreeMap<(Kind, Part), BTreeMap<Outcome, usize>>);

impl Table {
    pub(crate) fn count(&mut self, fault: Fault, outcome: Outcome) {
        *self.0.entry((fault.kind, fault.part)).or_default().entry(outcome).or_default() += 1;
    }

    /// Faults, at every part of a message, that no call had.
    pub(crate) fn missing(&self) -> Vec<(Kind, Part)> {
        let all = Kind::ALL.into_iter().flat_map(|kind| Part::ALL.map(|part| (kind, part)));
        all.filter(|row| !self.0.contains_key(row)).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<22}{:>6}", "fault", "calls")?;
        for outcome in Outcome::ALL {
            write!(f, "{:>10}", format!("{outcome:?}"))?;
        }
        let mut total = BTreeMap::new();
        for ((kind, part), row) in &self.0 {
            write_row(f, &format!("{kind:?} at {part:?}"), row)?;
            for (outcome, count) in row {
                *total.entry(*outcome).or_default() += count;
            }
        }
        write_row(f, "all", &total)
    }
}

fn write_row(f: &mut fmt::Formatter<'_>, name: &str, row: &BTreeMap<Outcome, usize>) -> fmt::Result {
    write!(f, "\n{name:<22}{:>6}", row.values().sum::<usize>())?;
    for outcome in Outcome::ALL {
        match row.get(&outcome) {
            Some(count) => write!(f, "{count:>10}")?,
            None => write!(f, "{:>10}", ".")?,
        }
    }
    Ok(())
}
