//! A bit of a store flips while its phone lies there: what was on that page is lost at most, its
//! person is told what, and everything else goes on as if nothing had been.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lapor_core::engine::report::ReportKey;
use lapor_core::store::{Loss, LossKind, ReportRow};

use crate::dice::Dice;
use crate::ledger::Deed;
use crate::phone::Screen;
use crate::story::{Run, Violation};
use crate::world::World;

/// Rows of reports that fit on one page at most: 4096 bytes, and the shortest row here.
const A_PAGE: usize = 24;

/// What a person knows a report by.
pub(super) type Look = (String, Option<String>, u32);

pub(super) fn look(row: &ReportRow) -> Look {
    let tracking = row.tracking_id.as_ref().map(|id| id.0.clone());
    (row.title.clone(), tracking, row.pictures.total)
}

fn looks(screen: &Screen, put_away: &[ReportRow]) -> BTreeMap<ReportKey, Look> {
    let rows = screen.rows.iter().chain(put_away);
    rows.map(|row| (row.key, look(row))).collect()
}

impl World {
    pub(crate) fn a_bit_flips(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        let before = self.phone(number)?.screen_at_rest()?;
        let was = looks(&before, &self.phone(number)?.put_away()?);
        self.phone(number)?.close();
        let Some(place) = self.phone(number)?.flip(dice, false) else {
            return Ok(());
        };
        self.line.wire().event();
        self.tell(format!("phone {number}: a bit flips in {place}"));
        let losses = self.phone(number)?.looks_closely()?;
        let Some(losses) = losses else {
            return self.is_as_before(number, &before, &was, &[], true);
        };
        self.tell(format!(
            "phone {number}: its store was damaged, {} losses are named",
            losses.len()
        ));
        self.is_as_before(number, &before, &was, &losses, true)?;
        self.takes_leave(number, &losses);
        Ok(())
    }

    /// Whatever is not named is there, and looks as it did, unless it has lived on meanwhile.
    pub(super) fn is_as_before(
        &mut self,
        number: usize,
        before: &Arc<Screen>,
        was: &BTreeMap<ReportKey, Look>,
        losses: &[Loss],
        at_rest: bool,
    ) -> Run<()> {
        let after = self.phone(number)?.screen_at_rest()?;
        if after.account.user != before.account.user {
            let told = losses.iter().any(|loss| loss.what == LossKind::Account);
            return match told && after.account.user.is_empty() {
                true => Ok(()),
                false => Err(Violation(
                    "a bit has flipped, and somebody else is signed in".to_owned(),
                )),
            };
        }
        let named: BTreeSet<ReportKey> = losses.iter().filter_map(|loss| loss.report).collect();
        let nameless = losses
            .iter()
            .filter(|loss| loss.what == LossKind::Report && loss.report.is_none())
            .count();
        let is = looks(&after, &self.phone(number)?.put_away()?);
        let mut missed = 0;
        for (key, look) in was {
            let is_same = is.get(key).is_some_and(|now| now == look || !at_rest);
            if is_same || named.contains(key) {
                continue;
            }
            missed += 1;
            let name = self.line.wire().name(&key.to_string());
            if missed > nameless {
                return Err(Violation(format!(
                    "a bit has flipped, {name} is not what it was, and nobody was told"
                )));
            }
        }
        let gone = losses
            .iter()
            .filter(|loss| matches!(loss.what, LossKind::Report | LossKind::Body))
            .count();
        if gone > A_PAGE {
            return Err(Violation(format!("one bit has cost {gone} reports")));
        }
        // Accepted words are kept twice, and no two copies lie on one page. Of a refused report only
        // what its writer makes of it counts.
        let kept_twice = |key: &ReportKey| {
            let row = before.rows.iter().find(|row| row.key == *key);
            row.is_some_and(|row| !row.phase.is_editable())
        };
        let accepted = self.ledger.cases.iter().find(|case| {
            let lost = |loss: &Loss| loss.what == LossKind::Report && loss.report == Some(case.key);
            // Somebody else on this phone may have it from the feed, and has it from there again.
            let own = case.owner == before.account.user && kept_twice(&case.key);
            case.is_due_on(number) && own && losses.iter().any(lost)
        });
        match accepted {
            Some(case) => Err(Violation(format!(
                "{} was accepted, and one bit has cost it",
                case.name
            ))),
            None => Ok(()),
        }
    }

    /// The ledger forgets what was named as lost, and what nobody can know any more.
    pub(crate) fn takes_leave(&mut self, number: usize, losses: &[Loss]) {
        let mut wire = self.line.wire();
        for loss in losses {
            let Some(case) = loss.report.and_then(|key| self.ledger.case(&key)) else {
                continue;
            };
            case.gone.insert(number);
            wire.tap.taken_back.remove(&(number, case.text.clone()));
            wire.tap.lost(number, &case.text);
            let of_it = |deed: &&mut Deed| deed.phone == number && Some(deed.report) == loss.report;
            for deed in self.ledger.deeds.iter_mut().filter(of_it) {
                deed.gone = true;
            }
        }
        wire.tap.forgets_withdrawals(number);
        // What the OS carries is unknown to the new store.
        self.jobs.retain(|job| job.phone != number);
        wire.sessions.is_lost(number);
        drop(wire);
        // Numbers that were given before stay known only as far as their row could be read.
        for case in &mut self.ledger.cases {
            if let Some(ids) = case.tracking.get_mut(&number) {
                let last = ids.pop();
                ids.clear();
                ids.extend(last);
            }
        }
        self.ledger.salvaged.insert(number);
        self.ledger.seen(number).is_salvaged();
    }
}
