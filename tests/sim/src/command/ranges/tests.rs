#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::{Ranges, chance};

#[test]
fn what_is_printed_can_be_read_back() {
    for text in ["", "3", "3-17,20", "1,3,5-6"] {
        assert_eq!(text.parse::<Ranges>().unwrap().to_string(), text);
    }
    assert!("3-x".parse::<Ranges>().is_err());
    let fault = chance("12.3").unwrap();
    assert_eq!((fault.round, fault.nth), (12, 3));
    assert_eq!(fault.to_string(), "12.3");
    assert!(chance("12").is_err());
}
