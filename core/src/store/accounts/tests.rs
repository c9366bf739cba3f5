#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use lapor_engine::sync::{Change, SessionState};

use super::*;
use crate::store::tests::{NOON, Person, Phone, account as answer, key, run};

#[test]
fn signing_out_erases_the_tokens_and_keeps_the_reports() {
    let phone = Phone::new();
    let mut store = phone.open();
    let siti = store.signs_in("siti");
    store.writes(key(1));
    store.submits(key(1));
    assert!(store.current_account().unwrap().has_token);
    store.signed_out().unwrap();
    let accounts = store.accounts().unwrap();
    assert_eq!(store.current_account().unwrap().id, AccountId::GUEST);
    assert!(
        accounts
            .iter()
            .all(|row| !row.has_token && row.session == SessionState::Ended)
    );
    assert_eq!(store.signs_in("siti"), siti);
    assert_eq!(store.work(&run()).unwrap().operations.len(), 1);
}

#[test]
fn what_waited_for_a_sign_in_goes_on_after_it() {
    let phone = Phone::new();
    let mut store = phone.open();
    let siti = store.signs_in("siti");
    store.writes(key(1));
    let ids = store.submits(key(1));
    store.attempt_to_create(&ids, Reason::SignIn);
    let ended = Change::SessionState {
        account: siti,
        state: SessionState::Ended,
        refreshed: false,
    };
    store.apply(&[ended], NOON).unwrap();
    assert!(
        !store.current_account().unwrap().has_token,
        "a token that is no good is not kept"
    );
    store.signs_in("siti");
    let row = &store.work(&run()).unwrap().operations[0];
    assert_eq!(row.reason, Some(Reason::NotTried));
    assert!(row.due.is_due(NOON));
    assert!(row.maybe_sent, "it may have been sent all the same");
}

#[test]
fn an_account_without_an_id_is_not_taken_for_the_guest() {
    let phone = Phone::new();
    let mut store = phone.open();
    let nobody = AccountAnswer {
        id: String::new(),
        ..answer("siti")
    };
    let token = Secret::new("t".to_owned());
    assert!(store.signed_in(&nobody, &token, &token, NOON).is_err());
    assert!(!store.current_account().unwrap().has_token);
}
