//! Stories on a disk that is really full.

use std::{fs, path::Path, process::Command};

use lapor_engine::{report::Phase, sync::Reason};

use super::{
    NOON, Person, Phone, assert_sound,
    children::{HOME, arguments, assert_told, given_home, program},
    created, key, run,
};
use crate::store::{Filter, LossKind, Notice, StoreError, folder};

#[test]
fn on_a_full_disk_a_draft_stays_whole_and_an_outcome_still_finds_room() {
    on_a_small_disk("small_disk::on_the_full_disk");
}

#[test]
fn an_app_that_filled_its_disk_still_sends_and_throws_away() {
    on_a_small_disk("small_disk::on_the_disk_full_of_pictures");
}

#[test]
fn looking_at_a_full_disk_spends_nothing_of_what_going_and_taking_back_need() {
    on_a_small_disk("small_disk::on_the_full_disk_that_is_looked_at");
}

#[test]
fn the_reserve_lasts_however_much_is_written_on_a_full_disk() {
    on_a_small_disk("small_disk::on_the_full_disk_for_long");
}

#[test]
fn a_damaged_store_on_a_full_disk_goes_on_and_is_saved_when_there_is_room() {
    on_a_small_disk("small_disk::on_the_full_disk_with_a_damaged_page");
}

/// On a disk of 3 MiB that can be really full: a tmpfs in a mount namespace of its own.
fn on_a_small_disk(test: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mount = "mount -t tmpfs -o size=3m tmpfs \"$0\" && exec \"$@\"";
    let output = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", mount])
        .arg(folder.path())
        .arg(program())
        .args(arguments(test))
        .env(HOME, folder.path())
        .output();
    match output {
        Ok(output) if output.status.success() => assert_told(&output),
        Ok(output)
            if String::from_utf8_lossy(&output.stderr).contains("Operation not permitted") =>
        {
            eprintln!(
                "not tried: this machine allows no mount namespaces; see submit/tests.rs for the limit of pages"
            );
        }
        Ok(output) => assert_told(&output),
        Err(error) => eprintln!("not tried: no unshare here ({error})"),
    }
}

#[test]
#[ignore = "child of another test"]
fn on_the_full_disk() {
    let Some(disk) = given_home() else { return };
    let phone = Phone::at(&disk.join("home"));
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let ids = store.submits(key(1));
    store.attempt_to_create(&ids, Reason::Unknown);

    store.writes(key(2));
    let before = store.draft(key(2)).unwrap();
    // As after a start: the log is empty and has no room of its own.
    store
        .db
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    fill(&disk.join("filler"));

    let (version, frozen) = store.freezes(key(2));
    assert_eq!(
        store.submit(key(2), version, &frozen, NOON),
        Err(StoreError::DiskFull)
    );
    assert_eq!(
        store.attach(key(2), &super::picture(4, 40_000), NOON),
        Err(StoreError::DiskFull)
    );
    assert_eq!(store.draft(key(2)).unwrap(), before, "the draft is whole");
    assert!(
        store.outbox(Some(key(2))).unwrap().is_empty(),
        "and no operation is left over"
    );
    assert!(
        phone.file(folder::RESERVE).exists(),
        "the reserve is not for what is added"
    );

    // What was accepted goes all the same, and what the gateway answered is written down.
    store.begin(ids.create, &run(), NOON).unwrap();
    store.apply(&[created(key(1), "4711", &[])], NOON).unwrap();
    assert_eq!(store.phase(key(1)), Phase::Sent);
    assert_sound(&store);
    drop(store);

    // A start on the full disk gives up the reserve and says so.
    drop(phone.try_open().unwrap());
    assert!(
        phone.file(folder::RESERVE).exists(),
        "the log that was folded has made room for it"
    );
    fill(&disk.join("filler-2"));
    let (mut store, notices) = phone.open_noting();
    assert_eq!(notices, [Notice::ReserveMissing]);
    assert_eq!(
        store
            .report(key(1))
            .unwrap()
            .unwrap()
            .row
            .tracking_id
            .unwrap()
            .0,
        "4711"
    );
    store.apply(&[created(key(1), "4712", &[])], NOON).unwrap();
    fs::remove_file(disk.join("filler")).unwrap();
    store.probe_write().unwrap();
    assert!(
        phone.file(folder::RESERVE).exists(),
        "with room again the reserve is there again"
    );
    store.submits(key(2));
}

