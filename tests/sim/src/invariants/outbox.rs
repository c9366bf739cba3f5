//! What waits on a phone: for a reason that has really happened, with a next time, and never
//! forgetting that it may have been sent.

use std::collections::{BTreeMap, BTreeSet};

use lapor_core::engine::api::End;
use lapor_core::engine::calendar::Instant;
use lapor_core::engine::sync::{Operation, OperationKind, OperationState, Reason};

use super::{broken, longest_wait};
use crate::story::Run;
use crate::wire::Wire;

/// What was seen of one phone, step by step.
#[derive(Debug, Default, Clone)]
pub(crate) struct PhoneSeen {
    /// Who held it at the last look.
    user: String,
    /// Attempts of each operation that waited at the last look.
    attempts: BTreeMap<i64, u32>,
    /// The newest operation that was ever seen to wait.
    newest: i64,
    /// Exchanges since then that may have cost an attempt.
    spent: u32,
    /// A run came to its end since the last look.
    ran: bool,
    /// The disk failed, and no run has ended since without that.
    is_kept_back: bool,
    /// Its deaths up to then: what an exchange came to may have gone untold.
    deaths: u64,
    /// Operations that were once perhaps sent.
    perhaps_sent: BTreeSet<i64>,
    /// Outcomes that this phone has ever met.
    met: BTreeSet<&'static str>,
}

impl PhoneSeen {
    /// Nobody of LAPOR! was reached, or this side gave up: spends nothing.
    pub(crate) fn meets(&mut self, outcome: &'static str) {
        self.met.insert(outcome);
        let free = matches!(
            outcome,
            "offline"
                | "not_lapor"
                | "untrusted"
                | "clock_wrong"
                | "aborted"
                | "local"
                | "incompatible"
        );
        if !free {
            self.spent += 1;
        }
    }

    /// A run came to its end, and first stored what a full disk had kept in memory.
    pub(crate) fn has_run(&mut self) {
        self.ran = true;
    }

    /// The disk failed, or the phone died: an answer waits in memory, or nobody knows what a run was at.
    pub(crate) fn has_trouble_of_its_own(&mut self) {
        self.met.extend(["local", "unknown", "aborted"]);
    }

    /// The phone died, or its disk failed, between an answer and being told what it came to. A gateway
    /// of a `later` contract has answered it before, or just now.
    pub(crate) fn may_have_met(&mut self, end: End, later: bool) {
        if later {
            self.meets("incompatible");
        }
        match end {
            End::Complete => self.is_told_by_the_os(),
            End::Dns | End::NoConnection => self.meets("offline"),
            End::CertificateDates | End::Untrusted => {
                self.meets("clock_wrong");
                self.meets("untrusted");
            }
            _ => self.meets("unknown"),
        }
    }

    /// The OS carried something: what came of it may have been any outcome.
    pub(crate) fn is_told_by_the_os(&mut self) {
        self.spent += 1;
        self.met.extend([
            "busy",
            "done",
            "key_taken",
            "not_lapor",
            "offset_moved",
            "refused",
            "rejected",
            "unknown",
            "upload_damaged",
            "upload_gone",
            "withdrawn",
        ]);
    }

    /// Its store was damaged: what waits there counts as perhaps sent, and why it waited may lie on
    /// the page that is gone.
    pub(crate) fn is_salvaged(&mut self) {
        self.is_told_by_the_os();
        self.met.extend(["local", "aborted", "not_found"]);
        self.user.clear();
    }

    /// The whole outbox of whoever is signed in. `had_trouble`: the disk failed during the last call.
    pub(crate) fn look(
        &mut self,
        phone: usize,
        user: &str,
        open: &[Operation],
        now: Instant,
        wire: &Wire,
        had_trouble: bool,
    ) -> Run<()> {
        let mut grown = 0_u32;
        let mut attempts = BTreeMap::new();
        for row in open {
            self.row(phone, row, now, wire)?;
            attempts.insert(row.id.0, row.attempts);
            // One that was done in between and waits again has attempts that nobody saw.
            let before = match self.attempts.get(&row.id.0) {
                Some(before) => *before,
                None if row.id.0 > self.newest => 0,
                None => row.attempts,
            };
            grown += row.attempts.saturating_sub(before);
        }
        self.newest = open
            .iter()
            .fold(self.newest, |newest, row| newest.max(row.id.0));
        self.attempts = attempts;
        let deaths = wire.airs.get(phone).map_or(0, |air| air.deaths);
        if self.user == user && self.deaths == deaths && grown > self.spent {
            return broken(format!(
                "{grown} attempts were spent, and the gateway was asked {} times",
                self.spent
            ));
        }
        user.clone_into(&mut self.user);
        // What a full disk kept in memory was spent now, and is stored by a later run.
        let ran = std::mem::take(&mut self.ran);
        self.is_kept_back = had_trouble || self.is_kept_back && !ran;
        self.spent = match self.is_kept_back {
            true => self.spent.saturating_sub(grown),
            false => 0,
        };
        self.deaths = deaths;
        Ok(())
    }

