//! Sound files: what others see in them is seen here, however they are cut and by however many.

use std::sync::atomic::{AtomicBool, Ordering};

use super::super::super::scans::code::{Class, Codes};
use super::*;

/// Level for level: both make samples of levels in the same way.
#[test]
fn every_sampling_at_every_scale_is_what_the_reader_of_scans_sees() {
    for writing in all() {
        let bytes = writing.bytes();
        for eighths in [1, 2, 4, 8] {
            let expected = kept(&bytes, eighths).unwrap();
            for pieces in [ONE, CUT, AHEAD, SHORT] {
                let ours = seen(&bytes, eighths, pieces).unwrap();
                assert!(
                    ours == expected,
                    "{pieces:?} at {eighths}, {} bytes: {writing:?}",
                    bytes.len()
                );
            }
        }
    }
}

#[test]
fn at_the_full_size_it_is_the_librarys_picture() {
    for writing in all() {
        let bytes = writing.bytes();
        let theirs = by_library(&bytes, 8).unwrap();
        let (most, mean) = far(&seen(&bytes, 8, AHEAD).unwrap(), &theirs);
        assert!(most <= 3 && mean < 0.3, "{most}, {mean}: {writing:?}");
    }
}

#[test]
fn every_size_from_a_dot_to_some_blocks() {
    for width in [1, 2, 3, 5, 8, 9, 16, 17, 33] {
        for height in [1, 2, 3, 8, 9, 16, 17, 25] {
            let factors: &[[i32; 2]] = match (width + height) % 3 {
                0 => &[[2, 2], [1, 1], [1, 1]],
                1 => &[[2, 1], [1, 1], [1, 1]],
                _ => &[[1, 2], [1, 1], [1, 1]],
            };
            let bytes = Writing {
                size: [width, height],
                factors,
                ..usual()
            }
            .bytes();
            for eighths in [1, 2, 4, 8] {
                let ours = seen(&bytes, eighths, AHEAD).unwrap();
                assert_eq!(ours, kept(&bytes, eighths).unwrap(), "{width} x {height}");
            }
        }
    }
}

#[test]
fn flat_fields_and_the_strongest_grain() {
    for grain in [0, 255] {
        for coarseness in [1, 5, 100, 400] {
            let bytes = Writing {
                grain,
                coarseness,
                ..usual()
            }
            .bytes();
            for eighths in [2, 4, 8] {
                for pieces in [ONE, AHEAD, SHORT] {
                    let ours = seen(&bytes, eighths, pieces).unwrap();
                    assert!(ours == kept(&bytes, eighths).unwrap());
                }
            }
        }
    }
}

/// What reading ahead is for: hardly any group is read twice.
#[test]
fn a_guess_falls_into_step() {
    let bytes = Writing {
        size: [1200, 900],
        ..usual()
    }
    .bytes();
    let pieces = Pieces {
        bytes: 16 * 1024,
        ..AHEAD
    };
    let mut picture = Picture::open_in(Bytes(&bytes), 4, pieces).unwrap();
    let mut row = vec![0; picture.width as usize * 3];
    for _ in 0..picture.height {
        picture.row(&mut row).unwrap();
    }
    let (stretches, read_again) = (picture.source.cut(), picture.source.read_again);
    assert!(stretches > 20, "{stretches}");
    assert!(
        read_again > 0,
        "the guess cannot be right from the first bit"
    );
    assert!(
        read_again < stretches * 20,
        "{read_again} groups of {stretches} stretches"
    );
}

