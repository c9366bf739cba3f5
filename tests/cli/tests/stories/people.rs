//! Who is signed in, who sees what, and what leaves the phone besides reports.

use std::fs;

use lapor_core::engine::{
    api::{AccountAnswer, Secret},
    sync::{Change, RunId, SessionState},
};

use crate::{
    answers::Answers,
    phone::{Phone, now},
};

#[test]
fn a_wrong_password_and_a_dead_line_are_told_apart() {
    let mut phone = Phone::of("siti");
    let ran = phone.type_in(&["sign-in", "siti", "--password-stdin", "--json"], b"x\n");
    let error = ran.ends(1).json()["error"].clone();
    assert_eq!(error["code"], "offline");
    let words = error["words"].as_str().unwrap();
    assert!(
        words.contains("Masuklah lagi") && !words.contains("sendiri"),
        "nothing of a sign-in goes by itself: {words}"
    );
    let gateway = Answers::problem(
        "401 Unauthorized",
        r#"{"type":"about:blank","title":"no","status":401,"code":"bad_credentials"}"#,
    );
    phone.server(gateway.url.clone());
    assert_eq!(
        phone
            .type_in(&["sign-in", "siti", "--password-stdin", "--json"], b"x\n")
            .ends(5)
            .json()["error"]["code"],
        "bad_credentials"
    );
    phone
        .type_in(&["sign-in", "siti", "--password-stdin"], b"\n")
        .ends(2);
    phone.run(["sign-in", "siti"]).ends(2);
    assert_eq!(
        phone.json(&["whoami"])["user"],
        "siti",
        "still the one from before"
    );
}

#[test]
fn an_ended_session_pauses_and_loses_nothing() {
    let phone = Phone::of("siti");
    let key = phone.submitted("Lampu padam");
    let mut store = phone.store();
    let nobody = RunId(String::new());
    let account = store.work(&nobody).unwrap().account.unwrap();
    store
        .apply(
            &[Change::SessionState {
                account: account.id,
                of: account.access_token,
                state: SessionState::Ended,
                refreshed: false,
            }],
            now(),
        )
        .unwrap();
    drop(store);
    let ran = phone.run(["sync", "--json"]).ends(5);
    assert_eq!(ran.json()["waiting"][0]["reason"]["code"], "sign_in");
    assert_eq!(
        ran.json()["waiting"][0]["next_try_ms"],
        serde_json::Value::Null,
        "only a person can set the time"
    );
    phone
        .run(["submit", &key, "--wait", "--timeout", "5"])
        .ends(5);
    phone.signs_in("siti");
    phone.run(["sync"]).ends(4);
}

#[test]
fn another_person_neither_sees_nor_sends_it() {
    let phone = Phone::of("siti");
    let key = phone.submitted("Lampu padam");
    phone.signs_in("budi");
    assert_eq!(phone.json(&["list", "--all"]).as_array().unwrap().len(), 0);
    assert_eq!(phone.json(&["outbox"]).as_array().unwrap().len(), 0);
    for line in [
        &["show", &key][..],
        &["withdraw", &key],
        &["resend", &key],
        &["outbox", &key],
        &["show", "@last"],
    ] {
        phone.run(line).ends(1);
    }
    phone.run(["sign-out"]).ends(0);
    phone.run(["sync"]).ends(5);
    phone.signs_in("siti");
    assert_eq!(phone.json(&["outbox"])[0]["report"], key.as_str());
}

#[test]
fn forgetting_takes_everything_and_asks_first() {
    let phone = Phone::of("siti");
    phone.submitted("Kanarikenangan");
    phone.run(["forget-me"]).ends(2);
    assert_eq!(phone.json(&["list"]).as_array().unwrap().len(), 1);
    assert_eq!(phone.json(&["forget-me", "--yes"])["reports"], 1);
    assert_eq!(phone.json(&["whoami"])["signed_in"], false);
    phone.signs_in("siti");
    assert_eq!(phone.json(&["list", "--all"]).as_array().unwrap().len(), 0);
}

#[test]
fn forgetting_while_signed_out_says_that_what_people_wrote_stays() {
    let phone = Phone::of("siti");
    let key = phone.submitted("Kanarikenangan");
    phone.run(["sign-out"]).ends(0);
    let ran = phone.run(["forget-me", "--yes"]).ends(0);
    assert!(ran.err.contains("Masuk dulu"), "{ran:?}");
    phone.signs_in("siti");
    assert_eq!(phone.json(&["show", &key])["phase"], "queued");
    let ran = phone.run(["forget-me", "--yes"]).ends(0);
    assert!(!ran.err.contains("Masuk dulu"), "{ran:?}");
}

#[test]
fn the_bundle_for_support_holds_no_words_names_or_keys() {
    let phone = Phone::of("siti");
    let key = phone.submitted("Kanarijudul");
    phone.run(["sync"]).ends(4);
    let file = phone.folder().join("bundle.json");
    phone
        .run(["doctor", "--bundle", file.to_str().unwrap()])
        .ends(0);
    let text = fs::read_to_string(&file).unwrap();
    for secret in [
        "Kanari",
        "siti",
        "sedalam",
        "Denpasar",
        &key[..8],
        "127.0.0.1",
        phone.folder().to_str().unwrap(),
    ] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert!(text.contains("\"offline\""), "{text}");
    assert_eq!(phone.json(&["doctor"])["sound"], true);
}

