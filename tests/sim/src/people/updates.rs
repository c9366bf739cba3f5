//! The app is updated: what the older one was refused is tried again at once.

use std::collections::BTreeMap;

use lapor_core::engine::calendar::Instant;
use lapor_core::engine::sync::{Operation, OperationState, Reason};

use crate::dice::Dice;
use crate::story::{Run, Violation};
use crate::world::World;

/// A gateway in trouble may keep it so long, milliseconds.
const AT_ONCE: u64 = 6 * 60_000;

/// What one person's outbox was refused when the app was updated: tries and the last one, by number.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    user: String,
    rows: BTreeMap<i64, (u32, Option<Instant>)>,
}

fn was_refused(row: &Operation) -> bool {
    let refused = matches!(row.reason, Some(Reason::Refused { .. } | Reason::UpdateApp));
    refused && row.state == OperationState::Paused
}

impl World {
    /// The app is updated from one whose store was of an older version.
    pub(crate) fn updates_the_app(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        // An app that was never opened has no store.
        let screen = self.phone(number)?.screen_at_rest()?;
        let version = 1 + dice.below(3) as u32;
        if self.phone(number)?.is_updated(version)? {
            self.tell(format!(
                "phone {number}: the app is updated, and its store is of version {version}"
            ));
            self.line.wire().event();
            let rows = screen.open.iter().filter(|row| was_refused(row));
            self.phone(number)?.refused = Some(Refused {
                user: screen.account.user.clone(),
                rows: rows
                    .map(|row| (row.id.0, (row.attempts, row.tried_at)))
                    .collect(),
            });
        }
        Ok(())
    }

    /// After the first whole sync since then. `met_a_later_contract`: it was told again that it speaks
    /// too old a contract.
    pub(crate) fn tries_again_after_an_update(
        &mut self,
        number: usize,
        met_a_later_contract: bool,
    ) -> Run<()> {
        let Some(refused) = self.phone(number)?.refused.take() else {
            return Ok(());
        };
        let screen = self.phone(number)?.screen()?;
        if screen.account.user != refused.user {
            return Ok(());
        }
        let now = Instant(self.phone_now(number));
        let untried = screen.open.iter().find(|row| {
            let before = refused.rows.get(&row.id.0);
            let told_again = row.reason == Some(Reason::UpdateApp) && met_a_later_contract;
            before == Some(&(row.attempts, row.tried_at))
                && was_refused(row)
                && !told_again
                && row.due.remaining(now) > AT_ONCE
        });
        match untried {
            Some(row) => Err(Violation(format!(
                "the app was updated, and {} that was refused before is not tried",
                row.kind.as_str()
            ))),
            None => Ok(()),
        }
    }
}
