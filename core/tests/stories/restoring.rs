use std::time::Duration;

use crate::world::*;

#[test]
fn a_server_restored_from_an_old_backup_gets_what_it_forgot_again_once() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let old = submits(&siti, "Sebelum cadangan");
    world.drains(&siti);
    let backup = world.folder.path().join("backup.db");
    world.gateway().backup(&backup).unwrap();
    let forgotten = drafts(&siti, "Sesudah cadangan");
    attaches(&world, &siti, &forgotten, 30_000);
    siti.submit(&forgotten).unwrap();
    world.drains(&siti);
    let before = tracking(&siti, &forgotten).unwrap();
    let old_id = tracking(&siti, &old).unwrap();
    goes_back(&world, &backup);
    sign_in(&siti, "siti");
    // Whatever is asked next reveals the new epoch.
    submits(&siti, "Laporan baru");
    world.drains(&siti);
    let after = show(&siti, &forgotten);
    assert_eq!(
        world.gateway().creates_of(&forgotten.to_string()).unwrap(),
        1,
        "sent again"
    );
    assert_ne!(
        after.row.tracking_id.as_ref().unwrap().0,
        before,
        "tracking ids are never used twice"
    );
    assert_eq!(
        after.prior_tracking_ids[0].0, before,
        "and the old one is still shown"
    );
    assert_eq!(after.row.pictures.stored, 1, "its picture too");
    assert_eq!(
        tracking(&siti, &old).unwrap(),
        old_id,
        "what survived keeps its id"
    );
    let row = world
        .gateway()
        .report(&forgotten.to_string())
        .unwrap()
        .unwrap();
    assert_eq!(row.prior_tracking_id.as_deref(), Some(before.as_str()));
}

#[test]
fn a_restore_that_is_heard_of_after_a_quarter_of_a_year_loses_nothing() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let backup = world.folder.path().join("backup.db");
    world.gateway().backup(&backup).unwrap();
    let forgotten = submits(&siti, "Sesudah cadangan");
    world.drains(&siti);
    goes_back(&world, &backup);
    world.pass(Duration::from_secs(120 * 86_400));
    sign_in(&siti, "siti");
    let new = submits(&siti, "Laporan baru");
    world.drains(&siti);
    for key in [forgotten, new] {
        assert_eq!(
            world.gateway().creates_of(&key.to_string()).unwrap(),
            1,
            "what the screen calls sent is there"
        );
    }
}

/// The gateway goes back to the backup.
fn goes_back(world: &World, backup: &std::path::Path) {
    let now = world.gateway_now();
    let mut number = 7_u8;
    let mut entropy = |bytes: &mut [u8]| {
        for byte in bytes {
            number = number.wrapping_mul(31).wrapping_add(7);
            *byte = number;
        }
    };
    world.gateway().restore(now, &mut entropy, backup).unwrap();
}

#[test]
fn a_clock_that_was_wrong_that_day_hides_no_report_from_the_question() {
    use std::sync::atomic::Ordering;
    for years in [-1_i64, 5] {
        let world = World::new();
        let siti = world.phone_of("siti");
        let backup = world.folder.path().join("backup.db");
        world.gateway().backup(&backup).unwrap();
        let off = years * 365 * 86_400_000;
        world.skew.store(off, Ordering::SeqCst);
        let key = drafts(&siti, "Jam salah");
        attaches(&world, &siti, &key, 20_000);
        siti.submit(&key).unwrap();
        world.drains(&siti);
        world.skew.store(0, Ordering::SeqCst);
        goes_back(&world, &backup);
        submits(&siti, "Laporan baru");
        world.drains(&siti);
        let creates = world.gateway().creates_of(&key.to_string()).unwrap();
        assert_eq!(creates, 1, "sent again: {years} years off that day");
        assert_eq!(show(&siti, &key).row.pictures.stored, 1);
    }
}

#[test]
fn a_clock_that_jumps_ahead_does_not_hurry_a_picture_off_the_phone() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = drafts(&siti, "Jam melompat");
    attaches(&world, &siti, &key, 20_000);
    siti.submit(&key).unwrap();
    world.drains(&siti);
    let years = 5 * 365 * 86_400_000;
    world.skew.store(years, std::sync::atomic::Ordering::SeqCst);
    world.syncs(&siti);
    assert!(
        show(&siti, &key).attachments[0].present,
        "7 days, not 7 years"
    );
    world.pass(Duration::from_secs(8 * 86_400));
    submits(&siti, "Seminggu kemudian");
    world.drains(&siti);
    world.syncs(&siti);
    assert!(
        !show(&siti, &key).attachments[0].present,
        "its space is given back"
    );
}

