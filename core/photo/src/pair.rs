//! The thread that asked, and at most one beside it while the work lasts.
//!
//! Where the system has no thread left, the one does the work of both: that costs time and no picture. A
//! panic of either is the caller's: half of a work is never taken for all of it.

use std::panic::resume_unwind;
use std::thread::{Builder, Scope, ScopedJoinHandle};

/// Whether there may be one beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pair(pub(crate) bool);

impl Pair {
    /// Both at the same time, or one after the other.
    pub(crate) fn both<A, B: Send>(
        self,
        one: impl FnOnce() -> A,
        other: impl Fn() -> B + Sync,
    ) -> (A, B) {
        if !self.0 {
            return (one(), other());
        }
        std::thread::scope(|scope| {
            let beside = spawned(scope, &other);
            let mine = one();
            let theirs = match beside.map(ScopedJoinHandle::join) {
                Some(Ok(theirs)) => theirs,
                Some(Err(panic)) => resume_unwind(panic),
                None => other(),
            };
            (mine, theirs)
        })
    }
}

/// `None` where none could be had; nothing of `work` was done then.
pub(crate) fn spawned<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Option<ScopedJoinHandle<'scope, T>> {
    #[cfg(test)]
    if tests::NONE_LEFT.get() {
        return None;
    }
    Builder::new().spawn_scoped(scope, work).ok()
}

#[cfg(test)]
pub(crate) mod tests;
