//! `judge` alone, over every recorded answer, every action, every end and every cut.

use lapor_core::engine::{
    api::{Action, Circumstance, End, Exchange, Outcome, Secret, judge},
    calendar::Instant,
    report::{EventKey, ReportKey},
};

use crate::recorded::{Expected, Recorded, all};

pub(crate) const NONCE: &str = "0123456789abcdef01234567";
const KEY: ReportKey = ReportKey([7; 16]);

pub(crate) fn create() -> Action {
    Action::Create {
        key: KEY,
        body: b"{}".to_vec(),
        prior_tracking_id: None,
    }
}

pub(crate) fn every_action() -> Vec<Action> {
    let secret = || Secret::new("rahasia".to_owned());
    vec![
        create(),
        Action::Probe,
        Action::SignIn {
            user: "siti".to_owned(),
            password: secret(),
        },
        Action::Refresh {
            refresh_token: secret(),
        },
        Action::SignOut,
        Action::Withdraw { key: KEY },
        Action::Event {
            key: KEY,
            event_key: EventKey([9; 16]),
            body: b"{}".to_vec(),
        },
        Action::Fetch { key: KEY },
        Action::Changes { after: None },
        Action::Changes {
            after: Some("c1".to_owned()),
        },
        Action::Known { keys: vec![KEY] },
        Action::UploadOffset {
            url: "v1/uploads/x".to_owned(),
        },
    ]
}

/// A word that only LAPOR! itself may say: it ends or changes something for good.
pub(crate) fn decides(outcome: &Outcome) -> bool {
    !matches!(
        outcome,
        Outcome::NotLapor { .. } | Outcome::Busy { .. } | Outcome::Unknown | Outcome::Offline
    )
}

pub(crate) fn circumstance() -> Circumstance {
    let at = |text| Instant::parse_rfc3339(text).unwrap();
    Circumstance {
        now: at("2026-11-22T08:00:00Z"),
        built_at: at("2026-06-01T00:00:00Z"),
        last_server_date: None,
    }
}

fn exchange(recorded: &Recorded, cut: usize, end: End) -> Exchange {
    Exchange {
        connected: true,
        sent: 2,
        status: recorded.status(),
        headers: recorded.headers(NONCE),
        body: recorded.body()[..cut].to_vec(),
        end,
    }
}

#[test]
fn no_recorded_answer_decides_anything_wherever_it_ends() {
    const ENDS: [End; 5] = [
        End::Complete,
        End::Cut,
        End::Stalled,
        End::TooLarge,
        End::Undecodable,
    ];
    let mut judged = 0;
    for recorded in all() {
        let length = recorded.body().len();
        for cut in [0, length / 3, length / 2, length.saturating_sub(1), length] {
            // What a decoder could not make whole never comes with this end.
            let spoilt = recorded.name.contains("gzip") || recorded.name.contains("chunked");
            let cut_short = cut < length || spoilt || recorded.name.starts_with("cut-");
            for end in ENDS {
                if recorded.is_marked() && cut_short && end == End::Complete {
                    continue;
                }
                for action in every_action() {
                    let outcome = judge(
                        &action,
                        NONCE,
                        &exchange(&recorded, cut, end),
                        &circumstance(),
                    );
                    // The gateway's own marks, whole, and a status that is the whole answer.
                    assert!(
                        !decides(&outcome),
                        "{} {end:?} {action:?}: {outcome:?}",
                        recorded.name
                    );
                    judged += 1;
                }
            }
        }
    }
    assert!(judged > 5_000, "{judged}");
}

#[test]
fn what_is_not_marked_spends_no_attempt_unless_it_asks_for_patience() {
    for recorded in all()
        .iter()
        .filter(|one| !one.is_marked() && one.status().is_some())
    {
        let whole = exchange(recorded, recorded.body().len(), End::Complete);
        let outcome = judge(&create(), NONCE, &whole, &circumstance());
        let fits = match recorded.expected {
            Expected::NotLapor => matches!(outcome, Outcome::NotLapor { .. }),
            Expected::Busy => matches!(outcome, Outcome::Busy { marked: false, .. }),
            Expected::Unknown => false,
        };
        assert!(fits, "{}: {outcome:?}", recorded.name);
    }
}
