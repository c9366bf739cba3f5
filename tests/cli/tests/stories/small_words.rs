//! What is said beside the answer: how many, and what to do about it.

use std::fs;

use crate::{answers::Answers, phone::Phone};

#[test]
fn one_report_is_not_called_reports() {
    let mut phone = Phone::of("siti");
    let gateway = Answers::problem("503 Service Unavailable", "{}");
    phone.server(gateway.url.clone());
    let key = phone.submitted("Lampu padam");
    let folder = phone.folder().join("keluar");
    let out = phone.run(["export", folder.to_str().unwrap(), "--lang", "en"]);
    let words = out.ends(0).out;
    assert!(
        words.contains("1 report and 0 attachments were written."),
        "{words}"
    );
    phone.run(["sync"]);
    let words = phone.run(["outbox", &key, "--lang", "en"]).ends(0).out;
    assert!(words.contains(", 1 attempt,"), "{words}");
    let words = phone
        .run(["forget-me", "--yes", "--lang", "en"])
        .ends(0)
        .out;
    assert!(
        words.contains("1 report and 0 attachments were erased"),
        "{words}"
    );
}

#[test]
fn an_export_without_a_sign_in_says_whose_reports_are_not_in_it() {
    let phone = Phone::of("siti");
    phone.submitted("Lampu padam");
    phone.run(["sign-out"]).ends(0);
    let folder = phone.folder().join("keluar");
    let ran = phone.run(["export", folder.to_str().unwrap()]).ends(0);
    assert!(ran.err.contains("belum masuk"), "{ran:?}");
}

#[test]
fn the_doctor_says_what_helps() {
    let phone = Phone::new();
    phone.draft("Lampu padam");
    let words = phone.run(["doctor"]).ends(0).out;
    assert!(words.contains("Masuk"), "nobody is signed in: {words}");
    let database = phone.home().join("store").join("lapor.db");
    let mut bytes = fs::read(&database).unwrap();
    for byte in bytes.iter_mut().take(4096) {
        *byte = !*byte;
    }
    fs::write(&database, bytes).unwrap();
    phone.run(["list"]).ends(0);
    let words = phone.run(["doctor"]).ends(0).out;
    assert!(words.contains("lapor losses"), "{words}");
    // Where all is well there is nothing to do.
    let well = Phone::of("siti");
    let words = well.run(["doctor"]).ends(0).out;
    assert!(!words.contains("(lapor"), "{words}");
}

#[test]
fn a_sign_in_without_a_name_does_not_go_on_the_wire() {
    let phone = Phone::new();
    for name in ["", "  "] {
        let line = [
            "sign-in",
            name,
            "--password-stdin",
            "--json",
            "--server",
            "http://127.0.0.1:9/",
        ];
        let ran = phone.type_in(&line, b"rahasia\n").ends(2);
        assert_eq!(ran.json()["error"]["code"], "sign_in_incomplete", "{ran:?}");
    }
}
