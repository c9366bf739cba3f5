//! The books, once everything had its time: what phones call sent, taken back or done is so at
//! the gateway, whole, once, and in order.

use std::collections::BTreeMap;
use std::sync::Arc;

use lapor_core::engine::report::Phase;
use lapor_core::engine::sync::{Operation, OperationState, Reason};
use lapor_sandbox_rules::Gateway;

use crate::ledger::Case;
use crate::story::{Run, Violation, needed};
use crate::world::World;

impl World {
    /// Every accepted report is at the gateway, once, whole, and under its writer's account.
    pub(super) fn books(&mut self, number: usize, user: &str) -> Run<()> {
        let app = self.app(number)?;
        let mut mine = Vec::new();
        for case in &self.ledger.cases {
            if case.owner == user && case.is_due_on(number) {
                // The line must not be held here: the phone asks it for the time.
                let shown = needed(app.show(&case.key), "show")?;
                let pictures = case.pictures.get(&number).map_or(0, Vec::len);
                every_end_has_a_reason(&shown.operations, pictures, shown.events.len())?;
                let standing: Vec<String> = shown.operations.iter().map(in_words).collect();
                mine.push((case, shown.row.phase, standing));
            }
        }
        let wire = self.line.wire();
        for (case, phase, standing) in mine {
            compare(case, number, phase, &wire.gateway, &wire.tap.documents).map_err(
                |Violation(what)| {
                    Violation(format!(
                        "{what} (the phone: {}: {})",
                        phase.as_str(),
                        standing.join(", ")
                    ))
                },
            )?;
        }
        drop(wire);
        self.deeds(number, user)
    }
}

/// No operation ends without one; and there are no more than the report has parts.
fn every_end_has_a_reason(rows: &[Operation], pictures: usize, events: usize) -> Run<()> {
    let broken = |what: String| Err(Violation(what));
    if let Some(row) = rows
        .iter()
        .find(|row| row.state == OperationState::Ended && row.reason.is_none())
    {
        return broken(format!("{} ended, and nobody knows why", row.kind.as_str()));
    }
    // A picture that was taken off again before the report was sent anew has its own.
    if rows.len() > 2 + events + pictures + 10 {
        return broken(format!("a report has {} operations", rows.len()));
    }
    Ok(())
}

fn in_words(row: &Operation) -> String {
    let why = row.reason.as_ref().map_or("-", Reason::code);
    format!("{} {} {why}", row.kind.as_str(), row.state.as_str())
}

fn compare(
    case: &Case,
    number: usize,
    phase: Phase,
    gateway: &Gateway,
    documents: &BTreeMap<String, Arc<Vec<u8>>>,
) -> Run<()> {
    let broken = |what: &str| Err(Violation(format!("{} {what}", case.name)));
    let key = case.key.to_string();
    let row = needed(gateway.report(&key), "report")?;
    let alive = row.filter(|row| row.status != "withdrawn");
    match phase {
        Phase::Sent => {}
        Phase::Withdrawn if alive.is_some() => {
            return broken("was taken back and is at the service");
        }
        Phase::Withdrawn => return Ok(()),
        Phase::KeyTaken | Phase::Superseded if case.superseded => return Ok(()),
        // The service had refused it, and its writer wants it no more.
        Phase::Discarded if case.put_away.contains(&number) => return Ok(()),
        other => return broken(&format!("is still {} at the end", other.as_str())),
    }
    let Some(row) = alive else {
        if case.asked_back {
            return Ok(());
        }
        return broken("is called sent and the gateway has it not");
    };
    if row.creates != 1 {
        return broken(&format!("was created {} times", row.creates));
    }
    for sha in case.pictures.get(&number).into_iter().flatten() {
        let there = needed(gateway.attachment(&key, sha), "picture")?;
        if there.is_none() || there.as_ref() != documents.get(sha).map(Arc::as_ref) {
            return broken("has a picture that is not whole at the gateway");
        }
        if !row
            .attachments
            .iter()
            .any(|one| one.sha256 == *sha && one.stored)
        {
            return broken("has a picture that the gateway does not list");
        }
    }
    Ok(())
}
