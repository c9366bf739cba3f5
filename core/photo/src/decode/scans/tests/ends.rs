//! Files that are cut, or end too early, or without their mark.

use super::wrong::{TRUNCATED, same};
use super::*;

#[test]
fn a_file_cut_anywhere_is_refused_as_the_library_does() {
    for script in [USUAL, BITS, APART] {
        for restart_interval in [0, 4] {
            let bytes = Writing {
                script,
                restart_interval,
                ..Writing::usual()
            }
            .bytes();
            for cut in 2..bytes.len() - 2 {
                let ours = by_us(&bytes[..cut], 4, Depth::Byte).unwrap_err();
                assert_eq!(ours, TRUNCATED, "{cut} of {}", bytes.len());
            }
        }
    }
}

/// Whether a file of these scans ends before every bit of every level was told.
fn lacks_bits(script: Script, colours: usize) -> bool {
    (0..colours as i32).any(|colour| {
        (0..64).any(|level| {
            let of_it = |(colours, [first, last, ..]): &&(&[i32], [i32; 4])| {
                colours.contains(&colour) && (*first..=*last).contains(&level)
            };
            script
                .iter()
                .rfind(of_it)
                .is_none_or(|(_, [.., low])| *low != 0)
        })
    })
}

/// Of scans the last one's last block tells that all is there, as of a file of one scan.
#[test]
fn a_file_that_lacks_its_end_mark_alone_is_whole() {
    assert!(lacks_bits(MEANS, 3) && lacks_bits(BITS, 3) && !lacks_bits(USUAL, 3));
    let four: &[[i32; 2]] = &[[4, 1], [1, 1], [1, 1]];
    for writing in all().into_iter().chain([Writing {
        factors: four,
        ..Writing::usual()
    }]) {
        let bytes = writing.bytes();
        let picture = &bytes[..bytes.len() - 2];
        let untold = lacks_bits(writing.script, writing.factors.len());
        // The library has those that we leave to it.
        let seen = |bytes: &[u8]| match writing.factors == four {
            true => by_library(bytes, 8).map_err(Failure::Trouble),
            false => by_us(bytes, 8, Depth::Two),
        };
        let whole = seen(&bytes);
        assert!(whole.is_ok(), "{writing:?}");
        for cut in [
            picture,
            &bytes[..bytes.len() - 1],
            &[picture, &[0xFF; 7]].concat(),
        ] {
            let expected = if untold {
                Err(TRUNCATED)
            } else {
                whole.clone()
            };
            assert!(seen(cut) == expected, "{writing:?}");
            assert_eq!(by_library(cut, 8).is_ok(), expected.is_ok(), "{writing:?}");
        }
        // Of a copy of which the rest are zeros, or another file's bytes.
        for rest in [&[0; 500], &[0x55; 500]] {
            let filled = [picture, rest].concat();
            assert_eq!(seen(&filled).err(), Some(TRUNCATED), "{rest:?} {writing:?}");
            let theirs = by_library(&filled, 8).err();
            assert_eq!(theirs, Some(Trouble::Truncated), "{writing:?}");
        }
    }
}

/// With its mark a file may end before every bit was told: it is shown as far as it tells, by all.
#[test]
fn a_file_that_ends_before_its_last_scans_is_shown_as_far_as_it_tells() {
    for script in [USUAL, BANDS, BITS] {
        let writing = Writing {
            script,
            ..Writing::usual()
        };
        let bytes = writing.bytes();
        let scans = (0..bytes.len() - 1).filter(|at| bytes[*at..*at + 2] == [0xFF, 0xDA]);
        let whole = by_us(&bytes, 8, Depth::Two).unwrap();
        let mut seen = 0;
        for scan in scans.skip(1) {
            // Its codes stand before it.
            let codes = bytes[..scan]
                .windows(2)
                .rposition(|two| two == [0xFF, 0xC4]);
            let part = &bytes[..codes.unwrap_or(scan).max(600).min(scan)];
            let marked = [part, &[0xFF, 0xD9]].concat();
            same(&marked, &(script.len(), scan));
            if let Ok(picture) = by_us(&marked, 8, Depth::Two) {
                seen += 1;
                assert!(picture != whole, "{scan}");
            }
            assert_eq!(by_us(part, 8, Depth::Two).err(), Some(TRUNCATED), "{scan}");
        }
        assert!(seen + 2 > script.len() / 2, "{seen}");
    }
}
