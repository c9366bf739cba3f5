#![allow(clippy::unwrap_used)]
use super::*;

fn event(kind: EventKind, text: Option<&str>, rating: Option<u8>) -> Vec<Code> {
    let body = EventBody {
        kind,
        text: text.map(str::to_owned),
        rating,
        institution_id: None,
        seen_revision: 1,
    };
    let problems = body.problems(&Limits::default());
    problems.into_iter().map(|problem| problem.code).collect()
}

#[test]
fn a_reply_says_something_that_can_be_seen_and_fits() {
    assert_eq!(event(EventKind::Reply, Some("Masih padam."), None), []);
    for nothing in [None, Some(""), Some(" \u{200b}\n")] {
        assert_eq!(event(EventKind::Reply, nothing, None), [Code::Required]);
    }
    let long = "x".repeat(10_001);
    let too_long = Code::TooLong {
        limit: 10_000,
        actual: 10_001,
    };
    assert_eq!(event(EventKind::FollowUp, Some(&long), None), [too_long]);
    let bell = event(EventKind::Reply, Some("a\u{7}b"), None);
    assert_eq!(bell, [Code::ControlCharacter]);
}

#[test]
fn a_rating_is_one_to_five() {
    assert_eq!(event(EventKind::Rate, None, Some(5)), []);
    assert_eq!(event(EventKind::Rate, None, None), [Code::Required]);
    for wrong in [0, 6, 255] {
        assert_eq!(event(EventKind::Rate, None, Some(wrong)), [Code::Invalid]);
    }
}

#[test]
fn closing_needs_no_words_and_forwarding_needs_an_institution() {
    assert_eq!(event(EventKind::Close, None, None), []);
    assert_eq!(event(EventKind::Forward, None, None), [Code::Required]);
}

#[test]
fn who_may_do_what_is_as_the_contract_says_and_a_new_role_is_not_kept_from_anything() {
    use EventKind::{Close, FollowUp, Forward, Rate, Reply, Support};
    let all = [Reply, FollowUp, Rate, Close, Support, Forward];
    let open_to = |role: &str| -> Vec<EventKind> {
        all.into_iter()
            .filter(|kind| kind.is_open_to(role))
            .collect()
    };
    assert_eq!(open_to("reporter"), [Reply, Rate, Close, Support]);
    assert_eq!(open_to("officer"), [Reply, FollowUp, Forward]);
    assert!(reports_are_open_to("reporter") && !reports_are_open_to("officer"));
    for unknown in ["", "moderator"] {
        assert!(reports_are_open_to(unknown));
        assert_eq!(open_to(unknown), all);
    }
}

#[test]
fn only_what_a_later_deed_would_be_undone_by_is_overtaken() {
    use EventKind::{Close, FollowUp, Forward, Rate, Reply, Support};
    let all = [Reply, FollowUp, Rate, Close, Support, Forward];
    for kind in all {
        for later in all {
            let expected = match (kind, later) {
                (Rate, Rate) | (Support, Support) | (Forward, Forward) => (true, true),
                (Close, Close | Reply) => (true, true),
                (Close, Rate) => (false, true),
                _ => (false, false),
            };
            let told = |is_done| kind.is_overtaken_by(later, is_done);
            assert_eq!((told(false), told(true)), expected, "{kind:?} {later:?}");
        }
    }
}
