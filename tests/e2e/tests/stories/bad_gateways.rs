//! Answers that are not LAPOR!'s: never success, never rejection, never a spent attempt.

use serde_json::{Value, json};

use crate::stage::Stage;

/// While the answer is this one, nothing is called sent; afterwards everything goes, once.
fn seen_through(fault: &Value, reason: &str) {
    let stage = Stage::new();
    let document = stage.document("a.pdf", 30_000);
    let report = stage.submits_with("Lampu", &[document]);
    stage.gateway.faults(std::slice::from_ref(fault)).unwrap();
    let ran = stage.syncs_once();
    assert_eq!(ran.code, 4, "{fault}: {ran:?}");
    let shown = stage.expect_waiting(&report, reason);
    if reason == "not_lapor" {
        assert_eq!(shown["waiting"]["attempts"], 0, "{shown}");
    }
    let words = shown["waiting"]["reason"]["words"].as_str().unwrap();
    assert!(
        !words.to_lowercase().contains("wifi"),
        "only the phone's OS knows of a sign-in page: {words}"
    );
    stage.gateway.faults(&[]).unwrap();
    stage.drains(&stage.siti);
    stage.expect_arrived_once(&[report]);
}

#[test]
fn a_portals_page() {
    seen_through(&json!({ "route": "*", "portal": true }), "not_lapor");
}

#[test]
fn random_bytes_with_200() {
    seen_through(&json!({ "route": "*", "garbage": true }), "not_lapor");
}

#[test]
fn random_bytes_after_the_report_was_created() {
    seen_through(
        &json!({ "route": "create", "garbage": true, "commit": true }),
        "not_lapor",
    );
}

#[test]
fn a_front_ends_401_and_404_reject_nothing() {
    for status in [401, 404] {
        seen_through(
            &json!({ "route": "*", "status": status, "marked": false }),
            "not_lapor",
        );
    }
}

#[test]
fn a_true_answer_under_a_wrong_name_loses_nothing() {
    let stage = Stage::new();
    let report = stage.submits("Lampu");
    stage
        .gateway
        .faults(&[json!({ "route": "create", "wrong_content_type": true })])
        .unwrap();
    // Whether it is believed is the client's to say; it must be consistent and arrive once.
    let ran = stage.syncs_once();
    let shown = stage.siti.shows(&report).unwrap();
    assert_eq!(shown["phase"] == "sent", shown["tracking_id"].is_string());
    assert_eq!(ran.code == 0, shown["phase"] == "sent", "{ran:?} {shown}");
    stage.gateway.faults(&[]).unwrap();
    stage.drains(&stage.siti);
    stage.expect_arrived_once(&[report]);
}

#[test]
fn a_portal_in_the_middle_of_a_picture_leaves_what_had_arrived() {
    let stage = Stage::new();
    let document = stage.document("a.pdf", 200_000);
    let report = stage.submits_with("Lampu", &[document]);
    stage
        .gateway
        .faults(&[json!({ "route": "*", "portal": true, "after": 3 })])
        .unwrap();
    stage.syncs_once();
    let before = stage.arrived();
    assert!(before[0].0 > 0 && before[0].0 < before[0].1, "{before:?}");
    let shown = stage.siti.shows(&report).unwrap();
    assert_eq!(shown["attachments"]["stored"], 0, "{shown}");
    stage.gateway.faults(&[]).unwrap();
    stage.drains(&stage.siti);
    assert_eq!(
        stage.siti.shows(&report).unwrap()["pictures"][0]["restarts"],
        0
    );
    stage.expect_arrived_once(&[report]);
}
