//! The phone's network came or went: what waits because of what stood between it and the gateway.

use super::{Change, Network, Operation, OperationState, Reason, Work, backoff::jitter};
use crate::calendar::{Due, Instant};

#[cfg(test)]
mod tests;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
/// An operation that met trouble of its own on the last network goes within this on a new one.
const SOON: u64 = 3 * SECOND;
/// At most this often where nobody was reached.
const UNREACHED_EVERY: u64 = 2 * SECOND;
/// A network that comes and goes all day is no reason to send bytes more often than this that somebody
/// on the way refused.
const REFUSED_EVERY: u64 = 15 * MINUTE;

/// A network that came: what could not be reached may be within reach, and what somebody on the way
/// refused may meet nobody. One that went: since when is kept, since whoever was silent for long
/// enters with many others.
pub fn network_changed(work: &Work, before: Network, after: Network, now: Instant) -> Vec<Change> {
    let came = after == Network::Up && before != Network::Up;
    let went = after == Network::None && before != Network::None;
    let origin = if came {
        work.origin.network_came(now, &work.install_secret)
    } else if went {
        work.origin.network_went(now)
    } else {
        return Vec::new();
    };
    let mut changes = Vec::new();
    if origin != work.origin {
        changes.push(Change::Origin(origin));
    }
    if came {
        changes.extend(
            work.operations
                .iter()
                .filter_map(|row| sooner(row, work, now)),
        );
    }
    changes
}

/// An operation that waits because of the way that its bytes took.
fn sooner(row: &Operation, work: &Work, now: Instant) -> Option<Change> {
    if row.state != OperationState::Waiting {
        return None;
    }
    let every = at_most_every(row.reason.as_ref()?)?;
    let since_tried = row.tried_at.and_then(|tried| now.since(tried));
    let rest = every.saturating_sub(since_tried.unwrap_or(0));
    let seed = [work.install_secret.as_slice(), &row.id.0.to_be_bytes()].concat();
    let delay = rest.saturating_add(jitter(&seed, row.streak, SOON));
    (delay < row.due.remaining(now)).then(|| Change::Sooner {
        operation: row.id,
        due: Due::after(now, delay),
    })
}

/// Milliseconds, where the gateway has not spoken. The statuses of a gateway in trouble say nothing of the way.
fn at_most_every(reason: &Reason) -> Option<u64> {
    match reason {
        Reason::Offline | Reason::ClockWrong | Reason::Untrusted | Reason::SignInToWifi => {
            Some(UNREACHED_EVERY)
        }
        Reason::NotLapor { .. } => Some(REFUSED_EVERY),
        Reason::Poison { status } if *status < 500 => Some(REFUSED_EVERY),
        _ => None,
    }
}
