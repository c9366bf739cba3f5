//! What is left of the picture after quantisation: for most blocks a mean and a handful of levels.

use super::trellis::Level;

/// Some rows of blocks, in order.
#[derive(Default)]
pub(super) struct Rows {
    means: Vec<i16>,
    /// Levels of each block.
    counts: Vec<u8>,
    levels: Vec<Level>,
}

impl Rows {
    /// `quantise` appends a block's levels and answers with its mean and how many they are.
    pub(super) fn push(&mut self, quantise: impl FnOnce(&mut Vec<Level>) -> (i16, u8)) {
        let (mean, count) = quantise(&mut self.levels);
        self.means.push(mean);
        self.counts.push(count);
    }

    fn blocks(&self) -> impl Iterator<Item = &[Level]> {
        let mut rest = self.levels.as_slice();
        self.counts.iter().map(move |count| {
            let (block, after) = rest
                .split_at_checked(usize::from(*count))
                .unwrap_or_default();
            rest = after;
            block
        })
    }
}

/// One of Y, Cb and Cr.
pub(super) struct Component {
    /// Blocks that the picture reaches into.
    pub(super) wide: usize,
    pub(super) high: usize,
    /// From the top down.
    pub(super) parts: Vec<Rows>,
}

impl Component {
    pub(super) fn blocks(&self) -> impl Iterator<Item = &[Level]> {
        self.parts.iter().flat_map(Rows::blocks)
    }

    /// `None` beyond the picture.
    pub(super) fn mean(&self, row: usize, column: usize) -> Option<i16> {
        if column >= self.wide {
            return None;
        }
        let mut at = row * self.wide + column;
        for part in &self.parts {
            match part.means.get(at) {
                Some(mean) => return Some(*mean),
                None => at -= part.means.len(),
            }
        }
        None
    }
}
