#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use lapor_engine::{
    api::{AccountAnswer, Secret},
    sync::{Change, Reason, SessionState},
};

use super::*;
use crate::store::{
    Filter,
    tests::{NOON, Person, Phone, account as answer, assert_sound, key, run},
};

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
        of: Secret::new("access-siti".to_owned()),
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

/// A phone on which the guest wrote one report and Siti two, and whose damaged pages do not tell any more
/// that she did. As a store of an earlier version, it keeps her server id once.
fn loses_siti(pages: &[&str]) -> Phone {
    let phone = Phone::new();
    let mut store = phone.open();
    store.writes(key(9));
    store.signs_in("siti");
    store.writes(key(1));
    store.submits(key(1));
    store.writes(key(2));
    store
        .write(|db| {
            db.execute("DELETE FROM setting WHERE name LIKE 'account/%'", [])?;
            Ok(())
        })
        .unwrap();
    drop(store);
    pages.iter().for_each(|page| phone.damage_table(page));
    let mut notices = Vec::new();
    for _ in 0..2 {
        let opened = phone.open_noting();
        let _met = opened.0.current_account();
        notices.extend(opened.1);
    }
    let [crate::store::Notice::SetAside { losses, .. }] = &notices[..] else {
        panic!("{notices:?}")
    };
    let kinds: Vec<_> = losses.iter().map(|loss| loss.what).collect();
    assert_eq!(kinds, [crate::store::LossKind::Account], "said once");
    phone
}

const ACCOUNT_PAGES: [&str; 2] = ["account", "sqlite_autoindex_account_1"];

fn keys(store: &Store) -> Vec<lapor_engine::report::ReportKey> {
    let mut keys: Vec<_> = store
        .list(Filter::All, 9, None)
        .unwrap()
        .iter()
        .map(|row| row.key)
        .collect();
    keys.sort();
    keys
}

#[test]
fn whoever_signs_in_next_gets_the_guests_reports_and_not_those_of_a_lost_account() {
    let phone = loses_siti(&ACCOUNT_PAGES);
    let mut store = phone.open();
    let budi = store.signs_in("budi");
    assert_eq!(store.unclaimed(), Ok(1), "the guest's");
    assert_eq!(store.without_writer(), Ok(2));
    assert_eq!(store.claim_guest_reports(budi, NOON), Ok(1));
    assert_eq!(keys(&store), [key(9)]);
    assert_eq!(store.work(&run()).unwrap().operations, []);
    assert_eq!(store.without_writer(), Ok(2), "kept for whose they are");
    assert_sound(&store);
}

/// The index of the service's own ids lies on another page than the accounts.
#[test]
fn a_lost_account_that_the_index_knows_gets_its_reports_back_by_signing_in() {
    let phone = loses_siti(&ACCOUNT_PAGES[..1]);
    let mut store = phone.open();
    store.signs_in("budi");
    assert_eq!((store.without_writer(), store.unclaimed()), (Ok(0), Ok(1)));
    store.signs_in("siti");
    assert_eq!(keys(&store), [key(1), key(2)]);
    assert_eq!(store.work(&run()).unwrap().operations.len(), 1);
    assert_sound(&store);
}

#[test]
fn whoever_says_that_they_wrote_them_gets_the_reports_of_a_lost_account() {
    let phone = loses_siti(&ACCOUNT_PAGES);
    let mut store = phone.open();
    assert_eq!(store.claim_without_writer(AccountId::GUEST, NOON), Ok(0));
    let siti = store.signs_in("siti");
    assert_eq!(store.list(Filter::All, 9, None).unwrap(), []);
    // Meanwhile the feed has told of one of them.
    store
        .write(|db| {
            db.execute(
                "INSERT INTO report (key, account, phase, own, sort_at, created_at, edited_at) VALUES (?1, ?2, 'sent', 0, 1, 1, 1)",
                params![key(1).0, siti.0],
            )?;
            db.execute("UPDATE account SET cursor = 'later'", [])?;
            Ok(())
        })
        .unwrap();
    assert_eq!(store.claim_without_writer(siti, NOON), Ok(2));
    assert_eq!((store.without_writer(), store.unclaimed()), (Ok(0), Ok(1)));
    assert_eq!(
        keys(&store),
        [key(1), key(2)],
        "the guest's is not among them"
    );
    assert_eq!(store.work(&run()).unwrap().operations.len(), 1);
    assert_eq!(store.accounts().unwrap().len(), 2, "the guest and Siti");
    assert_eq!(cursor(&store, siti), "", "the feed is read anew");
    assert_sound(&store);
}

