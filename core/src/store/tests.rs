//! The kit of all store tests, and the stories that cross its rooms.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod children;
mod random_walk;
mod small_disk;
mod stories;

use std::{
    fs,
    path::{Path, PathBuf},
};

use lapor_engine::{
    api::{
        AccountAnswer, CreateAnswer, Deadlines, Missing, ReportAnswer, Secret, StoredAttachment,
    },
    calendar::Instant,
    report::{
        Classification, Edit, FrozenBody, Phase, ReportKey, Sha256Hash, Status, TrackingId, freeze,
    },
    sync::{AccountId, Change, OperationId, OperationState, OperationUpdate, Reason, RunId},
};

use super::{
    AttachmentRow, Loss, NewAttachment, Notice, OpenError, OpenOptions, OperationIds, Store,
    StoreError, StoreKey, folder,
};

pub(super) const NOON: Instant = Instant(1_795_000_000_000);
pub(super) const DAY: i64 = 86_400_000;

pub(super) fn later(millis: i64) -> Instant {
    Instant(NOON.0 + millis)
}

/// A phone: a home folder, a key and an install id.
pub(super) struct Phone {
    home: PathBuf,
    _folder: Option<tempfile::TempDir>,
    pub(super) key: [u8; 32],
    pub(super) install: [u8; 16],
}

impl Phone {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            home: folder.path().join("home"),
            _folder: Some(folder),
            key: [0x5a; 32],
            install: [7; 16],
        }
    }

    /// A new phone with somebody signed in.
    pub(super) fn of(user: &str) -> (Self, Store) {
        let phone = Self::new();
        let mut store = phone.open();
        store.signs_in(user);
        (phone, store)
    }

    pub(super) fn at(home: &Path) -> Self {
        Self {
            home: home.to_owned(),
            _folder: None,
            key: [0x5a; 32],
            install: [7; 16],
        }
    }

    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.home.join("store").join(name)
    }

    pub(super) fn try_open(&self) -> Result<(Store, Vec<Notice>), OpenError> {
        self.try_open_at(NOON)
    }

    pub(super) fn try_open_at(&self, now: Instant) -> Result<(Store, Vec<Notice>), OpenError> {
        let key = StoreKey::new(self.key, self.install);
        let mut dice = dice(1);
        Store::open(OpenOptions::new(&self.home, Some(&key), now, &mut dice))
    }

    pub(super) fn open(&self) -> Store {
        let (store, notices) = self.try_open().unwrap();
        assert_eq!(notices, [], "nothing to tell");
        store
    }

    pub(super) fn open_noting(&self) -> (Store, Vec<Notice>) {
        self.try_open().unwrap()
    }

    /// Opens a damaged store until it was set aside.
    pub(super) fn salvaged(&self) -> (Store, Vec<Loss>) {
        for _ in 0..3 {
            let (store, notices) = self.open_noting();
            for notice in notices {
                if let Notice::SetAside { losses, .. } = notice {
                    assert_sound(&store);
                    return (store, losses);
                }
            }
            assert_eq!(store.is_sound(), Ok(false), "the damage is met by looking");
        }
        panic!("the damage was not met")
    }

    /// The store is closed, these tables' root pages are damaged, and what can be read is saved.
    pub(super) fn loses(&self, store: Store, tables: &[&str]) -> (Store, Vec<Loss>) {
        drop(store);
        tables.iter().for_each(|table| self.damage_table(table));
        self.salvaged()
    }

    /// The phone as a kill at this moment would leave it: every file as it is now.
    pub(super) fn killed_now(&self) -> Self {
        let copy = Self::new();
        copy_folder(&self.home, &copy.home);
        copy
    }

    /// Damages the root page of a table in the closed database.
    pub(super) fn damage_table(&self, table: &str) {
        let key = StoreKey::new(self.key, self.install);
        let access = super::open::Access {
            key: &key,
            vfs: None,
            plain: false,
        };
        let db = super::open::connect(&self.file(folder::DATABASE), access, false).unwrap();
        let page: u32 = db
            .query_row(
                "SELECT rootpage FROM sqlite_schema WHERE name = ?1",
                [table],
                |row| row.get(0),
            )
            .unwrap();
        drop(db);
        self.damage_page(page.into());
    }

    /// Overwrites a page of the closed database (numbered from 1).
    pub(super) fn damage_page(&self, page: u64) {
        use std::io::{Seek, SeekFrom, Write};
        let mut file = fs::File::options()
            .write(true)
            .open(self.file(folder::DATABASE))
            .unwrap();
        file.seek(SeekFrom::Start((page - 1) * 4096 + 100)).unwrap();
        file.write_all(&[0xEE; 900]).unwrap();
    }
}

pub(super) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Entropy that is the same in every run.
pub(super) fn dice(seed: u64) -> impl FnMut(&mut [u8]) {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move |bytes: &mut [u8]| {
        for byte in bytes {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            *byte = (state >> 24) as u8;
        }
    }
}

