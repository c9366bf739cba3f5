//! Everything that one process of the sandbox shares between its connections.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use lapor_sandbox_rules::contract::{ContractChecker, Violation};
use lapor_sandbox_rules::{Answer, Gateway, Instant, Request};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::clock::Clock;
use crate::fault::Faults;
use crate::journal::Journal;
use crate::route::Route;

/// How many violations are kept, and how many tokens are remembered by name.
const KEPT_VIOLATIONS: usize = 1000;
const KEPT_TOKENS: usize = 10_000;

pub(crate) struct Sandbox {
    gateway: Mutex<Gateway>,
    pub(crate) db: PathBuf,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) journal: Arc<Journal>,
    checker: Option<ContractChecker>,
    violations: Mutex<Vec<Found>>,
    accounts: Mutex<HashMap<[u8; 32], String>>,
}

/// A breach of the contract, by request.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Found {
    /// The journal's number.
    pub(crate) request: u64,
    pub(crate) route: Route,
    /// `request` or `answer`.
    pub(crate) side: &'static str,
    pub(crate) status: Option<u16>,
    pub(crate) place: String,
    pub(crate) what: String,
}

impl Sandbox {
    pub(crate) fn open(db: &Path, check_contract: bool) -> anyhow::Result<Self> {
        let clock = Clock::open(db).context("cannot read the clock's file")?;
        let gateway = Gateway::open(db, clock.now(), &mut unpredictable)
            .with_context(|| format!("cannot open the gateway's store {}", db.display()))?;
        let checker = check_contract.then(ContractChecker::load).transpose()?;
        Ok(Self {
            gateway: Mutex::new(gateway),
            db: db.to_owned(),
            clock,
            faults: Faults::default(),
            journal: Arc::default(),
            checker,
            violations: Mutex::default(),
            accounts: Mutex::default(),
        })
    }

    /// Runs a call of the rules. It blocks this thread, and once begun it is done: a client that
    /// goes away in the meantime changes nothing.
    pub(crate) fn with<T>(&self, call: impl FnOnce(&mut Gateway, Instant) -> T) -> T {
        tokio::task::block_in_place(|| {
            let mut gateway = self.gateway.lock().unwrap_or_else(PoisonError::into_inner);
            call(&mut gateway, self.clock.now())
        })
    }

    /// The rules' answer to a whole request.
    pub(crate) fn answer(&self, request: &Request) -> Answer {
        self.with(|gateway, now| {
            let answer = gateway.answer(now, &mut unpredictable, request);
            if let Some(trouble) = gateway.take_trouble() {
                eprintln!("lapor-sandbox: {trouble}");
            }
            answer
        })
    }

    pub(crate) fn checks_contract(&self) -> bool {
        self.checker.is_some()
    }

    pub(crate) fn check_request(&self, number: u64, route: Route, request: &Request) {
        if let Some(checker) = &self.checker {
            let found = checker.check_request(
                &request.method,
                &request.path,
                &request.headers,
                &request.body,
            );
            self.keep(number, route, "request", None, found);
        }
    }

    pub(crate) fn check_answer(
        &self,
        number: u64,
        route: Route,
        request: &Request,
        answer: &Answer,
    ) {
        if let Some(checker) = &self.checker {
            let found = checker.check_answer(
                &request.method,
                &request.path,
                answer.status,
                &answer.headers,
                &answer.body,
            );
            self.keep(number, route, "answer", Some(answer.status), found);
        }
    }

    fn keep(
        &self,
        number: u64,
        route: Route,
        side: &'static str,
        status: Option<u16>,
        found: Vec<Violation>,
    ) {
        let mut kept = self
            .violations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for violation in found {
            // The first ones tell most: later ones are dropped, never earlier ones.
            if kept.len() < KEPT_VIOLATIONS {
                kept.push(Found {
                    request: number,
                    route,
                    side,
                    status,
                    place: violation.place,
                    what: violation.what,
                });
            }
        }
    }

    pub(crate) fn violations(&self) -> Vec<Found> {
        self.violations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn clear_violations(&self) {
        self.violations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Remembers whose token an answer carries: only a hash of it is kept.
    /// Returns the user name.
    pub(crate) fn learn_account(&self, answer: &Answer) -> Option<String> {
        let body: Value = serde_json::from_slice(&answer.body).ok()?;
        let token = body.get("access_token").and_then(Value::as_str)?;
        let user = body.pointer("/account/user").and_then(Value::as_str)?;
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if accounts.len() >= KEPT_TOKENS {
            accounts.clear();
        }
        accounts.insert(Sha256::digest(token).into(), user.to_owned());
        Some(user.to_owned())
    }

    /// The user name behind a request's token, when this process gave it.
    pub(crate) fn account_of(&self, authorization: Option<&str>) -> Option<String> {
        let token = authorization?.strip_prefix("Bearer ")?;
        let hash: [u8; 32] = Sha256::digest(token).into();
        self.accounts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&hash)
            .cloned()
    }
}

/// The system's randomness. A machine that has none cannot give tokens: nothing can go on.
pub(crate) fn unpredictable(bytes: &mut [u8]) {
    if getrandom::fill(bytes).is_err() {
        eprintln!("lapor-sandbox: the system gives no randomness");
        std::process::abort();
    }
}
