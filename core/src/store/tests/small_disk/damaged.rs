//! A damaged page where there is no room to save the rest: what goes, goes.

use super::{
    super::{DAY, copy_folder, later, picture, whole},
    *,
};

#[test]
fn a_damaged_store_on_a_full_disk_forgets_and_erases_and_opens_after_that() {
    on_a_small_disk("small_disk::damaged::on_the_full_disk_with_a_damaged_picture");
}

#[test]
fn what_cannot_be_overwritten_on_a_full_disk_keeps_no_app_closed_and_goes_later() {
    on_a_small_disk("small_disk::damaged::on_the_full_disk_with_scattered_pictures");
}

#[test]
fn a_damaged_picture_on_a_full_disk_keeps_the_room_of_no_other() {
    on_a_small_disk("small_disk::damaged::on_the_full_disk_with_pictures_that_were_sent");
}

#[test]
#[ignore = "child of another test"]
fn on_the_full_disk_with_a_damaged_picture() {
    let Some(disk) = given_home() else { return };
    let written = Phone::at(&disk.join("home"));
    let mut store = written.open();
    store.writes_about(key(9), "ditulis sebelum masuk");
    store.signs_in("siti");
    store.writes(key(1));
    let broken = store.attach(key(1), &picture(1, 200_000), NOON).unwrap();
    store.writes(key(2));
    store.attach(key(2), &picture(2, 100_000), NOON).unwrap();
    drop(store);
    let database = written.file(folder::DATABASE);
    let pages = fs::metadata(&database).unwrap().len() / 4096;
    written.damage_page(pages - 40);

    let meets_it = |phone: &Phone| {
        let (store, _) = phone.open_noting();
        let mut buffer = vec![0; 200_000];
        assert_eq!(
            store.read_attachment(broken.id, 0, &mut buffer),
            Err(StoreError::Corrupt)
        );
    };
    // The other draft, then that of the picture, and then everything.
    for erased in [&[2, 1][..], &[1, 2], &[]] {
        let phone = Phone::at(&disk.join("one"));
        copy_folder(written.home(), phone.home());
        fill(&disk.join("filler"));
        meets_it(&phone);
        for number in erased {
            let (mut store, notices) = phone.open_noting();
            let waits = |one: &Notice| matches!(one, Notice::SalvageWaits { .. });
            assert!(
                notices.iter().any(waits) || *number == erased[1],
                "{notices:?}"
            );
            assert_eq!(store.erase_draft(key(*number)).unwrap().attachments, 1);
            fill(&disk.join("filler-2"));
        }
        let (mut store, _) = phone.open_noting();
        let forgotten = store.forget_me().unwrap();
        assert_eq!(forgotten.reports as usize, 2 - erased.len());
        drop(store);
        fill(&disk.join("filler-3"));
        let (store, notices) = phone.open_noting();
        let waits = |one: &Notice| matches!(one, Notice::SalvageWaits { .. });
        assert!(
            !notices.iter().any(waits),
            "nothing is damaged any more: {notices:?}"
        );
        assert_eq!(
            store.draft(key(9)).unwrap().form.title,
            "ditulis sebelum masuk"
        );
        assert!(store.is_sound().unwrap());
        let bytes = fs::read(phone.file(folder::DATABASE)).unwrap();
        assert!(!bytes.windows(300).any(|part| part == [0xEE; 300]));
        drop(store);
        for filler in ["filler", "filler-2", "filler-3"] {
            let _ = fs::remove_file(disk.join(filler));
        }
        fs::remove_dir_all(phone.home()).unwrap();
    }
}

