//! What the service has: at most one report and one event a key, under nobody else's account,
//! nothing that never left, nothing public that its writer knows as taken back.

use std::collections::BTreeSet;

use super::broken;
use crate::ledger::{Case, Deed};
use crate::story::{Run, needed};
use crate::wire::Wire;
use crate::world::World;

impl World {
    /// Looks at what may have changed since the last look, and at nothing else.
    pub(crate) fn gateway_is_true(&mut self) -> Run<()> {
        let mut wire = self.line.wire();
        if let Some(what) = wire.violation.take() {
            return broken(what);
        }
        let dirty = std::mem::take(&mut wire.tap.dirty);
        let all = std::mem::take(&mut wire.tap.all_dirty);
        if !all && dirty.is_empty() {
            return Ok(());
        }
        let looked_at = |key: &str| all || dirty.contains(key);
        for case in &self.ledger.cases {
            if looked_at(&case.text) {
                report_is_true(&wire, case, self.ledger.restores)?;
            }
        }
        for deed in &self.ledger.deeds {
            if looked_at(&deed.text) {
                event_is_true(&wire, deed)?;
            }
        }
        nobody_else_wrote(&wire, &dirty, all)
    }
}

fn report_is_true(wire: &Wire, case: &Case, restores: u64) -> Run<()> {
    let creates = needed(wire.gateway.creates_of(&case.text), "creates")?;
    if creates > 1 {
        return broken(format!("{} was created {creates} times", case.name));
    }
    let Some(row) = needed(wire.gateway.report(&case.text), "report")? else {
        return match creates {
            0 => Ok(()),
            _ => broken(format!("{} was created and is gone", case.name)),
        };
    };
    let never_left = !case.never_left.is_empty() && case.copies.is_empty();
    if never_left || case.accepted.is_empty() && !wire.tap.was_submitted(&case.text) {
        return broken(format!("{} never left the phone, and is there", case.name));
    }
    if row.account != case.owner {
        return broken(format!("{} is there under {}", case.name, row.account));
    }
    let public = row.published && !row.secret && row.status != "withdrawn";
    if public && case.withdrawn_at == Some(restores) {
        return broken(format!("{} was taken back and is published", case.name));
    }
    if row.secret && row.published {
        return broken(format!("{} is secret and is published", case.name));
    }
    Ok(())
}

fn event_is_true(wire: &Wire, deed: &Deed) -> Run<()> {
    let times = needed(wire.gateway.events_of(&deed.text), "events")?;
    if times > 1 {
        return broken(format!("an event was taken {times} times"));
    }
    Ok(())
}

/// Every report there was begun by somebody of this world.
fn nobody_else_wrote(wire: &Wire, dirty: &BTreeSet<String>, all: bool) -> Run<()> {
    if all {
        let rows = needed(wire.gateway.reports(), "reports")?;
        return match rows.iter().find(|row| !wire.names.contains_key(&row.key)) {
            Some(row) => broken(format!(
                "#{} is there, and nobody wrote it",
                row.tracking_id
            )),
            None => Ok(()),
        };
    }
    match dirty.iter().find(|key| !wire.names.contains_key(*key)) {
        Some(key) if needed(wire.gateway.creates_of(key), "creates")? > 0 => {
            broken("a report is there, and nobody wrote it".to_owned())
        }
        _ => Ok(()),
    }
}
