//! All is well but for a front end that never lets some things through: everything else goes all the
//! same, within the time that it would need without them and a turn of the origin for each of those.

use lapor_core::client::{SyncLimits, Until};
use lapor_core::engine::sync::{Operation, OperationKind, Upload};

use super::drain::{follows_what_was_answered, in_time, is_answered};
use crate::front::FrontEnd;
use crate::story::{Run, Violation, needed};
use crate::world::World;

/// What is refused holds the origin up for its longest pause, until it is known for its own fault, milliseconds.
const A_TURN: i64 = 15 * 60_000;
/// Time bounds it: what the gateway refused before has its daily try, and what the front end stops is tried
/// every few minutes meanwhile.
const TURNS: u32 = 5_000;

impl World {
    /// Everybody's, in turn; then the front end is taken away.
    pub(super) fn drains_past_the_front_end(&mut self) -> Run<()> {
        let Some(front) = self
            .line
            .wire()
            .front
            .filter(|front| front.stands(self.round))
        else {
            self.line.wire().front = None;
            return Ok(());
        };
        self.tell("all is well again but for the front end".to_owned());
        for number in 0..self.phones.len() {
            for user in self.people_of(number) {
                self.comes_back(number, user, false)?;
                self.others_drain(number, &front)?;
                self.phone_is_true(number)?;
            }
        }
        self.line.wire().front = None;
        self.tell("the front end is mended".to_owned());
        Ok(())
    }

    fn others_drain(&mut self, number: usize, front: &FrontEnd) -> Run<()> {
        let (start, line) = self.times();
        let was_asked = self.was_asked(number);
        let mut allowed = in_time(self.phone(number)?.screen()?.open.iter(), start, was_asked);
        let mut pull = true;
        for _ in 0..TURNS {
            self.decides_all(number)?;
            let limits = SyncLimits {
                pull,
                ..SyncLimits::until(Until::NothingDue)
            };
            pull = false;
            let report = self.sync_with(number, limits)?;
            if self.decides_all(number)? {
                continue;
            }
            let rows = needed(self.app(number)?.outbox(None), "outbox")?;
            let open: Vec<Operation> = rows.iter().map(|(row, _)| row.clone()).collect();
            let stopped: Vec<&Operation> = rows
                .iter()
                .filter(|(row, upload)| stops(front, row, upload.as_ref()))
                .map(|(row, _)| row)
                .collect();
            let mut waits: Vec<Operation> = open
                .iter()
                .filter(|row| {
                    !is_answered(row, start)
                        && !follows_what_was_answered(row, &open, start)
                        && !is_behind(row, &stopped, &open)
                })
                .cloned()
                .collect();
            if waits.is_empty() {
                return Ok(());
            }
            let (now, on_the_line) = self.times();
            let untried = open
                .iter()
                .filter(|row| row.tried_at.is_none_or(|at| !(start..=now).contains(&at.0)));
            allowed = allowed.max(in_time(untried, start, was_asked));
            let turns = A_TURN * i64::try_from(stopped.len()).unwrap_or(0);
            // In ever smaller pieces, each of which may be refused once: it arrives, and waits meanwhile.
            waits.retain(|row| {
                row.kind != OperationKind::UploadAttachment || !front.is_about_size()
            });
            let late = now - start - (on_the_line - line) - allowed - turns;
            if late > super::drain::SOON && !waits.is_empty() {
                return Err(Violation(format!(
                    "only a front end is in the way of others, and {late} ms later there waited or still waits: {}",
                    self.in_words(&waits)
                )));
            }
            let wake = report
                .and_then(|report| report.next_wake)
                .map_or(1_000, |wake| wake.in_ms)
                .max(1_000);
            self.line.wire().now += i64::try_from(wake).unwrap_or(3_600_000);
        }
        Err(Violation(format!(
            "only a front end is in the way of others, and after {TURNS} turns they still wait"
        )))
    }
}

/// Does it never let this one through?
fn stops(front: &FrontEnd, row: &Operation, upload: Option<&Upload>) -> bool {
    match (row.kind, &row.event, upload) {
        (OperationKind::CreateReport, ..) => front.never_lets_words_pass(&row.report.to_string()),
        (OperationKind::AddEvent, Some(event), _) => {
            front.never_lets_words_pass(&event.to_string())
        }
        (OperationKind::UploadAttachment, _, Some(upload)) => {
            front.never_lets_a_picture_pass(&upload.sha256.to_string())
        }
        _ => false,
    }
}

/// Stopped itself, or behind one that is.
fn is_behind(row: &Operation, stopped: &[&Operation], open: &[Operation]) -> bool {
    let mut first = row;
    for _ in 0..=open.len() {
        if stopped.iter().any(|one| one.id == first.id) {
            return true;
        }
        let before = first.follows.filter(|_| !first.is_free);
        match before.and_then(|id| open.iter().find(|one| one.id == id)) {
            Some(before) => first = before,
            None => return false,
        }
    }
    false
}
