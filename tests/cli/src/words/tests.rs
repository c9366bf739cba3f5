#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;

#[test]
fn nothing_is_younger_than_it_was() {
    for (millis, id, en) in [
        (0, "baru saja", "just now"),
        (59_999, "baru saja", "just now"),
        (60_000, "1 menit lalu", "1 minute ago"),
        (7_199_999, "1 jam lalu", "1 hour ago"),
        (86_400_000 * 2, "2 hari lalu", "2 days ago"),
    ] {
        assert_eq!(
            (
                ago(millis, Lang::Id).as_str(),
                ago(millis, Lang::En).as_str()
            ),
            (id, en)
        );
    }
}

#[test]
fn sizes_speak_the_language() {
    assert_eq!(size(0, Lang::Id), "0 B");
    assert_eq!(size(1023, Lang::Id), "1023 B");
    assert_eq!(size(307_200, Lang::Id), "300 KB");
    assert_eq!(size(1_600_000, Lang::Id), "1,5 MB");
    assert_eq!(size(1_600_000, Lang::En), "1.5 MB");
    assert_eq!(size(u64::MAX, Lang::En), "17592186044416 MB");
}

#[test]
fn a_copied_phone_is_told_that_nothing_counts_twice() {
    let said = notice(&Notice::CopiedPhone { unsent: 3 }, Lang::Id);
    assert!(
        said.contains("3 langkah") && said.contains("dua kali"),
        "{said}"
    );
}
