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
    siti.sync_step(std::time::Duration::from_secs(20), Some(1))
        .unwrap();
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
    siti.sync_step(std::time::Duration::from_secs(20), Some(until))
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
