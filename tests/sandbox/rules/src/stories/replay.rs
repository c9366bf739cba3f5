//! Any order and any repetition of what phones send leaves the counts right.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::people::*;

const KEYS: u32 = 4;
const PICTURE: usize = 64;

/// What a network may do with a phone's requests: drop answers, repeat, reorder.
#[derive(Debug, Clone)]
enum Arrival {
    Create { number: u32 },
    OtherBytes { number: u32 },
    Foreign { number: u32 },
    Withdraw { number: u32 },
    Reply { number: u32, event: u32 },
    Bytes { number: u32, from: usize, to: usize },
    Verify { number: u32 },
}

fn arrival() -> impl Strategy<Value = Arrival> {
    let number = 0..KEYS;
    prop_oneof![
        4 => number.clone().prop_map(|number| Arrival::Create { number }),
        1 => number.clone().prop_map(|number| Arrival::OtherBytes { number }),
        1 => number.clone().prop_map(|number| Arrival::Foreign { number }),
        1 => number.clone().prop_map(|number| Arrival::Withdraw { number }),
        2 => (number.clone(), 0..3_u32).prop_map(|(number, event)| Arrival::Reply { number, event }),
        3 => (number.clone(), 0..=PICTURE, 0..=PICTURE).prop_map(|(number, a, b)| Arrival::Bytes {
            number,
            from: a.min(b),
            to: a.max(b),
        }),
        1 => number.prop_map(|number| Arrival::Verify { number }),
    ]
}

fn report_of(number: u32) -> (Value, Vec<u8>) {
    let (bytes, named) = picture(u64::from(number), PICTURE);
    (with(lamp(), "attachments", json!([named])), bytes)
}

/// What must hold, kept beside the gateway in the simplest way.
#[derive(Default)]
struct Ledger {
    tracking: BTreeMap<u32, String>,
    withdrawn: BTreeSet<u32>,
    verified: BTreeSet<u32>,
    replies: BTreeSet<(u32, u32)>,
    urls: BTreeMap<u32, String>,
    offsets: BTreeMap<u32, usize>,
}

impl Ledger {
    fn lives(&self, number: u32) -> bool {
        self.tracking.contains_key(&number) && !self.withdrawn.contains(&number)
    }
}

fn event_key(number: u32, event: u32) -> String {
    key(1000 + number * 10 + event)
}

fn happens(town: &mut Town, siti: &Phone, budi: &Phone, ledger: &mut Ledger, arrival: &Arrival) {
    match *arrival {
        Arrival::Create { number } => {
            let (report, _) = report_of(number);
            let heard = siti.puts(town, &key(number), &report);
            if ledger.withdrawn.contains(&number) {
                heard.refuses(410, "withdrawn");
                return;
            }
            let known = ledger.tracking.get(&number).cloned();
            let heard = heard.is(if known.is_some() { 200 } else { 201 });
            let tracking = heard.text("tracking_id");
            assert_eq!(known.unwrap_or_else(|| tracking.clone()), tracking);
            ledger.tracking.insert(number, tracking);
            if let Some(url) = heard.uploads().first() {
                // The same address while it lives.
                assert_eq!(
                    ledger.urls.entry(number).or_insert_with(|| url.clone()),
                    url
                );
            }
        }
        Arrival::OtherBytes { number } if ledger.tracking.contains_key(&number) => {
            let heard = siti.puts(town, &key(number), &with(lamp(), "title", json!("Lain")));
            if ledger.withdrawn.contains(&number) {
                heard.refuses(410, "withdrawn");
            } else {
                heard.refuses(409, "key_taken");
            }
        }
        Arrival::Foreign { number } => {
            if ledger.tracking.contains_key(&number) || ledger.withdrawn.contains(&number) {
                budi.puts(town, &key(number), &report_of(number).0)
                    .refuses(409, "key_foreign");
            }
        }
        Arrival::Withdraw { number } => {
            let heard = siti.withdraws(town, &key(number));
            if ledger.verified.contains(&number) {
                heard.refuses(409, "too_late");
            } else {
                heard.is(204);
                ledger.withdrawn.insert(number);
            }
        }
        Arrival::Reply { number, event } => {
            let body = json!({ "type": "reply", "text": format!("{event}"), "seen_revision": 1 });
            let heard = siti.does(town, &key(number), &event_key(number, event), &body);
            if ledger.replies.contains(&(number, event)) {
                heard.is(200);
            } else if ledger.lives(number) {
                heard.is(201);
                ledger.replies.insert((number, event));
            } else {
                assert!([404, 410].contains(&heard.0.status));
            }
        }
        Arrival::Bytes { number, from, to } => {
            let Some(url) = ledger.urls.get(&number).cloned() else {
                return;
            };
            let (_, bytes) = report_of(number);
            let heard = town.exchange(&patch(&url, from as u64, &bytes[from..to]));
            let offset = ledger.offsets.entry(number).or_default();
            if ledger.withdrawn.contains(&number) {
                heard.is(404);
            } else if from == *offset {
                heard.is(204);
                *offset = to;
            } else {
                heard.is(409);
            }
        }
        Arrival::Verify { number } => {
            let possible = ledger.lives(number) && !ledger.verified.contains(&number);
            assert_eq!(
                town.gateway.verify(town.now, &key(number)).is_ok(),
                possible
            );
            if possible {
                ledger.verified.insert(number);
            }
        }
        Arrival::OtherBytes { .. } => {}
    }
}

