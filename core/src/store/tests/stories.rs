use std::{fs, path::Path};

use lapor_engine::{
    report::{Edit, Phase},
    sync::{AccountId, Change, OperationState, Reason},
};

use super::{NOON, Person, Phone, assert_sound, created, dice, key, later, noise, run, whole};
use crate::store::{
    ATTACHMENT_MAX, Filter, OpenOptions, Store, StoreError, StoreKey, WAL_MAX, WithdrawStart,
    folder,
};

/// Every call of a report's life, one after the other.
type Call = fn(&mut Store);

#[test]
fn a_kill_between_any_two_calls_leaves_a_store_that_goes_on() {
    let life: [Call; 9] = [
        |store| {
            store.signs_in("siti");
        },
        |store| store.writes(key(1)),
        |store| drop(store.attaches(key(1), 9, 300_000)),
        |store| drop(store.submits(key(1))),
        |store| {
            store.recover(&run(), NOON).unwrap();
        },
        |store| {
            let create = store.outbox(None).unwrap()[0].0.id;
            store.begin(create, &run(), NOON).unwrap();
        },
        |store| {
            let picture = store.draft(key(1)).unwrap().attachments[0].clone();
            store.hears_created(key(1), "100", &[&picture]);
        },
        |store| store.hears_created(key(1), "100", &[]),
        |store| {
            store.withdraw(key(1), NOON).unwrap();
        },
    ];
    let phone = Phone::new();
    let mut store = phone.open();
    for (step, call) in life.iter().enumerate() {
        call(&mut store);
        let mut killed = phone.killed_now().open_killed();
        assert_sound(&killed.store);
        assert_eq!(
            killed.store.list(Filter::All, 10, None).unwrap(),
            store.list(Filter::All, 10, None).unwrap(),
            "after call {step}"
        );
        // And the rest of its life goes on from there.
        for call in &life[step + 1..] {
            call(&mut killed.store);
        }
        assert_eq!(
            killed.store.phase(key(1)),
            Phase::Withdrawing,
            "from call {step} on"
        );
        assert_sound(&killed.store);
    }
}

struct Killed {
    store: Store,
    _phone: Phone,
}

impl Phone {
    fn open_killed(self) -> Killed {
        Killed {
            store: self.open(),
            _phone: self,
        }
    }
}

#[test]
fn siti_and_budi_share_a_phone_and_neither_sees_or_sends_the_others() {
    let phone = Phone::new();
    let mut store = phone.open();
    let siti = store.signs_in("siti");
    store.writes_about(key(1), "Milik Siti");
    let picture = store.attaches(key(1), 5, 1_000);
    store.submits(key(1));

    let budi = store.signs_in("budi");
    assert_ne!(siti, budi);
    assert_eq!(store.list(Filter::All, 10, None).unwrap(), []);
    assert_eq!(store.report(key(1)).unwrap(), None);
    assert_eq!(store.find("@last").unwrap(), []);
    assert_eq!(store.find(&key(1).to_string()).unwrap(), []);
    for refused in [
        store.edit(key(1), Edit::Title("x".to_owned()), NOON),
        store.discard(key(1), NOON),
        store.restore(key(1), NOON),
        store.withdraw(key(1), NOON).map(|_| ()),
        store.resend(key(1), NOON).map(|_| ()),
        store.detach(key(1), picture.id, NOON),
        store.draft(key(1)).map(|_| ()),
        store.supersede(key(1), key(9), NOON),
    ] {
        assert_eq!(refused, Err(StoreError::NotFound));
    }
    let work = store.work(&run()).unwrap();
    assert_eq!(work.account.unwrap().id, budi);
    assert_eq!(
        work.operations,
        [],
        "under Budi's token nothing of Siti's travels"
    );
    assert_eq!(
        store.new_draft(key(1), budi, NOON),
        Err(StoreError::KeyUsed)
    );

    store.signed_out().unwrap();
    let work = store.work(&run()).unwrap();
    assert!(
        work.account.is_none() && work.operations.is_empty(),
        "nobody signed in, nothing travels"
    );

    assert_eq!(store.signs_in("siti"), siti, "the same account as before");
    assert_eq!(
        store.list(Filter::All, 10, None).unwrap()[0].title,
        "Milik Siti"
    );
    assert_eq!(store.work(&run()).unwrap().operations.len(), 2);
}

