//! The service knows other words under the key of a report: both are shown, and the person decides.

use lapor_core::{
    client::{Client, Withdrawal},
    engine::{
        report::{Edit, Phase, ReportKey},
        sync::ServiceCopy,
    },
};

use crate::line::Fault;
use crate::world::{World, drafts, phase, show, submits, tracking, why};

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
#[test]
fn the_same_words_in_other_bytes_are_told_as_the_same() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    world.next("PUT report", &[Fault::SitsInAProxy]);
    world.syncs(&siti);
    for request in world.line.proxy.lock().unwrap().iter_mut() {
        request.body.push(b' ');
    }
    assert_eq!(world.proxy_delivers(), [201]);
    world.drains(&siti);
    assert_eq!(phase(&siti, &key), Phase::KeyTaken);
    assert_eq!(show(&siti, &key).copy.unwrap().standing, ServiceCopy::Same);
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
