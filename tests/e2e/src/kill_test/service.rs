//! The gateway all phones talk to: its weather, its deaths, and its desk, by the admin calls.

use std::{
    path::Path,
    sync::{
        Mutex, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;
use lapor_e2e::{Dice, Gateway};
use serde_json::{Value, json};

use crate::{
    broken::{Kind, hold},
    ledger::{list, text},
};

/// One weather lasts so long, milliseconds from and to.
const WEATHER: (u64, u64) = (200, 1_000);

pub(crate) struct Service {
    gateway: RwLock<Gateway>,
    /// Reports that a phone calls sent: the desk takes some of them up.
    arrived: Mutex<Vec<String>>,
    pub(crate) deaths: AtomicU64,
    /// Milliseconds with some fault switched on.
    pub(crate) bad_ms: AtomicU64,
}

impl Service {
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        Ok(Self {
            gateway: RwLock::new(Gateway::start(&folder.join("gateway.db"))?),
            arrived: Mutex::default(),
            deaths: AtomicU64::new(0),
            bad_ms: AtomicU64::new(0),
        })
    }

    /// Alive as long as this is held.
    fn alive(&self) -> RwLockReadGuard<'_, Gateway> {
        self.gateway.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn url(&self) -> String {
        self.alive().url().to_owned()
    }

    pub(crate) fn see(&self, path: &str) -> Result<Value> {
        self.alive().see(path)
    }

    pub(crate) fn bytes(&self, path: &str) -> Result<Vec<u8>> {
        self.alive().bytes(path)
    }

    pub(crate) fn heal(&self) -> Result<()> {
        self.alive().faults(&[])
    }

    pub(crate) fn arrived(&self, report: &str) {
        self.arrived
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(report.to_owned());
    }

    /// Every request and answer so far was the contract's.
    pub(crate) fn kept_the_contract(&self) -> Result<()> {
        let seen = self.see("violations")?;
        let found = list(&seen, "violations");
        let first = found.first().map(Value::to_string).unwrap_or_default();
        hold!(
            Kind::Other,
            found.is_empty() && seen.get("checked") == Some(&json!(true)),
            "{} exchanges against the contract: {first}",
            found.len()
        );
        Ok(())
    }

    /// Changes the weather until `stop`: a third of the time it is fair; now and then the process
    /// is killed and another one starts on the same store.
    pub(crate) fn weather(&self, stop: &AtomicBool, dice: &mut Dice) -> Result<()> {
        while !stop.load(Ordering::SeqCst) {
            if dice.once_in(4) {
                self.dies()?;
            }
            let faults = weather(dice);
            let bad = !faults.is_empty();
            self.alive().faults(&faults)?;
            if dice.once_in(2) {
                self.desk(dice)?;
            }
            let began = Instant::now();
            let lasts = Duration::from_millis(dice.between(WEATHER.0, WEATHER.1));
            while began.elapsed() < lasts && !stop.load(Ordering::SeqCst) {
                thread::sleep(Duration::from_millis(20));
            }
            if bad {
                let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(0);
                self.bad_ms.fetch_add(ms, Ordering::Relaxed);
            }
        }
        Ok(())
    }

    /// SIGKILL. Phones meet refused connections and cuts until the next one listens.
    fn dies(&self) -> Result<()> {
        self.kept_the_contract()?;
        let mut gateway = self.gateway.write().unwrap_or_else(PoisonError::into_inner);
        gateway.restart()?;
        self.deaths.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Takes one report up and hands it to the officer's institution. It may have been taken back
    /// meanwhile: then the desk is told so.
    fn desk(&self, dice: &mut Dice) -> Result<()> {
        let report = {
            let mut arrived = self.arrived.lock().unwrap_or_else(PoisonError::into_inner);
            if arrived.is_empty() {
                return Ok(());
            }
            let at = usize::try_from(dice.between(0, arrived.len() as u64)).unwrap_or(0);
            arrived.swap_remove(at)
        };
        let seen = self.see(&format!("report/{report}"))?;
        if text(&seen, "status") == "withdrawn" {
            return Ok(());
        }
        let gateway = self.alive();
        let taken = gateway
            .act(&format!("report/{report}/verify"), &json!({}))
            .and_then(|_| gateway.act(&format!("report/{report}/dispose"), &json!({})));
        // Between the look and the act its person may have taken it back.
        let withdrawn = || {
            Ok::<_, anyhow::Error>(
                text(&self.see(&format!("report/{report}"))?, "status") == "withdrawn",
            )
        };
        match taken {
            Err(error) if !withdrawn()? => Err(error),
            _ => Ok(()),
        }
    }
}

/// What may go wrong on the way, in turns; nothing a third of the time.
fn weather(dice: &mut Dice) -> Vec<Value> {
    const ROUTES: [&str; 8] = [
        "create",
        "create",
        "event",
        "withdraw",
        "changes",
        "upload_patch",
        "upload_head",
        "*",
    ];
    if dice.once_in(3) {
        return Vec::new();
    }
    let several = dice.between(1, 4);
    (0..several)
        .map(|_| {
            let route = dice.one_of(&ROUTES).copied().unwrap_or("*");
            let n = dice.between(0, 3_000);
            let mut fault = match dice.between(0, 14) {
                0 | 1 => json!({ "lose_answer": true }),
                2 => json!({ "cut_request_after": n }),
                3 => json!({ "cut_answer_after": n % 600 }),
                4 => json!({ "cut_answer_after": n % 600, "reset": true }),
                5 => json!({ "status": 503, "retry_after": 1 }),
                6 => json!({ "status": 429, "marked": false }),
                7 => json!({ "status": 500, "commit": true }),
                8 => json!({ "portal": true }),
                9 => json!({ "garbage": true, "commit": true }),
                10 => json!({ "truncated_gzip": true }),
                11 => json!({ "status": 401, "marked": false }),
                12 => json!({ "upload_forgotten": true, "route": "upload_patch" }),
                _ => json!({ "latency_ms": dice.between(1, 40) }),
            };
            if let Some(fields) = fault.as_object_mut() {
                fields.entry("route").or_insert_with(|| json!(route));
                if !fields.contains_key("latency_ms") {
                    fields.insert("times".to_owned(), json!(dice.between(1, 5)));
                }
            }
            fault
        })
        .collect()
}
