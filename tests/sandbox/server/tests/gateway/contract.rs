//! Signing in and sending: what a key promises.

use std::io::Read as _;

use flate2::read::GzDecoder;
use lapor_sandbox::plain_http::exchange;
use serde_json::json;

use crate::phone::{Phone, key, report};
use crate::process::Sandbox;

#[test]
fn a_report_is_created_once_and_known_for_ever() {
    let sandbox = Sandbox::start();
    let siti = Phone::signs_in(&sandbox.address, "siti");
    let body = report("Jalan berlubang", &[]);

    let first = siti.sends(&key(1), &body);
    let again = siti.sends(&key(1), &body);

    assert_eq!(first.status, 201, "{}", first.json());
    assert_eq!(first.find("Lapor-Contract"), Some("1"));
    assert_eq!(first.find("Lapor-Request"), Some("phone-1"));
    assert!(first.find("Lapor-Epoch").is_some());
    assert!(first.find("Date").is_some());
    assert_eq!(again.status, 200);
    assert_eq!(again.json()["tracking_id"], first.json()["tracking_id"]);

    let other_bytes = siti.sends(&key(1), &report("Jalan rusak", &[]));
    assert_eq!(other_bytes.status, 409);
    assert_eq!(other_bytes.json()["code"], json!("key_taken"));
    let budi = Phone::signs_in(&sandbox.address, "budi");
    let foreign = budi.sends(&key(1), &body);
    assert_eq!(foreign.json()["code"], json!("key_foreign"));
    assert_eq!(sandbox.creates_of(&key(1)), json!(1));
    sandbox.kept_the_contract();
}

#[test]
fn a_wrong_password_and_a_made_up_token_are_told_apart() {
    let sandbox = Sandbox::start();
    let headers = [
        ("Lapor-Contract", "1"),
        ("Lapor-Request", "phone-1"),
        ("Content-Type", "application/json"),
    ];
    let said = br#"{"user":"siti","password":"salah1234"}"#;
    let refused = exchange(&sandbox.address, "POST", "/v1/session", &headers, said).unwrap();
    assert_eq!(refused.status, 401);
    assert_eq!(refused.json()["code"], json!("bad_credentials"));

    let headers = [
        ("Lapor-Contract", "1"),
        ("Lapor-Request", "phone-2"),
        ("Authorization", "Bearer made-up"),
    ];
    let refused = exchange(&sandbox.address, "GET", "/v1/changes", &headers, b"").unwrap();
    assert_eq!(refused.status, 401);
    assert_eq!(refused.json()["code"], json!("unauthorized"));
    assert_eq!(refused.find("Lapor-Request"), Some("phone-2"));
}

#[test]
fn json_is_compressed_for_those_who_accept_it() {
    let sandbox = Sandbox::start();
    let marks = [("Lapor-Contract", "1"), ("Lapor-Request", "phone-1")];
    let plain = exchange(&sandbox.address, "GET", "/v1/meta", &marks, b"").unwrap();
    assert_eq!(plain.find("Content-Encoding"), None);
    assert!(plain.body.len() > 256);

    let accepting = [marks[0], marks[1], ("Accept-Encoding", "gzip")];
    let small = exchange(&sandbox.address, "GET", "/v1/meta", &accepting, b"").unwrap();
    assert_eq!(small.find("Content-Encoding"), Some("gzip"));
    let mut unpacked = String::new();
    GzDecoder::new(small.body.as_slice())
        .read_to_string(&mut unpacked)
        .unwrap();
    assert!(unpacked.contains("\"contract\""));
    assert!(small.body.len() < plain.body.len());
}

#[test]
fn a_body_beyond_the_limit_is_refused_with_the_marks() {
    let sandbox = Sandbox::start();
    let siti = Phone::signs_in(&sandbox.address, "siti");
    let answer = siti.sends(&key(3), &report(&"x".repeat(600_000), &[]));
    assert_eq!(answer.status, 413);
    assert_eq!(answer.json()["code"], json!("body_too_large"));
    assert_eq!(answer.find("Lapor-Contract"), Some("1"));
    assert_eq!(sandbox.creates_of(&key(3)), json!(null));
}

#[test]
fn a_request_that_breaks_the_contract_is_found_and_its_words_are_not_repeated() {
    let sandbox = Sandbox::start();
    let siti = Phone::signs_in(&sandbox.address, "siti");
    sandbox.kept_the_contract();
    let body = report("Kata-kata rahasia", &[]).replace("\"complaint\"", "\"rahasia sekali\"");
    assert_eq!(siti.sends(&key(1), &body).status, 422);

    let found = sandbox.get("/sandbox/violations")["violations"].clone();
    assert_eq!(found[0]["side"], json!("request"), "{found}");
    assert_eq!(found[0]["route"], json!("create"));
    assert!(!found.to_string().contains("rahasia"), "{found}");
    let mistyped = exchange(&sandbox.address, "GET", "/sandbox/violation", &[], b"").unwrap();
    assert_eq!(mistyped.status, 404);
}
