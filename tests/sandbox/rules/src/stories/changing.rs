//! What people do after sending, and how phones hear of it.

use serde_json::{Value, json};

use super::people::*;

fn pulled(heard: &Heard) -> (String, Vec<Value>) {
    let page = heard.json();
    (
        heard.text("cursor"),
        page["changes"].as_array().unwrap().clone(),
    )
}

#[test]
fn a_reply_is_taken_once_and_told() {
    let town = &mut Town::new();
    let siti = town.siti();
    siti.puts(town, &key(1), &lamp()).is(201);
    let (cursor, _) = pulled(&siti.pulls(town, None).is(200));
    siti.pulls(town, Some(&cursor)).is(304);

    let reply = json!({ "type": "reply", "text": "Masih mati.", "seen_revision": 0 });
    let first = siti.does(town, &key(1), &key(11), &reply).is(201);
    assert_eq!(
        siti.does(town, &key(1), &key(11), &reply).is(200).json(),
        first.json()
    );
    assert_eq!(town.gateway.events_of(&key(11)).unwrap(), 1);

    let (next, changes) = pulled(&siti.pulls(town, Some(&cursor)).is(200));
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0]["event_keys"], json!([key(11)]));
    assert_eq!(changes[0]["revision"], 2);
    siti.pulls(town, Some(&next)).is(304);
    // Replay of an old cursor is harmless.
    assert_eq!(pulled(&siti.pulls(town, Some(&cursor)).is(200)).1, changes);
}

#[test]
fn an_event_key_stands_for_one_event() {
    let town = &mut Town::new();
    let (siti, budi) = (town.siti(), town.sign_in("budi"));
    siti.puts(town, &key(1), &lamp()).is(201);
    siti.puts(town, &key(2), &lamp()).is(201);
    let reply = json!({ "type": "reply", "text": "Masih mati.", "seen_revision": 1 });
    siti.does(town, &key(1), &key(11), &reply).is(201);
    let other = with(reply.clone(), "text", json!("Sudah nyala."));
    siti.does(town, &key(1), &key(11), &other)
        .refuses(409, "key_taken");
    siti.does(town, &key(2), &key(11), &reply)
        .refuses(409, "key_taken");
    budi.does(town, &key(1), &key(11), &reply)
        .refuses(409, "key_foreign");
    budi.does(town, &key(1), &key(12), &reply)
        .refuses(404, "not_found");
    siti.does(town, &key(9), &key(12), &reply)
        .refuses(404, "not_found");
}

#[test]
fn an_event_says_what_it_lacks() {
    let town = &mut Town::new();
    let siti = town.siti();
    siti.puts(town, &key(1), &lamp()).is(201);
    town.well_formed = false;
    for (event, fields) in [
        (json!({}), vec!["seen_revision:required", "type:required"]),
        (
            json!({ "type": "shout", "seen_revision": 1 }),
            vec!["type:invalid"],
        ),
        (
            json!({ "type": "reply", "seen_revision": -1 }),
            vec!["seen_revision:invalid", "text:required"],
        ),
        (
            json!({ "type": "rate", "rating": 6, "seen_revision": 1 }),
            vec!["rating:invalid"],
        ),
        (
            json!({ "type": "forward", "seen_revision": 1 }),
            vec!["institution_id:required"],
        ),
    ] {
        let refused = siti
            .does(town, &key(1), &key(11), &event)
            .refuses(422, "invalid");
        assert_eq!(refused.fields(), fields);
    }
}

#[test]
fn a_report_is_rated_after_it_was_closed() {
    let town = &mut Town::new();
    let siti = town.siti();
    siti.puts(town, &key(1), &lamp()).is(201);
    let rate = json!({ "type": "rate", "rating": 4, "seen_revision": 1 });
    siti.does(town, &key(1), &key(11), &rate)
        .refuses(409, "not_possible");
    let close = json!({ "type": "close", "seen_revision": 1 });
    assert_eq!(
        siti.does(town, &key(1), &key(12), &close)
            .is(201)
            .text("status"),
        "closed"
    );
    siti.does(town, &key(1), &key(13), &close)
        .refuses(409, "not_possible");
    // The refusal left nothing: the same key is taken now.
    siti.does(town, &key(1), &key(11), &rate).is(201);
    let events = siti.gets(town, &key(1)).json()["events"].clone();
    assert_eq!(events[1]["rating"], 4);
    // A reply never conflicts.
    let reply = json!({ "type": "reply", "text": "Terima kasih.", "seen_revision": 1 });
    siti.does(town, &key(1), &key(14), &reply).is(201);
}

