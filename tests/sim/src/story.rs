//! How a schedule ends.

use std::fmt::Display;

use crate::wire::Figures;

/// A broken promise, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Violation(pub String);

pub(crate) type Run<T> = Result<T, Violation>;

/// What a part of the simulator itself could not do is a violation too: nothing is passed over.
pub(crate) fn needed<T, E: Display>(result: Result<T, E>, what: &str) -> Run<T> {
    result.map_err(|error| Violation(format!("{what}: {error}")))
}

/// A finished schedule.
#[derive(Debug, Clone)]
pub struct Schedule {
    pub seed: u64,
    /// Of all logical events, in order.
    pub trace: u64,
    pub figures: Figures,
    pub violation: Option<Violation>,
    /// The story in words.
    pub story: Vec<String>,
}
