//! Opening: finds out what is there, and makes, migrates or sets aside under an exclusive lock.

mod connection;

use std::{cell::Cell, path::Path};

use lapor_engine::calendar::Instant;
use rusqlite::Connection;

use super::{
    Notice, OpenError, Store, StoreError, StoreKey,
    errors::{Trouble, trouble, why_closed},
    files,
    folder::{self, Home},
    key::{self, KeyCheck},
    lock::OpenLock,
    migrations, quarantine, settings,
};

use connection::create;
pub(super) use connection::{Access, connect, connect_damaged};

#[cfg(test)]
mod tests;

/// How a store is to be opened.
pub struct OpenOptions<'a> {
    pub(super) folder: &'a Path,
    pub(super) key: Option<&'a StoreKey>,
    pub(super) now: Instant,
    pub(super) entropy: &'a mut dyn FnMut(&mut [u8]),
    pub(super) vfs: Option<&'a str>,
    pub(super) plain: bool,
}

impl<'a> OpenOptions<'a> {
    /// `folder` is the home; the store lies in a folder below it, damaged ones beside that.
    pub fn new(
        folder: &'a Path,
        key: Option<&'a StoreKey>,
        now: Instant,
        entropy: &'a mut dyn FnMut(&mut [u8]),
    ) -> Self {
        Self {
            folder,
            key,
            now,
            entropy,
            vfs: None,
            plain: false,
        }
    }

    /// The VFS by its name in SQLite; the platform's own by default.
    pub fn vfs(mut self, name: Option<&'a str>) -> Self {
        self.vfs = name;
        self
    }

    /// Without encryption, to measure what encryption costs.
    #[cfg(feature = "qa")]
    pub fn plain(mut self) -> Self {
        self.plain = true;
        self
    }

    fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.entropy)(&mut bytes);
        bytes
    }
}

/// What lies in a home.
enum Found {
    /// A complete store of this version, the key proven.
    Ready(Box<Connection>),
    /// Nothing was ever stored here.
    Absent,
    /// A store of an older version, or one whose making was cut short (version 0).
    Old {
        version: u32,
    },
    Damaged,
    /// A salvage that was cut short, before or after it was complete.
    HalfSalvaged,
}

/// What becomes of damage that was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Damage {
    /// What can be read is brought into a new store.
    IsSaved,
    /// For that there is no room. The store is opened as it is: what lies on other pages goes on.
    Stays { bytes: u64 },
}

impl Store {
    /// Opens the store of a home, and makes it where there is none.
    pub fn open(mut options: OpenOptions<'_>) -> Result<(Self, Vec<Notice>), OpenError> {
        let version = lapor_sqlite3mc::cipher_version();
        if !version.starts_with("SQLite3 Multiple Ciphers ") {
            return Err(OpenError::NotEncrypted {
                version: version.to_owned(),
            });
        }
        let home = Home::new(options.folder);
        let Some(key) = options.key else {
            return Err(OpenError::KeyMissing {
                store_exists: anything_in(&home)?,
            });
        };
        let access = Access {
            key,
            vfs: options.vfs,
            plain: options.plain,
        };
        folder::make(&home.root)?;
        let mut notices = Vec::new();
        // Making, migrating and setting aside each take a round; more rounds than that mean that
        // another process keeps changing what is found.
        let mut damage = Damage::IsSaved;
        for _ in 0..5 {
            let lock = OpenLock::shared(&home.open_lock())?;
            if let Found::Ready(db) = look_with_room(&home, access, damage)? {
                match (Self::ready(&home, *db, lock, &mut options, damage), damage) {
                    // Noted: the next look sets it aside.
                    (Err(StoreError::Corrupt), Damage::IsSaved) => continue,
                    (Err(StoreError::Corrupt), Damage::Stays { bytes }) => {
                        return Err(OpenError::SalvageNeedsSpace { bytes });
                    }
                    (Err(error), _) => return Err(error.into()),
                    (Ok((store, more)), _) => {
                        notices.extend(more);
                        return Ok((store, notices));
                    }
                }
            }
            drop(lock);
            let _alone = OpenLock::exclusive(&home.open_lock())?;
            match look(&home, access, damage)? {
                Found::Ready(_) => {}
                Found::HalfSalvaged => quarantine::finish(&home)?,
                Found::Absent => make(&home, access, &mut options)?,
                Found::Old { version: 0 } => make(&home, access, &mut options)?,
                Found::Old { version } => match bring_up_to_date(&home, access) {
                    // It opened, so the key is right: what the migration met is damage.
                    Err(OpenError::Database {
                        code: rusqlite::ffi::SQLITE_CORRUPT,
                    }) => notices.extend(quarantine::set_aside(&home, access, &mut options)?),
                    Err(error) if !is_for_room(&error) => return Err(error),
                    // Once more with the room that the reserve has kept.
                    Err(error) => {
                        if files::remove(&home.in_store(folder::RESERVE)).is_err() {
                            return Err(error);
                        }
                    }
                    Ok(()) => notices.push(Notice::Migrated {
                        from: version,
                        to: migrations::KNOWN,
                    }),
                },
                Found::Damaged => match quarantine::set_aside(&home, access, &mut options) {
                    // Where it does not even open so, the second try is the last.
                    Err(OpenError::SalvageNeedsSpace { bytes }) if damage == Damage::IsSaved => {
                        damage = Damage::Stays { bytes };
                    }
                    set_aside => notices.extend(set_aside?),
                },
            }
        }
        Err(OpenError::Busy)
    }

