//! Files that no camera writes, made byte by byte.

use std::io::Write;

use flate2::{Compression, Crc, write::ZlibEncoder};

/// A PNG of one value throughout.
pub(crate) fn png(width: u32, height: u32, depth: u8, colour: u8, row_bytes: usize) -> Vec<u8> {
    let mut rows = ZlibEncoder::new(Vec::new(), Compression::best());
    let row = vec![0; row_bytes + 1];
    for _ in 0..height {
        rows.write_all(&row).unwrap();
    }
    png_of(width, height, depth, colour, &rows.finish().unwrap())
}

/// A PNG with these bytes for its picture.
pub(crate) fn png_of(width: u32, height: u32, depth: u8, colour: u8, packed: &[u8]) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1A\n".to_vec();
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([depth, colour, 0, 0, 0]);
    for (name, content) in [
        (b"IHDR", header.as_slice()),
        (b"IDAT", packed),
        (b"IEND", b""),
    ] {
        let mut sum = Crc::new();
        sum.update(name);
        sum.update(content);
        out.extend((content.len() as u32).to_be_bytes());
        out.extend(name);
        out.extend(content);
        out.extend(sum.sum().to_be_bytes());
    }
    out
}

/// One block of grey in a JPEG of four colours, as a scanner's software writes it.
pub(crate) fn cmyk_jpeg() -> Vec<u8> {
    let mut out = vec![0xFF, 0xD8];
    let mut segment = |marker: u8, content: &[u8]| {
        out.extend([0xFF, marker]);
        out.extend((content.len() as u16 + 2).to_be_bytes());
        out.extend(content);
    };
    segment(0xEE, b"Adobe\0d\0\0\0\0\0");
    segment(0xDB, &[[0].as_slice(), &[1; 64]].concat());
    let mut frame = vec![8, 0, 8, 0, 8, 4];
    (1..=4).for_each(|id| frame.extend([id, 0x11, 0]));
    segment(0xC0, &frame);
    // One code of one bit in each table: "no step", "no more waves".
    segment(0xC4, &[[0, 1].as_slice(), &[0; 15], &[0]].concat());
    segment(0xC4, &[[0x10, 1].as_slice(), &[0; 15], &[0]].concat());
    segment(0xDA, &[4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0]);
    // Four colours of two bits each.
    out.extend([0x00, 0xFF, 0xD9]);
    out
}

/// The same photo with the length of its EXIF block's first entry and the pointers torn.
pub(crate) fn with_broken_exif(mut photo: Vec<u8>) -> Vec<u8> {
    let at = photo
        .windows(6)
        .position(|window| window == b"Exif\0\0")
        .expect("a photo with EXIF");
    // Past the byte order and the number of entries: tags, types, counts and pointers.
    for (number, byte) in photo[at + 14..at + 120].iter_mut().enumerate() {
        *byte ^= 0xA5_u8.wrapping_add(number as u8);
    }
    photo
}
