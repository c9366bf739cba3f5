//! What the citizen did not choose to tell: not on the phone in plain bytes, not in what support
//! gets, not on the line, not in the pictures.

use std::{fs, io::Read, net::TcpListener, path::Path, thread, time::Duration};

use lapor_e2e::Phone;
use lapor_photo::synth;
use serde_json::Value;

use crate::stage::{Stage, word};

const TITLE: &str = "Kanarijudul padam";
const CONTENT: &str = "Kanariisi sejak tiga hari";
const LOCATION: &str = "Kanaritempat, Kuta Utara";
const PLACE: &str = "-8.654321,115.123456";

fn holds(bytes: &[u8], text: &[u8]) -> bool {
    !text.is_empty() && bytes.windows(text.len()).any(|window| window == text)
}

fn expect_none(bytes: &[u8], secrets: &[Vec<u8>], what: &str) {
    for secret in secrets {
        assert!(
            !holds(bytes, secret),
            "{what} holds {:?}",
            String::from_utf8_lossy(secret)
        );
    }
}

fn expect_none_in_folder(folder: &Path, secrets: &[Vec<u8>]) -> u32 {
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            count += expect_none_in_folder(&path, secrets);
        } else {
            expect_none(&fs::read(&path).unwrap(), secrets, &word(&path));
            count += 1;
        }
    }
    count
}

/// One request, headers and body, taken to a listener that never answers.
fn what_is_sent(phone: &Phone) -> Vec<u8> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    let taken = thread::spawn(move || {
        let (mut line, _) = listener.accept().unwrap();
        line.set_read_timeout(Some(Duration::from_millis(700)))
            .unwrap();
        let mut bytes = Vec::new();
        let _until_it_pauses = line.read_to_end(&mut bytes);
        bytes
    });
    let elsewhere = Phone {
        server,
        ..phone.clone()
    };
    let ran = elsewhere
        .run(&["sync", "--once", "--timeout", "5"])
        .unwrap();
    assert_eq!(ran.code, 4, "{ran:?}");
    taken.join().unwrap()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2)
        .map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap())
        .collect()
}

#[test]
fn nothing_that_was_written_lies_in_the_open_or_goes_to_support() {
    let mut stage = Stage::new();
    let trace = stage.folder.path().join("trace.jsonl");
    stage.siti.options = vec!["--trace".to_owned(), word(&trace)];
    let siti = stage.siti.clone();
    let mut errors = String::new();
    let mut does = |words: &[&str], code: i32| -> Value {
        let ran = siti.run(words).unwrap().expect(code).unwrap();
        errors.push_str(&ran.err);
        ran.json().unwrap()
    };
    let made = does(
        &[
            "draft",
            "new",
            "--classification",
            "complaint",
            "--title",
            TITLE,
            "--content",
            CONTENT,
            "--date",
            "2026-01-15",
            "--location",
            LOCATION,
            "--place",
            PLACE,
            "--anonymous",
        ],
        0,
    );
    let key = made["key"].as_str().unwrap().to_owned();
    let photo = word(&stage.photo("IMG_20260317_kanari.jpg", 3));
    does(&["attach", &key, &photo], 0);
    does(&["submit", &key], 0);

    // The request itself: an anonymous person's name, the second of writing, the camera.
    let request = what_is_sent(&siti);
    let text = String::from_utf8_lossy(&request).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("PUT /v1/reports/"), "{head}");
    assert!(body.contains(CONTENT), "it is the report: {body}");
    for secret in [
        "Siti",
        "Rahayu",
        synth::CANARY,
        "IMG_2026",
        "09:41",
        "Synth",
    ] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    let clock_time = |text: &str| {
        let bytes = text.as_bytes();
        let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        (0..bytes.len()).any(|at| {
            digit(at) && digit(at + 1) && bytes.get(at + 2) == Some(&b':') && digit(at + 3)
        })
    };
    assert!(!clock_time(body), "a time of day: {body}");
    let token = head
        .lines()
        .find_map(|line| line.strip_prefix("authorization: Bearer "))
        .expect("a token")
        .trim()
        .to_owned();

    does(
        &["--network", "up", "sync", "--until-idle", "--timeout", "20"],
        0,
    );
    // A second one still waits, so that an outbox with words lies on the disk as well.
    stage.line.set_up(false);
    let second = siti.drafts(TITLE, CONTENT).unwrap();
    does(&["submit", &second], 0);
    does(&["sync", "--once"], 4);
    let bundle = stage.folder.path().join("bundle.json");
    does(&["doctor", "--bundle", &word(&bundle)], 0);
    does(&["show", "nothing-like-it"], 1);
    does(&["list"], 0);

    let key_text = fs::read_to_string(&siti.key_file).unwrap();
    let key_hex = key_text.lines().next().unwrap().to_owned();
    let words = [
        TITLE,
        CONTENT,
        LOCATION,
        "Kanari",
        "8.654321",
        "115.123456",
        "rahasia123",
        &token,
        &key_hex,
        synth::CANARY,
        "IMG_2026",
    ];
    let mut secrets: Vec<Vec<u8>> = words.iter().map(|text| text.as_bytes().to_vec()).collect();
    secrets.push(unhex(&key_hex));

    // Also while a process has it open, with everything still in the log.
    let mut watcher = siti
        .starts(&["sync", "--watch", "--timeout", "60"])
        .unwrap();
    let third = siti.drafts(TITLE, CONTENT).unwrap();
    does(&["submit", &third], 0);
    assert!(expect_none_in_folder(&siti.home, &secrets) >= 3);
    watcher.kill().unwrap();
    watcher.wait().unwrap();
    assert!(expect_none_in_folder(&siti.home, &secrets) >= 3);

    secrets.extend(["Siti", "siti", "Rahayu"].map(|text| text.as_bytes().to_vec()));
    expect_none(&fs::read(&bundle).unwrap(), &secrets, "the bundle");
    expect_none(&fs::read(&trace).unwrap(), &secrets, "the trace");
    secrets.retain(|secret| secret != b"siti" && secret != b"Siti");
    expect_none(errors.as_bytes(), &secrets, "stderr");
    let journal = stage.gateway.see("journal").unwrap().to_string();
    expect_none(journal.as_bytes(), &secrets, "the sandbox's journal");
    let told = fs::read_to_string(&trace).unwrap();
    assert!(told.lines().count() > 4, "a trace worth reading: {told}");
}

