//! What goes wrong in one run of a story, and its name on the command line.

use std::{fmt, str::FromStr};

use lapor_sim_vfs::{Failure, Fault, Lasts};

/// One run: numbers count from the story's first operation, 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Point {
    Fails {
        at: u64,
        how: Failure,
        lasts: Lasts,
    },
    /// A read fails.
    Unread {
        at: u64,
        lasts: Lasts,
    },
    Freeze {
        at: u64,
    },
    /// And again, at an operation of the recovery.
    FreezeTwice {
        at: u64,
        then: u64,
    },
}

impl Point {
    /// As the disk is told, with its counters as they are now.
    pub(crate) fn fault(self, changes: u64, looks: u64, seed: u64) -> Fault {
        match self {
            Self::Fails { at, how, lasts } => Fault::Fail {
                at: changes + at,
                how,
                lasts,
            },
            Self::Unread { at, lasts } => Fault::FailLook {
                at: looks + at,
                lasts,
            },
            Self::Freeze { at } | Self::FreezeTwice { at, .. } => Fault::Freeze {
                at: changes + at,
                seed: seed.wrapping_add(at),
            },
        }
    }

    pub(crate) fn is_for_ever(self) -> bool {
        matches!(
            self,
            Self::Fails {
                lasts: Lasts::ForEver,
                ..
            } | Self::Unread {
                lasts: Lasts::ForEver,
                ..
            }
        )
    }
}

fn word(lasts: Lasts) -> &'static str {
    match lasts {
        Lasts::Once => "once",
        Lasts::ForEver => "ever",
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Fails { at, how, lasts } => {
                let how = match how {
                    Failure::Error => "error",
                    Failure::Full => "full",
                };
                write!(f, "{how}-{}:{at}", word(lasts))
            }
            Self::Unread { at, lasts } => write!(f, "unread-{}:{at}", word(lasts)),
            Self::Freeze { at } => write!(f, "freeze:{at}"),
            Self::FreezeTwice { at, then } => write!(f, "freeze:{at}:{then}"),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error(
    "a point is error-once:N, error-ever:N, full-once:N, full-ever:N, unread-once:N, unread-ever:N, freeze:N or freeze:N:M"
)]
pub(crate) struct BadPoint;

impl FromStr for Point {
    type Err = BadPoint;

    fn from_str(text: &str) -> Result<Self, BadPoint> {
        let mut parts = text.split(':');
        let name = parts.next().ok_or(BadPoint)?;
        let mut number = || parts.next().map(|word| word.parse().map_err(|_| BadPoint));
        let at = number().ok_or(BadPoint)??;
        let then = number().transpose()?;
        let fails = |how, lasts| Self::Fails { at, how, lasts };
        Ok(match (name, then) {
            ("error-once", None) => fails(Failure::Error, Lasts::Once),
            ("error-ever", None) => fails(Failure::Error, Lasts::ForEver),
            ("full-once", None) => fails(Failure::Full, Lasts::Once),
            ("full-ever", None) => fails(Failure::Full, Lasts::ForEver),
            ("unread-once", None) => Self::Unread {
                at,
                lasts: Lasts::Once,
            },
            ("unread-ever", None) => Self::Unread {
                at,
                lasts: Lasts::ForEver,
            },
            ("freeze", None) => Self::Freeze { at },
            ("freeze", Some(then)) => Self::FreezeTwice { at, then },
            _ => return Err(BadPoint),
        })
    }
}
