//! The gateway's side of the contract, held against its own answers: a key that it knows is looked
//! up before anything else, a number is given once, an address stays while it lives, a token dies
//! only when its successor was used.
//!
//! Listens where the real rules answer and nowhere else: what the line invents is not the
//! gateway's word. Half of the promises that a phone builds upon are kept by the other side, so
//! a phone can be right and a report lost all the same.

use std::collections::{BTreeMap, BTreeSet};

use lapor_core::engine::calendar::Instant;
use lapor_sandbox_rules::{Answer, Request};
use serde_json::Value;

/// Refresh tokens live for 90 days; how long the desk lets them live is not watched here.
const REFRESH_LIVES: i64 = 89 * 86_400_000;

#[derive(Debug, Default)]
pub(crate) struct Pact {
    /// The bytes that a key stands for, by key of report or event, as the gateway took them.
    taken: BTreeMap<String, Vec<u8>>,
    /// The key of each tracking id ever given: no restore clears this.
    numbers: BTreeMap<String, String>,
    /// Address and end of its life, by report and SHA-256.
    addresses: BTreeMap<(String, String), (String, Instant)>,
    /// Refresh tokens that must work, each with the one before it and the time it was given.
    alive: BTreeMap<String, (Option<String>, i64)>,
}

impl Pact {
    /// The promise that this answer breaks. `was` is the report's status before it.
    pub(crate) fn answers(
        &mut self,
        now: i64,
        was: Option<&str>,
        request: &Request,
        answer: &Answer,
    ) -> Option<String> {
        let path = request.path.split('?').next().unwrap_or_default();
        let segments: Vec<&str> = path.split('/').skip(2).collect();
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        match (request.method.as_str(), segments.as_slice()) {
            ("PUT", ["reports", key]) => self
                .looked_up(key, request, answer)
                .or_else(|| self.numbered(key, answer, &body))
                .or_else(|| self.placed(now, key, &body)),
            ("PUT", ["reports", _, "events", key]) => self.looked_up(key, request, answer),
            ("GET", ["reports", key]) => self.placed(now, key, &body),
            ("DELETE", ["reports", key]) => {
                self.addresses.retain(|(report, _), _| report != key);
                let late = was.is_some_and(|was| !matches!(was, "unverified" | "withdrawn"));
                (answer.status == 204 && late)
                    .then(|| "a report is taken back that was already taken up".to_owned())
            }
            ("PATCH", ["uploads", _]) => matches!(answer.status, 413 | 460)
                .then(|| "the gateway got other bytes than were announced".to_owned()),
            ("POST", ["session", "refresh"]) => self.refreshed(now, request, answer, &body),
            ("POST", ["session"]) => {
                self.gives(now, None, &body);
                None
            }
            // Which of the tokens were that session's is not worth following.
            ("DELETE", ["session"]) => {
                self.alive.clear();
                None
            }
            _ => None,
        }
    }

    /// The key comes before validation, quota and state, for ever.
    fn looked_up(&mut self, key: &str, request: &Request, answer: &Answer) -> Option<String> {
        let status = answer.status;
        if let Some(taken) = self.taken.get(key) {
            let same = *taken == request.body;
            if !matches!(status, 200 | 401 | 404 | 409 | 410) {
                return Some(format!("a known key is judged anew: {status}"));
            }
            // A stranger is told nothing but that it is not theirs.
            let foreign = String::from_utf8_lossy(&answer.body).contains("key_foreign");
            if same && status == 409 && !foreign {
                return Some("the same bytes under a known key are refused".to_owned());
            }
            if !same && status == 200 {
                return Some("other bytes under a known key are called taken".to_owned());
            }
        }
        if matches!(status, 200 | 201) {
            self.taken.insert(key.to_owned(), request.body.clone());
        }
        None
    }

    fn numbered(&mut self, key: &str, answer: &Answer, body: &Value) -> Option<String> {
        if !matches!(answer.status, 200 | 201) {
            return None;
        }
        let number = body.get("tracking_id")?.as_str()?.to_owned();
        let first = self.numbers.entry(number).or_insert_with(|| key.to_owned());
        (first != key).then(|| "a tracking id is given to a second report".to_owned())
    }

