//! What the service has plainly refused: whose turn it is, and what can be done.

use lapor_core::engine::sync::{Change, OperationState, OperationUpdate, Reason};

use crate::{
    answers::Answers,
    phone::{Phone, now},
};

const TO_CORRECT: &str = r#"{"type":"about:blank","title":"invalid","status":422,"code":"invalid","fields":[{"field":"category_id","code":"invalid"}]}"#;

#[test]
fn what_waits_behind_a_rejected_report_does_not_go_by_itself() {
    let mut phone = Phone::of("siti");
    let gateway = Answers::problem("422 Unprocessable Content", TO_CORRECT);
    phone.server(gateway.url.clone());
    let key = phone.draft("Lampu padam");
    let photo = crate::pictures::made(&phone, "IMG_0001.jpg", 1);
    phone.run(["attach", &key, &photo]).ends(0);
    phone.run(["submit", &key]).ends(0);
    phone.run(["reply", &key, "Masih padam"]).ends(0);
    let ran = phone.run(["sync", "--json"]).ends(6);
    let waiting = ran.json()["waiting"].clone();
    let reasons: Vec<&str> = waiting
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["reason"]["code"].as_str().unwrap())
        .collect();
    assert_eq!(reasons, ["rejected", "follows", "follows"]);
    phone.run(["sync", "--until-idle"]).ends(6);
}

#[test]
fn a_refused_report_is_said_to_be_refused_and_not_perhaps_there() {
    let mut phone = Phone::of("siti");
    let gateway = Answers::problem("422 Unprocessable Content", TO_CORRECT);
    phone.server(gateway.url.clone());
    let key = phone.submitted("Lampu padam");
    phone.run(["sync"]).ends(6);
    for command in ["withdraw", "resend", "send-as-another"] {
        let words = phone.run(["--lang", "en", command, &key]).ends(1).err;
        assert!(
            words.contains("has refused it: correct it and submit it again, or discard it")
                && words.contains("lapor draft edit")
                && !words.contains("not submitted"),
            "{command}: {words}"
        );
        let words = phone.run([command, &key]).ends(1).err;
        assert!(
            words.contains("sudah menolaknya") && !words.contains("Belum dikirim"),
            "{command}: {words}"
        );
    }
    for command in [&["outbox"][..], &["show", &key, "--why"], &["sync"]] {
        let words = phone.run(command).out;
        assert!(!words.contains("mungkin sudah sampai"), "{words}");
    }
    let shown = phone.json(&["show", &key]);
    assert_eq!(shown["waiting"]["may_have_arrived"], false);
    assert_eq!(shown["operations"][0]["may_have_arrived"], false);
    // The words of it can be put away, as those of a draft, and that it was refused stays said.
    phone.run(["draft", "discard", &key]).ends(0);
    let words = phone.run(["show", &key, "--why"]).ends(0).out;
    assert!(
        !words.contains("mungkin sudah sampai")
            && words.contains("LAPOR! menolaknya")
            && !words.contains("Ditarik kembali"),
        "{words}"
    );
    let shown = phone.json(&["show", &key]);
    assert_eq!(shown["operations"][0]["may_have_arrived"], false);
    // And what may still lie in a proxy is not forgotten.
    phone.run(["draft", "restore", &key]).ends(0);
    let waiting = phone.json(&["show", &key])["waiting"].clone();
    assert_eq!(waiting["reason"]["code"], "rejected", "{waiting}");
    phone
        .run(["draft", "edit", &key, "--title", "Lampu mati"])
        .ends(0);
    phone.run(["submit", &key]).ends(0);
    let waiting = phone.json(&["show", &key])["waiting"].clone();
    assert_eq!(waiting["may_have_arrived"], true);
    // Of the corrected words nothing was tried yet, and nobody is told otherwise.
    assert_eq!(waiting["tried_at"], serde_json::Value::Null);
    for command in [&["outbox"][..], &["show", &key, "--why"]] {
        let words = phone.run(command).ends(0).out;
        assert!(
            words.contains("Belum pernah dicoba") && !words.contains("mungkin sudah sampai"),
            "{words}"
        );
    }
    let words = phone.run(["withdraw", &key]).ends(0).out;
    assert!(
        words.contains("diminta menariknya") && !words.contains("mungkin sudah sampai"),
        "{words}"
    );
}

