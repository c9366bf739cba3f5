//! The groups of a file in their order, read now or ahead.

use std::sync::Arc;

use super::super::scans::input::Input;
use super::super::scans::pass::LEFT_OVER;
use super::super::scans::{Defined, Failure};
use super::DAMAGED;
use super::ahead::{Ahead, Guess};
use super::group::{self, Means, Plan};
use super::stretch::{Cutter, Stretch};
use crate::encode::Pair;
use crate::jpeg::Trouble;

/// Groups that are read at once when they were not read ahead: their numbers stay in the cache.
const BATCH: usize = 64;
/// Numbers of a stretch: 12 megapixels from a phone tell 15,000 in 5 KB.
const MANY_NUMBERS: usize = 32 * 1024;
const FEW_NUMBERS: usize = 8 * 1024;
const LEAST_BYTES: usize = 2 * 1024;

/// How a file is cut.
#[derive(Debug, Clone, Copy)]
pub(in crate::decode) struct Pieces {
    /// Bytes of a stretch at first: so many that falling into step costs little of it.
    pub(in crate::decode) bytes: usize,
    /// Stretches that lie ready.
    pub(in crate::decode) ahead: usize,
    /// All of them are read ahead before the first is shown: a pair of threads without their chance.
    pub(in crate::decode) always: bool,
}

impl Pieces {
    pub(super) fn of(Pair(two): Pair) -> Self {
        Self {
            bytes: 5 * 1024,
            ahead: if two { 3 } else { 1 },
            always: false,
        }
    }

    /// Bytes of the stretches to come, when one of `size` has told so many numbers: of many small groups
    /// fewer bytes, for the numbers are what takes room.
    fn after(self, size: usize, numbers: usize) -> usize {
        match numbers {
            MANY_NUMBERS.. => (size / 2).max(LEAST_BYTES).min(size),
            ..FEW_NUMBERS => (size * 2).min(self.bytes),
            _ => size,
        }
    }
}

/// Groups whose levels are there.
#[derive(Clone, Copy)]
pub(super) struct Groups {
    pub(super) count: usize,
    /// What their means lack.
    pub(super) means: [i16; 4],
    /// The first one's number in the guess, if that is where they are.
    guessed: Option<usize>,
}

struct Current {
    stretch: Stretch,
    guess: Option<Guess>,
    /// In bits.
    position: usize,
}

pub(super) struct Source<'a> {
    cutter: Cutter<'a>,
    pieces: Pieces,
    plan: Arc<Plan>,
    ahead: Arc<Ahead>,
    /// Stretches that were cut.
    cut: usize,
    current: Option<Current>,
    /// Room of a stretch that was shown.
    spare: Vec<u8>,
    before: Means,
    /// Groups between restart markers, 0 for none; those left before the next, and its number.
    interval: usize,
    left: usize,
    due: u8,
    told: Vec<i16>,
    starts: Vec<u32>,
    /// Groups that were read although they had been read ahead.
    #[cfg(test)]
    pub(super) read_again: usize,
}

impl<'a> Source<'a> {
    pub(super) fn new(input: Input<'a>, plan: Arc<Plan>, interval: u32, pieces: Pieces) -> Self {
        Self {
            cutter: Cutter::new(input, pieces.bytes),
            pieces,
            ahead: Arc::new(Ahead::new(Arc::clone(&plan))),
            plan,
            cut: 0,
            current: None,
            spare: Vec::new(),
            before: Means::default(),
            interval: interval as usize,
            left: interval as usize,
            due: 0,
            told: Vec::new(),
            starts: Vec::new(),
            #[cfg(test)]
            read_again: 0,
        }
    }

    pub(super) fn ahead(&self) -> &Arc<Ahead> {
        &self.ahead
    }

    pub(super) fn cut(&self) -> usize {
        self.cut
    }

    pub(super) fn tick(&mut self) -> Result<(), Failure> {
        self.cutter.input.tick()
    }

    /// The next groups, one at least and at most `most`; none reaches over a restart marker.
    pub(super) fn groups(&mut self, most: usize) -> Result<Groups, Failure> {
        let mut most = most;
        if self.interval > 0 {
            if self.left == 0 {
                self.restart()?;
            }
            most = most.min(self.left);
        }
        loop {
            let current = match &mut self.current {
                Some(current) if current.position < current.stretch.until() => current,
                _ => {
                    self.advance()?;
                    continue;
                }
            };
            if let Some(guess) = &current.guess
                && current.position >= guess.end
            {
                self.ahead.recycle(current.guess.take());
            }
            let groups = match &current.guess {
                Some(guess) if let Some(at) = guess.at(current.position) => {
                    let count = most.min(guess.starts.len() - at);
                    let told = guess.before(&self.plan, at);
                    let means = lack(&self.before, told);
                    let behind = guess.starts.get(at + count);
                    current.position = behind.map_or(guess.end, |start| *start as usize);
                    let last = guess.before(&self.plan, at + count);
                    for ((before, last), lack) in self.before.iter_mut().zip(last).zip(means) {
                        *before = last.wrapping_add(lack).into();
                    }
                    Groups {
                        count,
                        means,
                        guessed: Some(at),
                    }
                }
                guess => {
                    #[cfg(test)]
                    {
                        self.read_again += usize::from(guess.is_some());
                    }
                    // Not in step yet: one by one, to see when.
                    let count = if guess.is_some() { 1 } else { most.min(BATCH) };
                    self.told.clear();
                    self.told.resize(count * self.plan.length, 0);
                    self.starts.clear();
                    let ran = group::read(
                        &self.plan,
                        &current.stretch.bytes,
                        current.position,
                        current.stretch.until(),
                        &mut self.before,
                        &mut self.told,
                        &mut self.starts,
                    );
                    current.position = ran.position;
                    if ran.count == 0 {
                        return Err(broken(&current.stretch));
                    }
                    Groups {
                        count: ran.count,
                        means: [0; 4],
                        guessed: None,
                    }
                }
            };
            self.left = self.left.saturating_sub(groups.count);
            return Ok(groups);
        }
    }

