#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;

#[test]
fn keys_are_lower_case_hyphenated_uuids() {
    assert!(is_key("3d6c1a52-5f0e-4f4b-9a5c-0d8a4e0b7c11"));
    for text in [
        "",
        "3D6C1A52-5F0E-4F4B-9A5C-0D8A4E0B7C11",
        "3d6c1a525f0e4f4b9a5c0d8a4e0b7c11",
        "3d6c1a52-5f0e-4f4b-9a5c-0d8a4e0b7c1",
        "3d6c1a52-5f0e-4f4b-9a5c-0d8a4e0b7c1g",
        "3d6c1a52_5f0e_4f4b_9a5c_0d8a4e0b7c11",
    ] {
        assert!(!is_key(text), "{text}");
    }
}

#[test]
fn areas_are_as_deep_as_known() {
    for text in ["51", "51.03", "51.03.06", "51.03.06.1001"] {
        assert!(is_area(text), "{text}");
    }
    for text in [
        "",
        "5",
        "51.",
        "51.03.06.100",
        "51.03.06.1001.1",
        "5a",
        "510306",
    ] {
        assert!(!is_area(text), "{text}");
    }
}

#[test]
fn whole_numbers_may_be_written_with_a_point() {
    let read = |text: &str| whole(&serde_json::from_str(text).unwrap());
    assert_eq!(read("5"), Some(5));
    assert_eq!(read("5.0"), Some(5));
    assert_eq!(read("5e2"), Some(500));
    for text in ["5.5", "-1", "-1.0", "1e300", "\"5\"", "null", "true"] {
        assert_eq!(read(text), None, "{text}");
    }
}
