//! What a file is, told by its first bytes and never by its name.

/// How many first bytes [`sniff`] wants to see.
pub(crate) const SNIFF_BYTES: usize = 1024;

/// The kinds of file that are told apart. Only JPEG, PNG and PDF are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    Jpeg,
    Png,
    Pdf,
    /// HEIC and HEIF, what iPhones take by default.
    Heic,
    Avif,
    WebP,
    Gif,
    Bmp,
    /// TIFF, and the raw formats of cameras built on it (DNG, NEF, ARW).
    Tiff,
    JpegXl,
    Video,
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Pdf => "PDF",
            Self::Heic => "HEIC",
            Self::Avif => "AVIF",
            Self::WebP => "WebP",
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
            Self::Tiff => "TIFF or a camera's raw format",
            Self::JpegXl => "JPEG XL",
            Self::Video => "a video",
        })
    }
}

/// What travels on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaType {
    Jpeg,
    Pdf,
}

impl MediaType {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Pdf => "application/pdf",
        }
    }
}

impl std::fmt::Display for MediaType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `None` when the bytes are of no kind that is known.
pub(crate) fn sniff(start: &[u8]) -> Option<Format> {
    const PREFIXES: [(&[u8], Format); 11] = [
        (b"\xFF\xD8\xFF", Format::Jpeg),
        (b"\x89PNG\r\n\x1A\n", Format::Png),
        (b"%PDF-", Format::Pdf),
        (b"GIF8", Format::Gif),
        (b"II*\0", Format::Tiff),
        (b"MM\0*", Format::Tiff),
        (b"BM", Format::Bmp),
        (b"\xFF\x0A", Format::JpegXl),
        (b"\0\0\0\x0CJXL ", Format::JpegXl),
        (b"\x1A\x45\xDF\xA3", Format::Video),
        (b"\0\0\x01\xBA", Format::Video),
    ];
    if let Some((_, format)) = PREFIXES
        .iter()
        .find(|(prefix, _)| start.starts_with(prefix))
    {
        return Some(*format);
    }
    if start.starts_with(b"RIFF") {
        return match start.get(8..12)? {
            b"WEBP" => Some(Format::WebP),
            b"AVI " => Some(Format::Video),
            _ => None,
        };
    }
    if start.get(4..8) == Some(b"ftyp") {
        return Some(brand(start));
    }
    // ISO 32000-1, annex H: readers accept the mark within the first 1,024 bytes.
    start
        .windows(5)
        .any(|five| five == b"%PDF-")
        .then_some(Format::Pdf)
}

/// The ISO media files say in their first box what they are: one main brand, then what else they
/// agree with. A HEIC may call itself `mif1` first and `heic` only later.
fn brand(start: &[u8]) -> Format {
    let length = start
        .first_chunk::<4>()
        .map_or(0, |size| u32::from_be_bytes(*size) as usize)
        .clamp(16, SNIFF_BYTES);
    let mut found = Format::Video;
    for brand in start
        .get(8..)
        .unwrap_or_default()
        .chunks_exact(4)
        .take((length - 8) / 4)
    {
        match brand {
            b"avif" | b"avis" => return Format::Avif,
            b"heic" | b"heix" | b"hevc" | b"hevx" | b"heim" | b"heis" | b"mif1" | b"mif2"
            | b"msf1" => found = Format::Heic,
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests;
