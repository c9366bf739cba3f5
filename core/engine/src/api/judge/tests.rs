#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
//! The outcome table: the line. LAPOR!'s own answers, portals and proxies, uploads, and the properties that hold for
//! any exchange whatsoever have files of their own.

mod answers;
mod edges;
mod portals;
mod table;
mod total;
mod uploads;

use super::*;
use crate::{
    api::{Secret, outcome::Answer},
    report::{EventKey, ReportKey, Status},
};

pub(super) const NONCE: &str = "0123456789abcdef01234567";
pub(super) const KEY: ReportKey = ReportKey([7; 16]);
const EVENT: EventKey = EventKey([9; 16]);

pub(super) fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

pub(super) fn circumstance() -> Circumstance {
    Circumstance {
        now: at("2026-11-22T08:00:00Z"),
        built_at: at("2026-06-01T00:00:00Z"),
        last_server_date: Some(at("2026-11-21T00:00:00Z")),
    }
}

pub(super) fn create() -> Action {
    Action::Create {
        key: KEY,
        body: b"{}".to_vec(),
        prior_tracking_id: None,
    }
}

fn refresh() -> Action {
    Action::Refresh {
        refresh_token: Secret::new("r".to_owned()),
    }
}

fn sign_in() -> Action {
    Action::SignIn {
        user: "ayu".to_owned(),
        password: Secret::new("p".to_owned()),
    }
}

fn event() -> Action {
    Action::Event {
        key: KEY,
        event_key: EVENT,
        body: b"{}".to_vec(),
    }
}

pub(super) fn every_action() -> Vec<Action> {
    vec![
        Action::Probe,
        sign_in(),
        refresh(),
        Action::SignOut,
        create(),
        Action::Withdraw { key: KEY },
        event(),
        Action::Fetch { key: KEY },
        Action::Changes { after: None },
        Action::Changes {
            after: Some("c1".to_owned()),
        },
        Action::Known { keys: vec![KEY] },
        Action::UploadOffset {
            url: "/v1/uploads/x".to_owned(),
        },
        Action::UploadChunk {
            url: "/v1/uploads/x".to_owned(),
            attachment: 1,
            offset: 100,
            length: 50,
        },
    ]
}

/// Whatever came over a connection that was up, whole.
pub(super) fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Exchange {
    Exchange {
        connected: true,
        sent: 2,
        status: Some(status),
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: body.as_bytes().to_vec(),
        end: End::Complete,
    }
}

/// An answer of LAPOR! itself.
pub(super) fn marked_answer(status: u16, body: &str) -> Exchange {
    answer(
        status,
        &[
            ("lapor-contract", "1"),
            ("lapor-request", NONCE),
            ("lapor-epoch", "e1"),
        ],
        body,
    )
}

pub(super) fn with(mut exchange: Exchange, name: &str, value: &str) -> Exchange {
    exchange.headers.push((name.to_owned(), value.to_owned()));
    exchange
}

pub(super) fn ended(mut exchange: Exchange, end: End) -> Exchange {
    exchange.end = end;
    exchange
}

pub(super) fn means(action: &Action, exchange: &Exchange) -> Outcome {
    judge(action, NONCE, exchange, &circumstance())
}

fn code(status: u16, code: &str) -> Exchange {
    marked_answer(
        status,
        &format!(r#"{{"type":"about:blank","title":"x","status":{status},"code":"{code}"}}"#),
    )
}

const CREATED: &str = r#"{"key":"07070707-0707-0707-0707-070707070707","tracking_id":"1916449","revision":1,
    "status":"unverified","deadlines":{"verify_by":"2026-11-25"},"missing":[],"of_tomorrow":{"a":[1]}}"#;

#[test]
fn a_marked_create_is_done_with_its_tracking_id() {
    for status in [200, 201] {
        let Outcome::Done(Answer::Create(answer)) =
            means(&create(), &marked_answer(status, CREATED))
        else {
            panic!("{status}")
        };
        assert_eq!(answer.tracking_id.to_string(), "#1916449");
        assert_eq!(answer.status, Status::Unverified);
        assert_eq!(answer.deadlines.verify_by.as_deref(), Some("2026-11-25"));
    }
}

#[test]
fn before_a_connection_was_up_the_line_is_offline() {
    for end in [End::Dns, End::NoConnection] {
        assert_eq!(
            means(&create(), &Exchange::unconnected(end)),
            Outcome::Offline
        );
    }
    assert_eq!(
        means(&create(), &Exchange::unconnected(End::Cut)),
        Outcome::Offline
    );
    assert_eq!(
        means(&create(), &Exchange::unconnected(End::Stalled)),
        Outcome::Offline
    );
}

