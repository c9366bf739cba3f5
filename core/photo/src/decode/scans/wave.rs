//! The scans of a file by two threads, one some rows behind the other.
//!
//! What a scan tells of a row of blocks stands on what the scans before it have told of the same row
//! and colour, and on nothing else. So the file is looked through for where each scan begins, which
//! costs next to nothing, and then each thread takes the next scan that nobody has, and stays behind
//! those that it stands on, row by row; scans of different colours, and of means beside other levels,
//! do not wait for each other at all.
//!
//! It makes a picture or says nothing: whatever is wrong with a file is told by the one thread that
//! reads it from the front.

use std::cell::Cell;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::input::Input;
use super::levels::Levels;
use super::pass::{Ready, Turn, pass_over};
use super::{Depth, Failure, Frame, Picture, read_from};
use crate::jpeg::{Feed, Stop, Trouble};

/// Whoever must wait for another does so until it has this many rows more: waking costs as much as some
/// rows.
const ROWS_AT_ONCE: usize = 8;
/// How often the asking thread asks whether to go on while it has nothing else to do.
const ASKS: Duration = Duration::from_millis(10);
/// Colours of a scan, at most.
const MEMBERS: usize = 4;
const OTHER_FAILED: Failure = Failure::Trouble(Trouble::Stopped);

/// A file that two threads can read at any place.
pub(in crate::decode) trait Pages: Sync {
    /// Fills some of `room` with what stands from the byte `at` on; 0 at the end of the file.
    fn read(&self, at: u64, room: &mut [u8]) -> Result<usize, Stop>;
}

/// One thread's way through a file.
struct Leaf<'p, T> {
    pages: &'p dyn Pages,
    at: u64,
    tick: T,
}

impl<T: FnMut() -> Result<(), Stop>> Feed for Leaf<'_, T> {
    fn read(&mut self, room: &mut [u8]) -> Result<usize, Stop> {
        let count = self.pages.read(self.at, room)?;
        self.at += count as u64;
        Ok(count)
    }

    fn tick(&mut self) -> Result<(), Stop> {
        (self.tick)()
    }
}

/// As [`super::read`], by this thread and one beside it. Only this one calls `tick`. No picture means
/// that [`super::read`] will say why, unless `tick` has stopped it.
pub(in crate::decode) fn read_by_two(
    pages: &dyn Pages,
    mut tick: impl FnMut() -> Result<(), Stop>,
    eighths: u8,
    depth: Depth,
) -> Option<Picture> {
    let mut scans = Vec::new();
    let leaf = Leaf {
        pages,
        at: 0,
        tick: &mut tick,
    };
    let mut input = Input::new(leaf);
    let told = read_from(&mut input, eighths, depth, |_, ready, input| {
        scans.push((ready, input.position()));
        pass_over(input)
    });
    let told = told.ok()?;
    drop(input);
    Wave::new(pages, &told.frame, &told.levels, scans).run(tick)?;
    Some(told.picture())
}

struct Placed {
    ready: Ready,
    /// Of its first coded byte.
    at: u64,
    /// For each of its members, the scans that it stands on, with the member's number there.
    stands_on: Vec<Vec<(usize, usize)>>,
}

/// Scans on their way over the picture.
struct Wave<'w> {
    pages: &'w dyn Pages,
    frame: &'w Frame,
    levels: &'w [Levels],
    scans: Vec<Placed>,
    state: Mutex<State>,
    /// Somebody waits for what has changed in it.
    changed: Condvar,
}

struct State {
    /// The scan that nobody has taken.
    next: usize,
    /// Of each scan's members, the rows of blocks that are done.
    rows: Vec<[usize; MEMBERS]>,
    waiting: usize,
    /// A scan could not be read, or its reader panicked.
    broken: bool,
    /// The thread beside has nothing more to do.
    left: bool,
}

