use std::time::Duration;

use lapor_core::{
    client::ClientError,
    engine::{
        report::{Edit, Phase},
        sync::Reason,
    },
};

use crate::world::*;

#[test]
fn three_reports_from_a_dead_spot_arrive_words_before_pictures() {
    let world = World::new();
    let siti = world.phone_of("siti");
    world.always("*", Fault::Offline);
    let reports: Vec<_> = (1..=3)
        .map(|number| {
            let key = drafts(&siti, &format!("Lampu {number}"));
            attaches(&world, &siti, &key, 40_000 + number);
            siti.submit(&key).unwrap();
            key
        })
        .collect();
    let wake = world.syncs(&siti).next_wake.unwrap();
    assert_eq!(wake.reason, Some(Reason::Offline));
    assert!(
        wake.in_ms <= 30_000,
        "tried again within half a minute, whatever the OS says"
    );
    for key in &reports {
        assert_eq!(phase(&siti, key), Phase::Queued);
        assert_eq!(
            why(&siti, key),
            Some(Reason::Offline),
            "every report tells why it waits"
        );
    }
    // A restart in the middle changes nothing.
    drop(siti);
    let siti = world.phone("siti");
    world.heal();
    world.seen();
    world.drains(&siti);
    let seen = world.seen();
    let words = seen.iter().rposition(|what| *what == "PUT report").unwrap();
    let picture = seen
        .iter()
        .position(|what| *what == "PATCH upload")
        .unwrap();
    assert!(words < picture, "{seen:?}");
    for key in &reports {
        let shown = show(&siti, key);
        assert_eq!(shown.row.phase, Phase::Sent);
        assert!(shown.row.tracking_id.is_some());
        assert_eq!(
            (shown.row.pictures.stored, shown.row.pictures.total),
            (1, 1)
        );
        assert_eq!(world.gateway().creates_of(&key.to_string()).unwrap(), 1);
        let there = world
            .gateway()
            .attachment(&key.to_string(), &shown.attachments[0].sha256.to_string())
            .unwrap();
        assert_eq!(
            there.unwrap(),
            siti.picture(key, 0).unwrap(),
            "byte by byte"
        );
    }
}

#[test]
fn an_answer_lost_after_the_commit_makes_one_report() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Jalan berlubang");
    world.next(
        "PUT report",
        &[Fault::LoseAnswer, Fault::LoseAnswer, Fault::LoseAnswer],
    );
    world.syncs(&siti);
    assert_eq!(
        phase(&siti, &key),
        Phase::Queued,
        "not called sent before the server said so"
    );
    assert_eq!(why(&siti, &key), Some(Reason::Unknown));
    world.drains(&siti);
    assert_eq!(world.gateway().creates_of(&key.to_string()).unwrap(), 1);
    assert_eq!(world.gateway().reports().unwrap().len(), 1);
    assert!(tracking(&siti, &key).is_some());
}

#[test]
fn a_portal_is_neither_success_nor_rejection() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Sampah");
    world.always("*", Fault::Portal);
    for _ in 0..20 {
        world.syncs(&siti);
        world.pass(Duration::from_secs(900));
    }
    let shown = show(&siti, &key);
    assert_eq!(shown.row.phase, Phase::Queued);
    assert_eq!(shown.row.tracking_id, None);
    assert_eq!(
        shown.row.standing.unwrap().attempts,
        0,
        "a portal spends no attempt"
    );
    assert_eq!(
        why(&siti, &key),
        Some(Reason::NotLapor { status: 200 }),
        "no guess of a captive portal"
    );
    world.heal();
    world.drains(&siti);
    assert!(tracking(&siti, &key).is_some());
}

#[test]
fn what_is_not_complete_stays_a_draft_and_says_what_to_mend() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = siti.new_draft().unwrap();
    siti.edit(&key, Edit::Title("x".repeat(300))).unwrap();
    let Err(ClientError::Invalid { problems }) = siti.submit(&key) else {
        panic!("accepted")
    };
    assert!(problems.len() >= 4, "{problems:?}");
    assert_eq!(phase(&siti, &key), Phase::Draft);
    assert_eq!(
        show(&siti, &key).draft.form.title.len(),
        300,
        "nothing typed is lost"
    );
}

