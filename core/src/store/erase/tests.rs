#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod asked;
mod sent;

use std::fs;

use lapor_engine::{
    report::Edit,
    sync::{Change, Reason},
};

use super::{sweep::Asked, *};
use crate::store::{
    Filter, NewAttachment, Notice, folder, pictures,
    tests::{NOON, Person, Phone, assert_sound, key, noise, picture, whole},
};

#[test]
fn forgetting_siti_leaves_nothing_of_hers_and_everything_of_budis() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("budi");
    store.writes_about(key(2), "milik Budi");
    let his = store.attaches(key(2), 8, 200_000);
    store.signs_in("siti");
    store.writes(key(1));
    for seed in 0..20 {
        store.attaches(key(1), seed, 300_000);
    }
    store.submits(key(1));
    store.writes(key(3));

    assert_eq!(
        store.forget_me(),
        Ok(Erased {
            reports: 2,
            attachments: 20,
            unsent: 1,
            is_overwritten: true
        })
    );
    assert_eq!(store.current_account().unwrap().id, AccountId::GUEST);
    assert!(
        !store
            .accounts()
            .unwrap()
            .iter()
            .any(|row| row.user == "siti")
    );
    assert!(store.read_body(key(1)).is_err());
    assert_sound(&store);
    let size = fs::metadata(phone.file(folder::DATABASE)).unwrap().len();
    assert!(
        size < 1_000_000,
        "the space of 6 MB is given back, the file has {size} bytes"
    );
    assert!(
        fs::metadata(phone.file(folder::WAL)).unwrap().len() < 100_000,
        "the log holds none of it"
    );
    store.signs_in("budi");
    assert_eq!(store.list(Filter::All, 5, None).unwrap().len(), 1);
    assert_eq!(whole(&store, &his).unwrap(), noise(8, 200_000));
}

#[test]
fn a_sweep_that_was_cut_short_goes_on_at_the_next_start() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    store.attaches(key(1), 1, 600_000);
    fs::create_dir(phone.home().join("set-aside-1")).unwrap();
    // The rows are gone, the bytes are not: killed here.
    store
        .write(|db| {
            erase(db, rows::current_account(db)?)?;
            settings::put_text(db, "current_account", "1")?;
            Sweep::All.ask(db)
        })
        .unwrap();
    let killed = phone.killed_now();
    let store = killed.open();
    let pieces: i64 = store
        .db
        .query_row("SELECT count(*) FROM attachment_piece", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(pieces, 0);
    assert!(!killed.home().join("set-aside-1").exists());
    assert_eq!(store.read(Asked::of), Ok(None));
    assert!(store.is_sound().unwrap());
}

#[test]
fn what_was_set_aside_is_forgotten_too() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    drop(store);
    phone.damage_page(1);
    let (mut store, _) = phone.open_noting();
    assert!(phone.home().join("set-aside-1").exists());
    store.forget_me().unwrap();
    assert!(!phone.home().join("set-aside-1").exists());
}

/// Is this anywhere in the pages of the database, as SQLite sees them?
fn lies_in_the_pages(store: &Store, what: &[u8]) -> bool {
    let mut statement = store.db.prepare("SELECT data FROM sqlite_dbpage").unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut all = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let page: Vec<u8> = row.get(0).unwrap();
        // What the cipher keeps of each page is none of the content.
        all.extend_from_slice(&page);
    }
    all.windows(what.len()).any(|window| window == what)
}

