//! The desk: what the service's people and its clock do to reports. No HTTP reaches this; the
//! console, tests and a moved clock do.

use rusqlite::{Connection, OptionalExtension as _, params};
use thiserror::Error;

use crate::calendar::{DEADLINES, WorkingDays};
use crate::changes;
use crate::error::GatewayError;
use crate::events;
use crate::gateway::{Gateway, set_state};
use crate::instant::Instant;
use crate::report::Stored;
use crate::settings::Settings;
use crate::statements;

/// Why the desk could not do something.
#[derive(Debug, Error)]
pub enum AdminError {
    #[error("no such report")]
    NoSuchReport,
    #[error("not possible while the report is {status}")]
    NotPossible { status: String },
    #[error(transparent)]
    Gateway(#[from] GatewayError),
}

impl From<rusqlite::Error> for AdminError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Gateway(error.into())
    }
}

/// Who did something that no account of the contract did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Author {
    Officer,
    Admin,
    System,
}

impl Author {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Officer => "officer",
            Self::Admin => "admin",
            Self::System => "system",
        }
    }
}

/// What the clock's advance did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ticked {
    /// Keys of reports closed by age.
    pub closed: Vec<String>,
    pub uploads_expired: u64,
    pub removals_forgotten: u64,
}

const UNVERIFIED: &str = "unverified";
const VERIFIED: &str = "verified";
const DISPOSED: &str = "disposed";
const IN_PROGRESS: &str = "in_progress";
const POSTPONED: &str = "postponed";
const CLOSED: &str = "closed";
const ARCHIVED: &str = "archived";
const NOT_OURS: &str = "not_our_authority";

impl Gateway {
    /// Takes a report up: from here on it cannot be withdrawn, and unless secret it is public.
    pub fn verify(&mut self, now: Instant, report: &str) -> Result<(), AdminError> {
        self.change(now, report, &[UNVERIFIED], |tx, _, stored| {
            publish_and_verify(tx, now, stored)
        })
    }

    /// Sends a report to an institution; one that nobody verified is verified by it.
    pub fn dispose(
        &mut self,
        now: Instant,
        report: &str,
        institution: &str,
    ) -> Result<(), AdminError> {
        let from = [UNVERIFIED, VERIFIED, DISPOSED, IN_PROGRESS, POSTPONED];
        self.change(now, report, &from, |tx, settings, stored| {
            if stored.status == UNVERIFIED {
                publish_and_verify(tx, now, stored)?;
            }
            events::record(tx, now, &stored.key, Author::Admin, "dispose", None)?;
            hand_to(tx, now, settings, stored, institution)
        })
    }

    /// The institution's answer, as if its officer had sent it.
    pub fn follow_up(&mut self, now: Instant, report: &str, text: &str) -> Result<(), AdminError> {
        let from = [DISPOSED, IN_PROGRESS, POSTPONED];
        self.change(now, report, &from, |tx, _, stored| {
            events::record(
                tx,
                now,
                &stored.key,
                Author::Officer,
                "follow_up",
                Some(text),
            )?;
            followed_up(tx, now, &stored.key)
        })
    }

    pub fn postpone(&mut self, now: Instant, report: &str, reason: &str) -> Result<(), AdminError> {
        let from = [UNVERIFIED, VERIFIED, DISPOSED, IN_PROGRESS];
        self.move_to(now, report, &from, POSTPONED, "postpone", Some(reason))
    }

    pub fn close(&mut self, now: Instant, report: &str) -> Result<(), AdminError> {
        let from = [VERIFIED, DISPOSED, IN_PROGRESS, POSTPONED];
        self.move_to(now, report, &from, CLOSED, "close", None)
    }

    pub fn archive(&mut self, now: Instant, report: &str, reason: &str) -> Result<(), AdminError> {
        let from = [
            UNVERIFIED,
            VERIFIED,
            DISPOSED,
            IN_PROGRESS,
            POSTPONED,
            CLOSED,
            NOT_OURS,
        ];
        self.move_to(now, report, &from, ARCHIVED, "archive", Some(reason))
    }

    pub fn not_our_authority(
        &mut self,
        now: Instant,
        report: &str,
        reason: &str,
    ) -> Result<(), AdminError> {
        let from = [UNVERIFIED, VERIFIED];
        let kind = "not_our_authority";
        self.move_to(now, report, &from, NOT_OURS, kind, Some(reason))
    }

