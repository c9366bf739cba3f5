//! Starts a real `lapor` and ends it by SIGKILL at a random moment of its life.
//!
//! How long a command of a kind lives is measured on those that are left alone, so that the
//! moments lie between its first microseconds and its end. A kill that finds the process ended
//! is no kill.

use std::{
    collections::BTreeMap,
    io::Write,
    os::unix::process::ExitStatusExt,
    process::{Child, Stdio},
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use lapor_e2e::{Dice, Phone, Ran};
use serde_json::Value;

const SIGKILL: i32 = 9;
/// No command is waited for longer before it is killed.
const LONGEST: Duration = Duration::from_millis(1_500);

/// What became of a command.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) killed: bool,
    pub(crate) ran: Ran,
}

impl End {
    /// What it said before it ended: printed is promised, whatever came afterwards. A failure is
    /// no promise.
    pub(crate) fn told(&self) -> Option<Value> {
        let value: Value = serde_json::from_str(self.ran.out.trim()).ok()?;
        value.get("error").is_none().then_some(value)
    }
}

/// Kills so far and lifetimes, by kind of command.
#[derive(Debug, Default)]
pub(crate) struct Lives(Mutex<BTreeMap<&'static str, Life>>);

#[derive(Debug, Default, Clone)]
pub(crate) struct Life {
    pub(crate) kills: u64,
    /// Ended before the kill, or were left alone.
    pub(crate) ended: u64,
    /// Moving mean of those that were left alone.
    pub(crate) lasts: Duration,
    measured: u64,
}

impl Lives {
    fn with<T>(&self, kind: &'static str, change: impl FnOnce(&mut Life) -> T) -> T {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(all.entry(kind).or_default())
    }

    pub(crate) fn kills(&self) -> u64 {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().map(|life| life.kills).sum()
    }

    pub(crate) fn by_kind(&self) -> BTreeMap<&'static str, Life> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn count(&self, kind: &'static str, killed: bool) {
        self.with(kind, |life| {
            life.kills += u64::from(killed);
            life.ended += u64::from(!killed);
        });
    }

    /// When to kill; nothing when this one is left alone: the first of its kind, and one in seven.
    fn moment(&self, kind: &'static str, dice: &mut Dice) -> Option<Duration> {
        let lasts = self.with(kind, |life| (life.measured > 0).then_some(life.lasts))?;
        if dice.once_in(7) {
            return None;
        }
        let whole = u64::try_from(lasts.min(LONGEST).as_micros()).unwrap_or(u64::MAX);
        let micros = if dice.once_in(6) {
            // Before it has done anything: each power of two as likely as the next.
            let powers = u64::from(whole.max(2).ilog2()) + 1;
            1 << dice.between(0, powers)
        } else {
            dice.between(0, whole + whole / 8)
        };
        Some(Duration::from_micros(micros))
    }

    fn lasted(&self, kind: &'static str, took: Duration) {
        self.with(kind, |life| {
            life.measured += 1;
            life.lasts = if life.measured == 1 {
                took
            } else {
                (life.lasts * 7 + took) / 8
            };
        });
    }
}

/// Runs a command, most often not to its end.
pub(crate) fn strike(
    phone: &Phone,
    kind: &'static str,
    words: &[&str],
    stdin: Option<&str>,
    lives: &Lives,
    dice: &mut Dice,
) -> Result<End> {
    let moment = lives.moment(kind, dice);
    let began = Instant::now();
    let mut child = begin(phone, words, stdin)?;
    if let Some(moment) = moment {
        thread::sleep(moment.saturating_sub(began.elapsed()));
        // By its handle: a process that has ended is not reaped yet, so its id is still its own.
        child.kill().context("killing lapor")?;
    }
    let output = child.wait_with_output()?;
    let killed = output.status.signal() == Some(SIGKILL);
    if moment.is_none() {
        lives.lasted(kind, began.elapsed());
    }
    lives.count(kind, killed);
    Ok(End {
        killed,
        ran: output.into(),
    })
}

fn begin(phone: &Phone, words: &[&str], stdin: Option<&str>) -> Result<Child> {
    let mut command = phone.command(words)?;
    let Some(said) = stdin else {
        return command.spawn().context("starting lapor");
    };
    let mut child = command.stdin(Stdio::piped()).spawn()?;
    if let Some(mut pipe) = child.stdin.take() {
        // A program that ends early closes its end.
        let _closed = pipe.write_all(said.as_bytes());
    }
    Ok(child)
}
