//! What the screen says of reports that others have worked on is what the gateway says, once the
//! feed was asked: nothing is missed, and what is gone is gone.

use std::collections::BTreeMap;

use lapor_core::client::{SyncLimits, Until};
use lapor_core::engine::report::Phase;
use lapor_sandbox_rules::ReportRow;

use crate::desk::INSTITUTION;
use crate::people::OFFICER;
use crate::story::{Run, Violation, needed};
use crate::world::World;

impl World {
    /// Asks the feed, and compares.
    pub(crate) fn news(&mut self, number: usize, user: &str) -> Run<()> {
        let limits = SyncLimits {
            pull: true,
            ..SyncLimits::until(Until::NothingDue)
        };
        // A gateway that asked for peace gets it: nothing else waits, and so nothing waited for it.
        for _ in 0..8 {
            let report = self.sync_with(number, limits)?;
            let wait = match report {
                Some(report) if report.exchanges > 0 => break,
                Some(report) => report.next_wake.map_or(1_000, |wake| wake.in_ms),
                None => 1_000,
            };
            self.line.wire().now += i64::try_from(wait).unwrap_or(3_600_000);
        }
        let screen = self.phone(number)?.screen_at_rest()?;
        let shown = &screen.rows;
        let there: BTreeMap<String, ReportRow> =
            needed(self.line.wire().gateway.reports(), "reports")?
                .into_iter()
                .map(|row| (row.key.clone(), row))
                .collect();
        for row in shown.iter().filter(|row| row.phase == Phase::Sent) {
            let Some(real) = there.get(&row.key.to_string()) else {
                continue;
            };
            let sees = if user == OFFICER {
                real.institution.as_deref() == Some(INSTITUTION)
            } else {
                real.account == user
            };
            if !sees && !row.removed && !row.own {
                return self.untrue(
                    &real.key,
                    "is still on the screen of those it was taken from",
                );
            }
            let told = row.status.as_ref().map(|status| status.as_str().to_owned());
            if sees && real.status != "withdrawn" && told.as_deref() != Some(real.status.as_str()) {
                let told = told.unwrap_or_default();
                let what = format!("is called {told}, and is {}", real.status);
                return self.untrue(&real.key, &what);
            }
        }
        let known = |real: &&ReportRow| shown.iter().any(|row| row.key.to_string() == real.key);
        let officers = there.values().find(|real| {
            user == OFFICER
                && real.institution.as_deref() == Some(INSTITUTION)
                && real.status != "withdrawn"
                && !known(real)
        });
        match officers {
            Some(real) => self.untrue(&real.key, "was handed to an officer who does not see it"),
            None => Ok(()),
        }
    }

    fn untrue(&self, key: &str, what: &str) -> Run<()> {
        let name = self.line.wire().name(key);
        Err(Violation(format!("{name} {what}")))
    }
}
