use std::{
    io::{BufRead, BufReader},
    process::Stdio,
    time::{Duration, Instant},
};

use lapor_core::engine::sync::OperationState;

use crate::{
    answers::Answers,
    phone::{Phone, now},
};

#[test]
fn without_a_network_a_report_waits_and_says_why() {
    let phone = Phone::of("siti");
    let key = phone.submitted("Lampu padam");
    let before = &phone.json(&["list"])[0];
    assert_eq!(
        (&before["phase"], &before["waiting"]["reason"]["code"]),
        (&"queued".into(), &"not_tried".into())
    );
    assert_eq!(before["waiting"]["tried_at"], serde_json::Value::Null);

    let synced = phone.run(["sync", "--once", "--json"]).ends(4).json();
    assert_eq!(synced["waiting"][0]["reason"]["code"], "offline");

    let after = &phone.json(&["list"])[0];
    assert_eq!(
        (&after["phase"], &after["tracking_id"]),
        (&"queued".into(), &serde_json::Value::Null)
    );
    let waiting = &after["waiting"];
    assert_eq!(
        (&waiting["operation"], &waiting["attempts"]),
        (&"create_report".into(), &0.into()),
        "costs nobody anything"
    );
    let next = waiting["next_try_ms"].as_u64().unwrap();
    assert!((1..=33_000).contains(&next), "{next}");
    assert!(waiting["tried_at"].is_string());

    let words = phone.run(["list"]).ends(0).out;
    assert!(
        words.contains("Menunggu dikirim")
            && words.contains("Belum ada sinyal")
            && words.contains("dicoba lagi dalam"),
        "{words}"
    );
    let words = phone
        .run(["--lang", "en", "show", &key, "--why"])
        .ends(0)
        .out;
    assert!(
        words.contains("No signal yet")
            && words.contains("Last tried just now")
            && words.contains("Send the report"),
        "{words}"
    );
    assert!(
        !words.contains("Received"),
        "nothing is called sent: {words}"
    );
}

#[test]
fn a_report_written_while_the_line_is_dead_says_so_too() {
    let phone = Phone::of("siti");
    phone.submitted("Lampu padam");
    phone.run(["sync"]).ends(4);
    phone.submitted("Jalan rusak");
    let row = &phone.json(&["list"])[0];
    assert_eq!(
        (&row["title"], &row["waiting"]["reason"]["code"]),
        (&"Jalan rusak".into(), &"offline".into())
    );
    assert!(row["waiting"]["next_try_ms"].as_u64().unwrap() > 0);
    let words = phone.run(["list", "--limit", "1"]).ends(0).out;
    assert!(
        words.contains("(dicoba dalam") && words.contains("Belum pernah dicoba"),
        "nothing of it is tried again: {words}"
    );
    let words = phone.run(["outbox"]).ends(0).out;
    assert!(
        !words.contains("kali dicoba"),
        "tried just now, and not once: {words}"
    );
}

#[test]
fn waiting_for_a_number_ends_in_bounded_time() {
    let phone = Phone::of("siti");
    let key = phone.draft("Lampu padam");
    let began = Instant::now();
    let ran = phone
        .run(["submit", &key, "--wait", "--timeout", "1", "--json"])
        .ends(4);
    assert_eq!(ran.json()["waiting"]["reason"]["code"], "offline");
    phone
        .run(["submit", &key, "--wait", "--timeout", "0"])
        .ends(4);
    phone
        .run(["sync", "--until-idle", "--timeout", "1"])
        .ends(4);
    assert!(began.elapsed() < Duration::from_secs(30));
    assert_eq!(phone.json(&["list"]).as_array().unwrap().len(), 1);
}

