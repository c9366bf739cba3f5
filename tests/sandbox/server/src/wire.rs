//! What a request's switches ask of its connection, and what the connection counts.
//!
//! One [`Wire`] belongs to one connection; the front sets it up for each request, the
//! [`Line`](crate::line::Line) under HTTP obeys and counts.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::journal::{End, Journal};

#[derive(Debug)]
pub(crate) struct Wire {
    journal: Arc<Journal>,
    state: Mutex<State>,
    cut: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// The journal's number of the exchange that is under way.
    number: Option<u64>,
    head_out: u64,
    body_out: u64,
    /// How much of the blank line that ends a head has been seen, 0 to 4.
    blank_line: u8,
    /// HTTP has taken the whole answer; what it still holds comes with the next flush.
    answer_whole: bool,
    /// Bytes a second, each way.
    bandwidth: Option<u64>,
    /// How many bytes of the answer may still pass.
    answer_left: Option<u64>,
    reset: bool,
}

impl Wire {
    pub(crate) fn new(journal: Arc<Journal>) -> Self {
        Self {
            journal,
            state: Mutex::new(State::default()),
            cut: Notify::new(),
        }
    }

    /// A new exchange on the connection: what its switches say, and nothing left of the last one.
    pub(crate) fn begin(&self, number: u64, bandwidth: Option<u64>, answer_bytes: Option<u64>) {
        self.settle(End::Answered);
        *self.state() = State {
            number: Some(number),
            bandwidth,
            answer_left: answer_bytes,
            ..State::default()
        };
    }

    /// Ends the connection now; with `reset` the peer gets an RST instead of a FIN.
    pub(crate) fn cut(&self, reset: bool) {
        self.state().reset |= reset;
        self.cut.notify_one();
    }

    pub(crate) fn will_reset(&self, reset: bool) {
        self.state().reset = reset;
    }

    pub(crate) async fn cut_asked(&self) {
        self.cut.notified().await;
    }

    pub(crate) fn resets(&self) -> bool {
        self.state().reset
    }

    pub(crate) fn bandwidth(&self) -> Option<u64> {
        self.state().bandwidth
    }

    /// How many bytes of the answer may still be written; `None` is no limit.
    pub(crate) fn answer_left(&self) -> Option<u64> {
        self.state().answer_left
    }

    /// Counts bytes of the answer that the connection has taken.
    pub(crate) fn wrote(&self, bytes: &[u8]) {
        let mut state = self.state();
        let passed = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if let Some(left) = &mut state.answer_left {
            *left = left.saturating_sub(passed);
        }
        let mut of_head = 0;
        for byte in bytes {
            if state.blank_line == 4 {
                break;
            }
            of_head += 1;
            state.blank_line = match (state.blank_line, byte) {
                (0 | 2, b'\r') => state.blank_line + 1,
                (1 | 3, b'\n') => state.blank_line + 1,
                (_, b'\r') => 1,
                _ => 0,
            };
        }
        state.head_out += of_head;
        state.body_out += passed - of_head;
    }

    pub(crate) fn answer_is_whole(&self) {
        self.state().answer_whole = true;
    }

    pub(crate) fn flushed(&self) {
        let whole = self.state().answer_whole;
        if whole {
            self.settle(End::Answered);
        }
    }

    /// The connection is gone.
    pub(crate) fn ended(&self) {
        let left = self.state().answer_left;
        let whole = self.state().answer_whole && left != Some(0);
        self.settle(if whole { End::Answered } else { End::Cut });
    }

    fn settle(&self, end: End) {
        let mut state = self.state();
        let Some(number) = state.number.take() else {
            return;
        };
        let (head_out, body_out) = (state.head_out, state.body_out);
        drop(state);
        self.journal.note(number, |entry| {
            entry.end = end;
            entry.head_out = head_out;
            entry.body_out = body_out;
            entry.took_ms = u64::try_from(entry.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