impl<'w> Wave<'w> {
    fn new(
        pages: &'w dyn Pages,
        frame: &'w Frame,
        levels: &'w [Levels],
        found: Vec<(Ready, u64)>,
    ) -> Self {
        let mut scans: Vec<Placed> = Vec::new();
        for (ready, at) in found {
            let stands_on = ready
                .scan
                .colours()
                .map(|colour| before(&scans, colour, ready.touches()));
            scans.push(Placed {
                stands_on: stands_on.collect(),
                ready,
                at,
            });
        }
        let state = State {
            next: 0,
            rows: vec![[0; MEMBERS]; scans.len()],
            waiting: 0,
            broken: false,
            left: false,
        };
        Self {
            pages,
            frame,
            levels,
            scans,
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Whoever panicked has left it whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, mut tick: impl FnMut() -> Result<(), Stop>) -> Option<()> {
        std::thread::scope(|scope| {
            let work = || {
                let outcome = self.work(|| match self.state().broken {
                    true => Err(Stop),
                    false => Ok(()),
                });
                self.state().left = true;
                self.changed.notify_all();
                outcome
            };
            let beside = std::thread::Builder::new().spawn_scoped(scope, work);
            // Without another thread it has all scans.
            let mine = self.work(&mut tick);
            let theirs = beside.ok().map(|beside| {
                self.wait_for_it(&mut tick);
                match beside.join() {
                    Ok(theirs) => theirs,
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            });
            mine.ok()?;
            theirs.unwrap_or(Ok(())).ok()
        })
    }

    /// Until the thread beside has nothing more to do.
    fn wait_for_it(&self, tick: &mut impl FnMut() -> Result<(), Stop>) {
        let mut state = self.state();
        while !state.left && !state.broken {
            let waited = self.changed.wait_timeout(state, ASKS);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            drop(state);
            let stop = tick().is_err();
            state = self.state();
            state.broken |= stop;
        }
    }

    /// Takes scan after scan.
    fn work(&self, mut tick: impl FnMut() -> Result<(), Stop>) -> Result<(), Failure> {
        loop {
            let mut state = self.state();
            let number = state.next;
            state.next += 1;
            drop(state);
            let Some(placed) = self.scans.get(number) else {
                return Ok(());
            };
            let alarm = Alarm(self);
            let mut input = Input::new(Leaf {
                pages: self.pages,
                at: placed.at,
                tick: &mut tick,
            });
            let turn = Follow {
                wave: self,
                number,
                placed,
                known: Cell::new([0; MEMBERS]),
            };
            placed
                .ready
                .read(self.frame, self.levels, &turn, &mut input)?;
            std::mem::forget(alarm);
            self.set(number, |rows| *rows = [usize::MAX; MEMBERS]);
        }
    }

    fn set(&self, number: usize, to: impl FnOnce(&mut [usize; MEMBERS])) {
        let mut state = self.state();
        if let Some(rows) = state.rows.get_mut(number) {
            to(rows);
        }
        if state.waiting > 0 {
            drop(state);
            self.changed.notify_all();
        }
    }
}

/// The last of these scans that touch the means, and the other levels, of a colour.
fn before(scans: &[Placed], colour: usize, touches: [bool; 2]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (part, touched) in touches.into_iter().enumerate() {
        let last = scans.iter().enumerate().rev().find_map(|(number, placed)| {
            let member = placed.ready.scan.colours().position(|one| one == colour)?;
            let both = placed.ready.touches().get(part) == Some(&true);
            both.then_some((number, member))
        });
        if touched {
            found.extend(last);
        }
    }
    found
}

/// A scan's place behind others.
struct Follow<'w> {
    wave: &'w Wave<'w>,
    number: usize,
    placed: &'w Placed,
    /// Rows of its members for which nobody needs to be asked any more.
    known: Cell<[usize; MEMBERS]>,
}

impl Follow<'_> {
    /// Rows of a member that all whom it stands on have done.
    fn done_before(&self, member: usize, state: &State) -> usize {
        let stands_on = self.placed.stands_on.get(member);
        let rows = stands_on.into_iter().flatten().map(|(number, member)| {
            let rows = state.rows.get(*number);
            rows.and_then(|rows| rows.get(*member)).copied()
        });
        rows.map(Option::unwrap_or_default)
            .min()
            .unwrap_or(usize::MAX)
    }
}

impl Turn for Follow<'_> {
    fn wait(&self, member: usize, end: usize) -> Result<(), Failure> {
        let mut known = self.known.get();
        let Some(rows) = known.get_mut(member).filter(|rows| **rows < end) else {
            return Ok(());
        };
        let mut state = self.wave.state();
        let mut wanted = end;
        loop {
            *rows = self.done_before(member, &state);
            if *rows >= wanted {
                break;
            }
            if state.broken {
                return Err(OTHER_FAILED);
            }
            // At the lower edge there are fewer: then the scan before ends, which counts as all.
            wanted = end + ROWS_AT_ONCE;
            state.waiting += 1;
            let woken = self.wave.changed.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
        drop(state);
        self.known.set(known);
        Ok(())
    }

    fn done(&self, member: usize, end: usize) {
        self.wave.set(self.number, |rows| {
            if let Some(rows) = rows.get_mut(member) {
                *rows = end;
            }
        });
    }
}

/// Dropped only when a scan ends early: whoever waits for it must hear of it.
struct Alarm<'w>(&'w Wave<'w>);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        self.0.state().broken = true;
        self.0.changed.notify_all();
    }
}
