use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::Notify;

#[cfg(test)]
mod tests;

/// Stop, go, look again: how other threads reach a running sync.
#[derive(Default)]
pub(super) struct Gate {
    state: Mutex<State>,
    look: Notify,
}

#[derive(Default)]
struct State {
    /// How often everything that was asked for was ended.
    ends: u64,
    suspended: bool,
}

/// A sync that somebody asked for ([`super::Client::ask_for_sync`]). A cancel or a suspend ends what was
/// asked for before it, whether that has begun or not, and nothing that is asked for later.
#[derive(Debug, Clone)]
pub struct Asked {
    ends: u64,
    given_up: Arc<AtomicBool>,
    /// From then on its time runs, by the clock that never goes back.
    pub(super) boot: u64,
}

impl Gate {
    pub(super) fn ask(&self, boot: u64) -> Asked {
        Asked {
            ends: self.state().ends,
            given_up: Arc::default(),
            boot,
        }
    }

    pub(super) fn is_suspended(&self) -> bool {
        self.state().suspended
    }

    pub(super) fn is_over(&self, asked: &Asked) -> bool {
        let state = self.state();
        state.suspended || state.ends != asked.ends || asked.given_up.load(Ordering::Acquire)
    }

    /// Nobody waits for this one any more; whatever else runs goes on.
    pub(super) fn give_up(&self, asked: &Asked) {
        asked.given_up.store(true, Ordering::Release);
        self.nudge();
    }

    pub(super) fn cancel(&self) {
        self.end(|_| {});
    }

    /// Also what it ends stays ended when the app wakes at once.
    pub(super) fn suspend(&self) {
        self.end(|state| state.suspended = true);
    }

    pub(super) fn resume(&self) {
        self.state().suspended = false;
    }

    fn end(&self, how: impl FnOnce(&mut State)) {
        let mut state = self.state();
        state.ends = state.ends.wrapping_add(1);
        how(&mut state);
        drop(state);
        self.nudge();
    }

    /// Wakes a waiting sync; kept for the next wait when nobody waits now.
    pub(super) fn nudge(&self) {
        self.look.notify_one();
    }

    pub(super) async fn nudged(&self) {
        self.look.notified().await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
