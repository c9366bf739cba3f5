//! What a phone shows, read once for as long as nothing can have changed it.

use std::sync::Arc;

use lapor_core::client::Client;
use lapor_core::engine::sync::{Operation, Surroundings};
use lapor_core::store::{AccountRow, Filter, ReportRow};

use super::Phone;
use crate::story::{Run, needed};

/// All that whoever is signed in may see.
#[derive(Debug)]
pub(crate) struct Screen {
    pub(crate) account: AccountRow,
    /// All but the discarded, newest first.
    pub(crate) rows: Vec<ReportRow>,
    /// The outbox, in order.
    pub(crate) open: Vec<Operation>,
}

/// All that the screen follows from, but the time: as it goes by, waits get shorter and nothing
/// else changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    life: u64,
    /// Of its disk.
    changes: u64,
    /// Milliseconds by which its clock is ahead.
    skew: i64,
    surroundings: Surroundings,
}

#[derive(Debug)]
pub(super) struct Seen {
    state: State,
    /// True time, milliseconds since 1970.
    at: i64,
    screen: Arc<Screen>,
}

impl Phone {
    /// What it shows now.
    pub(crate) fn screen(&mut self) -> Run<Arc<Screen>> {
        self.look(true)
    }

    /// What it showed when anything but the time last changed.
    pub(crate) fn screen_at_rest(&mut self) -> Run<Arc<Screen>> {
        self.look(false)
    }

    /// What its person has put away: no screen but its own shows it.
    pub(crate) fn put_away(&mut self) -> Run<Vec<ReportRow>> {
        needed(self.app()?.list(Filter::Discarded, 1_000, None), "list")
    }

    /// Whoever is signed in, or was last.
    pub(crate) fn account(&mut self) -> Run<AccountRow> {
        let mut account = needed(self.app()?.account(), "account")?;
        if !account.user.is_empty() {
            self.names.insert(account.id, account.user.clone());
        } else if let Some(name) = self.names.get(&account.id) {
            // Damage has taken the name; who it is has not changed.
            account.user.clone_from(name);
        }
        Ok(account)
    }

    fn look(&mut self, now: bool) -> Run<Arc<Screen>> {
        let app = self.app()?;
        let (state, at) = self.state(&app);
        if let Some(seen) = &self.seen
            && seen.state == state
            && (seen.at == at || !now)
        {
            return Ok(Arc::clone(&seen.screen));
        }
        let open = needed(app.outbox(None), "outbox")?;
        let screen = Arc::new(Screen {
            account: self.account()?,
            rows: needed(app.list(Filter::All, 1_000, None), "list")?,
            open: open.into_iter().map(|(row, _)| row).collect(),
        });
        self.seen = Some(Seen {
            state,
            at,
            screen: Arc::clone(&screen),
        });
        Ok(screen)
    }

    fn state(&self, app: &Client) -> (State, i64) {
        let wire = self.line.wire();
        let state = State {
            life: self.disk.life(),
            changes: self.disk.changes(),
            skew: wire.airs.get(self.number).map_or(0, |air| air.skew),
            surroundings: app.surroundings(),
        };
        (state, wire.now)
    }
}
