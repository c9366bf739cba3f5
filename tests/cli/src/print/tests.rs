#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;

#[test]
fn nobodys_text_steers_a_terminal() {
    assert_eq!(visible("a\x1b[2Jb"), "a\\u{1b}[2Jb");
    assert_eq!(visible("\u{9b}31m"), "\\u{9b}31m");
    assert_eq!(visible("x\r\ny\tz\0"), "x\\u{d}\\u{a}y\\u{9}z\\u{0}");
}

#[test]
fn the_reading_order_cannot_be_turned_around() {
    assert_eq!(visible("a\u{202e}gpj.exe"), "a\\u{202e}gpj.exe");
    assert_eq!(visible("\u{2067}x\u{2069}"), "\\u{2067}x\\u{2069}");
    // What belongs to writing stays as it was written.
    for text in [
        "الشارع مكسور\u{200f}!",
        "ᬚᬮᬦ᭄",
        "ප්\u{200d}රධාන",
        "👩\u{200d}👩\u{200d}👧",
        "ꦢꦭꦤ꧀",
    ] {
        assert_eq!(visible(text), text);
    }
}

#[test]
fn json_with_such_signs_means_the_same() {
    let words = "a\x1b\u{9b}\u{202e}\u{2028}\u{7f}b \"c\"\n";
    let json = json_visible(&serde_json::to_string(words).unwrap());
    assert!(!json.chars().any(steers), "{json}");
    assert_eq!(serde_json::from_str::<String>(&json).unwrap(), words);
}

#[test]
fn a_column_is_one_line() {
    assert_eq!(
        shortened("Jalan\n  berlubang\tdi depan", 18),
        "Jalan berlubang d…"
    );
    assert_eq!(shortened("Jalan", 5), "Jalan");
    assert_eq!(paragraph("satu\r\ndua\x07", "  "), "  satu\n  dua\\u{7}");
}
