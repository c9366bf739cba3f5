//! Files that are damaged or odd.

use proptest::prelude::*;

use super::*;
use crate::fixtures::{OneFile, prepared_bytes, segment};
use crate::{Flow, MemoryReason, PhotoError, Settings, prepare};

const DAMAGED: Failure = Failure::Trouble(Trouble::Damaged);
pub(super) const TRUNCATED: Failure = Failure::Trouble(Trouble::Truncated);

/// Each piece alone: the library refuses the same ones.
#[test]
fn a_file_without_one_of_its_segments() {
    for writing in all() {
        let bytes = writing.bytes();
        let starts: Vec<usize> = (2..bytes.len() - 1)
            .filter(|at| bytes[*at] == 0xFF && !matches!(bytes[at + 1], 0 | 0xFF | 0xD0..=0xD7))
            .collect();
        for pair in starts.windows(2) {
            let without = [&bytes[..pair[0]], &bytes[pair[1]..]].concat();
            same(&without, &writing);
        }
    }
}

/// Where both see a picture it is the same one, and where one sees none the other does not either;
/// however the levels are kept.
pub(super) fn same(bytes: &[u8], of: &dyn std::fmt::Debug) {
    let (ours, theirs) = (by_us(bytes, 8, Depth::Two), by_library(bytes, 8));
    let narrow = by_us(bytes, 8, Depth::Byte);
    assert!(
        narrow == ours || narrow == Err(Failure::Deeper),
        "by bytes another: {of:?}"
    );
    match (ours, theirs) {
        (Err(Failure::Unusual), _) => {}
        (Ok(ours), Ok(theirs)) => {
            // Beyond that libjpeg's C takes a white that is too white for black.
            if loudest(bytes) < 500.0 {
                let (most, _) = far(&ours, &theirs);
                assert!(most <= 3, "{most}: {of:?}");
            }
        }
        (Err(ours), Err(theirs)) => {
            let alike = ours == Failure::Trouble(theirs)
                || matches!(
                    (ours, theirs),
                    (DAMAGED, Trouble::Truncated) | (TRUNCATED, Trouble::Damaged)
                );
            assert!(alike, "{ours:?}, {theirs:?}: {of:?}");
        }
        // How many bytes a reader has at hand when the file ends is its own matter.
        (Ok(_), Err(Trouble::Truncated)) | (Err(TRUNCATED), Ok(_))
            if !bytes.windows(2).any(|two| two == [0xFF, 0xD9]) => {}
        (ours, theirs) => panic!(
            "{:?}, {:?}: {of:?}",
            ours.map(|seen| seen.size),
            theirs.map(|seen| seen.size)
        ),
    }
}

fn loudest(bytes: &[u8]) -> f32 {
    read(&mut Bytes(bytes), 8, Depth::Two).unwrap().loudest()
}

#[test]
fn the_signs_of_a_colour_model() {
    let usual = Writing {
        factors: &[[1, 1]; 3],
        grain: 90,
        ..Writing::usual()
    }
    .bytes();
    // The library's own JFIF segment stands first, and says that it is brightness and differences.
    assert_eq!(&usual[2..4], &[0xFF, 0xE0]);
    let plain = &usual[20..];
    let adobe = |transform| {
        segment(
            0xEE,
            &[b"Adobe\0d\0\0\0\0".as_slice(), &[transform]].concat(),
        )
    };
    let frame = plain
        .windows(2)
        .position(|two| two == [0xFF, 0xC2])
        .unwrap();
    let scan = plain
        .windows(2)
        .position(|two| two == [0xFF, 0xDA])
        .unwrap();
    let named = |names: &[u8; 3]| {
        let mut file = plain.to_vec();
        for (number, name) in names.iter().enumerate() {
            file[frame + 10 + number * 3] = *name;
        }
        // In every scan; of several colours the first two alone.
        let mut at = scan;
        while let Some(next) = file[at..].windows(2).position(|two| two == [0xFF, 0xDA]) {
            at += next + 4;
            for number in 0..usize::from(file[at]) {
                let name = &mut file[at + 1 + number * 2];
                *name = names[usize::from(*name) - 1];
            }
        }
        file
    };
    let mut seen = Vec::new();
    for (first, rest) in [
        (vec![], plain.to_vec()),
        (adobe(0), plain.to_vec()),
        (adobe(1), plain.to_vec()),
        (adobe(7), plain.to_vec()),
        (vec![], named(b"RGB")),
        (adobe(1), named(b"RGB")),
        (vec![], named(&[1, 2, 9])),
        (usual[2..20].to_vec(), named(b"RGB")),
    ] {
        let bytes = [&[0xFF, 0xD8], first.as_slice(), &rest].concat();
        same(&bytes, &first);
        seen.push(by_us(&bytes, 8, Depth::Two).unwrap().rows);
    }
    assert_ne!(seen[0], seen[1]);
    assert_eq!(seen[1], seen[4]);
    assert_eq!(seen[0], seen[7]);
}

