//! What was asked and answered, for QA: numbers and keys, never a body, a token or the address of an upload.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::route::Route;

/// How many requests are kept.
const KEPT: usize = 1000;

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum End {
    /// Not answered yet.
    Open,
    Answered,
    /// The connection ended before the answer was out, by a switch or by the client.
    Cut,
}

/// One request. Byte counts are HTTP's own, without TLS and TCP.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Entry {
    pub(crate) number: u64,
    /// By the gateway's clock, UTC.
    pub(crate) at: String,
    pub(crate) method: String,
    pub(crate) route: Route,
    /// Key of the report that it is about.
    pub(crate) report: Option<String>,
    /// What the answer said, or would have said when `end` is `cut`.
    pub(crate) status: Option<u16>,
    pub(crate) end: End,
    pub(crate) head_in: u64,
    pub(crate) body_in: u64,
    pub(crate) head_out: u64,
    pub(crate) body_out: u64,
    /// Milliseconds from the request's head to the end of the answer.
    pub(crate) took_ms: u64,
    /// The switches that were applied.
    pub(crate) fault: Vec<String>,
    /// User name, when the token is one that this process has given.
    pub(crate) account: Option<String>,
    #[serde(skip)]
    pub(crate) began: std::time::Instant,
}

#[derive(Debug, Default)]
pub(crate) struct Journal {
    pages: Mutex<Pages>,
}

#[derive(Debug, Default)]
struct Pages {
    last: u64,
    entries: VecDeque<Entry>,
}

impl Journal {
    /// Keeps the entry under the next number and returns that.
    pub(crate) fn begin(&self, mut entry: Entry) -> u64 {
        let mut pages = self.pages();
        pages.last += 1;
        entry.number = pages.last;
        if pages.entries.len() == KEPT {
            pages.entries.pop_front();
        }
        pages.entries.push_back(entry);
        pages.last
    }

    pub(crate) fn note(&self, number: u64, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self
            .pages()
            .entries
            .iter_mut()
            .rev()
            .find(|entry| entry.number == number)
        {
            change(entry);
        }
    }

    /// Entries with a number above `after`, oldest first.
    pub(crate) fn after(&self, after: u64) -> Vec<Entry> {
        self.pages()
            .entries
            .iter()
            .filter(|entry| entry.number > after)
            .cloned()
            .collect()
    }

    pub(crate) fn last(&self) -> u64 {
        self.pages().last
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