#[test]
fn of_a_draft_that_is_erased_not_a_word_and_not_a_byte_is_left() {
    let (phone, mut store) = Phone::of("siti");
    for number in 0..30 {
        store.writes_about(key(100 + number), "Lampu jalan mati");
    }
    store.writes_about(key(1), "Kanarijudul");
    // Written bit by bit, as a person types, between others: words move from page to page.
    for length in 1..40 {
        let words = format!("Kanarikata {}", "gelap sekali ".repeat(length * 9));
        store.edit(key(1), Edit::Content(words), NOON).unwrap();
        let other = key(100 + u8::try_from(length % 30).unwrap());
        let words = "Sudah tiga malam. ".repeat(length);
        store.edit(other, Edit::Content(words), NOON).unwrap();
    }
    let bytes = NewAttachment {
        thumbnail: b"Kanarigambarkecil".to_vec(),
        ..picture(1, 600_000)
    };
    store.attach(key(1), &bytes, NOON).unwrap();
    let other = store.attaches(key(100), 2, 200_000);
    store.discard(key(1), NOON).unwrap();
    let secrets: [&[u8]; 5] = [
        b"Kanarijudul",
        b"Kanarikata",
        b"Kanarigambarkecil",
        &bytes.bytes[..64],
        &bytes.bytes[599_000..599_064],
    ];
    assert!(secrets.iter().all(|one| lies_in_the_pages(&store, one)));

    assert_eq!(
        store.erase_draft(key(1)),
        Ok(ErasedDraft {
            attachments: 1,
            set_aside: 0,
            is_overwritten: true
        })
    );
    for (number, secret) in secrets.iter().enumerate() {
        assert!(!lies_in_the_pages(&store, secret), "{number}");
    }
    let log = fs::metadata(phone.file(folder::WAL)).unwrap().len();
    assert!(log < 10_000, "only that nothing is left to sweep: {log}");
    assert_eq!(store.draft(key(1)), Err(StoreError::NotFound));
    assert_eq!(store.erase_draft(key(1)), Err(StoreError::NotFound));
    assert_eq!(whole(&store, &other).unwrap(), noise(2, 200_000));
    assert_eq!(store.list(Filter::All, 50, None).unwrap().len(), 30);
    assert_sound(&store);
}

