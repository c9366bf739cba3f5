//! What photos need beside the medians of all benchmarks: means of ratios, and what the kernel counts.

#[path = "../../src/numbers.rs"]
mod shared;

use anyhow::Result;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

pub(crate) use shared::{mean, median, percentile};

/// The mean of ratios.
pub(crate) fn geometric_mean(values: &[f64]) -> f64 {
    mean(&values.iter().map(|value| value.ln()).collect::<Vec<_>>()).exp()
}

/// Processor time so far, in milliseconds: of this process with all its threads, or of all its children
/// that have ended.
pub(crate) fn processor(of: UsageWho) -> Result<f64> {
    let usage = getrusage(of)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(micros as f64 / 1000.0)
}
