//! A gateway that is kept in memory, opened anew, set back, and used again for something else.

use serde_json::json;

use super::people::*;
use crate::{Gateway, Instant};

fn empty() -> Gateway {
    let now = Instant::from_rfc3339(SUNDAY).unwrap();
    Gateway::in_memory(now, &mut |bytes| bytes.fill(7)).unwrap()
}

/// Of all that a story leaves: a report with a picture, one that is taken back, a reply, a session.
fn busy() -> (Town, Phone, String) {
    let mut town = Town::new();
    let siti = town.siti();
    let (bytes, named) = picture(1, 900);
    let report = with(lamp(), "attachments", json!([named]));
    let url = siti.puts(&mut town, &key(1), &report).is(201).uploads();
    town.exchange(&patch(&url[0], 0, &bytes[..300])).is(204);
    siti.puts(&mut town, &key(2), &lamp()).is(201);
    siti.withdraws(&mut town, &key(2)).is(204);
    let reply = json!({ "type": "reply", "text": "Masih mati.", "seen_revision": 1 });
    siti.does(&mut town, &key(1), &key(9), &reply).is(201);
    (town, siti, url[0].clone())
}

#[test]
fn what_was_kept_is_all_there_after_it_is_opened_elsewhere() {
    let (mut town, siti, url) = busy();
    town.gateway.set_maintenance(true);
    let epoch = town.gateway.epoch().unwrap();
    let rows = town.gateway.reports().unwrap();
    let kept = town.gateway.keep().unwrap();
    let mut next = empty();
    next.open_kept(&kept).unwrap();
    // To the last number: one that was given to a row that is gone is not given again.
    assert_eq!(next.keep().unwrap(), kept);
    town.gateway = next;

    assert_eq!(town.gateway.epoch().unwrap(), epoch);
    assert_eq!(town.gateway.reports().unwrap(), rows);
    // The session goes on, the upload where it stood, and what was in memory only is gone.
    let known = town.exchange(&head(&url)).is(200);
    assert_eq!(known.header("Upload-Offset"), Some("300"));
    siti.puts(&mut town, &key(2), &lamp())
        .refuses(410, "withdrawn");
    let third = siti.puts(&mut town, &key(3), &lamp()).is(201);
    let given: Vec<String> = rows.iter().map(|row| row.tracking_id.clone()).collect();
    assert!(!given.contains(&third.text("tracking_id")));
    // Positions of the feed go on as well: what came before is not told again.
    let cursor = siti.pulls(&mut town, None).is(200).text("cursor");
    siti.puts(&mut town, &key(4), &lamp()).is(201);
    let news = siti.pulls(&mut town, Some(&cursor)).is(200).json();
    assert_eq!(news["changes"].as_array().map(Vec::len), Some(1));
}

#[test]
fn going_back_to_what_was_kept_is_a_restore() {
    let (mut town, siti, _) = busy();
    let kept = town.gateway.keep().unwrap();
    let (epoch, lost) = (town.gateway.epoch().unwrap(), key(5));
    let tracking = siti
        .puts(&mut town, &lost, &lamp())
        .is(201)
        .text("tracking_id");
    let dice = &mut town.dice;
    town.gateway
        .restore_kept(town.now, &mut |bytes| dice.fill(bytes), &kept)
        .unwrap();
    assert_ne!(town.gateway.epoch().unwrap(), epoch);
    assert!(town.gateway.report(&lost).unwrap().is_none());
    assert!(town.gateway.report(&key(1)).unwrap().is_some());
    // Who is signed in stays so, and no number is given twice.
    let again = siti.puts(&mut town, &lost, &lamp()).is(201);
    assert_ne!(again.text("tracking_id"), tracking);
}

#[test]
fn one_that_begins_anew_is_as_one_that_was_just_made() {
    let (mut town, siti, url) = busy();
    town.gateway.set_maintenance(true);
    let (mut used, mut new) = (Dice::new(3), Dice::new(3));
    let made = Gateway::in_memory(town.now, &mut |bytes| new.fill(bytes)).unwrap();
    town.gateway
        .begin_anew(town.now, &mut |bytes| used.fill(bytes))
        .unwrap();
    let (one, other) = (town.gateway.keep().unwrap(), made.keep().unwrap());
    assert_eq!(one, other);
    siti.gets(&mut town, &key(1)).is(401);
    town.exchange(&head(&url)).is(404);
    // Numbers begin where they always do.
    let mut fresh = Town::around(made, town.now, Dice::new(4));
    let siti = (town.siti(), fresh.siti());
    let first = siti.0.puts(&mut town, &key(1), &lamp()).is(201);
    let same = siti.1.puts(&mut fresh, &key(1), &lamp()).is(201);
    assert_eq!(first.text("tracking_id"), same.text("tracking_id"));
}
