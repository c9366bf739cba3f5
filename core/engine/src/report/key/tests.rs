#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
use proptest::prelude::*;

use super::*;

#[test]
fn a_key_is_a_random_uuid_that_tells_no_time() {
    let key = ReportKey::from_entropy([0xff; 16]);
    assert_eq!(
        key.to_string(),
        "ffffffff-ffff-4fff-bfff-ffffffffffff",
        "version 4, variant 1"
    );
    assert_eq!(
        ReportKey::from_entropy([0; 16]).to_string(),
        "00000000-0000-4000-8000-000000000000"
    );
}

#[test]
fn what_is_no_key_is_refused() {
    for bad in [
        "",
        "1916449",
        "#1916449",
        "ffffffff-ffff-4fff-bfff-fffffffffff",
        "gfffffff-ffff-4fff-bfff-ffffffffffff",
    ] {
        assert_eq!(bad.parse::<ReportKey>(), Err(BadKey("a UUID")), "{bad}");
    }
}

#[test]
fn a_hash_is_sixty_four_hexadecimal_digits() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(Sha256Hash::of(b"").to_string(), empty);
    assert_eq!(empty.parse::<Sha256Hash>().unwrap(), Sha256Hash::of(b""));
    let short = &empty[1..];
    let signed = format!("+{short}");
    let wide = format!("é{}", &empty[2..]);
    for bad in [
        "",
        short,
        signed.as_str(),
        wide.as_str(),
        &format!("{empty}0"),
        &format!("g{short}"),
    ] {
        assert!(bad.parse::<Sha256Hash>().is_err(), "{bad}");
    }
}

#[test]
fn a_tracking_id_is_a_string_and_is_shown_with_its_sign() {
    let id: TrackingId = serde_json::from_str("\"0016449\"").unwrap();
    assert_eq!(id.to_string(), "#0016449", "leading zeros are part of it");
    assert_eq!(serde_json::to_string(&id).unwrap(), "\"0016449\"");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn keys_and_hashes_survive_the_wire(entropy in any::<[u8; 16]>(), hash in any::<[u8; 32]>()) {
        let key = ReportKey::from_entropy(entropy);
        let text = key.to_string();
        prop_assert_eq!(text.len(), 36);
        prop_assert_eq!(text.as_bytes()[14], b'4');
        prop_assert!(text.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)));
        prop_assert_eq!(text.parse::<ReportKey>().unwrap(), key);
        prop_assert_eq!(text.to_uppercase().parse::<ReportKey>().unwrap(), key);
        let hash = Sha256Hash(hash);
        prop_assert_eq!(hash.to_string().parse::<Sha256Hash>().unwrap(), hash);
    }
}