pub(super) fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    dice(seed)(&mut bytes);
    bytes
}

pub(super) fn key(number: u8) -> ReportKey {
    ReportKey::from_entropy([number; 16])
}

pub(super) fn picture(seed: u64, length: usize) -> NewAttachment {
    let bytes = noise(seed, length);
    NewAttachment {
        sha256: Sha256Hash::of(&bytes),
        bytes,
        media_type: "image/jpeg".to_owned(),
        width: 1600,
        height: 1200,
        original_bytes: 4_000_000,
        quality: 80,
        thumbnail: Vec::new(),
    }
}

pub(super) fn account(user: &str) -> AccountAnswer {
    AccountAnswer {
        id: format!("id-of-{user}"),
        user: user.to_owned(),
        name: user.to_uppercase(),
        role: "reporter".to_owned(),
        institution: None,
    }
}

pub(super) fn run() -> RunId {
    RunId("this run".to_owned())
}

/// What a person does, in one word each.
pub(super) trait Person {
    fn signs_in(&mut self, user: &str) -> AccountId;
    fn writes(&mut self, key: ReportKey);
    fn writes_about(&mut self, key: ReportKey, title: &str);
    fn attaches(&mut self, key: ReportKey, seed: u64, length: usize) -> AttachmentRow;
    fn freezes(&self, key: ReportKey) -> (i64, FrozenBody);
    fn submits(&mut self, key: ReportKey) -> OperationIds;
    fn phase(&self, key: ReportKey) -> Phase;
    fn attempt_to_create(&mut self, ids: &OperationIds, reason: Reason);
    fn hears_created(&mut self, key: ReportKey, tracking_id: &str, missing: &[&AttachmentRow]);
    fn hears_taken(&mut self, key: ReportKey, create: OperationId, foreign: bool);

    /// Written and submitted.
    fn accepts(&mut self, key: ReportKey) -> OperationIds {
        self.writes(key);
        self.submits(key)
    }

    /// And the service has it, whole.
    fn delivers(&mut self, key: ReportKey, tracking_id: &str) {
        self.accepts(key);
        self.hears_created(key, tracking_id, &[]);
    }
}

impl Person for Store {
    fn signs_in(&mut self, user: &str) -> AccountId {
        let (access, refresh) = (
            Secret::new(format!("access-{user}")),
            Secret::new(format!("refresh-{user}")),
        );
        self.signed_in(&account(user), &access, &refresh, NOON)
            .unwrap()
    }

    fn writes(&mut self, key: ReportKey) {
        self.writes_about(key, "Lampu jalan mati");
    }

    fn writes_about(&mut self, key: ReportKey, title: &str) {
        let account = self.current_account().unwrap().id;
        self.new_draft(key, account, NOON).unwrap();
        for edit in [
            Edit::Classification(Some(Classification::Complaint)),
            Edit::Title(title.to_owned()),
            Edit::Content("Sudah tiga malam gelap di depan sekolah.".to_owned()),
            Edit::IncidentDate("2026-11-20".to_owned()),
            Edit::Location("Jalan Raya Kuta 10".to_owned()),
        ] {
            self.edit(key, edit, NOON).unwrap();
        }
    }

    fn attaches(&mut self, key: ReportKey, seed: u64, length: usize) -> AttachmentRow {
        self.attach(key, &picture(seed, length), NOON).unwrap()
    }

    fn freezes(&self, key: ReportKey) -> (i64, FrozenBody) {
        let draft = self.draft(key).unwrap();
        let digests: Vec<_> = draft
            .attachments
            .iter()
            .map(AttachmentRow::digest)
            .collect();
        (
            draft.version,
            freeze(&draft.form, &digests, draft.supersedes),
        )
    }

    fn submits(&mut self, key: ReportKey) -> OperationIds {
        let (version, frozen) = self.freezes(key);
        self.submit(key, version, &frozen, NOON).unwrap()
    }

    fn phase(&self, key: ReportKey) -> Phase {
        self.draft(key).unwrap().phase
    }

    /// The create goes on the line and ends like this, to be tried again.
    fn attempt_to_create(&mut self, ids: &OperationIds, reason: Reason) {
        self.begin(ids.create, &run(), NOON).unwrap();
        let update = OperationUpdate {
            id: ids.create,
            state: OperationState::Waiting,
            attempts: 1,
            streak: 1,
            due: lapor_engine::calendar::Due::after(NOON, 1_000),
            reason: Some(reason),
            tried_at: Some(NOON),
        };
        self.apply(&[Change::Operation(update)], NOON).unwrap();
    }