    fn row(&mut self, phone: usize, row: &Operation, now: Instant, wire: &Wire) -> Run<()> {
        let what = row.kind.as_str();
        let Some(reason) = &row.reason else {
            return broken(format!("{what} waits without a reason"));
        };
        let person = matches!(
            reason,
            Reason::SignIn | Reason::Rejected { .. } | Reason::KeyTaken { .. }
        );
        let wait = row.due.remaining(now);
        let was_asked = wire.airs.get(phone).is_some_and(|air| air.was_asked);
        if longest_wait(row, was_asked).is_some_and(|longest| wait > longest) {
            return broken(format!("{what} waits for {wait} ms ({})", reason.code()));
        }
        if person && row.state == OperationState::Waiting && *reason != Reason::SignIn {
            return broken(format!("{what} waits for a person and is not paused"));
        }
        if !self.has_met(phone, reason, wire) {
            return broken(format!(
                "{what} waits as {:?}, and that never happened here",
                reason.code()
            ));
        }
        if row.maybe_sent {
            self.perhaps_sent.insert(row.id.0);
        } else if self.perhaps_sent.contains(&row.id.0) {
            return broken(format!("{what} was perhaps sent, and that was forgotten"));
        }
        let left = match (row.kind, &row.event) {
            (OperationKind::CreateReport, _) => Some(format!("PUT {}", row.report)),
            (OperationKind::AddEvent, Some(event)) => Some(format!("PUT {event}")),
            (OperationKind::Withdraw, _) => Some(format!("DELETE {}", row.report)),
            _ => None,
        };
        if let Some(left) = left
            && !row.maybe_sent
            && wire.tap.left.contains(&(phone, left))
        {
            return broken(format!("{what} has left the phone, and it does not know"));
        }
        Ok(())
    }

    /// A reason that is told must have happened to this phone.
    fn has_met(&self, phone: usize, reason: &Reason, wire: &Wire) -> bool {
        let died = wire.airs.get(phone).is_some_and(|air| air.deaths > 0);
        let any = |words: &[&str]| words.iter().any(|word| self.met.contains(word));
        match reason {
            Reason::NotTried
            | Reason::NotFetched
            | Reason::Follows
            | Reason::SignIn
            | Reason::Metered => true,
            Reason::Offline => any(&["offline"]),
            Reason::ClockWrong => any(&["clock_wrong"]),
            Reason::Untrusted => any(&["untrusted"]),
            Reason::SignInToWifi => any(&["untrusted", "not_lapor"]),
            Reason::NotLapor { .. } => any(&["not_lapor"]),
            // A refresh that is refused is the gateway's trouble as well.
            Reason::Busy { .. } | Reason::Poison { .. } => any(&[
                "busy",
                "refused",
                "not_found",
                "rejected",
                "key_taken",
                "withdrawn",
                "done",
                "not_lapor",
            ]),
            Reason::Unknown => died || any(&["unknown", "offset_moved", "aborted"]),
            // What is given up does not come back: a phone that dies then has told nobody of it.
            Reason::Aborted => died || any(&["aborted"]),
            Reason::Rejected { .. } => any(&["rejected"]),
            // The feed may be what told of the other words.
            Reason::KeyTaken { .. } => any(&["key_taken", "done"]),
            Reason::Refused { .. } => any(&[
                "refused",
                "not_found",
                "unauthorized",
                "done",
                "cursor_gone",
                "session_ended",
            ]),
            Reason::UpdateApp => any(&["incompatible"]),
            Reason::Local => died || any(&["local"]),
            Reason::UploadExpired => any(&["upload_gone"]),
            Reason::UploadDamaged => any(&["upload_damaged", "done"]),
            Reason::BeingChecked => any(&["done"]),
            Reason::TooLate => any(&["too_late", "key_taken"]),
            Reason::Forgotten => {
                wire.figures.restores > 0 || any(&["done", "refused", "not_found"])
            }
            // What is lost or overtaken has ended, and waits for nothing.
            Reason::Lost | Reason::Overtaken => false,
            Reason::Withdrawn | Reason::AlreadyThere => true,
        }
    }
}