#[test]
#[ignore = "child of another test"]
fn on_the_disk_full_of_pictures() {
    let Some(disk) = given_home() else { return };
    let phone = Phone::at(&disk.join("home"));
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let mut kept = 0;
    let refused = loop {
        match store.attach(key(1), &super::picture(kept, 200_000), NOON) {
            Ok(_) => kept += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(refused, StoreError::DiskFull);
    assert!(kept >= 3, "{kept} pictures on 3 MiB");

    // The person is told while there is room for all that follows.
    let ids = store.submits(key(1));
    store.begin(ids.create, &run(), NOON).unwrap();
    store.apply(&[created(key(1), "4711", &[])], NOON).unwrap();
    store.writes(key(2));
    store.submits(key(2));
    store.writes(key(3));
    let picture = store
        .attach(key(3), &super::picture(250, 20_000), NOON)
        .unwrap();

    // And when others have taken the rest.
    fill(&disk.join("filler"));
    assert_eq!(
        store.attach(key(3), &super::picture(251, 20_000), NOON),
        Err(StoreError::DiskFull)
    );
    store.detach(key(3), picture.id, NOON).unwrap();
    store.discard(key(3), NOON).unwrap();
    store.withdraw(key(2), NOON).unwrap();
    assert_eq!(store.phase(key(2)), Phase::Withdrawn);
    assert_sound(&store);
    let erased = store.forget_me().unwrap();
    assert_eq!(
        (erased.reports, erased.attachments),
        (3, u32::try_from(kept).unwrap())
    );

    // The room is the person's again.
    fs::remove_file(disk.join("filler")).unwrap();
    drop(store);
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(4));
    for number in 0..kept {
        store
            .attach(key(4), &super::picture(number, 200_000), NOON)
            .unwrap();
    }
    assert_sound(&store);
}

#[test]
#[ignore = "child of another test"]
fn on_the_full_disk_that_is_looked_at() {
    let Some(disk) = given_home() else { return };
    let phone = Phone::at(&disk.join("home"));
    let mut store = phone.open();
    let siti = store.signs_in("siti");
    store.writes(key(1));
    store.submits(key(1));
    drop(store);
    fill(&disk.join("filler"));

    let (mut store, notices) = phone.open_noting();
    assert_eq!(notices, [Notice::ReserveMissing]);
    assert_eq!(store.list(Filter::All, 50, None).unwrap().len(), 1);
    let reserve = || fs::metadata(phone.file(folder::RESERVE)).map(|file| file.len());
    assert_eq!(reserve().unwrap(), folder::RESERVE_BYTES as u64);
    // What opening left over would take a few drafts, and then nothing could be taken back.
    assert_eq!(
        store.new_draft(key(2), siti, NOON),
        Err(StoreError::DiskFull)
    );
    assert_eq!(reserve().unwrap(), folder::RESERVE_BYTES as u64);
    store.withdraw(key(1), NOON).unwrap();
    assert_eq!(store.phase(key(1)), Phase::Withdrawn);
}

#[test]
#[ignore = "child of another test"]
fn on_the_full_disk_for_long() {
    let Some(disk) = given_home() else { return };
    let phone = Phone::at(&disk.join("home"));
    let mut store = phone.open();
    store.signs_in("siti");
    for number in 1..=20 {
        store.writes(key(number));
    }
    store.submits(key(1));
    // All of that is still in the log, for which the database has to grow.
    fill(&disk.join("filler"));
    for number in 0..300 {
        let outcome = created(key(1), &number.to_string(), &[]);
        store.apply(&[outcome], NOON).unwrap();
    }
    assert_sound(&store);
}

#[test]
#[ignore = "child of another test"]
fn on_the_full_disk_with_a_damaged_page() {
    let Some(disk) = given_home() else { return };
    let phone = Phone::at(&disk.join("home"));
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let picture = store
        .attach(key(1), &super::picture(1, 300_000), NOON)
        .unwrap();
    let ids = store.submits(key(1));
    drop(store);
    let database = phone.file(folder::DATABASE);
    let pages = fs::metadata(&database).unwrap().len() / 4096;
    phone.damage_page(pages - 10);
    fill(&disk.join("filler"));

    // Who meets it says so, and from then on every opening.
    let (store, _) = phone.open_noting();
    let mut buffer = vec![0; 300_000];
    assert_eq!(
        store.read_attachment(picture.id, 0, &mut buffer),
        Err(StoreError::Corrupt)
    );
    drop(store);
    for _ in 0..2 {
        let (store, notices) = phone.open_noting();
        let waits =
            |one: &Notice| matches!(one, Notice::SalvageWaits { bytes } if *bytes > 1 << 20);
        assert!(notices.iter().any(waits), "{notices:?}");
        assert_eq!(store.list(Filter::All, 50, None).unwrap().len(), 1);
        assert!(!phone.home().join("salvage").exists());
    }
    // The words go, and a person can still have everything forgotten.
    let (mut store, _) = phone.open_noting();
    store.begin(ids.create, &run(), NOON).unwrap();
    store.apply(&[created(key(1), "4711", &[])], NOON).unwrap();
    assert_eq!(
        store.new_draft(key(2), store.current_account().unwrap().id, NOON),
        Err(StoreError::DiskFull)
    );
    drop(store);

    fs::remove_file(disk.join("filler")).unwrap();
    let (mut store, notices) = phone.open_noting();
    let [
        Notice::SetAside {
            losses,
            folder: aside,
            ..
        },
    ] = &notices[..]
    else {
        panic!("{notices:?}")
    };
    assert_eq!(losses.len(), 1);
    assert_eq!(losses[0].what, LossKind::Attachment);
    assert_eq!(store.phase(key(1)), Phase::Sent);
    assert_eq!(
        fs::metadata(phone.file(folder::RESERVE)).unwrap().len(),
        folder::RESERVE_BYTES as u64
    );
    assert!(!phone.home().join(aside).join(folder::RESERVE).exists());
    store.writes(key(2));
    assert_sound(&store);
}

fn fill(path: &Path) {
    use std::io::Write;
    let mut file = fs::File::create(path).unwrap();
    for size in [65_536, 4_096] {
        while file.write_all(&vec![1; size]).is_ok() {}
    }
}
