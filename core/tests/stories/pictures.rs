use std::{sync::atomic::Ordering, time::Duration};

use lapor_core::{
    client::{AttachOptions, Client, LOW_DATA_BYTES, PictureThreads, Settings},
    engine::{
        calendar::Instant,
        sync::{Network, Reason, Surroundings},
        words::{self, Lang},
    },
    photo::Flow,
    store::Filter,
};

use crate::world::*;

#[test]
fn a_picture_cut_again_and_again_arrives_whole_with_little_sent_twice() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = drafts(&siti, "Lampu");
    attaches(&world, &siti, &key, 150_000);
    siti.submit(&key).unwrap();
    for bytes in [1, 5_000, 0, 16_000, 3] {
        world.next("PATCH upload", &[Fault::CutAfter(bytes)]);
    }
    world.drains(&siti);
    let shown = show(&siti, &key);
    assert_eq!(shown.row.pictures.stored, 1);
    assert_eq!(
        shown.attachments[0].restarts, 0,
        "what had arrived was kept"
    );
}

#[test]
fn an_upload_that_the_gateway_forgot_starts_over_and_is_counted() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = drafts(&siti, "Lampu");
    attaches(&world, &siti, &key, 700_000);
    siti.submit(&key).unwrap();
    siti.sync_step(Duration::from_secs(20), Some(1)).unwrap();
    let capability = world.gateway().reports().unwrap()[0].attachments[0]
        .capability
        .clone()
        .unwrap();
    assert!(world.gateway().forget_upload(&capability).unwrap());
    world.drains(&siti);
    let shown = show(&siti, &key);
    assert_eq!(shown.row.pictures.stored, 1);
    assert_eq!(shown.attachments[0].restarts, 1);
}

#[test]
fn a_picture_refused_holds_back_nothing_but_itself() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let first = drafts(&siti, "Dengan gambar");
    attaches(&world, &siti, &first, 30_000);
    siti.submit(&first).unwrap();
    world.always("PATCH upload", Fault::Status(413));
    let second = submits(&siti, "Tanpa gambar");
    world.syncs(&siti);
    assert!(tracking(&siti, &first).is_some() && tracking(&siti, &second).is_some());
    let reply = siti.add_event(
        &first,
        lapor_core::engine::api::EventKind::Reply,
        Some("Gambar menyusul.".to_owned()),
        None,
        None,
    );
    world.syncs(&siti);
    assert_eq!(
        world
            .gateway()
            .events_of(&reply.unwrap().to_string())
            .unwrap(),
        1
    );
    world.heal();
    siti.resend(&first).unwrap();
    world.drains(&siti);
    assert_eq!(show(&siti, &first).row.pictures.stored, 1);
}

#[test]
fn a_picture_that_a_cafe_refuses_goes_as_soon_as_the_phone_is_on_another_network() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = drafts(&siti, "Dari warung kopi");
    attaches(&world, &siti, &key, 30_000);
    siti.submit(&key).unwrap();
    world.always("PATCH upload", Fault::Portal);
    let waits = || {
        world.syncs(&siti);
        let outbox = siti.outbox(Some(&key)).unwrap();
        outbox.iter().map(|(row, _)| row.due.delay).max().unwrap()
    };
    // It is tried ever later: some hours in the end.
    let late = (0..400).any(|_| {
        let is_late = waits() > 2 * 3_600_000;
        if !is_late {
            world.pass(Duration::from_secs(15 * 60));
        }
        is_late
    });
    assert!(late, "{:?}", siti.outbox(Some(&key)).unwrap());
    let network = |network| {
        let surroundings = Surroundings {
            network,
            ..Surroundings::default()
        };
        siti.set_surroundings(surroundings).unwrap();
    };
    network(Network::None);
    world.pass(Duration::from_secs(20 * 60));
    world.heal();
    network(Network::Up);
    world.pass(Duration::from_secs(3));
    world.syncs(&siti);
    assert_eq!(show(&siti, &key).row.pictures.stored, 1);
}

#[test]
fn an_app_that_died_in_the_middle_of_a_picture_asks_how_far_it_came() {
    dies_and_asks(700_000, 5_000);
}

#[test]
fn an_app_that_died_in_the_first_chunk_asks_too_for_that_may_be_the_whole_picture() {
    dies_and_asks(300_000, 1);
}