#[test]
fn a_guests_report_waits_for_a_sign_in_and_goes_on_when_claimed() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.writes(key(1));
    store.submits(key(1));
    assert_eq!(
        store.list(Filter::Outbox, 5, None).unwrap()[0]
            .standing
            .as_ref()
            .unwrap()
            .reason,
        Some(Reason::SignIn)
    );
    let siti = store.signs_in("siti");
    assert_eq!(
        store.work(&run()).unwrap().operations,
        [],
        "not claimed, not sent"
    );
    assert_eq!(store.claim_guest_reports(siti, NOON), Ok(1));
    let operations = store.work(&run()).unwrap().operations;
    assert_eq!(operations[0].reason, Some(Reason::NotTried));
    assert_eq!(operations[0].account, siti);
    assert_ne!(siti, AccountId::GUEST);
}

#[test]
fn no_file_of_the_folder_holds_plain_text() {
    let words = "KENARI-di-dalam-laporan-Siti";
    let pixels = "KENARI-di-dalam-gambar-Siti.".repeat(2_000).into_bytes();
    let write = |mut store: Store| {
        store.signs_in("KENARI-di-dalam-nama");
        store.writes_about(key(1), words);
        let mut new = super::picture(1, 10);
        new.sha256 = lapor_engine::report::Sha256Hash::of(&pixels);
        new.bytes = pixels.clone();
        store.attach(key(1), &new, NOON).unwrap();
        store.submits(key(1));
        store
    };
    let phone = Phone::new();
    let store = write(phone.open());
    assert!(
        fs::metadata(phone.file(folder::WAL)).unwrap().len() > 50_000,
        "the WAL is there to be searched"
    );
    assert_eq!(files_with(phone.home(), b"KENARI"), Vec::<String>::new());
    drop(store);
    assert_eq!(files_with(phone.home(), b"KENARI"), Vec::<String>::new());

    // The same search over the same store without encryption does find them.
    let open = Phone::new();
    let key = StoreKey::new(open.key, open.install);
    let mut dice = dice(1);
    let mut options = OpenOptions::new(open.home(), Some(&key), NOON, &mut dice);
    options.plain = true;
    let _store = write(Store::open(options).unwrap().0);
    assert_ne!(files_with(open.home(), b"KENARI"), Vec::<String>::new());
}

fn files_with(folder: &Path, canary: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, canary));
        } else if fs::read(&path)
            .unwrap()
            .windows(canary.len())
            .any(|window| window == canary)
        {
            found.push(path.display().to_string());
        }
    }
    found
}

#[test]
fn the_wal_stays_below_8_mib_while_60_pictures_are_attached() {
    let phone = Phone::new();
    let mut store = phone.open();
    let other = phone.open();
    let wal = phone.file(folder::WAL);
    let mut highest = 0;
    let mut look = || {
        highest = highest.max(fs::metadata(&wal).unwrap().len());
        highest
    };
    for number in 0..60_u8 {
        if number % 10 == 0 {
            store.writes(key(number));
        }
        store.attaches(key(number / 10 * 10), u64::from(number), 300_000);
        // Another process looks at its list meanwhile.
        other.list(Filter::All, 50, None).unwrap();
        assert!(look() <= WAL_MAX, "the WAL has {} bytes", look());
    }
    // The largest that may be attached, on a WAL as full as it gets.
    store.writes(key(200));
    for number in 0..6 {
        store.attaches(
            key(200),
            1_000 + number,
            usize::try_from(ATTACHMENT_MAX).unwrap(),
        );
        assert!(look() <= WAL_MAX, "the WAL has {} bytes", look());
    }
    assert!(look() > 3 << 20, "the bound was tried at all");
}

