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
    let document = stage.document("a.pdf", 700_000);
    let report = stage.submits_with("Lampu", &[document]);
    // After the words and the first chunk.
    stage
        .gateway
        .faults(&[json!({ "route": "*", "portal": true, "after": 2 })])
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

#[test]
fn garbage_on_any_one_route_is_seen_through_and_the_rest_goes_on() {
    let stage = Stage::new();
    let mut reports = Vec::new();
    let mut now = 0;
    let mut syncs = |words: &[&str]| {
        // Past every pause, for the phone.
        now += 7_200;
        let now = format!("+{now}s");
        let words = [&["--now", &now, "sync"], words].concat();
        stage.siti.run(&words).unwrap()
    };
    for route in ["changes", "upload_patch", "upload_head", "event", "refresh"] {
        for kind in ["garbage", "truncated_gzip", "wrong_content_type"] {
            let document = stage.document(&format!("{route}-{kind}.pdf"), 30_000);
            let report = stage.submits_with(&format!("{route} {kind}"), &[document]);
            stage.siti.does(&["reply", &report, "Masih."]).unwrap();
            if route == "refresh" {
                stage.gateway.act("tokens/expire", &json!({})).unwrap();
            }
            if route == "upload_head" {
                // A chunk without an answer, so that the gateway is asked where it stands.
                let cut = json!({ "route": "upload_patch", "lose_answer": true });
                stage.gateway.faults(&[cut]).unwrap();
                syncs(&["--once"]);
            }
            stage
                .gateway
                .faults(&[json!({ "route": route, kind: true })])
                .unwrap();
            let ran = syncs(&["--once"]);
            assert!(matches!(ran.code, 0 | 4), "{route} {kind}: {ran:?}");
            stage.gateway.faults(&[]).unwrap();
            for _ in 0..3 {
                syncs(&["--once"]);
            }
            let shown = stage.siti.shows(&report).unwrap();
            assert_eq!(shown["phase"], "sent", "{route} {kind}: {shown}");
            assert_eq!(shown["attachments"]["stored"], 1, "{route} {kind}: {shown}");
            reports.push(report);
        }
    }
    stage.expect_arrived_once(&reports);
    let events = &stage.gateway.see("counts").unwrap()["events"];
    let once = events.as_object().unwrap();
    assert_eq!(once.len(), reports.len());
    assert!(once.values().all(|count| count == 1), "{events}");
}