#[test]
fn a_portal_is_no_answer() {
    let mut phone = Phone::of("siti");
    let portal = Answers::portal();
    phone.server(portal.url.clone());
    let key = phone.submitted("Lampu padam");
    phone.run(["sync", "--once"]).ends(4);
    assert!(portal.asked() > 0);
    let row = phone.json(&["show", &key]);
    assert_eq!(
        (&row["phase"], &row["waiting"]["reason"]["code"]),
        (&"queued".into(), &"not_lapor".into())
    );
    // Only where the phone itself knows of the sign-in page may it be named.
    let row = phone.json(&["show", &key, "--captive", "yes"]);
    assert_eq!(row["waiting"]["reason"]["code"], "sign_in_to_wifi");
    assert_eq!(
        phone
            .run(["submit", &phone.draft("x"), "--wait", "--timeout", "1"])
            .code,
        4
    );
}

#[test]
fn a_rejected_report_tells_what_to_correct_and_can_be_sent_again() {
    let mut phone = Phone::of("siti");
    let gateway = Answers::problem(
        "422 Unprocessable Content",
        r#"{"type":"about:blank","title":"invalid","status":422,"code":"invalid","fields":[{"field":"category_id","code":"invalid"}]}"#,
    );
    phone.server(gateway.url.clone());
    let key = phone.draft("Lampu padam");
    let ran = phone.run(["submit", &key, "--wait", "--json"]).ends(6);
    assert_eq!(
        (
            &ran.json()["phase"],
            &ran.json()["waiting"]["reason"]["code"]
        ),
        (&"rejected".into(), &"rejected".into())
    );

    let words = phone.run(["show", &key]).ends(0).out;
    assert!(
        words.contains("Perlu diperbaiki") && words.contains("Kategori"),
        "{words}"
    );
    assert_eq!(
        phone.json(&["list", "--drafts"])[0]["key"],
        key.as_str(),
        "it is to be edited"
    );
    phone
        .run(["draft", "edit", &key, "--category", "jalan"])
        .ends(0);
    phone.run(["submit", &key]).ends(0);
    assert_eq!(phone.json(&["show", &key])["phase"], "queued");
}

#[test]
fn a_taken_key_is_left_to_its_writer() {
    let mut phone = Phone::of("siti");
    let gateway = Answers::problem(
        "409 Conflict",
        r#"{"type":"about:blank","title":"taken","status":409,"code":"key_taken"}"#,
    );
    phone.server(gateway.url.clone());
    let key = phone.submitted("Lampu padam");
    let ran = phone.run(["submit", &key, "--wait", "--json"]).ends(6);
    assert_eq!(ran.json()["phase"], "key_taken");
    let another = phone.json(&["send-as-another", &key]);
    assert_eq!(another["supersedes"], key.as_str());
    let draft = phone.json(&["show", another["key"].as_str().unwrap()]);
    assert_eq!(
        (&draft["phase"], &draft["title"]),
        (&"draft".into(), &"Lampu padam".into())
    );
}

#[test]
fn an_app_that_is_too_old_says_so() {
    let mut phone = Phone::of("siti");
    let gateway = Answers::problem(
        "400 Bad Request",
        r#"{"type":"about:blank","title":"contract","status":400,"code":"contract_unsupported","supported":[2]}"#,
    );
    phone.server(gateway.url.clone());
    phone.submitted("Lampu padam");
    let ran = phone.run(["sync", "--json"]).ends(7);
    assert_eq!(ran.json()["waiting"][0]["reason"]["code"], "update_app");
    assert_eq!(
        phone.json(&["list"])[0]["phase"],
        "queued",
        "and it is kept"
    );
}

#[test]
fn one_process_sends_at_a_time_and_the_others_say_so() {
    let phone = Phone::of("siti");
    let key = phone.submitted("Lampu padam");
    let store = phone.store();
    let lock = store.try_engine_lock().unwrap();
    assert_eq!(
        phone.run(["sync", "--json"]).ends(8).json()["error"]["code"],
        "in_use"
    );
    // Everything else goes on beside it; whoever waits lets the other send.
    phone.draft("Jalan rusak");
    phone
        .run(["submit", &key, "--wait", "--timeout", "1"])
        .ends(4);
    drop(lock);
    phone.run(["sync"]).ends(4);
}