    fn ready(
        home: &Home,
        db: Connection,
        lock: OpenLock,
        options: &mut OpenOptions<'_>,
        damage: Damage,
    ) -> Result<(Self, Vec<Notice>), StoreError> {
        // Reading made a WAL. SQLite makes its name durable with the first sync only, and does not
        // tell when that fails: a power cut would then take all that was written since.
        folder::sync(&home.store())?;
        let mut notices = Vec::new();
        let opening = options.random();
        let mut store = Self {
            db,
            _open: lock,
            home: home.clone(),
            opening,
            runs: Cell::new(0),
            reserve_is_missing: false,
            met_damage: Cell::default(),
            stays_damaged: damage != Damage::IsSaved,
            failed_lies_bare: false,
            gateway: None,
        };
        let install = options.key.map(|key| key.install).unwrap_or_default();
        if let Some(unsent) = store.compare_install(install)? {
            notices.push(Notice::CopiedPhone { unsent });
        }
        match store.sweep_if_asked() {
            Err(StoreError::Corrupt) if damage == Damage::IsSaved => {
                return Err(StoreError::Corrupt);
            }
            // It is asked for again by the next run and the next opening; until then the app is of use.
            _ => {}
        }
        store.make_reserve();
        if store.reserve_is_missing {
            notices.push(Notice::ReserveMissing);
        }
        if let Damage::Stays { bytes } = damage {
            notices.push(Notice::SalvageWaits { bytes });
        }
        Ok((store, notices))
    }
}

/// Is there anything here that a new store would hide?
fn anything_in(home: &Home) -> Result<bool, OpenError> {
    for name in [folder::DATABASE, folder::WAL, folder::KEY_CHECK] {
        if folder::exists(&home.in_store(name))? {
            return Ok(true);
        }
    }
    Ok(folder::exists(&home.salvage())?)
}

/// Even reading needs a little disk (the index of the WAL): one reserve is there for that alone.
fn look_with_room(home: &Home, access: Access<'_>, damage: Damage) -> Result<Found, OpenError> {
    let mut found = look(home, access, damage);
    for (reserve, _) in folder::RESERVES {
        if !matches!(found, Err(OpenError::DiskFull)) {
            break;
        }
        if files::remove(&home.in_store(reserve)).is_ok() {
            found = look(home, access, damage);
        }
    }
    found
}

/// SQLite reads back what was written, whether it was synced or not: where an app was killed
/// between the two, a person would see as kept what the next power cut takes.
fn sync_log(home: &Home) -> Result<(), OpenError> {
    let log = home.in_store(folder::WAL);
    if files::length(&log).is_ok_and(|bytes| bytes > 0) {
        files::sync(&log)?;
    }
    Ok(())
}

