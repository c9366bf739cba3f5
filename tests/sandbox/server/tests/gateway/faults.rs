//! Each switch, seen from a phone.

use std::io::Read as _;
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::phone::{Phone, key, report, upload_url};
use crate::process::Sandbox;

fn signed_in() -> (Sandbox, Phone) {
    let sandbox = Sandbox::start();
    let siti = Phone::signs_in(&sandbox.address, "siti");
    (sandbox, siti)
}

fn last_request(sandbox: &Sandbox) -> Value {
    let journal = sandbox.get("/sandbox/journal");
    journal.as_array().unwrap().last().unwrap().clone()
}

#[test]
fn an_answer_lost_after_commit_leaves_the_report_and_its_tracking_id() {
    let (sandbox, siti) = signed_in();
    let body = report("Jawaban hilang", &[]);
    sandbox.switch(json!({ "route": "create", "lose_answer": true, "times": 1 }));

    siti.tries_to_send(&key(1), &body)
        .expect_err("not one byte of the answer comes");
    let entry = last_request(&sandbox);
    assert_eq!(entry["status"], json!(201));
    assert_eq!(entry["end"], json!("cut"));
    assert_eq!(entry["head_out"], json!(0));
    let held = sandbox.get(&format!("/sandbox/report/{}", key(1)));

    let again = siti.sends(&key(1), &body);
    assert_eq!(again.status, 200);
    assert_eq!(again.json()["tracking_id"], held["tracking_id"]);
    assert_eq!(sandbox.creates_of(&key(1)), json!(1));
}

#[test]
fn a_portal_answers_everything_without_the_marks_and_nothing_is_done() {
    let (sandbox, siti) = signed_in();
    sandbox.switch(json!({ "route": "*", "portal": true, "times": 2 }));
    let body = report("Di balik portal", &[]);

    let portal = siti.sends(&key(1), &body);
    assert_eq!(portal.status, 200);
    assert_eq!(
        portal.find("Content-Type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(portal.find("Lapor-Contract"), None);
    assert!(String::from_utf8_lossy(&portal.body).contains("WiFi Gratis"));
    assert_eq!(
        siti.asks("GET", "/v1/meta", &[], b"")
            .unwrap()
            .find("Lapor-Contract"),
        None
    );
    assert_eq!(sandbox.creates_of(&key(1)), json!(null));

    assert_eq!(siti.sends(&key(1), &body).status, 201);
}

#[test]
fn garbage_and_a_broken_gzip_are_what_they_say() {
    let (sandbox, siti) = signed_in();
    sandbox.switch(json!([
        { "route": "changes", "garbage": true, "times": 1 },
        { "route": "meta", "truncated_gzip": true, "times": 1 },
        { "route": "meta", "wrong_content_type": true, "times": 1 },
    ]));

    let garbage = siti.asks("GET", "/v1/changes", &[], b"").unwrap();
    assert_eq!(garbage.status, 200);
    assert!(serde_json::from_slice::<Value>(&garbage.body).is_err());

    let broken = siti.asks("GET", "/v1/meta", &[], b"").unwrap();
    assert_eq!(broken.find("Content-Encoding"), Some("gzip"));
    assert!(broken.whole, "HTTP itself is in order");
    GzDecoder::new(broken.body.as_slice())
        .read_to_end(&mut Vec::new())
        .expect_err("half of it is missing");

    let misnamed = siti.asks("GET", "/v1/meta", &[], b"").unwrap();
    assert_eq!(misnamed.find("Content-Type"), Some("text/html"));
    assert!(misnamed.json()["limits"].is_object());
}

#[test]
fn statuses_come_with_and_without_marks_and_retry_after() {
    let (sandbox, siti) = signed_in();
    sandbox.switch(json!([
        { "route": "changes", "status": 429, "retry_after": 7, "times": 1 },
        { "route": "changes", "status": 502, "marked": false, "times": 1 },
        { "route": "changes", "status": 418, "code": "teapot", "times": 1 },
        { "route": "changes", "status": 503, "retry_after": 90, "marked": false, "times": 1 },
    ]));
    let ask = || siti.asks("GET", "/v1/changes", &[], b"").unwrap();

    let busy = ask();
    assert_eq!((busy.status, busy.find("Retry-After")), (429, Some("7")));
    assert_eq!(busy.json()["code"], json!("too_many_requests"));
    assert_eq!(busy.find("Lapor-Contract"), Some("1"));

    let front_end = ask();
    assert_eq!(
        (front_end.status, front_end.find("Lapor-Contract")),
        (502, None)
    );

    let unknown = ask();
    assert_eq!(unknown.status, 418);
    assert_eq!(unknown.json()["code"], json!("teapot"));
    assert_eq!(unknown.json()["status"], json!(418));

    let closed = ask();
    assert_eq!(
        (closed.status, closed.find("Retry-After")),
        (503, Some("90"))
    );
    assert_eq!(ask().status, 200);
}

#[test]
fn an_answer_cut_in_the_middle_ends_after_exactly_so_many_bytes() {
    let (sandbox, siti) = signed_in();
    let whole = siti.asks("GET", "/v1/meta", &[], b"").unwrap();
    sandbox.switch(json!({ "route": "meta", "cut_answer_after": 300, "times": 1 }));

    let cut = siti.asks("GET", "/v1/meta", &[], b"").unwrap();
    assert!(!cut.whole);
    // A second may have passed between the two: the answer tells the time.
    let same =
        |(one, other): (&u8, &u8)| one == other || one.is_ascii_digit() && other.is_ascii_digit();
    assert!(cut.body.len() < whole.body.len());
    assert!(whole.body.iter().zip(&cut.body).all(same));
    let entry = last_request(&sandbox);
    assert_eq!(entry["end"], json!("cut"));
    let out = entry["head_out"].as_u64().unwrap() + entry["body_out"].as_u64().unwrap();
    assert_eq!(out, 300);
}

#[test]
fn a_request_cut_in_the_middle_creates_nothing() {
    let (sandbox, siti) = signed_in();
    let body = report("Terpotong", &[]);
    sandbox
        .switch(json!({ "route": "create", "cut_request_after": 100, "reset": true, "times": 1 }));

    siti.tries_to_send(&key(1), &body).expect_err("cut");
    assert_eq!(sandbox.creates_of(&key(1)), json!(null));
    assert_eq!(last_request(&sandbox)["body_in"], json!(100));
    assert_eq!(siti.sends(&key(1), &body).status, 201);
}

#[test]
fn latency_and_bandwidth_take_the_time_that_they_say() {
    let (sandbox, siti) = signed_in();
    let timed = || {
        let began = Instant::now();
        let answer = siti.asks("GET", "/v1/meta", &[], b"").unwrap();
        assert!(answer.whole);
        (began.elapsed(), answer.body.len())
    };
    sandbox.switch(json!({ "route": "meta", "latency_ms": 300 }));
    assert!(timed().0 >= Duration::from_millis(300));

    sandbox.switch(json!({ "route": "meta", "bandwidth": 1000 }));
    let (took, bytes) = timed();
    let expected = Duration::from_millis(u64::try_from(bytes).unwrap());
    assert!(took >= expected.mul_f64(0.8), "{bytes} bytes took {took:?}");
}

#[test]
fn a_stall_is_an_open_connection_without_an_answer() {
    use std::io::Write as _;
    let sandbox = Sandbox::start();
    sandbox.switch(json!({ "route": "meta", "stall": true }));
    let mut socket = std::net::TcpStream::connect(&sandbox.address).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_millis(400)))
        .unwrap();
    socket
        .write_all(b"GET /v1/meta HTTP/1.1\r\nHost: x\r\nLapor-Contract: 1\r\n\r\n")
        .unwrap();
    let waited = socket.read(&mut [0; 16]).expect_err("no byte comes");
    assert!(matches!(
        waited.kind(),
        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
    ));
    assert_eq!(last_request(&sandbox)["end"], json!("open"));
}

