#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::{collections::BTreeSet, fs};

use lapor_engine::report::{Phase, ReportKey};

use super::*;
use crate::store::{
    AttachmentRow, Filter, LossKind, Store, StoreError,
    tests::{NOON, Person, Phone, assert_sound, key, noise, run, whole},
};

const REPORTS: u8 = 12;

/// Drafts, accepted reports with pictures, a sent one; closed, so that all lies in one file.
fn lived_in() -> Phone {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    for number in 0..REPORTS {
        store.writes_about(key(number), &format!("laporan {number}"));
        let long = "isi yang panjang sekali ".repeat(60);
        store
            .edit(key(number), lapor_engine::report::Edit::Content(long), NOON)
            .unwrap();
        if number % 3 != 0 {
            store.attaches(key(number), u64::from(number), 20_000);
            store.submits(key(number));
        }
    }
    store.hears_created(key(1), "100", &[]);
    drop(store);
    phone
}

/// Walks over everything; the first damage ends it.
fn read_everything(store: &Store) -> Result<BTreeSet<ReportKey>, StoreError> {
    let mut found = BTreeSet::new();
    for row in store.list(Filter::All, 1_000, None)? {
        let detail = store.report(row.key)?.ok_or(StoreError::NotFound)?;
        for attachment in &detail.attachments {
            match whole(store, attachment) {
                Err(StoreError::PictureGone { .. } | StoreError::PictureLost { .. }) | Ok(_) => {}
                Err(error) => return Err(error),
            }
        }
        match (detail.row.phase, store.read_body(row.key)) {
            // What the service has is not sent again.
            (Phase::Draft | Phase::Sent, Err(StoreError::NotFound)) => {}
            (_, body) => drop(body?),
        }
        found.insert(row.key);
    }
    store.work(&run())?;
    Ok(found)
}

#[test]
fn whichever_page_is_damaged_every_report_is_saved_or_named() {
    let model = lived_in();
    let pages = fs::metadata(model.file(folder::DATABASE)).unwrap().len() / 4096;
    let all: BTreeSet<ReportKey> = (0..REPORTS).map(key).collect();
    let (mut set_aside, mut whole_saves) = (0, 0);
    for page in 2..=pages {
        let phone = model.killed_now();
        phone.damage_page(page);
        // A page of the schema shows at the start, any other when something is read from it.
        let (mut store, mut notices) = phone.open_noting();
        if notices.is_empty() {
            if let Ok(found) = read_everything(&store) {
                assert_eq!(
                    found, all,
                    "page {page}: nothing said, so nothing is missing"
                );
                continue;
            }
            drop(store);
            (store, notices) = phone.open_noting();
        }
        set_aside += 1;
        let [Notice::SetAside { folder, losses, .. }] = &notices[..] else {
            panic!("page {page}: {notices:?}")
        };
        assert_eq!(folder, "set-aside-1");
        assert!(phone.home().join(folder).join(folder::DATABASE).exists());
        assert_sound(&store);
        let account = store.current_account().unwrap();
        let found = read_everything(&store).unwrap_or_else(|error| panic!("page {page}: {error}"));
        let named: BTreeSet<ReportKey> = losses
            .iter()
            .filter(|loss| loss.what == LossKind::Report)
            .filter_map(|loss| loss.report)
            .collect();
        let everything = losses.iter().any(|loss| loss.what == LossKind::Everything);
        if account.server_id == "id-of-siti" {
            let known: BTreeSet<ReportKey> = found.union(&named).copied().collect();
            assert!(
                everything || known == all,
                "page {page}: neither saved nor named"
            );
            whole_saves += usize::from(found == all);
        } else {
            assert!(
                !losses.is_empty(),
                "page {page}: who was signed in is lost, and that is said"
            );
        }
        // What is unfinished is safe to send again, and what was accepted is on its way.
        for row in store.work(&run()).unwrap().operations {
            assert!(
                row.maybe_sent || row.attachment.is_some(),
                "page {page}: {row:?}"
            );
        }
        drop(store);
        phone.open();
    }
    assert!(set_aside > 40, "only {set_aside} of {pages} pages mattered");
    assert!(
        whole_saves > set_aside / 2,
        "most pages cost no report: {whole_saves} of {set_aside}"
    );
}

#[test]
fn a_salvage_that_is_cut_short_begins_again_and_one_that_was_complete_ends() {
    let phone = lived_in();
    phone.damage_page(1);
    // Cut short before the renames: both folders are there.
    let early = phone.killed_now();
    folder::make(&early.home().join("salvage")).unwrap();
    fs::write(early.home().join("salvage").join("lapor.db"), b"half").unwrap();
    let (_, notices) = early.open_noting();
    assert!(
        matches!(&notices[..], [Notice::SetAside { .. }]),
        "{notices:?}"
    );
    assert!(!early.home().join("salvage").exists());

    // Cut short between the renames: the new store has no name yet.
    let late = lived_in();
    fs::rename(late.home().join("store"), late.home().join("salvage")).unwrap();
    let store = late.open();
    assert_eq!(read_everything(&store).unwrap().len(), usize::from(REPORTS));
}

