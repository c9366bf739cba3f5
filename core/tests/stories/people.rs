use std::time::Duration;

use lapor_core::{
    client::{ClientError, SyncEvent, SyncLimits, Until},
    engine::{calendar::Instant, report::Phase, sync::Reason},
    store::{Filter, OpenOptions, Store, StoreKey},
};

use crate::world::*;

#[test]
fn two_people_on_one_phone_see_and_send_only_their_own() {
    let world = World::new();
    let phone = world.phone_of("siti");
    world.always("*", Fault::Offline);
    let of_siti = submits(&phone, "Dari Siti");
    world.heal();
    phone.sign_out().unwrap();
    sign_in(&phone, "budi");
    assert!(phone.list(Filter::All, 50, None).unwrap().is_empty());
    not_found(phone.show(&of_siti));
    not_found(phone.withdraw(&of_siti));
    not_found(phone.edit(
        &of_siti,
        lapor_core::engine::report::Edit::Title("x".to_owned()),
    ));
    let of_budi = submits(&phone, "Dari Budi");
    world.drains(&phone);
    assert!(tracking(&phone, &of_budi).is_some());
    assert_eq!(
        world.gateway().creates_of(&of_siti.to_string()).unwrap(),
        0,
        "not under Budi's token"
    );
    phone.sign_out().unwrap();
    sign_in(&phone, "siti");
    world.drains(&phone);
    assert!(
        tracking(&phone, &of_siti).is_some(),
        "it waited for Siti, and went"
    );
    let rows = world.gateway().reports().unwrap();
    let account = |key: &str| {
        rows.iter()
            .find(|row| row.key == key)
            .unwrap()
            .account
            .clone()
    };
    assert_eq!(account(&of_siti.to_string()), "siti");
    assert_eq!(account(&of_budi.to_string()), "budi");
}

#[test]
fn a_guest_writes_and_only_sending_asks_for_a_sign_in() {
    let world = World::new();
    let phone = world.phone("baru");
    let key = drafts(&phone, "Sebelum masuk");
    assert_eq!(phone.submit(&key).unwrap_err(), ClientError::SignInNeeded);
    assert_eq!(phase(&phone, &key), Phase::Draft);
    sign_in(&phone, "ayu");
    not_found(phone.show(&key));
    assert_eq!(phone.claim_guest_reports().unwrap(), 1);
    phone.submit(&key).unwrap();
    world.drains(&phone);
    assert!(tracking(&phone, &key).is_some());
}

#[test]
fn an_expired_token_is_refreshed_in_the_middle_of_a_picture() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = drafts(&siti, "Lampu");
    attaches(&world, &siti, &key, 60_000);
    siti.submit(&key).unwrap();
    siti.sync_step(Duration::from_secs(20), Some(10_000))
        .unwrap();
    world.gateway().expire_access_tokens().unwrap();
    // The answer of the refresh is lost as well: the old one still works.
    world.next("POST refresh", &[Fault::LoseAnswer]);
    let second = submits(&siti, "Kedua");
    world.drains(&siti);
    assert_eq!(show(&siti, &key).row.pictures.stored, 1);
    assert!(tracking(&siti, &second).is_some());
}

#[test]
fn signing_out_of_a_session_that_is_over_asks_nobody() {
    let world = World::new();
    let siti = world.phone_of("siti");
    submits(&siti, "Lampu");
    world.gateway().end_sessions().unwrap();
    world.syncs(&siti);
    world.seen();
    siti.sign_out().unwrap();
    assert!(world.seen().is_empty(), "there is no token to show");
}

#[test]
fn a_session_that_is_over_loses_nothing_and_says_so() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    world.gateway().end_sessions().unwrap();
    world.syncs(&siti);
    assert_eq!(why(&siti, &key), Some(Reason::SignIn));
    assert_eq!(phase(&siti, &key), Phase::Queued);
    let later = submits(&siti, "Ditulis kemudian");
    assert_eq!(why(&siti, &later), Some(Reason::SignIn));
    sign_in(&siti, "siti");
    world.drains(&siti);
    assert!(tracking(&siti, &key).is_some() && tracking(&siti, &later).is_some());
}

#[test]
fn wrong_password_and_no_network_are_told_apart() {
    use lapor_core::{client::SignInError, engine::api::Secret};
    let world = World::new();
    let phone = world.phone("siti");
    let wrong = phone.sign_in("siti", Secret::new("salah12345".to_owned()));
    assert_eq!(wrong.unwrap_err(), SignInError::BadCredentials);
    world.always("*", Fault::Offline);
    let offline = phone.sign_in("siti", Secret::new("rahasia123".to_owned()));
    assert_eq!(
        offline.unwrap_err(),
        SignInError::NotReached {
            reason: Reason::Offline,
            retry_after: None,
        }
    );
    world.heal();
    world.always("*", Fault::Portal);
    let portal = phone.sign_in("siti", Secret::new("rahasia123".to_owned()));
    assert_eq!(
        portal.unwrap_err(),
        SignInError::NotReached {
            reason: Reason::NotLapor { status: 200 },
            retry_after: None,
        }
    );
}

#[test]
fn the_screen_learns_what_the_service_did() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    world.drains(&siti);
    let now = world.gateway_now();
    world.gateway().verify(now, &key.to_string()).unwrap();
    world
        .gateway()
        .dispose(now, &key.to_string(), "dpu-badung")
        .unwrap();
    world.pass(Duration::from_secs(3600));
    world.syncs(&siti);
    let status = show(&siti, &key).row.status.unwrap();
    assert_eq!(status.as_str(), "disposed");
    // The officer of that institution sees it too, though it was not written there.
    let made = world.phone_of("made");
    world.syncs(&made);
    let rows = made.list(Filter::All, 50, None).unwrap();
    assert_eq!(rows.len(), 1);
    assert!(!rows[0].own);
}

