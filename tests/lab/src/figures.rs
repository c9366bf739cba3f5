//! What was measured, and how it compares with what is to be reached.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::measure::pairs::{Pair, Ratio};

#[cfg(test)]
mod tests;

/// Collected from all lines at once.
#[derive(Debug, Default)]
pub(crate) struct Figures(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    cells: BTreeMap<(&'static str, &'static str), String>,
    reached: u32,
    missed: Vec<String>,
    broken: Vec<String>,
    pairs: BTreeMap<&'static str, Vec<Pair>>,
}

impl Figures {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A figure that has a limit: at most that.
    pub(crate) fn at_most(&self, profile: &str, name: &str, value: f64, limit: f64, more: &str) {
        let holds = value <= limit;
        let verdict = if holds { "ok" } else { "NOT REACHED" };
        let told = format!("lab {profile} {name}={value:.2} limit={limit:.2}{more} {verdict}");
        println!("{told}");
        let mut state = self.state();
        if holds {
            state.reached += 1;
        } else {
            state.missed.push(told);
        }
    }

    /// One without.
    pub(crate) fn tell(&self, profile: &str, words: &str) {
        println!("lab {profile} {words}");
    }

    /// A promise: it holds or it is broken, and nothing excuses that.
    pub(crate) fn promise(&self, profile: &str, what: &str, holds: bool) {
        let told = format!(
            "lab {profile} {what} {}",
            if holds { "ok" } else { "BROKEN" }
        );
        println!("{told}");
        let mut state = self.state();
        if holds {
            state.reached += 1;
        } else {
            state.broken.push(told);
        }
    }

    pub(crate) fn cell(&self, profile: &'static str, column: &'static str, text: String) {
        self.state().cells.insert((profile, column), text);
    }

    pub(crate) fn pair(&self, profile: &'static str, pair: Pair) {
        self.state().pairs.entry(profile).or_default().push(pair);
    }

    /// Of one picture on all lines of this profile.
    pub(crate) fn over_curl(&self, profile: &'static str, limit: f64) {
        let pairs = self.state().pairs.remove(profile).unwrap_or_default();
        let Some(ratio) = Ratio::of(&pairs) else {
            return;
        };
        let more = format!(" pairs={} {ratio}", pairs.len());
        self.at_most(
            profile,
            "one_picture_over_curl",
            ratio.of_means,
            limit,
            &more,
        );
        let cell = format!(
            "{:.2} ({:.2} to {:.2})",
            ratio.of_means, ratio.low, ratio.high
        );
        self.cell(profile, "picture/curl", cell);
    }

    /// Something of the lab itself failed: no figure is better than a made-up one.
    pub(crate) fn failed(&self, profile: &str, error: &anyhow::Error) {
        let told = format!("lab {profile} failed: {error:#}");
        println!("{told}");
        self.state().broken.push(told);
    }

    pub(crate) fn table(&self) -> String {
        const COLUMNS: [&str; 11] = [
            "id p50",
            "id p95",
            "id p50 w/ picture",
            "id p95 w/ picture",
            "picture/line",
            "curl/line",
            "picture/curl",
            "tus/line",
            "bytes/ideal",
            "curl bytes",
            "tus bytes",
        ];
        let state = self.state();
        let mut profiles: Vec<&str> = state.cells.keys().map(|key| key.0).collect();
        profiles.dedup();
        let mut out = format!("| profile | {} |\n", COLUMNS.join(" | "));
        out += &format!("|---|{}\n", "---|".repeat(COLUMNS.len()));
        for profile in profiles {
            out += &format!("| {profile} |");
            for column in COLUMNS {
                let cell = state
                    .cells
                    .iter()
                    .find(|(key, _)| **key == (profile, column));
                out += &format!(" {} |", cell.map_or("", |(_, text)| text.as_str()));
            }
            out.push('\n');
        }
        out
    }

    /// (held, not reached, broken)
    pub(crate) fn sums(&self) -> (u32, usize, usize) {
        let state = self.state();
        (state.reached, state.missed.len(), state.broken.len())
    }
}

/// The value below which so many of 100 lie, by nearest rank: of 20 samples p95 is the 19th.
pub(crate) fn percentile(samples: &[Duration], percent: usize) -> Duration {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}
