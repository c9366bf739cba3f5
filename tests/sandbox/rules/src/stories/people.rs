//! A town with one gateway, a clock that the story moves, and people with phones.

use std::sync::OnceLock;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::contract::ContractChecker;
use crate::gateway::hex;
use crate::{Answer, Gateway, Instant, Request};

/// A Sunday; Monday 23 November 2026 is the first working day after it.
pub(super) const SUNDAY: &str = "2026-11-22T08:00:00Z";

fn checker() -> &'static ContractChecker {
    static CHECKER: OnceLock<ContractChecker> = OnceLock::new();
    CHECKER.get_or_init(|| ContractChecker::load().unwrap())
}

/// Entropy of the story: never the same twice, always the same in every run.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn fill(&mut self, buffer: &mut [u8]) {
        for byte in buffer {
            // splitmix64
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = self.0;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = (mixed >> 56) as u8;
        }
    }
}

pub(super) struct Town {
    pub(super) gateway: Gateway,
    pub(super) now: Instant,
    pub(super) dice: Dice,
    nonce: u64,
    /// Whether requests are the client's best: false where a story sends what no client would.
    pub(super) well_formed: bool,
}

impl Town {
    pub(super) fn new() -> Self {
        let now = Instant::from_rfc3339(SUNDAY).unwrap();
        let mut dice = Dice::new(1);
        let gateway = Gateway::in_memory(now, &mut |buffer| dice.fill(buffer)).unwrap();
        Self::around(gateway, now, dice)
    }

    pub(super) const fn around(gateway: Gateway, now: Instant, dice: Dice) -> Self {
        Self {
            gateway,
            now,
            dice,
            nonce: 0,
            well_formed: true,
        }
    }

    pub(super) fn days_pass(&mut self, days: i64) {
        self.now = self.now.plus_days(days);
    }

    /// One exchange as it would go over the line, checked on both sides.
    pub(super) fn exchange(&mut self, request: &Request) -> Heard {
        let dice = &mut self.dice;
        let answer = self
            .gateway
            .answer(self.now, &mut |buffer| dice.fill(buffer), request);
        assert_eq!(
            self.gateway
                .take_trouble()
                .map(|trouble| trouble.to_string()),
            None
        );
        let (method, path) = (request.method.as_str(), request.path.as_str());
        if self.well_formed {
            let broken = checker().check_request(method, path, &request.headers, &request.body);
            assert!(broken.is_empty(), "{broken:?}");
        }
        let broken =
            checker().check_answer(method, path, answer.status, &answer.headers, &answer.body);
        assert!(broken.is_empty(), "{broken:?}");
        if self.well_formed && answer.find("Tus-Resumable").is_none() {
            assert_eq!(answer.find("Lapor-Request"), request.find("Lapor-Request"));
        }
        Heard(answer)
    }

    /// A request with the contract's marks and nothing else.
    pub(super) fn marked(&mut self, method: &str, path: &str) -> Request {
        self.nonce += 1;
        Request::new(method, path)
            .header("Lapor-Contract", "1")
            .header("Lapor-Request", &format!("n{}", self.nonce))
    }

    pub(super) fn sign_in(&mut self, user: &str) -> Phone {
        let request = self
            .marked("POST", "/v1/session")
            .header("Content-Type", "application/json")
            .body(json!({ "user": user, "password": "rahasia123" }).to_string());
        let heard = self.exchange(&request).is(200);
        Phone {
            access: heard.text("access_token"),
            refresh: heard.text("refresh_token"),
        }
    }

    pub(super) fn siti(&mut self) -> Phone {
        self.sign_in("siti")
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub(super) struct Heard(pub(super) Answer);

impl Heard {
    #[track_caller]
    pub(super) fn is(self, status: u16) -> Self {
        let body = String::from_utf8_lossy(&self.0.body);
        assert_eq!(self.0.status, status, "{body}");
        self
    }

    #[track_caller]
    pub(super) fn refuses(self, status: u16, code: &str) -> Self {
        let heard = self.is(status);
        assert_eq!(heard.text("code"), code);
        heard
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.0.body).unwrap()
    }

    #[track_caller]
    pub(super) fn text(&self, field: &str) -> String {
        self.json()[field].as_str().expect(field).to_owned()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.0.find(name)
    }

    /// `field:code` of a 422, in order.
    pub(super) fn fields(&self) -> Vec<String> {
        self.json()["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|field| {
                let text = |name: &str| field[name].as_str().unwrap().to_owned();
                format!("{}:{}", text("field"), text("code"))
            })
            .collect()
    }

