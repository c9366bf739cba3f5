//! Seams for QA, absent without the feature `qa`: a clock that is off, and what a sync did.

use std::{fs::File, io::Write, path::Path, sync::Arc, time::Instant as Monotonic};

use lapor_core::{
    client::{ClientError, ClockSource, SyncEvent, system_clock},
    engine::calendar::{Clock, Instant},
    output::Guarded,
};
use serde_json::{Value, json};

use crate::exit::{Failure, FileRole};

#[cfg(test)]
mod tests;

/// How the phone's wall clock lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// It said this when the process began, and goes on from there.
    At(Instant),
    /// It is off by so many milliseconds.
    Off(i64),
}

impl Moment {
    pub(crate) fn clock(self) -> ClockSource {
        let system = system_clock();
        let off = match self {
            Self::At(at) => at.0.saturating_sub(system().wall.0),
            Self::Off(off) => off,
        };
        Arc::new(move || {
            let Clock { wall, boot } = system();
            Clock {
                wall: Instant(wall.0.saturating_add(off)),
                boot,
            }
        })
    }
}

/// `2026-11-22T08:00:00Z`, or a sign, a number and s, m, h, d or y.
pub(crate) fn moment(text: &str) -> Result<Moment, String> {
    const SECOND: i64 = 1000;
    const DAY: i64 = 86_400 * SECOND;
    if let Some(at) = Instant::parse_rfc3339(text) {
        return Ok(Moment::At(at));
    }
    let off = || -> Option<i64> {
        let (sign, rest) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+')?),
        };
        let unit = match rest.chars().last()? {
            's' => SECOND,
            'm' => 60 * SECOND,
            'h' => 3600 * SECOND,
            'd' => DAY,
            'y' => 365 * DAY,
            _ => return None,
        };
        let number: u32 = rest.get(..rest.len() - 1)?.parse().ok()?;
        i64::from(number).checked_mul(unit)?.checked_mul(sign)
    };
    off()
        .map(Moment::Off)
        .ok_or_else(|| "an instant such as 2026-11-22T08:00:00Z, or +10y, -3d, +90s".to_owned())
}

/// One JSON object a line; keys, numbers and words of the engine, nothing that a person wrote.
pub(crate) struct Trace {
    file: File,
    began: Monotonic,
}

impl Trace {
    /// Goes on in the file that is there, unless that is the store's or its key.
    pub(crate) fn open(path: &Path, guarded: &Guarded) -> Result<Self, Failure> {
        guarded.allows(path).map_err(ClientError::from)?;
        let file = File::options().append(true).create(true).open(path);
        file.map(|file| Self {
            file,
            began: Monotonic::now(),
        })
        .map_err(|error| Failure::File {
            what: FileRole::Trace,
            kind: error.kind(),
        })
    }

    pub(crate) fn write(&mut self, event: &SyncEvent) {
        let mut line = value(event);
        if let Some(fields) = line.as_object_mut() {
            fields.insert(
                "ms".to_owned(),
                json!(u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)),
            );
        }
        // At once: a kill leaves whole lines. A trace that cannot be written must not stop what it watches.
        let _ = self.file.write_all(format!("{line}\n").as_bytes());
    }
}

fn value(event: &SyncEvent) -> Value {
    match event {
        SyncEvent::Started { task, report } => {
            json!({ "event": "started", "task": task, "report": report })
        }
        SyncEvent::Ended {
            task,
            report,
            outcome,
            sent,
            took_ms,
        } => json!({
            "event": "ended", "task": task, "report": report, "outcome": outcome, "sent": sent, "took_ms": took_ms,
        }),
        SyncEvent::Picture {
            report,
            attachment,
            arrived,
            total,
        } => json!({
            "event": "picture", "report": report, "attachment": attachment, "arrived": arrived, "total": total,
        }),
        SyncEvent::Waiting(wake) => json!({
            "event": "waiting", "in_ms": wake.in_ms, "reason": wake.reason.as_ref().map(|reason| reason.code()),
        }),
    }
}
