//! Two threads see what one sees.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex};
use std::thread::{ThreadId, current, yield_now};
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::fixtures::OneFile;
use crate::{Flow, PhotoError, Settings, Threads, prepare};

/// mozjpeg's own for three colours.
const MOZJPEG: Script = &[
    (&[0, 1, 2], [0, 0, 0, 0]),
    (&[0], [1, 8, 0, 2]),
    (&[1], [1, 8, 0, 0]),
    (&[2], [1, 8, 0, 0]),
    (&[0], [9, 63, 0, 2]),
    (&[0], [1, 63, 2, 1]),
    (&[0], [1, 63, 1, 0]),
    (&[1], [9, 63, 0, 0]),
    (&[2], [9, 63, 0, 0]),
];

/// Comes in pieces, here quickly and there slowly, so that now one thread is ahead and now the other.
struct Torn<'a> {
    bytes: &'a [u8],
    seed: u64,
    /// It was read to its end, by the one thread that looks through it first.
    looked: AtomicBool,
}

impl<'a> Torn<'a> {
    fn new(bytes: &'a [u8], seed: u64) -> Self {
        Self {
            bytes,
            seed,
            looked: AtomicBool::new(false),
        }
    }
}

impl Pages for Torn<'_> {
    fn read(&self, at: u64, room: &mut [u8]) -> Result<usize, Stop> {
        let from = usize::try_from(at).unwrap_or(usize::MAX);
        let rest = self.bytes.get(from..).unwrap_or_default();
        let dice = (at / 600 + self.seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 62;
        let piece = if dice == 0 { 20 } else { 900 };
        if dice == 0 {
            yield_now();
        }
        let count = room.len().min(rest.len()).min(piece);
        room[..count].copy_from_slice(&rest[..count]);
        if count == rest.len() {
            self.looked.store(true, Ordering::Relaxed);
        }
        Ok(count)
    }
}

fn by_two(bytes: &[u8], eighths: u8, depth: Depth, seed: u64) -> Option<Seen> {
    let pages = Torn::new(bytes, seed);
    let picture = read_by_two(&pages, || Ok(()), eighths, depth)?;
    Some(rows_of(picture))
}

fn alike(bytes: &[u8], eighths: u8, depth: Depth, seed: u64, of: &dyn std::fmt::Debug) {
    let alone = by_us(bytes, eighths, depth);
    let together = by_two(bytes, eighths, depth, seed);
    assert!(
        alone.as_ref().ok() == together.as_ref(),
        "{:?}, {:?} at {eighths}, {depth:?}: {of:?}",
        alone.map(|seen| seen.size),
        together.map(|seen| seen.size),
    );
}

#[test]
fn every_sampling_and_every_order_of_scans() {
    for (seed, writing) in (0..).zip(all()) {
        let bytes = writing.bytes();
        for eighths in [1, 2, 4, 8] {
            let depth = [Depth::Byte, Depth::Two][(seed + eighths as u64) as usize % 2];
            alike(&bytes, eighths, depth, seed, &writing);
        }
    }
}

/// So many rows that one thread is far ahead of the other, and has to wait.
#[test]
fn high_pictures() {
    for script in [USUAL, MOZJPEG, BANDS, BITS] {
        for (seed, restart_interval) in [(1, 0), (2, 0), (3, 0), (4, 0), (5, 7), (6, 1)] {
            let high = Writing {
                size: [41, 1203],
                script,
                restart_interval,
                grain: 90,
                ..Writing::usual()
            };
            let bytes = high.bytes();
            for eighths in [4, 8] {
                alike(&bytes, eighths, Depth::Byte, seed, &high);
            }
        }
    }
}

#[test]
fn both_threads_read_scans() {
    /// Lets nobody go on in a scan before two have begun.
    struct Both<'a> {
        torn: Torn<'a>,
        readers: Mutex<HashSet<ThreadId>>,
        more: Condvar,
    }
    impl Pages for Both<'_> {
        fn read(&self, at: u64, room: &mut [u8]) -> Result<usize, Stop> {
            if self.torn.looked.load(Ordering::Relaxed) {
                let mut readers = self.readers.lock().unwrap();
                readers.insert(current().id());
                self.more.notify_all();
                let limit = Duration::from_secs(60);
                let all = self
                    .more
                    .wait_timeout_while(readers, limit, |all| all.len() < 2);
                assert!(!all.unwrap().1.timed_out(), "one thread alone");
            }
            self.torn.read(at, room)
        }
    }
    let bytes = Writing::usual().bytes();
    let pages = Both {
        torn: Torn::new(&bytes, 0),
        readers: Mutex::default(),
        more: Condvar::new(),
    };
    let picture = read_by_two(&pages, || Ok(()), 8, Depth::Byte).unwrap();
    assert_eq!(Ok(rows_of(picture)), by_us(&bytes, 8, Depth::Byte));
    assert_eq!(pages.readers.lock().unwrap().len(), 2);
}

#[test]
fn more_large_levels_than_fit_are_no_picture() {
    let loud = Writing {
        coarseness: 1,
        grain: 255,
        size: [160, 120],
        ..Writing::usual()
    };
    let bytes = loud.bytes();
    assert_eq!(by_us(&bytes, 8, Depth::Byte).err(), Some(Failure::Deeper));
    alike(&bytes, 8, Depth::Byte, 1, &loud);
    assert!(by_two(&bytes, 8, Depth::Two, 1).is_some());
    alike(&bytes, 8, Depth::Two, 2, &loud);
}

