use std::time::Duration;

use lapor_core::{
    client::Withdrawal,
    engine::{
        report::Phase,
        sync::{OperationKind, Reason},
    },
};

use crate::world::*;

fn is_public(world: &World, title: &str) -> bool {
    world
        .gateway()
        .published()
        .unwrap()
        .iter()
        .any(|row| row.title == title)
}

#[test]
fn before_the_first_byte_it_is_taken_back_at_once() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    assert_eq!(siti.withdraw(&key).unwrap(), Withdrawal::Done);
    assert_eq!(phase(&siti, &key), Phase::Withdrawn);
    world.seen();
    world.drains(&siti);
    assert!(!world.seen().contains(&"PUT report"));
    assert!(world.gateway().reports().unwrap().is_empty());
}

#[test]
fn a_dead_spot_does_not_make_it_perhaps_sent() {
    let world = World::new();
    let siti = world.phone_of("siti");
    world.always("*", Fault::Offline);
    let first = submits(&siti, "Pertama");
    world.syncs(&siti);
    let second = submits(&siti, "Kedua");
    for _ in 0..5 {
        world.pass(Duration::from_secs(900));
        world.syncs(&siti);
    }
    assert_eq!(
        siti.withdraw(&second).unwrap(),
        Withdrawal::Done,
        "never on the wire"
    );
    assert_eq!(
        siti.withdraw(&first).unwrap(),
        Withdrawal::Asked,
        "it was the one that tried the line"
    );
    world.heal();
    world.drains(&siti);
    assert_eq!(phase(&siti, &first), Phase::Withdrawn);
    assert!(world.gateway().published().unwrap().is_empty());
}

#[test]
fn while_its_outcome_is_unknown_it_is_asked_back_and_never_published() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Pungutan liar");
    world.next("PUT report", &[Fault::LoseAnswer]);
    world.syncs(&siti);
    assert_eq!(siti.withdraw(&key).unwrap(), Withdrawal::Asked);
    assert_eq!(phase(&siti, &key), Phase::Withdrawing);
    world.drains(&siti);
    assert_eq!(phase(&siti, &key), Phase::Withdrawn);
    let now = world.gateway_now();
    assert!(world.gateway().verify(now, &key.to_string()).is_err());
    assert!(!is_public(&world, "Pungutan liar"));
}

#[test]
fn what_was_never_tried_is_not_said_to_be_cut() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Pungutan liar");
    world.next("PUT report", &[Fault::LoseAnswer]);
    world.syncs(&siti);
    assert_eq!(why(&siti, &key), Some(Reason::Unknown));
    siti.withdraw(&key).unwrap();
    let standing = show(&siti, &key).row.standing.unwrap();
    assert_eq!(
        (standing.kind, standing.tried_at, standing.reason),
        (OperationKind::Withdraw, None, Some(Reason::NotTried))
    );
    let wait = standing.due.delay;
    assert!(wait > 0, "it waits for the line all the same");
}

#[test]
fn a_create_that_sat_in_a_proxy_meets_the_tombstone() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Terlambat");
    world.next("PUT report", &[Fault::SitsInAProxy]);
    world.syncs(&siti);
    siti.withdraw(&key).unwrap();
    world.drains(&siti);
    assert_eq!(phase(&siti, &key), Phase::Withdrawn);
    assert_eq!(
        world.proxy_delivers(),
        [410],
        "the late create finds the tombstone"
    );
    assert!(!is_public(&world, "Terlambat"));
    assert_eq!(world.gateway().creates_of(&key.to_string()).unwrap(), 0);
}

#[test]
fn a_report_that_was_taken_up_cannot_be_taken_back_and_goes_on() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = drafts(&siti, "Sudah diproses");
    attaches(&world, &siti, &key, 50_000);
    siti.submit(&key).unwrap();
    world.always("PATCH upload", Fault::CutBefore);
    world.syncs(&siti);
    let now = world.gateway_now();
    world.gateway().verify(now, &key.to_string()).unwrap();
    assert_eq!(siti.withdraw(&key).unwrap(), Withdrawal::Asked);
    world.heal();
    world.drains(&siti);
    let shown = show(&siti, &key);
    assert_eq!(shown.row.phase, Phase::Sent);
    assert_eq!(shown.row.pictures.stored, 1, "its picture still arrives");
}

#[test]
fn what_a_copied_phone_has_sent_is_taken_back_by_asking() {
    let world = World::new();
    let first = world.phone_of("siti");
    let key = drafts(&first, "Disalin");
    drop(first);
    world.copies_folder("siti", "salinan");
    let (second, _) = world.phone_with("salinan", 9);
    second.submit(&key).unwrap();
    world.drains(&second);
    let first = world.phone("siti");
    // The feed says that the service has such a key while it is still written here.
    world.drains(&first);
    world.pass(Duration::from_secs(86_400));
    world.drains(&first);
    first.submit(&key).unwrap();
    assert_eq!(first.withdraw(&key).unwrap(), Withdrawal::Asked);
    world.drains(&first);
    assert_eq!(phase(&first, &key), Phase::Withdrawn);
    let row = world.gateway().report(&key.to_string()).unwrap().unwrap();
    assert_eq!(row.status, "withdrawn");
}
