//! The seams of the feature `qa`.

use std::fs;

use crate::{answers::Answers, phone::Phone};

#[test]
fn a_clock_ten_years_off_loses_nothing() {
    let phone = Phone::of("siti");
    for clock in ["-10y", "+10y"] {
        let key = phone
            .run(["draft", "new", "--now", clock, "--title", clock])
            .ends(0)
            .out
            .trim()
            .to_owned();
        let line = [
            "draft",
            "edit",
            &key,
            "--now",
            clock,
            "--content",
            "x",
            "--location",
            "y",
            "--classification",
            "aspirasi",
            "--date",
            "2016-01-05",
        ];
        phone.run(line).ends(0);
        phone.run(["submit", &key, "--now", clock]).ends(0);
        let ran = phone.run(["sync", "--now", clock, "--json"]).ends(4);
        assert!(
            ran.json()["waiting"][0]["reason"]["code"].is_string(),
            "{ran:?}"
        );
    }
    let rows = phone.json(&["list"]);
    assert_eq!(rows.as_array().unwrap().len(), 2);
    assert!(
        rows.as_array()
            .unwrap()
            .iter()
            .all(|row| row["phase"] == "queued"),
        "{rows}"
    );
    phone.run(["list"]).ends(0);
}

#[test]
fn a_clock_in_the_past_refuses_no_day_that_has_been() {
    let phone = Phone::new();
    phone.draft("Lampu padam");
    // Set to 1970: the app is younger than that, so the day of the incident may well have been.
    phone
        .run(["draft", "check", "@last", "--now", "1970-01-05T00:00:00Z"])
        .ends(0);
    phone.run(["draft", "edit", "@last", "--date", "2099-01-01"]);
    let checked = phone
        .run(["draft", "check", "@last", "--json"])
        .ends(3)
        .json();
    assert_eq!(checked["problems"][0]["code"], "in_future");
}

#[test]
fn a_report_is_accepted_even_where_nobody_lived_to_say_so() {
    let phone = Phone::of("siti");
    let key = phone.draft("Lampu padam");
    let ran = phone.run(["submit", &key, "--crash-at", "submitted"]);
    assert_eq!((ran.code, ran.out.as_str()), (-1, ""), "killed: {ran:?}");
    assert_eq!(phone.json(&["show", &key])["phase"], "queued");
    assert_eq!(phone.json(&["outbox"]).as_array().unwrap().len(), 1);
}

#[test]
fn a_kill_at_any_point_of_an_exchange_leaves_the_same_report_to_go_on() {
    for point in ["begun", "answered", "settled"] {
        let mut phone = Phone::of("siti");
        let portal = Answers::portal();
        phone.server(portal.url.clone());
        let key = phone.submitted("Lampu padam");
        assert_eq!(phone.run(["sync", "--crash-at", point]).code, -1, "{point}");
        let row = phone.json(&["outbox"])[0].clone();
        assert_eq!(
            (&row["report"], &row["may_have_arrived"]),
            (&key.as_str().into(), &true.into()),
            "{point}"
        );
        assert_eq!(
            row["operation_state"], "waiting",
            "nobody is at it: {point}"
        );
        phone.run(["sync", "--network", "up", "--json"]).ends(4);
    }
}

#[test]
fn a_trace_tells_what_happened_and_nothing_that_was_written() {
    let phone = Phone::of("siti");
    phone.submitted("Kanarijudul");
    let file = phone.folder().join("trace.jsonl");
    phone
        .run(["sync", "--trace", file.to_str().unwrap()])
        .ends(4);
    let text = fs::read_to_string(&file).unwrap();
    let events: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(
        events
            .iter()
            .any(|event| event["event"] == "ended" && event["outcome"] == "offline"),
        "{text}"
    );
    assert!(!text.contains("Kanari") && !text.contains("siti"), "{text}");
}