#[test]
fn a_switch_that_makes_no_sense_is_refused_in_words() {
    let sandbox = Sandbox::start();
    let wrong = json!({ "route": "create", "portal": true, "stall": true });
    let refused = sandbox.desk("PUT", "/sandbox/faults", wrong);
    assert_eq!(refused.status, 400);
    assert!(refused.json()["error"].as_str().unwrap().contains("2 ways"));
    assert_eq!(sandbox.get("/sandbox/faults"), json!([]));
}

#[test]
fn the_journal_counts_bytes_and_keeps_no_words_tokens_or_upload_addresses() {
    let (sandbox, siti) = signed_in();
    let picture = b"ten bytes.";
    let body = report("Rahasia dapur", &[picture]);
    let url = upload_url(&siti.sends(&key(1), &body));

    let entry = last_request(&sandbox);
    assert_eq!(entry["route"], json!("create"));
    assert_eq!(entry["account"], json!("siti"));
    assert_eq!(entry["report"], json!(key(1)));
    assert_eq!(entry["body_in"], json!(body.len()));
    assert_eq!(entry["end"], json!("answered"));
    assert!(entry["head_in"].as_u64().unwrap() > 100);
    assert!(entry["body_out"].as_u64().unwrap() > 100);
    let journal = sandbox.get("/sandbox/journal").to_string();
    assert!(!journal.contains("Rahasia"));
    assert!(!journal.contains("Bearer"));
    assert!(!journal.contains(url.rsplit('/').next().unwrap()));
    let number = entry["number"].as_u64().unwrap();
    assert_eq!(
        sandbox.get(&format!("/sandbox/journal?after={number}")),
        json!([])
    );
}
