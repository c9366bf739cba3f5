//! What is left of the picture after quantisation: for most blocks a mean and a handful of levels.

use super::trellis::Level;

/// Some rows of blocks, in order.
#[derive(Default)]
pub(super) struct Rows {
    means: Vec<i16>,
    /// Levels of each block.
    counts: Vec<u8>,
    /// Of whole blocks, no larger than they are: one piece for all would leave holes as large as itself
    /// where it grew.
    kept: Vec<Vec<Level>>,
    /// Of those that came after the last [`Self::keep`].
    levels: Vec<Level>,
}

impl Rows {
    /// Where the levels of the next block are appended.
    #[inline(always)]
    pub(super) fn levels(&mut self) -> &mut Vec<Level> {
        &mut self.levels
    }

    /// The next block ends, with this mean and so many levels.
    #[inline(always)]
    pub(super) fn end(&mut self, mean: i16, count: u8) {
        self.means.push(mean);
        self.counts.push(count);
    }

    /// So many blocks have come that their levels are worth a place of their own.
    pub(super) fn keep(&mut self) {
        self.kept.push(self.levels.clone());
        self.levels.clear();
    }

    pub(super) fn means(&self) -> &[i16] {
        &self.means
    }

    /// Each block's mean with its levels.
    pub(super) fn whole_blocks(&self) -> impl Iterator<Item = (i16, &[Level])> {
        self.means.iter().copied().zip(self.blocks())
    }

    fn blocks(&self) -> impl Iterator<Item = &[Level]> {
        let kept = self.kept.iter().map(Vec::as_slice);
        let mut pieces = kept.chain([self.levels.as_slice()]);
        let mut rest: &[Level] = &[];
        self.counts.iter().map(move |count| {
            while *count > 0 && rest.is_empty() {
                let Some(piece) = pieces.next() else {
                    break;
                };
                rest = piece;
            }
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
