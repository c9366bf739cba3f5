//! Odd files, made byte by byte: what cameras do not write and attackers do.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::jpeg::{Decoder, Feed, Stop};
use crate::{Flow, PhotoError, Picture, Settings};

/// A folder with one file in it.
pub(crate) struct OneFile {
    folder: tempfile::TempDir,
    pub(crate) path: PathBuf,
}

impl OneFile {
    pub(crate) fn new(name: &str, bytes: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        Self { folder, path }
    }

    pub(crate) fn photo(seed: u64, width: u32, height: u32, orientation: u8) -> Self {
        let one = Self::new("photo.jpg", b"");
        crate::synth::camera_photo(&one.path, seed, width, height, orientation).unwrap();
        one
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        std::fs::read(&self.path).unwrap()
    }

    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

pub(crate) fn prepared(path: &Path) -> Result<Picture, PhotoError> {
    crate::prepare(path, &Settings::default(), &mut |_| Flow::Continue)
}

pub(crate) fn prepared_bytes(bytes: &[u8]) -> Result<Picture, PhotoError> {
    prepared(&OneFile::new("file.bin", bytes).path)
}

/// A small picture, each pixel by its place.
pub(crate) fn drawn(
    width: u32,
    height: u32,
    pixel: impl Fn(u32, u32) -> [u8; 3],
) -> crate::canvas::Canvas {
    let mut canvas = crate::canvas::Canvas::new(width, height).unwrap();
    for y in 0..height {
        let row: Vec<[u8; 3]> = (0..width).map(|x| pixel(x, y)).collect();
        canvas.place(crate::Orientation::Upright, y, &row);
    }
    canvas
}

/// A file in memory.
pub(crate) struct Whole<'a>(pub(crate) &'a [u8]);

impl Feed for Whole<'_> {
    fn read(&mut self, room: &mut [u8]) -> Result<usize, Stop> {
        Ok(std::io::Read::read(&mut self.0, room).unwrap())
    }

    fn tick(&mut self) -> Result<(), Stop> {
        Ok(())
    }
}

/// The pixels of a result, decoded again by the library.
pub(crate) fn pixels(jpeg: &[u8]) -> Vec<Vec<[u8; 3]>> {
    let mut decoding = Decoder::open(Whole(jpeg), u64::MAX)
        .and_then(|decoder| decoder.start(8))
        .unwrap();
    let mut row = vec![0; decoding.width as usize * 3];
    (0..decoding.height)
        .map(|_| {
            decoding.row(&mut row).unwrap();
            row.as_chunks::<3>().0.to_vec()
        })
        .collect()
}

// ---- JPEG

/// What to write into a JPEG of one flat colour.
#[derive(Clone)]
pub(crate) struct FlatJpeg {
    pub(crate) width: u16,
    pub(crate) height: u16,
    /// One value a component, as stored.
    pub(crate) values: Vec<u8>,
    /// Adobe's marker, with its transform: 0 as they are, 1 YCbCr, 2 YCCK.
    pub(crate) adobe: Option<u8>,
    /// 0xC0 baseline, 0xC2 progressive.
    pub(crate) frame: u8,
    pub(crate) precision: u8,
    /// Whether each component has a scan of its own.
    pub(crate) apart: bool,
    /// Inserted after the start mark, whole segments.
    pub(crate) segments: Vec<u8>,
    /// Otherwise only the headers are written.
    pub(crate) with_data: bool,
}

