//! Which disk a path lies on. Asked when something is opened, renamed or removed, never for a
//! read or write of an open file.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError, RwLock, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::state::State;

/// All disks, in the namespace of paths.
pub(crate) const MOUNT: &str = "/lapor-sim";

pub(crate) struct Shared {
    pub(crate) number: u64,
    /// Changes with every freeze, kill and boot. What was opened in another life is dead.
    pub(crate) life: AtomicU64,
    state: Mutex<State>,
}

static DISKS: RwLock<BTreeMap<u64, Weak<Shared>>> = RwLock::new(BTreeMap::new());
static NEXT: AtomicU64 = AtomicU64::new(1);

impl Shared {
    pub(crate) fn new(state: State) -> std::sync::Arc<Self> {
        let shared = std::sync::Arc::new(Self {
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            life: AtomicU64::new(1),
            state: Mutex::new(state),
        });
        DISKS
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(shared.number, std::sync::Arc::downgrade(&shared));
        shared
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn life(&self) -> u64 {
        self.life.load(Ordering::SeqCst)
    }

    /// Whatever was opened until now is dead.
    pub(crate) fn end_of_life(&self) {
        self.life.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn mount(&self) -> PathBuf {
        Path::new(MOUNT).join(self.number.to_string())
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        DISKS
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.number);
    }
}

pub(crate) fn owns(path: &Path) -> bool {
    path.starts_with(MOUNT)
}

/// The disk of a path, and the path below its root.
pub(crate) fn find(path: &Path) -> Option<(std::sync::Arc<Shared>, &Path)> {
    let below = path.strip_prefix(MOUNT).ok()?;
    let mut parts = below.components();
    let number: u64 = parts.next()?.as_os_str().to_str()?.parse().ok()?;
    let disk = DISKS
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&number)?
        .upgrade()?;
    Some((disk, parts.as_path()))
}