fn the_counts_are_right(town: &mut Town, siti: &Phone, ledger: &Ledger) {
    let tracking: BTreeSet<&String> = ledger.tracking.values().collect();
    assert_eq!(
        tracking.len(),
        ledger.tracking.len(),
        "a number was given twice"
    );
    for number in 0..KEYS {
        let created = u64::from(ledger.tracking.contains_key(&number));
        assert_eq!(town.gateway.creates_of(&key(number)).unwrap(), created);
        for event in 0..3 {
            let taken = u64::from(ledger.replies.contains(&(number, event)));
            assert_eq!(
                town.gateway.events_of(&event_key(number, event)).unwrap(),
                taken
            );
        }
        if ledger.lives(number) {
            let whole = siti.gets(town, &key(number)).is(200).json();
            let stored = ledger.offsets.get(&number) == Some(&PICTURE);
            assert_eq!(whole["attachments"][0]["stored"], stored);
            let (_, bytes) = report_of(number);
            let sha = whole["attachments"][0]["sha256"].as_str().unwrap();
            let held = town.gateway.attachment(&key(number), sha).unwrap().unwrap();
            assert_eq!(
                held,
                bytes[..ledger.offsets.get(&number).copied().unwrap_or(0)]
            );
        }
    }
    let published: BTreeSet<String> = town
        .gateway
        .published()
        .unwrap()
        .into_iter()
        .map(|row| row.key)
        .collect();
    assert_eq!(
        published,
        ledger.verified.iter().copied().map(key).collect()
    );

    // The feed tells every report of the account, living or removed, once and at its end.
    let page = siti.pulls(town, None).is(200).json();
    let told: BTreeMap<String, bool> = page["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            (
                change["key"].as_str().unwrap().to_owned(),
                change["kind"] == "report",
            )
        })
        .collect();
    let wanted: BTreeMap<String, bool> = ledger
        .tracking
        .keys()
        .map(|number| (key(*number), !ledger.withdrawn.contains(number)))
        .collect();
    assert_eq!(told, wanted);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_interleaving_leaves_the_counts_right(
        arrivals in proptest::collection::vec(arrival(), 0..60),
    ) {
        let town = &mut Town::new();
        let (siti, budi) = (town.siti(), town.sign_in("budi"));
        let mut ledger = Ledger::default();
        for arrival in &arrivals {
            happens(town, &siti, &budi, &mut ledger, arrival);
        }
        the_counts_are_right(town, &siti, &ledger);
    }

    /// Nothing that comes over the line makes the gateway fail or answer outside the contract.
    #[test]
    fn any_body_gets_an_answer_of_the_contract(body in ".{0,200}", route in 0..4_usize) {
        let town = &mut Town::new();
        let siti = town.siti();
        town.well_formed = false;
        let report = format!("/v1/reports/{}", key(1));
        let event = format!("{report}/events/{}", key(2));
        let (method, path) = [
            ("PUT", report.as_str()),
            ("PUT", event.as_str()),
            ("POST", "/v1/reports/known"),
            ("POST", "/v1/session"),
        ][route];
        let heard = siti.sends(town, method, path, body);
        prop_assert!((400..500).contains(&heard.0.status));
    }
}