#[test]
fn space_is_given_back_seven_days_after_the_service_has_the_pictures() {
    let phone = Phone::new();
    let mut store = phone.open();
    let siti = store.signs_in("siti");
    store.writes(key(1));
    let pictures: Vec<_> = (0..20)
        .map(|seed| store.attaches(key(1), seed, 300_000))
        .collect();
    store.writes(key(2));
    let kept = store.attaches(key(2), 77, 300_000);
    store.submits(key(1));
    store.hears_created(key(1), "100", &[]);
    assert!(
        store
            .draft(key(1))
            .unwrap()
            .attachments
            .iter()
            .all(|row| row.stored)
    );

    let week = 7 * super::DAY;
    let epoch = |word: &str, changed| Change::Epoch {
        account: siti,
        epoch: word.to_owned(),
        changed,
    };
    store.apply(&[epoch("e1", false)], NOON).unwrap();
    store.apply(&[epoch("e2", true)], later(week)).unwrap();
    assert_eq!(
        store.free_pictures(later(10 * week)),
        Ok(0),
        "it was restored from a backup, and may have lost them"
    );
    let verified = Change::Verified {
        account: siti,
        keys: vec![key(1)],
    };
    store.apply(&[verified], later(week)).unwrap();
    assert_eq!(
        store.free_pictures(later(10 * week)),
        Ok(0),
        "the report is there; whether they are is asked"
    );
    store.hears_created(key(1), "100", &[]);
    assert_eq!(
        store.free_pictures(later(week - 1)),
        Ok(0),
        "at least seven days"
    );
    assert_eq!(
        store.free_pictures(later(-week)),
        Ok(0),
        "a clock that went back frees nothing"
    );
    assert_eq!(whole(&store, &pictures[3]).unwrap(), noise(3, 300_000));
    assert_eq!(store.free_pictures(later(week)), Ok(6_000_000));
    assert_eq!(
        whole(&store, &pictures[3]),
        Err(StoreError::PictureGone {
            attachment: pictures[3].id
        })
    );
    assert_eq!(
        whole(&store, &kept).unwrap(),
        noise(77, 300_000),
        "what was not sent stays"
    );
    assert_eq!(
        store.draft(key(1)).unwrap().form.title,
        "Lampu jalan mati",
        "words stay"
    );
    let size = fs::metadata(phone.file(folder::DATABASE)).unwrap().len();
    assert!(
        size < 1_000_000,
        "6 MB were given back, the file has {size} bytes"
    );
    assert!(store.is_sound().unwrap());
}

#[test]
fn a_withdrawal_that_comes_too_late_lets_the_pictures_go_on() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let picture = store.attaches(key(1), 1, 1_000);
    let ids = store.submits(key(1));
    store.attempt_to_create(&ids, Reason::Unknown);
    assert_eq!(store.withdraw(key(1), NOON), Ok(WithdrawStart::Queued));
    assert_eq!(
        store.work(&run()).unwrap().operations.len(),
        1,
        "only the withdrawal is left to do"
    );
    store
        .apply(&[Change::TooLate { report: key(1) }], NOON)
        .unwrap();
    // The answer to the create was lost: the tracking id is asked for by the same bytes.
    assert_eq!(store.phase(key(1)), Phase::Queued);
    store
        .apply(&[created(key(1), "55", &[&picture])], NOON)
        .unwrap();
    assert_eq!(store.phase(key(1)), Phase::Sent);
    let upload = &store.outbox(Some(key(1))).unwrap()[1].0;
    assert_eq!(
        (upload.state, upload.is_free),
        (OperationState::Waiting, true)
    );
}

#[test]
fn an_open_store_of_10_000_reports_lists_through_its_index() {
    let phone = Phone::new();
    let store = phone.open();
    for sql in [
        "SELECT id FROM report INDEXED BY report_newest WHERE account = 1 AND (sort_at, id) < (9, 9)
             AND phase <> 'discarded' ORDER BY sort_at DESC, id DESC LIMIT 50",
        "SELECT id FROM report INDEXED BY report_by_phase WHERE account = 1 AND phase = 'sent'
             AND (sort_at, id) < (9, 9) ORDER BY sort_at DESC, id DESC LIMIT 50",
        "SELECT id FROM operation WHERE report = 3 AND state IN ('waiting', 'in_flight', 'paused')
             ORDER BY id LIMIT 1",
        "SELECT key FROM report WHERE account = 1 AND unverified = 1 ORDER BY sent_at, id LIMIT 100",
    ] {
        let mut statement = store.db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let plan: Vec<String> =
            statement.query_map([], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        assert!(plan.iter().all(|line| line.contains("SEARCH")), "{plan:?}");
    }
}
