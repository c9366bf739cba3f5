//! The bytes around the scans.

use super::huffman::Code;
use super::scan::Scan;
use super::tables::{Places, Table};

fn segment(into: &mut Vec<u8>, marker: u8, content: &[u8]) {
    // All of them are short: the longest, of codes, has 276 bytes.
    let length = u16::try_from(content.len() + 2).unwrap_or(u16::MAX);
    into.extend([0xFF, marker]);
    into.extend(length.to_be_bytes());
    into.extend(content);
}

/// How the scans share the numbers between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Progressive,
    /// One scan for all.
    Plain,
}

/// JFIF 1.1, tables, and the frame: colours at half the resolution.
pub(super) fn head(width: u16, height: u16, tables: &[Table; 2], kind: Kind) -> Vec<u8> {
    let mut bytes = vec![0xFF, 0xD8];
    segment(&mut bytes, 0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    let mut content = Vec::new();
    for (
        number,
        Table {
            steps: Places(steps),
            ..
        },
    ) in (0_u8..).zip(tables)
    {
        content.push(number);
        // At most 255 each.
        content.extend(steps.iter().map(|step| *step as u8));
    }
    segment(&mut bytes, 0xDB, &content);
    let mut content = vec![8];
    content.extend(height.to_be_bytes());
    content.extend(width.to_be_bytes());
    // Number, sampling across and down, table.
    content.extend([3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]);
    let marker = match kind {
        Kind::Progressive => 0xC2,
        Kind::Plain => 0xC0,
    };
    segment(&mut bytes, marker, &content);
    bytes
}

/// The codes of a scan and its header; its data follow.
pub(super) fn scan_head(into: &mut Vec<u8>, scan: Scan, code: &Code) {
    let means = scan.component.is_none();
    define(into, if means { 0x00 } else { 0x10 }, code);
    let mut content = Vec::new();
    match scan.component {
        None => content.extend([3, 1, 0, 2, 0, 3, 0]),
        // Numbered from 1.
        Some(index) => content.extend([1, index as u8 + 1, 0]),
    }
    content.extend([scan.first, scan.last, scan.before << 4 | scan.after]);
    segment(into, 0xDA, &content);
}

/// The codes and the header of a plain file's one scan: of means and others of the light, then of the
/// colours.
pub(super) fn plain_scan_head(into: &mut Vec<u8>, codes: &[Code; 4]) {
    for (place, code) in [0x00, 0x10, 0x01, 0x11].into_iter().zip(codes) {
        define(into, place, code);
    }
    segment(into, 0xDA, &[3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0]);
}

fn define(into: &mut Vec<u8>, place: u8, code: &Code) {
    let mut content = vec![place];
    content.extend(code.lengths);
    content.extend(&code.symbols);
    segment(into, 0xC4, &content);
}

pub(super) const END: [u8; 2] = [0xFF, 0xD9];