    /// Changes what the public reads. The submitted text, and with it every replay, stays.
    pub fn edit_published_text(
        &mut self,
        now: Instant,
        report: &str,
        title: &str,
        content: &str,
    ) -> Result<(), AdminError> {
        self.change(now, report, &[], |tx, _, stored| {
            events::record(tx, now, &stored.key, Author::Admin, "edit", None)?;
            statements::execute(
                tx,
                "UPDATE report SET title = ?2, content = ?3 WHERE key = ?1",
                params![stored.key, title, content],
            )?;
            if mutant!(EditChangesHash) {
                statements::execute(
                    tx,
                    "UPDATE report SET body_sha = x'' WHERE key = ?1",
                    [&stored.key],
                )?;
            }
            touch(tx, now, &stored.key)
        })
    }

    /// Lets time pass: closes what nobody replied to for ten working days after a follow-up,
    /// drops the bytes of expired uploads, forgets old removals.
    pub fn tick(&mut self, now: Instant) -> Result<Ticked, GatewayError> {
        let settings = self.settings.clone();
        let days = WorkingDays {
            joint_leave_counts: settings.joint_leave_is_working,
        };
        let tx = self.write()?;
        let mut ticked = Ticked::default();
        let quiet: Vec<(String, i64)> = tx
            .prepare_cached(
                "SELECT key, quiet_since FROM report
                 WHERE quiet_since IS NOT NULL AND status = 'in_progress'
                 ORDER BY quiet_since, key",
            )?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        for (key, since) in quiet {
            if now.day() > days.after(Instant(since).day(), DEADLINES.close) {
                events::record(&tx, now, &key, Author::System, "close", None)?;
                set_status(&tx, now, &key, CLOSED)?;
                changes::publish(&tx, now, &key)?;
                ticked.closed.push(key);
            }
        }
        statements::execute(
            &tx,
            "DELETE FROM piece WHERE capability IN
               (SELECT capability FROM upload WHERE stored = 0 AND expires_at <= ?1)",
            [now.millis()],
        )?;
        ticked.uploads_expired = statements::execute(
            &tx,
            "UPDATE upload SET offset = 0 WHERE stored = 0 AND expires_at <= ?1 AND offset > 0",
            [now.millis()],
        )? as u64;
        let old = now.plus_days(-settings.removal_days).millis();
        let highest: Option<i64> = statements::one(
            &tx,
            "SELECT max(position) FROM feed WHERE removed = 1 AND at <= ?1",
            [old],
            |row| row.get(0),
        )?;
        if let Some(highest) = highest {
            ticked.removals_forgotten = statements::execute(
                &tx,
                "DELETE FROM feed WHERE removed = 1 AND at <= ?1",
                [old],
            )? as u64;
            set_state(&tx, changes::FLOOR, &highest.to_string())?;
        }
        if mutant!(TombstonesAge) {
            statements::execute(&tx, "DELETE FROM withdrawn WHERE at <= ?1", [old])?;
        }
        statements::execute(
            &tx,
            "DELETE FROM token WHERE expires_at <= ?1",
            [now.millis()],
        )?;
        tx.commit()?;
        Ok(ticked)
    }

    /// Loses an upload with its bytes, as an object store may. True when there was one.
    pub fn forget_upload(&mut self, capability: &str) -> Result<bool, GatewayError> {
        let tx = self.write()?;
        let gone = statements::execute(
            &tx,
            "DELETE FROM upload WHERE capability = ?1 AND stored = 0",
            [capability],
        )?;
        if gone > 0 {
            statements::execute(&tx, "DELETE FROM piece WHERE capability = ?1", [capability])?;
        }
        tx.commit()?;
        Ok(gone > 0)
    }

    /// Every access token stops working; refresh tokens go on.
    pub fn expire_access_tokens(&mut self) -> Result<(), GatewayError> {
        self.db
            .execute("DELETE FROM token WHERE kind = 'access'", [])?;
        Ok(())
    }

    /// Everyone has to sign in again.
    pub fn end_sessions(&mut self) -> Result<(), GatewayError> {
        statements::execute(&self.db, "DELETE FROM token", [])?;
        Ok(())
    }

