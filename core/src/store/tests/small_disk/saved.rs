//! A damaged store on a disk without room to save it.

use std::fs;

use lapor_engine::report::Phase;

use super::{
    super::{
        NOON, Person, Phone, assert_sound, children::given_home, created, key, noise, run, whole,
    },
    fill, fill_but, on_a_disk_of, on_a_small_disk,
};
use crate::store::{Filter, LossKind, Notice, OpenError, StoreError, folder};

#[test]
fn a_damaged_store_on_a_full_disk_goes_on_and_is_saved_when_there_is_room() {
    on_a_small_disk("small_disk::saved::on_the_full_disk_with_a_damaged_page");
}

#[test]
fn a_damaged_store_is_saved_with_just_the_room_that_it_asked_for() {
    on_a_disk_of("8m", "small_disk::saved::on_the_disk_with_just_that_room");
}

#[test]
#[ignore = "child of another test"]
fn on_the_full_disk_with_a_damaged_page() {
    let Some(disk) = given_home() else { return };
    let phone = Phone::at(&disk.join("home"));
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let row = store.attaches(key(1), 1, 300_000);
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
        store.read_attachment(row.id, 0, &mut buffer),
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
    // The words go.
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

#[test]
#[ignore = "child of another test"]
fn on_the_disk_with_just_that_room() {
    let Some(disk) = given_home() else { return };
    for (name, is_schema, asks) in [("a picture", false, 1), ("the schema", true, 2)] {
        let home = disk.join(name);
        let phone = Phone::at(&home);
        let (filler, database) = (disk.join("filler"), phone.file(folder::DATABASE));
        let mut store = phone.open();
        store.signs_in("siti");
        store.accepts(key(1));
        store.writes(key(2));
        let kept = store.attaches(key(2), 1, 1_400_000);
        store.attaches(key(2), 2, 20_000);
        drop(store);
        let bytes = fs::metadata(&database).unwrap().len();
        phone.damage_page(if is_schema { 1 } else { bytes / 4096 - 2 });
        fs::write(phone.file(folder::DAMAGED), b"").unwrap();
        let mut asked = Vec::new();
        let (store, losses) = loop {
            assert!(asked.len() <= asks, "{name}: {asked:?}");
            let reserve: u64 = folder::RESERVES
                .iter()
                .filter_map(|(name, _)| Some(fs::metadata(phone.file(name)).ok()?.len()))
                .sum();
            let room = asked.last().map_or(0, |bytes| bytes - reserve);
            fill_but(&filler, room);
            match phone.try_open() {
                Ok((store, notices)) => match &notices[..] {
                    [Notice::SetAside { losses, .. }] => break (store, losses.clone()),
                    [.., Notice::SalvageWaits { bytes }] => asked.push(*bytes),
                    _ => panic!("{name}: {notices:?}"),
                },
                Err(OpenError::SalvageNeedsSpace { bytes }) => asked.push(bytes),
                Err(error) => panic!("{name}: {error}"),
            }
        };
        assert_eq!(asked[0], bytes + (1 << 20), "{name}");
        assert_eq!(asked.len(), asks, "{name}: {asked:?}");
        assert_eq!(losses.len(), usize::from(!is_schema), "{name}: {losses:?}");
        assert_eq!(store.phase(key(1)), Phase::Queued);
        assert_eq!(whole(&store, &kept).unwrap(), noise(1, 1_400_000));
        assert_sound(&store);
        drop(store);
        fs::remove_file(filler).unwrap();
        fs::remove_dir_all(home).unwrap();
    }
}