#[test]
fn a_report_that_never_left_is_taken_back_at_once() {
    let phone = Phone::of("siti");
    let key = phone.submitted("Lampu padam");
    let ran = phone.run(["withdraw", &key, "--json"]).ends(0);
    assert_eq!(
        (&ran.json()["phase"], &ran.json()["waiting"]),
        (&"withdrawn".into(), &serde_json::Value::Null)
    );
    let ran = phone.run(["sync", "--once"]).ends(4);
    assert!(
        ran.out.contains("Tidak ada yang menunggu") && ran.out.contains("Belum ada sinyal"),
        "{ran:?}"
    );
    assert_eq!(
        phone
            .run(["withdraw", &phone.draft("x"), "--json"])
            .ends(1)
            .json()["error"]["code"],
        "not_possible"
    );
}

#[test]
fn a_report_that_may_have_arrived_is_asked_back() {
    let phone = Phone::of("siti");
    let key = phone.submitted("Lampu padam");
    let operation = phone.store().outbox(None).unwrap()[0].0.id;
    let mut store = phone.store();
    let run = store.try_engine_lock().unwrap().run.clone();
    store.begin(operation, &run, now()).unwrap();
    drop(store);
    let ran = phone.run(["withdraw", &key, "--json"]).ends(0);
    assert_eq!(ran.json()["phase"], "withdrawing");
    assert!(
        phone
            .run(["list"])
            .ends(0)
            .out
            .contains("Sedang ditarik kembali")
    );
}

#[test]
fn replies_wait_behind_the_report_in_their_order() {
    let phone = Phone::of("siti");
    let key = phone.submitted("Lampu padam");
    // What a terminal would obey is refused; what would turn the line about is shown as a code.
    phone.run(["reply", &key, "Masih padam\x1b[2J"]).ends(3);
    phone
        .run(["reply", &key, "Masih padam \u{202e}nahap"])
        .ends(0);
    phone.run(["rate", &key, "4"]).ends(0);
    phone.run(["close", &key]).ends(0);
    let rows = phone.json(&["outbox", &key]);
    let kinds: Vec<&str> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["operation"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["create_report", "add_event", "add_event", "add_event"]
    );
    assert_eq!(rows[1]["reason"]["code"], "follows");
    let shown = phone.json(&["show", &key]);
    assert_eq!(
        (&shown["events"][0]["text"], &shown["events"][1]["rating"]),
        (&"Masih padam \u{202e}nahap".into(), &4.into())
    );
    assert!(
        !phone
            .run(["show", &key, "--why"])
            .ends(0)
            .out
            .contains('\u{202e}')
    );
    phone.run(["reply", &phone.draft("x"), "?"]).ends(1);
}

