//! What a damaged store took with it: kept until its person has been told, and no longer than they.

use lapor_engine::{calendar::Instant, report::ReportKey, sync::AccountId};
use rusqlite::{Connection, OptionalExtension, params};

use super::{Notice, Store, StoreError, rows, settings};

#[cfg(test)]
mod tests;

/// One thing that could not be read from a damaged store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    pub id: i64,
    /// Folder that holds what is left of it.
    pub set_aside: String,
    pub at: Instant,
    pub what: LossKind,
    /// None where not even the key could be read.
    pub report: Option<ReportKey>,
    /// The number of the row in the damaged store; 0 where even that is unknown.
    pub row: i64,
    /// The service has that report: it was brought back by the feed, or its own row was not what was lost.
    pub is_at_service: bool,
    /// Of an account that is not the current one: only the notice of an opening knows of it, and does not
    /// name its report.
    pub is_anothers: bool,
    pub verdict: Verdict,
}

/// What has come of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nobody has said anything of it yet.
    Open,
    /// The service has it: nothing of it is lost.
    Arrived,
    /// The service has told of everything that it has since, and this was not among it.
    NotThere,
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Arrived => "arrived",
            Self::NotThere => "not_there",
        }
    }
}

/// What the service was heard to say.
struct Heard {
    report: bool,
    picture: bool,
    everything: bool,
}

impl LossKind {
    fn verdict(self, heard: &Heard) -> Verdict {
        match self {
            Self::Report | Self::Body if heard.report => Verdict::Arrived,
            Self::Attachment if heard.picture => Verdict::Arrived,
            Self::Report if heard.everything => Verdict::NotThere,
            _ => Verdict::Open,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LossKind {
    /// Nothing of the old store could be read.
    Everything,
    /// A report with its words.
    Report,
    /// The frozen body; the words as typed are here, as a draft to be submitted again.
    Body,
    /// A picture.
    Attachment,
    /// A reply or other event.
    Event,
    /// Who was signed in. The reports are here: signing in again brings them back, or, where nothing
    /// told any more whose they are, [`Store::claim_without_writer`].
    Account,
}

impl LossKind {
    const ALL: [Self; 6] = [
        Self::Everything,
        Self::Report,
        Self::Body,
        Self::Attachment,
        Self::Event,
        Self::Account,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Everything => "everything",
            Self::Report => "report",
            Self::Body => "body",
            Self::Attachment => "attachment",
            Self::Event => "event",
            Self::Account => "account",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl Store {
    /// What a damaged store took with it, and nobody has been told of yet. Of this account, and
    /// what belongs to nobody that is known.
    pub fn losses(&self) -> Result<Vec<Loss>, StoreError> {
        self.read(|db| {
            let account = rows::current_account(db)?;
            losses_of(db, Some(account))
        })
    }

    /// What an opening found, for who is signed in now: what was lost of somebody else is not named, and
    /// of somebody who was forgotten since it is not told.
    pub fn told_now(&self, notice: &Notice) -> Result<Notice, StoreError> {
        let mut notice = notice.clone();
        if let Notice::SetAside { losses, .. } = &mut notice {
            let now = self.read(|db| {
                let current = rows::current_account(db)?;
                let mut whose =
                    db.prepare_cached("SELECT account NOT IN (0, ?2) FROM loss WHERE id = ?1")?;
                let mut now = Vec::new();
                for loss in &*losses {
                    let found = whose.query_row([loss.id, current.0], |row| row.get(0));
                    if let Some(is_anothers) = found.optional()? {
                        now.push(Loss {
                            is_anothers,
                            ..loss.clone()
                        });
                    }
                }
                Ok(now)
            })?;
            *losses = now;
        }
        Ok(notice)
    }

    /// The person has seen them.
    pub fn losses_shown(&mut self, ids: &[i64]) -> Result<(), StoreError> {
        self.write_at_need(|db| {
            let mut statement = db.prepare_cached("UPDATE loss SET shown = 1 WHERE id = ?1")?;
            ids.iter()
                .try_for_each(|id| statement.execute([id]).map(|_| ()))?;
            Ok(())
        })
    }
}

pub(super) fn losses_of(
    db: &Connection,
    account: Option<AccountId>,
) -> Result<Vec<Loss>, StoreError> {
    let current = rows::current_account(db)?;
    let mut statement = db.prepare_cached(
        "SELECT id, set_aside, at, what, report_key, row,
             EXISTS (SELECT 1 FROM report r WHERE r.key = report_key AND r.tracking_id <> ''
                 AND (what <> 'body' OR r.phase IN ('sent', 'withdrawing', 'withdrawn'))),
             EXISTS (SELECT 1 FROM attachment a WHERE a.id = loss.row AND a.stored = 1),
             id <= coalesce((SELECT CAST(value AS INTEGER) FROM setting WHERE name = ?2 || loss.account), 0),
             account NOT IN (0, ?3)
         FROM loss WHERE shown = 0 AND (?1 = 0 OR account IN (0, ?1)) ORDER BY id",
    )?;
    let mut found = statement.query(params![
        account.map_or(0, |account| account.0),
        settings::LISTED,
        current.0
    ])?;
    let mut losses = Vec::new();
    while let Some(row) = found.next()? {
        let what: String = row.get(3)?;
        let what = LossKind::parse(&what).ok_or(StoreError::Row { what: "loss" })?;
        let key: Vec<u8> = row.get(4)?;
        let heard = Heard {
            report: row.get(6)?,
            picture: row.get(7)?,
            everything: row.get(8)?,
        };
        losses.push(Loss {
            id: row.get(0)?,
            set_aside: row.get(1)?,
            at: Instant(row.get(2)?),
            what,
            report: rows::report_key(&key).ok(),
            row: row.get(5)?,
            is_at_service: heard.report,
            is_anothers: row.get(9)?,
            verdict: what.verdict(&heard),
        });
    }
    Ok(losses)
}

/// The service has told of everything that it has of this account: what was lost before that and is not
/// among it, it does not have. Opening after damage begins the feed anew.
pub(super) fn listed(db: &Connection, account: AccountId) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO setting (name, value) SELECT ?2 || ?1, CAST(max(id) AS TEXT) FROM loss
         WHERE account = ?1 AND shown = 0 HAVING max(id) IS NOT NULL
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )?
    .execute(params![account.0, settings::LISTED])?;
    Ok(())
}