#[test]
fn who_is_forgotten_is_not_kept_a_second_time() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    let kept = |store: &Store| -> i64 {
        let count = "SELECT count(*) FROM setting WHERE name LIKE 'account/%'";
        store
            .read(|db| Ok(db.query_row(count, [], |row| row.get(0))?))
            .unwrap()
    };
    assert_eq!(kept(&store), 1);
    store.forget_me().unwrap();
    assert_eq!(kept(&store), 0);
}

/// Where the feed of somebody goes on; nothing before its first page.
fn cursor(store: &Store, of: AccountId) -> String {
    let sql = "SELECT cursor FROM account WHERE id = ?1";
    store
        .read(|db| Ok(db.query_row(sql, [of.0], |row| row.get(0))?))
        .unwrap()
}

#[test]
fn claiming_what_the_feed_has_not_told_of_leaves_the_feed_where_it_is() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.writes(key(1));
    let siti = store.signs_in("siti");
    let page = Change::Feed {
        account: siti,
        cursor: Some("c7".to_owned()),
        items: Vec::new(),
        at: NOON,
    };
    store.apply(&[page], NOON).unwrap();
    assert_eq!(store.claim_guest_reports(siti, NOON), Ok(1));
    assert_eq!(cursor(&store, siti), "c7");
}

#[test]
fn the_question_whose_these_are_counts_what_would_come_and_not_what_was_put_away() {
    let phone = Phone::new();
    let mut store = phone.open();
    assert_eq!(store.unclaimed(), Ok(0));
    for number in 1..=3 {
        store.writes(key(number));
    }
    store.discard(key(3), NOON).unwrap();
    assert_eq!(store.unclaimed(), Ok(2));
    let siti = store.signs_in("siti");
    store.writes(key(4));
    assert_eq!(store.unclaimed(), Ok(2), "hers are hers already");
    store.claim_guest_reports(siti, NOON).unwrap();
    assert_eq!(store.unclaimed(), Ok(0));
}

#[test]
fn a_token_that_arrives_after_signing_out_is_not_kept() {
    let phone = Phone::new();
    let mut store = phone.open();
    let siti = store.signs_in("siti");
    let fresh = |of: &str, token: &str| Change::Session {
        account: siti,
        of: Secret::new(of.to_owned()),
        access_token: Secret::new(token.to_owned()),
        refresh_token: Secret::new(token.to_owned()),
        answer: answer("siti"),
        refreshed: true,
    };
    let token = |store: &Store| store.work_of(siti, &run()).unwrap().account.unwrap();
    store.apply(&[fresh("access-siti", "new")], NOON).unwrap();
    assert_eq!(token(&store).access_token, Secret::new("new".to_owned()));
    assert!(token(&store).refreshed);
    store.signed_out().unwrap();
    store.apply(&[fresh("new", "late")], NOON).unwrap();
    assert!(store.accounts().unwrap().iter().all(|row| !row.has_token));
    assert_eq!(token(&store).session, SessionState::Ended);
}

#[test]
fn a_session_of_an_earlier_version_belongs_to_the_first_gateway_that_is_seen() {
    let phone = Phone::new();
    let mut store = phone.open();
    let siti = store.signs_in("siti");
    let is_in = |store: &Store| {
        let account = store.work(&run()).unwrap().account.unwrap();
        let row = store.current_account().unwrap();
        assert_eq!(
            (row.id, row.has_token),
            (siti, row.session == SessionState::Good)
        );
        assert_eq!(row.session, account.session);
        assert_eq!(row.has_token, !account.access_token.reveal().is_empty());
        assert_eq!(row.has_token, !account.refresh_token.reveal().is_empty());
        assert_eq!(row.has_token, store.access_token().unwrap().is_some());
        row.has_token
    };
    assert!(is_in(&store), "nobody knows yet");
    for (gateway, is_hers) in [
        ("https://a.example", true),
        ("https://b.example", false),
        ("https://a.example", true),
    ] {
        drop(store);
        store = phone.open();
        store.talks_to(gateway).unwrap();
        assert_eq!(is_in(&store), is_hers, "{gateway}");
    }
    // Signing in binds anew, and what is left of a session goes with it.
    store.talks_to("https://b.example").unwrap();
    store.signs_in("siti");
    assert!(is_in(&store));
    store.signed_out().unwrap();
    let left = "SELECT count(*) FROM setting WHERE name LIKE 'issuer/%'";
    let left: i64 = store
        .read(|db| Ok(db.query_row(left, [], |row| row.get(0))?))
        .unwrap();
    assert_eq!(left, 0);
}
