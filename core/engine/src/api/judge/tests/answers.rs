//! What LAPOR!'s own answers mean, by status and code.

use super::*;

#[test]
fn a_401_means_what_was_asked_for() {
    assert_eq!(
        means(&create(), &code(401, "unauthorized")),
        Outcome::Unauthorized
    );
    assert_eq!(
        means(&event(), &code(401, "unauthorized")),
        Outcome::Unauthorized
    );
    assert_eq!(
        means(&refresh(), &code(401, "session_ended")),
        Outcome::SessionEnded
    );
    assert_eq!(
        means(&sign_in(), &code(401, "bad_credentials")),
        Outcome::BadCredentials
    );
    assert_eq!(
        means(&create(), &answer(401, &[], "")),
        Outcome::NotLapor { status: 401 },
        "a proxy wants a password"
    );
}

#[test]
fn the_conflicts_of_a_key_are_told_apart() {
    assert_eq!(
        means(&create(), &code(409, "key_taken")),
        Outcome::KeyTaken { foreign: false }
    );
    assert_eq!(
        means(&create(), &code(409, "key_foreign")),
        Outcome::KeyTaken { foreign: true }
    );
    assert_eq!(
        means(&create(), &code(410, "withdrawn")),
        Outcome::Withdrawn
    );
    assert_eq!(means(&event(), &code(410, "withdrawn")), Outcome::Withdrawn);
    assert_eq!(
        means(&Action::Withdraw { key: KEY }, &code(409, "too_late")),
        Outcome::TooLate
    );
    assert_eq!(
        means(&create(), &code(409, "too_late")),
        Outcome::Refused {
            status: 409,
            code: "too_late".to_owned()
        },
        "only a withdrawal can be too late"
    );
    assert_eq!(
        means(&Action::Fetch { key: KEY }, &code(404, "not_found")),
        Outcome::NotFound
    );
    assert_eq!(
        means(
            &Action::Changes {
                after: Some("c".to_owned())
            },
            &code(410, "cursor_gone")
        ),
        Outcome::CursorGone
    );
}

#[test]
fn a_rejection_carries_fields_and_their_limits() {
    let body = r#"{"type":"t","title":"x","status":422,"code":"invalid","fields":[
        {"field":"title","code":"too_long","limit":100},{"field":"latitude","code":"invalid"},
        {"field":"attachments","code":"too_many","limit":3},
        {"field":"attachments[1].media_type","code":"unsupported_type"},{"field":"attachments[x]","code":"invalid"},
        {"field":"mood","code":"too_sad"}]}"#;
    let Outcome::Rejected { problems } = means(&create(), &marked_answer(422, body)) else {
        panic!()
    };
    let problem = |subject, code| Problem { subject, code };
    assert_eq!(
        problems,
        [
            problem(
                Subject::Field(Field::Title),
                Code::TooLong {
                    limit: 100,
                    actual: 0
                }
            ),
            problem(Subject::Field(Field::Place), Code::Invalid),
            problem(
                Subject::Attachments,
                Code::TooMany {
                    limit: 3,
                    actual: 0
                }
            ),
            problem(Subject::Attachment(1), Code::UnsupportedType),
            problem(Subject::Unknown("attachments[x]".to_owned()), Code::Invalid),
            problem(
                Subject::Unknown("mood".to_owned()),
                Code::Other {
                    word: "too_sad".to_owned()
                }
            ),
        ]
    );
    assert_eq!(
        means(&Action::Fetch { key: KEY }, &marked_answer(422, body)),
        Outcome::Refused {
            status: 422,
            code: "invalid".to_owned()
        },
        "reading cannot be rejected"
    );
}

#[test]
fn any_other_marked_4xx_is_a_refusal_with_its_code() {
    for (status, word) in [
        (403, "not_allowed"),
        (413, "body_too_large"),
        (415, "unsupported"),
        (409, "not_possible"),
    ] {
        assert_eq!(
            means(&event(), &code(status, word)),
            Outcome::Refused {
                status,
                code: word.to_owned()
            }
        );
    }
    assert_eq!(
        means(&create(), &marked_answer(451, "not even json")),
        Outcome::Refused {
            status: 451,
            code: String::new()
        }
    );
    let Outcome::Refused { code, .. } = means(&create(), &code(400, &"x".repeat(5_000))) else {
        panic!()
    };
    assert_eq!(code.len(), 64, "a code is short, whatever a server says");
}

