//! What a phone shows to whoever holds it: nothing is called sent before the gateway has it,
//! "taking it back" until that is answered, nothing of anybody else's, nothing gone.

use std::collections::BTreeMap;

use lapor_core::client::Client;
use lapor_core::engine::calendar::Instant;
use lapor_core::engine::report::Phase;
use lapor_core::engine::sync::OperationState;
use lapor_core::store::ReportRow;

use super::broken;
use crate::ledger::{Case, Deed};
use crate::people::OFFICER;
use crate::phone::Screen;
use crate::story::{Run, needed};
use crate::wire::Wire;
use crate::world::World;

impl World {
    /// What the phone shows to whoever is signed in, and what waits there.
    pub(crate) fn phone_is_true(&mut self, number: usize) -> Run<()> {
        let app = self.app(number)?;
        let screen = self.phone(number)?.screen_at_rest()?;
        let user = &screen.account.user;
        let restores = self.ledger.restores;
        let had_trouble = self.phone(number)?.had_trouble();
        let wire = self.line.wire();
        let now = Instant(wire.now + wire.airs.get(number).map_or(0, |air| air.skew));
        self.ledger
            .seen(number)
            .look(number, user, &screen.open, now, &wire, had_trouble)?;
        let mut shown: BTreeMap<[u8; 16], &ReportRow> = BTreeMap::new();
        for row in &screen.rows {
            if shown.insert(row.key.0, row).is_some() {
                return broken("a report is listed twice".to_owned());
            }
            waits_for_something(row)?;
        }
        drop(wire);
        for case in &mut self.ledger.cases {
            let row = shown.get(&case.key.0).copied();
            let own = case.owner == *user;
            if let Some(row) = row
                && !own
                && (row.own || user != OFFICER)
            {
                return broken(format!("{} is shown to somebody else", case.name));
            }
            if let Some(row) = row
                && case.forgotten.contains(&number)
                && is_back(case, row, &self.line.wire())
            {
                return broken(format!("{} was erased, and is there again", case.name));
            }
            if row.is_some()
                && own
                && case.erased_alone.contains(&number)
                && !self.ledger.salvaged.contains(&number)
            {
                return broken(format!(
                    "{} was erased here, and the feed brought it back",
                    case.name
                ));
            }
            if !own || !case.is_due_on(number) {
                continue;
            }
            let Some(row) = row else {
                if case.put_away.contains(&number) {
                    continue;
                }
                return missing(&app, case);
            };
            let now = case_is_true(case, row, number, restores, &self.line.wire())?;
            // The line must not be held here: the phone asks it for the time.
            renumbered(case, now, number, &app)?;
        }
        self.deeds_are_true(number, &app, &screen)?;
        self.room_is_kept(number)
    }

    /// What was done to a report waits no more: then the gateway has said that it has it.
    fn deeds_are_true(&mut self, number: usize, app: &Client, screen: &Screen) -> Run<()> {
        let user = &screen.account.user;
        let of_it = |deed: &&mut Deed| deed.phone == number && deed.user == *user && !deed.gone;
        for deed in self.ledger.deeds.iter_mut().filter(of_it) {
            let waits = screen.open.iter().any(|row| row.event == Some(deed.key));
            let looked_at = std::mem::replace(&mut deed.at_rest, !waits);
            if waits || looked_at {
                continue;
            }
            let Ok(shown) = app.show(&deed.report) else {
                continue;
            };
            let done = shown
                .events
                .iter()
                .any(|event| event.key == deed.key && event.state == OperationState::Done);
            let wire = self.line.wire();
            if done && !wire.tap.was_confirmed(&deed.text) {
                let name = wire.name(&deed.text);
                return broken(format!("{name} is called done, and nobody said so"));
            }
        }
        Ok(())
    }
}

/// What only this phone can have had. What the service knows its feed may tell again.
fn is_back(case: &Case, row: &ReportRow, wire: &Wire) -> bool {
    let here = matches!(row.phase, Phase::Draft | Phase::Discarded | Phase::Queued);
    here && !wire.tap.was_confirmed(&case.text)
}

fn waits_for_something(row: &ReportRow) -> Run<()> {
    let waits = matches!(row.phase, Phase::Queued | Phase::Withdrawing);
    if waits && row.standing.as_ref().is_none_or(|one| one.reason.is_none()) {
        return broken(format!(
            "a report is {} and nobody knows why",
            row.phase.as_str()
        ));
    }
    let pictures = row.pictures;
    if pictures.stored + pictures.lost > pictures.total || pictures.bytes_uploaded > pictures.bytes
    {
        return broken("more of a report's pictures is there than it has".to_owned());
    }
    Ok(())
}

