//! The end: every phone's ledger against the gateway's books.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    broken::{Kind, hold},
    ledger::{Ledger, Stage, Told, list, text},
    service::Service,
};

/// What was compared.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    pub(crate) accepted: u64,
    pub(crate) withdrawn: u64,
    pub(crate) pictures: u64,
    pub(crate) events: u64,
    pub(crate) drafts: u64,
}

/// All ledgers, after everything was sent.
pub(crate) fn compare(ledgers: &[&Ledger], service: &Service) -> Result<Compared> {
    let mut compared = Compared::default();
    let counts = service.see("counts")?;
    let published: BTreeSet<&str> = list(&counts, "published")
        .iter()
        .map(|one| text(one, "key"))
        .collect();
    let mut words: BTreeMap<&str, usize> = BTreeMap::new();
    let mut accepted: BTreeSet<&str> = BTreeSet::new();
    let mut ids = BTreeSet::new();
    for (key, told) in ledgers.iter().flat_map(|ledger| ledger.iter()) {
        if !told.own {
            let there = service.see(&format!("report/{key}"))?;
            compared.events += events(key, told, &there)?;
            *words.entry(key).or_default() += told.words.len();
            continue;
        }
        if told.stage != Stage::Accepted {
            compared.drafts += 1;
            continue;
        }
        compared.accepted += 1;
        accepted.insert(key);
        let creates = counts
            .pointer(&format!("/creates/{key}"))
            .and_then(Value::as_u64)
            .unwrap_or(0);
        hold!(Kind::Twice, creates <= 1, "{key}: created {creates} times");
        if told.withdrawn {
            compared.withdrawn += 1;
            hold!(
                Kind::Other,
                !published.contains(key.as_str()),
                "{key}: taken back, and published"
            );
            continue;
        }
        hold!(
            Kind::Lost,
            creates == 1,
            "{key}: accepted, and not at the gateway"
        );
        let there = service.see(&format!("report/{key}"))?;
        report(key, told, &there)?;
        let id = told.tracking_id.clone();
        hold!(
            Kind::Lost,
            id.is_some(),
            "{key}: sent, and has no tracking id"
        );
        hold!(
            Kind::Twice,
            ids.insert(id.clone()),
            "{key}: shares the tracking id {id:?}"
        );
        compared.pictures += pictures(key, told, &there, service)?;
        compared.events += events(key, told, &there)?;
        *words.entry(key).or_default() += told.words.len();
    }
    strangers(&counts, &accepted, &words, service)?;
    Ok(compared)
}

fn report(key: &str, told: &Told, there: &Value) -> Result<()> {
    let same = text(there, "title") == told.title && text(there, "content") == told.content;
    hold!(Kind::Lost, same, "{key}: other words at the gateway");
    hold!(
        Kind::Other,
        text(there, "account") == told.person,
        "{key}: sent as {}",
        text(there, "account")
    );
    let id = there.get("tracking_id").and_then(Value::as_str);
    hold!(
        Kind::FalseSuccess,
        id == told.tracking_id.as_deref(),
        "{key}: {id:?} at the gateway"
    );
    hold!(
        Kind::Lost,
        list(there, "missing").is_empty(),
        "{key}: pictures are missing"
    );
    Ok(())
}

/// Byte by byte, by SHA-256 over what the gateway gives out.
fn pictures(key: &str, told: &Told, there: &Value, service: &Service) -> Result<u64> {
    let listed: Vec<&str> = list(there, "attachments")
        .iter()
        .map(|one| text(one, "sha256"))
        .collect();
    let kept: Vec<&str> = told
        .pictures
        .iter()
        .map(|one| one.sha256.as_str())
        .collect();
    hold!(
        Kind::Lost,
        listed == kept,
        "{key}: other pictures at the gateway"
    );
    for sha256 in &kept {
        let bytes = service.bytes(&format!("attachments/{key}/{sha256}"))?;
        let hash: String = Sha256::digest(&bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        hold!(
            Kind::Lost,
            hash == *sha256,
            "{key}: a picture of other bytes"
        );
    }
    Ok(kept.len() as u64)
}

/// What this person said of it: all of it, once, in order.
fn events(key: &str, told: &Told, there: &Value) -> Result<u64> {
    let own: BTreeSet<&str> = told
        .words
        .iter()
        .map(|word| word.event_key.as_str())
        .collect();
    let arrived: Vec<(&str, &str)> = list(there, "events")
        .iter()
        .filter(|one| own.contains(text(one, "event_key")))
        .map(|one| (text(one, "event_key"), text(one, "text")))
        .collect();
    let said: Vec<(&str, &str)> = told
        .words
        .iter()
        .map(|word| (word.event_key.as_str(), word.text.as_str()))
        .collect();
    hold!(
        Kind::Lost,
        arrived.len() >= said.len(),
        "{key}: {} of {} replies",
        arrived.len(),
        said.len()
    );
    hold!(
        Kind::Twice,
        arrived.len() <= said.len(),
        "{key}: {} of {} replies",
        arrived.len(),
        said.len()
    );
    hold!(
        Kind::Lost,
        arrived == said,
        "{key}: replies in another order"
    );
    Ok(said.len() as u64)
}

/// Nothing at the gateway that no phone accepted.
fn strangers(
    counts: &Value,
    accepted: &BTreeSet<&str>,
    words: &BTreeMap<&str, usize>,
    service: &Service,
) -> Result<()> {
    let nothing = serde_json::Map::new();
    let creates = counts
        .get("creates")
        .and_then(Value::as_object)
        .unwrap_or(&nothing);
    for key in creates.keys() {
        hold!(
            Kind::Other,
            accepted.contains(key.as_str()),
            "{key}: at the gateway, and nobody submitted it"
        );
    }
    let events = counts
        .get("events")
        .and_then(Value::as_object)
        .unwrap_or(&nothing);
    for (event, count) in events {
        hold!(Kind::Twice, *count == 1, "event {event}: {count} times");
    }
    for (key, said) in words {
        let there = service.see(&format!("report/{key}"))?;
        let by_key = |one: &&Value| one.get("event_key").is_some_and(Value::is_string);
        let arrived = list(&there, "events").iter().filter(by_key).count();
        hold!(
            Kind::Twice,
            arrived <= *said,
            "{key}: {arrived} replies at the gateway, {said} were written"
        );
    }
    Ok(())
}
