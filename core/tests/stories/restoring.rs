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
    let now = world.gateway_now();
    let mut seed = 99;
    world
        .gateway()
        .restore(
            now,
            &mut |bytes| {
                for byte in bytes {
                    seed = (seed * 31 + 7) % 251;
                    *byte = seed as u8;
                }
            },
            &backup,
        )
        .unwrap();
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