    fn hears_created(&mut self, key: ReportKey, tracking_id: &str, missing: &[&AttachmentRow]) {
        let shown = self.report(key).unwrap();
        let listed = shown
            .iter()
            .flat_map(|detail| &detail.attachments)
            .filter(|row| missing.iter().all(|one| one.id != row.id))
            .map(|row| StoredAttachment {
                sha256: row.sha256,
                stored: true,
            })
            .collect();
        let change = created(key, tracking_id, missing);
        self.apply(&[change, fetched(key, tracking_id, listed)], NOON)
            .unwrap();
    }

    /// The create is answered: the key is known with other bytes.
    fn hears_taken(&mut self, key: ReportKey, create: OperationId, foreign: bool) {
        let update = OperationUpdate {
            id: create,
            state: OperationState::Paused,
            attempts: 1,
            streak: 0,
            due: lapor_engine::calendar::Due::now(NOON),
            reason: Some(Reason::KeyTaken { foreign }),
            tried_at: Some(NOON),
        };
        let change = Change::KeyTaken {
            report: key,
            foreign,
        };
        self.apply(&[Change::Operation(update), change], NOON)
            .unwrap();
    }
}

/// What the service has under a key that it knows with other bytes: these words.
pub(super) fn copied(key: ReportKey, words: &str, missing: &[&AttachmentRow]) -> Change {
    Change::Copied {
        report: key,
        answer: Box::new(ReportAnswer {
            tracking_id: TrackingId("1916449".to_owned()),
            revision: 3,
            status: Status::Verified,
            deadlines: Deadlines::default(),
            attachments: Vec::new(),
            missing: missing.iter().map(|row| missing_at(row)).collect(),
            text: format!("{{\"submitted\":{words}}}"),
        }),
        at: NOON,
    }
}

fn missing_at(row: &AttachmentRow) -> Missing {
    Missing {
        sha256: row.sha256,
        upload_url: format!("/v1/uploads/{}", row.id),
        offset: 0,
        expires_at: None,
    }
}

/// The service's copy, which lists these pictures.
pub(super) fn fetched(
    key: ReportKey,
    tracking_id: &str,
    attachments: Vec<StoredAttachment>,
) -> Change {
    Change::Fetched {
        report: key,
        answer: Box::new(ReportAnswer {
            tracking_id: TrackingId(tracking_id.to_owned()),
            revision: 1,
            status: Status::Unverified,
            deadlines: Deadlines::default(),
            attachments,
            missing: Vec::new(),
            text: "{}".to_owned(),
        }),
        at: NOON,
    }
}

pub(super) fn created(key: ReportKey, tracking_id: &str, missing: &[&AttachmentRow]) -> Change {
    let missing = missing.iter().map(|row| missing_at(row)).collect();
    let answer = CreateAnswer {
        tracking_id: TrackingId(tracking_id.to_owned()),
        revision: 1,
        status: Status::Unverified,
        deadlines: Deadlines::default(),
        missing,
    };
    Change::Created {
        report: key,
        answer,
        at: NOON,
    }
}

/// What must hold of every store at every moment.
pub(super) fn assert_sound(store: &Store) {
    let broken: Option<String> = store
        .db
        .query_row("PRAGMA foreign_key_check", [], |row| row.get(0))
        .map(Some)
        .unwrap_or(None);
    assert_eq!(broken, None, "a row points nowhere");
    for account in store.accounts().unwrap() {
        for row in super::outbox::unfinished(&store.db, account.id).unwrap() {
            assert!(row.reason.is_some(), "{row:?} waits without a reason");
        }
    }
    let wrong: i64 = store
        .db
        .query_row(
            "SELECT count(*) FROM report r WHERE own = 1 AND (
                 (phase = 'queued' AND NOT EXISTS (SELECT 1 FROM operation o WHERE o.report = r.id
                     AND o.kind = 'create_report' AND o.state IN ('waiting', 'in_flight', 'paused')))
              OR (phase = 'withdrawing' AND NOT EXISTS (SELECT 1 FROM operation o WHERE o.report = r.id
                     AND o.kind = 'withdraw' AND o.state IN ('waiting', 'in_flight', 'paused')))
              OR (phase IN ('withdrawn', 'draft', 'discarded') AND EXISTS (SELECT 1 FROM operation o
                     WHERE o.report = r.id AND o.state IN ('waiting', 'in_flight', 'paused')))
              OR (phase = 'sent' AND EXISTS (SELECT 1 FROM operation o WHERE o.report = r.id
                     AND o.kind = 'create_report' AND o.state IN ('waiting', 'in_flight', 'paused')))
              OR (phase = 'queued' AND NOT EXISTS (SELECT 1 FROM body b WHERE b.report = r.id)))",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(wrong, 0, "a report whose phase and operations disagree");
}

pub(super) fn whole(store: &Store, attachment: &AttachmentRow) -> Result<Vec<u8>, StoreError> {
    let mut bytes = vec![0; usize::try_from(attachment.bytes).unwrap()];
    let read = store.read_attachment(attachment.id, 0, &mut bytes)?;
    assert_eq!(read, bytes.len());
    Ok(bytes)
}
