//! What a run comes to, against its limits.

use crate::{
    gateway::Ms,
    scenario::Scenario,
    world::{BUCKET, Seen},
};

/// Peak bucket over mean bucket until 95 % are drained, at most.
const PEAK: f64 = 3.0;
/// Seconds until 95 % are drained, at most.
const DRAINED_S: f64 = 300.0;
/// Refused requests after the heal over phones, at most.
const RETRIES: f64 = 0.10;
/// Answered requests over capacity under overload, at least.
const GOODPUT: f64 = 0.90;
/// The line fills first.
const WARM_UP: Ms = 60_000;

#[derive(Debug, Clone)]
pub(crate) struct Figures {
    /// Name, value, its limit in words, whether it is kept.
    pub(crate) all: Vec<(&'static str, f64, String, bool)>,
    pub(crate) drained: usize,
}

impl Figures {
    pub(crate) fn of(scenario: &Scenario, seen: &Seen) -> Self {
        let all = if scenario.overload {
            vec![goodput(scenario, seen)]
        } else {
            outage(scenario, seen)
        };
        Self {
            all,
            drained: seen.arrived.len(),
        }
    }

    pub(crate) fn are_kept(&self) -> bool {
        self.all.iter().all(|(.., kept)| *kept)
    }
}

fn outage(scenario: &Scenario, seen: &Seen) -> Vec<(&'static str, f64, String, bool)> {
    let phones = scenario.phones as usize;
    let at = (phones * 95).div_ceil(100).saturating_sub(1);
    let drained = seen.arrived.get(at).map_or(f64::INFINITY, |at| {
        at.saturating_sub(scenario.heal) as f64 / 1_000.0
    });
    let from = usize::try_from(scenario.heal / BUCKET).unwrap_or(0);
    let last = seen.arrived.get(at).copied().unwrap_or(scenario.end);
    let until = usize::try_from(last / BUCKET).unwrap_or(0);
    let buckets = seen
        .requests
        .get(from..=until.min(seen.requests.len().saturating_sub(1)));
    let buckets = buckets.unwrap_or_default();
    let sum: u64 = buckets.iter().sum();
    let peak = buckets.iter().max().copied().unwrap_or(0);
    let ratio = peak as f64 * buckets.len() as f64 / (sum as f64).max(1.0);
    let retries = seen.refused_after as f64 / phones as f64;
    vec![
        ("peak_over_mean", ratio, format!("<= {PEAK}"), ratio <= PEAK),
        (
            "p95_s",
            drained,
            format!("<= {DRAINED_S}"),
            drained <= DRAINED_S,
        ),
        (
            "retries",
            retries,
            format!("<= {RETRIES}"),
            retries <= RETRIES,
        ),
    ]
}

fn goodput(scenario: &Scenario, seen: &Seen) -> (&'static str, f64, String, bool) {
    let from = usize::try_from(WARM_UP / BUCKET).unwrap_or(0);
    let until = usize::try_from(scenario.end / BUCKET).unwrap_or(0);
    let answered: u64 = seen
        .answered
        .get(from..until)
        .unwrap_or_default()
        .iter()
        .sum();
    let seconds = (until - from) as f64 * BUCKET as f64 / 1_000.0;
    let share = answered as f64 / seconds / scenario.capacity;
    ("goodput", share, format!(">= {GOODPUT}"), share >= GOODPUT)
}