/// Whenever it is asked: both threads end, and nothing is shown.
#[test]
fn who_asks_can_stop_both() {
    let bytes = Writing {
        size: [65, 400],
        ..Writing::usual()
    }
    .bytes();
    let pages = Torn::new(&bytes, 3);
    let mut asked = 0;
    let count = || {
        asked += 1;
        Ok(())
    };
    assert!(read_by_two(&pages, count, 8, Depth::Byte).is_some());
    assert!(asked > 10, "{asked}");
    for stop in 1..=10 {
        let mut asked = 0;
        let tick = || {
            asked += 1;
            if asked >= stop { Err(Stop) } else { Ok(()) }
        };
        assert!(read_by_two(&pages, tick, 8, Depth::Byte).is_none());
    }
}

/// Also while the one who asks has nothing else left to do.
#[test]
fn who_waits_can_stop_the_other() {
    struct Held<'a> {
        torn: Torn<'a>,
        asking: ThreadId,
        stopped: Mutex<bool>,
        changed: Condvar,
    }
    impl Pages for Held<'_> {
        fn read(&self, at: u64, room: &mut [u8]) -> Result<usize, Stop> {
            if current().id() != self.asking {
                let stopped = self.stopped.lock().unwrap();
                let limit = Duration::from_secs(60);
                let stopped = self
                    .changed
                    .wait_timeout_while(stopped, limit, |stopped| !*stopped);
                assert!(!stopped.unwrap().1.timed_out(), "nobody asked");
            }
            self.torn.read(at, room)
        }
    }
    // Two scans that do not wait for each other.
    let bytes = Writing {
        script: PAIRED,
        ..Writing::usual()
    }
    .bytes();
    let pages = Held {
        torn: Torn::new(&bytes, 0),
        asking: current().id(),
        stopped: Mutex::new(false),
        changed: Condvar::new(),
    };
    let mut asked = 0;
    let tick = || {
        asked += 1;
        // More than there are rows in all.
        if asked < 30 {
            return Ok(());
        }
        *pages.stopped.lock().unwrap() = true;
        pages.changed.notify_all();
        Err(Stop)
    };
    assert!(read_by_two(&pages, tick, 8, Depth::Byte).is_none());
}

#[test]
fn a_file_that_can_no_longer_be_read_is_no_picture() {
    struct Gone<'a>(Torn<'a>, u64);
    impl Pages for Gone<'_> {
        fn read(&self, at: u64, room: &mut [u8]) -> Result<usize, Stop> {
            if !self.0.looked.load(Ordering::Relaxed) || at != self.1 {
                return self.0.read(at, room);
            }
            Err(Stop)
        }
    }
    let bytes = Writing::usual().bytes();
    let scans = (0..bytes.len() - 1).filter(|at| bytes[*at..*at + 2] == [0xFF, 0xDA]);
    for scan in scans {
        // Behind the header: the first byte that a reader of this scan asks for.
        let header = usize::from(bytes[scan + 3]);
        let gone = Gone(Torn::new(&bytes, 0), (scan + 2 + header) as u64);
        assert!(read_by_two(&gone, || Ok(()), 8, Depth::Byte).is_none());
    }
}

#[test]
fn by_the_whole_way_two_threads_make_the_same_file_and_the_same_error() {
    let bytes = Writing {
        size: [300, 200],
        script: MOZJPEG,
        ..Writing::usual()
    }
    .bytes();
    let made = |bytes: &[u8], threads, flow: Flow| {
        let file = OneFile::new("photo.jpg", bytes);
        let settings = Settings {
            max_edge: 150,
            threads,
            ..Settings::default()
        };
        let mut asked = 0;
        let mut answer = |_| {
            asked += 1;
            if asked > 2 { flow } else { Flow::Continue }
        };
        prepare(&file.path, &settings, &mut answer).map(|picture| picture.bytes)
    };
    let one = made(&bytes, Threads::One, Flow::Continue).unwrap();
    assert_eq!(
        Ok(&one),
        made(&bytes, Threads::Two, Flow::Continue).as_ref()
    );
    let cancelled = made(&bytes, Threads::Two, Flow::Cancel);
    assert_eq!(cancelled, Err(PhotoError::Cancelled));
    let unmarked = &bytes[..bytes.len() - 2];
    for threads in [Threads::One, Threads::Two] {
        assert_eq!(Ok(&one), made(unmarked, threads, Flow::Continue).as_ref());
    }
    for cut in [900, bytes.len() / 2, bytes.len() - 3] {
        let one = made(&bytes[..cut], Threads::One, Flow::Continue);
        assert_eq!(one, Err(PhotoError::Truncated));
        assert_eq!(one, made(&bytes[..cut], Threads::Two, Flow::Continue));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(300)
    ))]

    #[test]
    fn a_damaged_file_is_the_same_to_two(
        spoiled in spoiled(&FILES, 0),
        eighths in prop_oneof![Just(1), Just(2), Just(4), Just(8)],
        cut in prop::option::of(any::<prop::sample::Index>()),
        seed in any::<u64>(),
    ) {
        let (mut file, spoils) = spoiled;
        if let Some(cut) = cut {
            file.truncate(2 + cut.index(file.len() - 2));
        }
        let depth = [Depth::Byte, Depth::Two][(seed % 2) as usize];
        alike(&file, eighths, depth, seed, &spoils);
    }
}
