//! Stretches that wait, and reading them ahead by whoever has time.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::super::scans::Failure;
use super::DAMAGED;
use super::group::{self, Means, Plan, Wrong};
use super::stretch::Stretch;

/// Groups whose numbers are made room for at once.
const BATCH: usize = 16;
/// Of a file that is nearly empty a stretch tells more groups than there is room for: some are read ahead.
const MOST_NUMBERS: usize = 48 * 1024;
/// After so many groups without a fault the reading is in step, and a fault is the file's.
const IN_STEP: usize = 64;

/// What a stretch tells when its first group begins with its first bit, or wherever it falls into step.
#[derive(Default)]
pub(super) struct Guess {
    /// Where each group begins, in bits.
    pub(super) starts: Vec<u32>,
    /// Behind the last one.
    pub(super) end: usize,
    /// Their levels, one group after the other. The means are right but for what all of them lack.
    pub(super) told: Vec<i16>,
}

impl Guess {
    pub(super) fn read(&mut self, plan: &Plan, stretch: &Stretch) {
        self.clear();
        let mut means = Means::default();
        let until = stretch.until();
        let most = (MOST_NUMBERS / plan.length.max(1)).max(1);
        // All at once: one that grows leaves holes as large as itself.
        self.told.reserve_exact((most + BATCH) * plan.length);
        while self.end < until && self.starts.len() < most {
            let from = self.told.len();
            self.told.resize(from + BATCH * plan.length, 0);
            let ran = group::read(
                plan,
                &stretch.bytes,
                self.end,
                until,
                &mut means,
                self.told.get_mut(from..).unwrap_or_default(),
                &mut self.starts,
            );
            self.told.truncate(from + ran.count * plan.length);
            self.end = ran.position;
            match ran.wrong {
                None => {}
                Some(Wrong::Code) if !stretch.fresh && self.starts.len() < IN_STEP => {
                    // Out of step: again from the next bit.
                    let next = ran.position + 1;
                    self.clear();
                    self.end = next;
                    means = Means::default();
                }
                Some(_) => break,
            }
        }
    }

    fn clear(&mut self) {
        self.starts.clear();
        self.told.clear();
        self.end = 0;
    }

    /// The number of the group that begins at this bit.
    pub(super) fn at(&self, position: usize) -> Option<usize> {
        let position = u32::try_from(position).ok()?;
        self.starts.binary_search(&position).ok()
    }

    /// The means before this group, as they are told.
    pub(super) fn before(&self, plan: &Plan, at: usize) -> [i16; 4] {
        let group = at.checked_sub(1).map(|last| last * plan.length);
        let group = group.and_then(|from| self.told.get(from..from + plan.length));
        group.map_or([0; 4], |group| plan.means(group))
    }
}

enum Waiting {
    Unread(Stretch),
    /// Somebody is at it.
    Taken,
    Read(Stretch, Guess),
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    /// How many have left it.
    gone: usize,
    /// Room of what was shown.
    spare: Vec<Guess>,
    /// A reader panicked.
    broken: bool,
}

/// The stretches that come next.
pub(in crate::decode) struct Ahead {
    plan: Arc<Plan>,
    queue: Mutex<Queue>,
    read: Condvar,
}

impl Ahead {
    pub(super) fn new(plan: Arc<Plan>) -> Self {
        Self {
            plan,
            queue: Mutex::default(),
            read: Condvar::new(),
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Whoever panicked has left it whole.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads one ahead; false where none waits for that.
    pub(in crate::decode) fn help(&self) -> bool {
        let claimed = {
            let mut queue = self.queue();
            let gone = queue.gone;
            let mut waiting = queue.waiting.iter_mut().enumerate();
            let unread = waiting.find(|(_, waiting)| matches!(waiting, Waiting::Unread(_)));
            let claimed =
                unread.and_then(
                    |(at, waiting)| match std::mem::replace(waiting, Waiting::Taken) {
                        Waiting::Unread(stretch) => Some((gone + at, stretch)),
                        _ => None,
                    },
                );
            claimed.zip(Some(queue.spare.pop().unwrap_or_default()))
        };
        let Some(((number, stretch), mut guess)) = claimed else {
            return false;
        };
        let claim = Claim(self);
        guess.read(&self.plan, &stretch);
        std::mem::forget(claim);
        let mut queue = self.queue();
        let at = number - queue.gone;
        if let Some(slot) = queue.waiting.get_mut(at) {
            *slot = Waiting::Read(stretch, guess);
        }
        drop(queue);
        self.read.notify_all();
        true
    }

    pub(super) fn waiting(&self) -> usize {
        self.queue().waiting.len()
    }

    pub(super) fn push(&self, stretch: Stretch) {
        self.queue().waiting.push_back(Waiting::Unread(stretch));
    }

    pub(super) fn recycle(&self, guess: Option<Guess>) {
        self.queue().spare.extend(guess);
    }

    /// The next one, with what was read of it ahead; the room of `spare` may be used again.
    pub(super) fn pop(
        &self,
        spare: Option<Guess>,
    ) -> Result<Option<(Stretch, Option<Guess>)>, Failure> {
        let mut queue = self.queue();
        queue.spare.extend(spare);
        loop {
            if queue.broken {
                return Err(DAMAGED);
            }
            match queue.waiting.front() {
                Some(Waiting::Taken) => {}
                _ => break,
            }
            let others = |waiting: &Waiting| matches!(waiting, Waiting::Unread(_));
            if queue.waiting.iter().any(others) {
                // Somebody else is at the first one: something for the time until then.
                drop(queue);
                self.help();
                queue = self.queue();
            } else {
                queue = self
                    .read
                    .wait(queue)
                    .unwrap_or_else(PoisonError::into_inner);
            }
        }
        let first = queue.waiting.pop_front();
        queue.gone += usize::from(first.is_some());
        Ok(match first {
            Some(Waiting::Unread(stretch)) => Some((stretch, None)),
            Some(Waiting::Read(stretch, guess)) => Some((stretch, Some(guess))),
            Some(Waiting::Taken) | None => None,
        })
    }
}

/// Dropped only when its reader panics: the one who waits for it must hear of it.
struct Claim<'a>(&'a Ahead);

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.0.queue().broken = true;
        self.0.read.notify_all();
    }
}
