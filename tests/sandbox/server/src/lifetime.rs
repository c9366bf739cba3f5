//! When the sandbox stops by itself: a signal, the end of its parent, or its time.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

/// How often the parent is looked for.
const LOOK: Duration = Duration::from_millis(250);

/// Returns, with the reason, when the process shall end.
pub(crate) async fn over(parent: Option<u32>, longest: Duration) -> &'static str {
    tokio::select! {
        () = told(SignalKind::terminate()) => "told to stop",
        () = told(SignalKind::interrupt()) => "interrupted",
        () = gone(parent) => "the parent is gone",
        () = tokio::time::sleep(longest) => "its time is over",
    }
}

async fn told(kind: SignalKind) {
    match signal(kind) {
        Ok(mut signals) => {
            signals.recv().await;
        }
        // Without a handler the system's own way applies: the signal ends the process.
        Err(_) => std::future::pending().await,
    }
}

async fn gone(parent: Option<u32>) {
    let Some(parent) = parent else {
        return std::future::pending().await;
    };
    let direct = std::os::unix::process::parent_id() == parent;
    loop {
        let lives = if direct {
            // An orphan gets another parent, also when its own has not been buried yet.
            std::os::unix::process::parent_id() == parent
        } else {
            runs(parent)
        };
        if !lives {
            return;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Whether a process runs. Where there is no `/proc`, only a direct parent can be watched.
fn runs(pid: u32) -> bool {
    if !std::path::Path::new("/proc/self/stat").exists() {
        return true;
    }
    match std::fs::read_to_string(format!("/proc/{pid}/stat")) {
        // "pid (name) state ...": a zombie has ended, its parent only has not looked yet.
        Ok(stat) => stat
            .rsplit_once(") ")
            .is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X'])),
        Err(_) => false,
    }
}