/// A picture, and the bytes after which no more begins.
fn dies_and_asks(bytes: usize, until: u64) {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = drafts(&siti, "Lampu");
    attaches(&world, &siti, &key, bytes);
    siti.submit(&key).unwrap();
    siti.sync_step(Duration::from_secs(20), Some(until))
        .unwrap();
    // As after a kill: nobody could say that the run is over, nor how far the next chunk came.
    drop(siti);
    std::fs::write(world.home("siti").join("engine.lock"), "4711\n").unwrap();
    let siti = world.phone("siti");
    world.seen();
    world.drains(&siti);
    let pictures: Vec<_> = world
        .seen()
        .into_iter()
        .filter(|what| what.ends_with("upload"))
        .collect();
    assert_eq!(pictures[0], "HEAD upload", "{pictures:?}");
    assert_eq!(show(&siti, &key).row.pictures.stored, 1);
}

/// A street of 12 megapixels' detail at the size that is sent: whole, it takes all that it may.
#[test]
fn whoever_saves_data_sends_half_and_what_was_chosen_is_kept() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let photo = world.folder.path().join("jalan.jpg");
    lapor_core::photo::synth::camera_photo(&photo, 5, 2400, 1800, 1).unwrap();
    let attached = |phone: &Client| {
        let key = drafts(phone, "Lampu");
        let made = phone.attach(&key, &photo, AttachOptions::default(), &mut |_| {
            Flow::Continue
        });
        made.unwrap().attachment.bytes
    };
    let usual = siti.settings().unwrap();
    assert_eq!(usual, Settings::default());
    assert!(attached(&siti) > LOW_DATA_BYTES);

    let saving = Settings {
        low_data: true,
        picture_threads: PictureThreads::One,
        ..usual
    };
    siti.set_settings(saving).unwrap();
    drop(siti);
    let siti = world.phone("siti");
    assert_eq!(siti.settings().unwrap(), saving);
    let bytes = attached(&siti);
    assert!(
        (LOW_DATA_BYTES * 95 / 100..=LOW_DATA_BYTES).contains(&bytes),
        "{bytes}"
    );
    let two = Settings {
        picture_threads: PictureThreads::Two,
        ..saving
    };
    siti.set_settings(two).unwrap();
    assert_eq!(siti.settings().unwrap(), two);
    assert_eq!(attached(&siti), bytes, "it is the same picture");
}

/// It waits for days, and nothing of that is "very soon".
#[test]
fn a_picture_that_waits_for_a_free_network_says_so_and_names_no_time() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let settings = Settings {
        pictures_unmetered_only: true,
        ..siti.settings().unwrap()
    };
    siti.set_settings(settings).unwrap();
    let on = |metered| Surroundings {
        network: Network::Up,
        metered,
        ..Surroundings::default()
    };
    siti.set_surroundings(on(true)).unwrap();
    let key = drafts(&siti, "Lampu");
    attaches(&world, &siti, &key, 9_000);
    siti.submit(&key).unwrap();
    let of_the_picture = |client: &Client| show(client, &key).operations[1].reason.clone();
    assert_eq!(of_the_picture(&siti), Some(Reason::Follows), "as its words");
    world.syncs(&siti);
    assert_eq!(why(&siti, &key), Some(Reason::Metered));
    assert_eq!(of_the_picture(&siti), Some(Reason::Metered));
    let row = &siti.list(Filter::All, 9, None).unwrap()[0];
    let standing = row.standing.as_ref().unwrap();
    assert_eq!(standing.reason, Some(Reason::Metered));
    for lang in Lang::ALL {
        let now = Instant(world.now.load(Ordering::SeqCst));
        let (kind, state) = (standing.kind, standing.state);
        let in_ms = standing.due.remaining(now);
        let said = words::standing(kind, state, standing.reason.as_ref(), in_ms, lang);
        assert!(!said.contains('('), "{said}");
    }
    // What stands between it and the gateway changes nothing in that.
    world.next("*", &[Fault::Offline]);
    submits(&siti, "Jalan");
    world.syncs(&siti);
    assert_eq!(why(&siti, &key), Some(Reason::Metered));
    siti.set_surroundings(on(false)).unwrap();
    assert_ne!(why(&siti, &key), Some(Reason::Metered));
    world.drains(&siti);
    assert_eq!(show(&siti, &key).row.pictures.stored, 1);
}
