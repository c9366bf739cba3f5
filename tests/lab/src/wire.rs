//! The long wire: a program that carries IP packets between two TUN devices, late. Delay, its
//! jitter and black holes are made here; rate and loss are the kernel's (`line/up.sh`).
//!
//! Commands come on stdin, one a line: `rtt MS`, `spiky P50_MS P99_MS SEED` (the schedule of that seed,
//! from now on), `hole MS` (silence both ways from now on), `down`, `up`. The program ends with its stdin.

use std::{
    fs::File,
    io::{BufRead, Read, Write},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{dice::Dice, tun};

#[cfg(test)]
mod tests;

/// The devices' names: `phone` is the phone's side.
pub(crate) const PHONE_SIDE: &str = "wire-phone";
pub(crate) const SERVER_SIDE: &str = "wire-server";

/// How often a spiky line takes another delay: cells reschedule several times a second.
const REDRAW: Duration = Duration::from_millis(250);
/// What the way back of a spiky line takes; the rest of its round trip lies on the way up.
const SPIKY_BACK: Duration = Duration::from_millis(60);

/// Runs until stdin ends.
pub(crate) fn run() -> Result<()> {
    let phone = tun::open(PHONE_SIDE).context("making a TUN device")?;
    let server = tun::open(SERVER_SIDE).context("making a TUN device")?;
    let state = Arc::new(Mutex::new(State::new()));
    carry(phone.try_clone()?, server.try_clone()?, &state, Way::Up);
    carry(server, phone, &state, Way::Back);
    let mut out = std::io::stdout().lock();
    writeln!(out, "ready")?;
    out.flush()?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.obey(&line, Instant::now())?;
        // Answered, so that who asks knows from when on it holds.
        writeln!(out, "done")?;
        out.flush()?;
    }
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Back,
}

#[derive(Debug)]
enum Delay {
    /// One way.
    Even(Duration),
    /// Log-normal, given by two of its points. What it is at a moment depends on that moment alone, so
    /// that whoever sends what meets the same spikes.
    Spiky {
        p50: f64,
        p99: f64,
        dice: Dice,
        since: Instant,
    },
}

#[derive(Debug)]
struct State {
    delay: Delay,
    is_down: bool,
    hole_until: Option<Instant>,
}

impl State {
    fn new() -> Self {
        Self {
            delay: Delay::Even(Duration::ZERO),
            is_down: false,
            hole_until: None,
        }
    }

    fn obey(&mut self, line: &str, now: Instant) -> Result<()> {
        let words: Vec<&str> = line.split_whitespace().collect();
        match *words.as_slice() {
            ["rtt", ms] => self.delay = Delay::Even(Duration::from_millis(ms.parse()?) / 2),
            ["spiky", p50, p99, seed] => {
                self.delay = Delay::Spiky {
                    p50: p50.parse()?,
                    p99: p99.parse()?,
                    dice: Dice::new(seed.parse()?),
                    since: now,
                };
            }
            ["hole", ms] => self.hole_until = Some(now + Duration::from_millis(ms.parse()?)),
            ["down"] => self.is_down = true,
            ["up"] => self.is_down = false,
            _ => bail!("not a command of the wire: {line}"),
        }
        Ok(())
    }

    fn swallows(&self, now: Instant) -> bool {
        self.is_down || self.hole_until.is_some_and(|until| now < until)
    }

    fn delay(&self, way: Way, now: Instant) -> Duration {
        match &self.delay {
            Delay::Even(one_way) => *one_way,
            Delay::Spiky { .. } if way == Way::Back => SPIKY_BACK,
            Delay::Spiky {
                p50,
                p99,
                dice,
                since,
            } => {
                /// Of the dice, for one delay.
                const NUMBERS: u64 = 2;
                let redraws = now.duration_since(*since).as_millis() / REDRAW.as_millis();
                let redraws = u64::try_from(redraws).unwrap_or(u64::MAX);
                let mut dice = dice.after(redraws.wrapping_mul(NUMBERS));
                let trip = dice.log_normal(*p50, *p99);
                Duration::from_secs_f64(trip / 1000.0).saturating_sub(SPIKY_BACK)
            }
        }
    }
}

/// Two threads a way: one takes packets with the time at which they are due, one hands them over.
/// Order is kept, as one radio bearer keeps it: a late packet holds up those behind it.
fn carry(from: File, to: File, state: &Arc<Mutex<State>>, way: Way) {
    let (sender, receiver) = channel();
    let (taking, giving) = (Arc::clone(state), Arc::clone(state));
    thread::spawn(move || take(from, &sender, &taking, way));
    thread::spawn(move || give(to, &receiver, &giving));
}

type Held = (Instant, Vec<u8>);

fn take(mut from: File, sender: &Sender<Held>, state: &Mutex<State>, way: Way) {
    let mut packet = vec![0; 65_536];
    loop {
        let Ok(length) = from.read(&mut packet) else {
            return;
        };
        let now = Instant::now();
        let state = state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.swallows(now) {
            continue;
        }
        let due = now + state.delay(way, now);
        drop(state);
        let bytes = packet.get(..length).unwrap_or_default().to_vec();
        if sender.send((due, bytes)).is_err() {
            return;
        }
    }
}

fn give(mut to: File, receiver: &Receiver<Held>, state: &Mutex<State>) {
    for (due, bytes) in receiver {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let state = state.lock().unwrap_or_else(PoisonError::into_inner);
        // What was on its way when the hole opened is gone, too.
        if state.swallows(Instant::now()) {
            continue;
        }
        drop(state);
        // A device that is not up yet refuses: lost, as on any line.
        let _lost = to.write(&bytes);
    }
}
