#![allow(clippy::unwrap_used)]

use super::*;
use crate::{
    calendar::{Due, Instant},
    report::{Form, ReportKey, freeze},
    sync::{AccountId, OperationId},
};

const NOON: Instant = Instant(1_795_334_400_000);

fn frozen(content: &str) -> Vec<u8> {
    let form = Form {
        title: "Lampu".to_owned(),
        content: content.to_owned(),
        ..Form::default()
    };
    freeze(&form, &[], None).bytes
}

fn copy(content: &str) -> String {
    let words = String::from_utf8(frozen(content)).unwrap();
    format!("{{\"tracking_id\":\"7\", \"submitted\": {words}, \"events\":[]}}")
}

fn fetch(state: OperationState, reason: Option<Reason>) -> [Operation; 1] {
    [Operation {
        id: OperationId(9),
        account: AccountId(2),
        report: ReportKey([1; 16]),
        kind: OperationKind::FetchCopy,
        attachment: None,
        event: None,
        follows: None,
        is_free: true,
        state,
        attempts: 1,
        streak: 0,
        due: Due::now(NOON),
        maybe_sent: true,
        owner: None,
        reason,
        tried_at: Some(NOON),
    }]
}

#[test]
fn other_words_are_told_from_the_same_in_other_bytes() {
    let done = fetch(OperationState::Done, None);
    let of = |text: &str| ServiceCopy::of(&frozen("Padam"), text, &done, false);
    assert_eq!(of(&copy("Terang")), Some(ServiceCopy::Other));
    let reordered = r#"{"submitted":{ "attachments":[],"secret":false,"anonymous":false,"location":"",
        "incident_date":"","content":"Padam","title":"Lampu","classification":""}}"#;
    assert_eq!(of(reordered), Some(ServiceCopy::Same));
    assert_eq!(of("{}"), Some(ServiceCopy::Other), "nothing to compare");
    assert_eq!(submitted(&copy("Terang")).unwrap().form.content, "Terang");
    assert_eq!(submitted("{}"), None);
}

#[test]
fn what_was_taken_back_is_not_awaited() {
    let told = |state, reason: Option<Reason>, removed| {
        ServiceCopy::of(&frozen("Padam"), "", &fetch(state, reason), removed)
    };
    let refused = |status| {
        Some(Reason::Refused {
            status,
            code: "x".to_owned(),
        })
    };
    use OperationState::{Ended, Paused, Waiting};
    let awaited = Some(ServiceCopy::Awaited);
    assert_eq!(told(Waiting, Some(Reason::NotTried), false), awaited);
    // A replica may lag: not shown is what is still so after some tries.
    assert_eq!(told(Waiting, refused(404), false), awaited);
    assert_eq!(
        told(Paused, refused(404), false),
        Some(ServiceCopy::NotShown)
    );
    assert_eq!(told(Paused, refused(403), false), awaited);
    let taken_back = Some(ServiceCopy::TakenBack);
    assert_eq!(told(Ended, Some(Reason::Withdrawn), false), taken_back);
    assert_eq!(told(Waiting, Some(Reason::Offline), true), taken_back);
    let gone = ServiceCopy::of(&frozen("Padam"), &copy("Terang"), &[], true);
    assert_eq!(gone, taken_back, "also where it had been fetched");
    // Of another account's nothing is asked, and who has decided needs none.
    assert_eq!(ServiceCopy::of(&frozen("Padam"), "", &[], false), None);
    let taken = Some(Reason::KeyTaken { foreign: false });
    assert_eq!(told(Ended, taken, false), None);
}

#[test]
fn a_question_is_never_said_to_have_arrived() {
    let asked = &fetch(OperationState::Waiting, Some(Reason::Unknown))[0];
    assert!(asked.maybe_sent && !asked.may_have_arrived());
}

#[test]
fn how_a_copy_stands_has_a_word_for_scripts() {
    let words: Vec<_> = ServiceCopy::ALL.iter().map(|one| one.as_str()).collect();
    assert_eq!(
        words,
        ["awaited", "other", "same", "taken_back", "not_shown"]
    );
}