fn missing(app: &Client, case: &Case) -> Run<()> {
    match app.show(&case.key) {
        Ok(shown) => broken(format!(
            "{} was accepted and is {}",
            case.name,
            shown.row.phase.as_str()
        )),
        Err(_) => broken(format!("{} was accepted and is gone", case.name)),
    }
}

/// Gives the tracking id that is shown.
fn case_is_true(
    case: &mut Case,
    row: &ReportRow,
    number: usize,
    restores: u64,
    wire: &Wire,
) -> Run<Option<String>> {
    let name = &case.name;
    let tap = &wire.tap;
    let taken = (number, case.text.clone());
    match row.phase {
        Phase::Discarded => return broken(format!("{name} was accepted and is put away")),
        Phase::Draft => return broken(format!("{name} was accepted and is a draft")),
        Phase::Sent if !tap.was_confirmed(&case.text) => {
            return broken(format!("{name} is called sent, and never was"));
        }
        Phase::Sent | Phase::Queued if tap.taken_back.contains(&taken) => {
            return broken(format!(
                "{name} was taken back, and is {} again",
                row.phase.as_str()
            ));
        }
        Phase::Withdrawn | Phase::Withdrawing if !case.asked_back => {
            return broken(format!("{name} is taken back, and nobody asked"));
        }
        Phase::Withdrawn
            if !case.never_left.contains(&number) && !tap.was_taken_back(&case.text) =>
        {
            return broken(format!("{name} is called taken back, and nobody said so"));
        }
        Phase::Rejected if !tap.said(&case.text, "PUT", 422) => {
            return broken(format!("{name} is called refused, and never was"));
        }
        Phase::Superseded if !case.superseded => {
            return broken(format!("{name} goes on as another, and nobody wished that"));
        }
        Phase::KeyTaken | Phase::Superseded
            if !tap.said(&case.text, "PUT", 409)
                && !tap.said(&case.text, "DELETE", 409)
                && !tap.was_confirmed(&case.text) =>
        {
            return broken(format!("{name} is called taken, and never was"));
        }
        _ => {}
    }
    let pictures = case.pictures.get(&number).map_or(&[][..], Vec::as_slice);
    let stored = usize::try_from(row.pictures.stored).unwrap_or(usize::MAX);
    if stored > tap.stored(&case.text, pictures) {
        return broken(format!(
            "{stored} pictures of {name} are called stored, and the gateway never said so"
        ));
    }
    // What damage takes is not due here any more; besides it only a restore takes what was given back.
    if row.pictures.lost > 0 && restores == 0 {
        return broken(format!(
            "pictures of {name} are called lost, and nothing took them"
        ));
    }
    case.withdrawn_at = match (row.phase, case.withdrawn_at) {
        // What one phone takes back in an instant its copy may still send: nobody knows.
        (Phase::Withdrawn, None) if !tap.was_taken_back(&case.text) && !case.copies.is_empty() => {
            None
        }
        (Phase::Withdrawn, None) => Some(restores),
        (Phase::Withdrawn, then) => then,
        _ => None,
    };
    let now = row.tracking_id.as_ref().map(|id| id.0.clone());
    if let Some(id) = &now
        && !tap.named(&case.text, id)
    {
        return broken(format!("{name} shows a tracking id that nobody gave it"));
    }
    Ok(now)
}

/// A tracking id that was shown stays known for ever, also when the service gives another.
fn renumbered(case: &mut Case, now: Option<String>, number: usize, app: &Client) -> Run<()> {
    let before = case.tracking.get(&number).cloned().unwrap_or_default();
    if before.last() == now.as_ref() {
        return Ok(());
    }
    if !before.is_empty() {
        let shown = needed(app.show(&case.key), "show")?;
        let known = |id: &String| {
            now.as_ref() == Some(id) || shown.prior_tracking_ids.iter().any(|prior| prior.0 == *id)
        };
        if now.is_none() || !before.iter().all(known) {
            return broken(format!("{} lost its tracking id", case.name));
        }
    }
    if let Some(id) = now {
        let seen = case.tracking.entry(number).or_default();
        seen.retain(|one| *one != id);
        seen.push(id);
    }
    Ok(())
}