/// A page that alone knows which one comes after it.
#[test]
#[ignore = "child of another test"]
fn on_the_full_disk_with_scattered_pictures() {
    let Some(disk) = given_home() else { return };
    let written = Phone::at(&disk.join("home"));
    let mut store = written.open();
    store.writes_about(key(9), "ditulis sebelum masuk");
    store.signs_in("siti");
    store.writes(key(1));
    let gaps = [1, 2, 3].map(|seed| store.attaches(key(1), seed, 30_000));
    store.detach(key(1), gaps[0].id, NOON).unwrap();
    store.detach(key(1), gaps[2].id, NOON).unwrap();
    let scattered = store.attaches(key(1), 4, 90_000);
    store.attaches(key(1), 5, 20_000);
    drop(store);
    let pages = fs::metadata(written.file(folder::DATABASE)).unwrap().len() / 4096;
    let mut unswept = 0;
    for page in 1..=pages {
        let phone = Phone::at(&disk.join("one"));
        copy_folder(written.home(), phone.home());
        phone.damage_page(page);
        fill(&disk.join("filler"));
        let meets_it = || {
            let (store, _) = phone.try_open().ok()?;
            Some(whole(&store, &scattered) == Err(StoreError::Corrupt))
        };
        if meets_it() == Some(true) {
            let (mut store, _) = phone.open_noting();
            let erased = store.forget_me();
            drop(store);
            let (store, _) = phone.open_noting();
            if let Ok(erased) = erased {
                unswept += u32::from(!erased.is_overwritten);
                let sql = "SELECT count(*) FROM attachment_piece";
                let left = store.db.query_row(sql, [], |row| row.get::<_, u32>(0));
                assert!(
                    left.is_err() || left == Ok(0) || left == Ok(1),
                    "page {page}: {left:?}"
                );
                assert!(store.report(key(1)).unwrap().is_none(), "page {page}");
            }
            drop(store);
            fs::remove_file(disk.join("filler")).unwrap();
            let (store, _) = phone.open_noting();
            if erased.is_ok() {
                assert!(store.report(key(1)).unwrap().is_none(), "page {page}");
                assert!(!phone.home().join("set-aside-1").exists(), "page {page}");
                assert!(store.draft(key(9)).is_ok(), "page {page}");
                assert_sound(&store);
            }
        }
        let _ = fs::remove_file(disk.join("filler"));
        fs::remove_dir_all(phone.home()).unwrap();
    }
    assert!(unswept > 0, "of {pages}");
}

/// The service has listed them for a month.
#[test]
#[ignore = "child of another test"]
fn on_the_full_disk_with_pictures_that_were_sent() {
    let Some(disk) = given_home() else { return };
    let written = Phone::at(&disk.join("home"));
    let mut store = written.open();
    store.signs_in("siti");
    store.writes(key(1));
    for seed in 0..60 {
        store.attaches(key(1), seed, 2_000);
    }
    store.submits(key(1));
    store.hears_created(key(1), "100", &[]);
    drop(store);
    let month = later(30 * DAY);
    let pages = fs::metadata(written.file(folder::DATABASE)).unwrap().len() / 4096;
    let mut met = Vec::new();
    for page in 1..=pages {
        let phone = Phone::at(&disk.join("one"));
        copy_folder(written.home(), phone.home());
        phone.damage_page(page);
        fill(&disk.join("filler"));
        let opened = phone.try_open().ok();
        let is_met = opened.is_some_and(|(mut store, notices)| {
            let waits = |one: &Notice| matches!(one, Notice::SalvageWaits { .. });
            !notices.iter().any(waits) && store.free_pictures(month) == Err(StoreError::Corrupt)
        });
        if is_met {
            let (mut store, _) = phone.open_noting();
            let freed = store.free_pictures(month);
            let left = "SELECT count(*) FROM attachment INDEXED BY attachment_to_free
                 WHERE stored = 1 AND present = 1 AND stored_at > 0";
            let left = store.db.query_row(left, [], |row| row.get::<_, u32>(0));
            met.push((
                freed.is_ok(),
                left.unwrap_or(60),
                store.free_pages().unwrap(),
            ));
        }
        let _ = fs::remove_file(disk.join("filler"));
        fs::remove_dir_all(phone.home()).unwrap();
    }
    let count = |which: &dyn Fn(u32, i64) -> bool| {
        let is_it = |one: &&(bool, u32, i64)| !one.0 && which(one.1, one.2);
        met.iter().filter(is_it).count()
    };
    // Two of them lie on a page, and those beside it are moved when one goes.
    assert!(count(&|left, _| left < 10) > 25, "{met:?}");
    // Thirty rows lie on a page.
    assert!(count(&|left, _| left == 30) >= 2, "{met:?}");
    // Unless what is damaged lies last: it would have to be moved.
    assert!(count(&|left, free| left < 10 && free == 0) > 8, "{met:?}");
}