#[test]
fn another_contract_asks_for_an_update_of_the_app() {
    let spoken = |version: &str| {
        answer(
            200,
            &[("lapor-contract", version), ("lapor-request", NONCE)],
            CREATED,
        )
    };
    for version in ["2", "0", "1.1", "one", ""] {
        assert_eq!(
            means(&create(), &spoken(version)),
            Outcome::Incompatible,
            "{version:?}"
        );
    }
    assert!(matches!(means(&create(), &spoken(" 1 ")), Outcome::Done(_)));
    assert_eq!(
        means(&create(), &code(400, "contract_unsupported")),
        Outcome::Incompatible
    );
    assert_eq!(
        means(&create(), &code(426, "contract_unsupported")),
        Outcome::Incompatible
    );
}

#[test]
fn a_success_that_is_not_what_the_contract_says_is_never_called_sent() {
    for body in [
        "",
        "{}",
        "[]",
        "null",
        "\"ok\"",
        "<html>",
        r#"{"tracking_id":7}"#,
        "{\"tracking_id\":\"1\"",
    ] {
        let outcome = means(&create(), &marked_answer(200, body));
        assert_eq!(
            outcome,
            Outcome::Busy {
                status: 200,
                retry_after: None,
                marked: true
            },
            "{body:?}"
        );
    }
    assert!(matches!(
        means(&create(), &marked_answer(204, "")),
        Outcome::Busy { .. }
    ));
    assert!(matches!(
        means(&create(), &marked_answer(304, "")),
        Outcome::Busy { .. }
    ));
    let other =
        r#"{"event_key":"00000000-0000-4000-8000-000000000000","revision":2,"status":"closed"}"#;
    assert!(
        matches!(
            means(&event(), &marked_answer(200, other)),
            Outcome::Busy { .. }
        ),
        "another event's answer"
    );
    for status in [200, 201, 304] {
        let outcome = means(&Action::Withdraw { key: KEY }, &marked_answer(status, "{}"));
        assert!(
            matches!(outcome, Outcome::Busy { .. }),
            "taken back only by the contract's 204, not by {status}"
        );
    }
}

#[test]
fn what_this_phone_could_not_do_is_local() {
    assert_eq!(
        means(
            &create(),
            &ended(marked_answer(201, CREATED), End::BodyUnreadable)
        ),
        Outcome::Local
    );
    assert_eq!(
        means(&create(), &Exchange::unconnected(End::Aborted)),
        Outcome::Aborted
    );
}

#[test]
fn the_feed_passes_over_kinds_of_tomorrow() {
    let body = r#"{"cursor":"c2","complete":false,"changes":[
        {"position":1,"kind":"report","key":"07070707-0707-0707-0707-070707070707","tracking_id":"1","revision":2,
         "status":"Ditanggapi oleh Pelapor","title":"Jalan","event_keys":["09090909-0909-0909-0909-090909090909"]},
        {"position":2,"kind":"removed","key":"07070707-0707-0707-0707-070707070707","tracking_id":"1"},
        {"position":3,"kind":"poll","question":{"deep":[1,2]}}]}"#;
    let Outcome::Done(Answer::Changes(page)) =
        means(&Action::Changes { after: None }, &marked_answer(200, body))
    else {
        panic!()
    };
    use crate::api::FeedItem;
    let FeedItem::Report {
        status, event_keys, ..
    } = &page.changes[0]
    else {
        panic!()
    };
    assert_eq!(
        status.as_str(),
        "Ditanggapi oleh Pelapor",
        "an unknown status survives"
    );
    assert_eq!(event_keys, &[EVENT]);
    assert_eq!(
        page.changes[1..],
        [FeedItem::Removed { key: KEY }, FeedItem::Unknown]
    );
    assert!(!page.complete);
}

#[test]
fn epoch_and_date_are_read_from_marked_answers_only() {
    let ours = with(
        marked_answer(200, "{}"),
        "date",
        "Sun, 22 Nov 2026 08:00:00 GMT",
    );
    let told = marks(NONCE, &ours);
    assert_eq!(told.epoch.as_deref(), Some("e1"));
    assert_eq!(told.server_date, Some(at("2026-11-22T08:00:00Z")));
    assert_eq!(
        marks("another", &ours),
        Marks::default(),
        "an old answer from a cache"
    );
    let portal = answer(
        200,
        &[
            ("lapor-epoch", "e9"),
            ("date", "Sun, 22 Nov 2026 08:00:00 GMT"),
        ],
        "",
    );
    assert_eq!(marks(NONCE, &portal), Marks::default());
    for bad in ["", "   ", &"e".repeat(33)] {
        let odd = answer(
            200,
            &[
                ("lapor-contract", "1"),
                ("lapor-request", NONCE),
                ("lapor-epoch", bad),
            ],
            "",
        );
        assert_eq!(marks(NONCE, &odd).epoch, None, "{bad:?}");
    }
}
