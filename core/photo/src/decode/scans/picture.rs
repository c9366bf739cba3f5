//! Rows of a file that was read whole: samples are made of the kept levels when they are needed.

use super::frame::{Frame, Model};
use super::inverse::{Inverse, Walk, strip};
use super::levels::Levels;
use super::rows::Shown;
use crate::jpeg::Rows;

/// A decoded file of several scans, whose rows can be had one after the other.
pub(in crate::decode) struct Picture {
    pub(in crate::decode) width: u32,
    pub(in crate::decode) height: u32,
    pub(in crate::decode) rows: Rows,
    shown: Shown,
    colours: Vec<Held>,
    next: usize,
    /// The levels of a row of blocks.
    levels: Vec<i16>,
}

struct Held {
    levels: Levels,
    inverse: Inverse,
    /// Blocks across.
    across: usize,
}

impl Picture {
    /// `made` holds each colour's levels and the way from them to samples.
    pub(super) fn new(
        frame: &Frame,
        model: Model,
        complement: bool,
        made: Vec<(Levels, Inverse)>,
    ) -> Self {
        let shown = Shown::new(frame, model, complement, |_| 2);
        let colours = frame.colours.iter().zip(made);
        let colours = colours.map(|(colour, (levels, inverse))| Held {
            levels,
            inverse,
            across: colour.blocks.map(|blocks| blocks as usize)[0],
        });
        Self {
            width: shown.width,
            height: shown.height,
            rows: shown.rows,
            shown,
            colours: colours.collect(),
            next: 0,
            levels: Vec::new(),
        }
    }

    /// See [`Inverse::loudest`].
    #[cfg(any(test, feature = "fuzz"))]
    pub(in crate::decode) fn loudest(&self) -> f32 {
        let mut loudest = 0.0_f32;
        for Held {
            levels,
            inverse,
            across,
        } in &self.colours
        {
            let block = (levels.side * levels.side) as usize;
            let mut row = vec![0; block * *across];
            for at in 0..levels.rows() {
                levels.copy(at, &mut row);
                for block in row.chunks_exact(block) {
                    loudest = loudest.max(inverse.loudest(block));
                }
            }
        }
        loudest
    }

    /// The next one; `row` has the width times the channels of `rows`.
    pub(in crate::decode) fn row(&mut self, row: &mut [u8]) {
        for (plane, held) in self.shown.planes.iter_mut().zip(&self.colours) {
            let stride = plane.stride;
            for of in plane.wanted(self.next) {
                let Some(samples) = plane.fresh(of) else {
                    continue;
                };
                let block = (held.levels.side * held.levels.side) as usize;
                let count = held.across;
                self.levels.resize(block * count, 0);
                held.levels.copy(of, &mut self.levels);
                let walk = Walk {
                    first: 0,
                    block,
                    wide: count,
                    group: 0,
                    count,
                    column: 0,
                    mean: 0,
                };
                strip(&held.inverse, &self.levels, walk, samples, stride);
            }
        }
        self.shown.row(self.next, row);
        self.next += 1;
    }
}
