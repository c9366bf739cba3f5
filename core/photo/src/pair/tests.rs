#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::cell::Cell;

use super::*;
use crate::fixtures::OneFile;
use crate::{Effort, Flow, Picture, Settings, Threads, prepare};

thread_local! {
    /// The system refuses every thread that this one asks for.
    pub(crate) static NONE_LEFT: Cell<bool> = const { Cell::new(false) };
}

fn without_threads<T>(work: impl FnOnce() -> T) -> T {
    NONE_LEFT.set(true);
    let made = work();
    NONE_LEFT.set(false);
    made
}

#[test]
fn both_are_done_with_a_thread_beside_and_without() {
    let work = |pair: Pair| pair.both(|| "mine".len(), || "theirs".len());
    for pair in [Pair(false), Pair(true)] {
        assert_eq!(work(pair), (4, 6));
        assert_eq!(without_threads(|| work(pair)), (4, 6));
    }
}

#[test]
#[should_panic(expected = "a fault beside")]
fn a_panic_beside_is_the_callers() {
    let asking = std::thread::current().id();
    // Whoever did it again here would not hear of it.
    let other = || assert_eq!(std::thread::current().id(), asking, "a fault beside");
    Pair(true).both(|| (), other);
}

#[test]
#[should_panic(expected = "a fault here")]
fn a_panic_here_is_the_callers() {
    Pair(true).both(|| panic!("a fault here"), || ());
}

/// `RLIMIT_NPROC`, which nobody can lift by closing apps.
#[test]
fn a_picture_is_the_same_where_the_system_has_no_thread_left() {
    let file = OneFile::photo(3, 700, 500, 1);
    for effort in [Effort::Thorough, Effort::Plain] {
        let made = |threads| -> Picture {
            let settings = Settings {
                threads,
                effort,
                max_edge: 400,
                ..Settings::default()
            };
            prepare(&file.path, &settings, &mut |_| Flow::Continue).unwrap()
        };
        let refused = without_threads(|| made(Threads::Two));
        assert_eq!(refused.bytes, made(Threads::One).bytes);
        assert_eq!(refused.bytes, made(Threads::Two).bytes);
    }
}
