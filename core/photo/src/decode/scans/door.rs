//! For a fuzz target: any bytes, seen by us and by the library.

#![allow(clippy::panic, reason = "that is how a fuzzer is told")]

use super::{Depth, Failure, Pages, read, read_by_two};
use crate::jpeg::{Decoder, Feed, Stop, Trouble};

/// A size that a header only claims would cost seconds.
pub(in crate::decode) const MOST: u32 = 1 << 20;
/// Beyond it libjpeg's C takes a white that is too white for black; its assembler does not.
pub(in crate::decode) const LOUD: f32 = 500.0;

/// Few at a time: with more at hand libjpeg hurries, and lets bits pass that are no code. We never do.
const PIECE: usize = 500;

pub(in crate::decode) struct Few<'a>(pub(in crate::decode) &'a [u8]);

impl Feed for Few<'_> {
    fn read(&mut self, room: &mut [u8]) -> Result<usize, Stop> {
        let most = room.len().min(PIECE);
        let room = room.get_mut(..most).unwrap_or_default();
        std::io::Read::read(&mut self.0, room).map_err(|_| Stop)
    }

    fn tick(&mut self) -> Result<(), Stop> {
        Ok(())
    }
}

impl Pages for Few<'_> {
    fn read(&self, at: u64, room: &mut [u8]) -> Result<usize, Stop> {
        let from = usize::try_from(at).map_err(|_| Stop)?;
        let mut rest = Few(self.0.get(from..).unwrap_or_default());
        Feed::read(&mut rest, room)
    }
}

/// One thread and two see the same picture, or both none.
fn by_one_and_two(bytes: &[u8], eighths: u8) {
    let alone = read(&mut Few(bytes), eighths, Depth::Byte);
    let together = read_by_two(&Few(bytes), || Ok(()), eighths, Depth::Byte);
    let (mut alone, mut together) = match (alone, together) {
        (Ok(alone), Some(together)) => (alone, together),
        (Err(_), None) => return,
        (alone, together) => panic!(
            "alone: {:?}, together: {}",
            alone.map(|picture| (picture.width, picture.height)),
            together.is_some()
        ),
    };
    assert_eq!(
        [alone.width, alone.height],
        [together.width, together.height]
    );
    assert_eq!(alone.rows, together.rows);
    let mut rows = [(); 2].map(|()| vec![0; alone.width as usize * alone.rows.channels()]);
    let [one, two] = &mut rows;
    for y in 0..alone.height {
        alone.row(one);
        together.row(two);
        assert!(one == two, "row {y}");
    }
}

/// Ours and the library see the same picture or none, at the full size; at the smaller ones nothing
/// breaks, and at one of them two threads see what one sees.
pub(crate) fn against_library(bytes: &[u8]) {
    let Ok(decoder) = Decoder::open(Few(bytes), 64 << 20) else {
        return;
    };
    if !decoder.several_scans || decoder.width * decoder.height > MOST {
        return;
    }
    for eighths in [1, 2, 4] {
        if let Ok(mut picture) = read(&mut Few(bytes), eighths, Depth::Byte) {
            let mut row = vec![0; picture.width as usize * picture.rows.channels()];
            (0..picture.height).for_each(|_| picture.row(&mut row));
        }
    }
    let [.., last] = bytes.len().to_be_bytes();
    by_one_and_two(bytes, 1 << (last % 4));
    let (ours, theirs) = (read(&mut Few(bytes), 8, Depth::Two), decoder.start(8));
    let (mut ours, mut theirs) = match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => (ours, theirs),
        (Err(Failure::Unusual), _) | (_, Err(Trouble::Memory)) => return,
        // How many bytes a reader has at hand when the file ends is its own matter.
        (Ok(_), Err(Trouble::Truncated)) | (Err(Failure::Trouble(Trouble::Truncated)), Ok(_)) => {
            return;
        }
        (Err(Failure::Trouble(_)), Err(_)) => return,
        (ours, theirs) => panic!(
            "we: {:?}, the library: {:?}",
            ours.map(|picture| (picture.width, picture.height)),
            theirs.map(|decoding| (decoding.width, decoding.height))
        ),
    };
    assert_eq!([ours.width, ours.height], [theirs.width, theirs.height]);
    assert_eq!(ours.rows, theirs.rows);
    let quiet = ours.loudest() < LOUD;
    let mut rows = [(); 2].map(|()| vec![0; ours.width as usize * ours.rows.channels()]);
    let [our_row, their_row] = &mut rows;
    for y in 0..ours.height {
        ours.row(our_row);
        assert_eq!(theirs.row(their_row), Ok(()), "row {y}");
        let far = our_row
            .iter()
            .zip(their_row.iter())
            .map(|(a, b)| a.abs_diff(*b));
        let most = far.max().unwrap_or_default();
        assert!(most <= 3 || !quiet, "{most} in row {y}");
    }
}
