//! Real files, spoilt at random. A panic anywhere beneath fails the test: in tests it is not caught.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::sync::LazyLock;

use proptest::prelude::*;

use crate::fixtures::{FlatJpeg, OneFile, prepared_bytes, ramp_png};
use crate::{Flow, Settings};

static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let photo = OneFile::photo(1, 160, 120, 6);
    let progressive = prepared_bytes(&photo.bytes()).unwrap().bytes;
    let inks = FlatJpeg {
        adobe: Some(2),
        ..FlatJpeg::new(40, 24, &[200, 90, 150, 240])
    };
    let apart = FlatJpeg {
        apart: true,
        ..FlatJpeg::new(40, 24, &[200, 90, 150])
    };
    vec![
        photo.bytes(),
        progressive,
        inks.bytes(),
        apart.bytes(),
        ramp_png(40, 30, false),
        ramp_png(40, 30, true),
    ]
});

#[derive(Debug, Clone)]
enum Spoil {
    Set {
        at: prop::sample::Index,
        to: u8,
    },
    Flip {
        at: prop::sample::Index,
        bit: u8,
    },
    Cut {
        at: prop::sample::Index,
    },
    Insert {
        at: prop::sample::Index,
        bytes: Vec<u8>,
    },
    Remove {
        at: prop::sample::Index,
        count: usize,
    },
    Repeat {
        at: prop::sample::Index,
        count: usize,
    },
}

fn spoil() -> impl Strategy<Value = Spoil> {
    let at = any::<prop::sample::Index>;
    // The bytes that mean something to a JPEG come often.
    let byte = prop_oneof![any::<u8>(), Just(0xFF), Just(0), 0xC0..=0xDF_u8];
    prop_oneof![
        4 => (at(), byte.clone()).prop_map(|(at, to)| Spoil::Set { at, to }),
        4 => (at(), 0..8_u8).prop_map(|(at, bit)| Spoil::Flip { at, bit }),
        1 => at().prop_map(|at| Spoil::Cut { at }),
        1 => (at(), prop::collection::vec(byte, 1..20))
            .prop_map(|(at, bytes)| Spoil::Insert { at, bytes }),
        1 => (at(), 1..200_usize).prop_map(|(at, count)| Spoil::Remove { at, count }),
        1 => (at(), 1..200_usize).prop_map(|(at, count)| Spoil::Repeat { at, count }),
    ]
}

fn apply(file: &mut Vec<u8>, spoil: &Spoil) {
    if file.is_empty() {
        return;
    }
    let size = file.len();
    match spoil {
        Spoil::Set { at, to } => file[at.index(size)] = *to,
        Spoil::Flip { at, bit } => file[at.index(size)] ^= 1 << bit,
        Spoil::Cut { at } => file.truncate(at.index(size)),
        Spoil::Insert { at, bytes } => {
            let at = at.index(size);
            file.splice(at..at, bytes.iter().copied());
        }
        Spoil::Remove { at, count } => {
            let at = at.index(size);
            file.drain(at..(at + count).min(size));
        }
        Spoil::Repeat { at, count } => {
            let at = at.index(size);
            let part = file[at..(at + count).min(size)].to_vec();
            file.splice(at..at, part);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(400)
    ))]

    #[test]
    fn a_spoilt_file_gives_a_picture_or_a_typed_error(
        which in 0..6_usize,
        // Half the time only the first bytes are hit, where the structure is.
        front in any::<bool>(),
        spoils in prop::collection::vec(spoil(), 1..6),
    ) {
        let mut file = FILES[which].clone();
        let rest = if front { file.split_off(file.len().min(700)) } else { Vec::new() };
        spoils.iter().for_each(|spoil| apply(&mut file, spoil));
        file.extend(rest);
        let file = OneFile::new("spoilt", &file);
        // Small limits keep a header that lies about its size from costing seconds.
        let settings = Settings { max_pixels: 4_000_000, max_bytes: 20_000, ..Settings::default() };
        if let Ok(picture) = crate::prepare(&file.path, &settings, &mut |_| Flow::Continue) {
            prop_assert!(picture.bytes.len() <= 20_000);
            prop_assert!(picture.width <= 1600 && picture.height <= 1600);
        }
        let _ = crate::probe(&file.path);
    }
}
