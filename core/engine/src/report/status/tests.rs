#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
use proptest::prelude::*;

use super::*;

#[test]
fn phases_are_stored_under_words_that_are_read_again() {
    for phase in Phase::ALL {
        assert_eq!(Phase::parse(phase.as_str()), Some(phase));
        assert_eq!(
            serde_json::to_string(&phase).unwrap(),
            format!("\"{}\"", phase.as_str())
        );
    }
    assert_eq!(Phase::parse("lost"), None);
}

#[test]
fn only_a_draft_and_a_rejected_report_can_be_edited() {
    let editable: Vec<Phase> = Phase::ALL
        .into_iter()
        .filter(|phase| phase.is_editable())
        .collect();
    assert_eq!(editable, [Phase::Draft, Phase::Rejected]);
}

#[test]
fn a_day_that_was_met_or_that_nobody_waits_for_is_over() {
    let ahead = |word: &str| {
        let status = Status::parse(word);
        (status.is_to_be_verified(), status.is_to_be_followed_up())
    };
    assert_eq!(ahead("unverified"), (true, true));
    for word in ["verified", "disposed", "postponed"] {
        assert_eq!(ahead(word), (false, true), "{word}");
    }
    for word in [
        "in_progress",
        "closed",
        "archived",
        "not_our_authority",
        "withdrawn",
    ] {
        assert_eq!(ahead(word), (false, false), "{word}");
    }
    assert_eq!(ahead("Ditutup oleh Admin"), (true, true), "not known here");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_status_of_the_service_survives_untouched(word in ".{0,40}|verified|closed|Ditutup oleh Admin") {
        let status = Status::parse(&word);
        prop_assert_eq!(status.as_str(), word.as_str());
        let text = serde_json::to_string(&status).unwrap();
        prop_assert_eq!(serde_json::from_str::<Status>(&text).unwrap(), status);
    }
}
