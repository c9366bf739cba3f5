//! Listens in on the line: what leaves a phone, and what the gateway says to it.
//!
//! Knows whose token is whose, which bytes each key stands for and what the gateway itself has
//! ever answered, so that each request can be held against the promises the moment it leaves, and
//! the screens later. It looks at real requests and real answers only; what the line invents
//! never passes here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lapor_sandbox_rules::{Answer, Request};

/// What the gateway itself has ever said of one key.
#[derive(Debug, Default)]
pub(crate) struct Told {
    statuses: BTreeSet<(&'static str, u16)>,
    /// Every tracking id that the gateway ever named for it.
    tracking: BTreeSet<String>,
    /// SHA-256 of the pictures that it ever listed as stored, or named the report without missing them.
    stored: BTreeSet<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Tap {
    /// User by access token.
    pub(crate) tokens: BTreeMap<String, String>,
    /// Whose report or event it is, by its key.
    pub(crate) owners: BTreeMap<String, String>,
    /// The word that stands only in its present text, by phone and key of the report.
    texts: BTreeMap<(usize, String), String>,
    /// The same of the text that was accepted.
    accepted: BTreeMap<(usize, String), String>,
    /// Hash of the body that stands for a key, as it first left.
    bodies: BTreeMap<(usize, String), u64>,
    /// Phone and `METHOD key` of all that may have left.
    pub(crate) left: BTreeSet<(usize, String)>,
    /// Reports that are being taken back, by phone: nothing else of them may leave.
    pub(crate) taken_back: BTreeSet<(usize, String)>,
    pub(crate) told: BTreeMap<String, Told>,
    /// Events that were ever refused by somebody: the next one may overtake them.
    pub(crate) refused: BTreeSet<String>,
    /// Events that were given up on a phone: they never leave it again.
    pub(crate) given_up: BTreeSet<(usize, String)>,
    /// Told as not given up, because the disk failed after the last page was written: a kill makes it so.
    pub(crate) perhaps_given_up: BTreeSet<(usize, String)>,
    /// Events of one author on one report from one phone, in the order of their making.
    pub(crate) orders: BTreeMap<(usize, String, String), Vec<String>>,
    /// The bytes of every document and picture that was kept with a report, by SHA-256 in hex.
    pub(crate) documents: BTreeMap<String, Arc<Vec<u8>>>,
    /// SHA-256 by the last segment of the upload's address.
    uploads: BTreeMap<String, String>,
    /// Keys whose row at the gateway may have changed since it was last looked at.
    pub(crate) dirty: BTreeSet<String>,
    /// All may have: the gateway went back to a backup, or its desk let time pass.
    pub(crate) all_dirty: bool,
}

/// What no request may carry: the marks of photos, the names of people and of files.
const NEVER: [&str; 6] = [
    "lapor-canary",
    "Siti Rahayu",
    "Budi Santoso",
    "Ayu Lestari",
    "Made Wirawan",
    "berkas-saya",
];
/// Stands before the number of a text in every text that people write here.
pub(crate) const MARK: &str = "naskah ";

/// The mark that stands in a text.
pub(crate) fn mark_in(text: &str) -> Option<String> {
    let from = text.find(MARK)?;
    let (mark, _) = text.get(from..)?.split_once(';')?;
    Some(format!("{mark};"))
}

impl Tap {
    /// A request is about to leave a phone. Gives the promise that it breaks.
    pub(crate) fn leaves(&mut self, phone: usize, request: &Request) -> Option<String> {
        let path = request.path.split('?').next().unwrap_or_default();
        let segments: Vec<&str> = path.split('/').skip(2).collect();
        let token = request
            .find("authorization")
            .and_then(|text| text.strip_prefix("Bearer "));
        let user = match token {
            Some(token) => match self.tokens.get(token) {
                Some(user) => Some(user.clone()),
                None => return Some("a token travels that the gateway never gave".to_owned()),
            },
            None => None,
        };
        match (request.method.as_str(), segments.as_slice()) {
            (_, ["session", ..]) => return None,
            (method, ["uploads", capability]) => {
                if token.is_some() {
                    return Some("a token travels with a picture".to_owned());
                }
                return (method == "PATCH")
                    .then(|| self.chunk(capability, request))
                    .flatten();
            }
            ("PUT", ["reports", key]) => {
                if let Some(what) = self.report(phone, key, user.as_deref(), request) {
                    return Some(what);
                }
            }
            ("PUT", ["reports", report, "events", event]) => {
                if let Some(what) = self.event(phone, report, event, user.as_deref(), request) {
                    return Some(what);
                }
            }
            ("DELETE", ["reports", key]) => {
                if self.owners.get(*key) != user.as_ref() {
                    return Some("a report is taken back under a strange token".to_owned());
                }
                self.left.insert((phone, format!("DELETE {key}")));
            }
            _ => {}
        }
        tells_too_much(request)
    }

    fn report(
        &mut self,
        phone: usize,
        key: &str,
        user: Option<&str>,
        request: &Request,
    ) -> Option<String> {
        let Some(mark) = self.accepted.get(&(phone, key.to_owned())) else {
            return Some("a report travels that nobody has submitted".to_owned());
        };
        if self.owners.get(key).map(String::as_str) != user {
            return Some("a report travels under a strange token".to_owned());
        }
        if self.taken_back.contains(&(phone, key.to_owned())) {
            return Some("a report travels while it is taken back".to_owned());
        }
        let text = String::from_utf8_lossy(&request.body);
        let marks = text.matches(MARK).count();
        if marks != text.matches(mark.as_str()).count() || marks == 0 {
            return Some("a report travels with other words than were accepted".to_owned());
        }
        self.left.insert((phone, format!("PUT {key}")));
        self.same_bytes(phone, key, &request.body)
    }

    fn event(
        &mut self,
        phone: usize,
        report: &str,
        event: &str,
        user: Option<&str>,
        request: &Request,
    ) -> Option<String> {
        if self.owners.get(event).map(String::as_str) != user {
            return Some("an event travels under a strange token".to_owned());
        }
        // An officer who shares the phone has a life of their own.
        let own = self.owners.get(report).map(String::as_str) == user;
        if own && self.taken_back.contains(&(phone, report.to_owned())) {
            return Some("an event travels while its report is taken back".to_owned());
        }
        if self.given_up.contains(&(phone, event.to_owned())) {
            return Some("an event travels that was given up".to_owned());
        }
        if !self.was_confirmed(report) {
            return Some("an event travels before its report is there".to_owned());
        }
        let user = user.unwrap_or_default().to_owned();
        let order = self.orders.get(&(phone, report.to_owned(), user));
        for before in order.into_iter().flatten() {
            if before == event {
                break;
            }
            let given_up = self.perhaps_given_up.contains(&(phone, before.clone()));
            if !self.was_confirmed(before) && !self.refused.contains(before) && !given_up {
                return Some("an event overtakes the one before it".to_owned());
            }
        }
        self.left.insert((phone, format!("PUT {event}")));
        self.same_bytes(phone, event, &request.body)
    }

    /// The gateway has said at least once that it has it, whether that was heard or not.
    pub(crate) fn was_confirmed(&self, key: &str) -> bool {
        self.said(key, "PUT", 201) || self.said(key, "PUT", 200)
    }

    pub(crate) fn was_taken_back(&self, key: &str) -> bool {
        self.said(key, "DELETE", 204)
            || ["PUT", "GET"]
                .iter()
                .any(|method| self.said(key, method, 410))
    }

    pub(crate) fn said(&self, key: &str, method: &'static str, status: u16) -> bool {
        self.told
            .get(key)
            .is_some_and(|told| told.statuses.contains(&(method, status)))
    }

    /// Has the gateway ever named this tracking id for it?
    pub(crate) fn named(&self, key: &str, tracking: &str) -> bool {
        self.told
            .get(key)
            .is_some_and(|told| told.tracking.contains(tracking))
    }

    /// How many of these pictures has the gateway ever said to have whole?
    pub(crate) fn stored(&self, key: &str, pictures: &[String]) -> usize {
        let told = self.told.get(key);
        let said = |sha: &&String| told.is_some_and(|told| told.stored.contains(*sha));
        pictures.iter().filter(said).count()
    }

    /// SHA-256 of the picture that an address is for, in hex.
    pub(crate) fn picture_at(&self, capability: &str) -> Option<&str> {
        self.uploads.get(capability).map(String::as_str)
    }

    fn same_bytes(&mut self, phone: usize, key: &str, body: &[u8]) -> Option<String> {
        let hash = fnv(body);
        let first = *self.bodies.entry((phone, key.to_owned())).or_insert(hash);
        (first != hash).then(|| "two attempts under one key carry different bytes".to_owned())
    }

    fn chunk(&self, capability: &str, request: &Request) -> Option<String> {
        let bytes = self
            .uploads
            .get(capability)
            .and_then(|sha| self.documents.get(sha));
        let Some(bytes) = bytes else {
            return Some("bytes go to an address that no report has".to_owned());
        };
        let offset = request.find("upload-offset")?.parse().unwrap_or(usize::MAX);
        let expected = bytes.get(offset..offset.saturating_add(request.body.len()));
        (expected != Some(request.body.as_slice()))
            .then(|| "other bytes travel than the picture's".to_owned())
    }

    /// Somebody is writing, and this word stands in the present text.
    pub(crate) fn writes(&mut self, phone: usize, key: &str, mark: String) {
        self.texts.insert((phone, key.to_owned()), mark);
    }

    /// A phone was copied.
    pub(crate) fn copy(&mut self, from: usize, to: usize) {
        for words in [&mut self.texts, &mut self.accepted] {
            let of_it: Vec<_> = words
                .iter()
                .filter(|((phone, _), _)| *phone == from)
                .map(|((_, key), word)| ((to, key.clone()), word.clone()))
                .collect();
            words.extend(of_it);
        }
        let bodies: Vec<_> = self
            .bodies
            .iter()
            .filter(|((phone, _), _)| *phone == from)
            .map(|((_, key), hash)| ((to, key.clone()), *hash))
            .collect();
        self.bodies.extend(bodies);
        for set in [
            &mut self.left,
            &mut self.taken_back,
            &mut self.given_up,
            &mut self.perhaps_given_up,
        ] {
            let of_it: Vec<_> = set
                .iter()
                .filter(|(phone, _)| *phone == from)
                .map(|(_, key)| (to, key.clone()))
                .collect();
            set.extend(of_it);
        }
        let orders: Vec<_> = self
            .orders
            .iter()
            .filter(|((phone, ..), _)| *phone == from)
            .map(|((_, key, user), events)| ((to, key.clone(), user.clone()), events.clone()))
            .collect();
        self.orders.extend(orders);
    }

    /// Somebody had everything of theirs erased on a phone: what they had done and was not sent
    /// is nobody's matter any more.
    pub(crate) fn erased(&mut self, phone: usize, user: &str) {
        for ((on, _, by), events) in &self.orders {
            if *on == phone && by == user {
                self.refused.extend(events.iter().cloned());
            }
        }
    }

    /// Of a report something was lost on a phone: its events hold each other back no more.
    pub(crate) fn lost(&mut self, phone: usize, report: &str) {
        for ((on, of, _), events) in &self.orders {
            if *on == phone && of == report {
                self.refused.extend(events.iter().cloned());
            }
        }
    }

    /// Whether a withdrawal that came too late had left a phone may lie on a page that is gone.
    pub(crate) fn forgets_withdrawals(&mut self, phone: usize) {
        self.left
            .retain(|(on, what)| *on != phone || !what.starts_with("DELETE "));
    }

    /// Did anybody submit it? On a damaged store the ledger hears of that later.
    pub(crate) fn was_submitted(&self, key: &str) -> bool {
        self.accepted.keys().any(|(_, submitted)| submitted == key)
    }

    /// Accepted as it stands: from now on these bytes and no others.
    pub(crate) fn accept(&mut self, phone: usize, key: &str, owner: &str) {
        let here = (phone, key.to_owned());
        let mark = self.texts.get(&here).cloned().unwrap_or_default();
        self.owners.insert(key.to_owned(), owner.to_owned());
        self.bodies.remove(&here);
        self.accepted.insert(here, mark);
    }

    /// The mark of what stands in a report on this phone.
    pub(crate) fn text_on(&self, phone: usize, key: &str) -> String {
        self.texts
            .get(&(phone, key.to_owned()))
            .cloned()
            .unwrap_or_default()
    }

    /// Somebody on the way has refused it in the gateway's name.
    pub(crate) fn refuses(&mut self, request: &Request) {
        let key = request.path.rsplit('/').next().unwrap_or_default();
        self.refused.insert(key.to_owned());
    }

    /// What the gateway itself has answered.
    pub(crate) fn answers(&mut self, request: &Request, answer: &Answer) {
        let path = request.path.split('?').next().unwrap_or_default();
        let segments: Vec<&str> = path.split('/').skip(2).collect();
        match (request.method.as_str(), segments.as_slice()) {
            ("POST", ["session", ..]) => self.session(answer),
            (method, ["reports", key]) if *key != "known" => {
                self.dirty.insert((*key).to_owned());
                if method == "DELETE" && answer.status == 409 {
                    self.taken_back.retain(|(_, taken)| taken != key);
                }
                let told = self.told.entry((*key).to_owned()).or_default();
                let method = match method {
                    "PUT" => "PUT",
                    "DELETE" => "DELETE",
                    _ => "GET",
                };
                told.statuses.insert((method, answer.status));
                self.places(key, request, answer);
            }
            ("PUT", ["reports", key, "events", event]) => {
                self.dirty.insert((*key).to_owned());
                self.dirty.insert((*event).to_owned());
                if matches!(answer.status, 400..=499) && answer.status != 401 {
                    self.refused.insert((*event).to_owned());
                }
                let told = self.told.entry((*event).to_owned()).or_default();
                told.statuses.insert(("PUT", answer.status));
            }
            _ => {}
        }
    }

    fn session(&mut self, answer: &Answer) {
        let Ok(body) = serde_json::from_slice::<serde_json::Value>(&answer.body) else {
            return;
        };
        let token = body.get("access_token").and_then(serde_json::Value::as_str);
        let user = body
            .pointer("/account/user")
            .and_then(serde_json::Value::as_str);
        if let (Some(token), Some(user)) = (token, user) {
            self.tokens.insert(token.to_owned(), user.to_owned());
        }
    }

    /// Tracking id, addresses for pictures, and which of them are there.
    fn places(&mut self, key: &str, request: &Request, answer: &Answer) {
        if answer.status >= 300 || answer.body.is_empty() {
            return;
        }
        let Ok(body) = serde_json::from_slice::<serde_json::Value>(&answer.body) else {
            return;
        };
        if let Some(id) = body.get("tracking_id").and_then(serde_json::Value::as_str)
            && let Some(told) = self.told.get_mut(key)
        {
            told.tracking.insert(id.to_owned());
        }
        let listed = |body: &serde_json::Value, name: &str| -> Vec<serde_json::Value> {
            let list = body.get(name).and_then(serde_json::Value::as_array);
            list.cloned().unwrap_or_default()
        };
        let sha256 = |one: &serde_json::Value| {
            let sha = one.get("sha256").and_then(serde_json::Value::as_str);
            sha.unwrap_or_default().to_owned()
        };
        let missing = listed(&body, "missing");
        let lacks: BTreeSet<String> = missing.iter().map(sha256).collect();
        let there: Vec<String> = match request.method.as_str() {
            "PUT" => {
                let sent = serde_json::from_slice(&request.body).unwrap_or_default();
                listed(&sent, "attachments").iter().map(sha256).collect()
            }
            _ => listed(&body, "attachments")
                .iter()
                .filter(|one| one.get("stored") == Some(&serde_json::Value::Bool(true)))
                .map(sha256)
                .collect(),
        };
        if let Some(told) = self.told.get_mut(key) {
            let there = there.into_iter().filter(|sha| !lacks.contains(sha));
            told.stored.extend(there);
        }
        for one in &missing {
            let word = |name: &str| one.get(name).and_then(serde_json::Value::as_str);
            if let (Some(url), Some(sha)) = (word("upload_url"), word("sha256"))
                && let Some(capability) = url.rsplit('/').next()
            {
                self.uploads.insert(capability.to_owned(), sha.to_owned());
            }
        }
    }
}

/// Names, marks of photos, and any instant to the second.
fn tells_too_much(request: &Request) -> Option<String> {
    let body = String::from_utf8_lossy(&request.body);
    let headers = request.headers.iter().map(|(_, value)| value.as_str());
    for text in headers.chain([body.as_ref(), request.path.as_str()]) {
        if let Some(found) = NEVER.iter().find(|word| text.contains(**word)) {
            return Some(format!("{found:?} leaves the phone"));
        }
        if has_an_instant(text) {
            return Some("an instant to the second leaves the phone".to_owned());
        }
    }
    None
}

/// `..Thh:mm:ss` or so many seconds or milliseconds since 1970.
fn has_an_instant(text: &str) -> bool {
    let clock = text.as_bytes().windows(8).any(|window| {
        matches!(window, [a, b, b':', c, d, b':', e, f]
            if [a, b, c, d, e, f].iter().all(|digit| digit.is_ascii_digit()))
    });
    clock
        || text
            .split(|letter: char| !letter.is_ascii_alphanumeric())
            .filter(|word| matches!(word.len(), 10 | 13))
            .any(|word| word.bytes().all(|letter| letter.is_ascii_digit()))
}

pub(crate) fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
    })
}
