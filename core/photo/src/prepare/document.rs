//! What is asked of a document before it goes out as it is, and what it shows of its making.

use crate::PhotoError;

/// A whole document begins where the file does, and says where it ends.
///
/// Readers take one behind up to 1,024 other bytes (ISO 32000-1, annex H), which no page shows: a mail's head with
/// the sender's name, a portal's page. They are not cut off, because the document counts its bytes from the front
/// of the file or from its own, and nothing here can tell which; such a file is refused. Line ends and the mark of
/// an encoding tell nothing and stay.
///
/// The end (7.5.5) may be anywhere in it, since readers take files with more behind that; a download that broke off
/// has it nowhere.
pub(super) fn accept(pdf: &[u8]) -> Result<(), PhotoError> {
    let start = pdf
        .windows(5)
        .position(|five| five == b"%PDF-")
        .unwrap_or(0);
    let before = pdf.get(..start).unwrap_or_default();
    let before = before.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(before);
    if !before.trim_ascii().is_empty() {
        let bytes = start as u64;
        return Err(PhotoError::BeforeDocument { bytes });
    }
    if !pdf.windows(5).any(|five| five == b"%%EOF") {
        return Err(PhotoError::Truncated);
    }
    Ok(())
}

/// Does it show an author, the programs that made it, times, or a photo's own notes? Where those are compressed or
/// encrypted nothing is seen of them: yes is certain enough to say so, no says nothing.
pub(super) fn shows_details(pdf: &[u8]) -> bool {
    const NAMES: [&[u8]; 5] = [
        b"Author",
        b"Creator",
        b"Producer",
        b"CreationDate",
        b"ModDate",
    ];
    const OTHERS: [&[u8]; 3] = [b"<?xpacket", b"<x:xmpmeta", b"Exif\0\0"];
    let is_one = |at: usize| {
        let rest = pdf.get(at..).unwrap_or_default();
        let named = rest.strip_prefix(b"/").is_some_and(|rest| {
            NAMES.iter().any(|name| {
                rest.strip_prefix(*name)
                    .is_some_and(|rest| !rest.first().is_some_and(u8::is_ascii_alphanumeric))
            })
        });
        named || OTHERS.iter().any(|mark| rest.starts_with(mark))
    };
    (0..pdf.len()).any(is_one)
}
