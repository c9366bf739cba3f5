//! Whose turn it is: nobody's, the person's, another owner's; and what a token is tried with.

use super::*;

#[test]
fn a_refresh_is_asked_for_only_when_there_is_something_to_do() {
    let idle = phone().with_account(|account| account.session = SessionState::Expired);
    waits(&idle, &ANY, morning());
    let forgotten = idle
        .clone()
        .with_account(|account| account.unverified_keys = vec![report(1)]);
    assert_eq!(goes(&forgotten), "refresh");
    let news = idle
        .clone()
        .with_account(|account| account.pull_due = Due::now(morning()));
    assert_eq!(goes(&news), "refresh");
    assert_eq!(goes(&idle.and(create(1))), "refresh");
}

#[test]
fn a_token_on_trial_is_tried_with_a_question_before_any_report() {
    let news = phone().with_account(|account| account.pull_due = Due::now(morning()));
    assert_eq!(goes(&news.clone().and(create(1))), "create");
    let fresh = news
        .clone()
        .with_account(|account| account.refreshed = true);
    assert_eq!(goes(&fresh.and(create(1))), "pull");
    let refused = Operation {
        reason: Some(Reason::Refused {
            status: 401,
            code: "unauthorized".to_owned(),
        }),
        ..create(1)
    };
    assert_eq!(goes(&news.and(refused)), "pull");
}

#[test]
fn nothing_travels_without_an_account_or_after_its_session_ended() {
    let nobody = Work {
        account: None,
        ..phone()
    };
    assert_eq!(waits(&nobody, &ANY, morning()).reason, None);
    let guest = Work {
        account: None,
        ..phone().and(create(1))
    };
    assert_eq!(waits(&guest, &ANY, morning()).reason, Some(Reason::SignIn));
    let ended = phone()
        .and(create(1))
        .with_account(|account| account.session = SessionState::Ended);
    let wake = waits(&ended, &ANY, morning().plus(365 * DAY));
    assert_eq!(wake.reason, Some(Reason::SignIn));
    assert_eq!(wake.network, NetworkNeed::None);
}

#[test]
fn what_another_owner_sends_is_left_alone() {
    let elsewhere = Operation {
        state: OperationState::InFlight,
        owner: Some(RunId("job of the OS".to_owned())),
        ..create(1)
    };
    let work = phone().and(elsewhere.clone());
    assert_eq!(
        waits(&work, &ANY, morning()).reason,
        Some(Reason::NotTried),
        "and yet it is not done"
    );
    assert!(is_idle(&work), "this run has nothing to do about it");
    let ours = Operation {
        owner: Some(run()),
        ..elsewhere
    };
    assert!(!is_idle(&phone().and(ours)));
}

#[test]
fn a_picture_of_a_refused_report_waits_for_the_person_too() {
    let held = Operation {
        is_free: false,
        follows: Some(OperationId(1)),
        ..picture(2, 1)
    };
    let work = phone().and(create(1)).and_upload(held.clone(), upload());
    assert!(!is_idle(&work));
    let refused = Operation {
        state: OperationState::Paused,
        reason: Some(Reason::KeyTaken { foreign: true }),
        ..create(1)
    };
    let work = phone().and(refused).and_upload(held, upload());
    assert!(is_idle(&work));
}
