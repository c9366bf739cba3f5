//! Taking a report back while nobody knows whether it arrived.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread::{self, JoinHandle},
    time::Duration,
};

use lapor_e2e::Phone;
use serde_json::json;

use crate::stage::Stage;

/// Takes one report to itself, as a proxy that has lost its way does, and ends the connection.
fn proxy() -> (String, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let taken = thread::spawn(move || {
        loop {
            let (mut phone, _) = listener.accept().unwrap();
            phone
                .set_read_timeout(Some(Duration::from_secs(5)))
                .unwrap();
            let mut bytes = Vec::new();
            let mut piece = [0; 4096];
            while !is_whole(&bytes) {
                let count = phone.read(&mut piece).unwrap();
                assert_ne!(count, 0, "half a request");
                bytes.extend(&piece[..count]);
            }
            if bytes.starts_with(b"PUT ") {
                return bytes;
            }
        }
    });
    (url, taken)
}

fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    let Some(end) = text.find("\r\n\r\n") else {
        return false;
    };
    let length = text[..end]
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
    bytes.len() >= end + 4 + length
}

/// What sat in the proxy arrives; the answer's first line and body.
fn delivers(stage: &Stage, request: &[u8]) -> String {
    let mut gateway = TcpStream::connect(stage.gateway.address().unwrap()).unwrap();
    gateway
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    gateway.write_all(request).unwrap();
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    while !is_whole(&answer) {
        let count = gateway.read(&mut piece).unwrap();
        assert_ne!(count, 0, "half an answer");
        answer.extend(&piece[..count]);
    }
    String::from_utf8(answer).unwrap()
}

fn expect_never_published(stage: &Stage, report: &str, title: &str) {
    let public = stage.gateway.see("public").unwrap().to_string();
    assert!(
        !public.contains(report) && !public.contains(title),
        "{public}"
    );
    let counts = stage.gateway.see("counts").unwrap();
    assert!(
        !counts["published"].to_string().contains(report),
        "{counts}"
    );
}

#[test]
fn a_report_that_sits_in_a_proxy_is_not_published_however_late_it_comes() {
    let stage = Stage::new();
    let report = stage.submits("Pungutan liar");
    let (url, taken) = proxy();
    let lost = Phone {
        server: url,
        ..stage.siti.clone()
    };
    assert_eq!(lost.run(&["sync", "--once"]).unwrap().code, 4);
    let late = taken.join().unwrap();
    stage.expect_waiting(&report, "unknown");

    stage.siti.does(&["withdraw", &report]).unwrap();
    let shown = stage.siti.shows(&report).unwrap();
    assert_eq!(shown["phase"], "withdrawing", "not yet: {shown}");
    stage.drains(&stage.siti);
    assert_eq!(stage.siti.shows(&report).unwrap()["phase"], "withdrawn");

    let answer = delivers(&stage, &late);
    assert!(answer.starts_with("HTTP/1.1 410"), "{answer}");
    assert!(answer.contains("withdrawn"), "{answer}");
    expect_never_published(&stage, &report, "Pungutan");
    stage.drains(&stage.siti);
    assert_eq!(stage.siti.shows(&report).unwrap()["phase"], "withdrawn");
    stage.expect_no_violations();
}

#[test]
fn a_withdrawal_whose_own_answer_is_lost_is_asked_again() {
    let stage = Stage::new();
    let document = stage.document("a.pdf", 50_000);
    let report = stage.submits_with("Pungutan liar", &[document]);
    stage
        .gateway
        .faults(&[json!({ "route": "create", "lose_answer": true })])
        .unwrap();
    assert_eq!(stage.syncs_once().code, 4);
    stage.siti.does(&["withdraw", &report]).unwrap();
    stage
        .gateway
        .faults(&[json!({ "route": "withdraw", "lose_answer": true, "times": 2 })])
        .unwrap();
    stage.drains(&stage.siti);
    assert_eq!(stage.siti.shows(&report).unwrap()["phase"], "withdrawn");
    expect_never_published(&stage, &report, "Pungutan");
    let patches = stage.journal();
    assert!(
        patches.iter().all(|entry| entry["route"] != "upload_patch"),
        "a picture of a withdrawn report travelled"
    );
    stage.expect_no_violations();
}

#[test]
fn what_never_left_the_phone_is_taken_back_without_a_word_to_anybody() {
    let stage = Stage::new();
    let before = stage.journal().len();
    let report = stage.submits("Pungutan liar");
    stage.siti.does(&["withdraw", &report]).unwrap();
    assert_eq!(stage.siti.shows(&report).unwrap()["phase"], "withdrawn");
    stage.drains(&stage.siti);
    let asked = stage.journal();
    let about = |route: &str| {
        asked[before..]
            .iter()
            .filter(|one| one["route"] == route)
            .count()
    };
    assert_eq!((about("create"), about("withdraw")), (0, 0));
}

#[test]
fn too_late_to_take_back_is_said_and_the_report_stays() {
    let stage = Stage::new();
    let report = stage.submits("Lampu");
    stage.drains(&stage.siti);
    stage
        .gateway
        .act(&format!("report/{report}/verify"), &json!({}))
        .unwrap();
    stage
        .gateway
        .act(&format!("report/{report}/dispose"), &json!({}))
        .unwrap();
    let ran = stage.siti.run(&["withdraw", &report]).unwrap();
    let words = ["--network", "up", "sync", "--until-idle", "--timeout", "20"];
    stage.siti.run(&words).unwrap();
    let shown = stage.siti.shows(&report).unwrap();
    assert_eq!(shown["phase"], "sent", "{ran:?} {shown}");
    assert!(shown["tracking_id"].is_string(), "{shown}");
    let why = shown["operations"].to_string();
    assert!(why.contains("too_late"), "{why}");
}