#[test]
fn oddities_between_scans() {
    let bytes = Writing::usual().bytes();
    let scans: Vec<usize> = (0..bytes.len() - 1)
        .filter(|at| bytes[*at..*at + 2] == [0xFF, 0xDA])
        .collect();
    let insert = |at: usize, what: &[u8]| [&bytes[..at], what, &bytes[at..]].concat();
    let frame = bytes
        .windows(2)
        .position(|two| two == [0xFF, 0xC2])
        .unwrap();
    for at in scans {
        for what in [
            segment(0xE1, b"Exif\0\0anything"),
            segment(0xFE, &[0xFF; 300]),
            segment(0xDC, &[0, 50]),
            b"garbage between".to_vec(),
            vec![0xFF, 0xD3],
            vec![0xFF; 9],
            vec![0xFF, 0xD8],
            vec![0xFF, 0xD9],
            segment(0xDD, &[0, 0]),
            segment(0xDD, &[0, 2]),
            segment(0xDD, &[0, 2, 2]),
            segment(0xDB, &[0; 65]),
            segment(0xDB, &[0; 64]),
            segment(0xDB, &[0x14; 129]),
            segment(0xDB, &[5; 65]),
            segment(0xC4, &[0; 17]),
            segment(0xC4, &[9; 17]),
            segment(0xC4, &[&[0x10, 3], [0; 15].as_slice(), &[1, 2, 3]].concat()),
            segment(0xF3, b"reserved"),
            segment(0xC9, b"arithmetic"),
            segment(0xC2, &bytes[frame + 4..frame + 19]),
        ] {
            same(&insert(at, &what), &(at, &what[..what.len().min(8)]));
        }
    }
    let huge = Writing {
        script: MEANS,
        ..Writing::usual()
    };
    let bytes = huge.bytes();
    let scan = bytes
        .windows(2)
        .position(|two| two == [0xFF, 0xDA])
        .unwrap();
    for count in [99, 100] {
        let again = bytes[scan..bytes.len() - 2].repeat(count);
        let many = [&bytes[..bytes.len() - 2], again.as_slice(), &[0xFF, 0xD9]].concat();
        let refused = by_us(&many, 1, Depth::Byte).err();
        let expected = (count == 100).then_some(Failure::Trouble(Trouble::Unsupported));
        assert_eq!(refused, expected, "{count} more");
    }
}

/// A scan that comes twice says nothing new, and one whose band is cut short tells levels beyond it.
#[test]
fn scans_that_come_twice_and_bands_that_end_too_early() {
    let mut shown = 0;
    for (script, grain) in [(GRAY, 0), (GRAY, 9), (BITS, 0), (BITS, 2), (BITS, 60)] {
        let bytes = Writing {
            factors: if script == GRAY {
                &[[1, 1]]
            } else {
                &[[1, 1]; 3]
            },
            size: [24, 17],
            coarseness: 60,
            script,
            grain,
            ..Writing::usual()
        }
        .bytes();
        let scans: Vec<usize> = (0..bytes.len() - 1)
            .filter(|at| bytes[*at..*at + 2] == [0xFF, 0xDA])
            .collect();
        for scan in scans {
            let coded = scan + 2 + usize::from(bytes[scan + 3]);
            let coded_bytes = bytes[coded..]
                .windows(2)
                .position(|two| two[0] == 0xFF && two[1] != 0);
            let end = coded + coded_bytes.unwrap();
            let twice = [&bytes[..end], &bytes[scan..]].concat();
            same(&twice, &(script.len(), grain, scan));
            shown += usize::from(by_us(&twice, 8, Depth::Two).is_ok());
            let last = coded - 2;
            for early in bytes[coded - 3]..bytes[last] {
                let mut cut = bytes.clone();
                cut[last] = early;
                same(&cut, &(script.len(), grain, scan, early));
                shown += usize::from(by_us(&cut, 8, Depth::Two).is_ok());
            }
        }
    }
    assert!(shown > 100, "{shown}");
}

/// Each restart marker in turn is lost, comes twice, or is another one.
#[test]
fn restart_markers_out_of_order() {
    let bytes = Writing {
        restart_interval: 7,
        ..Writing::usual()
    }
    .bytes();
    let markers: Vec<usize> = (0..bytes.len() - 1)
        .filter(|at| bytes[*at] == 0xFF && matches!(bytes[at + 1], 0xD0..=0xD7))
        .collect();
    assert!(markers.len() > 20, "{}", markers.len());
    for at in markers {
        let (before, after) = bytes.split_at(at);
        let marker = &after[..2];
        let lost = [before, &after[2..]].concat();
        let twice = [before, marker, after].concat();
        let mut other = bytes.clone();
        other[at + 1] ^= 1;
        for file in [lost, twice, other] {
            same(&file, &at);
            assert!(by_us(&file, 4, Depth::Byte).is_err(), "at {at}");
        }
    }
}

