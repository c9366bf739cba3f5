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
