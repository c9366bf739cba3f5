//! A drawn street with a pothole, as a PNG: nobody's photo, and the same bytes each time.

use std::io::Write as _;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

/// Three views of one street: dry, closer, and after rain.
pub(crate) fn street(width: u32, height: u32, view: u32) -> Vec<u8> {
    let mut rows = Vec::new();
    let mut grain = 0x9e37_79b9_u32 ^ view;
    for y in 0..height {
        rows.push(0);
        for x in 0..width {
            let across = f64::from(x) / f64::from(width);
            let down = f64::from(y) / f64::from(height);
            // xorshift: grain as of a cheap camera.
            grain ^= grain << 13;
            grain ^= grain >> 17;
            grain ^= grain << 5;
            let noise = f64::from(grain % 9) - 4.0;
            for part in colour(across, down, view) {
                // Coarse steps keep the file small.
                let value = ((part + noise) / 6.0).round() * 6.0;
                rows.push(value.clamp(0.0, 255.0) as u8);
            }
        }
    }
    png(width, height, &rows)
}

fn colour(across: f64, down: f64, view: u32) -> [f64; 3] {
    let horizon = if view == 1 { 0.18 } else { 0.38 };
    if down < horizon {
        let light = down / horizon;
        // Houses with red roofs against the sky.
        let roof = horizon - 0.12 - 0.05 * ((across * 7.0).sin()).abs();
        if down > roof {
            return if down > roof + 0.04 {
                [196.0, 178.0, 150.0]
            } else {
                [150.0, 70.0, 52.0]
            };
        }
        return [
            120.0 + 70.0 * light,
            165.0 + 45.0 * light,
            205.0 + 30.0 * light,
        ];
    }
    let depth = (down - horizon) / (1.0 - horizon);
    let half = 0.10 + 0.42 * depth;
    let side = (across - 0.5).abs();
    if side > half {
        return [88.0 + 30.0 * depth, 128.0 + 20.0 * depth, 70.0];
    }
    let (hole_x, hole_y, hole_r) = match view {
        1 => (0.50, 0.62, 0.26),
        2 => (0.46, 0.74, 0.30),
        _ => (0.56, 0.70, 0.13),
    };
    let distance = (((across - hole_x) / 1.3).powi(2) + ((down - hole_y) * 1.1).powi(2)).sqrt()
        + 0.012 * (across * 61.0).sin() * (down * 47.0).cos();
    if distance < hole_r {
        let rim = distance / hole_r;
        return if view == 2 {
            [112.0 + 40.0 * rim, 104.0 + 30.0 * rim, 84.0 + 20.0 * rim]
        } else {
            [52.0 + 30.0 * rim, 44.0 + 28.0 * rim, 38.0 + 26.0 * rim]
        };
    }
    if side < 0.006 + 0.010 * depth && (depth * 9.0).sin() > 0.0 {
        return [224.0, 220.0, 205.0];
    }
    let asphalt = 98.0 + 24.0 * depth;
    [asphalt, asphalt, asphalt + 4.0]
}

fn png(width: u32, height: u32, rows: &[u8]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::new();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    // 8 bits, RGB, no interlace.
    header.extend([8, 2, 0, 0, 0]);
    chunk(&mut file, b"IHDR", &header);
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail; a picture cut short would be seen at once.
    let _in_memory = packed.write_all(rows);
    chunk(&mut file, b"IDAT", &packed.finish().unwrap_or_default());
    chunk(&mut file, b"IEND", &[]);
    file
}

fn chunk(file: &mut Vec<u8>, kind: &[u8; 4], content: &[u8]) {
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
    file.extend(length.to_be_bytes());
    let mut crc = Crc::new();
    crc.update(kind);
    crc.update(content);
    file.extend(kind);
    file.extend(content);
    file.extend(crc.sum().to_be_bytes());
}
