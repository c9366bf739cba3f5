//! JPEG files of one scan, as cameras write them: group of blocks by group, with nothing kept but a few
//! rows of samples.
//!
//! Reading the codes takes most of the time, and less here than in libjpeg: what the scaled picture does
//! not show is passed over, several codes at a look-up. With a pair of threads the file is read in
//! stretches, and whoever has nothing else to do reads one ahead. Where its first group begins nobody
//! knows then; it is guessed, and wrong, but a Huffman code that is read from the wrong bit falls into
//! step by itself, within some groups. The reader that comes from the front goes on into the stretch
//! until it stands where the guess has stood too: from there on both read the same, and what was read
//! ahead counts. The picture is the same to the bit, and so is the error of a damaged file.
//!
//! What no camera writes (arithmetic codes, codes that a file leaves out, sampling by more than two, which
//! FFmpeg does) is left to the library. The transform is that of [`super::scans`].

mod ahead;
mod bits;
#[cfg(feature = "fuzz")]
mod door;
mod group;
mod look_up;
mod source;
mod stretch;

use std::sync::Arc;

use super::scans::frame::Frame;
use super::scans::input::Input;
use super::scans::inverse::{Inverse, Walk, strip};
use super::scans::pass::Scan;
use super::scans::rows::Shown;
use super::scans::{Defined, Failure, start};
use crate::encode::Pair;
use crate::jpeg::{Feed, Rows, Trouble};
pub(super) use ahead::Ahead;
#[cfg(feature = "fuzz")]
pub(crate) use door::however_it_is_read;
use group::Plan;
use source::{Groups, Pieces, Source};

const DAMAGED: Failure = Failure::Trouble(Trouble::Damaged);

