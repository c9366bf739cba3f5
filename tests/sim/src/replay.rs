//! For ever: ten years later everything that was ever put on the wire arrives once more, in any
//! order, and nothing changes.

use std::collections::{BTreeMap, BTreeSet};

use lapor_sandbox_rules::Request;

use crate::dice::{Actor, Dice};
use crate::story::{Run, Violation, needed};
use crate::wire::{Wire, describe};
use crate::world::World;

const TEN_YEARS: i64 = 3_652 * 86_400_000;

impl World {
    pub(crate) fn replay(&mut self) -> Run<()> {
        let withdrawn: BTreeSet<String> = self
            .ledger
            .cases
            .iter()
            .filter(|case| case.withdrawn_at.is_some())
            .map(|case| case.key.to_string())
            .collect();
        let owners: BTreeMap<String, String> = self
            .ledger
            .cases
            .iter()
            .map(|case| (case.key.to_string(), case.owner.clone()))
            .chain(
                self.ledger
                    .deeds
                    .iter()
                    .map(|deed| (deed.key.to_string(), deed.user.clone())),
            )
            .collect();
        let mut guard = self.line.wire();
        let wire = &mut *guard;
        wire.now += TEN_YEARS;
        let now = wire.at();
        needed(wire.gateway.tick(now), "ten years")?;
        let before = counts(wire, &owners)?;
        let mut bodies = std::mem::take(&mut wire.sent);
        let mut dice = Dice::of(self.seed, Actor::Replay, 0, 0);
        for last in (1..bodies.len()).rev() {
            bodies.swap(last, dice.index(last + 1));
        }
        let mut tokens: BTreeMap<String, String> = BTreeMap::new();
        for mut request in bodies {
            let subject = subject(&request);
            let had = before.get(&subject).cloned().unwrap_or((0, None));
            let upload = request.method == "PATCH";
            // Refused at the time, and never taken: such a one may well be taken now.
            if !upload && had.0 == 0 && !withdrawn.contains(&subject) {
                continue;
            }
            if let Some(user) = owners.get(&subject).filter(|user| !user.is_empty()) {
                if !tokens.contains_key(user) {
                    let token = sign_in(wire, user)?;
                    tokens.insert(user.clone(), token);
                }
                let token = tokens.get(user).cloned().unwrap_or_default();
                for (name, value) in &mut request.headers {
                    if name.eq_ignore_ascii_case("authorization") {
                        *value = format!("Bearer {token}");
                    }
                }
            }
            wire.figures.replayed += 1;
            let answer = wire.ask(&request);
            let what = describe(wire, &request);
            let good = match answer.status {
                200 => upload || is_event(&request) || told(&answer.body) == had.1,
                410 | 409 | 422 => true,
                204 | 403 | 404 => upload || is_event(&request),
                _ => false,
            };
            if let Some(what) = wire.violation.take() {
                return Err(Violation(what));
            }
            if !good {
                return Err(Violation(format!(
                    "ten years later, {what} is answered {}",
                    answer.status
                )));
            }
        }
        if counts(wire, &owners)? == before {
            Ok(())
        } else {
            Err(Violation(
                "ten years later a replay changed what the gateway has".to_owned(),
            ))
        }
    }
}

/// How often each was taken, and its tracking id.
fn counts(
    wire: &Wire,
    owners: &BTreeMap<String, String>,
) -> Run<BTreeMap<String, (u64, Option<String>)>> {
    let mut found = BTreeMap::new();
    for key in owners.keys() {
        let times = needed(wire.gateway.creates_of(key), "creates")?;
        let report = needed(wire.gateway.report(key), "report")?;
        found.insert(key.clone(), (times, report.map(|row| row.tracking_id)));
    }
    Ok(found)
}

fn is_event(request: &Request) -> bool {
    request.path.contains("/events/")
}

/// The key of the report or event.
fn subject(request: &Request) -> String {
    request
        .path
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn told(body: &[u8]) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_slice(body).ok()?;
    answer
        .get("tracking_id")
        .and_then(serde_json::Value::as_str)
        .map(str::to_owned)
}

fn sign_in(wire: &mut Wire, user: &str) -> Run<String> {
    let body = serde_json::json!({ "user": user, "password": "rahasia123" });
    let request = Request::new("POST", "/v1/session")
        .header("Lapor-Contract", "1")
        .header("Lapor-Request", "replay")
        .header("Content-Type", "application/json")
        .body(body.to_string().into_bytes());
    let answer = wire.ask(&request);
    let answer: serde_json::Value = needed(serde_json::from_slice(&answer.body), "sign in")?;
    Ok(answer
        .get("access_token")
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default()
        .to_owned())
}
