//! What to do next: a pure function of what the store holds, the surroundings and the clock.

use super::{
    Network, NetworkNeed, NextWake, Operation, OperationKind, OperationState, OriginTrouble,
    Reason, SessionState, Surroundings, Task, Work,
    later::{Kind, Later},
    session,
    work::Account,
};
use crate::calendar::{Due, Instant};
use again::Turn;
use free::{is_being_taken_back, is_metered, pull_in, waits_for_the_question};
use pictures::next_of_pictures;

pub(super) use free::{due_in, may_go, needs_person};
pub(super) use pictures::upload_task;

mod again;
mod free;
mod pictures;

#[cfg(test)]
mod tests;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Send(Task),
    Wait(NextWake),
}

/// The most urgent thing that is due, or when to come back and why.
pub fn plan(work: &Work, surroundings: &Surroundings, now: Instant) -> Step {
    let open: Vec<&Operation> = work
        .operations
        .iter()
        .filter(|row| !row.state.is_finished())
        .collect();
    let Some(account) = &work.account else {
        return rest((!open.is_empty()).then_some(Reason::SignIn));
    };
    if account.session == SessionState::Ended {
        return rest((!open.is_empty()).then_some(Reason::SignIn));
    }
    let wish = wish(work, account, &open, surroundings, now);
    let task = match wish {
        Wish::Send(task) => task,
        Wish::Wait(wake) => return Step::Wait(wake),
    };
    match &work.origin.trouble {
        None => Step::Send(doubtful(task, work, surroundings)),
        Some(trouble) if trouble.due.is_due(now) => Step::Send(doubtful(task, work, surroundings)),
        Some(trouble) => {
            let captive = surroundings.captive == super::Captive::Yes;
            let remaining = trouble.due.remaining(now);
            Step::Wait(wait(remaining, Some(trouble.what.reason(captive))))
        }
    }
}

/// While the line is in doubt, a report that was never on the wire is not the one to try it
/// with: it would count as perhaps sent and could not be taken back in an instant any more. Nor
/// is a picture, which may live on another host: it tells nothing of the gateway.
fn doubtful(task: Task, work: &Work, surroundings: &Surroundings) -> Task {
    let unreached = match &work.origin.trouble {
        Some(trouble) => trouble.what.is_unreached(),
        None => surroundings.network == Network::None && !work.origin.is_proven,
    };
    let fresh = task
        .operation()
        .and_then(|id| work.operations.iter().find(|row| row.id == id))
        .is_some_and(|row| !row.maybe_sent && task.marks_maybe_sent());
    let picture = matches!(task, Task::UploadOffset { .. } | Task::UploadChunk { .. });
    if unreached && (fresh || picture) {
        question(work)
    } else {
        task
    }
}

/// Where somebody else answers, and answers again, it may be the probe alone that never comes through, from a cache
/// or by a rule for its path. From the third try on the feed has every second turn: it shows as well who is there.
fn question(work: &Work) -> Task {
    let feed_tells = work.origin.trouble.as_ref().is_some_and(|trouble| {
        matches!(trouble.what, OriginTrouble::NotLapor { .. })
            && trouble.failed > 1
            && trouble.failed.is_multiple_of(2)
    });
    match &work.account {
        Some(account) if feed_tells => Task::Pull {
            after: account.cursor.clone(),
        },
        _ => Task::Probe,
    }
}

/// Keys of one question.
const KNOWN_PAGE: usize = 100;

enum Wish {
    Send(Task),
    Wait(NextWake),
}

fn wish(
    work: &Work,
    account: &Account,
    open: &[&Operation],
    surroundings: &Surroundings,
    now: Instant,
) -> Wish {
    let unverified =
        !account.unverified_keys.is_empty() && work.origin.later_in(Kind::Known, now) == 0;
    let pull = pull_in(account, work, now) == 0;
    // What the feed is to be asked about first does not go in its place: a second 401 under a token that
    // nothing has proven would end the session.
    let is_held = |row: &Operation| (pull || account.refreshed) && session::is_on_trial(row);
    let due: Vec<&&Operation> = open
        .iter()
        .filter(|row| {
            may_go(row, work, surroundings) && due_in(row, work, now) == 0 && !is_held(row)
        })
        .collect();
    if account.session == SessionState::Expired && (unverified || pull || !due.is_empty()) {
        return Wish::Send(Task::Refresh);
    }
    // What the server forgot is a new report to it: find out before anything else. Where that fails, words go
    // meanwhile: the key makes it harmless that one of them is there already.
    if unverified {
        return Wish::Send(Task::Known {
            keys: account
                .unverified_keys
                .iter()
                .take(KNOWN_PAGE)
                .copied()
                .collect(),
        });
    }
    // A token that nothing has proven yet is tried with a question, not with an operation that
    // may have its own trouble with it.
    if pull && account.refreshed {
        return Wish::Send(Task::Pull {
            after: account.cursor.clone(),
        });
    }
    let due = match again::whose_turn(due, work, pull) {
        Turn::Of(due) => due,
        Turn::Question => return Wish::Send(Task::Probe),
    };
    let picture = || next_of_pictures(&due, work);
    if mutant!(PicturesFirst)
        && let Some(task) = picture()
    {
        return Wish::Send(task);
    }
    let first = |kinds: &[OperationKind]| in_turn(&due, kinds, work);
    if let Some(row) = first(&[OperationKind::CreateReport, OperationKind::Withdraw]) {
        return Wish::Send(match row.kind {
            OperationKind::Withdraw => Task::Withdraw {
                operation: row.id,
                report: row.report,
            },
            _ => Task::Create {
                operation: row.id,
                report: row.report,
            },
        });
    }
    if let Some(row) = first(&[OperationKind::AddEvent]) {
        return Wish::Send(Task::Event {
            operation: row.id,
            report: row.report,
        });
    }
    if let Some(row) = first(&[OperationKind::FetchCopy]) {
        return Wish::Send(Task::FetchCopy {
            operation: row.id,
            report: row.report,
        });
    }
    let picture = picture();
    // In trouble it has its turn among the others: it may be what fails.
    let is_late = work.origin.trouble.is_none() && is_late(account.pull_due, now);
    if pull && (picture.is_none() || is_late) {
        return Wish::Send(Task::Pull {
            after: account.cursor.clone(),
        });
    }
    if let Some(task) = picture {
        return Wish::Send(task);
    }
    Wish::Wait(nothing_due(account, open, work, surroundings, now))
}

