use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

/// Stop, go, look again: how other threads reach a running sync.
#[derive(Default)]
pub(super) struct Gate {
    state: Mutex<State>,
    look: Notify,
}

#[derive(Default)]
struct State {
    cancelled: bool,
    suspended: bool,
}

impl Gate {
    /// Clears an old cancel; false while suspended.
    pub(super) fn enter(&self) -> bool {
        let mut state = self.state();
        state.cancelled = false;
        !state.suspended
    }

    pub(super) fn is_closed(&self) -> bool {
        let state = self.state();
        state.cancelled || state.suspended
    }

    pub(super) fn cancel(&self) {
        self.state().cancelled = true;
        self.nudge();
    }

    pub(super) fn suspend(&self) {
        self.state().suspended = true;
        self.nudge();
    }

    pub(super) fn resume(&self) {
        self.state().suspended = false;
    }

    /// Wakes a waiting sync; kept for the next wait when nobody waits now.
    pub(super) fn nudge(&self) {
        self.look.notify_one();
    }

    pub(super) async fn nudged(&self) {
        self.look.notified().await;
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