#[test]
fn a_reply_lost_in_a_restore_goes_again_though_its_report_survived() {
    use lapor_core::engine::api::EventKind;
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    world.drains(&siti);
    let backup = world.folder.path().join("backup.db");
    world.gateway().backup(&backup).unwrap();
    let text = Some("Masih padam.".to_owned());
    let reply = siti
        .add_event(&key, EventKind::Reply, text, None, None)
        .unwrap();
    world.drains(&siti);
    goes_back(&world, &backup);
    submits(&siti, "Laporan baru");
    world.drains(&siti);
    assert_eq!(world.gateway().events_of(&reply.to_string()).unwrap(), 1);
}

#[test]
fn a_tombstone_lost_in_a_restore_is_put_up_again() {
    use lapor_core::engine::report::Phase;
    let world = World::new();
    let siti = world.phone_of("siti");
    let backup = world.folder.path().join("backup.db");
    world.gateway().backup(&backup).unwrap();
    let key = submits(&siti, "Ditarik");
    world.next("PUT report", &[Fault::SitsInAProxy]);
    world.syncs(&siti);
    siti.withdraw(&key).unwrap();
    world.drains(&siti);
    goes_back(&world, &backup);
    submits(&siti, "Laporan baru");
    world.drains(&siti);
    assert_eq!(phase(&siti, &key), Phase::Withdrawn);
    assert_eq!(world.proxy_delivers(), [410], "the late create finds it");
    assert_eq!(world.gateway().creates_of(&key.to_string()).unwrap(), 0);
}

#[test]
fn taking_back_too_late_after_a_restore_brings_back_pictures_and_replies() {
    use lapor_core::engine::api::EventKind;
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = drafts(&siti, "Lampu");
    attaches(&world, &siti, &key, 20_000);
    siti.submit(&key).unwrap();
    world.always("PATCH upload", Fault::CutBefore);
    world.syncs(&siti);
    let backup = world.folder.path().join("backup.db");
    world.gateway().backup(&backup).unwrap();
    world.heal();
    let text = Some("Masih padam.".to_owned());
    let reply = siti
        .add_event(&key, EventKind::Reply, text, None, None)
        .unwrap();
    world.drains(&siti);
    goes_back(&world, &backup);
    let now = world.gateway_now();
    world.gateway().verify(now, &key.to_string()).unwrap();
    siti.withdraw(&key).unwrap();
    world.drains(&siti);
    let sha = show(&siti, &key).attachments[0].sha256.to_string();
    let there = world.gateway().attachment(&key.to_string(), &sha).unwrap();
    assert_eq!(there.unwrap(), siti.picture(&key, 0).unwrap());
    assert_eq!(world.gateway().events_of(&reply.to_string()).unwrap(), 1);
}

#[test]
fn an_officers_answer_lost_in_a_restore_goes_again() {
    use lapor_core::engine::api::EventKind;
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    world.drains(&siti);
    let now = world.gateway_now();
    let name = key.to_string();
    world.gateway().dispose(now, &name, "dpu-badung").unwrap();
    let backup = world.folder.path().join("backup.db");
    world.gateway().backup(&backup).unwrap();
    let made = world.phone_of("made");
    world.syncs(&made);
    // The officer's clock is years behind on that day.
    let years = -7 * 365 * 86_400_000_i64;
    world.skew.store(years, std::sync::atomic::Ordering::SeqCst);
    let text = Some("Sedang diperbaiki.".to_owned());
    let answer = made
        .add_event(&key, EventKind::FollowUp, text, None, None)
        .unwrap();
    world.drains(&made);
    world.skew.store(0, std::sync::atomic::Ordering::SeqCst);
    goes_back(&world, &backup);
    world.pass(Duration::from_secs(3_600));
    world.syncs(&made);
    world.drains(&made);
    assert_eq!(world.gateway().events_of(&answer.to_string()).unwrap(), 1);
}