#[test]
fn an_officer_sees_and_answers_what_is_disposed_to_the_institution() {
    let town = &mut Town::new();
    let (siti, made) = (town.siti(), town.sign_in("made"));
    siti.puts(town, &key(1), &lamp()).is(201);
    made.gets(town, &key(1)).refuses(404, "not_found");
    let now = town.now;
    town.gateway.dispose(now, &key(1), "dpu-badung").unwrap();
    let (cursor, changes) = pulled(&made.pulls(town, None).is(200));
    assert_eq!(changes[0]["key"], key(1));
    let whole = made.gets(town, &key(1)).is(200).json();
    assert_eq!(whole["submitted"], lamp());
    assert!(whole.get("missing").is_none());

    let follow_up = json!({ "type": "follow_up", "text": "Diperiksa besok.", "seen_revision": 3 });
    siti.does(town, &key(1), &key(11), &follow_up)
        .refuses(403, "not_allowed");
    assert_eq!(
        made.does(town, &key(1), &key(11), &follow_up)
            .is(201)
            .text("status"),
        "in_progress"
    );
    let close = json!({ "type": "close", "seen_revision": 3 });
    made.does(town, &key(1), &key(12), &close)
        .refuses(403, "not_allowed");

    let forward = json!({ "type": "forward", "institution_id": "pln-bali", "seen_revision": 4 });
    made.does(town, &key(1), &key(13), &forward).is(201);
    made.gets(town, &key(1)).refuses(404, "not_found");
    // The old institution is told that it is gone, and its officer's replay is still known.
    let (_, changes) = pulled(&made.pulls(town, Some(&cursor)).is(200));
    assert_eq!(changes.last().unwrap()["kind"], "removed");
    made.does(town, &key(1), &key(13), &forward).is(200);
}

#[test]
fn others_may_support_what_is_public() {
    let town = &mut Town::new();
    let (siti, budi) = (town.siti(), town.sign_in("budi"));
    siti.puts(town, &key(1), &lamp()).is(201);
    siti.puts(town, &key(2), &with(lamp(), "secret", json!(true)))
        .is(201);
    let support = json!({ "type": "support", "seen_revision": 0 });
    budi.does(town, &key(1), &key(11), &support)
        .refuses(404, "not_found");
    let now = town.now;
    town.gateway.verify(now, &key(1)).unwrap();
    town.gateway.verify(now, &key(2)).unwrap();
    budi.does(town, &key(1), &key(11), &support).is(201);
    budi.does(town, &key(2), &key(12), &support)
        .refuses(404, "not_found");
    let reply = json!({ "type": "reply", "text": "Di sini juga.", "seen_revision": 0 });
    budi.does(town, &key(1), &key(13), &reply)
        .refuses(404, "not_found");
}

#[test]
fn a_full_pull_goes_page_by_page_to_complete() {
    let town = &mut Town::new();
    town.gateway.settings_mut().page = 3;
    let siti = town.siti();
    let empty = siti.pulls(town, None).is(200);
    assert_eq!(empty.json()["complete"], true);
    for number in 0..7 {
        siti.puts(town, &key(number), &lamp()).is(201);
    }
    town.sign_in("budi").puts(town, &key(99), &lamp()).is(201);
    let mut seen = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let page = siti.pulls(town, cursor.as_deref()).is(200);
        let (next, changes) = pulled(&page);
        seen.extend(
            changes
                .iter()
                .map(|change| change["key"].as_str().unwrap().to_owned()),
        );
        cursor = Some(next);
        // A report that changes meanwhile moves to the end and is seen again.
        if seen.len() == 3 {
            town.gateway.verify(town.now, &key(0)).unwrap();
        }
        if page.json()["complete"] == true {
            break;
        }
    }
    let wanted: Vec<String> = [0, 1, 2, 3, 4, 5, 6, 0].map(key).to_vec();
    assert_eq!(seen, wanted);
    siti.pulls(town, cursor.as_deref()).is(304);
}

#[test]
fn a_cursor_is_one_accounts_own() {
    let town = &mut Town::new();
    let (siti, budi) = (town.siti(), town.sign_in("budi"));
    siti.puts(town, &key(1), &lamp()).is(201);
    let (cursor, _) = pulled(&siti.pulls(town, None).is(200));
    budi.pulls(town, Some(&cursor)).refuses(410, "cursor_gone");
    siti.pulls(town, Some("12345")).refuses(410, "cursor_gone");
    siti.pulls(town, Some(&cursor.replacen(|_| true, "-", 1)))
        .refuses(410, "cursor_gone");
}

#[test]
fn a_removal_is_told_for_180_days_and_then_old_cursors_end() {
    let town = &mut Town::new();
    let siti = town.siti();
    siti.puts(town, &key(1), &lamp()).is(201);
    siti.puts(town, &key(2), &lamp()).is(201);
    let (old, _) = pulled(&siti.pulls(town, None).is(200));
    siti.withdraws(town, &key(1)).is(204);
    town.days_pass(179);
    assert_eq!(town.gateway.tick(town.now).unwrap().removals_forgotten, 0);
    let siti = town.siti();
    let (_, changes) = pulled(&siti.pulls(town, Some(&old)).is(200));
    assert_eq!((changes.len(), &changes[0]["kind"]), (1, &json!("removed")));

    town.days_pass(1);
    assert_eq!(town.gateway.tick(town.now).unwrap().removals_forgotten, 1);
    let siti = town.siti();
    siti.pulls(town, Some(&old)).refuses(410, "cursor_gone");
    let (fresh, changes) = pulled(&siti.pulls(town, None).is(200));
    assert_eq!((changes.len(), &changes[0]["key"]), (1, &json!(key(2))));
    siti.pulls(town, Some(&fresh)).is(304);
    // The tombstone itself is for ever.
    siti.puts(town, &key(1), &lamp()).refuses(410, "withdrawn");
}
