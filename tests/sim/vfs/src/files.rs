//! A file: what a reader sees, what is durable, and what lies between the two.

use crate::{
    SECTOR,
    content::{self, Content, PAGE, pieces},
    hash,
};

/// Room for unsynced bytes that a file keeps after a sync.
const MOST_KEPT: usize = 256 * 1024;

enum Change {
    Write {
        offset: u64,
        count: usize,
        bytes: Bytes,
    },
    Length(u64),
}

/// What a write put there. A file that only takes up room is written a byte at a time so often that
/// keeping it would be most of a disk's work.
enum Bytes {
    /// So many from the start of what is kept.
    Kept(usize),
    Same(u8),
}

impl Bytes {
    fn keep(bytes: &[u8], kept: &mut Vec<u8>) -> Self {
        match content::one_byte(bytes) {
            Some(byte) => Self::Same(byte),
            None => {
                let start = kept.len();
                kept.extend_from_slice(bytes);
                Self::Kept(start)
            }
        }
    }

    /// Puts a piece of them, of a sector at most, where it belongs in a file.
    fn put(&self, kept: &[u8], from: usize, count: usize, into: &mut Content, at: u64) {
        match self {
            Self::Kept(start) => {
                let from = start + from;
                into.write(at, kept.get(from..from + count).unwrap_or_default());
            }
            Self::Same(byte) => {
                into.write(at, [*byte; SECTOR].get(..count).unwrap_or_default());
            }
        }
    }
}

/// A file's bytes and their fate.
#[derive(Default)]
pub(crate) struct File {
    now: Content,
    synced: Content,
    /// In the order in which it was asked for; empty when `now` is what was synced, or what a
    /// failed sync has given up.
    unsynced: Vec<Change>,
    /// The bytes of the unsynced, one behind the other: its room serves again after every sync.
    kept: Vec<u8>,
}

/// What of the unsynced survives a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Survives {
    Nothing,
    Everything,
    /// The first changes, the last of them torn.
    Prefix,
    /// Each sector by itself, with so many chances in 256.
    Any(u8),
}

impl Survives {
    pub(crate) fn of(dice: u64) -> Self {
        match dice % 8 {
            0 => Self::Nothing,
            1 => Self::Everything,
            2 | 3 => Self::Prefix,
            4 => Self::Any(32),
            5 => Self::Any(224),
            _ => Self::Any(128),
        }
    }

    /// Of `count` changes in a row, does this one survive as a whole, in part, or not?
    pub(crate) fn picks(self, seed: u64, index: usize, count: usize) -> Option<Self> {
        match self {
            Self::Nothing => None,
            Self::Everything => Some(Self::Everything),
            Self::Prefix => {
                let kept = (hash(seed, 1, 0) % (count as u64 + 1)) as usize;
                match index {
                    index if index < kept => Some(Self::Everything),
                    index if index == kept => Some(Self::Any(128)),
                    _ => None,
                }
            }
            Self::Any(_) => Some(self),
        }
    }

    pub(crate) fn takes(self, seed: u64, first: u64, second: u64) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything | Self::Prefix => true,
            Self::Any(chances) => hash(seed, first, second) % 256 < u64::from(chances),
        }
    }
}

impl File {
    pub(crate) fn of(content: Content) -> Self {
        Self {
            synced: content.clone(),
            now: content,
            ..Self::default()
        }
    }

    pub(crate) fn now(&self) -> &Content {
        &self.now
    }

    pub(crate) fn write(&mut self, offset: u64, bytes: &[u8]) {
        self.now.write(offset, bytes);
        let kept = Bytes::keep(bytes, &mut self.kept);
        self.unsynced.push(Change::Write {
            offset,
            count: bytes.len(),
            bytes: kept,
        });
    }

    pub(crate) fn set_length(&mut self, length: u64) {
        self.now.set_length(length);
        self.unsynced.push(Change::Length(length));
    }

    pub(crate) fn sync(&mut self) {
        let mut from = usize::MAX;
        for change in &self.unsynced {
            if let Change::Length(length) = change {
                from = from.min((length / PAGE as u64) as usize);
            }
        }
        let touched = self.unsynced.iter().flat_map(|change| {
            let (offset, count) = match change {
                Change::Write { offset, count, .. } => (*offset, *count),
                Change::Length(_) => (0, 0),
            };
            pieces(offset, count, PAGE).map(|(begin, _)| (begin / PAGE as u64) as usize)
        });
        self.synced.adopt(&self.now, touched, from);
        self.give_up();
    }

    /// A sync that failed: what a reader sees is not what will be there after a power cut.
    pub(crate) fn give_up(&mut self) {
        self.unsynced.clear();
        self.kept.clear();
        // What a picture needed once is not to lie there for every file that ever had one.
        self.kept.shrink_to(MOST_KEPT);
    }

    /// A bit changes at rest.
    pub(crate) fn flip(&mut self, offset: u64, bit: u32) {
        let mut byte = [0];
        for content in [&mut self.now, &mut self.synced] {
            if content.read(offset, &mut byte) == 1 {
                content.write(offset, &[byte.map(|byte| byte ^ (1 << (bit % 8)))].concat());
            }
        }
    }

    /// What is on the disk after a power cut, and whether a write was torn in two.
    pub(crate) fn after_a_cut(&self, seed: u64) -> (Content, bool) {
        let mut left = self.synced.clone();
        let mut torn = false;
        let fate = Survives::of(hash(seed, 0, 0));
        for (index, change) in self.unsynced.iter().enumerate() {
            let Some(fate) = fate.picks(seed, index, self.unsynced.len()) else {
                continue;
            };
            match change {
                Change::Length(length) => {
                    if fate.takes(seed, index as u64, u64::MAX) {
                        left.set_length(*length);
                    }
                }
                Change::Write {
                    offset,
                    count,
                    bytes,
                } => {
                    let (mut kept, mut lost) = (false, false);
                    for (begin, end) in pieces(*offset, *count, SECTOR) {
                        if fate.takes(seed, index as u64, begin) {
                            let from = (begin - offset) as usize;
                            bytes.put(&self.kept, from, (end - begin) as usize, &mut left, begin);
                            kept = true;
                        } else {
                            lost = true;
                        }
                    }
                    torn |= kept && lost;
                }
            }
        }
        (left, torn)
    }
}