#[test]
fn forgetting_a_person_in_the_middle_of_a_sync_ends_nothing_else() {
    let world = World::new();
    let siti = world.phone_of("siti");
    submits(&siti, "Terkirim");
    world.drains(&siti);
    let waiting = drafts(&siti, "Menunggu");
    attaches(&world, &siti, &waiting, 50_000);
    siti.submit(&waiting).unwrap();
    // Another screen of the same app erases everything while an answer is on its way.
    let other = world.phone("siti");
    for when in 0..4 {
        let mut exchanges = 0;
        let limits = SyncLimits {
            pull: true,
            ..SyncLimits::until(Until::NothingDue)
        };
        let synced = siti.sync(limits, &mut |event| {
            if matches!(event, SyncEvent::Started { .. }) {
                if exchanges == when {
                    other.forget_me_here().unwrap();
                }
                exchanges += 1;
            }
        });
        synced.unwrap();
        sign_in(&siti, "siti");
        let again = submits(&siti, "Sesudahnya");
        world.drains(&siti);
        assert!(tracking(&siti, &again).is_some(), "{when}");
    }
}

#[test]
fn one_operation_that_is_always_answered_401_ends_no_session_and_holds_back_nothing() {
    use lapor_core::engine::api::EventKind;
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = drafts(&siti, "Lampu");
    attaches(&world, &siti, &key, 30_000);
    siti.submit(&key).unwrap();
    siti.add_event(
        &key,
        EventKind::Reply,
        Some("Masih padam.".to_owned()),
        None,
        None,
    )
    .unwrap();
    world.always("PUT event", Fault::Status(401));
    for _ in 0..10 {
        world.syncs(&siti);
        world.pass(Duration::from_secs(2));
    }
    assert_eq!(show(&siti, &key).row.pictures.stored, 1, "the picture went");
    let reply = &show(&siti, &key).events[0];
    assert!(
        matches!(reply.reason, Some(Reason::Refused { status: 401, .. })),
        "{:?}",
        reply.reason
    );
    let later = submits(&siti, "Sesudahnya");
    world.syncs(&siti);
    assert!(tracking(&siti, &later).is_some(), "nobody has to sign in");
}

#[test]
fn what_was_answered_401_goes_on_the_day_the_service_is_mended_though_the_token_grew_old() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    world.always("PUT report", Fault::Status(401));
    for _ in 0..3 {
        world.syncs(&siti);
    }
    assert!(matches!(
        why(&siti, &key),
        Some(Reason::Refused { status: 401, .. })
    ));
    world.heal();
    world.pass(Duration::from_secs(86_401));
    world.gateway().expire_access_tokens().unwrap();
    world.syncs(&siti);
    assert!(tracking(&siti, &key).is_some(), "refreshed, and sent");
}

#[test]
fn a_token_that_nobody_could_try_yet_ends_no_session_a_day_later() {
    let world = World::new();
    let siti = world.phone_of("siti");
    world.drains(&siti);
    world.gateway().expire_access_tokens().unwrap();
    let key = submits(&siti, "Lampu");
    let limits = SyncLimits {
        pull: true,
        ..SyncLimits::until(Until::NothingDue)
    };
    // The app goes away in the middle, with a new token that is kept and was never used.
    siti.sync(limits, &mut |event| {
        if matches!(
            event,
            SyncEvent::Ended {
                task: "refresh",
                ..
            }
        ) {
            siti.suspend();
        }
    })
    .ok();
    siti.resume();
    world.pass(Duration::from_secs(24 * 3_600));
    world.gateway().expire_access_tokens().unwrap();
    siti.sync(limits, &mut |_| {}).unwrap();
    world.drains(&siti);
    assert!(
        tracking(&siti, &key).is_some(),
        "it is refreshed again, and nobody is asked to sign in"
    );
}

/// Neither it nor its withdrawal would ever be taken: it would wait for ever, and could not be put away.
#[test]
fn an_officers_own_report_is_not_accepted_only_to_wait_for_ever() {
    let world = World::new();
    let made = world.phone_of("made");
    let key = drafts(&made, "Lampu");
    assert_eq!(
        made.submit(&key),
        Err(ClientError::NotForRole { kind: None })
    );
    assert_eq!(phase(&made, &key), Phase::Draft, "it is kept");
    assert_eq!(made.outbox(None).unwrap(), []);
    made.discard(&key).unwrap();
}

#[test]
fn what_an_older_app_was_refused_is_tried_at_once_whoever_is_signed_in_first() {
    let world = World::new();
    let phone = world.phone_of("siti");
    let key = submits(&phone, "Lampu");
    world.always("PUT report", Fault::Status(418));
    world.syncs(&phone);
    world.heal();
    phone.sign_out().unwrap();
    drop(phone);
    let (home, of_the_phone) = (world.home("siti"), StoreKey::new([0x42; 32], [7; 16]));
    let now = Instant(world.gateway_now().0);
    let mut dice = |room: &mut [u8]| room.fill(3);
    let options = OpenOptions::new(&home, Some(&of_the_phone), now, &mut dice);
    let (mut store, _) = Store::open(options).unwrap();
    store.set_setting("app_version", "0.0.1").unwrap();
    drop(store);

    let phone = world.phone("siti");
    sign_in(&phone, "budi");
    world.syncs(&phone);
    phone.sign_out().unwrap();
    sign_in(&phone, "siti");
    world.syncs(&phone);
    assert!(tracking(&phone, &key).is_some(), "{:?}", why(&phone, &key));
}
