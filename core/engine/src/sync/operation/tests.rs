#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
use super::*;

/// The words stand in the outbox of every phone: a version that reads others finds it empty.
#[test]
fn kinds_and_states_are_read_from_the_words_that_phones_have_stored() {
    let kinds = [
        "create_report",
        "withdraw",
        "add_event",
        "upload_attachment",
        "fetch_copy",
    ];
    assert_eq!(OperationKind::ALL.map(OperationKind::as_str), kinds);
    assert_eq!(
        kinds.map(OperationKind::parse),
        OperationKind::ALL.map(Some)
    );
    let states = ["waiting", "in_flight", "paused", "done", "ended"];
    assert_eq!(OperationState::ALL.map(OperationState::as_str), states);
    assert_eq!(
        states.map(OperationState::parse),
        OperationState::ALL.map(Some)
    );
    assert_eq!(OperationKind::parse("comment"), None);
    assert_eq!(OperationState::parse(""), None);
}