#[test]
fn what_was_answered_with_a_plain_no_is_not_perhaps_there_when_it_is_taken_back() {
    let mut phone = Phone::of("siti");
    let no = r#"{"type":"about:blank","title":"no","status":403,"code":"not_allowed"}"#;
    let gateway = Answers::problem("403 Forbidden", no);
    phone.server(gateway.url.clone());
    let key = phone.submitted("Lampu padam");
    phone.run(["sync"]).ends(4);
    let words = phone.run(["withdraw", &key]).ends(0).out;
    assert!(
        words.contains("diminta menariknya") && !words.contains("mungkin"),
        "{words}"
    );
}

#[test]
fn what_the_service_will_not_have_can_be_given_up_and_says_how() {
    let mut phone = Phone::of("siti");
    let gateway = Answers::problem_with_events(
        "409 Conflict",
        r#"{"type":"about:blank","title":"no","status":409,"code":"not_possible"}"#,
    );
    phone.server(gateway.url.clone());
    let key = phone.submitted("Lampu padam");
    phone.run(["sync"]).ends(0);
    let event = phone.json(&["rate", &key, "5"])["event_key"].clone();
    let event = event.as_str().unwrap();
    let hint = format!("lapor discard-event {event}");
    assert!(phone.run(["outbox"]).ends(0).out.contains(&hint));
    assert!(!phone.run(["show", &key]).ends(0).out.contains(&hint));
    let said = phone.run(["sync"]).ends(4).out;
    let shown = phone.run(["show", &key]).ends(0).out;
    let listed = phone.run(["outbox"]).ends(0).out;
    assert_eq!(phone.json(&["outbox"])[0]["event_type"], "rate");
    for words in [&said, &listed] {
        assert!(
            words.contains("Kirim penilaian"),
            "a rating is no reply: {words}"
        );
    }
    for words in [&said, &shown, &listed] {
        assert!(words.contains(&hint), "{words}");
        assert!(!words.contains("mungkin sudah sampai"), "{words}");
    }
    // The report itself was received: what waits is named.
    let list = phone.run(["list"]).ends(0).out;
    assert!(
        list.contains("Diterima LAPOR!") && list.contains("Kirim tambahan: LAPOR! belum dapat"),
        "{list}"
    );
    let words = phone.run(["discard-event", &event[..8]]).ends(1).err;
    assert!(
        words.contains("kuncinya utuh") && !words.contains("laporan seperti itu"),
        "{words}"
    );
    phone.run(["discard-event", event]).ends(0);
    let words = phone.run(["show", &key, "--why"]).ends(0).out;
    assert!(
        !words.contains("mungkin sudah sampai") && words.contains("LAPOR! menolaknya (kode 409"),
        "{words}"
    );
    let ran = phone.run(["discard-event", event, "--json"]).ends(1);
    assert_eq!(ran.json()["error"]["code"], "nothing_to_give_up");
    phone.run(["sync"]).ends(0);
    assert!(!phone.run(["show", &key]).ends(0).out.contains(&hint));
    // What has a number is not said to have perhaps arrived.
    let words = phone.run(["withdraw", &key]).ends(0).out;
    assert!(
        words.contains("diminta menariknya") && !words.contains("mungkin"),
        "{words}"
    );
}

