//! The bytes of a file: pages that copies share until one of them is written.

use std::sync::{Arc, OnceLock};

pub(crate) const PAGE: usize = 4096;

type Page = Arc<[u8; PAGE]>;

/// Bytes behind the length in the last page are zero.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Content {
    /// None is a page of zeros.
    pages: Vec<Option<Page>>,
    length: u64,
}

/// The pieces of `count` bytes from `offset` in steps of `step`: (begin, end) of each.
pub(crate) fn pieces(offset: u64, count: usize, step: usize) -> impl Iterator<Item = (u64, u64)> {
    let (end, step) = (offset + count as u64, step as u64);
    let mut at = offset;
    std::iter::from_fn(move || {
        let begin = at;
        (begin < end).then(|| {
            at = ((begin / step + 1) * step).min(end);
            (begin, at)
        })
    })
}

/// Are all these bytes the same one?
pub(crate) fn one_byte(bytes: &[u8]) -> Option<u8> {
    let (first, rest) = bytes.split_first()?;
    // Each like the one before it, which is compared a vector at a time.
    (bytes.get(..rest.len()) == Some(rest)).then_some(*first)
}

/// What a write of a whole page puts there. Those of one byte, as a file has them that only takes
/// up room, are made once for all disks.
fn whole_page(bytes: &[u8]) -> Option<Page> {
    static UNIFORM: [OnceLock<Page>; 256] = [const { OnceLock::new() }; 256];
    let bytes: &[u8; PAGE] = bytes.try_into().ok()?;
    let made = || Arc::new(*bytes);
    let uniform = one_byte(bytes).and_then(|byte| UNIFORM.get(usize::from(byte)));
    Some(uniform.map_or_else(made, |page| Arc::clone(page.get_or_init(made))))
}

impl Content {
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    pub(crate) fn page_count(&self) -> usize {
        self.pages.len()
    }

    /// Fills `into` from `offset` as far as the file goes; returns how many bytes that were.
    pub(crate) fn read(&self, offset: u64, into: &mut [u8]) -> usize {
        let there = self.length.saturating_sub(offset);
        let count = into.len().min(usize::try_from(there).unwrap_or(usize::MAX));
        let mut rest = into.get_mut(..count).unwrap_or_default();
        for (begin, end) in pieces(offset, count, PAGE) {
            let (piece, after) = rest.split_at_mut((end - begin) as usize);
            rest = after;
            let from = (begin % PAGE as u64) as usize;
            let page = self.pages.get((begin / PAGE as u64) as usize);
            match page.and_then(|page| page.as_ref()?.get(from..from + piece.len())) {
                Some(bytes) => piece.copy_from_slice(bytes),
                None => piece.fill(0),
            }
        }
        count
    }

    pub(crate) fn write(&mut self, offset: u64, bytes: &[u8]) {
        let end = offset + bytes.len() as u64;
        if end > self.length {
            self.set_length(end);
        }
        let mut rest = bytes;
        for (begin, end) in pieces(offset, bytes.len(), PAGE) {
            let (piece, after) = rest.split_at((end - begin) as usize);
            rest = after;
            let from = (begin % PAGE as u64) as usize;
            let Some(page) = self.pages.get_mut((begin / PAGE as u64) as usize) else {
                continue;
            };
            if let Some(whole) = whole_page(piece) {
                *page = Some(whole);
                continue;
            }
            let page = Arc::make_mut(page.get_or_insert_with(|| Arc::new([0; PAGE])));
            if let Some(into) = page.get_mut(from..from + piece.len()) {
                into.copy_from_slice(piece);
            }
        }
    }

    pub(crate) fn set_length(&mut self, length: u64) {
        self.pages
            .resize(length.div_ceil(PAGE as u64) as usize, None);
        let from = (length % PAGE as u64) as usize;
        if length < self.length
            && from > 0
            && let Some(Some(page)) = self.pages.last_mut()
            && let Some(tail) = Arc::make_mut(page).get_mut(from..)
        {
            tail.fill(0);
        }
        self.length = length;
    }

    /// Takes over single pages, and the length, of a newer state.
    pub(crate) fn adopt(
        &mut self,
        newer: &Self,
        touched: impl Iterator<Item = usize>,
        from: usize,
    ) {
        self.pages.resize(newer.pages.len(), None);
        self.length = newer.length;
        for number in touched.chain(from..newer.pages.len()) {
            if let (Some(mine), Some(new)) = (self.pages.get_mut(number), newer.pages.get(number)) {
                mine.clone_from(new);
            }
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut all = vec![0; usize::try_from(self.length).unwrap_or(0)];
        self.read(0, &mut all);
        all
    }
}