#[test]
fn a_cut_after_the_connection_was_up_is_unknown() {
    for end in [
        End::Cut,
        End::Stalled,
        End::Undecodable,
        End::TooLarge,
        End::Complete,
    ] {
        let nothing = Exchange {
            connected: true,
            sent: 9,
            status: None,
            headers: vec![],
            body: vec![],
            end,
        };
        assert_eq!(means(&create(), &nothing), Outcome::Unknown, "{end:?}");
    }
    for end in [End::Cut, End::Stalled, End::Undecodable, End::TooLarge] {
        let torn = ended(marked_answer(201, CREATED), end);
        assert_eq!(
            means(&create(), &torn),
            Outcome::Unknown,
            "the head alone is no tracking id: {end:?}"
        );
        assert_eq!(
            means(&create(), &ended(code(422, "invalid"), end)),
            Outcome::Unknown,
            "nor a rejection: {end:?}"
        );
    }
}

#[test]
fn a_cut_after_the_head_of_a_bodiless_answer_loses_nothing() {
    let gone = ended(marked_answer(204, ""), End::Cut);
    assert_eq!(
        means(&Action::Withdraw { key: KEY }, &gone),
        Outcome::Done(Answer::Withdrawn)
    );
    let same = ended(marked_answer(304, ""), End::Cut);
    assert_eq!(
        means(
            &Action::Changes {
                after: Some("c".to_owned())
            },
            &same
        ),
        Outcome::Done(Answer::NoChanges)
    );
}

#[test]
fn a_certificate_out_of_its_dates_is_the_clock_only_when_the_clock_cannot_be_right() {
    let expired = Exchange::unconnected(End::CertificateDates);
    let on = |now: &str, last: Option<&str>| {
        let circumstance = Circumstance {
            now: at(now),
            last_server_date: last.map(at),
            ..circumstance()
        };
        judge(&create(), NONCE, &expired, &circumstance)
    };
    assert_eq!(
        on("2026-11-22T08:00:00Z", None),
        Outcome::Untrusted,
        "a plausible clock: the certificate is bad"
    );
    assert_eq!(
        on("2026-05-31T23:59:59Z", None),
        Outcome::ClockWrong,
        "before the app was built"
    );
    assert_eq!(
        on("2016-11-22T08:00:00Z", None),
        Outcome::ClockWrong,
        "ten years back"
    );
    assert_eq!(
        on("2036-11-22T08:00:00Z", None),
        Outcome::ClockWrong,
        "ten years ahead"
    );
    let seen = Some("2026-11-21T00:00:00Z");
    assert_eq!(
        on("2026-11-19T23:00:00Z", seen),
        Outcome::ClockWrong,
        "behind what the server said"
    );
    assert_eq!(
        on("2026-11-20T12:00:00Z", seen),
        Outcome::Untrusted,
        "half a day is a zone set by hand"
    );
    let other = Circumstance {
        now: at("2016-11-22T08:00:00Z"),
        ..circumstance()
    };
    assert_eq!(
        judge(
            &create(),
            NONCE,
            &Exchange::unconnected(End::Untrusted),
            &other
        ),
        Outcome::Untrusted,
        "a wrong issuer is no matter of clocks"
    );
}

#[test]
fn busy_comes_marked_or_from_a_front_end() {
    for status in [429, 500, 502, 503, 504, 599] {
        assert_eq!(
            means(&create(), &code(status, "internal")),
            Outcome::Busy {
                status,
                retry_after: None,
                marked: true
            }
        );
        assert_eq!(
            means(&create(), &answer(status, &[], "upstream")),
            Outcome::Busy {
                status,
                retry_after: None,
                marked: false
            }
        );
        let torn = ended(code(status, "internal"), End::Cut);
        assert!(
            matches!(means(&create(), &torn), Outcome::Busy { .. }),
            "its status alone says so"
        );
    }
}

#[test]
fn retry_after_is_taken_at_its_word_within_an_hour() {
    let asked = |value: &str| {
        let exchange = with(
            with(code(503, "maintenance"), "retry-after", value),
            "date",
            "Sun, 22 Nov 2026 08:00:00 GMT",
        );
        match means(&create(), &exchange) {
            Outcome::Busy { retry_after, .. } => retry_after,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(asked("120"), Some(120_000));
    assert_eq!(asked(" 7 "), Some(7_000));
    assert_eq!(asked("0"), Some(1_000), "never at once");
    assert_eq!(asked("86400"), Some(3_600_000), "never a day");
    assert_eq!(asked("99999999999999999999999999"), Some(3_600_000));
    assert_eq!(asked("18446744073709551615"), Some(3_600_000));
    assert_eq!(
        asked("Sun, 22 Nov 2026 08:02:00 GMT"),
        Some(120_000),
        "a date, by the server's own clock"
    );
    assert_eq!(
        asked("Sun, 22 Nov 2020 08:02:00 GMT"),
        Some(1_000),
        "a date gone by"
    );
    assert_eq!(asked("Fri, 22 Nov 2999 08:02:00 GMT"), Some(3_600_000));
    for nonsense in ["", "-5", "soon", "1.5", "0x10", "١٢٠"] {
        assert_eq!(asked(nonsense), None, "{nonsense:?}: the phone's own pace");
    }
}
