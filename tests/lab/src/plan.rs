//! Which line is asked what. Lines run side by side: a slow one is mostly idle.

use std::{path::Path, thread, time::Duration};

use anyhow::Result;

use crate::{
    figures::Figures,
    measure::{certificates, cold, cuts, pairs, peers, pictures, silence, words},
    profile::{N0, N1, N2, N3, N4, N5, Profile},
    world::{Common, World},
};

pub(crate) struct Wanted<'a> {
    pub(crate) quick: bool,
    pub(crate) long: bool,
    pub(crate) only: &'a [String],
    pub(crate) tus: Option<&'a Path>,
}

/// The size of a picture as the app makes it by default, and half of it for lines on which the whole
/// would take minutes.
const PICTURE: u64 = 300 * 1024;
const SMALL_PICTURE: u64 = 150 * 1024;

type Part = (&'static str, fn(&mut World<'_>, &Wanted<'_>) -> Result<()>);

/// The fastest line needs the processor to itself: nothing else runs beside it.
const ALONE: Part = ("N0", n0);
/// Fast ones go one after another.
const FAST: [Part; 3] = [("N1", n1), ("N2", n2), ("TLS", tls)];
const SLOW: [Part; 12] = [
    ("N3", n3),
    ("N4", n4_cold),
    ("N4-words", n4_words),
    ("N4-pictures", n4_pictures),
    ("N5", n5),
    ("N5-pairs-1", n5_pairs),
    ("N5-pairs-2", n5_pairs),
    ("N5-pairs-3", n5_pairs),
    ("N5-pairs-4", n5_pairs),
    ("N6", n6),
    ("N7", n7),
    ("N7-long", n7_long),
];
const QUICK: [Part; 4] = [
    ("N0", n0_quick),
    ("N2", n2_quick),
    ("N2-cuts", n2_cuts_quick),
    ("TLS", tls),
];

pub(crate) fn run(wanted: &Wanted<'_>, common: &Common, figures: &Figures) {
    let part = |number: usize, (name, part): Part| {
        if !wanted.only.is_empty() && !wanted.only.iter().any(|only| name.starts_with(only)) {
            return;
        }
        let done = World::make(common, name, number as u64, figures)
            .and_then(|mut world| part(&mut world, wanted));
        if let Err(error) = done {
            figures.failed(name, &error);
        }
    };
    thread::scope(|scope| {
        if wanted.quick {
            for (number, one) in QUICK.into_iter().enumerate() {
                scope.spawn(move || part(number, one));
            }
            return;
        }
        part(0, ALONE);
        scope.spawn(move || {
            for (number, one) in FAST.into_iter().enumerate() {
                part(1 + number, one);
            }
        });
        for (number, one) in SLOW.into_iter().enumerate() {
            scope.spawn(move || part(1 + FAST.len() + number, one));
        }
    });
    figures.over_curl(N5.name, 1.10);
}

fn n0(world: &mut World<'_>, wanted: &Wanted<'_>) -> Result<()> {
    world.line.becomes(&N0, 1)?;
    cold::measure(world, &N0, 20, None)?;
    pictures::measure(world, &N0, 20, PICTURE, Some(1.25))?;
    peers::measure(world, &N0, 5, PICTURE, (None, None), wanted.tus)?;
    world.settles("N0")
}

fn n0_quick(world: &mut World<'_>, _: &Wanted<'_>) -> Result<()> {
    world.line.becomes(&N0, 1)?;
    cold::measure(world, &N0, 5, None)?;
    pictures::measure(world, &N0, 10, PICTURE, Some(1.25))?;
    world.settles("N0")
}

fn n1(world: &mut World<'_>, wanted: &Wanted<'_>) -> Result<()> {
    world.line.becomes(&N1, 1)?;
    cold::measure(world, &N1, 20, None)?;
    pictures::measure(world, &N1, 5, PICTURE, Some(1.25))?;
    peers::measure(world, &N1, 3, PICTURE, (None, None), wanted.tus)?;
    world.settles("N1")
}

fn n2(world: &mut World<'_>, wanted: &Wanted<'_>) -> Result<()> {
    world.line.becomes(&N2, 1)?;
    cold::measure(world, &N2, 20, Some(3.0))?;
    pictures::measure(world, &N2, 5, PICTURE, Some(1.25))?;
    n2_words(world, 20)?;
    world.settles("N2")?;
    world.line.becomes(&N2, 1)?;
    peers::measure(world, &N2, 3, PICTURE, (None, None), wanted.tus)?;
    cuts::measure(world, &N2, 20, PICTURE)?;
    world.settles("N2 cuts")
}

fn n2_quick(world: &mut World<'_>, _: &Wanted<'_>) -> Result<()> {
    world.line.becomes(&N2, 1)?;
    cold::measure(world, &N2, 4, Some(3.0))?;
    n2_words(world, 4)?;
    world.settles("N2")
}

fn n2_cuts_quick(world: &mut World<'_>, _: &Wanted<'_>) -> Result<()> {
    world.line.becomes(&N2, 1)?;
    cuts::measure(world, &N2, 6, SMALL_PICTURE)?;
    world.settles("N2 cuts")
}

fn n2_words(world: &mut World<'_>, samples: usize) -> Result<()> {
    let wanted = words::Wanted {
        samples,
        pictures: 8,
        budget: PICTURE,
        limit: Some(3.0),
    };
    words::measure(world, &N2, &wanted)
}

fn tls(world: &mut World<'_>, _: &Wanted<'_>) -> Result<()> {
    certificates::measure(world)?;
    world.settles("TLS")
}

fn n3(world: &mut World<'_>, wanted: &Wanted<'_>) -> Result<()> {
    world.line.becomes(&N3, 1)?;
    cold::measure(world, &N3, 20, None)?;
    peers::measure(world, &N3, 5, PICTURE, (None, Some(1.10)), wanted.tus)?;
    world.settles("N3")
}

fn n4_cold(world: &mut World<'_>, _: &Wanted<'_>) -> Result<()> {
    world.line.becomes(&N4, 1)?;
    cold::measure(world, &N4, 40, Some(15.0))?;
    world.settles("N4")
}

fn n4_words(world: &mut World<'_>, _: &Wanted<'_>) -> Result<()> {
    world.line.becomes(&N4, 2)?;
    let wanted = words::Wanted {
        samples: 20,
        pictures: 3,
        budget: PICTURE,
        limit: Some(15.0),
    };
    words::measure(world, &N4, &wanted)?;
    world.settles("N4 words")
}

fn n4_pictures(world: &mut World<'_>, wanted: &Wanted<'_>) -> Result<()> {
    world.line.becomes(&N4, 3)?;
    pictures::measure(world, &N4, 1, PICTURE, Some(1.25))?;
    peers::measure(world, &N4, 1, SMALL_PICTURE, (None, None), wanted.tus)?;
    world.settles("N4 pictures")
}

fn n5(world: &mut World<'_>, wanted: &Wanted<'_>) -> Result<()> {
    world.line.becomes(&N5, 1)?;
    cold::measure(world, &N5, 20, None)?;
    peers::measure(world, &N5, 5, PICTURE, (None, None), wanted.tus)?;
    world.settles("N5")
}

/// Spikes and losses make 6 to 30 s of one picture: 9 rounds of one line gave 0.78, 1.03 and 1.58 for
/// the same program.
fn n5_pairs(world: &mut World<'_>, wanted: &Wanted<'_>) -> Result<()> {
    world.line.becomes(&N5, 1)?;
    pairs::measure(world, &N5, if wanted.long { 30 } else { 14 }, PICTURE)?;
    world.settles("N5 pairs")
}

fn n6(world: &mut World<'_>, _: &Wanted<'_>) -> Result<()> {
    const PART_OF_WINDOW: Duration = Duration::from_secs(20);
    world.line.becomes(&N3, 1)?;
    let (up, down) = (Duration::from_secs(20), Duration::from_secs(100));
    silence::duty(world, up, down, 2, PICTURE)?;
    world.settles("N6 duty")?;
    world.line.becomes(&N3, 2)?;
    silence::rare(world, PART_OF_WINDOW, 6, 3, PICTURE)?;
    world.settles("N6 rare")
}

fn n7(world: &mut World<'_>, _: &Wanted<'_>) -> Result<()> {
    world.line.becomes(&N2, 1)?;
    for seconds in [30, 120] {
        holed(world, &N2, seconds)?;
    }
    world.settles("N7")
}

fn n7_long(world: &mut World<'_>, wanted: &Wanted<'_>) -> Result<()> {
    if !wanted.long {
        return Ok(());
    }
    world.line.becomes(&N2, 1)?;
    holed(world, &N2, 900)?;
    world.settles("N7 900 s")
}

/// The design's bound for coming back: 60 s after the line has healed.
const BACK_WITHIN: f64 = 60.0;

fn holed(world: &mut World<'_>, profile: &Profile, seconds: u64) -> Result<()> {
    let silence = Duration::from_secs(seconds);
    silence::hole(world, profile, silence, PICTURE, BACK_WITHIN)
}
