//! Faults and weather as a story tells them.

use std::fmt::{self, Display};

use super::{Fault, Weather};

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::Pass => "goes through",
            Self::Offline => "there is no network",
            Self::Dns => "the name is not found",
            Self::Untrusted => "the certificate is not trusted",
            Self::Dates => "the certificate is outside its dates",
            Self::CutBefore => "cut before a byte arrives",
            Self::LoseAnswer => "the answer is lost",
            Self::Undecodable => "the answer's gzip ends in the middle",
            Self::TooLarge => "the answer never ends",
            Self::Injected => "a script stands in the answer",
            Self::Lagging => "a replica that lags behind answers",
            Self::CursorGone => "the cursor is called gone",
            Self::NothingNew => "it is said that there is nothing new",
            Self::Twice => "arrives twice, and the second answer comes back",
            Self::Stale => "an earlier answer comes once more",
            Self::Newer => "a gateway of a later contract answers",
            Self::Unreadable => "the store cannot give the bytes this once",
            Self::Garbage { marked: true } => "half an answer, with the contract's mark",
            Self::Garbage { marked: false } => "an answer of somebody else",
            Self::Kill { done: true } => "killed after the gateway has done it",
            Self::Kill { done: false } => "killed before it arrives",
            Self::Cancel { done: true } => "cancelled after the gateway has done it",
            Self::Cancel { done: false } => "cancelled before it arrives",
            Self::Portal(kind) => return write!(f, "a portal answers (page {kind})"),
            Self::CutAfter(bytes) => return write!(f, "cut after {bytes} bytes"),
            Self::TruncateAnswer(bytes) => {
                return write!(f, "the answer is cut after {bytes} bytes");
            }
            Self::Silence(bytes) => return write!(f, "silence after {bytes} bytes"),
            Self::StalledAnswer(bytes) => {
                return write!(f, "the answer stops after {bytes} bytes");
            }
            Self::Words(bytes) => return write!(f, "words come after {bytes} bytes of it"),
            Self::Proxy { after, again } => return proxy(f, *after, *again),
            Self::Marked {
                status,
                retry_after,
            } => return answers(f, "the gateway", *status, *retry_after),
            Self::Unmarked {
                status,
                retry_after,
            } => return answers(f, "a front end", *status, *retry_after),
            Self::Stopped { status } => return write!(f, "a front end stops it with {status}"),
            Self::Odd { status, marked } => {
                let mark = if *marked { "with" } else { "without" };
                return write!(
                    f,
                    "answered {status} out of turn, {mark} the contract's mark"
                );
            }
        };
        f.write_str(words)
    }
}

fn proxy(f: &mut fmt::Formatter<'_>, after: Option<i64>, again: Option<i64>) -> fmt::Result {
    f.write_str("sits in a proxy, which delivers it ")?;
    match (after, again) {
        (None, None) => f.write_str("never"),
        (Some(once), None) | (None, Some(once)) => write!(f, "in {} s", once / 1_000),
        (Some(once), Some(again)) => {
            write!(f, "in {} s and in {} s", once / 1_000, again / 1_000)
        }
    }
}

fn answers(
    f: &mut fmt::Formatter<'_>,
    who: &str,
    status: u16,
    retry_after: Option<&str>,
) -> fmt::Result {
    write!(f, "{who} answers {status}")?;
    match retry_after {
        Some(wait) => write!(f, " and asks for a wait of {wait:?}"),
        None => Ok(()),
    }
}

impl Display for Weather {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Good => "good",
            Self::Rough => "rough",
            Self::Dead => "dead",
            Self::Portal => "a portal's",
            Self::Untrusted => "not to be trusted",
            Self::SickGateway => "good, and the gateway is sick",
            Self::Cutting => "cut again and again",
        })
    }
}
