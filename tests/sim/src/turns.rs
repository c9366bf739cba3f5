//! Whose turn it is, held against every sync: what could go does not lie there, words do not wait
//! for pictures, and what a person is asked to do is really theirs to do.

use lapor_core::client::{Client, SyncLimits, SyncReport, Until};
use lapor_core::engine::calendar::Instant;
use lapor_core::engine::sync::{Operation, OperationKind, OperationState, Reason, SessionState};

use lapor_sandbox_rules::Request;

use crate::story::{Run, Violation, needed};
use crate::wire::Rare;
use crate::world::World;

impl World {
    /// After a sync that went as far as it could: nothing that is due was left, and somebody will
    /// come back for the rest in time.
    pub(crate) fn nothing_lies_there(&mut self, number: usize, report: &SyncReport) -> Run<()> {
        if report.more {
            return Ok(());
        }
        let app = self.app(number)?;
        let metered = app.surroundings().metered
            && needed(app.settings(), "settings")?.pictures_unmetered_only;
        let now = Instant(self.phone_now(number));
        let screen = self.phone(number)?.screen()?;
        let rows: Vec<&Operation> = screen.open.iter().collect();
        let wake = report.next_wake.as_ref().map(|wake| wake.in_ms);
        lies_there(&rows, metered, now, wake).map_or(Ok(()), |what| Err(Violation(what)))
    }

    /// A run goes as far as it was asked to, unless its time or its bytes were over. `began`: true time.
    pub(crate) fn ends_as_asked(
        &mut self,
        number: usize,
        limits: &SyncLimits,
        began: i64,
        report: &SyncReport,
    ) -> Run<()> {
        let passed = self.line.wire().now - began;
        let is_over = limits
            .deadline
            .is_some_and(|time| i128::from(passed) >= time.as_millis() as i128);
        if is_over {
            self.line.wire().figures.is_seen(Rare::OutOfTime);
        }
        if is_over || report.more {
            return Ok(());
        }
        match limits.until {
            Until::NothingDue => Ok(()),
            Until::Cancelled => Err(Violation(
                "a run was to go on until somebody ends it, and nobody did".to_owned(),
            )),
            Until::Idle => {
                let screen = self.phone(number)?.screen()?;
                let account = &screen.account;
                let nobody = account.user.is_empty() || account.session == SessionState::Ended;
                let rows = screen.open.iter();
                let left = rows
                    .filter(|row| row.is_free && row.state == OperationState::Waiting)
                    .find(|_| !nobody);
                left.map_or(Ok(()), |row| {
                    Err(Violation(format!(
                        "a run was to go on until nothing is left, and {} still waits",
                        row.kind.as_str()
                    )))
                })
            }
        }
    }

    /// How long nothing can be due on a phone, as it sees it itself, milliseconds.
    pub(crate) fn asked_to_wait(&mut self, number: usize) -> Run<i64> {
        let screen = self.phone(number)?.screen_at_rest()?;
        let now = Instant(self.phone_now(number));
        let rows: Vec<&Operation> = screen.open.iter().collect();
        let due = rows
            .iter()
            .filter(|row| is_free(row, &rows) && row.reason != Some(Reason::Metered))
            .map(|row| row.due.remaining(now))
            .min();
        let due = due.map_or(i64::MAX, |wait| i64::try_from(wait).unwrap_or(i64::MAX));
        let wake = self.phone(number)?.wakes_at.unwrap_or(0) - self.line.wire().now;
        Ok(due.min(wake).max(0))
    }

    /// A session ends only when the gateway has refused what a refresh brought; a portal is named
    /// only when the shell knew of one.
    pub(crate) fn blames_nobody(&mut self, number: usize) -> Run<()> {
        let screen = self.phone(number)?.screen_at_rest()?;
        let account = &screen.account;
        let wire = self.line.wire();
        let ended = account.session == SessionState::Ended && !account.user.is_empty();
        if ended && !wire.sessions.may_end(number) {
            return Err(Violation(
                "a session is over, and the gateway never said so".to_owned(),
            ));
        }
        let was_captive = wire.airs.get(number).is_some_and(|air| air.was_captive);
        drop(wire);
        let portal = screen
            .open
            .iter()
            .any(|row| row.reason == Some(Reason::SignInToWifi));
        if portal && !was_captive {
            return Err(Violation(
                "a wifi is said to want a sign-in, and nobody knows of one".to_owned(),
            ));
        }
        Ok(())
    }