/// A band that says it is whole, and is refined all the same: what was dropped left no trace.
#[test]
fn a_refinement_that_nobody_announced_is_the_librarys() {
    let mut bytes = Writing::usual().bytes();
    let scans: Vec<usize> = (0..bytes.len() - 1)
        .filter(|at| bytes[*at..*at + 2] == [0xFF, 0xDA])
        .collect();
    // Of brightness: the first bits of 1 to 5, and those of 6 to 63.
    for scan in [scans[1], scans[4]] {
        assert_eq!((bytes[scan + 4], bytes[scan + 9]), (1, 2));
        bytes[scan + 9] = 0;
    }
    assert_eq!(by_us(&bytes, 4, Depth::Byte), Err(Failure::Unusual));
    same(&bytes, &"unannounced");
}

/// The finest table and the strongest grain: more large levels than fit beside the bytes.
#[test]
fn too_many_large_levels_ask_for_more_room() {
    let loud = Writing {
        coarseness: 1,
        grain: 255,
        size: [160, 120],
        ..Writing::usual()
    }
    .bytes();
    assert_eq!(by_us(&loud, 8, Depth::Byte).err(), Some(Failure::Deeper));
    assert!(by_us(&loud, 8, Depth::Two).is_ok());
    // By the whole way: it is read a second time, here and not by the library, which needs 38,400.
    let gray = Writing {
        factors: &[[1, 1]],
        script: GRAY,
        coarseness: 1,
        grain: 255,
        size: [160, 120],
        ..Writing::usual()
    }
    .bytes();
    assert_eq!(by_us(&gray, 4, Depth::Byte).err(), Some(Failure::Deeper));
    let file = OneFile::new("loud.jpg", &gray);
    let within = |max_working_bytes| {
        let settings = Settings {
            max_edge: 80,
            max_working_bytes,
            ..Settings::default()
        };
        prepare(&file.path, &settings, &mut |_| Flow::Continue).map(|picture| picture.width)
    };
    assert_eq!(within(20_000), Ok(80));
    let refused = PhotoError::TooMuchMemory {
        reason: MemoryReason::SeveralScans,
        width: 160,
        height: 120,
        needed: 300 * (2 + 2 * 15 + 8),
        limit: 10_000,
    };
    assert_eq!(within(10_000), Err(refused));
    // A photo at a camera's finest quality has room enough.
    let fine = Writing {
        coarseness: 10,
        size: [160, 120],
        ..Writing::usual()
    }
    .bytes();
    assert!(by_us(&fine, 8, Depth::Byte).is_ok());
}

#[test]
fn sampling_that_no_camera_writes_is_the_librarys() {
    let four = Writing {
        factors: &[[4, 1], [1, 1], [1, 1]],
        ..Writing::usual()
    };
    assert_eq!(by_us(&four.bytes(), 8, Depth::Two), Err(Failure::Unusual));
    let picture = prepared_bytes(&four.bytes()).unwrap();
    assert_eq!((picture.width, picture.height), (65, 50));
    assert!(!takes(&[(4, 1), (1, 1), (1, 1)]));
    assert!(!takes(&[(1, 1), (1, 1)]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1500)
    ))]

    #[test]
    fn a_damaged_file_is_what_the_library_makes_of_it((file, spoils) in spoiled(&FILES, 0)) {
        if read(&mut Bytes(&file), 8, Depth::Two).is_ok() || by_library(&file, 8).is_ok() {
            same(&file, &spoils);
        }
        for eighths in [1, 2, 4] {
            let _ = by_us(&file, eighths, Depth::Byte);
        }
    }
}

/// With `LAPOR_ODD_PICTURES=folder` they are written there, beside the other seeds of the fuzz targets.
#[test]
fn files_of_every_kind_are_seeds_of_odd_pictures() {
    let folder = std::env::var_os("LAPOR_ODD_PICTURES").map(std::path::PathBuf::from);
    for (number, writing) in all().iter().enumerate() {
        let bytes = writing.bytes();
        // What the fuzzer takes at most.
        assert!(bytes.len() < 40_000, "{} bytes: {writing:?}", bytes.len());
        if let Some(folder) = &folder {
            std::fs::create_dir_all(folder.join("jpeg")).unwrap();
            std::fs::write(folder.join("jpeg").join(format!("scans-{number}")), bytes).unwrap();
        }
    }
}
