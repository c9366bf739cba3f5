#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
use proptest::prelude::*;

use super::*;
use crate::report::{Classification, Place};

fn full() -> Form {
    Form {
        classification: Some(Classification::InformationRequest),
        title: "Jalan \"berlubang\" 🕳️".to_owned(),
        content: "baris 1\nbaris 2\t\\ \u{200f}ꦗꦮ </script>".to_owned(),
        incident_date: "2026-11-20".to_owned(),
        location: "Kuta Utara".to_owned(),
        area_code: "51.03.06".to_owned(),
        institution_id: "150".to_owned(),
        category_id: "42".to_owned(),
        anonymous: true,
        secret: true,
        place: Some(Place {
            latitude: -8.65,
            longitude: 115.13,
        }),
    }
}

/// These bytes are a promise: an update of the app that changes them would make a report that
/// may have arrived look like another one. Change the contract version instead.
#[test]
fn the_frozen_bytes_of_a_full_report_are_these() {
    let photo = AttachmentDigest {
        sha256: Sha256Hash([0xab; 32]),
        bytes: 299_131,
        media_type: "image/jpeg".to_owned(),
        name: "foto-1.jpg".to_owned(),
    };
    let body = freeze(&full(), &[photo], Some(ReportKey([0x11; 16])));
    let golden = concat!(
        r#"{"classification":"information_request","title":"Jalan \"berlubang\" 🕳️","#,
        r#""content":"baris 1\nbaris 2\t\\ "#,
        "\u{200f}",
        r#"ꦗꦮ </script>","incident_date":"2026-11-20","location":"Kuta Utara","area_code":"51.03.06","#,
        r#""institution_id":"150","category_id":"42","anonymous":true,"secret":true,"latitude":-8.65,"longitude":115.13,"#,
        r#""attachments":[{"sha256":"abababababababababababababababababababababababababababababababab","bytes":299131,"#,
        r#""media_type":"image/jpeg","name":"foto-1.jpg"}],"supersedes":"11111111-1111-1111-1111-111111111111"}"#,
    );
    assert_eq!(String::from_utf8(body.bytes.clone()).unwrap(), golden);
    assert_eq!(body.sha256, Sha256Hash::of(golden.as_bytes()));
}

#[test]
fn what_was_not_told_is_not_in_the_body() {
    let form = Form {
        classification: Some(Classification::Complaint),
        title: "T".to_owned(),
        content: "C".to_owned(),
        incident_date: "2026-11-20".to_owned(),
        location: "L".to_owned(),
        ..Form::default()
    };
    let body = freeze(&form, &[], None);
    let golden = r#"{"classification":"complaint","title":"T","content":"C","incident_date":"2026-11-20","location":"L","anonymous":false,"secret":false,"attachments":[]}"#;
    assert_eq!(String::from_utf8(body.bytes).unwrap(), golden);
    assert_eq!(
        body.sha256.to_string(),
        Sha256Hash::of(golden.as_bytes()).to_string()
    );
}

#[test]
fn what_was_frozen_is_read_back_to_the_byte() {
    let photo = AttachmentDigest {
        sha256: Sha256Hash([0xab; 32]),
        bytes: 299_131,
        media_type: "image/jpeg".to_owned(),
        name: "foto-1.jpg".to_owned(),
    };
    let sparse = Form {
        classification: Some(Classification::Aspiration),
        ..Form::default()
    };
    for (form, photos, supersedes) in [
        (full(), vec![photo], Some(ReportKey([0x11; 16]))),
        (sparse, Vec::new(), None),
    ] {
        let body = freeze(&form, &photos, supersedes);
        let thawed = thaw(&body.bytes).unwrap();
        assert_eq!(
            freeze(&thawed.form, &thawed.attachments, thawed.supersedes),
            body
        );
        assert_eq!(thawed.form, form);
    }
    assert_eq!(thaw(b""), None);
    assert_eq!(thaw(br#"{"classification":"complaint"}"#), None);
}

#[test]
fn a_body_over_the_limit_of_the_whole_is_a_problem_of_the_report() {
    let body = freeze(&full(), &[], None);
    let actual = body.bytes.len() as u64;
    let limits = |body_bytes| Limits {
        body_bytes,
        ..Limits::default()
    };
    assert_eq!(body.problem(&limits(actual)), None);
    let large = Problem {
        subject: Subject::Report,
        code: Code::TooLarge {
            limit: actual - 1,
            actual,
        },
    };
    assert_eq!(body.problem(&limits(actual - 1)), Some(large));
}

#[test]
fn the_longest_text_that_may_be_written_fits_a_body() {
    let limits = Limits::default();
    // The widest that JSON makes of a character that may be sent: four bytes.
    let form = Form {
        title: "😀".repeat(limits.title_chars as usize),
        content: "😀".repeat(limits.content_chars as usize),
        location: "😀".repeat(limits.location_chars as usize),
        ..full()
    };
    assert_eq!(freeze(&form, &[], None).problem(&limits), None);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_body_says_exactly_what_was_written(title in any::<String>(), content in any::<String>()) {
        let form = Form { title, content, ..full() };
        let body = freeze(&form, &[], None);
        prop_assert_eq!(&body, &freeze(&form, &[], None), "the same again");
        let read: serde_json::Value = serde_json::from_slice(&body.bytes).unwrap();
        prop_assert_eq!(read["title"].as_str(), Some(form.title.as_str()));
        prop_assert_eq!(read["content"].as_str(), Some(form.content.as_str()));
        prop_assert_eq!(thaw(&body.bytes).map(|thawed| thawed.form), Some(form));
    }
}
