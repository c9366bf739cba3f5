//! Documents, which pass as they are.

use super::*;

#[test]
fn a_pdf_passes_unchanged_whatever_its_name() {
    let pdf = b"%PDF-1.4\n1 0 obj\n<</Author (somebody)>>\nendobj\ntrailer\n%%EOF\n";
    let file = OneFile::new("letter.jpg", pdf);
    let document = prepared(&file.path).unwrap();
    assert_eq!(document.media_type.as_str(), "application/pdf");
    assert_eq!(document.bytes, pdf);
    assert_eq!(
        (document.width, document.height, document.quality),
        (0, 0, 0)
    );
    let settings = Settings {
        max_document_bytes: 20,
        ..Settings::default()
    };
    let refused = prepare(&file.path, &settings, &mut |_| Flow::Continue);
    let bytes = pdf.len() as u64;
    assert_eq!(
        refused,
        Err(PhotoError::DocumentTooLarge { bytes, limit: 20 })
    );
}

#[test]
fn a_pdf_that_broke_off_is_not_taken_for_a_document() {
    let pdf = b"%PDF-1.4\n1 0 obj\nendobj\ntrailer\n%%EOF\n";
    for length in [8, 9, 20, pdf.len() - 2] {
        let file = OneFile::new("letter.pdf", &pdf[..length]);
        assert_eq!(prepared(&file.path), Err(PhotoError::Truncated), "{length}");
    }
    let more = [pdf.as_slice(), b"\r\n<!-- sent by mail -->"].concat();
    assert!(prepared(&OneFile::new("letter.pdf", &more).path).is_ok());
}

/// A mail's head, a page of a portal: what stands there is nobody's picture of the page, and would go out unseen.
#[test]
fn what_stands_before_a_document_is_not_sent_unseen() {
    let pdf = b"%PDF-1.4\n1 0 obj\nendobj\ntrailer\n%%EOF\n";
    let before = b"From: Siti <siti@example.id>\r\n\r\n";
    let file = OneFile::new("letter.pdf", &[before.as_slice(), pdf].concat());
    let bytes = before.len() as u64;
    assert_eq!(
        prepared(&file.path),
        Err(PhotoError::BeforeDocument { bytes })
    );
    // These tell nothing.
    for start in [b"\xEF\xBB\xBF".as_slice(), b"\r\n", b"\xEF\xBB\xBF \n"] {
        let file = OneFile::new("letter.pdf", &[start, pdf].concat());
        assert!(prepared(&file.path).is_ok(), "{start:?}");
    }
}

#[test]
fn details_that_a_document_shows_of_its_making_are_seen() {
    let details = |inside: &[u8]| {
        let pdf = [b"%PDF-1.4\n".as_slice(), inside, b"\n%%EOF\n"].concat();
        prepared(&OneFile::new("letter.pdf", &pdf).path)
            .unwrap()
            .details_seen
    };
    for seen in [
        b"<</Author (Siti)>>".as_slice(),
        b"<</Producer(Word)>>",
        b"<</Creator <feff>>>",
        b"<</CreationDate (D:2026)>>",
        b"<?xpacket begin=''?>",
        b"<x:xmpmeta>",
        b"\xFF\xE1\0\x10Exif\0\0",
    ] {
        assert!(details(seen), "{}", seen.escape_ascii());
    }
    assert!(!details(b"1 0 obj\nendobj\n"));
    assert!(
        !prepared_bytes(&ramp_png(31, 17, false))
            .unwrap()
            .details_seen
    );
}
