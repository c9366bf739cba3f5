//! Where something was erased is overwritten, its room given back, and the log cut. The rows are gone before
//! that: what is cut short here goes on with the next run of the engine, and with the next opening.

use std::ops::Range;

use rusqlite::Connection;

use super::super::{Store, StoreError, files, pictures, settings};

/// Set until nothing is left to sweep: what is to be swept, and which asking it was.
const SWEEP: &str = "sweep";
/// How often it was asked for, ever.
const ASKINGS: &str = "sweeps";
const DRAFT: &str = "draft";
/// Overwritten at once where nothing more fits, bytes.
const STEP: usize = 64 << 10;
/// Of a piece with a damaged page what is smaller is left to that page, bytes.
const SMALLEST: usize = 4096;

/// What a sweep takes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sweep {
    /// What was set aside, too: a person is forgotten.
    All,
    /// One draft's: what was set aside is also other reports'.
    Draft,
}

/// A sweep that was asked for. No two askings have one word: who ends a sweep ends that one, and not what
/// another process has asked for meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) what: Sweep,
    word: String,
}

impl Sweep {
    /// A sweep that was asked for before this one is not made smaller by it.
    pub(super) fn ask(self, db: &Connection) -> Result<Asked, StoreError> {
        let what = Asked::of(db)?.map_or(self, |before| match before.what {
            Self::All => Self::All,
            Self::Draft => self,
        });
        let kind = match what {
            Self::All => "all",
            Self::Draft => DRAFT,
        };
        let word = format!("{kind} {}", settings::count(db, ASKINGS)?);
        settings::put_text(db, SWEEP, &word)?;
        Ok(Asked { what, word })
    }
}

impl Asked {
    pub(super) fn of(db: &Connection) -> Result<Option<Self>, StoreError> {
        let word = settings::text(db, SWEEP)?;
        Ok(word.map(|word| Self {
            // Earlier versions wrote no number: "draft" alone, and "1" for all.
            what: match word.starts_with(DRAFT) {
                true => Sweep::Draft,
                false => Sweep::All,
            },
            word,
        }))
    }
}

impl Store {
    /// Goes on with what was cut short, or found the disk full, the log in use, or a page damaged.
    pub(crate) fn sweep_if_asked(&mut self) -> Result<(), StoreError> {
        match self.glance(Asked::of)? {
            Some(asked) => self.overwriting(|store| store.sweep(&asked)),
            None => Ok(()),
        }
    }

    /// Was something erased that is not all overwritten yet?
    pub fn is_to_be_swept(&self) -> Result<bool, StoreError> {
        Ok(self.glance(Asked::of)?.is_some())
    }

    /// What `work` deletes is overwritten.
    pub(super) fn overwriting<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.overwrites("ON")?;
        let done = work(self);
        // Left on it costs writes, and nothing else: what was done is done.
        let _ = self.overwrites("FAST");
        done
    }

    /// `FAST`: only where that writes nothing more.
    pub(super) fn overwrites(&self, how: &str) -> Result<(), StoreError> {
        Ok(self.db.pragma_update(None, "secure_delete", how)?)
    }

    /// An error leaves it asked for. A part that fails keeps back no other.
    pub(super) fn sweep(&mut self, asked: &Asked) -> Result<(), StoreError> {
        let parts = [
            // First: these lie in plain files.
            self.sweep_spool(),
            self.delete_orphans(),
            // What was laid over them is in the log until now, and of pages beyond the new end of the file it
            // would never be written: as long as that cannot be done, none is given back.
            self.fold_log("FULL").and_then(|()| self.give_space_back()),
            self.remove_set_aside(asked.what),
            // What was erased is also in the log until that is cut.
            self.fold_log("TRUNCATE"),
        ];
        let swept: Result<(), StoreError> = parts.into_iter().collect();
        self.noted(swept)?;
        // Last: whatever is cut short before goes on.
        self.write_at_need(|db| settings::forget_if(db, SWEEP, &asked.word))
    }

    /// Damaged stores hold what could not be read, and all that could: their key is this one's.
    fn remove_set_aside(&self, what: Sweep) -> Result<(), StoreError> {
        if what == Sweep::All {
            for folder in self.home.set_aside()? {
                files::remove_folder(&folder)?;
            }
        }
        Ok(())
    }

    fn fold_log(&self, how: &str) -> Result<(), StoreError> {
        let is_read: bool =
            self.db
                .query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |row| {
                    row.get(0)
                })?;
        if is_read {
            return Err(StoreError::Busy);
        }
        Ok(())
    }

    /// One that cannot be deleted keeps back no other.
    fn delete_orphans(&mut self) -> Result<(), StoreError> {
        let (mut last, mut all) = (0, Ok(()));
        while let Some(number) = self.read(|db| pictures::next_orphan(db, last))? {
            match self.delete(number) {
                Err(StoreError::Corrupt) => all = Err(StoreError::Corrupt),
                deleted => deleted?,
            }
            last = number;
        }
        all
    }

    fn delete(&mut self, pieces: i64) -> Result<(), StoreError> {
        match self.write_at_need(|db| pictures::delete_pieces(db, pieces)) {
            Err(StoreError::DiskFull | StoreError::Corrupt) => self.delete_in_steps(pieces),
            deleted => deleted,
        }
    }

    /// A whole picture overwritten at once takes as much room in the log as it has, and each of its pages is
    /// read. Where the disk is full or a page damaged that is done in steps, for which the reserve is enough.
    pub(super) fn delete_in_steps(&mut self, pieces: i64) -> Result<(), StoreError> {
        for piece in self.read(|db| pictures::pieces_of(db, pieces))? {
            for from in (0..piece.bytes).step_by(STEP) {
                let to = piece.bytes.min(from.saturating_add(STEP));
                self.blank(piece.id, from..to)?;
            }
        }
        // So no page is read whose successor is known without, and a damaged one goes with the free ones.
        self.overwrites("FAST")?;
        let deleted = self.write_at_need(|db| pictures::delete_pieces(db, pieces));
        self.overwrites("ON")?;
        deleted
    }

    /// All but what lies on a damaged page, or behind one that alone knows the way.
    fn blank(&mut self, piece: i64, part: Range<usize>) -> Result<(), StoreError> {
        let middle = part.start + part.len() / 2;
        match self.write_at_need(|db| pictures::blank(db, piece, part.clone())) {
            Err(StoreError::Corrupt) if part.len() > SMALLEST => {
                self.blank(piece, part.start..middle)?;
                self.blank(piece, middle..part.end)
            }
            Err(StoreError::Corrupt) => Ok(()),
            blanked => blanked,
        }
    }
}