/// Whether the file is decoded here; the library is asked about others.
pub(super) fn knows(feed: impl Feed, eighths: u8) -> Result<bool, Failure> {
    let mut input = Input::new(feed);
    match Header::read(&mut input, eighths) {
        Ok(_) => Ok(true),
        Err(Failure::Unusual) => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// A file whose rows are coming.
pub(super) struct Picture<'a> {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) rows: Rows,
    shown: Shown,
    inverses: Vec<Inverse>,
    defined: Defined,
    frame: Frame,
    /// Groups across and down.
    groups: [usize; 2],
    plan: Arc<Plan>,
    source: Source<'a>,
    /// Rows of groups whose samples are there.
    done: usize,
    /// The row of the picture that comes next.
    next: usize,
}

impl<'a> Picture<'a> {
    /// Reads up to the picture itself, to be shown at `eighths` (1, 2, 4 or 8) of its size.
    pub(super) fn open(feed: impl Feed + 'a, eighths: u8, pair: Pair) -> Result<Self, Failure> {
        Self::open_in(feed, eighths, Pieces::of(pair))
    }

    fn open_in(feed: impl Feed + 'a, eighths: u8, pieces: Pieces) -> Result<Self, Failure> {
        let mut input = Input::new(feed);
        match Header::read(&mut input, eighths) {
            Ok(header) => header.picture(input, pieces),
            Err(Failure::Trouble(Trouble::Damaged) | Failure::Unusual) if input.ended => {
                Err(Failure::Trouble(Trouble::Truncated))
            }
            Err(failure) => Err(failure),
        }
    }

    /// Where stretches can be read ahead, by another thread too.
    pub(super) fn ahead(&self) -> Arc<Ahead> {
        Arc::clone(self.source.ahead())
    }

    /// The next one; `row` has the width times the channels of `rows`. The answer says whether there is
    /// something new to be read ahead.
    pub(super) fn row(&mut self, row: &mut [u8]) -> Result<bool, Trouble> {
        let planes = self.shown.planes.iter().zip(&self.plan.members);
        let needed = planes.map(|(plane, member)| plane.wanted(self.next)[1] / member.high);
        let needed = needed.max().unwrap_or_default();
        let before = self.source.cut();
        while self.done <= needed {
            self.group_row().map_err(|failure| match failure {
                Failure::Trouble(trouble) => trouble,
                Failure::Unusual | Failure::Deeper => Trouble::Unsupported,
            })?;
        }
        self.shown.row(self.next, row);
        self.next += 1;
        Ok(self.source.cut() > before)
    }

    fn group_row(&mut self) -> Result<(), Failure> {
        let [across, down] = self.groups;
        if self.done >= down {
            return Err(DAMAGED);
        }
        self.source.tick()?;
        let mut from = 0;
        while from < across {
            let groups = self.source.groups(across - from)?;
            let count = groups.count;
            self.show(groups, from);
            from += count;
        }
        self.done += 1;
        Ok(())
    }

    /// Makes samples of groups, the first of which is `from` in its row.
    fn show(&mut self, groups: Groups, from: usize) {
        let levels = self.source.levels(groups);
        let each = self.shown.planes.iter_mut().zip(&self.inverses);
        let colours = self.frame.colours.iter().zip(&self.plan.members);
        for ((plane, inverse), (colour, member)) in each.zip(colours) {
            let [blocks_across, blocks_down] = colour.blocks.map(|blocks| blocks as usize);
            let column = from * member.wide;
            let count = (groups.count * member.wide).min(blocks_across.saturating_sub(column));
            let stride = plane.stride;
            for row in 0..member.high {
                let of = self.done * member.high + row;
                if of >= blocks_down {
                    continue;
                }
                let walk = Walk {
                    first: member.first + row * member.wide * member.block,
                    block: member.block,
                    wide: member.wide,
                    group: self.plan.length,
                    count,
                    column: column * colour.side as usize,
                    mean: member.of(&groups.means),
                };
                strip(inverse, levels, walk, plane.more(of), stride);
            }
        }
    }

    /// After the last row: tells a file without end mark from one whose data ended early.
    pub(super) fn finish(self) -> Result<(), Trouble> {
        match self.source.finish(self.defined) {
            Ok(()) => Ok(()),
            Err(Failure::Trouble(trouble)) => Err(trouble),
            Err(Failure::Unusual | Failure::Deeper) => Err(Trouble::Damaged),
        }
    }
}

/// What stands before the picture.
struct Header {
    defined: Defined,
    frame: Frame,
    scan: Scan,
}

impl Header {
    fn read(input: &mut Input<'_>, eighths: u8) -> Result<Self, Failure> {
        start(input)?;
        let mut defined = Defined::default();
        let marker = input.marker()?;
        let segment = defined.until_scan(marker, eighths, input)?.ok_or(DAMAGED)?;
        let frame = defined.frame.take().ok_or(DAMAGED)?;
        let scan = Scan::parse(&segment, &frame)?;
        // In another order than the frame's, or without some: the library shall judge.
        let all = scan.colours().eq(0..frame.colours.len());
        if frame.progressive || !all || !Plan::has_codes(&scan, &defined.codes) {
            return Err(Failure::Unusual);
        }
        Ok(Self {
            defined,
            frame,
            scan,
        })
    }

    fn picture(self, input: Input<'_>, pieces: Pieces) -> Result<Picture<'_>, Failure> {
        let Self {
            defined,
            frame,
            scan,
        } = self;
        let alone = frame.colours.len() == 1;
        let groups = match frame.colours.as_slice() {
            [only] => only.blocks,
            _ => frame.groups(),
        };
        let inverses = frame.colours.iter().map(|colour| {
            let table = defined.tables.get(usize::from(colour.table));
            let table = table.and_then(Option::as_ref).ok_or(DAMAGED)?;
            Ok(Inverse::new(colour.side, table))
        });
        let model = defined.signs.model(&frame);
        let complement = defined.signs.adobe.is_some();
        let shown = Shown::new(&frame, model, complement, |colour| {
            // Of two rows of groups: an enlarged colour is blended with rows of the one after.
            if alone {
                2
            } else {
                2 * colour.factors[1] as usize
            }
        });
        let plan = Arc::new(Plan::new(&frame, &scan, &defined.codes)?);
        let source = Source::new(input, Arc::clone(&plan), defined.interval, pieces);
        let inverses = inverses.collect::<Result<_, Failure>>()?;
        Ok(Picture {
            width: shown.width,
            height: shown.height,
            rows: shown.rows,
            inverses,
            groups: groups.map(|groups| groups as usize),
            shown,
            defined,
            frame,
            plan,
            source,
            done: 0,
            next: 0,
        })
    }
}

#[cfg(test)]
mod tests;
