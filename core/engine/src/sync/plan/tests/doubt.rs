//! While nobody is reached, a report that was never on the wire is not the one to try it with.

use super::*;

const UNREACHED: [OriginTrouble; 4] = [
    OriginTrouble::Offline,
    OriginTrouble::ClockWrong,
    OriginTrouble::Untrusted,
    OriginTrouble::NotLapor { status: 200 },
];

#[test]
fn a_doubtful_line_is_tried_with_a_probe_as_long_as_the_report_is_fresh() {
    for trouble in UNREACHED {
        for fresh in [
            create(1),
            row(1, OperationKind::AddEvent, 1),
            row(1, OperationKind::Withdraw, 1),
        ] {
            let work = phone()
                .and(fresh.clone())
                .in_trouble(trouble.clone(), Due::now(morning()));
            assert_eq!(goes(&work), "probe", "{trouble:?}");
            let tried = Operation {
                maybe_sent: true,
                ..fresh
            };
            let work = phone()
                .and(tried)
                .in_trouble(trouble.clone(), Due::now(morning()));
            assert_ne!(
                goes(&work),
                "probe",
                "nothing to lose any more: {trouble:?}"
            );
        }
    }
}

#[test]
fn a_gateway_that_answers_is_no_doubtful_line() {
    for trouble in [OriginTrouble::Busy { status: 503 }, OriginTrouble::Cut] {
        let work = phone()
            .and(create(1))
            .in_trouble(trouble, Due::now(morning()));
        assert_eq!(goes(&work), "create");
    }
}

#[test]
fn reading_needs_no_probe() {
    for trouble in UNREACHED {
        let work = phone()
            .with_account(|account| account.pull_due = Due::now(morning()))
            .in_trouble(trouble, Due::now(morning()));
        assert_eq!(goes(&work), "pull");
    }
}

#[test]
fn a_phone_that_says_it_has_no_network_is_asked_by_a_probe() {
    let none = Surroundings {
        network: Network::None,
        ..ANY
    };
    let work = phone().and(create(1));
    assert_eq!(sent(&work, &none, morning()).code(), "probe");
    assert_eq!(
        sent(
            &phone().and(Operation {
                maybe_sent: true,
                ..create(1)
            }),
            &none,
            morning()
        )
        .code(),
        "create"
    );
}

#[test]
fn a_probe_that_got_through_is_believed_more_than_the_phone() {
    let none = Surroundings {
        network: Network::None,
        ..ANY
    };
    let mut work = phone().and(create(1));
    let meta = crate::api::MetaAnswer {
        limits: crate::report::Limits::default(),
    };
    let outcome = crate::api::Outcome::Done(crate::api::Answer::Meta(meta));
    let changes = crate::sync::settle(&crate::sync::Settling {
        surroundings: none,
        ..settling(&work, &Task::Probe, &outcome)
    });
    work.origin = origin_of(&changes).expect("what the probe found out is kept");
    assert_eq!(
        sent(&work, &none, morning()).code(),
        "create",
        "not one probe after the other"
    );
}