#[test]
fn a_picture_at_the_gateway_tells_nothing_of_camera_place_and_time() {
    let stage = Stage::new();
    let photo = stage.photo("IMG_0001.jpg", 9);
    assert!(holds(&fs::read(&photo).unwrap(), synth::CANARY.as_bytes()));
    let report = stage.submits_with("Lampu", &[photo]);
    stage.drains(&stage.siti);
    let shown = stage.siti.shows(&report).unwrap();
    let hash = shown["pictures"][0]["sha256"].as_str().unwrap();
    let path = format!("attachments/{report}/{hash}");
    let there = stage.gateway.bytes(&path).unwrap();
    assert_eq!(there[..3], [0xFF, 0xD8, 0xFF]);
    let secrets = ["Exif", "2026:03:17", "Synth", synth::CANARY, "http"];
    let secrets = secrets.map(|text| text.as_bytes().to_vec());
    expect_none(&there, &secrets, "the picture");
    // No application segment but the format's own.
    let mut at = 2;
    while there[at] == 0xFF && there[at + 1] != 0xDA {
        let marker = there[at + 1];
        assert!(!matches!(marker, 0xE1..=0xEF | 0xFE), "segment {marker:#x}");
        at += 2 + usize::from(u16::from_be_bytes([there[at + 2], there[at + 3]]));
    }
    // Three letters come up by chance in the codes of one photo in sixty: before those there are none.
    expect_none(&there[..at], &[b"GPS".to_vec()], "the picture's head");
    let told = stage.gateway.see(&format!("report/{report}")).unwrap();
    assert_eq!(told["attachments"][0]["name"], "foto-1.jpg", "{told}");
    stage.expect_arrived_once(&[report]);
}

#[test]
fn forgetting_leaves_no_readable_rest_and_the_service_keeps_what_it_got() {
    let stage = Stage::new();
    let photo = stage.photo("IMG_0001.jpg", 9);
    let report = stage.submits_with(TITLE, &[photo]);
    stage.drains(&stage.siti);
    stage.siti.does(&["forget-me", "--yes"]).unwrap();
    stage.siti.signs_in("siti").unwrap();
    let rows = stage.siti.does(&["list", "--all"]).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 0, "{rows}");
    let counts = stage.gateway.see("counts").unwrap();
    assert_eq!(counts["creates"][&report], 1);
}

#[test]
fn one_report_is_erased_from_the_phone_and_stays_away_while_the_service_keeps_it() {
    let stage = Stage::new();
    let erased = stage.submits("Kanarihapus");
    let kept = stage.submits("Lampu padam");
    let waits = stage.siti.run(&["erase", &erased, "--yes"]).unwrap();
    assert_ne!(waits.code, 0, "nothing of it may wait: {waits:?}");
    assert!(waits.out.contains("still_to_send"), "{waits:?}");

    stage.drains(&stage.siti);
    let done = stage.siti.run(&["erase", &erased, "--yes"]).unwrap();
    assert_eq!(done.code, 0, "{done:?}");
    // The service tells of it again, and it is not for this phone any more.
    stage.drains(&stage.siti);
    assert_ne!(stage.siti.run(&["show", &erased]).unwrap().code, 0);
    let listed = stage.siti.run(&["list"]).unwrap();
    assert!(!listed.out.contains("Kanarihapus"), "{listed:?}");
    assert!(listed.out.contains(&kept), "{listed:?}");
    let there = stage.gateway.see(&format!("report/{erased}")).unwrap();
    assert!(there["tracking_id"].is_string(), "{there}");
    stage.expect_no_violations();
}
