#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;

fn told(waits: &[(u64, u64)], number_at: u64) -> Vec<Value> {
    let mut all: Vec<Value> = waits
        .iter()
        .map(|(ms, in_ms)| json!({ "event": "waiting", "ms": ms, "in_ms": in_ms }))
        .collect();
    all.push(json!({
        "event": "ended", "task": "create", "outcome": "done", "report": "a", "ms": number_at,
    }));
    all
}

fn seconds(traced: &[Value], after: u64) -> u64 {
    let from = from_retry(traced, "a", Duration::from_secs(after));
    from.unwrap().as_secs()
}

#[test]
fn a_retry_announced_for_later_than_the_heal_is_where_it_counts_from() {
    let traced = told(&[(62_000, 30_000), (102_000, 60_000)], 163_000);
    assert_eq!(seconds(&traced, 41), 1);
}

#[test]
fn a_retry_before_the_heal_excuses_nothing() {
    let traced = told(&[(62_000, 30_000)], 163_000);
    assert_eq!(seconds(&traced, 41), 41);
    assert_eq!(seconds(&told(&[], 163_000), 41), 41);
}

#[test]
fn a_wait_that_was_cut_short_is_none() {
    let traced = told(&[(100_000, 900_000)], 163_000);
    assert_eq!(seconds(&traced, 41), 41);
}