    fn move_to(
        &mut self,
        now: Instant,
        report: &str,
        from: &[&str],
        status: &str,
        kind: &str,
        reason: Option<&str>,
    ) -> Result<(), AdminError> {
        self.change(now, report, from, |tx, _, stored| {
            events::record(tx, now, &stored.key, Author::Admin, kind, reason)?;
            set_status(tx, now, &stored.key, status)
        })
    }

    /// One change of one report in one transaction. An empty `from` means any living report.
    fn change(
        &mut self,
        now: Instant,
        report: &str,
        from: &[&str],
        deed: impl FnOnce(&Connection, &Settings, &Stored) -> Result<(), rusqlite::Error>,
    ) -> Result<(), AdminError> {
        let settings = self.settings.clone();
        let tx = self.write()?;
        let key = key_of(&tx, report)?.ok_or(AdminError::NoSuchReport)?;
        let stored = Stored::by_key(&tx, &key)?.ok_or(AdminError::NoSuchReport)?;
        if stored.is_withdrawn() || !(from.is_empty() || from.contains(&stored.status.as_str())) {
            return Err(AdminError::NotPossible {
                status: stored.status,
            });
        }
        deed(&tx, &settings, &stored)?;
        changes::publish(&tx, now, &key)?;
        tx.commit()?;
        Ok(())
    }
}

/// A report's key from its key or its tracking id, with or without `#`.
pub(crate) fn key_of(db: &Connection, report: &str) -> Result<Option<String>, rusqlite::Error> {
    let tracking = report
        .strip_prefix('#')
        .unwrap_or(report)
        .parse::<i64>()
        .ok();
    db.prepare_cached("SELECT key FROM report WHERE key = ?1 OR tracking = ?2")?
        .query_row(params![report, tracking], |row| row.get(0))
        .optional()
}

fn publish_and_verify(
    tx: &Connection,
    now: Instant,
    stored: &Stored,
) -> Result<(), rusqlite::Error> {
    events::record(tx, now, &stored.key, Author::Admin, "verify", None)?;
    statements::execute(
        tx,
        "UPDATE report SET published = ?2 WHERE key = ?1",
        params![stored.key, !stored.secret],
    )?;
    set_status(tx, now, &stored.key, VERIFIED)
}

pub(crate) fn touch(tx: &Connection, now: Instant, key: &str) -> Result<(), rusqlite::Error> {
    statements::execute(
        tx,
        "UPDATE report SET revision = revision + 1, updated_at = ?2 WHERE key = ?1",
        params![key, now.millis()],
    )?;
    Ok(())
}

pub(crate) fn set_status(
    tx: &Connection,
    now: Instant,
    key: &str,
    status: &str,
) -> Result<(), rusqlite::Error> {
    statements::execute(
        tx,
        "UPDATE report SET status = ?2, quiet_since = NULL WHERE key = ?1",
        params![key, status],
    )?;
    touch(tx, now, key)
}

/// Somebody replied: the days without a reply are over.
pub(crate) fn heard(tx: &Connection, now: Instant, key: &str) -> Result<(), rusqlite::Error> {
    statements::execute(
        tx,
        "UPDATE report SET quiet_since = NULL WHERE key = ?1",
        [key],
    )?;
    touch(tx, now, key)
}

pub(crate) fn followed_up(tx: &Connection, now: Instant, key: &str) -> Result<(), rusqlite::Error> {
    set_status(tx, now, key, IN_PROGRESS)?;
    statements::execute(
        tx,
        "UPDATE report SET quiet_since = ?2 WHERE key = ?1",
        params![key, now.millis()],
    )?;
    Ok(())
}

/// Gives the report to an institution and takes it from the one that had it.
pub(crate) fn hand_to(
    tx: &Connection,
    now: Instant,
    settings: &Settings,
    stored: &Stored,
    institution: &str,
) -> Result<(), rusqlite::Error> {
    let days = WorkingDays {
        joint_leave_counts: settings.joint_leave_is_working,
    };
    let follow_up_by = days.after(now.day(), DEADLINES.follow_up).to_string();
    statements::execute(
        tx,
        "UPDATE report SET institution = ?2, follow_up_by = ?3 WHERE key = ?1",
        params![stored.key, institution, follow_up_by],
    )?;
    if let Some(former) = stored
        .institution
        .as_deref()
        .filter(|id| *id != institution)
    {
        changes::remove(tx, now, former, &stored.key)?;
    }
    set_status(tx, now, &stored.key, DISPOSED)
}
