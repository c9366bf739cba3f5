//! One mutant, and schedule after schedule until one breaks a promise.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use lapor_engine::mutants::{Mutant, set};
use lapor_sim::{Gateways, Plan, run_with};

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
        /// Seeds that complain without the fault, too, and so prove nothing.
        alarms: Vec<u64>,
    },
    /// The time was up before the seeds were.
    CutShort { seeds: u64 },
}

impl Found {
    pub(crate) fn is_cut_short(&self) -> bool {
        matches!(self, Self::CutShort { .. })
    }
}

impl Hunt {
    /// Hunts until a find that is clean without the fault, or until seeds or time are up.
    pub(crate) fn run(&self, mutant: Mutant) -> Found {
        let (mut from, mut alarms) = (0, Vec::new());
        loop {
            set(Some(mutant));
            let (done, find) = self.complaint_from(from);
            set(None);
            let Some((at, words)) = find else {
                return if done < self.seeds {
                    Found::CutShort { seeds: done }
                } else {
                    Found::Missed {
                        seeds: done,
                        alarms,
                    }
                };
            };
            let seed = self.base.wrapping_add(at);
            if complaint(&mut Gateways::default(), seed, self.steps).is_none() {
                let seeds = at + 1;
                return Found::After { seeds, seed, words };
            }
            alarms.push(seed);
            from = at + 1;
        }
    }

    /// The earliest complaint from this seed on, and how many seeds are done now.
    fn complaint_from(&self, from: u64) -> (u64, Option<(u64, String)>) {
        let (next, done) = (AtomicU64::new(from), AtomicU64::new(from));
        let find: Mutex<Option<(u64, String)>> = Mutex::new(None);
        let is_found = || find.lock().is_ok_and(|find| find.is_some());
        thread::scope(|scope| {
            for _ in 0..self.workers.max(1) {
                scope.spawn(|| {
                    let mut gateways = Gateways::default();
                    while !is_found() && !self.is_late() {
                        let at = next.fetch_add(1, Ordering::SeqCst);
                        if at >= self.seeds {
                            return;
                        }
                        let seed = self.base.wrapping_add(at);
                        let words = complaint(&mut gateways, seed, self.steps);
                        done.fetch_add(1, Ordering::SeqCst);
                        if let (Some(words), Ok(mut find)) = (words, find.lock())
                            && find.as_ref().is_none_or(|(earlier, _)| at < *earlier)
                        {
                            *find = Some((at, words));
                        }
                    }
                });
            }
        });
        let done = done.load(Ordering::SeqCst).min(self.seeds);
        (done, find.into_inner().unwrap_or_default())
    }

    fn is_late(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }
}

/// What is broken in the schedule of a seed, if anything is.
fn complaint(gateways: &mut Gateways, seed: u64, steps: u32) -> Option<String> {
    let world = AssertUnwindSafe(|| run_with(gateways, &Plan::new(seed, steps)));
    match catch_unwind(world) {
        Ok(schedule) => schedule.violation.map(|violation| violation.0),
        Err(_) => Some("the simulator itself fell over".to_owned()),
    }
}