/// The first in the outbox of those that stand before the others.
fn in_turn<'a>(
    due: &[&'a &'a Operation],
    kinds: &[OperationKind],
    work: &Work,
) -> Option<&'a &'a Operation> {
    let of_these = due.iter().copied().filter(|row| kinds.contains(&row.kind));
    of_these.min_by_key(|row| again::stands_behind(row, work))
}

/// News wait so long for pictures, milliseconds, and for the chunk that is then under way: asked for
/// between a report and its picture, they cost a round trip of idle line.
const NEWS_WAIT: u64 = 60_000;

fn is_late(due: Due, now: Instant) -> bool {
    let late = Due {
        delay: due.delay.saturating_add(NEWS_WAIT),
        ..due
    };
    late.is_due(now)
}

fn nothing_due(
    account: &Account,
    open: &[&Operation],
    work: &Work,
    surroundings: &Surroundings,
    now: Instant,
) -> NextWake {
    // A row that is due and yet has no task (its picture is not among the work) must not spin.
    let next = open
        .iter()
        .filter(|row| may_go(row, work, surroundings) && due_in(row, work, now) > 0)
        .min_by_key(|row| due_in(row, work, now));
    let mut asked_in = pull_in(account, work, now);
    let mut question = None;
    if !account.unverified_keys.is_empty() {
        asked_in = asked_in.min(work.origin.later_in(Kind::Known, now));
        question = work.origin.later.get(&Kind::Known).map(Later::reason);
    }
    match next {
        Some(row) => wait(
            due_in(row, work, now).min(asked_in),
            row.reason.clone().or(Some(Reason::NotTried)),
        ),
        None => wait(
            asked_in,
            standing_reason(open, work, surroundings).or(question),
        ),
    }
}

/// Why nothing goes by the clock: the person's turn, the price of the line, or another operation.
/// Nothing only when nothing is open.
fn standing_reason(
    open: &[&Operation],
    work: &Work,
    surroundings: &Surroundings,
) -> Option<Reason> {
    let person = open
        .iter()
        .find(|row| needs_person(row))
        .and_then(|row| row.reason.clone());
    let metered = || {
        open.iter()
            .any(|row| row.is_free && is_metered(row, work, surroundings))
            .then_some(Reason::Metered)
    };
    let other = || {
        open.first().map(|row| {
            if row.is_free {
                row.reason.clone().unwrap_or(Reason::NotTried)
            } else {
                Reason::Follows
            }
        })
    };
    person.or_else(metered).or_else(other)
}

fn wait(in_ms: u64, reason: Option<Reason>) -> NextWake {
    const BACKGROUND_CAP: u64 = 30 * 60_000;
    NextWake {
        in_ms,
        latest_ms: in_ms.max(BACKGROUND_CAP),
        network: NetworkNeed::Any,
        reason,
    }
}

/// Nothing to do by the clock.
fn rest(reason: Option<Reason>) -> Step {
    const DAY: u64 = 86_400_000;
    Step::Wait(NextWake {
        in_ms: DAY,
        latest_ms: DAY,
        network: NetworkNeed::None,
        reason,
    })
}

/// Is there nothing left that could go without the person? What is tried only daily counts as
/// left to the person.
pub fn is_idle(work: &Work) -> bool {
    let Some(account) = &work.account else {
        return true;
    };
    account.session == SessionState::Ended
        || (account.unverified_keys.is_empty()
            && !work
                .operations
                .iter()
                .any(|row| may_go_by_itself(row, work)))
}

/// Its time will come without the person: neither paused nor carried by the OS. What follows another
/// operation goes as soon as that one may, and is not counted besides.
fn may_go_by_itself(row: &Operation, work: &Work) -> bool {
    row.is_free
        && match row.state {
            OperationState::Waiting => true,
            OperationState::InFlight => row.owner.as_ref() == Some(&work.run),
            OperationState::Paused | OperationState::Done | OperationState::Ended => false,
        }
}

/// Will pictures want the line as soon as the words are through? Then their connection may be begun.
pub fn pictures_follow(work: &Work, surroundings: &Surroundings) -> bool {
    work.origin.trouble.is_none()
        && work.operations.iter().any(|row| {
            row.kind == OperationKind::UploadAttachment
                && row.state == OperationState::Waiting
                && !is_metered(row, work, surroundings)
                && !is_being_taken_back(row, work)
                && !waits_for_the_question(row, work)
        })
}

/// Is there anything that must not wait for a running picture?
pub fn more_urgent(work: &Work, surroundings: &Surroundings, now: Instant) -> bool {
    match plan(work, surroundings, now) {
        Step::Send(Task::Locate { .. } | Task::UploadOffset { .. } | Task::UploadChunk { .. })
        | Step::Wait(_) => false,
        Step::Send(Task::Pull { .. } | Task::Probe) => false,
        Step::Send(_) => true,
    }
}
