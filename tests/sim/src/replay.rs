//! For ever: ten years later, after the gateway has forgotten what it may and was started anew,
//! everything that was ever put on the wire arrives once more, in any order, from its own phone
//! or under a stranger's name, and nothing changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lapor_sandbox_rules::Request;

use crate::dice::{Actor, Dice};
use crate::story::{Run, Violation, needed};
use crate::wire::{Wire, describe};
use crate::world::World;

const TEN_YEARS: i64 = 3_652 * 86_400_000;
/// So many of a hundred bodies come from a stranger, too.
const STRANGERS: u64 = 20;

/// What the gateway has of one key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Entry {
    taken: u64,
    tracking: Option<String>,
    status: String,
    /// Pictures by their hash: there, or not.
    pictures: Vec<(String, bool)>,
    events: usize,
}

/// Whose each key is, and the report to which it belongs.
type Subjects = BTreeMap<String, String>;

impl World {
    pub(crate) fn replay(&mut self) -> Run<()> {
        let reports = self.ledger.cases.iter();
        let subjects: Subjects = reports
            .map(|case| (case.text.clone(), case.owner.clone()))
            .chain(
                self.ledger
                    .deeds
                    .iter()
                    .map(|deed| (deed.text.clone(), deed.user.clone())),
            )
            .collect();
        let erased: BTreeSet<String> = self
            .ledger
            .cases
            .iter()
            .filter(|case| !case.gone.is_empty())
            .map(|case| case.text.clone())
            .collect();
        let restores = self.ledger.restores > 0;
        let line = Arc::clone(&self.line);
        let mut guard = line.wire();
        let wire = &mut *guard;
        wire.now += TEN_YEARS;
        let now = wire.at();
        needed(wire.gateway.tick(now), "ten years")?;
        self.start_anew(wire)?;
        let before = entries(wire, &subjects)?;
        let mut bodies = std::mem::take(&mut wire.sent);
        let mut dice = Dice::of(self.seed, Actor::Replay, 0, 0);
        for last in (1..bodies.len()).rev() {
            bodies.swap(last, dice.index(last + 1));
        }
        let mut tokens = BTreeMap::new();
        for user in crate::world::PEOPLE {
            tokens.insert(user, sign_in(wire, user)?);
        }
        for request in bodies {
            let subject = subject(&request);
            let had = before.get(&subject).cloned().unwrap_or_default();
            let owner = subjects.get(&subject).map_or("", String::as_str);
            let is_upload = request.method == "PATCH";
            let taken_back = wire.tap.was_taken_back(&subject);
            // Nobody is left to take it back once more: the gateway lost that in a restore, and its
            // writer has had everything erased on the phone.
            let nobody_knows = had.taken == 0 && restores && erased.contains(&subject);
            // Refused at the time, and never taken: such a one may well be taken now.
            if !is_upload && (owner.is_empty() || (had.taken == 0 && !taken_back) || nobody_knows) {
                continue;
            }
            let stranger = crate::world::PEOPLE
                .into_iter()
                .find(|user| *user != owner)
                .filter(|_| !is_upload && dice.percent(STRANGERS));
            if let Some(stranger) = stranger {
                let asked = under(&request, tokens.get(stranger));
                let status = again(wire, &asked)?.0;
                if !matches!(status, 403 | 404 | 409 | 410) {
                    return strange(wire, &asked, status);
                }
            }
            let asked = under(&request, tokens.get(owner));
            let (status, told) = again(wire, &asked)?;
            let good = match status {
                // Only the offset says whether its bytes are there already.
                204 | 404 | 409 | 410 if is_upload => true,
                // Never taken, since its report was taken back for a while: it need not be.
                404 | 409 | 410 if is_event(&asked) && had.taken == 0 => true,
                200 if is_event(&asked) => had.taken == 1,
                200 => had.taken == 1 && told.is_some() && told == had.tracking,
                410 => had.taken == 0 || had.status == "withdrawn",
                // Its writer had mended what was refused: other bytes stand for the key.
                409 => !is_event(&asked) && !is_the_body(wire, &subject, &asked)?,
                _ => false,
            };
            if !good {
                return strange(wire, &asked, status);
            }
        }
        wire.now += TEN_YEARS;
        if entries(wire, &subjects)? == before {
            Ok(())
        } else {
            Err(Violation(
                "ten years later a replay changed what the gateway has".to_owned(),
            ))
        }
    }

    /// The gateway's process ends; another one opens what lay on its disk.
    fn start_anew(&mut self, wire: &mut Wire) -> Run<()> {
        let kept = needed(wire.gateway.keep(), "the gateway's disk")?;
        let opened = needed(self.gateways.open(wire.at(), &kept), "a new gateway")?;
        self.gateways
            .give_back(std::mem::replace(&mut wire.gateway, opened));
        Ok(())
    }
}

/// Asks once more; gives the status and the tracking id.
fn again(wire: &mut Wire, asked: &Request) -> Run<(u16, Option<String>)> {
    wire.figures.replayed += 1;
    let answer = wire.ask(asked);
    match wire.violation.take() {
        Some(what) => Err(Violation(what)),
        None => Ok((answer.status, told(&answer.body))),
    }
}

fn strange(wire: &Wire, asked: &Request, status: u16) -> Run<()> {
    let what = describe(wire, asked);
    Err(Violation(format!(
        "ten years later, {what} is answered {status}"
    )))
}

fn entries(wire: &Wire, subjects: &Subjects) -> Run<BTreeMap<String, Entry>> {
    let mut found = BTreeMap::new();
    for key in subjects.keys() {
        let taken = needed(wire.gateway.creates_of(key), "creates")?;
        let entry = match needed(wire.gateway.report(key), "report")? {
            None => Entry {
                taken,
                ..Entry::default()
            },
            Some(row) => Entry {
                taken,
                tracking: Some(row.tracking_id),
                status: row.status,
                pictures: row
                    .attachments
                    .into_iter()
                    .map(|one| (one.sha256, one.stored))
                    .collect(),
                events: row.events.len(),
            },
        };
        found.insert(key.clone(), entry);
    }
    Ok(found)
}

/// Are these the bytes that stand for the key? The gateway would show them to their writer.
fn is_the_body(wire: &mut Wire, key: &str, asked: &Request) -> Run<bool> {
    let mut show = Request::new("GET", &format!("/v1/reports/{key}"));
    show.headers = asked
        .headers
        .iter()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("content-type"))
        .cloned()
        .collect();
    let answer = wire.ask(&show);
    let Some(rest) = answer.body.strip_prefix(b"{\"submitted\":") else {
        return Err(Violation("a report that is there is not shown".to_owned()));
    };
    Ok(rest.starts_with(&asked.body))
}

/// The same under somebody's token.
fn under(request: &Request, token: Option<&String>) -> Request {
    let mut request = request.clone();
    for (name, value) in &mut request.headers {
        if name.eq_ignore_ascii_case("authorization") {
            *value = format!("Bearer {}", token.cloned().unwrap_or_default());
        }
    }
    request
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
    let body = serde_json::json!({ "user": user, "password": crate::people::PASSWORD });
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