    /// The upload URLs that the answer lists as missing.
    pub(super) fn uploads(&self) -> Vec<String> {
        self.json()["missing"]
            .as_array()
            .unwrap()
            .iter()
            .map(|missing| missing["upload_url"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// A person's signed-in phone.
#[derive(Debug, Clone)]
pub(super) struct Phone {
    pub(super) access: String,
    pub(super) refresh: String,
}

impl Phone {
    pub(super) fn request(&self, town: &mut Town, method: &str, path: &str) -> Request {
        town.marked(method, path)
            .header("Authorization", &format!("Bearer {}", self.access))
    }

    pub(super) fn sends(
        &self,
        town: &mut Town,
        method: &str,
        path: &str,
        body: impl Into<Vec<u8>>,
    ) -> Heard {
        let request = self
            .request(town, method, path)
            .header("Content-Type", "application/json")
            .body(body);
        town.exchange(&request)
    }

    pub(super) fn asks(&self, town: &mut Town, method: &str, path: &str) -> Heard {
        let request = self.request(town, method, path);
        town.exchange(&request)
    }

    pub(super) fn puts(&self, town: &mut Town, key: &str, report: &Value) -> Heard {
        self.sends(
            town,
            "PUT",
            &format!("/v1/reports/{key}"),
            report.to_string(),
        )
    }

    pub(super) fn gets(&self, town: &mut Town, key: &str) -> Heard {
        self.asks(town, "GET", &format!("/v1/reports/{key}"))
    }

    pub(super) fn withdraws(&self, town: &mut Town, key: &str) -> Heard {
        self.asks(town, "DELETE", &format!("/v1/reports/{key}"))
    }

    pub(super) fn does(&self, town: &mut Town, key: &str, event_key: &str, event: &Value) -> Heard {
        let path = format!("/v1/reports/{key}/events/{event_key}");
        self.sends(town, "PUT", &path, event.to_string())
    }

    pub(super) fn pulls(&self, town: &mut Town, after: Option<&str>) -> Heard {
        let path = match after {
            Some(cursor) => format!("/v1/changes?after={cursor}"),
            None => "/v1/changes".to_owned(),
        };
        self.asks(town, "GET", &path)
    }
}

/// A key of the story: the same number, the same key.
pub(super) fn key(number: u32) -> String {
    format!("{number:08x}-5f0e-4f4b-9a5c-0d8a4e0b7c11")
}

pub(super) fn lamp() -> Value {
    json!({
        "classification": "complaint",
        "title": "Lampu jalan mati",
        "content": "Lampu jalan di depan pasar mati sejak tiga hari lalu.",
        "incident_date": "2026-11-20",
        "location": "Jalan Raya Kerobokan",
        "anonymous": false,
        "secret": false,
        "attachments": [],
    })
}

pub(super) fn with(mut report: Value, field: &str, value: Value) -> Value {
    report[field] = value;
    report
}

pub(super) fn without(mut report: Value, field: &str) -> Value {
    report.as_object_mut().unwrap().remove(field);
    report
}

/// Bytes of a picture and how a report names them.
pub(super) fn picture(seed: u64, bytes: usize) -> (Vec<u8>, Value) {
    let mut content = vec![0; bytes];
    Dice::new(seed).fill(&mut content);
    let named = json!({
        "sha256": hex(&Sha256::digest(&content)),
        "bytes": bytes,
        "media_type": "image/jpeg",
        "name": format!("foto-{seed}.jpg"),
    });
    (content, named)
}

pub(super) fn patch(url: &str, offset: u64, bytes: &[u8]) -> Request {
    Request::new("PATCH", url)
        .header("Tus-Resumable", "1.0.0")
        .header("Upload-Offset", &offset.to_string())
        .header("Content-Type", "application/offset+octet-stream")
        .body(bytes)
}

pub(super) fn head(url: &str) -> Request {
    Request::new("HEAD", url).header("Tus-Resumable", "1.0.0")
}
