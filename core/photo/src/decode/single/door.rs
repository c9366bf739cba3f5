//! For a fuzz target: any bytes, read from the front, read ahead, and seen by the library.

#![allow(clippy::panic, reason = "that is how a fuzzer is told")]

use super::super::scans::{self, Depth, Few, LOUD, MOST};
use super::{Failure, Picture, Pieces, knows};
use crate::encode::Pair;
use crate::error::PhotoError;
use crate::jpeg::{Decoder, Trouble};
use crate::shrink::in_step;

/// So small that a fuzzer's file has several.
const STRETCH: usize = 300;

type Seen = Result<([u32; 2], Vec<u8>), Failure>;

fn seen(bytes: &[u8], eighths: u8, always: bool) -> Seen {
    let pieces = Pieces {
        bytes: STRETCH,
        ahead: if always { 3 } else { 1 },
        always,
    };
    let mut picture = Picture::open_in(Few(bytes), eighths, pieces)?;
    let size = [picture.width, picture.height];
    let stride = picture.width as usize * picture.rows.channels();
    let mut rows = vec![0; stride * picture.height as usize];
    for row in rows.chunks_exact_mut(stride.max(1)) {
        picture.row(row).map_err(Failure::Trouble)?;
    }
    picture.finish().map_err(Failure::Trouble)?;
    Ok((size, rows))
}

/// The same with a thread beside that reads ahead whenever it has nothing else to do.
fn seen_beside(bytes: &[u8], eighths: u8) -> Seen {
    let pieces = Pieces {
        bytes: STRETCH,
        ahead: 3,
        always: false,
    };
    let mut picture = Picture::open_in(Few(bytes), eighths, pieces)?;
    let size = [picture.width, picture.height];
    let stride = picture.width as usize * picture.rows.channels();
    let mut rows = Vec::new();
    let ahead = picture.ahead();
    let mut trouble = None;
    let walked = in_step(
        Pair(true),
        picture.height,
        stride,
        |_, row| {
            picture.row(row).map_err(|found| {
                trouble = Some(found);
                PhotoError::Damaged
            })
        },
        |row| {
            rows.extend_from_slice(row);
            Ok(())
        },
        || ahead.help(),
    );
    match (walked, trouble) {
        (_, Some(trouble)) => return Err(Failure::Trouble(trouble)),
        (Err(error), None) => panic!("nobody failed, but {error}"),
        (Ok(()), None) => {}
    }
    picture.finish().map_err(Failure::Trouble)?;
    Ok((size, rows))
}

/// However it is read, it is the same picture or the same error; at the full size the library's.
pub(crate) fn however_it_is_read(bytes: &[u8]) {
    let Ok(decoder) = Decoder::open(Few(bytes), 64 << 20) else {
        return;
    };
    if decoder.several_scans || decoder.width * decoder.height > MOST {
        return;
    }
    if knows(Few(bytes), 8) != Ok(true) {
        return;
    }
    for eighths in [1, 2, 4] {
        let ours = seen(bytes, eighths, false);
        assert!(ours == seen(bytes, eighths, true), "at {eighths}");
    }
    let ours = seen(bytes, 8, false);
    assert!(ours == seen(bytes, 8, true), "at the full size");
    // A thread costs more than most of these files: by the length, which a fuzzer changes all the time.
    if bytes.len() & 2 == 2 {
        assert!(ours == seen_beside(bytes, 8), "with a thread beside");
    }
    let mut theirs = match (decoder.start(8), &ours) {
        (Err(Trouble::Memory), _) => return,
        (Ok(theirs), _) => theirs,
        (Err(_), Err(_)) => return,
        (Err(trouble), Ok(_)) => panic!("the library: {trouble:?}"),
    };
    let mut rows = vec![0; theirs.width as usize * theirs.rows.channels() * theirs.height as usize];
    let stride = theirs.width as usize * theirs.rows.channels();
    let read = rows
        .chunks_exact_mut(stride.max(1))
        .try_for_each(|row| theirs.row(row));
    let size = [theirs.width, theirs.height];
    match (ours, read.and_then(|()| theirs.finish())) {
        (Ok((our_size, ours)), Ok(())) => {
            assert_eq!(our_size, size);
            let quiet = scans::read(&mut Few(bytes), 8, Depth::Two)
                .is_ok_and(|picture| picture.loudest() < LOUD);
            let far = ours.iter().zip(&rows).map(|(a, b)| a.abs_diff(*b));
            let most = far.max().unwrap_or_default();
            assert!(most <= 3 || !quiet, "{most}");
        }
        (Err(_), Err(_)) => {}
        // How many bytes a reader has at hand when the file ends is its own matter.
        (Ok(_), Err(Trouble::Truncated)) | (Err(Failure::Trouble(Trouble::Truncated)), Ok(())) => {}
        // Of arithmetic codes that nothing uses, the library alone knows what is sound.
        (Err(_), Ok(())) if bytes.windows(2).any(|two| two == [0xFF, 0xCC]) => {}
        (ours, theirs) => panic!("we: {:?}, the library: {theirs:?}", ours.err()),
    }
}
