//! Where one answer ends and the next begins, to the millisecond and to the action.

use super::*;

#[test]
fn a_clock_is_wrong_one_millisecond_beyond_each_of_its_bounds() {
    let expired = Exchange::unconnected(End::CertificateDates);
    let built = circumstance().built_at;
    let seen = circumstance().last_server_date.unwrap();
    let on = |now: i64, seen: Option<Instant>| {
        let circumstance = Circumstance {
            now: Instant(now),
            last_server_date: seen,
            ..circumstance()
        };
        judge(&create(), NONCE, &expired, &circumstance)
    };
    let decade = 10 * 365 * 86_400_000;
    assert_eq!(on(built.0, None), Outcome::Untrusted);
    assert_eq!(on(built.0 - 1, None), Outcome::ClockWrong);
    assert_eq!(on(built.0 + decade, None), Outcome::Untrusted);
    assert_eq!(on(built.0 + decade + 1, None), Outcome::ClockWrong);
    assert_eq!(on(seen.0 - 86_400_000, Some(seen)), Outcome::Untrusted);
    assert_eq!(on(seen.0 - 86_400_001, Some(seen)), Outcome::ClockWrong);
}

#[test]
fn a_404_never_means_that_there_is_nothing_to_take_back() {
    let problem = r#"{"type":"about:blank","title":"-","status":404,"code":"not_found"}"#;
    assert_eq!(
        means(&Action::Withdraw { key: KEY }, &marked_answer(404, problem)),
        Outcome::NotFound
    );
}

#[test]
fn only_204_says_that_a_session_or_a_report_is_gone() {
    for action in [Action::SignOut, Action::Withdraw { key: KEY }] {
        let done = |status| matches!(means(&action, &marked_answer(status, "")), Outcome::Done(_));
        assert!(done(204), "{action:?}");
        assert!(!done(200), "{action:?}");
        assert!(!done(201), "{action:?}");
    }
}
