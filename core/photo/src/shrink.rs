//! The shrinking half of the way, the same for all formats: cover, shrink, put upright. On a thread
//! beside the decoder's where the caller allows one: the two halves take about as long.

use std::sync::mpsc::{self, TryRecvError};

use crate::canvas::Canvas;
use crate::colour::{Light, Tables};
use crate::cover::{self, Cover};
use crate::encode::Original;
use crate::error::PhotoError;
use crate::orientation::Orientation;
use crate::pair::{Pair, spawned};
use crate::resize::{Resizer, Side};

pub(crate) struct Shrinking<'a> {
    resizer: Resizer<'a>,
    canvas: Canvas,
    orientation: Orientation,
    cover: Cover,
    sides: [Side; 2],
    done: u32,
}

impl<'a> Shrinking<'a> {
    pub(crate) fn new(
        tables: &'a Tables,
        sides: [Side; 2],
        orientation: Orientation,
        cover: Cover,
    ) -> Result<Self, PhotoError> {
        let [across, down] = sides;
        let (width, height) = orientation.upright_size(across.result, down.result);
        Ok(Self {
            resizer: Resizer::new(tables, across, down),
            canvas: Canvas::new(width, height)?,
            orientation,
            cover,
            sides,
            done: 0,
        })
    }

    /// The next row; what is to be covered of it is black when this returns.
    #[inline]
    pub(crate) fn push(&mut self, row: impl Iterator<Item = Light>) -> Result<(), PhotoError> {
        let (canvas, orientation) = (&mut self.canvas, self.orientation);
        let black = self.cover.spans(self.done);
        self.resizer.push(row, black, &mut |y, pixels| {
            canvas.place(orientation, y, pixels);
        })?;
        self.done += 1;
        Ok(())
    }

    /// After the last row.
    pub(crate) fn finish(mut self) -> Canvas {
        let (from, to) = (
            self.sides.map(|side| side.source),
            self.sides.map(|side| side.result),
        );
        let rects = self.cover.in_result(from, to, self.orientation);
        self.canvas.cover(rects);
        self.canvas
    }
}

/// A smaller picture from one that is already upright.
pub(crate) fn smaller(original: &Original, max_edge: u32) -> Result<Canvas, PhotoError> {
    let tables = Tables::new();
    let sides = whole_sides(original.width(), original.height(), max_edge);
    let nothing = Cover::default();
    let mut shrinking = Shrinking::new(&tables, sides, Orientation::Upright, nothing)?;
    for row in original.rows() {
        shrinking.push(row.map(|pixel| tables.rgb(pixel)))?;
    }
    // The edge of the black must not ripple here either.
    let [across, down] = sides;
    let covered = original.covered().iter().map(|[x, y]| {
        let side = |range, side: Side| cover::scaled(range, side.source, side.result);
        [side(x, across), side(y, down)]
    });
    let mut smaller = shrinking.finish();
    smaller.cover(covered.collect());
    Ok(smaller)
}

/// The size of a picture whose longer side is at most `max_edge`; never larger than it was.
pub(crate) fn target(width: u32, height: u32, max_edge: u32) -> (u32, u32) {
    let longer = width.max(height).max(1);
    let edge = longer.min(max_edge.max(1));
    let side = |of: u32| {
        let rounded =
            (u64::from(of) * u64::from(edge) * 2 + u64::from(longer)) / (u64::from(longer) * 2);
        // At most `edge`.
        u32::try_from(rounded).unwrap_or(edge).max(1)
    };
    (side(width), side(height))
}

pub(crate) fn whole_sides(width: u32, height: u32, max_edge: u32) -> [Side; 2] {
    let (to_width, to_height) = target(width, height, max_edge);
    let side = |source: u32, result| Side {
        source,
        extent: f64::from(source),
        result,
    };
    [side(width, to_width), side(height, to_height)]
}

/// Rows that travel together: at 2000 pixels about 25 KB.
const STRIP: u32 = 4;
/// Strips on their way: one is filled, one is emptied, one waits between.
const STRIPS: usize = 3;

/// What travels to the one who takes.
enum Sent {
    Strip(Vec<u8>),
    /// There is something to be done ahead.
    Look,
}

/// Rows of `length` bytes from `next`, each then to `take`; with a pair of threads `take` runs beside.
/// Whoever would wait for the other then does some of what comes `ahead`, which says whether there was
/// any; `next` says whether there is more of it.
pub(crate) fn in_step(
    pair: Pair,
    rows: u32,
    length: usize,
    mut next: impl FnMut(u32, &mut [u8]) -> Result<bool, PhotoError>,
    mut take: impl FnMut(&mut [u8]) -> Result<(), PhotoError> + Send,
    ahead: impl Fn() -> bool + Sync,
) -> Result<(), PhotoError> {
    if pair == Pair(true)
        && let Some(outcome) = beside(rows, length, &mut next, &mut take, &ahead)
    {
        return outcome;
    }
    let mut row = vec![0; length];
    (0..rows).try_for_each(|y| next(y, &mut row).and_then(|_| take(&mut row)))
}

/// The next message, with work ahead while there is none; `None` when nobody sends any more.
fn received<T>(from: &mpsc::Receiver<T>, ahead: &impl Fn() -> bool) -> Option<T> {
    loop {
        match from.try_recv() {
            Ok(message) => return Some(message),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) if ahead() => {}
            Err(TryRecvError::Empty) => return from.recv().ok(),
        }
    }
}

/// `None` when no thread could be had; nothing was taken then.
fn beside(
    rows: u32,
    length: usize,
    next: &mut impl FnMut(u32, &mut [u8]) -> Result<bool, PhotoError>,
    take: &mut (impl FnMut(&mut [u8]) -> Result<(), PhotoError> + Send),
    ahead: &(impl Fn() -> bool + Sync),
) -> Option<Result<(), PhotoError>> {
    let (filled, to_empty) = mpsc::channel();
    let (emptied, to_fill) = mpsc::channel();
    for _ in 0..STRIPS {
        emptied.send(Vec::new()).ok()?;
    }
    let work = move || {
        while let Some(sent) = received(&to_empty, ahead) {
            let Sent::Strip(mut strip) = sent else {
                continue;
            };
            strip
                .chunks_exact_mut(length.max(1))
                .try_for_each(&mut *take)?;
            // Whoever fills has left when nobody takes it.
            let _ = emptied.send(strip);
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let beside = spawned(scope, work)?;
        let mut fill = move || {
            for first in (0..rows).step_by(STRIP as usize) {
                // Without anybody to empty them, the other side has failed and says why.
                let Some(mut strip) = received(&to_fill, ahead) else {
                    break;
                };
                let count = STRIP.min(rows - first);
                strip.resize(count as usize * length, 0);
                for (y, row) in (first..).zip(strip.chunks_exact_mut(length.max(1))) {
                    if next(y, row)? {
                        // Nobody is there any more: the next strip will tell.
                        let _ = filled.send(Sent::Look);
                    }
                }
                if filled.send(Sent::Strip(strip)).is_err() {
                    break;
                }
            }
            Ok(())
        };
        let mine = fill();
        // With it goes the sending end: the other side ends when nothing more can come.
        drop(fill);
        match beside.join() {
            Ok(theirs) => Some(mine.and(theirs)),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

#[cfg(test)]
mod tests;
