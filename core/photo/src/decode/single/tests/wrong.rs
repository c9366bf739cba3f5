//! Files that are cut, damaged or odd.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::fixtures::segment;

const TRUNCATED: Failure = Failure::Trouble(Trouble::Truncated);

#[test]
fn a_file_cut_anywhere_is_truncated() {
    for restart_interval in [0, 4] {
        let bytes = Writing {
            restart_interval,
            size: [120, 90],
            ..usual()
        }
        .bytes();
        // Without its end mark alone it is whole.
        for cut in 2..bytes.len() - 10 {
            for pieces in [ONE, SHORT] {
                let cut_off = seen(&bytes[..cut], 4, pieces);
                assert_eq!(cut_off, Err(TRUNCATED), "{cut} of {}", bytes.len());
            }
        }
        let whole = seen(&bytes, 4, ONE);
        assert_eq!(seen(&bytes[..bytes.len() - 2], 4, ONE), whole);
        let filled = [&bytes[..bytes.len() - 2], &[0; 500]].concat();
        assert_eq!(seen(&filled, 4, ONE), Err(TRUNCATED));
        assert_eq!(by_library(&filled, 4), Err(Trouble::Truncated));
        let more = [&bytes, b"another thing".as_slice()].concat();
        assert_eq!(seen(&more, 4, ONE), whole);
    }
}

fn with_restarts() -> (Vec<u8>, Vec<usize>) {
    let bytes = Writing {
        restart_interval: 7,
        ..usual()
    }
    .bytes();
    let markers: Vec<usize> = (0..bytes.len() - 1)
        .filter(|at| bytes[*at] == 0xFF && matches!(bytes[at + 1], 0xD0..=0xD7))
        .collect();
    assert!(markers.len() > 20, "{}", markers.len());
    (bytes, markers)
}

#[test]
fn restart_markers_out_of_order() {
    let (bytes, markers) = with_restarts();
    for at in markers {
        let (before, after) = bytes.split_at(at);
        let lost = [before, &after[2..]].concat();
        let twice = [before, &after[..2], after].concat();
        let mut other = bytes.clone();
        other[at + 1] ^= 1;
        for file in [lost, twice, other] {
            for pieces in [ONE, AHEAD] {
                let refused = seen(&file, 4, pieces);
                assert_eq!(refused, Err(DAMAGED), "at {at}");
            }
            assert!(by_library(&file, 4).is_err(), "at {at}");
        }
    }
}

#[test]
fn bytes_that_no_group_needs_before_a_restart_are_passed() {
    let (bytes, markers) = with_restarts();
    let whole = seen(&bytes, 4, ONE).unwrap();
    for at in markers.into_iter().step_by(3) {
        for count in [1, 700, 5000] {
            let (before, after) = bytes.split_at(at);
            let longer = [before, &vec![0x55; count], after].concat();
            for pieces in [ONE, AHEAD, SHORT] {
                assert!(
                    seen(&longer, 4, pieces).unwrap() == whole,
                    "{count} at {at}"
                );
            }
            assert!(by_library(&longer, 4).is_ok());
        }
    }
}

/// Between the picture and the end mark of the file.
#[test]
fn what_follows_the_picture_must_be_sound() {
    let bytes = usual().bytes();
    let (picture, end) = bytes.split_at(bytes.len() - 2);
    let scan = bytes.windows(2).position(|two| two == [0xFF, 0xDA]);
    let scan = &bytes[scan.unwrap()..];
    let frame = bytes.windows(2).position(|two| two == [0xFF, 0xC0]);
    let frame = &bytes[frame.unwrap()..][..19];
    for (what, sound) in [
        (segment(0xFE, b"a comment"), true),
        (segment(0xE1, b"Exif\0\0"), true),
        (vec![0xFF, 0xD3], true),
        (b"\xFF\xD3garbage\xFF\xD4".to_vec(), true),
        (segment(0xDB, &[7; 20]), false),
        (segment(0xC4, &[0; 3]), false),
        (vec![0xFF, 0x02], false),
        (scan[..scan.len() - 2].to_vec(), false),
        (frame.to_vec(), false),
    ] {
        let file = [picture, &what, end].concat();
        for pieces in [ONE, AHEAD] {
            assert_eq!(seen(&file, 4, pieces).is_ok(), sound, "{what:?}");
        }
        assert_eq!(by_library(&file, 4).is_ok(), sound, "{what:?}");
    }
}