/// A stretch that begins with what is no code at all: whoever reads it ahead goes on behind that.
#[test]
fn a_guess_goes_on_behind_what_is_no_code() {
    let bytes = usual().bytes();
    let mut input = Input::new(Bytes(&bytes));
    let header = Header::read(&mut input, 4).unwrap();
    let plan = Plan::new(&header.frame, &header.scan, &header.defined.codes).unwrap();
    let stretch = stretch::Cutter::new(input, 1 << 20).next(Vec::new());
    let mut stretch = stretch.unwrap().unwrap();
    let read = |stretch: &stretch::Stretch| {
        let mut guess = ahead::Guess::default();
        guess.read(&plan, stretch);
        guess.starts
    };
    let right = read(&stretch);
    assert_eq!(right.len(), 17 * 12);
    let no_code = 3;
    stretch.bytes.splice(0..0, vec![0xFF; no_code]);
    stretch.own += no_code;
    stretch.fresh = false;
    let found = read(&stretch);
    let same = right.iter().rev().map(|start| start + 8 * no_code as u32);
    let in_step = same.zip(found.iter().rev()).take_while(|(a, b)| a == *b);
    let in_step = in_step.count();
    assert!(in_step + 40 > right.len(), "{in_step} of {}", right.len());
    // Where the file itself says that a group begins there, it is wrong and nothing else.
    stretch.fresh = true;
    assert!(read(&stretch).is_empty());
}

/// As it is with a pair of threads: somebody else reads whenever there is anything.
#[test]
fn with_somebody_beside_it_is_the_same() {
    for writing in all().iter().step_by(3) {
        let bytes = writing.bytes();
        let expected = kept(&bytes, 4).unwrap();
        let pieces = Pieces {
            always: false,
            ..AHEAD
        };
        for _ in 0..4 {
            let mut picture = Picture::open_in(Bytes(&bytes), 4, pieces).unwrap();
            let ahead = picture.ahead();
            let over = AtomicBool::new(false);
            let stride = picture.width as usize * picture.rows.channels();
            let mut rows = vec![0; stride * picture.height as usize];
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    while !over.load(Ordering::Relaxed) {
                        if !ahead.help() {
                            std::thread::yield_now();
                        }
                    }
                });
                let mut all = rows.chunks_exact_mut(stride);
                let read = all.try_for_each(|row| picture.row(row).map(drop));
                // Before anything fails, or the other one would never end.
                over.store(true, Ordering::Relaxed);
                assert_eq!(read, Ok(()), "{writing:?}");
            });
            assert!(rows == expected.rows, "{writing:?}");
            assert_eq!(picture.finish(), Ok(()));
        }
    }
}

/// Of what is looked up together, against one code after the other.
#[test]
fn all_that_a_look_tells_is_what_its_codes_tell() {
    let counts = [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125];
    let symbol = |at| if at % 11 == 10 { 0xF0 } else { at as u8 };
    let symbols: Vec<u8> = (0..162).map(symbol).collect();
    let mut codes = Codes::default();
    codes
        .take(&[&[0x10], counts.as_slice(), &symbols].concat())
        .unwrap();
    let code = codes.get(Class::Others, 0).unwrap();
    let others = look_up::Others::new(code);
    let mut several = 0;
    for looked in 0..1_u64 << look_up::LOOK {
        // Whatever lies behind must not matter.
        for behind in [0, u64::MAX >> look_up::LOOK] {
            let next = looked << (64 - look_up::LOOK) | behind;
            for (found, most) in [(others.found(next), 2), (others.passed(next), 99)] {
                let (mut length, mut leads, mut ends) = (0, 0, false);
                let mut levels = Vec::new();
                while !ends && length < found.length() {
                    let (bits, symbol) = code.find((next << length >> 48) as u16).unwrap();
                    length += bits;
                    let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
                    ends = size == 0 && run != 15;
                    if !ends {
                        leads += run + 1;
                    }
                    if size > 0 {
                        let number = (next << length >> (64 - size)) as i32;
                        let low = number < 1 << (size - 1);
                        let level = number - if low { (1 << size) - 1 } else { 0 };
                        levels.push((leads, level as i16));
                    }
                    length += size;
                }
                assert_eq!(length, found.length(), "{looked:b}");
                if found.is_none() {
                    continue;
                }
                assert_eq!((leads, ends), (found.leads(), found.ends()), "{looked:b}");
                assert!(levels.len() <= most);
                several += usize::from(levels.len() > 1);
                if most == 2 {
                    let [first, second] = found.levels();
                    match levels.as_slice() {
                        [] => assert!(first.0 > 64 && second.0 > 64),
                        [only] => assert_eq!([first, second], [*only; 2]),
                        both => assert_eq!([first, second], both),
                    }
                }
            }
        }
    }
    assert!(several > 300, "{several}");
}
