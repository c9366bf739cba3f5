//! Medians, percentiles, and what the kernel counts.

use anyhow::{Context, Result};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// The value below which `share` (0 to 1) of the values lie.
pub(crate) fn percentile(values: &[f64], share: f64) -> Result<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1).context("no values")?;
    // Positions are small: no precision is lost.
    let at = (last as f64 * share).round() as usize;
    sorted.get(at).copied().context("no such position")
}

pub(crate) fn median(values: &[f64]) -> Result<f64> {
    percentile(values, 0.5)
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

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
