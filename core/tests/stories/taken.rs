//! The service knows other words under the key of a report: both are shown, and the person decides.

use std::time::Duration;

use lapor_core::{
    client::{Client, ClientError, Withdrawal},
    engine::{
        report::{Edit, Phase, ReportKey},
        sync::ServiceCopy,
    },
};

use crate::line::Fault;
use crate::world::{World, attaches, drafts, phase, show, tracking, why};

/// A copy of the phone has sent other words under the key, and then this one sends its own.
fn taken(world: &World) -> (Client, ReportKey) {
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
    (siti, key)
}

#[test]
fn what_the_service_has_is_fetched_to_be_compared_and_read_without_a_network() {
    let world = World::new();
    let (siti, key) = taken(&world);
    // Asked for again at its own time: the first answer is lost.
    world.next("GET report", &[Fault::LoseAnswer]);
    world.drains(&siti);
    assert_eq!(phase(&siti, &key), Phase::KeyTaken);
    world.always("*", Fault::Offline);
    drop(siti);
    let shown = show(&world.phone("siti"), &key);
    assert!(shown.server_text.contains("Kata yang lain."));
    assert_eq!(
        shown.draft.form.content,
        "Lampu jalan di depan balai banjar padam."
    );
}

#[test]
fn what_was_taken_back_at_the_service_is_told_as_gone() {
    let world = World::new();
    let (siti, key) = taken(&world);
    world.next("GET report", &[Fault::Offline]);
    world.syncs(&siti);
    assert_eq!(
        show(&siti, &key).copy.unwrap().standing,
        ServiceCopy::Awaited
    );
    let copy = world.phone_with("salinan", 8).0;
    assert_eq!(copy.withdraw(&key).unwrap(), Withdrawal::Asked);
    world.drains(&copy);
    world.drains(&siti);
    let shown = show(&siti, &key);
    assert_eq!(shown.copy.unwrap().standing, ServiceCopy::TakenBack);
    assert_eq!(shown.row.phase, Phase::KeyTaken, "still its writer's turn");
}

/// An app of another version may have frozen the same words in other bytes.
fn same_in_other_bytes(world: &World) -> (Client, ReportKey) {
    let siti = world.phone_of("siti");
    let key = drafts(&siti, "Lampu");
    attaches(world, &siti, &key, 150_000);
    siti.submit(&key).unwrap();
    world.next("PUT report", &[Fault::SitsInAProxy]);
    world.syncs(&siti);
    for request in world.line.proxy.lock().unwrap().iter_mut() {
        request.body.push(b' ');
    }
    assert_eq!(world.proxy_delivers(), [201]);
    (siti, key)
}

#[test]
fn the_same_words_in_other_bytes_have_arrived_and_their_pictures_follow() {
    let world = World::new();
    let (siti, key) = same_in_other_bytes(&world);
    world.drains(&siti);
    let shown = show(&siti, &key);
    assert_eq!(shown.row.phase, Phase::Sent);
    assert!(tracking(&siti, &key).is_some());
    assert_eq!(shown.row.pictures.stored, 1);
    assert_eq!(siti.withdraw(&key).unwrap(), Withdrawal::Asked);
    world.drains(&siti);
    assert_eq!(phase(&siti, &key), Phase::Withdrawn);
}

#[test]
fn who_writes_them_as_another_report_meanwhile_sends_nothing_twice() {
    let world = World::new();
    let (siti, key) = same_in_other_bytes(&world);
    world.next("GET report", &[Fault::Offline]);
    world.pass(Duration::from_secs(120));
    world.syncs(&siti);
    let another = siti.send_as_another(&key).unwrap();
    world.drains(&siti);
    assert_eq!(phase(&siti, &key), Phase::Sent);
    match siti.submit(&another).unwrap_err() {
        ClientError::SentAsAnother { another } => assert_eq!(another, key),
        other => panic!("{other:?}"),
    }
    siti.discard(&another).unwrap();
    world.drains(&siti);
    assert_eq!(world.gateway().reports().unwrap().len(), 1);
}

#[test]
fn what_goes_on_as_another_report_needs_no_decision_any_more_and_goes_so_once() {
    let world = World::new();
    let (siti, key) = taken(&world);
    world.drains(&siti);
    let another = siti.send_as_another(&key).unwrap();
    // A draft that is forgotten would be all that is left of it.
    assert_eq!(phase(&siti, &key), Phase::KeyTaken);
    assert!(why(&siti, &key).is_some(), "and says why");
    let once_more = siti.send_as_another(&key).unwrap_err();
    assert!(format!("{once_more:?}").contains("SentAsAnother"));
    siti.submit(&another).unwrap();
    assert_eq!(phase(&siti, &key), Phase::Superseded);
    world.drains(&siti);
    assert!(tracking(&siti, &another).is_some());
    assert_eq!(phase(&siti, &key), Phase::Superseded);
}