#[test]
fn a_watcher_sends_what_another_process_accepts() {
    let mut phone = Phone::of("siti");
    let gateway = Answers::problem(
        "422 Unprocessable Content",
        r#"{"type":"about:blank","title":"invalid","status":422,"code":"invalid"}"#,
    );
    phone.server(gateway.url.clone());
    let mut watcher = phone
        .command(["sync", "--watch", "--timeout", "60"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(watcher.stderr.take().unwrap()).lines();
    // It has looked, and waits.
    said.next().unwrap().unwrap();

    let key = phone.submitted("Lampu padam");
    let short = &key[..8];
    let line = said
        .find_map(|line| line.ok().filter(|line| line.starts_with(short)))
        .unwrap();
    assert!(line.contains("Perlu diperbaiki"), "{line}");
    assert_eq!(phone.json(&["show", &key])["phase"], "rejected");
    watcher.kill().unwrap();
    watcher.wait().unwrap();
    phone.run(["sync"]).ends(6);
}

#[test]
fn to_try_again_promises_nothing_while_the_service_wants_to_be_left_alone() {
    let mut phone = Phone::of("siti");
    let key = phone.submitted("Lampu padam");
    let words = phone.run(["resend", &key]).ends(0).out;
    assert!(words.contains("pada lapor sync berikutnya"), "{words}");
    let busy = r#"{"type":"about:blank","title":"busy","status":503,"code":"busy"}"#;
    let gateway = Answers::problem("503 Service Unavailable\r\nRetry-After: 3600", busy);
    phone.server(gateway.url.clone());
    phone.run(["sync"]).ends(4);
    let words = phone.run(["resend", &key]).ends(0).out;
    assert!(
        words.contains("belum dapat dikirim sekarang")
            && words.contains("dicoba lagi dalam")
            && !words.contains("pada lapor sync berikutnya"),
        "{words}"
    );
}

#[test]
fn news_that_were_not_fetched_are_not_called_nothing() {
    let phone = Phone::of("siti");
    let ran = phone.run(["sync", "--timeout", "0"]).ends(4);
    assert!(
        ran.out.contains("kabar dari LAPOR! belum selesai diambil")
            && !ran.out.contains("Tidak ada yang menunggu"),
        "{ran:?}"
    );
}

#[test]
fn what_a_dead_run_was_at_waits_and_is_not_under_way() {
    let phone = Phone::of("siti");
    let key = phone.submitted("Lampu padam");
    let mut store = phone.store();
    let operation = store.outbox(None).unwrap()[0].0.id;
    let lock = store.try_engine_lock().unwrap();
    store.begin(operation, &lock.run, now()).unwrap();
    // While the one who sends lives it is.
    let states = |phone: &Phone| {
        let list = phone.json(&["list"])[0]["waiting"].clone();
        let step = phone.json(&["outbox"])[0].clone();
        let shown = phone.json(&["show", &key]);
        [
            list,
            step,
            shown["waiting"].clone(),
            shown["operations"][0].clone(),
        ]
        .map(|row| {
            assert_eq!(row["may_have_arrived"], true, "{row}");
            let state = row["operation_state"].as_str().unwrap().to_owned();
            (state, row["reason"]["code"].as_str().unwrap().to_owned())
        })
    };
    for (state, _) in states(&phone) {
        assert_eq!(state, "in_flight");
    }
    drop(lock);
    drop(store);
    for (state, reason) in states(&phone) {
        assert_eq!((state.as_str(), reason.as_str()), ("waiting", "unknown"));
    }
    for command in [&["list"][..], &["outbox"], &["show", &key, "--why"]] {
        let words = phone.run(command).ends(0).out;
        assert!(
            words.contains("terputus sebelum") && !words.contains("Sedang berjalan"),
            "{words}"
        );
    }
    // Looking has changed nothing.
    let row = phone.store().outbox(None).unwrap()[0].0.clone();
    assert_eq!(row.state, OperationState::InFlight);
}

#[test]
fn the_line_of_a_reply_that_a_dead_run_was_at_says_so_too() {
    let mut phone = Phone::of("siti");
    let gateway = Answers::problem_with_events("503 Service Unavailable", "{}");
    phone.server(gateway.url.clone());
    let key = phone.submitted("Lampu padam");
    phone.run(["sync"]).ends(0);
    phone.run(["reply", &key, "Masih padam"]).ends(0);
    let mut store = phone.store();
    let operation = store.outbox(None).unwrap()[0].0.id;
    let lock = store.try_engine_lock().unwrap();
    store.begin(operation, &lock.run, now()).unwrap();
    let event = |phone: &Phone| phone.json(&["show", &key])["events"][0].clone();
    assert_eq!(event(&phone)["state"], "in_flight");
    drop(lock);
    drop(store);
    let told = event(&phone);
    assert_eq!(
        (&told["state"], &told["reason"]["code"]),
        (&"waiting".into(), &"unknown".into())
    );
}