fn look(home: &Home, access: Access<'_>, damage: Damage) -> Result<Found, OpenError> {
    if folder::exists(&home.salvage())? {
        return Ok(Found::HalfSalvaged);
    }
    let check = key::check(&home.in_store(folder::KEY_CHECK), access.key)?;
    if check == KeyCheck::Wrong {
        return Err(OpenError::WrongKey);
    }
    let (proven, made) = match check {
        KeyCheck::Right { made } => (true, made),
        _ => (false, false),
    };
    let damaged = || {
        if proven {
            Ok(Found::Damaged)
        } else {
            Err(OpenError::KeyCheckDamaged)
        }
    };
    let database = home.in_store(folder::DATABASE);
    if !folder::exists(&database)? {
        // A fresh database in this place would delete an orphaned WAL with all that is in it.
        let orphan = files::length(&home.in_store(folder::WAL)).is_ok_and(|bytes| bytes > 0);
        let lost = made || orphan || check == KeyCheck::Damaged;
        return if lost { damaged() } else { Ok(Found::Absent) };
    }
    let opened =
        connect(&database, access, false).and_then(|db| Ok((migrations::version(&db)?, db)));
    let (version, db) = match opened {
        Ok(opened) => opened,
        Err(error) => match trouble(&error) {
            Trouble::Unreadable => return damaged(),
            Trouble::Full => return Err(OpenError::DiskFull),
            Trouble::Busy => return Err(OpenError::Busy),
            Trouble::Locked => return Err(OpenError::StorageLocked),
            Trouble::Row => {
                return Err(OpenError::Database {
                    code: rusqlite::ffi::SQLITE_ERROR,
                });
            }
            Trouble::Other(code) => return Err(why_closed(&database, code)),
        },
    };
    sync_log(home)?;
    match version {
        // Once complete and empty now: cut off by a file system, not new.
        0 if made => damaged(),
        0 => Ok(Found::Old { version: 0 }),
        found if found > migrations::KNOWN => Err(OpenError::NewerStore {
            found,
            known: migrations::KNOWN,
        }),
        version if version < migrations::KNOWN => match settings::key_check_salt(&db) {
            // Its making was cut short between two versions: there is nothing to tell.
            Ok(None) => Ok(Found::Old { version: 0 }),
            _ => Ok(Found::Old { version }),
        },
        // It opened: the key is right, whatever became of the file that would prove it.
        _ if damage == Damage::IsSaved && folder::exists(&home.in_store(folder::DAMAGED))? => {
            Ok(Found::Damaged)
        }
        _ => {
            // Cut short between the tables and the ids of this installation.
            let salt = match settings::key_check_salt(&db) {
                Ok(Some(salt)) => salt,
                Ok(None) => return Ok(Found::Old { version: 0 }),
                Err(StoreError::Corrupt) => return Ok(Found::Damaged),
                Err(error) => return Err(error.into()),
            };
            if !made {
                key::write(&home.store(), access.key, salt, true)?;
            }
            Ok(Found::Ready(Box::new(db)))
        }
    }
}

/// Makes a store, or goes on where making it was cut short.
fn make(home: &Home, access: Access<'_>, options: &mut OpenOptions<'_>) -> Result<(), OpenError> {
    folder::make(&home.store())?;
    fill(&home.store(), access, options)
}

/// A complete empty store in `store`. The key-check is first: no database without proof.
pub(super) fn fill(
    store: &Path,
    access: Access<'_>,
    options: &mut OpenOptions<'_>,
) -> Result<(), OpenError> {
    let salt = options.random();
    key::write(store, access.key, salt, false)?;
    let mut db = create(&store.join(folder::DATABASE), access).map_err(StoreError::from)?;
    migrations::migrate(&mut db, |bytes| room(store, bytes))?;
    settings::begin(&mut db, access.key.install, options.random(), salt)?;
    drop(db);
    folder::sync(store)?;
    key::write(store, access.key, salt, true)?;
    Ok(())
}

fn bring_up_to_date(home: &Home, access: Access<'_>) -> Result<(), OpenError> {
    let migrated = || {
        let mut db =
            connect(&home.in_store(folder::DATABASE), access, false).map_err(StoreError::from)?;
        migrations::migrate(&mut db, |bytes| room(&home.store(), bytes))
    };
    match migrated() {
        Err(OpenError::Database { code }) => {
            Err(why_closed(&home.in_store(folder::DATABASE), code))
        }
        done => done,
    }
}

fn is_for_room(error: &OpenError) -> bool {
    matches!(error, OpenError::DiskFull | OpenError::NeedsSpace { .. })
}

/// Is there this much free disk? Found out by taking it.
fn room(store: &Path, bytes: u64) -> Result<(), OpenError> {
    let path = store.join("room");
    match folder::allocate(&path, bytes)
        .and_then(|()| folder::remove_if_there(&path))
        .map_err(OpenError::from)
    {
        Err(OpenError::DiskFull) => Err(OpenError::NeedsSpace { bytes }),
        other => other,
    }
}