    pub(crate) fn phone_now(&self, number: usize) -> i64 {
        let wire = self.line.wire();
        wire.now + wire.airs.get(number).map_or(0, |air| air.skew)
    }
}

/// What could go, and lies there; or what nobody wakes for. `wake`: after so many milliseconds somebody does.
pub(crate) fn lies_there(
    rows: &[&Operation],
    metered: bool,
    now: Instant,
    wake: Option<u64>,
) -> Option<String> {
    for row in rows {
        let picture = row.kind == OperationKind::UploadAttachment;
        if row.reason == Some(Reason::Metered) && !(picture && metered) {
            return Some("a free network is waited for, and is there".to_owned());
        }
        if !is_free(row, rows) || (picture && metered) {
            continue;
        }
        let wait = row.due.remaining(now);
        let what = row.kind.as_str();
        if wait == 0 {
            return Some(format!("{what} could go, and lies there"));
        }
        if wake.is_none_or(|wake| wake > wait) {
            return Some(format!(
                "{what} is due in {wait} ms, and nobody wakes for it"
            ));
        }
    }
    None
}

/// What a request breaks by being sent now, as the phone itself sees it.
/// `refused` are the events that somebody once refused: they hold back nothing.
pub(crate) fn too_early(
    app: &Client,
    now: Instant,
    request: &Request,
    refused: impl Fn(&str) -> bool,
) -> Option<&'static str> {
    let outbox = || app.outbox(None).unwrap_or_default();
    let path: Vec<&str> = request.path.split('/').skip(2).collect();
    match (request.method.as_str(), path.as_slice()) {
        ("PATCH", _) => {
            let rows = outbox();
            let rows: Vec<&Operation> = rows.iter().map(|(row, _)| row).collect();
            rows.iter()
                .any(|row| {
                    let words = row.kind != OperationKind::UploadAttachment;
                    words && is_free(row, &rows) && row.due.remaining(now) == 0
                })
                .then_some("words wait for a picture")
        }
        ("PUT", ["reports", report, "events", event]) => {
            let rows = outbox();
            let (this, _) = rows
                .iter()
                .find(|(row, _)| row.event.is_some_and(|key| key.to_string() == *event))?;
            rows.iter()
                .any(|(row, _)| {
                    let before = matches!(
                        row.kind,
                        OperationKind::CreateReport | OperationKind::AddEvent
                    );
                    let was_refused = row.event.is_some_and(|key| refused(&key.to_string()));
                    before
                        && !was_refused
                        && row.id < this.id
                        && row.report.to_string() == *report
                        && row.state != OperationState::Paused
                })
                .then_some("an event overtakes what it follows")
        }
        ("PUT", ["reports", report]) => {
            let shown = app.show(&report.parse().ok()?).ok()?;
            let had = shown.row.tracking_id.as_ref().map(|id| id.0.as_str());
            (request.find("lapor-prior-tracking-id") != had)
                .then_some("what was forgotten goes again without its tracking id")
        }
        _ => None,
    }
}

/// Nothing but its time stands before it.
fn is_free(row: &Operation, rows: &[&Operation]) -> bool {
    let person = matches!(
        row.reason,
        Some(Reason::SignIn | Reason::Rejected { .. } | Reason::KeyTaken { .. })
    );
    let taken_back = row.kind != OperationKind::Withdraw
        && rows
            .iter()
            .any(|it| it.kind == OperationKind::Withdraw && it.report == row.report);
    let state = matches!(row.state, OperationState::Waiting | OperationState::Paused);
    state && row.is_free && !person && !taken_back
}