#[test]
fn the_line_of_a_reply_says_what_its_step_says() {
    let mut phone = Phone::of("siti");
    let gateway = Answers::problem_with_events("403 Forbidden", "{}");
    phone.server(gateway.url.clone());
    let key = phone.submitted("Lampu padam");
    phone.run(["sync"]).ends(0);
    phone.server(crate::phone::nobody_there());
    phone.run(["reply", &key, "Masih padam"]).ends(0);
    phone.run(["rate", &key, "2"]).ends(0);
    phone.run(["sync"]).ends(4);
    says_what_its_steps_say(&phone, &key, &["offline", "offline"]);
    let words = phone.run(["show", &key]).ends(0).out;
    for line in words.lines().filter(|line| line.starts_with("Komentar")) {
        assert!(
            line.contains("Belum ada sinyal") && line.contains("dicoba lagi dalam"),
            "{words}"
        );
    }
    assert!(words.contains("Komentar: "), "{words}");

    // Behind what its writer has to correct no time is promised.
    let mut phone = Phone::of("siti");
    let gateway = Answers::problem("422 Unprocessable Content", TO_CORRECT);
    phone.server(gateway.url.clone());
    let key = phone.submitted("Jalan rusak");
    phone.run(["reply", &key, "Makin rusak"]).ends(0);
    phone.run(["sync"]).ends(6);
    says_what_its_steps_say(&phone, &key, &["follows"]);
    let words = phone.run(["show", &key]).ends(0).out;
    let line = words.lines().find(|line| line.starts_with("Komentar"));
    assert!(!line.unwrap().contains("dicoba dalam"), "{words}");
}

fn says_what_its_steps_say(phone: &Phone, key: &str, reasons: &[&str]) {
    let shown = phone.json(&["show", key]);
    let events = shown["events"].as_array().unwrap();
    assert_eq!(events.len(), reasons.len());
    for (event, reason) in events.iter().zip(reasons) {
        let steps = shown["operations"].as_array().unwrap().iter();
        let step = steps
            .clone()
            .find(|step| step["event_key"] == event["event_key"])
            .unwrap();
        assert_eq!(event["reason"]["code"], *reason, "{shown}");
        assert_eq!(event["reason"], step["reason"]);
        assert_eq!(event["state"], step["operation_state"]);
    }
}

#[test]
fn that_it_is_too_late_to_take_a_report_back_stands_in_the_list() {
    let phone = Phone::of("siti");
    let key = phone.submitted("Lampu padam");
    let report = key.parse().unwrap();
    let mut store = phone.store();
    let created = Change::Created {
        report,
        answer: serde_json::from_value(serde_json::json!({
            "tracking_id": "1916449", "revision": 1, "status": "verified", "missing": []
        }))
        .unwrap(),
        at: now(),
    };
    store.apply(&[created], now()).unwrap();
    store.withdraw(report, now()).unwrap();
    let lock = store.try_engine_lock().unwrap();
    let asked = store.outbox(None).unwrap()[0].0.clone();
    store.begin(asked.id, &lock.run, now()).unwrap();
    let answered = OperationUpdate {
        id: asked.id,
        state: OperationState::Ended,
        attempts: 1,
        streak: 0,
        due: asked.due,
        reason: Some(Reason::TooLate),
        tried_at: Some(now()),
    };
    let too_late = Change::TooLate { report };
    store
        .apply(&[Change::Operation(answered), too_late], now())
        .unwrap();
    drop(lock);
    drop(store);
    for command in [&["list"][..], &["show", &key]] {
        let words = phone.run(command).ends(0).out;
        assert!(words.contains("Tidak dapat ditarik lagi"), "{words}");
    }
    assert_eq!(phone.json(&["list"])[0]["too_late"], true);
    let steps = phone.run(["show", &key, "--why"]).ends(0).out;
    assert!(!steps.contains("mungkin sudah sampai"), "{steps}");
    // Asked for again, it is open once more.
    phone.run(["withdraw", &key]).ends(0);
    assert_eq!(phone.json(&["list"])[0]["too_late"], false);
}
