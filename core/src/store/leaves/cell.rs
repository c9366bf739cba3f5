//! The file format of SQLite, as far as a leaf of a table needs it
//! (<https://www.sqlite.org/fileformat2.html>).

use rusqlite::types::Value;

/// No row of this store is larger, bytes: a piece of a picture and its number.
const LARGEST: usize = 1 << 20;

/// A row on its leaf.
pub(super) struct Cell<'a> {
    pub(super) row: i64,
    /// Bytes of the whole row.
    length: usize,
    /// From its first byte on; what does not fit goes on elsewhere.
    rest: &'a [u8],
}

impl<'a> Cell<'a> {
    pub(super) fn all(page: &'a [u8], usable: usize) -> impl Iterator<Item = Self> + 'a {
        let page = page.get(..usable).unwrap_or(page);
        let count = page.get(3..5).map_or(0, number);
        (0..count).filter_map(move |at| {
            let place = number(page.get(8 + 2 * at..10 + 2 * at)?);
            let (length, rest) = varint(page.get(place..)?)?;
            let (row, rest) = varint(rest)?;
            Some(Self {
                row,
                length: usize::try_from(length).ok().filter(|it| *it <= LARGEST)?,
                rest,
            })
        })
    }

    /// The whole row; `page` gives others by their numbers.
    pub(super) fn payload(
        &self,
        usable: usize,
        page: impl Fn(u32) -> Option<Vec<u8>>,
    ) -> Option<Vec<u8>> {
        let (most, least) = (usable - 35, (usable - 12) * 32 / 255 - 23);
        if self.length <= most {
            return Some(self.rest.get(..self.length)?.to_vec());
        }
        let fits = least + (self.length - least) % (usable - 4);
        let here = if fits <= most { fits } else { least };
        let mut bytes = self.rest.get(..here)?.to_vec();
        let mut next = page_number(self.rest.get(here..)?)?;
        while bytes.len() < self.length {
            let more = page(next)?;
            let take = (self.length - bytes.len()).min(usable - 4);
            bytes.extend_from_slice(more.get(4..4 + take)?);
            next = page_number(&more)?;
        }
        Some(bytes)
    }
}

/// The columns of a row.
pub(super) fn values(payload: &[u8]) -> Option<Vec<Value>> {
    let (head, _) = varint(payload)?;
    let head = usize::try_from(head).ok()?;
    let skip = payload.len() - varint(payload)?.1.len();
    let (mut kinds, mut body) = (payload.get(skip..head)?, payload.get(head..)?);
    let mut all = Vec::new();
    while !kinds.is_empty() {
        let (kind, rest) = varint(kinds)?;
        kinds = rest;
        let length = match kind {
            0 | 8 | 9 => 0,
            1..=4 => usize::try_from(kind).ok()?,
            5 => 6,
            6 | 7 => 8,
            12.. => usize::try_from((kind - 12) / 2).ok()?,
            _ => return None,
        };
        let (bytes, rest) = body.split_at_checked(length)?;
        body = rest;
        all.push(match kind {
            0 => Value::Null,
            1..=6 => Value::Integer(signed(bytes)),
            7 => Value::Real(f64::from_bits(signed(bytes).cast_unsigned())),
            8 => Value::Integer(0),
            9 => Value::Integer(1),
            kind if kind % 2 == 0 => Value::Blob(bytes.to_vec()),
            _ => Value::Text(String::from_utf8(bytes.to_vec()).ok()?),
        });
    }
    Some(all)
}

fn number(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .fold(0, |sum, byte| sum << 8 | usize::from(*byte))
}

fn page_number(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?))
}

/// Big-endian, two's complement, 1 to 8 bytes.
fn signed(bytes: &[u8]) -> i64 {
    let sign = bytes.first().is_some_and(|first| first & 0x80 != 0);
    let start: i64 = if sign { -1 } else { 0 };
    bytes
        .iter()
        .fold(start, |sum, byte| sum << 8 | i64::from(*byte))
}

/// Seven bits a byte, the highest first, all eight of the ninth; and what follows.
fn varint(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let mut value = 0_u64;
    for at in 0..9 {
        let byte = *bytes.get(at)?;
        if at == 8 {
            value = value << 8 | u64::from(byte);
        } else {
            value = value << 7 | u64::from(byte & 0x7f);
        }
        if at == 8 || byte & 0x80 == 0 {
            return Some((value.cast_signed(), bytes.get(at + 1..)?));
        }
    }
    None
}
