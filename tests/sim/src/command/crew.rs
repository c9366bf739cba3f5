//! Workers: one world a thread; nothing is shared between worlds.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::Instant;

use lapor_sim::{Gateways, Schedule};

pub(crate) struct Bounds {
    pub(crate) base: u64,
    pub(crate) count: u64,
    pub(crate) workers: usize,
    pub(crate) until: Option<Instant>,
    /// Go on after a violation.
    pub(crate) hunt: bool,
}

/// Runs seed after seed; `tell` hears of each, on the caller's thread, in the order of their ends.
pub(crate) fn run(
    bounds: &Bounds,
    live: &(dyn Fn(&mut Gateways, u64) -> Schedule + Sync),
    tell: &mut dyn FnMut(Schedule),
) {
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let (sender, receiver) = mpsc::sync_channel(bounds.workers * 4);
    std::thread::scope(|scope| {
        for _ in 0..bounds.workers {
            let (sender, next, stop) = (sender.clone(), &next, &stop);
            scope.spawn(move || {
                let mut gateways = Gateways::default();
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let late = bounds.until.is_some_and(|until| Instant::now() >= until);
                    if at >= bounds.count || late || stop.load(Ordering::Relaxed) {
                        return;
                    }
                    if sender
                        .send(live(&mut gateways, bounds.base.wrapping_add(at)))
                        .is_err()
                    {
                        return;
                    }
                }
            });
        }
        drop(sender);
        for schedule in receiver {
            if schedule.violation.is_some() && !bounds.hunt {
                stop.store(true, Ordering::Relaxed);
            }
            tell(schedule);
        }
    });
}
