//! A bit flips in the log that a killed app has left behind: what was written before that bit is there as
//! it was then, and nothing else. What came after it SQLite takes for never written, as after a power cut:
//! nobody can tell. So this happens to a copy of the phone, which is looked at and thrown away.

use lapor_core::client::ClientError;
use lapor_core::engine::report::Phase;
use lapor_core::store::{Filter, Notice, ReportRow};
use lapor_sim_vfs::Disk;

use crate::dice::Dice;
use crate::story::{Run, Violation, needed};
use crate::wire::Rare;
use crate::world::World;

/// Of the log, and of each of its frames before the page, bytes.
const LOG_HEADER: u64 = 32;
const FRAME_HEADER: u64 = 24;
const PAGE: u64 = 4096;

/// What an app shows after it was opened.
struct Shown {
    /// Who is signed in, and their reports; nothing where the store was damaged.
    seen: Option<(String, Vec<ReportRow>)>,
    /// Everything, to be compared.
    words: String,
}

impl World {
    pub(super) fn a_bit_flips_in_the_log(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        self.app(number)?;
        // What was told as failed may be there after a kill.
        if self.phone(number)?.had_trouble() {
            return Ok(());
        }
        self.line.wire().event();
        self.phone(number)?.is_killed();
        let disk = self.phone(number)?.disk().clone();
        let Ok(log) = disk.read(&log_of(&disk)) else {
            return Ok(());
        };
        let length = log.len() as u64;
        if length <= LOG_HEADER {
            return Ok(());
        }
        let (at, bit) = (dice.below(length), dice.below(8) as u32);
        let before = at.checked_sub(LOG_HEADER).map_or(0, |at| {
            LOG_HEADER + at / (FRAME_HEADER + PAGE) * (FRAME_HEADER + PAGE)
        });
        self.tell(format!(
            "phone {number}: a bit flips at byte {at} of {length} of the log that the app left"
        ));
        let image = disk.image();
        let (flipped, cut) = (Disk::of(&image), Disk::of(&image));
        flipped.flip(&log_of(&flipped), at, bit);
        let rest = log.get(..usize::try_from(before).unwrap_or(0));
        needed(
            cut.put(&log_of(&cut), rest.unwrap_or_default()),
            "a shorter log",
        )?;
        let flipped = self.opened(number, flipped)?;
        let cut = self.opened(number, cut)?;
        self.line.wire().figures.is_seen(Rare::LogFlipped);
        if flipped.words != cut.words {
            return Err(Violation(
                "a bit of the log has flipped, and what was written before it is not what it was"
                    .to_owned(),
            ));
        }
        match flipped.seen {
            Some((user, rows)) => self.was_once_true(number, &user, &rows),
            None => Ok(()),
        }
    }

    /// A copy of the phone, opened and looked at.
    fn opened(&mut self, number: usize, disk: Disk) -> Run<Shown> {
        let copy = self.phone(number)?.over_another(disk);
        let (app, notices) = copy.opens_aside()?;
        // The moment may be one before an update, or before the app knew that it was copied. And where the
        // database is newer than what is left of the log, it is damaged.
        let told = notices.iter().find(|notice| {
            !matches!(
                notice,
                Notice::CopiedPhone { .. } | Notice::Migrated { .. } | Notice::SetAside { .. }
            )
        });
        if let Some(told) = told {
            return Err(Violation(format!(
                "a bit of the log has flipped, and opening says {told:?}"
            )));
        }
        let account = app.account();
        let rows: Result<Vec<ReportRow>, ClientError> = [Filter::All, Filter::Discarded]
            .into_iter()
            .map(|filter| app.list(filter, 1_000, None))
            .collect::<Result<Vec<_>, _>>()
            .map(|lists| lists.concat());
        let open = app.outbox(None);
        let sound = app.doctor().map(|found| found.sound);
        let words = format!("{notices:?} {account:?} {rows:?} {open:?} {sound:?}");

        let seen = match (account, rows) {
            (Ok(account), Ok(rows)) => Some((account.user, rows)),
            (Err(ClientError::Corrupt), _) | (_, Err(ClientError::Corrupt)) => None,
            (Err(error), _) | (_, Err(error)) => return needed(Err(error), "a flip in the log"),
        };
        Ok(Shown {
            seen: seen.filter(|_| notices.is_empty() && sound == Ok(true)),
            words,
        })
    }

    /// An earlier moment of this phone, and no other.
    fn was_once_true(&mut self, number: usize, user: &str, rows: &[ReportRow]) -> Run<()> {
        let people = &self.phone(number)?.people;
        if !user.is_empty() && !people.contains(&user) {
            return Err(Violation(
                "a bit of the log has flipped, and a stranger is signed in".to_owned(),
            ));
        }
        for row in rows.iter().filter(|row| row.own) {
            let wire = self.line.wire();
            let key = row.key.to_string();
            let case = self.ledger.cases.iter().find(|case| case.key == row.key);
            let Some(case) = case else {
                return Err(Violation(
                    "a bit of the log has flipped, and nobody wrote what is shown".to_owned(),
                ));
            };
            // A guest's drafts are claimed by whoever signs in.
            if case.owner != user && !user.is_empty() && !case.owner.is_empty() {
                return Err(Violation(format!(
                    "a bit of the log has flipped, and {} is shown to somebody else",
                    case.name
                )));
            }
            if row.phase == Phase::Sent && !wire.tap.was_confirmed(&key) {
                return Err(Violation(format!(
                    "a bit of the log has flipped, and {} is called sent and never was",
                    case.name
                )));
            }
        }
        Ok(())
    }
}

fn log_of(disk: &Disk) -> std::path::PathBuf {
    disk.home().join("store").join("lapor.db-wal")
}
