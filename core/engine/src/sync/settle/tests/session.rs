//! Tokens: refreshed once, then it is the person's turn.

use super::*;
use crate::{
    api::Secret,
    sync::{AccountId, SessionState},
};

#[test]
fn a_401_asks_for_a_refresh_then_for_the_feed_and_only_then_for_the_person() {
    let state = |changes: &[Change]| {
        changes.iter().find_map(|change| match change {
            Change::SessionState {
                state, refreshed, ..
            } => Some((*state, *refreshed)),
            _ => None,
        })
    };
    let (update, changes) = of_create(&Outcome::Unauthorized);
    assert_eq!(state(&changes), Some((SessionState::Expired, false)));
    assert_eq!(
        (update.state, update.attempts),
        (OperationState::Waiting, 0)
    );
    assert_eq!(
        update.reason,
        Some(Reason::NotTried),
        "nobody has to do anything yet"
    );

    let refreshed = phone()
        .and(create(1))
        .with_account(|account| account.refreshed = true);
    // Before the person is asked, the feed shows whether it is the token at all.
    let changes = after(&refreshed, &create_task(1), &Outcome::Unauthorized);
    assert_eq!(state(&changes), Some((SessionState::Expired, false)));
    assert!(
        changes
            .iter()
            .any(|change| matches!(change, Change::PullDue { .. }))
    );
    let feed = Task::Pull { after: None };
    let changes = after(&refreshed, &feed, &Outcome::Unauthorized);
    assert_eq!(state(&changes), Some((SessionState::Ended, false)));
    let changes = after(
        &refreshed,
        &create_task(1),
        &Outcome::Rejected { problems: vec![] },
    );
    assert_eq!(
        state(&changes),
        Some((SessionState::Good, false)),
        "a rejection knows who asked"
    );
    let changes = after(
        &refreshed,
        &create_task(1),
        &Outcome::NotLapor { status: 401 },
    );
    assert_eq!(
        state(&changes),
        Some((SessionState::Good, false)),
        "a proxy's 401 is nobody's session"
    );
    let changes = after(&phone(), &Task::Refresh, &Outcome::SessionEnded);
    assert_eq!(state(&changes), Some((SessionState::Ended, false)));
}

#[test]
fn new_tokens_are_kept_and_on_trial_until_used() {
    let answer = serde_json::from_str(
        r#"{"access_token":"new","refresh_token":"newer","expires_in":9,
            "account":{"id":"1","user":"ayu","name":"Ayu","role":"reporter"}}"#,
    );
    let outcome = Outcome::Done(Answer::Session(Box::new(answer.unwrap())));
    let changes = after(&phone(), &Task::Refresh, &outcome);
    let Some(Change::Session {
        account,
        of,
        access_token,
        refresh_token,
        refreshed,
        ..
    }) = changes.last()
    else {
        panic!()
    };
    assert_eq!((*account, *refreshed), (AccountId(2), true));
    assert_eq!(of, &phone().account.unwrap().access_token, "in its place");
    assert_eq!(
        (access_token, refresh_token),
        (
            &Secret::new("new".to_owned()),
            &Secret::new("newer".to_owned())
        )
    );
}

/// A gateway, or a cache before it, that mixes its answers up: what waits would go in somebody else's name.
#[test]
fn a_refresh_that_is_answered_for_another_account_ends_the_session_and_gives_it_no_token() {
    let answer = serde_json::from_str(
        r#"{"access_token":"new","refresh_token":"newer","expires_in":9,
            "account":{"id":"7","user":"budi","name":"Budi","role":"reporter"}}"#,
    );
    let outcome = Outcome::Done(Answer::Session(Box::new(answer.unwrap())));
    let changes = after(&phone(), &Task::Refresh, &outcome);
    let ended = Change::SessionState {
        account: AccountId(2),
        of: phone().account.unwrap().access_token.clone(),
        state: SessionState::Ended,
        refreshed: false,
    };
    assert!(changes.contains(&ended), "{changes:?}");
    let is_taken = |change: &Change| matches!(change, Change::Session { .. });
    assert!(!changes.iter().any(is_taken), "{changes:?}");
}

