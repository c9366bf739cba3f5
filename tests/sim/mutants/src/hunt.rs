//! One mutant, and schedule after schedule until one breaks a promise.

use std::panic::catch_unwind;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use lapor_engine::mutants::{Mutant, set};
use lapor_sim::run;

pub(crate) struct Hunt {
    pub(crate) base: u64,
    pub(crate) seeds: u64,
    pub(crate) steps: u32,
    pub(crate) workers: usize,
    pub(crate) until: Option<Instant>,
}

pub(crate) enum Found {
    After {
        seeds: u64,
        seed: u64,
        words: String,
    },
    Missed {
        seeds: u64,
    },
    /// The time was up before the seeds were.
    CutShort {
        seeds: u64,
    },
    /// The simulator complains about that seed without any fault.
    FalseAlarm {
        seed: u64,
        words: String,
    },
}

impl Found {
    pub(crate) fn is_cut_short(&self) -> bool {
        matches!(self, Self::CutShort { .. })
    }
}

impl Hunt {
    pub(crate) fn run(&self, mutant: Mutant) -> Found {
        let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
        // The earliest seed that complained.
        let find: Mutex<Option<(u64, String)>> = Mutex::new(None);
        let is_found = || find.lock().is_ok_and(|find| find.is_some());
        set(Some(mutant));
        thread::scope(|scope| {
            for _ in 0..self.workers.max(1) {
                scope.spawn(|| {
                    while !is_found() && !self.is_late() {
                        let at = next.fetch_add(1, Ordering::SeqCst);
                        if at >= self.seeds {
                            return;
                        }
                        let seed = self.base.wrapping_add(at);
                        let words = complaint(seed, self.steps);
                        done.fetch_add(1, Ordering::SeqCst);
                        if let (Some(words), Ok(mut find)) = (words, find.lock())
                            && find.as_ref().is_none_or(|(earlier, _)| seed < *earlier)
                        {
                            *find = Some((seed, words));
                        }
                    }
                });
            }
        });
        set(None);
        let seeds = done.load(Ordering::SeqCst);
        let Some((seed, words)) = find.into_inner().unwrap_or_default() else {
            return if seeds < self.seeds {
                Found::CutShort { seeds }
            } else {
                Found::Missed { seeds }
            };
        };
        match complaint(seed, self.steps) {
            None => Found::After { seeds, seed, words },
            Some(words) => Found::FalseAlarm { seed, words },
        }
    }

    fn is_late(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }
}

/// What is broken in the schedule of a seed, if anything is.
fn complaint(seed: u64, steps: u32) -> Option<String> {
    match catch_unwind(|| run(seed, steps)) {
        Ok(schedule) => schedule.violation.map(|violation| violation.0),
        Err(_) => Some("the simulator itself fell over".to_owned()),
    }
}
