//! New tokens that a full disk would not take are kept in memory, and their person goes on.

use lapor_core::{
    client::{ClientError, SyncEvent, SyncLimits, Until},
    engine::calendar::Instant,
    store::{OpenOptions, Store, StoreKey},
};
use lapor_sim_vfs::{Disk, Failure, VFS};

use super::*;

const HOUR: i64 = 3_600_000;

fn look() -> SyncLimits {
    SyncLimits {
        pull: true,
        ..SyncLimits::until(Until::NothingDue)
    }
}

/// Siti, whose token has just been refreshed while her disk was full.
fn refreshed_on_a_full_disk() -> Scene {
    let mut scene = Scene::new(papers()).unwrap();
    scene.does(Step::SignIn("siti")).unwrap();
    scene.does(Step::Sync).unwrap();
    let expired = scene
        .office
        .change(|gateway| gateway.expire_access_tokens());
    expired.unwrap();
    let app = scene.app().unwrap();
    let disk = scene.disk.clone();
    let synced = app.sync(look(), &mut |event| {
        let refreshes = matches!(&event, SyncEvent::Started { task, .. } if *task == "refresh");
        if refreshes {
            fills(&disk);
        }
    });
    assert_eq!(synced.unwrap_err(), ClientError::DiskFull);
    assert!(app.account().unwrap().has_token, "the ones before");
    scene.disk.heal();
    scene
}

/// Nothing is taken any more, not even where there is room in the log.
fn fills(disk: &Disk) {
    let from = disk.changes() + 1;
    for at in from..from + 1_000 {
        disk.arm(Fault::Fail {
            at,
            how: Failure::Full,
            lasts: Lasts::Once,
        });
    }
}

fn sends(scene: &mut Scene, report: &'static str) -> bool {
    scene.does(Step::Write(report)).unwrap();
    scene.does(Step::Submit(report)).unwrap();
    scene.app().unwrap().sync(look(), &mut |_| {}).unwrap();
    let key = scene.known(report).unwrap().key;
    let row = scene.app().unwrap().show(&key).unwrap().row;
    row.tracking_id.is_some()
}

#[test]
fn they_do_not_come_back_after_their_person_has_signed_in_anew() {
    let mut scene = refreshed_on_a_full_disk();
    scene
        .office
        .change(|gateway| gateway.end_sessions())
        .unwrap();
    scene.does(Step::SignIn("siti")).unwrap();
    assert!(sends(&mut scene, "lamp"), "nobody has to sign in again");
}

#[test]
fn they_are_not_kept_for_whoever_has_left_and_serve_nobody_else() {
    let mut scene = refreshed_on_a_full_disk();
    scene.does(Step::Write("lamp")).unwrap();
    scene.does(Step::Submit("lamp")).unwrap();
    scene.does(Step::SignOut).unwrap();
    scene.does(Step::SignIn("budi")).unwrap();
    assert!(sends(&mut scene, "hole"));
    let rows = scene.office.look(|gateway| gateway.reports()).unwrap();
    let senders: Vec<_> = rows.iter().map(|row| row.account.as_str()).collect();
    assert_eq!(senders, ["budi"], "and nothing of Siti's");

    scene.close();
    let key = StoreKey::new([0x42; 32], [7; 16]);
    let home = scene.disk.home();
    let now = Instant(scene.office.now());
    let mut dice = |bytes: &mut [u8]| bytes.fill(9);
    let options = OpenOptions::new(&home, Some(&key), now, &mut dice).vfs(Some(VFS));
    let (store, _) = Store::open(options).unwrap();
    let signed_in: Vec<_> = store.accounts().unwrap();
    let signed_in: Vec<_> = signed_in.iter().filter(|one| one.has_token).collect();
    assert_eq!(signed_in.len(), 1);
    assert_eq!(signed_in[0].user, "budi");
}

#[test]
fn they_are_as_old_as_any_when_they_are_stored_an_hour_later() {
    let mut scene = refreshed_on_a_full_disk();
    scene.office.pass(HOUR);
    let expired = scene
        .office
        .change(|gateway| gateway.expire_access_tokens());
    expired.unwrap();
    scene.app().unwrap().sync(look(), &mut |_| {}).unwrap();
    assert!(scene.app().unwrap().account().unwrap().has_token);
    assert!(sends(&mut scene, "lamp"), "refreshed once more, and sent");
}