impl FlatJpeg {
    pub(crate) fn new(width: u16, height: u16, values: &[u8]) -> Self {
        Self {
            width,
            height,
            values: values.to_vec(),
            adobe: None,
            frame: 0xC0,
            precision: 8,
            apart: false,
            segments: Vec::new(),
            with_data: true,
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut out = vec![0xFF, 0xD8];
        out.extend(&self.segments);
        if let Some(transform) = self.adobe {
            out.extend(segment(
                0xEE,
                &[b"Adobe\0d\0\0\0\0".as_slice(), &[transform]].concat(),
            ));
        }
        out.extend(segment(0xDB, &[[0].as_slice(), &[1; 64]].concat()));
        let count = self.values.len() as u8;
        let mut frame = vec![self.precision];
        frame.extend(self.height.to_be_bytes());
        frame.extend(self.width.to_be_bytes());
        frame.push(count);
        (1..=count).for_each(|id| frame.extend([id, 0x11, 0]));
        out.extend(segment(self.frame, &frame));
        // Steps: twelve codes of four bits. Waves: one code of one bit, "no more".
        let steps: Vec<u8> = (0..12).collect();
        out.extend(segment(
            0xC4,
            &[&[0, 0, 0, 0, 12], [0; 12].as_slice(), &steps].concat(),
        ));
        out.extend(segment(
            0xC4,
            &[&[0x10, 1], [0; 15].as_slice(), &[0]].concat(),
        ));
        if self.apart {
            (1..=count).for_each(|id| self.scan(&[id], &mut out));
        } else {
            self.scan(&(1..=count).collect::<Vec<_>>(), &mut out);
        }
        out.extend([0xFF, 0xD9]);
        out
    }

    fn scan(&self, ids: &[u8], out: &mut Vec<u8>) {
        let mut header = vec![ids.len() as u8];
        ids.iter().for_each(|id| header.extend([*id, 0]));
        // A progressive scan of steps alone, or everything at once.
        header.extend(if self.frame == 0xC2 {
            [0, 0, 0]
        } else {
            [0, 63, 0]
        });
        out.extend(segment(0xDA, &header));
        if !self.with_data {
            return;
        }
        let mut bits = Bits::default();
        let blocks = usize::from(self.width).div_ceil(8) * usize::from(self.height).div_ceil(8);
        for block in 0..blocks {
            for id in ids {
                let step = if block == 0 {
                    8 * (i32::from(self.values[usize::from(*id) - 1]) - 128)
                } else {
                    0
                };
                bits.step(step);
                if self.frame != 0xC2 {
                    bits.push(0, 1);
                }
            }
        }
        out.extend(bits.finish());
    }
}

pub(crate) fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u16 + 2).to_be_bytes();
    [&[0xFF, marker], length.as_slice(), content].concat()
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    pending: u32,
    count: u32,
}

impl Bits {
    fn push(&mut self, value: u32, count: u32) {
        for bit in (0..count).rev() {
            self.pending = self.pending << 1 | (value >> bit & 1);
            self.count += 1;
            if self.count == 8 {
                self.bytes.push(self.pending as u8);
                if self.pending as u8 == 0xFF {
                    self.bytes.push(0);
                }
                (self.pending, self.count) = (0, 0);
            }
        }
    }

    fn step(&mut self, step: i32) {
        let size = 32 - step.unsigned_abs().leading_zeros();
        self.push(size, 4);
        let value = if step < 0 { step - 1 } else { step };
        self.push(value as u32 & ((1 << size) - 1), size);
    }

    fn finish(mut self) -> Vec<u8> {
        while self.count != 0 {
            self.push(1, 1);
        }
        self.bytes
    }
}

// ---- PNG

/// The whole file; `rows` is what the filter bytes and the packed samples are.
pub(crate) fn png(
    (width, height): (u32, u32),
    [depth, colour, interlace]: [u8; 3],
    before_data: &[(&[u8; 4], &[u8])],
    rows: &[u8],
) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1A\n".to_vec();
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([depth, colour, 0, 0, interlace]);
    chunk(&mut out, b"IHDR", &header);
    for (name, content) in before_data {
        chunk(&mut out, name, content);
    }
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(rows).unwrap();
    chunk(&mut out, b"IDAT", &packed.finish().unwrap());
    chunk(&mut out, b"IEND", b"");
    out
}