/// Before it is given back: what is cut off the file stays on the disk as it is until something else is
/// written there.
#[test]
fn what_is_erased_is_overwritten_where_it_lay() {
    let (_phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    let picture = store.attaches(key(1), 1, 60_000);
    let bytes = noise(1, 60_000);
    let mut parts: Vec<&[u8]> = bytes.windows(48).step_by(9_000).collect();
    parts.retain(|part| lies_in_the_pages(&store, part));
    assert!(parts.len() > 4);
    store.overwrites("ON").unwrap();
    store
        .write(|db| pictures::delete_pieces(db, picture.id))
        .unwrap();
    parts.retain(|part| lies_in_the_pages(&store, part));
    assert_eq!(parts, [&[0_u8; 0]; 0]);
}

/// As where nothing more fits: `tests/small_disk.rs` has the disk for it. The pages that become free are
/// looked at before they are given back, as when that finds no room either.
#[test]
fn a_picture_that_is_erased_in_steps_leaves_nothing_and_takes_nothing_else() {
    let (_phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    let before = [1, 2].map(|seed| store.attaches(key(1), seed, 1_000));
    // More than one piece, and neither is whole steps.
    let erased = store.attaches(key(1), 3, 600_001);
    let after = store.attaches(key(1), 4, 1_000);
    let bytes = noise(3, 600_001);
    let mut parts: Vec<&[u8]> = bytes.windows(48).step_by(47_000).collect();
    parts.push(&bytes[599_953..]);
    // What lies across the end of a page is not found.
    parts.retain(|part| lies_in_the_pages(&store, part));
    assert!(parts.len() > 10);

    store.delete_in_steps(erased.id).unwrap();
    assert_eq!(pictures::read_pieces(&store.db, erased.id), Ok(Vec::new()));
    parts.retain(|part| lies_in_the_pages(&store, part));
    assert_eq!(parts, [&[0_u8; 0]; 0]);
    for (row, seed) in before.iter().chain([&after]).zip([1, 2, 4]) {
        assert_eq!(whole(&store, row).unwrap(), noise(seed, 1_000));
    }
}

#[test]
fn what_the_service_has_or_is_to_get_is_not_erased() {
    let (_phone, mut store) = Phone::of("siti");
    store.accepts(key(1));
    store.delivers(key(2), "1916450");
    store.accepts(key(3));
    store.withdraw(key(3), NOON).unwrap();
    let refused = store.accepts(key(4));
    store.attempt_to_create(&refused, Reason::Unknown);
    let rejected = Change::Rejected {
        report: key(4),
        problems: Vec::new(),
    };
    store.apply(&[rejected], NOON).unwrap();
    for (number, phase) in [
        (1, Phase::Queued),
        (2, Phase::Sent),
        (3, Phase::Withdrawn),
        (4, Phase::Rejected),
    ] {
        assert_eq!(
            store.erase_draft(key(number)),
            Err(StoreError::NotPossible { phase })
        );
        assert_eq!(store.phase(key(number)), phase);
    }
    // What was refused and then put away is the person's alone again.
    store.discard(key(4), NOON).unwrap();
    store.erase_draft(key(4)).unwrap();
    assert!(store.report(key(4)).unwrap().is_none());
    assert!(store.read_body(key(4)).is_err());
    assert_sound(&store);
    // Nobody erases another's.
    store.writes(key(5));
    store.signs_in("budi");
    assert_eq!(store.erase_draft(key(5)), Err(StoreError::NotFound));
    store.signs_in("siti");
    assert_eq!(store.phase(key(5)), Phase::Draft);
}

#[test]
fn a_picture_that_another_report_shares_stays_with_it() {
    let (_phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    let shared = store.attaches(key(1), 1, 300_000);
    store.submits(key(1));
    store.withdraw(key(1), NOON).unwrap();
    store.supersede(key(1), key(2), NOON).unwrap();
    store.discard(key(2), NOON).unwrap();
    store.supersede(key(1), key(3), NOON).unwrap();
    store.erase_draft(key(2)).unwrap();
    assert_eq!(whole(&store, &shared).unwrap(), noise(1, 300_000));
    let another = &store.draft(key(3)).unwrap().attachments[0];
    assert_eq!(whole(&store, another).unwrap(), noise(1, 300_000));
    assert_sound(&store);
}

#[test]
fn erasing_one_draft_leaves_what_was_set_aside_and_says_so() {
    let (phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    store.writes(key(2));
    drop(store);
    phone.damage_page(1);
    let (mut store, _) = phone.open_noting();
    assert_eq!(
        store.erase_draft(key(1)),
        Ok(ErasedDraft {
            attachments: 0,
            set_aside: 1,
            is_overwritten: true
        })
    );
    assert!(phone.home().join("set-aside-1").exists());
    assert!(
        store
            .losses()
            .unwrap()
            .iter()
            .all(|one| one.report != Some(key(1))),
        "nothing is told of it any more"
    );
    // A person who was to be forgotten is, whatever was erased after that.
    store.write(|db| Sweep::All.ask(db)).unwrap();
    store.write(|db| Sweep::Draft.ask(db)).unwrap();
    drop(store);
    let store = phone.open();
    assert!(!phone.home().join("set-aside-1").exists());
    assert_eq!(store.phase(key(2)), Phase::Draft);
}

#[test]
fn erasing_a_draft_that_was_cut_short_goes_on_at_the_next_start() {
    let (phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    store.attaches(key(1), 1, 600_000);
    fs::create_dir(phone.home().join("set-aside-1")).unwrap();
    store
        .write(|db| {
            let head = rows::own_head(db, key(1))?;
            erase_report(db, &head, key(1))?;
            Sweep::Draft.ask(db)
        })
        .unwrap();
    let killed = phone.killed_now();
    let store = killed.open();
    assert!(
        killed.home().join("set-aside-1").exists(),
        "other reports' too"
    );
    assert!(!lies_in_the_pages(&store, &noise(1, 600_000)[..64]));
    assert_eq!(store.read(Asked::of).unwrap(), None);
    assert!(store.is_sound().unwrap());
}

/// Pictures whose pages do not lie in a row, as those of a store that has been in use for a while.
fn writes_with_scattered_pictures(store: &mut Store) {
    store.writes(key(1));
    let gaps: Vec<_> = (1..4)
        .map(|seed| store.attaches(key(1), seed, 30_000))
        .collect();
    store.detach(key(1), gaps[0].id, NOON).unwrap();
    store.detach(key(1), gaps[2].id, NOON).unwrap();
    store.attaches(key(1), 4, 90_000);
}

#[test]
fn whichever_page_is_damaged_who_is_told_to_be_forgotten_is_and_nobody_else() {
    let written = Phone::new();
    let mut store = written.open();
    store.writes_about(key(9), "ditulis sebelum masuk");
    let siti = store.signs_in("siti");
    writes_with_scattered_pictures(&mut store);
    drop(store);
    let pages = fs::metadata(written.file(folder::DATABASE)).unwrap().len() / 4096;
    let (mut met, mut refused) = (0, 0);
    for page in 1..=pages {
        let phone = written.killed_now();
        phone.damage_page(page);
        let (mut store, notices) = phone.open_noting();
        if !notices.is_empty() || store.current_account().map(|row| row.id) != Ok(siti) {
            // Met by opening: what becomes of that is another story.
            continue;
        }
        match store.forget_me() {
            Ok(erased) => assert_eq!((erased.reports, erased.attachments), (1, 2), "page {page}"),
            Err(error) => {
                assert_eq!(error, StoreError::Corrupt, "page {page}");
                let current = store.current_account().map(|row| row.id);
                assert_eq!(
                    current,
                    Ok(siti),
                    "page {page}: it says that nothing was done"
                );
                refused += 1;
                continue;
            }
        }
        let is_met = store.has_met_damage();
        met += u32::from(is_met);
        drop(store);
        let (store, notices) = phone.open_noting();
        let lost = notices.iter().flat_map(|notice| match notice {
            Notice::SetAside { losses, .. } => losses.clone(),
            other => panic!("page {page}: {other:?}"),
        });
        assert_eq!(lost.count(), 0, "page {page}: nothing that anybody misses");
        assert_eq!(store.current_account().unwrap().id, AccountId::GUEST);
        assert_eq!(
            store.draft(key(9)).unwrap().form.title,
            "ditulis sebelum masuk"
        );
        assert!(store.report(key(1)).unwrap().is_none());
        let left: u32 = store
            .db
            .query_row("SELECT count(*) FROM attachment_piece", [], |row| {
                row.get(0)
            })
            .unwrap();
        assert_eq!(left, 0, "page {page}");
        assert_eq!(store.read(Asked::of), Ok(None), "page {page}");
        assert_eq!(store.home.set_aside().unwrap().len(), 0, "page {page}");
        if is_met {
            assert_sound(&store);
        }
    }
    assert!(met > 20 && refused < 20, "{met} and {refused} of {pages}");
}

#[test]
fn while_another_process_reads_the_log_what_was_erased_is_swept_later() {
    let (phone, mut store) = Phone::of("siti");
    store.writes_about(key(1), "Kanarijudul");
    let other = phone.open();
    // Nobody waits five seconds here.
    store.db.busy_handler(Some(|_| false)).unwrap();
    other
        .at_one_moment(|other| {
            other.current_account()?;
            let erased = store.forget_me()?;
            assert_eq!((erased.reports, erased.is_overwritten), (1, false));
            Ok(())
        })
        .unwrap();
    assert_eq!(store.current_account().unwrap().id, AccountId::GUEST);
    let asked = store.read(Asked::of).unwrap().map(|asked| asked.what);
    assert_eq!(asked, Some(Sweep::All));
    let log = || fs::metadata(phone.file(folder::WAL)).unwrap().len();
    assert!(log() > 20_000);
    // The next run of the engine asks for this.
    store.sweep_if_asked().unwrap();
    assert_eq!(store.read(Asked::of), Ok(None));
    assert!(
        log() < 10_000,
        "only that nothing is left to sweep: {}",
        log()
    );
}

/// Beyond the new end of the file nothing would be overwritten any more.
#[test]
fn no_page_is_given_back_before_what_was_laid_over_it_lies_in_its_place() {
    let (phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    store.attaches(key(1), 1, 60_000);
    let other = phone.open();
    store.db.busy_handler(Some(|_| false)).unwrap();
    let pages = store.page_count().unwrap();
    other
        .at_one_moment(|other| {
            other.current_account()?;
            assert!(!store.forget_me()?.is_overwritten);
            Ok(())
        })
        .unwrap();
    assert!(store.page_count().unwrap() >= pages);
    store.sweep_if_asked().unwrap();
    assert!(store.page_count().unwrap() < pages);
    assert_eq!(store.read(Asked::of), Ok(None));
}