#[test]
fn a_damaged_picture_is_named_and_its_report_goes_on() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let broken = store.attaches(key(1), 1, 300_000);
    let good = store.attaches(key(1), 2, 300_000);
    store.submits(key(1));
    drop(store);
    let pages = fs::metadata(phone.file(folder::DATABASE)).unwrap().len() / 4096;
    // Both pictures lie in one run of pages, the first one first.
    phone.damage_page(pages - 120);
    let store = phone.open();
    assert_eq!(whole(&store, &broken), Err(StoreError::Corrupt));
    drop(store);
    let (store, notices) = phone.open_noting();
    let [
        Notice::SetAside {
            reports_saved: 1,
            losses,
            ..
        },
    ] = &notices[..]
    else {
        panic!("{notices:?}")
    };
    assert_eq!(losses.len(), 1);
    assert_eq!(
        (losses[0].what, losses[0].report),
        (LossKind::Attachment, Some(key(1)))
    );
    assert_eq!(
        whole(&store, &broken),
        Err(StoreError::PictureLost {
            attachment: broken.id
        })
    );
    assert_eq!(whole(&store, &good).unwrap(), noise(2, 300_000));
    let shown = store.report(key(1)).unwrap().unwrap().attachments;
    let lost: Vec<bool> = shown.iter().map(AttachmentRow::is_lost).collect();
    assert_eq!(lost, [true, false]);
    let work = store.work(&run()).unwrap();
    assert_eq!(
        work.operations.len(),
        2,
        "the words and the good picture are on their way"
    );
    assert_eq!(
        store.losses().unwrap(),
        *losses,
        "said until somebody has seen it"
    );
}

/// What of `REPORTS` is here, and what is named as lost.
fn saved_and_named(phone: &Phone) -> (BTreeSet<ReportKey>, Vec<crate::store::Loss>) {
    let (mut store, mut notices) = phone.open_noting();
    if notices.is_empty() {
        assert_eq!(read_everything(&store), Err(StoreError::Corrupt));
        drop(store);
        (store, notices) = phone.open_noting();
    }
    let [Notice::SetAside { losses, .. }] = &notices[..] else {
        panic!("{notices:?}")
    };
    assert_sound(&store);
    store.signs_in("siti");
    (read_everything(&store).unwrap(), losses.clone())
}

#[test]
fn of_a_file_cut_short_what_lies_on_the_pages_that_remain_is_saved_or_named() {
    let model = lived_in();
    let length = fs::metadata(model.file(folder::DATABASE)).unwrap().len();
    for (cut, at_least) in [
        (4096, usize::from(REPORTS)),
        (1000, usize::from(REPORTS)),
        (length / 2, 3),
    ] {
        let phone = model.killed_now();
        let file = fs::File::options()
            .write(true)
            .open(phone.file(folder::DATABASE))
            .unwrap();
        file.set_len(length - cut).unwrap();
        let (found, losses) = saved_and_named(&phone);
        assert!(found.len() >= at_least, "cut {cut}: {}", found.len());
        assert!(
            losses.iter().all(|loss| loss.what != LossKind::Everything),
            "cut {cut}: {losses:?}"
        );
        let named: BTreeSet<ReportKey> = losses.iter().filter_map(|loss| loss.report).collect();
        let nameless = losses
            .iter()
            .filter(|loss| loss.what == LossKind::Report && loss.report.is_none())
            .count();
        let known = found.union(&named).count();
        assert!(known + nameless >= usize::from(REPORTS), "cut {cut}");
    }
}

#[test]
fn a_store_in_which_nothing_can_be_read_is_called_lost_whole() {
    let phone = lived_in();
    let database = phone.file(folder::DATABASE);
    let length = usize::try_from(fs::metadata(&database).unwrap().len()).unwrap();
    fs::write(&database, vec![0x5A; length]).unwrap();
    let (_store, notices) = phone.open_noting();
    let [
        Notice::SetAside {
            reports_saved: 0,
            losses,
            ..
        },
    ] = &notices[..]
    else {
        panic!("{notices:?}")
    };
    let kinds: Vec<LossKind> = losses.iter().map(|loss| loss.what).collect();
    assert_eq!(kinds, [LossKind::Everything]);
}

/// The disk refused a page for a moment, and that was noted.
#[test]
fn a_store_that_is_whole_after_all_stays_where_it_is() {
    let phone = lived_in();
    fs::write(phone.file(folder::DAMAGED), b"").unwrap();
    let (store, notices) = phone.open_noting();
    assert_eq!(notices, []);
    assert_eq!(read_everything(&store).unwrap().len(), usize::from(REPORTS));
    assert!(!phone.file(folder::DAMAGED).exists());
    assert!(!phone.home().join("set-aside-1").exists());
}

/// Also one in which nothing lies: it is read when something is erased, and space given back.
#[test]
fn whichever_page_is_damaged_the_doctor_says_so_and_the_next_opening_saves_the_rest() {
    let model = Phone::new();
    let mut store = model.open();
    store.signs_in("siti");
    store.writes(key(1));
    store.submits(key(1));
    store.writes(key(2));
    let gone = store.attaches(key(2), 2, 60_000);
    store.attaches(key(2), 3, 9_000);
    store.detach(key(2), gone.id, NOON).unwrap();
    drop(store);
    let pages = fs::metadata(model.file(folder::DATABASE)).unwrap().len() / 4096;
    let mut without_loss = 0;
    for page in 1..=pages {
        let phone = model.killed_now();
        phone.damage_page(page);
        let (mut store, mut notices) = phone.open_noting();
        if notices.is_empty() {
            assert_eq!(store.is_sound(), Ok(false), "page {page}");
            drop(store);
            (store, notices) = phone.open_noting();
        }
        let [Notice::SetAside { losses, .. }] = &notices[..] else {
            panic!("page {page}: {notices:?}")
        };
        without_loss += u32::from(losses.is_empty());
        assert_eq!(store.is_sound(), Ok(true), "page {page}");
    }
    assert!(without_loss > 20, "{without_loss} of {pages}");
}