fn chunk(out: &mut Vec<u8>, name: &[u8; 4], content: &[u8]) {
    out.extend((content.len() as u32).to_be_bytes());
    let mut sum = flate2::Crc::new();
    sum.update(name);
    sum.update(content);
    out.extend(name);
    out.extend(content);
    out.extend(sum.sum().to_be_bytes());
}

/// Filter byte 0 before each row.
pub(crate) fn unfiltered(rows: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    rows.into_iter()
        .flat_map(|row| [vec![0], row].concat())
        .collect()
}

/// An 8-bit RGB picture that differs in every pixel.
pub(crate) fn ramp(x: usize, y: usize) -> [u8; 3] {
    [
        (x * 5 % 256) as u8,
        (y * 7 % 256) as u8,
        ((x + y) * 3 % 256) as u8,
    ]
}

/// The pass in which each pixel of eight by eight comes, as the standard draws it (PNG, 8.2).
const ADAM_7: [[u8; 8]; 8] = [
    *b"16462646",
    *b"77777777",
    *b"56565656",
    *b"77777777",
    *b"36463646",
    *b"77777777",
    *b"56565656",
    *b"77777777",
];

/// Rows of RGB pixels as an interlaced picture has them.
pub(crate) fn in_seven_passes(rows: &[Vec<[u8; 3]>]) -> Vec<u8> {
    let passes = (b'1'..=b'7').flat_map(|pass| {
        rows.iter().enumerate().map(move |(y, row)| {
            let pixels = row.iter().enumerate();
            let of_pass = pixels.filter(|(x, _)| ADAM_7[y % 8][x % 8] == pass);
            of_pass.flat_map(|(_, pixel)| *pixel).collect()
        })
    });
    unfiltered(passes.filter(|row: &Vec<u8>| !row.is_empty()))
}

pub(crate) fn ramp_png(width: usize, height: usize, interlaced: bool) -> Vec<u8> {
    let row = |y| (0..width).map(|x| ramp(x, y)).collect();
    let rows: Vec<Vec<[u8; 3]>> = (0..height).map(row).collect();
    let rows = match interlaced {
        true => in_seven_passes(&rows),
        false => unfiltered(rows.into_iter().map(Vec::into_flattened)),
    };
    png(
        (width as u32, height as u32),
        [8, 2, u8::from(interlaced)],
        &[],
        &rows,
    )
}

// ---- colours

/// An EXIF segment that tells of its colours and nothing else.
pub(crate) fn exif_segment(colour_space: u16, interoperability: &str) -> Vec<u8> {
    use ::exif::{Field, In, Tag, Value};
    let fields = [
        Field {
            tag: Tag::ColorSpace,
            ifd_num: In::PRIMARY,
            value: Value::Short(vec![colour_space]),
        },
        Field {
            tag: Tag::InteroperabilityIndex,
            ifd_num: In::PRIMARY,
            value: Value::Ascii(vec![interoperability.as_bytes().to_vec()]),
        },
    ];
    let mut writer = ::exif::experimental::Writer::new();
    fields.iter().for_each(|field| writer.push_field(field));
    let mut whole = std::io::Cursor::new(Vec::new());
    writer.write(&mut whole, true).unwrap();
    segment(
        0xE1,
        &[b"Exif\0\0".as_slice(), &whole.into_inner()].concat(),
    )
}

/// The APP2 segments of a profile cut into so many pieces of one size (the last may be shorter).
pub(crate) fn profile_segments(profile: &[u8], pieces: usize) -> Vec<u8> {
    let size = profile.len().div_ceil(pieces).max(1);
    let mut cut: Vec<&[u8]> = profile.chunks(size).collect();
    if cut.is_empty() {
        cut.push(&[]);
    }
    let of = cut.len() as u8;
    let part = |(number, piece): (u8, &&[u8])| {
        let head = [b"ICC_PROFILE\0".as_slice(), &[number, of]].concat();
        segment(0xE2, &[head.as_slice(), piece].concat())
    };
    (1..=of).zip(&cut).flat_map(part).collect()
}