    fn placed(&mut self, now: i64, key: &str, body: &Value) -> Option<String> {
        let missing = body.get("missing")?.as_array()?;
        for one in missing {
            let word = |name: &str| one.get(name).and_then(Value::as_str);
            let (Some(sha), Some(url)) = (word("sha256"), word("upload_url")) else {
                continue;
            };
            let ends = word("expires_at").and_then(Instant::parse_rfc3339);
            let place = (key.to_owned(), sha.to_owned());
            let before = self
                .addresses
                .insert(place, (url.to_owned(), ends.unwrap_or(Instant(0))));
            if before.is_some_and(|(before, ends)| before != url && now < ends.0) {
                return Some("an upload moves while its address lives".to_owned());
            }
        }
        None
    }

    fn refreshed(
        &mut self,
        now: i64,
        request: &Request,
        answer: &Answer,
        body: &Value,
    ) -> Option<String> {
        let asked: Value = serde_json::from_slice(&request.body).ok()?;
        let token = asked.get("refresh_token")?.as_str()?.to_owned();
        let (before, given) = self.alive.get(&token).cloned()?;
        if answer.status == 401 {
            return (now - given < REFRESH_LIVES)
                .then(|| "a refresh token died before its successor was used".to_owned());
        }
        if answer.status == 200 {
            // It was received: the one before it and its siblings are done.
            if let Some(before) = before {
                self.alive.remove(&before);
                self.alive
                    .retain(|one, (parent, _)| *one == token || parent.as_ref() != Some(&before));
            }
            self.gives(now, Some(token), body);
        }
        None
    }

    fn gives(&mut self, now: i64, before: Option<String>, body: &Value) {
        if let Some(token) = body.get("refresh_token").and_then(Value::as_str) {
            self.alive.insert(token.to_owned(), (before, now));
        }
    }

    pub(crate) fn sessions_end(&mut self) {
        self.alive.clear();
    }

    /// An upload is lost, as an object store may lose it.
    pub(crate) fn loses(&mut self, capability: &str) {
        self.addresses
            .retain(|_, (url, _)| url.rsplit('/').next() != Some(capability));
    }

    /// The gateway goes back to a backup: what it took since is forgotten, and rightly so. Numbers
    /// are not.
    pub(crate) fn restored(&mut self) {
        self.taken.clear();
        self.addresses.clear();
    }
}

/// What a phone was told of its session, so that it does not end one on its own.
#[derive(Debug, Default)]
pub(crate) struct SessionHeard {
    /// The last refresh brought a token that nothing was done with yet.
    fresh: BTreeSet<usize>,
    refused: BTreeSet<usize>,
}

impl SessionHeard {
    /// An answer that reached the phone, with the contract's mark or without.
    pub(crate) fn hears(&mut self, phone: usize, path: &str, status: u16, marked: bool) {
        if !marked {
            return;
        }
        let refresh = path.ends_with("/session/refresh");
        match status {
            401 if refresh || self.fresh.contains(&phone) => {
                self.refused.insert(phone);
            }
            200..=299 if refresh => {
                self.fresh.insert(phone);
            }
            // It carries no token, and says nothing of one.
            200..=299 if path.ends_with("/meta") => {}
            200..=299 => {
                self.fresh.remove(&phone);
            }
            _ => {}
        }
    }

    /// Somebody signed in, and the phone has kept it.
    pub(crate) fn begins(&mut self, phone: usize) {
        self.refused.remove(&phone);
        self.fresh.remove(&phone);
    }

    /// A phone was copied, with the session as it is.
    pub(crate) fn copy(&mut self, from: usize, to: usize) {
        for phones in [&mut self.fresh, &mut self.refused] {
            if phones.contains(&from) {
                phones.insert(to);
            }
        }
    }

    /// Its store was damaged: what the phone was told may be on a page that is gone.
    pub(crate) fn is_lost(&mut self, phone: usize) {
        self.refused.insert(phone);
    }

    pub(crate) fn may_end(&self, phone: usize) -> bool {
        self.refused.contains(&phone)
    }
}
