//! What people type: at and over every limit, with marks that can be seen and characters that
//! cannot. The draft always keeps it; only `submit` may refuse, and names field, code and limit.

use lapor_e2e::exit;
use serde_json::{Value, json};

use crate::stage::Stage;

/// The limits as the form has them: title, content, location.
const LIMITS: [(&str, &str, usize); 3] = [
    ("title", "--title", 255),
    ("content", "--content", 10_000),
    ("location", "--location", 1_000),
];

fn field<'a>(shown: &'a Value, name: &str) -> &'a str {
    shown[name].as_str().unwrap()
}

#[test]
fn text_at_the_limit_goes_and_one_over_it_is_kept_and_named() {
    let stage = Stage::new();
    let mut reports = Vec::new();
    // Scalar values count, not bytes: every script has the same room.
    for letter in ["a", "ꦧ", "🌋"] {
        let key = stage.siti.drafts("Judul", "Isi.").unwrap();
        for (name, option, limit) in LIMITS {
            let over = letter.repeat(limit + 1);
            stage
                .siti
                .does(&["draft", "edit", &key, option, &over])
                .unwrap();
            let told = stage
                .siti
                .run(&["submit", &key])
                .unwrap()
                .expect(exit::INVALID_DRAFT)
                .unwrap()
                .json()
                .unwrap();
            let problem = &told["error"]["problems"][0];
            assert_eq!(
                (&problem["field"], &problem["code"]),
                (&json!(name), &json!("too_long")),
                "{told}"
            );
            assert_eq!(
                (&problem["limit"], &problem["actual"]),
                (&json!(limit), &json!(limit + 1))
            );
            assert!(!problem["words"].as_str().unwrap().is_empty(), "{problem}");
            let shown = stage.siti.shows(&key).unwrap();
            assert_eq!(shown["phase"], "draft");
            assert!(field(&shown, name) == over, "what was typed is lost");
            let most = letter.repeat(limit);
            stage
                .siti
                .does(&["draft", "edit", &key, option, &most])
                .unwrap();
        }
        stage.siti.submits(&key).unwrap();
        reports.push(key);
    }
    stage.drains(&stage.siti);
    stage.expect_arrived_once(&reports);
    for (key, letter) in reports.iter().zip(["a", "ꦧ", "🌋"]) {
        let there = stage.gateway.see(&format!("report/{key}")).unwrap();
        for (name, _, limit) in LIMITS {
            assert!(
                field(&there, name) == letter.repeat(limit),
                "{name} changed"
            );
        }
    }
}

#[test]
fn directions_marks_and_scripts_arrive_as_they_were_typed_and_steer_no_terminal() {
    let stage = Stage::new();
    let title = "\u{202e}gnokgnib\u{202c} العربية ꦲꦏ꧀ꦱꦫ 👩‍👩‍👧 e\u{301} \u{feff}x";
    let content = "baris satu\r\nbaris dua\tkolom\n\u{2066}isolasi\u{2069}\u{200f}";
    let key = stage.siti.drafts(title, content).unwrap();
    stage.siti.submits(&key).unwrap();
    stage.drains(&stage.siti);
    stage.expect_arrived_once(std::slice::from_ref(&key));
    let there = stage.gateway.see(&format!("report/{key}")).unwrap();
    assert_eq!(
        (field(&there, "title"), field(&there, "content")),
        (title, content)
    );
    expect_harmless(&stage, &key);
}

#[test]
fn characters_that_no_keyboard_types_are_refused_by_name_and_steer_no_terminal() {
    let stage = Stage::new();
    for bad in [
        "\u{1b}[2J\u{1b}]0;x\u{7}",
        "a\u{8}b",
        "a\u{9b}31m",
        "a\u{7f}",
    ] {
        let key = stage.siti.drafts(bad, "Isi.").unwrap();
        let ran = stage.siti.run(&["submit", &key]).unwrap();
        let told = ran.expect(exit::INVALID_DRAFT).unwrap().json().unwrap();
        let problem = &told["error"]["problems"][0];
        assert_eq!(
            (&problem["field"], &problem["code"]),
            (&json!("title"), &json!("control_character")),
            "{told}"
        );
        let shown = stage.siti.shows(&key).unwrap();
        assert_eq!(
            (field(&shown, "title"), &shown["phase"]),
            (bad, &json!("draft"))
        );
        expect_harmless(&stage, &key);
    }
    assert_eq!(stage.gateway.see("counts").unwrap()["reports"], 0);
}

/// Words for people, not JSON: no escape, no direction override reaches the terminal.
fn expect_harmless(stage: &Stage, key: &str) {
    for words in [
        &["show", key, "--why"][..],
        &["list"],
        &["draft", "check", key],
    ] {
        let mut command = std::process::Command::new(lapor_e2e::program("lapor").unwrap());
        command
            .arg("--home")
            .arg(&stage.siti.home)
            .arg("--key-file")
            .arg(&stage.siti.key_file)
            .args(words);
        let output = command.output().unwrap();
        for stream in [output.stdout, output.stderr] {
            let text = String::from_utf8(stream).unwrap();
            let steering = |c: char| {
                (c.is_control() && c != '\n' && c != '\t')
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            };
            assert!(!text.contains(steering), "{words:?}: {text:?}");
        }
    }
}

#[test]
fn days_and_places_that_cannot_be_are_named() {
    let stage = Stage::new();
    let key = stage.siti.drafts("Judul", "Isi.").unwrap();
    for (option, value, name, code) in [
        ("--date", "2026-02-30", "incident_date", "invalid"),
        ("--date", "9999-01-01", "incident_date", "in_future"),
        ("--date", "kemarin", "incident_date", "invalid"),
        ("--area", "99.99.99.9999.9", "area_code", "invalid"),
        ("--place", "91,0", "place", "invalid"),
        ("--title", "   \n ", "title", "required"),
    ] {
        let key = stage.siti.drafts("Judul", "Isi.").unwrap();
        stage
            .siti
            .does(&["draft", "edit", &key, option, value])
            .unwrap();
        let ran = stage.siti.run(&["submit", &key]).unwrap();
        let told = ran.expect(exit::INVALID_DRAFT).unwrap().json().unwrap();
        let problem = &told["error"]["problems"][0];
        assert_eq!(
            (&problem["field"], &problem["code"]),
            (&json!(name), &json!(code)),
            "{option} {value}: {told}"
        );
    }
    stage.siti.submits(&key).unwrap();
}

#[test]
fn a_rejection_by_the_service_is_edited_and_sent_under_the_same_key() {
    let stage = Stage::new();
    stage
        .gateway
        .act("settings", &json!({ "title_chars": 10 }))
        .unwrap();
    let key = stage.submits("Judul yang terlalu panjang");
    let ran = stage.syncs_once();
    assert_eq!(ran.code, exit::REJECTED, "{ran:?}");
    let shown = stage.siti.shows(&key).unwrap();
    assert_eq!(shown["phase"], "rejected", "{shown}");
    assert_eq!(shown["problems"][0]["field"], "title", "{shown}");
    stage
        .siti
        .does(&["draft", "edit", &key, "--title", "Pendek"])
        .unwrap();
    stage.siti.submits(&key).unwrap();
    stage.drains(&stage.siti);
    stage.expect_arrived_once(&[key]);
}
