#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use crate::store::tests::{Person, Phone, key};

#[test]
fn a_key_is_found_by_its_beginning_with_or_without_hyphens() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.writes(key(0x10));
    store.writes(key(0x1f));
    let text = key(0x1f).to_string();
    for length in 2..=text.len() {
        assert_eq!(
            store.find(&text[..length]).unwrap(),
            [key(0x1f)],
            "{}",
            &text[..length]
        );
    }
    assert_eq!(store.find(&text.to_uppercase()).unwrap(), [key(0x1f)]);
    assert_eq!(store.find("1").unwrap(), [key(0x10), key(0x1f)]);
    for nothing in [
        "",
        "-",
        "g",
        "1g",
        "#",
        "#1",
        "2",
        "1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f",
    ] {
        assert_eq!(store.find(nothing).unwrap(), [], "{nothing}");
    }
    assert_eq!(store.find("@last").unwrap(), [key(0x1f)]);
}
