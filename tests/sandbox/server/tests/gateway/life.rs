//! Starting, stopping, backups: what lasts and what does not.

use std::process::Stdio;

use serde_json::json;

use crate::phone::{Phone, key, report};
use crate::process::{Folder, Sandbox, program, text};

#[test]
fn it_listens_on_loopback_only() {
    let folder = Folder::new();
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let refused = program()
            .arg("--db")
            .arg(folder.path("gateway.db"))
            .args(["--listen", address])
            .output()
            .unwrap();
        assert_eq!(refused.status.code(), Some(1), "{address}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains("loopback"));
        assert!(refused.stdout.is_empty());
    }
    assert!(!folder.path("gateway.db").exists());
}

#[test]
fn a_restart_keeps_everything_that_was_promised() {
    let sandbox = Sandbox::start();
    let siti = Phone::signs_in(&sandbox.address, "siti");
    let body = report("Tetap ada", &[]);
    let first = siti.sends(&key(1), &body).json();
    sandbox.does("/sandbox/clock", json!({ "shift_seconds": 1800 }));
    let epoch = sandbox.get("/sandbox/counts")["epoch"].clone();

    let again = Sandbox::over(sandbox.killed(), &["--check-contract"]);
    let answer = siti.over(&again.address).sends(&key(1), &body);
    assert_eq!(
        answer.status,
        200,
        "the token lives on too: {}",
        answer.json()
    );
    assert_eq!(answer.json()["tracking_id"], first["tracking_id"]);
    assert_eq!(again.get("/sandbox/counts")["epoch"], epoch);
    assert_eq!(again.get("/sandbox/clock")["shift_seconds"], json!(1800));
}

#[test]
fn a_restore_begins_a_new_epoch_and_gives_no_tracking_id_twice() {
    let sandbox = Sandbox::start();
    let siti = Phone::signs_in(&sandbox.address, "siti");
    siti.sends(&key(1), &report("Sebelum cadangan", &[]));
    sandbox.does("/sandbox/backup", json!({ "name": "pagi" }));
    assert_eq!(sandbox.get("/sandbox/backup"), json!(["pagi"]));
    let lost = siti.sends(&key(2), &report("Sesudah cadangan", &[]));
    let before = lost.find("Lapor-Epoch").unwrap().to_owned();

    let restored = sandbox.does("/sandbox/restore", json!({ "name": "pagi" }));
    assert_ne!(restored["epoch"], json!(before));

    let siti = Phone::signs_in(&sandbox.address, "siti");
    let again = siti.sends(&key(2), &report("Sesudah cadangan", &[]));
    assert_eq!(again.status, 201, "forgotten, so created again");
    assert_eq!(again.find("Lapor-Epoch"), restored["epoch"].as_str());
    assert_ne!(again.json()["tracking_id"], lost.json()["tracking_id"]);
    assert_eq!(
        siti.sends(&key(1), &report("Sebelum cadangan", &[])).status,
        200
    );

    let twice = sandbox.desk("POST", "/sandbox/backup", json!({ "name": "pagi" }));
    assert_eq!(twice.status, 409);
    let outside = sandbox.desk("POST", "/sandbox/backup", json!({ "name": "../x" }));
    assert_eq!(outside.status, 400);
    let unknown = sandbox.desk("POST", "/sandbox/restore", json!({ "name": "sore" }));
    assert_eq!(unknown.status, 404);
}

#[test]
fn tokens_expire_and_sessions_end_when_the_desk_says_so() {
    let sandbox = Sandbox::start();
    let siti = Phone::signs_in(&sandbox.address, "siti");
    let ask = || siti.asks("GET", "/v1/changes", &[], b"").unwrap().status;
    assert_eq!(ask(), 200);
    sandbox.does("/sandbox/tokens/expire", json!({}));
    assert_eq!(ask(), 401);
}

#[test]
fn settings_bound_what_is_new_and_never_what_is_known() {
    let sandbox = Sandbox::start();
    let siti = Phone::signs_in(&sandbox.address, "siti");
    let body = report("Pertama", &[]);
    siti.sends(&key(1), &body);
    sandbox.does("/sandbox/settings", json!({ "creates_per_hour": 1 }));

    let second = siti.sends(&key(2), &report("Kedua", &[]));
    assert_eq!(second.status, 429);
    assert!(second.find("Retry-After").is_some());
    assert_eq!(siti.sends(&key(1), &body).status, 200);
    let wrong = sandbox.desk("PUT", "/sandbox/settings", json!({ "page": -1 }));
    assert_eq!(wrong.status, 400);
}

#[test]
fn it_ends_with_its_time_its_parent_or_a_signal() {
    let short = Sandbox::over(Folder::new(), &[]);
    let status = program()
        .args(["--db"])
        .arg(short.folder.path("other.db"))
        .args(["--max-seconds", "1"])
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());

    let mut parent = std::process::Command::new("sleep")
        .arg("60")
        .spawn()
        .unwrap();
    let mut orphan = program()
        .arg("--db")
        .arg(short.folder.path("orphan.db"))
        .args(["--parent-pid", &parent.id().to_string()])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    parent.kill().unwrap();
    // Not reaped yet: a zombie is gone too.
    assert!(orphan.wait().unwrap().success());
    parent.wait().unwrap();

    let pid = short.pid().to_string();
    let told = std::process::Command::new("kill")
        .arg(&pid)
        .status()
        .unwrap();
    assert!(told.success());
    assert!(short.ended_by_itself());
}

#[test]
fn the_ready_file_says_what_the_first_line_says() {
    let folder = Folder::new();
    let file = folder.path("ready");
    let sandbox = Sandbox::over(folder, &["--ready-file", file.to_str().unwrap()]);
    let address = &sandbox.address;
    assert_eq!(
        sandbox.ready,
        format!("listening http://{address} console http://{address}/sandbox")
    );
    // The line comes first; the file follows at once.
    sandbox.get("/sandbox/clock");
    assert_eq!(text(&file).trim_end(), sandbox.ready);
    assert!(sandbox.store().exists());
}
