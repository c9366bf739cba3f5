//! Rounds and faults as they stand on a command line.

use std::collections::BTreeSet;
use std::fmt::{self, Display};
use std::str::FromStr;

use lapor_sim::Chance;

#[cfg(test)]
mod tests;

/// Rounds, written `3-17,20`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ranges(pub(crate) BTreeSet<u64>);

#[derive(Debug, thiserror::Error)]
#[error("write rounds like 3-17,20")]
pub(crate) struct NotRanges;

impl FromStr for Ranges {
    type Err = NotRanges;

    fn from_str(text: &str) -> Result<Self, NotRanges> {
        let mut rounds = BTreeSet::new();
        for piece in text.split(',').filter(|piece| !piece.is_empty()) {
            let (first, last) = piece.split_once('-').unwrap_or((piece, piece));
            let number = |text: &str| text.trim().parse::<u64>().map_err(|_| NotRanges);
            rounds.extend(number(first)?..=number(last)?);
        }
        Ok(Self(rounds))
    }
}

impl Display for Ranges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut runs: Vec<(u64, u64)> = Vec::new();
        for round in &self.0 {
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == *round => *last = *round,
                _ => runs.push((*round, *round)),
            }
        }
        for (at, (first, last)) in runs.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            if first == last {
                write!(f, "{comma}{first}")?;
            } else {
                write!(f, "{comma}{first}-{last}")?;
            }
        }
        Ok(())
    }
}

/// A fault, written `round.number`.
pub(crate) fn chance(text: &str) -> Result<Chance, String> {
    let parsed = text
        .split_once('.')
        .and_then(|(round, nth)| Some((round.parse().ok()?, nth.parse().ok()?)));
    parsed
        .map(|(round, nth)| Chance { round, nth })
        .ok_or_else(|| "write a fault like 12.3".to_owned())
}