/// What stands in a PNG's iCCP.
pub(crate) fn packed_profile(profile: &[u8]) -> Vec<u8> {
    let mut chunk = b"name\0\0".to_vec();
    let mut packed = flate2::write::ZlibEncoder::new(&mut chunk, flate2::Compression::fast());
    packed.write_all(profile).unwrap();
    packed.finish().unwrap();
    chunk
}

/// A profile that is a table and nothing else: `lab` answers for each corner of a grid.
pub(crate) fn table_profile(
    space: &[u8; 4],
    inputs: u32,
    grid: usize,
    lab: impl Fn(&[f64]) -> [f64; 3],
) -> Vec<u8> {
    let fixed = |value: f64| ((value * 65_536.0) as i32).to_be_bytes();
    let mut tag = b"mft2\0\0\0\0".to_vec();
    tag.extend([inputs as u8, 3, grid as u8, 0]);
    for cell in [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0] {
        tag.extend(fixed(cell));
    }
    tag.extend([0, 2, 0, 2]);
    let straight = [0, 0, 0xFF, 0xFF];
    (0..inputs).for_each(|_| tag.extend(straight));
    for node in 0..grid.pow(inputs) {
        let at = |input: u32| {
            let step = node / grid.pow(inputs - 1 - input) % grid;
            step as f64 / (grid - 1) as f64
        };
        let [l, a, b] = lab(&(0..inputs).map(at).collect::<Vec<_>>());
        for value in [l * 652.8, (a + 128.0) * 256.0, (b + 128.0) * 256.0] {
            tag.extend((value.round().clamp(0.0, 65_535.0) as u16).to_be_bytes());
        }
    }
    (0..3).for_each(|_| tag.extend(straight));

    let class = if inputs == 4 { b"prtr" } else { b"scnr" };
    let mut profile = vec![0; 8];
    profile.extend([2, 0x40, 0, 0]);
    profile.extend(class);
    profile.extend(space);
    profile.extend(b"Lab ");
    profile.extend([7, 0xE8, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
    profile.extend(b"acsp");
    profile.resize(68, 0);
    [0.9642, 1.0, 0.8249]
        .iter()
        .for_each(|part| profile.extend(fixed(*part)));
    profile.resize(128, 0);
    profile.extend(1_u32.to_be_bytes());
    profile.extend(b"A2B0");
    profile.extend(144_u32.to_be_bytes());
    profile.extend((tag.len() as u32).to_be_bytes());
    profile.extend(tag);
    let size = (profile.len() as u32).to_be_bytes();
    profile[..4].copy_from_slice(&size);
    profile
}

/// Of a press whose cyan is a blue.
pub(crate) fn press_profile() -> Vec<u8> {
    table_profile(b"CMYK", 4, 3, |inks| {
        let light = (1.0 - inks[3]) * (1.0 - 0.6 * inks[0]) * (1.0 - 0.4 * inks[1]);
        let tint = 1.0 - inks[3];
        [
            100.0 * light,
            tint * (20.0 * inks[0] + 60.0 * inks[1]),
            tint * (90.0 * inks[2] - 80.0 * inks[0]),
        ]
    })
}

/// Of a scanner that takes red for green.
pub(crate) fn swapping_profile() -> Vec<u8> {
    table_profile(b"RGB ", 3, 33, |rgb| {
        let light = |value: f64| {
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        let [red, green, blue] = [light(rgb[1]), light(rgb[0]), light(rgb[2])];
        let xyz = [
            0.436_066 * red + 0.385_147 * green + 0.143_066 * blue,
            0.222_488 * red + 0.716_873 * green + 0.060_608 * blue,
            0.013_916 * red + 0.097_076 * green + 0.714_096 * blue,
        ];
        let root = |value: f64| {
            if value > 0.008_856 {
                value.cbrt()
            } else {
                7.787 * value + 16.0 / 116.0
            }
        };
        let [x, y, z] = [root(xyz[0] / 0.9642), root(xyz[1]), root(xyz[2] / 0.8249)];
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    })
}