#[test]
fn an_empty_list_does_not_say_that_reports_are_gone_where_nobody_is_signed_in() {
    let phone = Phone::of("siti");
    phone.submitted("Lampu padam");
    // Signed out, or damage took who was signed in: the phone shows nobody's reports.
    phone.store().signed_out().unwrap();
    for command in [&["list"][..], &["list", "--drafts"], &["list", "--all"]] {
        let words = phone.run(command).ends(0).out;
        assert!(
            words.contains("lapor sign-in") && !words.contains("Belum ada laporan"),
            "{words}"
        );
    }
    phone.signs_in("siti");
    assert!(phone.run(["list"]).ends(0).out.contains("Lampu padam"));
    let words = phone.run(["list", "--drafts"]).ends(0).out;
    assert!(words.contains("Tidak ada konsep"), "{words}");
    let new = Phone::of("budi");
    let words = new.run(["list"]).ends(0).out;
    assert!(words.contains("Belum ada laporan di sini"), "{words}");
}

#[test]
fn a_list_without_what_was_put_away_does_not_say_that_there_is_nothing() {
    let phone = Phone::of("siti");
    let key = phone.draft("Lampu padam");
    phone.run(["draft", "discard", &key]).ends(0);
    let words = phone.run(["list"]).ends(0).out;
    assert!(
        words.contains("lapor list --all") && !words.contains("Belum ada laporan"),
        "{words}"
    );
    assert!(
        phone
            .run(["list", "--all"])
            .ends(0)
            .out
            .contains("Lampu padam")
    );
}

#[test]
fn what_was_written_before_signing_in_is_not_thought_gone() {
    let phone = Phone::new();
    phone.draft("Lampu padam");
    phone.signs_in("siti");
    let words = phone.run(["list"]).ends(0).out;
    assert!(
        words.contains("1 laporan ditulis di sini sebelum") && words.contains("lapor claim"),
        "{words}"
    );
    phone.run(["claim"]).ends(0);
    let words = phone.run(["list"]).ends(0).out;
    assert!(
        words.contains("Lampu padam") && !words.contains("lapor claim"),
        "{words}"
    );
}

#[test]
fn what_is_the_officers_to_do_is_refused_before_it_waits_for_days() {
    let phone = Phone::of("siti");
    let key = phone.submitted("Lampu padam");
    let ran = phone.run(["follow-up", &key, "Sudah diperbaiki", "--json"]);
    let error = ran.ends(1).json()["error"].clone();
    assert_eq!(error["code"], "not_for_role");
    let words = error["words"].as_str().unwrap();
    assert!(
        words.contains("petugas") && words.contains("lapor reply"),
        "{words}"
    );
    assert_eq!(phone.json(&["outbox"]).as_array().unwrap().len(), 1);
    phone.run(["rate", &key, "4"]).ends(0);
}

#[test]
fn who_was_signed_in_before_damage_is_not_a_pair_of_brackets() {
    let phone = Phone::new();
    phone.run(["list"]).ends(0);
    // What damage leaves of an account is its number at the service.
    let nameless = AccountAnswer {
        id: "account-siti".to_owned(),
        user: String::new(),
        name: String::new(),
        role: String::new(),
        institution: None,
    };
    let (access, refresh) = (Secret::new("a".to_owned()), Secret::new("r".to_owned()));
    let mut store = phone.store();
    let id = store
        .signed_in(&nameless, &access, &refresh, now())
        .unwrap();
    let over = Change::SessionState {
        account: id,
        of: access,
        state: SessionState::Ended,
        refreshed: false,
    };
    store.apply(&[over], now()).unwrap();
    drop(store);
    let words = phone.run(["whoami"]).ends(0).out;
    assert!(
        words.contains("Masuk lagi") && !words.contains("()") && !words.starts_with('.'),
        "{words}"
    );
    let words = phone.run(["--lang", "en", "whoami"]).ends(0).out;
    assert!(
        words.contains("Sign in again") && !words.contains("()"),
        "{words}"
    );
}

#[test]
fn what_is_still_to_be_overwritten_is_told_by_the_doctor() {
    let phone = Phone::of("siti");
    phone.draft("Kanarikenangan");
    assert_eq!(phone.json(&["doctor"])["overwriting"], false);
    // It has the name of a store that was set aside, and cannot be taken away as one.
    let in_the_way = phone.home().join("set-aside-1");
    fs::write(&in_the_way, "x").unwrap();
    let forgotten = phone.json(&["forget-me", "--yes"]);
    assert_eq!(forgotten["overwritten"], false);
    assert_eq!(phone.json(&["doctor"])["overwriting"], true);
    let words = phone.run(["doctor"]).ends(0).out;
    assert!(words.contains("belum seluruhnya ditimpa"), "{words}");
    fs::remove_file(&in_the_way).unwrap();
    let words = phone.run(["doctor"]).ends(0).out;
    assert!(!words.contains("ditimpa"), "{words}");
}
