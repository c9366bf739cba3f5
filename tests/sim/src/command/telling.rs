//! What is said about schedules: progress, a violation and how to replay it, the last line.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use lapor_sim::{Figures, Plan, Schedule};

use super::ranges::Ranges;

/// Where nobody looks at a bar, a line so often.
const LINE_EVERY: Duration = Duration::from_secs(20);

/// Among so many worlds each rare thing happens, unless nothing plays it any more.
const MANY: u64 = 500;

/// All schedules together.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) done: u64,
    pub(crate) broken: u64,
    figures: Figures,
    /// Sum of all traces: the same seeds give the same, in whatever order they end.
    traces: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, schedule: &Schedule) {
        self.done += 1;
        self.broken += u64::from(schedule.violation.is_some());
        self.figures.add(&schedule.figures);
        self.traces = self.traces.wrapping_add(schedule.trace);
    }

    /// How often what is played rarely has happened.
    pub(crate) fn rare(&self) -> String {
        let each = self.figures.rare();
        let told: Vec<String> = each
            .map(|(what, times)| format!("{times} {what}"))
            .collect();
        format!("sim: {}", told.join(", "))
    }

    /// What never happened, in worlds enough and long enough.
    pub(crate) fn unplayed(&self, steps: u32) -> Vec<&'static str> {
        let is_enough = self.done >= MANY && steps >= Plan::STEPS && self.broken == 0;
        let never = self.figures.rare().filter(|(_, times)| *times == 0);
        never.filter(|_| is_enough).map(|(what, _)| what).collect()
    }

    /// The last line.
    pub(crate) fn line(&self, wanted: u64, took: Duration, workers: usize) -> String {
        let done = if self.done < wanted {
            format!("ONLY {} of {wanted}", self.done)
        } else {
            self.done.to_string()
        };
        let seconds = took.as_secs_f64();
        let speed = if seconds > 0.0 {
            let workers = u32::try_from(workers).map_or(1.0, f64::from);
            format!(
                ", {:.1} schedules/s/core on {workers} workers, {seconds:.0} s",
                self.done as f64 / seconds / workers
            )
        } else {
            String::new()
        };
        format!(
            "sim: {done} schedules, {} violations, {}, traces {:016x}{speed}",
            self.broken, self.figures, self.traces
        )
    }
}

/// How far it is.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    workers: usize,
    said: Duration,
}

impl Progress {
    pub(crate) fn new(count: u64, workers: usize) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(count);
            let look = "{bar:30} {pos}/{len} {per_sec} {msg} {elapsed} left {eta}";
            if let Ok(style) = ProgressStyle::with_template(look) {
                bar.set_style(style);
            }
            bar
        });
        Self {
            bar,
            workers,
            said: Duration::ZERO,
        }
    }

    pub(crate) fn show(&mut self, tally: &Tally, took: Duration) {
        match &self.bar {
            Some(bar) => {
                bar.set_message(format!("{} violations", tally.broken));
                bar.set_position(tally.done);
            }
            None if took >= self.said + LINE_EVERY => {
                self.said = took;
                let speed = tally.done as f64 / took.as_secs_f64() / self.workers as f64;
                println!(
                    "sim: {} schedules, {} violations, {speed:.1} schedules/s/core, {} s",
                    tally.done,
                    tally.broken,
                    took.as_secs()
                );
            }
            None => {}
        }
    }

    pub(crate) fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| println!("{line}")),
            None => println!("{line}"),
        }
    }

    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

pub(crate) fn in_one_line(schedule: &Schedule) -> String {
    let what = schedule
        .violation
        .as_ref()
        .map_or_else(|| "nothing".to_owned(), ToString::to_string);
    format!("VIOLATION seed {}: {what}", schedule.seed)
}

pub(crate) fn violation(plan: &Plan, schedule: &Schedule) {
    println!("{}", in_one_line(schedule));
    println!("replay: {} (trace {:016x})", command(plan), schedule.trace);
}

pub(crate) fn shrunk(plan: &Plan, schedule: &Schedule, runs: u32, took: Duration) {
    let kept = plan
        .rounds
        .unwrap_or(0)
        .saturating_sub(plan.skip.len() as u64);
    println!(
        "\nThe same in {kept} rounds with {} faults ({runs} runs, {} s):",
        schedule.faults.len(),
        took.as_secs()
    );
    println!("{}", schedule.story.join(";\n"));
    println!("{}", in_one_line(schedule));
    println!("replay: {}", command(plan));
}

/// The command that runs this plan again.
fn command(plan: &Plan) -> String {
    let mut words = format!("make sim SEED={}", plan.seed);
    match plan.rounds {
        None => words.push_str(&format!(" STEPS={}", plan.steps)),
        Some(rounds) => words.push_str(&format!(" ROUNDS={rounds}")),
    }
    if !plan.skip.is_empty() {
        words.push_str(&format!(" SKIP={}", Ranges(plan.skip.clone())));
    }
    if !plan.spare.is_empty() {
        let spare: Vec<String> = plan.spare.iter().map(ToString::to_string).collect();
        words.push_str(&format!(" SPARE={}", spare.join(",")));
    }
    words
}
