//! A run that waits for what is not due yet: the time goes by here, and things happen meanwhile.

use std::sync::Arc;

use lapor_core::client::{Client, SyncLimits};
use lapor_core::engine::calendar::Instant;
use lapor_core::engine::sync::{NextWake, Operation};
use lapor_sim_vfs::Disk;

use crate::dice::{Actor, Dice};
use crate::transport::submits_meanwhile;
use crate::turns::lies_there;
use crate::wire::{Line, Rare};

/// Waits of one run at most; then somebody ends it.
const WAITS: u64 = 6;
/// Somebody looks at the phone at the latest then, milliseconds.
const LONGEST: u64 = 25 * 3_600_000;
/// A look at the store may meet a disk that fails once.
const LOOKS: u32 = 3;

pub(super) struct Waiting {
    line: Arc<Line>,
    number: usize,
    disk: Disk,
    /// Times that the disk had failed when the run began.
    struck: u64,
    /// True time at which the run's own is over.
    until: Option<i64>,
    waits: u64,
    dice: Dice,
}

impl Waiting {
    /// A run is about to begin.
    pub(super) fn of(line: &Arc<Line>, number: usize, disk: &Disk, limits: &SyncLimits) -> Self {
        let mut wire = line.wire();
        let given = limits.deadline.map(|time| time.as_millis());
        let until = given.map(|time| wire.now + i64::try_from(time).unwrap_or(i64::MAX / 2));
        let mut dice = Dice::of(wire.seed, Actor::Watch(number), wire.round, u64::MAX);
        if let Some(air) = wire.airs.get_mut(number) {
            air.until = until;
        }
        Self {
            line: Arc::clone(line),
            number,
            disk: disk.clone(),
            struck: disk.struck(),
            until,
            waits: 1 + dice.below(WAITS),
            dice,
        }
    }

    /// The run has said that it waits. What it waits for by itself is the dice's clock: it is told to
    /// look when the time is there.
    pub(super) fn passes(&mut self, wake: &NextWake) {
        let app = {
            let wire = self.line.wire();
            let air = wire.airs.get(self.number);
            air.and_then(|air| air.app.as_ref()?.upgrade())
        };
        let Some(app) = app else { return };
        self.looks(&app, wake);
        {
            let mut wire = self.line.wire();
            let left = self.until.map_or(i64::MAX, |until| until - wire.now);
            let wait = wake.in_ms.min(LONGEST);
            let wait = i64::try_from(wait).unwrap_or(i64::MAX).min(left).max(0);
            wire.now += wait;
            wire.event();
            wire.figures.is_seen(Rare::Wait);
            wire.tell(format!(
                "  phone {}: the run waits for {} s",
                self.number,
                wait / 1_000
            ));
            wire.deliver();
        }
        self.waits = self.waits.saturating_sub(1);
        if self.waits == 0 || self.dice.percent(10) || self.is_broken() {
            return self.cancels(&app);
        }
        if self.dice.percent(20) {
            submits_meanwhile(&self.line, self.number, &app);
        }
        let looked = (0..LOOKS).any(|_| app.set_surroundings(app.surroundings()).is_ok());
        if !looked {
            self.cancels(&app);
        }
    }

    fn cancels(&self, app: &Client) {
        let words = format!("  phone {}: somebody ends the run", self.number);
        self.line.wire().tell(words);
        app.cancel();
    }

    fn is_broken(&self) -> bool {
        self.line.wire().violation.is_some()
    }

    /// Nothing that could go waits with it, and it wakes for what comes next.
    fn looks(&self, app: &Client, wake: &NextWake) {
        let (Ok(open), Ok(settings)) = (app.outbox(None), app.settings()) else {
            return;
        };
        // What a failing disk did not take is only in memory.
        if self.disk.struck() != self.struck {
            return;
        }
        let metered = app.surroundings().metered && settings.pictures_unmetered_only;
        let rows: Vec<&Operation> = open.iter().map(|(row, _)| row).collect();
        let mut wire = self.line.wire();
        let skew = wire.airs.get(self.number).map_or(0, |air| air.skew);
        let now = Instant(wire.now + skew);
        if let Some(what) = lies_there(&rows, metered, now, Some(wake.in_ms)) {
            wire.broken(format!("{what} (a run waits)"));
        }
    }
}