    /// The levels of the groups that came last.
    pub(super) fn levels(&self, groups: Groups) -> &[i16] {
        let Some(at) = groups.guessed else {
            return &self.told;
        };
        let guess = self
            .current
            .as_ref()
            .and_then(|current| current.guess.as_ref());
        let told = guess.and_then(|guess| guess.told.get(at * self.plan.length..));
        told.unwrap_or_default()
    }

    /// On to the next stretch, which must follow without a marker between.
    fn advance(&mut self) -> Result<(), Failure> {
        let over = match &self.current {
            Some(current) if current.stretch.end.is_some() => {
                return Err(broken(&current.stretch));
            }
            Some(current) => current.position - current.stretch.until(),
            None => 0,
        };
        self.load(over)
    }

    fn load(&mut self, position: usize) -> Result<(), Failure> {
        let mut room = None;
        if let Some(Current { stretch, guess, .. }) = self.current.take() {
            self.spare = stretch.bytes;
            room = guess;
        }
        while self.ahead.waiting() < self.pieces.ahead {
            let spare = std::mem::take(&mut self.spare);
            let Some(stretch) = self.cutter.next(spare)? else {
                break;
            };
            self.cut += 1;
            self.ahead.push(stretch);
        }
        if self.pieces.always {
            while self.ahead.help() {}
        }
        let (stretch, guess) = self.ahead.pop(room)?.ok_or(DAMAGED)?;
        if let Some(guess) = &guess
            && stretch.own == self.cutter.size
        {
            self.cutter.size = self.pieces.after(stretch.own, guess.told.len());
        }
        self.current = Some(Current {
            stretch,
            guess,
            position,
        });
        Ok(())
    }

    /// Passes to what follows the marker, which must be the one that is due.
    fn restart(&mut self) -> Result<(), Failure> {
        let found = self.pass_to_marker()?;
        if let Some(current) = &self.current
            && found != 0xD0 + (self.due & 7)
        {
            return Err(broken(&current.stretch));
        }
        self.due = self.due.wrapping_add(1);
        self.left = self.interval;
        self.before = Means::default();
        self.load(0)
    }

    /// Passes stretches up to the one that has a marker behind it.
    fn pass_to_marker(&mut self) -> Result<u8, Failure> {
        loop {
            let end = self.current.as_ref().map(|current| current.stretch.end);
            match end {
                Some(Some(marker)) => return Ok(marker),
                _ => self.load(0)?,
            }
        }
    }

    /// After the last group: what follows must be sound as far as the end mark, and no other scan.
    pub(super) fn finish(mut self, mut defined: Defined) -> Result<(), Failure> {
        let mut left_over = 0;
        let end = loop {
            let Some(Current {
                stretch, position, ..
            }) = &self.current
            else {
                return Ok(());
            };
            left_over += stretch.own.saturating_sub(position.div_ceil(8)) as u64;
            match stretch.end {
                Some(_) if stretch.ended && left_over > LEFT_OVER => {
                    return Err(Failure::Trouble(Trouble::Truncated));
                }
                // Restart markers that nobody is waiting for.
                Some(0xD0..=0xD7) | None => self.load(0)?,
                Some(end) => break end,
            }
        };
        let input = &mut self.cutter.input;
        match defined.until_scan(end, 8, input)? {
            None => Ok(()),
            Some(_) => Err(DAMAGED),
        }
    }
}

/// What must be added to the means that were told to make them those that are right.
fn lack(right: &Means, told: [i16; 4]) -> [i16; 4] {
    let mut lack = [0; 4];
    for ((lack, right), told) in lack.iter_mut().zip(right).zip(told) {
        *lack = (*right as i16).wrapping_sub(told);
    }
    lack
}

/// What broken data means here: at the end of the file the rest of it is missing.
fn broken(stretch: &Stretch) -> Failure {
    Failure::Trouble(if stretch.ended {
        Trouble::Truncated
    } else {
        Trouble::Damaged
    })
}