/// Orders and codes that the library is asked about.
#[test]
fn what_no_camera_writes_is_the_librarys() {
    let bytes = usual().bytes();
    let at = |marker| {
        let found = bytes.windows(2).position(|two| two == [0xFF, marker]);
        found.unwrap()
    };
    let (scan, codes) = (at(0xDA), at(0xC4));
    assert_eq!(knows(Bytes(&bytes), 8), Ok(true));
    let mut swapped = bytes.clone();
    swapped.swap(scan + 5, scan + 7);
    assert_eq!(knows(Bytes(&swapped), 8), Ok(false));
    let without = [&bytes[..codes], &bytes[scan..]].concat();
    assert_eq!(knows(Bytes(&without), 8), Ok(false));
    let four = Writing {
        factors: &[[4, 1], [1, 1], [1, 1]],
        ..usual()
    };
    assert_eq!(knows(Bytes(&four.bytes()), 8), Ok(false));
    for script in [tests::USUAL, tests::MEANS, tests::APART] {
        let several = Writing { script, ..usual() };
        assert_eq!(knows(Bytes(&several.bytes()), 8), Ok(false));
    }
}

/// What becomes of a file does not depend on how it is cut and on who reads, and where another reader
/// sees a picture it is this one.
fn same_for_all(bytes: &[u8], of: &dyn std::fmt::Debug) {
    if knows(Bytes(bytes), 8) != Ok(true) {
        return;
    }
    for eighths in [2, 8] {
        let ours = seen(bytes, eighths, CUT);
        for pieces in [ONE, AHEAD, SHORT] {
            let other = seen(bytes, eighths, pieces);
            match (&ours, &other) {
                // Where the file ends is known of the last stretch: by its size it is longer.
                (Err(Failure::Trouble(_)), Err(Failure::Trouble(_))) => {}
                _ => assert!(ours == other, "{pieces:?}: {of:?}"),
            }
            // By the same stretches it is the same error, whoever reads them.
            let later = Pieces {
                always: !pieces.always,
                ..pieces
            };
            assert!(seen(bytes, eighths, later) == other, "{pieces:?}: {of:?}");
        }
        if let (Ok(ours), Ok(kept)) = (&ours, &kept(bytes, eighths)) {
            assert!(ours == kept, "at {eighths}: {of:?}");
        }
    }
    let (ours, theirs) = (seen(bytes, 8, ONE), by_library(bytes, 8));
    assert_eq!(ours.is_ok(), theirs.is_ok(), "{:?}: {of:?}", ours.err());
}

static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut files: Vec<Vec<u8>> = all().iter().map(Writing::bytes).collect();
    files.push(usual().bytes());
    files
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(300)
    ))]

    #[test]
    fn a_damaged_file_is_the_same_for_all((file, spoils) in tests::spoiled(&FILES, 1)) {
        same_for_all(&file, &spoils);
    }
}

/// With `LAPOR_ODD_PICTURES=folder` they are written there, beside the other seeds of the fuzz targets.
#[test]
fn files_of_every_kind_are_seeds_of_odd_pictures() {
    let folder = std::env::var_os("LAPOR_ODD_PICTURES").map(std::path::PathBuf::from);
    for (number, writing) in all().iter().enumerate() {
        // Long enough to be cut, and what the fuzzer takes at most.
        let writing = Writing {
            size: [130, 120],
            ..*writing
        };
        let bytes = writing.bytes();
        let long = (5000..40_000).contains(&bytes.len());
        assert!(long, "{} bytes: {writing:?}", bytes.len());
        if let Some(folder) = &folder {
            std::fs::create_dir_all(folder.join("jpeg")).unwrap();
            std::fs::write(folder.join("jpeg").join(format!("single-{number}")), bytes).unwrap();
        }
    }
}
