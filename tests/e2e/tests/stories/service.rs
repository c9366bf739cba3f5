//! What happens to the service itself: it forgets, restarts, runs twice, is restored.

use lapor_e2e::Gateway;
use serde_json::json;

use crate::stage::Stage;

#[test]
fn an_upload_that_the_gateway_forgot_starts_over_and_is_counted() {
    let stage = Stage::new();
    let document = stage.document("a.pdf", 700_000);
    let report = stage.submits_with("Lampu", &[document]);
    stage
        .siti
        .run(&["sync", "--limit-bytes", "10k"])
        .unwrap()
        .expect(4)
        .unwrap();
    assert!(stage.arrived()[0].0 > 0, "{:?}", stage.arrived());
    stage
        .gateway
        .faults(&[json!({ "route": "upload_patch", "upload_forgotten": true, "times": 1 })])
        .unwrap();
    stage.drains(&stage.siti);
    let shown = stage.siti.shows(&report).unwrap();
    assert_eq!(shown["pictures"][0]["restarts"], 1, "{shown}");
    stage.expect_arrived_once(&[report]);
}

#[test]
fn a_gateway_killed_in_the_middle_of_a_picture_goes_on_from_what_it_had() {
    let mut stage = Stage::new();
    let document = stage.document("a.pdf", 300_000);
    let report = stage.submits_with("Lampu", &[document]);
    stage.line.set_rate(100_000);
    let words = ["--network", "up", "sync", "--until-idle", "--timeout", "40"];
    let mut sync = stage.siti.starts(&words).unwrap();
    stage.until_half_there();
    stage.gateway.restart().unwrap();
    stage.line.leads_to(stage.gateway.address().unwrap());
    stage.line.set_rate(0);
    assert!(sync.wait().unwrap().success());
    let shown = stage.siti.shows(&report).unwrap();
    assert_eq!(shown["pictures"][0]["restarts"], 0, "{shown}");
    stage.expect_arrived_once(&[report]);
}

#[test]
fn two_gateways_on_one_store_are_one_service() {
    let stage = Stage::new();
    let second: Gateway = stage.gateway.beside().unwrap();
    let document = stage.document("a.pdf", 250_000);
    let report = stage.submits_with("Lampu", &[document]);
    // The first commits the create and never says so.
    stage
        .gateway
        .faults(&[json!({ "route": "create", "lose_answer": true })])
        .unwrap();
    assert_eq!(stage.syncs_once().code, 4);
    stage.line.leads_to(second.address().unwrap());
    stage.line.set_rate(100_000);
    let words = ["--network", "up", "sync", "--until-idle", "--timeout", "40"];
    let mut sync = stage.siti.starts(&words).unwrap();
    stage.until_half_there();
    // The picture changes machines in the middle.
    stage.gateway.faults(&[]).unwrap();
    stage.line.leads_to(stage.gateway.address().unwrap());
    stage.line.set_rate(0);
    assert!(sync.wait().unwrap().success());
    stage.expect_arrived_once(&[report]);
    let told = second.see("violations").unwrap();
    assert_eq!(told["violations"], json!([]));
}

#[test]
fn a_service_restored_from_a_backup_gets_back_what_it_forgot_and_nothing_twice() {
    let stage = Stage::new();
    let old = stage.submits("Sebelum cadangan");
    stage.drains(&stage.siti);
    stage
        .gateway
        .act("backup", &json!({ "name": "malam" }))
        .unwrap();
    let document = stage.document("a.pdf", 40_000);
    let forgotten = stage.submits_with("Sesudah cadangan", &[document]);
    stage.drains(&stage.siti);
    let first_id = stage.siti.shows(&forgotten).unwrap()["tracking_id"].clone();
    // One more is on its way while the service goes back in time.
    let late = stage.submits("Di tengah");
    stage
        .gateway
        .faults(&[json!({ "route": "create", "lose_answer": true })])
        .unwrap();
    assert_eq!(stage.syncs_once().code, 4);
    stage.gateway.faults(&[]).unwrap();
    stage
        .gateway
        .act("restore", &json!({ "name": "malam" }))
        .unwrap();
    // Restoring takes sessions made since with it, if any; Siti's is older.
    stage.drains(&stage.siti);
    stage.drains(&stage.siti);
    let shown = stage.siti.shows(&forgotten).unwrap();
    assert_ne!(shown["tracking_id"], first_id, "ids are never used again");
    assert_eq!(shown["prior_tracking_ids"], json!([first_id]), "{shown}");
    let there = stage.gateway.see(&format!("report/{forgotten}")).unwrap();
    assert_eq!(there["prior_tracking_id"], first_id, "{there}");
    stage.expect_arrived_once(&[old, forgotten, late]);
}

#[test]
fn a_session_that_the_service_ended_pauses_and_loses_nothing() {
    let stage = Stage::new();
    let document = stage.document("a.pdf", 40_000);
    let report = stage.submits_with("Lampu", &[document]);
    stage.gateway.act("sessions/end", &json!({})).unwrap();
    assert_eq!(stage.syncs_once().code, 5);
    stage.expect_waiting(&report, "sign_in");
    stage.siti.signs_in("siti").unwrap();
    stage.drains(&stage.siti);
    stage.expect_arrived_once(&[report]);
}

#[test]
fn a_token_that_expires_in_the_middle_of_a_picture_is_renewed_though_the_answer_is_lost() {
    let stage = Stage::new();
    let document = stage.document("a.pdf", 90_000);
    let report = stage.submits_with("Lampu", &[document]);
    stage.siti.run(&["sync", "--limit-bytes", "10k"]).unwrap();
    stage.gateway.act("tokens/expire", &json!({})).unwrap();
    stage
        .gateway
        .faults(&[json!({ "route": "refresh", "lose_answer": true, "times": 1 })])
        .unwrap();
    let second = stage.submits("Jalan");
    stage.drains(&stage.siti);
    stage.expect_arrived_once(&[report, second]);
}