#[test]
fn a_clock_ten_years_off_delays_nothing() {
    for years in [-10_i64, 10] {
        let world = World::new();
        let siti = world.phone_of("siti");
        world.pass(Duration::from_secs(1));
        world.always("*", Fault::Offline);
        let key = submits(&siti, "Banjir");
        world.now.fetch_add(
            years * 365 * 86_400_000,
            std::sync::atomic::Ordering::SeqCst,
        );
        world.syncs(&siti);
        world.now.fetch_add(
            -years * 365 * 86_400_000,
            std::sync::atomic::Ordering::SeqCst,
        );
        world.heal();
        world.pass(Duration::from_secs(60));
        world.syncs(&siti);
        assert!(tracking(&siti, &key).is_some(), "{years} years off");
    }
}

#[test]
fn a_reply_follows_its_report_and_arrives_once() {
    use lapor_core::engine::api::EventKind;
    let world = World::new();
    let siti = world.phone_of("siti");
    world.always("*", Fault::Offline);
    let key = submits(&siti, "Pohon tumbang");
    let reply = siti
        .add_event(
            &key,
            EventKind::Reply,
            Some("Masih tumbang.".to_owned()),
            None,
            None,
        )
        .unwrap();
    world.syncs(&siti);
    world.heal();
    world.next("PUT event", &[Fault::LoseAnswer]);
    world.drains(&siti);
    assert_eq!(world.gateway().events_of(&reply.to_string()).unwrap(), 1);
    let seen = world.seen();
    let create = seen.iter().rposition(|what| *what == "PUT report").unwrap();
    let event = seen.iter().position(|what| *what == "PUT event").unwrap();
    assert!(create < event);
}

#[test]
fn a_sync_within_bounds_leaves_the_rest_for_the_next() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = drafts(&siti, "Jembatan");
    attaches(&world, &siti, &key, 200_000);
    siti.submit(&key).unwrap();
    let report = siti
        .sync_step(Duration::from_secs(25), Some(20_000))
        .unwrap();
    assert!(report.more);
    let pictures = show(&siti, &key).row.pictures;
    assert!(
        pictures.bytes_uploaded > 0 && pictures.stored == 0,
        "{pictures:?}"
    );
    world.drains(&siti);
    assert_eq!(show(&siti, &key).row.pictures.stored, 1);
}

#[test]
fn a_clock_that_lags_behind_refuses_no_day_that_has_been() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let years = -10 * 365 * 86_400_000_i64;
    world.skew.store(years, std::sync::atomic::Ordering::SeqCst);
    let key = submits(&siti, "Baterai habis, jam kembali ke 2016");
    world.drains(&siti);
    assert!(tracking(&siti, &key).is_some());
}

#[test]
fn a_reply_that_says_nothing_is_not_accepted_and_one_refused_can_be_given_up() {
    use lapor_core::engine::{
        api::EventKind,
        report::{Code, Field, Subject},
    };
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Pohon tumbang");
    let empty = siti.add_event(&key, EventKind::Reply, Some(" ".to_owned()), None, None);
    let Err(ClientError::Invalid { problems }) = empty else {
        panic!("accepted")
    };
    assert_eq!(problems[0].subject, Subject::Field(Field::Text));
    assert_eq!(problems[0].code, Code::Required);
    // A rating before the report is closed: the service refuses it.
    let rating = siti
        .add_event(&key, EventKind::Rate, None, Some(5), None)
        .unwrap();
    world.syncs(&siti);
    let state = |siti: &lapor_core::client::Client| show(siti, &key).events[0].state;
    assert_eq!(
        state(&siti),
        lapor_core::engine::sync::OperationState::Paused
    );
    siti.discard_event(&rating).unwrap();
    assert_eq!(
        state(&siti),
        lapor_core::engine::sync::OperationState::Ended
    );
    assert!(siti.outbox(None).unwrap().is_empty());
    let reply = siti
        .add_event(
            &key,
            EventKind::Reply,
            Some("Sudah dipotong.".to_owned()),
            None,
            None,
        )
        .unwrap();
    world.drains(&siti);
    assert_eq!(world.gateway().events_of(&reply.to_string()).unwrap(), 1);
    assert!(siti.discard_event(&reply).is_err(), "the service has it");
}
