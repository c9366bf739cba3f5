//! What a person did later in place of something that the gateway would not have.

use std::time::Duration;

use lapor_core::{
    client::Client,
    engine::{
        api::EventKind,
        report::{EventKey, ReportKey},
        sync::{Operation, OperationState, Reason},
    },
};

use crate::{line::Fault, world::*};

const DAY: Duration = Duration::from_secs(86_401);

fn rates(client: &Client, key: &ReportKey, rating: u8) -> EventKey {
    client
        .add_event(key, EventKind::Rate, None, Some(rating), None)
        .unwrap()
}

fn closes(client: &Client, key: &ReportKey) -> EventKey {
    client
        .add_event(key, EventKind::Close, None, None, None)
        .unwrap()
}

fn replies(client: &Client, key: &ReportKey) -> EventKey {
    let text = Some("Masih padam.".to_owned());
    client
        .add_event(key, EventKind::Reply, text, None, None)
        .unwrap()
}

fn arrived(world: &World, event: EventKey) -> bool {
    world.gateway().events_of(&event.to_string()).unwrap() == 1
}

fn days_pass(world: &World, client: &Client) {
    for _ in 0..3 {
        world.pass(DAY);
        world.syncs(client);
    }
}

fn row(client: &Client, key: &ReportKey, event: EventKey) -> Operation {
    let mut rows = show(client, key).operations.into_iter();
    rows.find(|row| row.event == Some(event)).unwrap()
}

fn is_overtaken(client: &Client, key: &ReportKey, event: EventKey) {
    let row = row(client, key, event);
    assert_eq!(row.state, OperationState::Ended);
    assert_eq!(row.reason.as_ref().map(Reason::code), Some("overtaken"));
    let outbox = client.outbox(Some(key)).unwrap();
    assert!(outbox.iter().all(|(row, _)| row.state.is_finished()));
}

#[test]
fn an_old_rating_that_was_refused_does_not_overtake_the_later_one() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    world.drains(&siti);
    // Only what is closed can be rated.
    let angry = rates(&siti, &key, 1);
    world.syncs(&siti);
    assert_eq!(row(&siti, &key, angry).state, OperationState::Paused);
    let closed = closes(&siti, &key);
    let content = rates(&siti, &key, 5);
    is_ended(&siti, &key, angry);
    world.syncs(&siti);
    assert!(arrived(&world, closed) && arrived(&world, content));
    days_pass(&world, &siti);
    assert!(!arrived(&world, angry), "a day later, and silently");
    is_overtaken(&siti, &key, angry);
}

fn is_ended(client: &Client, key: &ReportKey, event: EventKey) {
    assert_eq!(row(client, key, event).state, OperationState::Ended);
}

#[test]
fn one_that_is_refused_when_the_later_one_is_there_already_does_not_go_either() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    let angry = rates(&siti, &key, 1);
    let closed = closes(&siti, &key);
    let content = rates(&siti, &key, 5);
    world.syncs(&siti);
    assert!(arrived(&world, closed) && arrived(&world, content));
    days_pass(&world, &siti);
    assert!(!arrived(&world, angry));
    is_overtaken(&siti, &key, angry);
}

#[test]
fn one_that_may_have_arrived_keeps_its_place_before_the_later_one() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    closes(&siti, &key);
    world.drains(&siti);
    let angry = rates(&siti, &key, 1);
    world.next("PUT event", &[Fault::LoseAnswer]);
    siti.sync_step(Duration::from_secs(1), None).unwrap();
    let content = rates(&siti, &key, 5);
    world.drains(&siti);
    assert!(arrived(&world, angry) && arrived(&world, content));
    assert_eq!(row(&siti, &key, angry).state, OperationState::Done);
}

#[test]
fn a_closing_that_was_refused_does_not_go_after_the_person_spoke_again() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    world.drains(&siti);
    let closed = closes(&siti, &key);
    world.next("PUT event", &[Fault::Status(418)]);
    world.syncs(&siti);
    let reply = replies(&siti, &key);
    world.syncs(&siti);
    days_pass(&world, &siti);
    assert!(arrived(&world, reply));
    assert!(!arrived(&world, closed), "it is open to them again");
    is_overtaken(&siti, &key, closed);
}

#[test]
fn a_closing_that_was_refused_goes_before_the_rating_that_needs_it() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    world.drains(&siti);
    let closed = closes(&siti, &key);
    let rating = rates(&siti, &key, 4);
    world.next("PUT event", &[Fault::Status(418)]);
    days_pass(&world, &siti);
    assert!(arrived(&world, closed) && arrived(&world, rating));
}

#[test]
fn a_second_closing_ends_with_the_rating_that_shows_it_was_closed() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    closes(&siti, &key);
    let again = closes(&siti, &key);
    world.syncs(&siti);
    assert_eq!(row(&siti, &key, again).state, OperationState::Paused);
    let rating = rates(&siti, &key, 4);
    world.syncs(&siti);
    assert!(arrived(&world, rating));
    is_overtaken(&siti, &key, again);
}

#[test]
fn replies_that_were_refused_are_never_put_out_by_later_ones() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    world.drains(&siti);
    let first = replies(&siti, &key);
    world.next("PUT event", &[Fault::Status(418)]);
    world.syncs(&siti);
    let second = replies(&siti, &key);
    days_pass(&world, &siti);
    assert!(arrived(&world, first) && arrived(&world, second));
}

#[test]
fn what_waits_behind_a_report_that_needs_its_writer_says_so_offline_too() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    let reply = replies(&siti, &key);
    let rating = rates(&siti, &key, 4);
    world.next("PUT report", &[Fault::Status(422)]);
    world.syncs(&siti);
    world.always("*", Fault::Offline);
    let other = submits(&siti, "Jalan");
    world.syncs(&siti);
    assert_eq!(why(&siti, &other), Some(Reason::Offline));
    for event in [reply, rating] {
        assert_eq!(row(&siti, &key, event).reason, Some(Reason::Follows));
        let outbox = siti.outbox(None).unwrap();
        let told = outbox.iter().find(|(row, _)| row.event == Some(event));
        assert_eq!(told.unwrap().0.reason, Some(Reason::Follows));
    }
}
