//! What a promise that was broken is called.

use std::fmt;

/// How a promise was broken; each is counted by itself in the last line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Something accepted is not there (any more), or not as it was.
    Lost,
    /// Something is there more often than once.
    Twice,
    /// Called sent, stored or done while the gateway does not have it.
    FalseSuccess,
    /// The next command does not work, a store was set aside, the contract was not kept.
    Other,
}

/// A broken promise. Says keys and states, never what a report says.
#[derive(Debug, Clone)]
pub(crate) struct Broken {
    pub(crate) kind: Kind,
    pub(crate) what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.what)
    }
}

impl std::error::Error for Broken {}

pub(crate) fn broken(kind: Kind, what: impl Into<String>) -> anyhow::Error {
    Broken {
        kind,
        what: what.into(),
    }
    .into()
}

/// Ends with a broken promise unless it holds.
macro_rules! hold {
    ($kind:expr, $holds:expr, $($what:tt)+) => {
        if !$holds {
            return Err($crate::broken::broken($kind, format!($($what)+)));
        }
    };
}
pub(crate) use hold;