#[test]
fn a_token_that_was_refreshed_before_a_dead_spot_is_refreshed_again_after_it() {
    let feed = Task::Pull { after: None };
    let mut phone = phone().with_account(|account| account.refreshed = true);
    let state = |changes: &[Change]| {
        changes.iter().find_map(|change| match change {
            Change::SessionState {
                state, refreshed, ..
            } => Some((*state, *refreshed)),
            _ => None,
        })
    };
    for lost in [
        Outcome::Offline,
        Outcome::Unknown,
        Outcome::NotLapor { status: 200 },
    ] {
        let told = state(&after(&phone, &feed, &lost));
        assert_eq!(told, Some((SessionState::Good, false)), "{lost:?}");
    }
    // Hours later the token has expired like any other: nobody has to sign in for that.
    phone = phone.with_account(|account| account.refreshed = false);
    let changes = after(&phone, &feed, &Outcome::Unauthorized);
    assert_eq!(state(&changes), Some((SessionState::Expired, false)));
    // While the feed has to show whose fault a 401 was, it goes on asking that.
    let asked = phone
        .and(Operation {
            reason: Some(Reason::Refused {
                status: 401,
                code: "unauthorized".to_owned(),
            }),
            ..create(1)
        })
        .with_account(|account| account.refreshed = true);
    assert_eq!(state(&after(&asked, &feed, &Outcome::Offline)), None);
}

#[test]
fn whose_fault_a_401_is_shows_in_what_the_operation_remembers() {
    let refused = || {
        Some(Reason::Refused {
            status: 401,
            code: "unauthorized".to_owned(),
        })
    };
    let asked = |state: OperationState, reason: Option<Reason>| {
        let row = Operation {
            state,
            reason,
            ..create(1)
        };
        let changes = after(&phone().and(row), &create_task(1), &Outcome::Unauthorized);
        let session = changes.iter().find_map(|change| match change {
            Change::SessionState { state, .. } => Some(*state),
            _ => None,
        });
        let row = changes.iter().find_map(|change| match change {
            Change::Operation(row) => Some((row.state, row.reason.clone())),
            _ => None,
        });
        (session, row.unwrap())
    };
    // The feed has shown since that the token is good: it is the operation.
    assert_eq!(
        asked(OperationState::Waiting, refused()),
        (None, (OperationState::Paused, refused()))
    );
    // At its daily try the token may simply have grown old.
    assert_eq!(
        asked(OperationState::Paused, refused()),
        (
            Some(SessionState::Expired),
            (OperationState::Waiting, Some(Reason::NotTried))
        )
    );
    // What waits for something else goes on saying so while a refresh is all that it takes.
    assert_eq!(
        asked(OperationState::Waiting, Some(Reason::Offline)),
        (
            Some(SessionState::Expired),
            (OperationState::Waiting, Some(Reason::Offline))
        )
    );
}

#[test]
fn a_refresh_that_is_refused_in_other_words_is_the_gateways_trouble_and_says_which() {
    let trouble = |outcome: &Outcome| {
        after(&phone(), &Task::Refresh, outcome)
            .iter()
            .find_map(|change| match change {
                Change::Origin(origin) => origin.trouble.as_ref().map(|it| it.what.clone()),
                _ => None,
            })
    };
    let busy = |status| Some(OriginTrouble::Busy { status });
    assert_eq!(trouble(&Outcome::NotFound), busy(404));
    let refused = Outcome::Refused {
        status: 403,
        code: "-".to_owned(),
    };
    assert_eq!(trouble(&refused), busy(403));
    // A 401 is an answer: the session is over, and the gateway is well.
    assert_eq!(trouble(&Outcome::SessionEnded), None);
    assert_eq!(trouble(&Outcome::Unauthorized), None);
}
