//! Stories on a disk that is really full.

mod damaged;
mod saved;

use std::{
    fs::{self, File},
    path::Path,
    process::Command,
};

use lapor_engine::{report::Phase, sync::Reason};

use super::{
    NOON, Person, Phone, assert_sound,
    children::{HOME, arguments, assert_told, given_home, program},
    created, key, run,
};
use crate::store::{Filter, Notice, StoreError, folder};

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
fn the_last_picture_that_fits_leaves_room_for_its_report() {
    on_a_small_disk("small_disk::on_the_disk_with_room_for_one_picture");
}

#[test]
fn whether_an_answer_could_be_kept_is_found_out_by_writing() {
    on_a_small_disk("small_disk::on_the_disk_without_any_reserve");
}

/// On a disk of 3 MiB.
fn on_a_small_disk(test: &str) {
    on_a_disk_of("3m", test);
}

/// On a disk that can be really full: a tmpfs in a mount namespace of its own.
fn on_a_disk_of(size: &str, test: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mount = format!("mount -t tmpfs -o size={size} tmpfs \"$0\" && exec \"$@\"");
    let output = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", &mount])
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
    store.set_pictures_unmetered_only(false).unwrap();
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
    // What opening left over would take a few drafts, and then nothing could be taken back. Nor is the
    // missing reserve tried where it does not fit: nobody else would find room meanwhile.
    let touched = || fs::metadata(phone.home().join("store")).unwrap().modified();
    let before = touched().unwrap();
    assert_eq!(
        store.new_draft(key(2), siti, NOON),
        Err(StoreError::DiskFull)
    );
    assert_eq!(touched().unwrap(), before);
    assert_eq!(reserve().unwrap(), folder::RESERVE_BYTES as u64);
    store.withdraw(key(1), NOON).unwrap();
    assert_eq!(store.phase(key(1)), Phase::Withdrawn);
    // It is made again as soon as it fits.
    let (name, bytes) = folder::RESERVES[0];
    fill_but(&disk.join("filler"), bytes);
    let _ = store.new_draft(key(2), siti, NOON);
    assert_eq!(fs::metadata(phone.file(name)).unwrap().len(), bytes);
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
fn on_the_disk_with_room_for_one_picture() {
    let Some(disk) = given_home() else { return };
    let phone = Phone::at(&disk.join("home"));
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let reserve = || fs::metadata(phone.file(folder::RESERVE)).map(|file| file.len());
    let mut tries = 1..100;
    for room in &mut tries {
        fill_but(&disk.join("filler"), room * 8_192);
        match store.attach(key(1), &super::picture(1, 100_000), NOON) {
            Ok(_) => break,
            Err(error) => assert_eq!(error, StoreError::DiskFull),
        }
    }
    assert_ne!(tries.next(), None, "it is kept where there is room");
    let ids = store.submits(key(1));
    store.begin(ids.create, &run(), NOON).unwrap();
    for number in 0..20 {
        let outcome = created(key(1), &number.to_string(), &[]);
        store.apply(&[outcome], NOON).unwrap();
    }
    store.writes(key(2));
    store.submits(key(2));
    assert_eq!(
        reserve().unwrap(),
        folder::RESERVE_BYTES as u64,
        "none of it took the reserve"
    );
    assert_sound(&store);
}

#[test]
#[ignore = "child of another test"]
fn on_the_disk_without_any_reserve() {
    let Some(disk) = given_home() else { return };
    let phone = Phone::at(&disk.join("home"));
    let mut store = phone.open();
    store.set_pictures_unmetered_only(false).unwrap();
    assert!(store.fold("TRUNCATE"), "the log has no room of its own");
    for (name, _) in folder::RESERVES {
        fs::remove_file(phone.file(name)).unwrap();
    }
    fill(&disk.join("filler"));
    assert_eq!(
        store.set_pictures_unmetered_only(true),
        Err(StoreError::DiskFull)
    );
    fs::remove_file(disk.join("filler")).unwrap();
    store.set_pictures_unmetered_only(true).unwrap();
    for (name, bytes) in folder::RESERVES {
        assert_eq!(fs::metadata(phone.file(name)).unwrap().len(), bytes);
    }
}

/// The disk is full but for so many bytes.
fn fill_but(filler: &Path, room: u64) {
    fill(filler);
    let file = File::options().write(true).open(filler).unwrap();
    let length = file.metadata().unwrap().len();
    file.set_len(length - room).unwrap();
}

fn fill(path: &Path) {
    use std::io::Write;
    let mut file = File::create(path).unwrap();
    for size in [65_536, 4_096] {
        while file.write_all(&vec![1; size]).is_ok() {}
    }
}
