//! The console and the desk's calls.

use lapor_sandbox::plain_http::{PlainAnswer, exchange};
use serde_json::json;

use crate::phone::{Phone, key, photo, report};
use crate::process::Sandbox;

fn page(sandbox: &Sandbox, path: &str) -> PlainAnswer {
    exchange(
        &sandbox.address,
        "GET",
        path,
        &[("Accept", "text/html")],
        b"",
    )
    .unwrap()
}

fn html(sandbox: &Sandbox) -> String {
    String::from_utf8(page(sandbox, "/sandbox").body).unwrap()
}

#[test]
fn the_console_shows_reports_and_what_is_missing_and_runs_nothing() {
    let sandbox = Sandbox::start();
    let siti = Phone::signs_in(&sandbox.address, "siti");
    let attack = r#"<script>alert("1")</script> & <img src=x onerror='y'>"#;
    let created = siti.sends(&key(1), &report(attack, &[&photo(9_000)]));
    assert_eq!(created.status, 201, "{}", created.json());

    let answer = page(&sandbox, "/sandbox");
    let html = String::from_utf8(answer.body.clone()).unwrap();
    let id = created.json()["tracking_id"].as_str().unwrap().to_owned();
    assert!(html.contains(&format!("#{id}")));
    assert!(html.contains("missing 1 of 1 attachments, 9 KB to come"));
    assert!(html.contains("Belum Terverifikasi"));
    assert!(!html.contains("<script"), "{html}");
    assert!(!html.contains("<img src=x"));
    assert!(html.contains("&#60;script&#62;") || html.contains("&lt;script&gt;"));
    let policy = answer.find("Content-Security-Policy").unwrap();
    assert!(policy.starts_with("default-src 'none'"));
    assert!(!policy.contains("script-src"));

    sandbox.does(&format!("/sandbox/report/{id}/verify"), json!({}));
    let public = String::from_utf8(page(&sandbox, "/sandbox/public").body).unwrap();
    assert!(public.contains(&format!("#{id}")));
    assert!(!public.contains("<script"));
}

#[test]
fn the_desk_takes_a_report_through_its_life() {
    let sandbox = Sandbox::start();
    let siti = Phone::signs_in(&sandbox.address, "siti");
    siti.sends(&key(1), &report("Lampu jalan mati", &[]));
    let path = |action: &str| format!("/sandbox/report/{}/{action}", key(1));

    assert_eq!(sandbox.get("/sandbox/public"), json!([]));
    assert_eq!(
        sandbox.does(&path("verify"), json!({}))["status"],
        json!("verified")
    );
    assert_eq!(
        sandbox.does(&path("dispose"), json!({ "institution": "dpu-badung" }))["status"],
        json!("disposed")
    );
    let followed = sandbox.does(&path("follow-up"), json!({ "text": "Besok diganti." }));
    assert_eq!(followed["status"], json!("in_progress"));
    assert_eq!(sandbox.get("/sandbox/public").as_array().unwrap().len(), 1);

    // Eleven working days without a reply fit in 30 days of any calendar.
    sandbox.does("/sandbox/clock", json!({ "advance_days": 30 }));
    assert_eq!(
        sandbox.does("/sandbox/tick", json!({}))["closed"],
        json!([key(1)])
    );
    let closed = sandbox.get(&format!("/sandbox/report/{}", key(1)));
    assert_eq!(closed["status"], json!("closed"));

    let refused = sandbox.desk("POST", &path("verify"), json!({}));
    assert_eq!(refused.status, 409);
    let unknown = sandbox.desk("POST", "/sandbox/report/999/verify", json!({}));
    assert_eq!(unknown.status, 404);
}

#[test]
fn the_forms_of_the_page_do_the_same_and_come_back_to_it() {
    let sandbox = Sandbox::start();
    let form = |path: &str, body: &str| {
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        let answer = exchange(&sandbox.address, "POST", path, &headers, body.as_bytes()).unwrap();
        assert_eq!(answer.status, 303, "{path}");
        answer.find("Location").unwrap().to_owned()
    };

    let back = form(
        "/sandbox/faults",
        "route=create&fault=status&value=503&times=2&retry_after=4&unmarked=on&after=&latency_ms=&bandwidth=",
    );
    assert_eq!(back, "/sandbox?done=switch%20set");
    let set = sandbox.get("/sandbox/faults");
    assert_eq!(set[0]["status"], json!(503));
    assert_eq!(set[0]["times"], json!(2));
    assert_eq!(set[0]["marked"], json!(false));
    assert_eq!(set[0]["retry_after"], json!(4));
    assert!(html(&sandbox).contains("status 503 unmarked"));

    let back = form("/sandbox/faults", "route=create&fault=status&value=none");
    assert!(back.starts_with("/sandbox?refused="), "{back}");
    form(&format!("/sandbox/faults/{}/remove", set[0]["id"]), "");
    assert_eq!(sandbox.get("/sandbox/faults"), json!([]));

    form("/sandbox/clock", "advance_days=14");
    assert!(html(&sandbox).contains("shifted +14 d 0 h"));
    form("/sandbox/settings", "maintenance=true");
    assert!(html(&sandbox).contains("Maintenance is on"));
}

#[test]
fn pages_of_other_origins_are_kept_out() {
    let sandbox = Sandbox::start();
    let headers = [
        ("Origin", "http://evil.example"),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let refused = exchange(
        &sandbox.address,
        "POST",
        "/sandbox/sessions/end",
        &headers,
        b"",
    )
    .unwrap();
    assert_eq!(refused.status, 403);

    // A name that leads to loopback is still not this machine's.
    use std::io::Write as _;
    let mut socket = std::net::TcpStream::connect(&sandbox.address).unwrap();
    socket
        .write_all(
            b"GET /sandbox/reports HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        )
        .unwrap();
    let refused = lapor_sandbox::plain_http::read(&mut socket, "GET").unwrap();
    assert_eq!(refused.status, 403);
}

#[test]
fn a_seeded_sandbox_shows_pictures() {
    let sandbox = Sandbox::start();
    let url = format!("http://{}", sandbox.address);
    for _ in 0..2 {
        let seeded = crate::process::program()
            .args(["seed", "--url", &url])
            .output()
            .unwrap();
        assert!(seeded.status.success(), "{seeded:?}");
    }
    assert_eq!(sandbox.get("/sandbox/counts")["created"], json!(4));
    let html = html(&sandbox);
    let picture = html
        .split("<img src=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap();
    let answer = page(&sandbox, picture);
    assert_eq!(answer.find("Content-Type"), Some("image/png"));
    assert!(answer.body.starts_with(b"\x89PNG"));
    sandbox.kept_the_contract();
}
