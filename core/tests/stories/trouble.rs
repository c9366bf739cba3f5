use std::{sync::Arc, time::Duration};

use lapor_core::{
    client::{ClientError, SyncLimits, Until},
    engine::{
        api::EventKind,
        report::{Code, Edit, EventKey, Field, Phase, Subject},
        sync::{Captive, Network, OperationState, Reason, Surroundings},
    },
    store::Notice,
};

use crate::world::*;

#[test]
fn one_that_makes_the_gateway_stumble_lets_the_others_pass() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let bad = submits(&siti, "Tersandung");
    let good = submits(&siti, "Lancar");
    world.stumbles_over(&bad);
    let start = world.now.load(std::sync::atomic::Ordering::SeqCst);
    while tracking(&siti, &good).is_none() {
        let wake = world.syncs(&siti).next_wake.unwrap();
        world.pass(Duration::from_millis(wake.in_ms.max(1)));
        let passed = world.now.load(std::sync::atomic::Ordering::SeqCst) - start;
        assert!(passed < 60_000, "held back for {passed} ms");
    }
    assert!(matches!(
        why(&siti, &bad),
        Some(Reason::Poison { status: 500 } | Reason::Busy { status: 500 })
    ));
    world.heal();
    world.drains(&siti);
    assert!(tracking(&siti, &bad).is_some());
}

#[test]
fn a_rejected_report_is_edited_and_goes_under_the_same_key() {
    let world = World::new();
    let siti = world.phone_of("siti");
    world.gateway().settings_mut().title_chars = 10;
    let key = drafts(&siti, "Judul yang terlalu panjang");
    attaches(&world, &siti, &key, 20_000);
    siti.submit(&key).unwrap();
    // Ends by itself: the picture waits for the person as its report does.
    let idle = SyncLimits::until(Until::Idle);
    siti.sync(idle, &mut |_| {}).unwrap();
    let shown = show(&siti, &key);
    assert_eq!(shown.row.phase, Phase::Rejected);
    assert!(
        shown
            .problems
            .iter()
            .any(|problem| problem.subject == Subject::Field(Field::Title)
                && matches!(problem.code, Code::TooLong { limit: 10, .. })),
        "{:?}",
        shown.problems
    );
    siti.edit(&key, Edit::Title("Pendek".to_owned())).unwrap();
    siti.submit(&key).unwrap();
    world.drains(&siti);
    assert!(tracking(&siti, &key).is_some());
    assert_eq!(show(&siti, &key).row.pictures.stored, 1);
    assert_eq!(world.gateway().creates_of(&key.to_string()).unwrap(), 1);
}

#[test]
fn a_refused_report_that_was_put_away_and_brought_back_goes_with_the_replies_that_still_count() {
    let world = World::new();
    let siti = world.phone_of("siti");
    world.gateway().settings_mut().title_chars = 10;
    let key = submits(&siti, "Judul yang terlalu panjang");
    let reply = |text: &str| {
        let text = Some(text.to_owned());
        siti.add_event(&key, EventKind::Reply, text, None, None)
            .unwrap()
    };
    let counts = reply("Di depan rumah nomor tiga.");
    let given_up = reply("Salah tulis.");
    siti.discard_event(&given_up).unwrap();
    world.syncs(&siti);
    assert_eq!(phase(&siti, &key), Phase::Rejected);
    siti.discard(&key).unwrap();
    siti.restore(&key).unwrap();
    siti.edit(&key, Edit::Title("Pendek".to_owned())).unwrap();
    siti.submit(&key).unwrap();
    siti.resend(&key).unwrap();
    world.drains(&siti);
    assert!(tracking(&siti, &key).is_some());
    let arrived = |event: EventKey| world.gateway().events_of(&event.to_string()).unwrap();
    assert_eq!((arrived(counts), arrived(given_up)), (1, 0));
}

#[test]
fn a_refusal_nobody_knows_pauses_with_its_code_and_is_tried_daily() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    world.always("PUT report", Fault::Status(418));
    world.syncs(&siti);
    assert_eq!(
        why(&siti, &key),
        Some(Reason::Refused {
            status: 418,
            code: "test".to_owned()
        })
    );
    assert_eq!(
        show(&siti, &key).row.standing.unwrap().state,
        OperationState::Paused
    );
    world.heal();
    world.syncs(&siti);
    assert_eq!(tracking(&siti, &key), None, "not before its day");
    world.pass(Duration::from_secs(86_401));
    world.syncs(&siti);
    assert!(tracking(&siti, &key).is_some());
}

#[test]
fn the_wifis_sign_in_page_is_named_only_when_the_shell_knows() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    world.always("*", Fault::Portal);
    let captive = Surroundings {
        network: Network::Up,
        captive: Captive::Yes,
        ..Surroundings::default()
    };
    siti.set_surroundings(captive).unwrap();
    world.syncs(&siti);
    assert_eq!(why(&siti, &key), Some(Reason::SignInToWifi));
}

#[test]
fn a_network_that_comes_brings_the_next_try_forward() {
    // Tries in vain, the wait after the last of them in seconds, and how long a new network waits then.
    for (tries, rare, within) in [(1, 29, 3), (18, 600, 90)] {
        let world = World::new();
        let siti = world.phone_of("siti");
        let key = submits(&siti, "Lampu");
        world.always("*", Fault::Offline);
        for _ in 1..tries {
            let wake = world.syncs(&siti).next_wake.unwrap();
            world.pass(Duration::from_millis(wake.in_ms));
        }
        let wake = world.syncs(&siti).next_wake.unwrap();
        assert!(
            wake.in_ms > rare * 1_000,
            "probes have become rare: {}",
            wake.in_ms
        );
        world.heal();
        siti.set_surroundings(Surroundings {
            network: Network::Up,
            ..Surroundings::default()
        })
        .unwrap();
        world.pass(Duration::from_secs(within));
        world.syncs(&siti);
        assert!(tracking(&siti, &key).is_some(), "after {tries} tries");
    }
}

/// Whoever walks into a spot of signal does so in the middle of a try as often as between two.
#[test]
fn a_network_that_comes_in_the_middle_of_a_vain_try_brings_the_next_one_forward_too() {
    let world = World::new();
    let siti = Arc::new(world.phone_of("siti"));
    let key = submits(&siti, "Lampu");
    world.always("*", Fault::Offline);
    for _ in 0..18 {
        let wake = world.syncs(&siti).next_wake.unwrap();
        world.pass(Duration::from_millis(wake.in_ms));
    }
    let app = Arc::clone(&siti);
    world.meanwhile("PUT report", move || {
        let up = Surroundings {
            network: Network::Up,
            ..Surroundings::default()
        };
        app.set_surroundings(up).unwrap();
    });
    let wake = world.syncs(&siti).next_wake.unwrap();
    assert_eq!(siti.surroundings().network, Network::Up, "it came");
    assert!(wake.in_ms <= 90_000, "waits for {} ms", wake.in_ms);
    world.heal();
    world.pass(Duration::from_millis(wake.in_ms));
    world.syncs(&siti);
    assert!(tracking(&siti, &key).is_some());
}

#[test]
fn two_processes_on_one_store_write_and_only_one_sends() {
    let world = World::new();
    let first = world.phone_of("siti");
    let second = world.phone("siti");
    let key = drafts(&second, "Dari proses kedua");
    assert_eq!(phase(&first, &key), Phase::Draft);
    let mut inner = None;
    submits(&first, "Lampu");
    first
        .sync(SyncLimits::until(Until::NothingDue), &mut |_| {
            inner.get_or_insert_with(|| second.sync_step(Duration::from_secs(1), None));
        })
        .unwrap();
    assert!(
        matches!(inner, Some(Err(ClientError::InUse { .. }))),
        "{inner:?}"
    );
}

#[test]
fn a_copied_phone_is_told_and_its_reports_count_as_perhaps_sent() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    drop(siti);
    let (copy, notices) = world.phone_with("siti", 8);
    assert!(
        notices.contains(&Notice::CopiedPhone { unsent: 1 }),
        "{notices:?}"
    );
    assert_eq!(
        copy.withdraw(&key).unwrap(),
        lapor_core::client::Withdrawal::Asked
    );
}

#[test]
fn other_words_that_a_copy_sent_under_the_key_are_not_called_sent_here() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = drafts(&siti, "Lampu");
    drop(siti);
    world.copies_folder("siti", "salinan");
    let (copy, _) = world.phone_with("salinan", 8);
    copy.edit(&key, Edit::Content("Kata yang lain.".to_owned()))
        .unwrap();
    copy.submit(&key).unwrap();
    world.drains(&copy);
    let siti = world.phone("siti");
    siti.submit(&key).unwrap();
    // Its first try is answered 401, and before the second the feed is asked.
    world.gateway().expire_access_tokens().unwrap();
    let pulls = SyncLimits {
        pull: true,
        ..SyncLimits::until(Until::NothingDue)
    };
    siti.sync(pulls, &mut |_| {}).unwrap();
    assert_eq!(phase(&siti, &key), Phase::KeyTaken);
}

#[test]
fn asleep_nothing_is_sent_and_nothing_is_lost() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    siti.suspend();
    assert_eq!(
        siti.sync_step(Duration::from_secs(1), None).unwrap_err(),
        ClientError::Suspended
    );
    siti.resume();
    world.drains(&siti);
    assert!(tracking(&siti, &key).is_some());
}

#[test]
fn a_rating_that_comes_too_early_does_not_hold_back_the_reply_after_it() {
    use lapor_core::engine::api::EventKind;
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    world.drains(&siti);
    // Only what is closed can be rated: the gateway refuses, and is asked daily.
    let rating = siti.add_event(&key, EventKind::Rate, None, Some(4), None);
    let text = Some("Masih padam.".to_owned());
    let reply = siti
        .add_event(&key, EventKind::Reply, text, None, None)
        .unwrap();
    world.syncs(&siti);
    let gateway = world.gateway();
    assert_eq!(
        gateway.events_of(&rating.unwrap().to_string()).unwrap(),
        0,
        "refused"
    );
    assert_eq!(
        gateway.events_of(&reply.to_string()).unwrap(),
        1,
        "and the reply does not wait for it"
    );
}

/// A shell that shows replies without the steps behind them tells the same.
#[test]
fn what_a_reply_waits_for_stands_with_the_reply_itself() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    world.drains(&siti);
    world.always("*", Fault::Offline);
    submits(&siti, "Jalan");
    world.syncs(&siti);
    let text = Some("Masih padam.".to_owned());
    siti.add_event(&key, EventKind::Reply, text, None, None)
        .unwrap();
    let shown = show(&siti, &key);
    assert_eq!(shown.events[0].reason, Some(Reason::Offline));
    assert_eq!(shown.events[0].state, OperationState::Waiting);
}
