//! A gateway that was set back to a backup, and how nobody loses by it.

use serde_json::json;

use super::people::*;

fn restore(town: &mut Town, from: &std::path::Path) {
    let dice = &mut town.dice;
    town.gateway
        .restore(town.now, &mut |buffer| dice.fill(buffer), from)
        .unwrap();
}

#[test]
fn after_a_restore_the_epoch_is_new_and_no_number_is_given_twice() {
    let town = &mut Town::new();
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup");
    let siti = town.siti();
    let kept = siti
        .puts(town, &key(1), &lamp())
        .is(201)
        .text("tracking_id");
    let cursor = siti.pulls(town, None).is(200).text("cursor");
    town.gateway.backup(&backup).unwrap();
    let lost = siti
        .puts(town, &key(2), &lamp())
        .is(201)
        .text("tracking_id");
    siti.withdraws(town, &key(3)).is(204);
    let before = town.gateway.epoch().unwrap();
    restore(town, &backup);
    assert_ne!(town.gateway.epoch().unwrap(), before);

    // The phone asks, and sends again what was forgotten.
    let keys = json!({ "keys": [key(1), key(2), key(3)] }).to_string();
    let known = siti
        .sends(town, "POST", "/v1/reports/known", keys)
        .is(200)
        .json();
    assert_eq!(
        known["known"],
        json!([{ "key": key(1), "tracking_id": kept }])
    );
    assert_eq!(known["unknown"], json!([key(2), key(3)]));
    siti.pulls(town, Some(&cursor)).refuses(410, "cursor_gone");
    let request = siti
        .request(town, "PUT", &format!("/v1/reports/{}", key(2)))
        .header("Content-Type", "application/json")
        .header("Lapor-Prior-Tracking-Id", &lost)
        .body(lamp().to_string());
    let again = town.exchange(&request).is(201).text("tracking_id");
    assert!(again != lost && again != kept);
    let row = town.gateway.report(&key(2)).unwrap().unwrap();
    assert_eq!(row.prior_tracking_id, Some(lost));
    assert_eq!(row.creates, 1);
}

#[test]
fn restoring_twice_never_returns_to_an_epoch() {
    let town = &mut Town::new();
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup");
    town.gateway.backup(&backup).unwrap();
    let mut seen = vec![town.gateway.epoch().unwrap()];
    for _ in 0..3 {
        restore(town, &backup);
        let epoch = town.gateway.epoch().unwrap();
        assert!(!seen.contains(&epoch));
        assert!(epoch.len() <= 32);
        seen.push(epoch);
    }
}

#[test]
fn what_a_backup_held_of_a_picture_is_gone_on_from() {
    let town = &mut Town::new();
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup");
    let siti = town.siti();
    let (bytes, named) = picture(1, 1000);
    let report = with(lamp(), "attachments", json!([named]));
    let url = siti
        .puts(town, &key(1), &report)
        .is(201)
        .uploads()
        .remove(0);
    town.exchange(&patch(&url, 0, &bytes[..300])).is(204);
    town.gateway.backup(&backup).unwrap();
    town.exchange(&patch(&url, 300, &bytes[300..])).is(204);
    assert!(siti.gets(town, &key(1)).uploads().is_empty());
    restore(town, &backup);
    // Stored is what the gateway lists as stored, now.
    assert_eq!(siti.gets(town, &key(1)).json()["missing"][0]["offset"], 300);
    town.exchange(&patch(&url, 300, &bytes[300..])).is(204);
    assert!(siti.gets(town, &key(1)).uploads().is_empty());
}

#[test]
fn known_answers_in_batches_of_a_hundred() {
    let town = &mut Town::new();
    let (siti, budi) = (town.siti(), town.sign_in("budi"));
    budi.puts(town, &key(5), &lamp()).is(201);
    siti.withdraws(town, &key(6)).is(204);
    let ask = |count: u32| json!({ "keys": (0..count).map(key).collect::<Vec<_>>() }).to_string();
    let heard = siti
        .sends(town, "POST", "/v1/reports/known", ask(100))
        .is(200)
        .json();
    assert_eq!(heard["withdrawn"], json!([key(6)]));
    assert_eq!(heard["unknown"].as_array().unwrap().len(), 99);
    town.well_formed = false;
    let refused = siti
        .sends(town, "POST", "/v1/reports/known", ask(101))
        .refuses(422, "invalid");
    assert_eq!(refused.fields(), ["keys:too_many"]);
    let refused = siti.sends(town, "POST", "/v1/reports/known", "{\"keys\":[1]}");
    assert_eq!(refused.refuses(422, "invalid").fields(), ["keys:invalid"]);
}

#[test]
fn a_backup_never_overwrites() {
    let town = &mut Town::new();
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup");
    town.gateway.backup(&backup).unwrap();
    assert!(town.gateway.backup(&backup).is_err());
    let dice = &mut town.dice;
    let nothing = folder.path().join("nothing");
    assert!(
        town.gateway
            .restore(town.now, &mut |buffer| dice.fill(buffer), &nothing)
            .is_err()
    );
    assert!(!nothing.exists());
    // Nor is any file a backup.
    std::fs::write(&nothing, "no backup").unwrap();
    let dice = &mut town.dice;
    assert!(
        town.gateway
            .restore(town.now, &mut |buffer| dice.fill(buffer), &nothing)
            .is_err()
    );
    // The failed restores left the gateway as it was.
    let siti = town.siti();
    siti.puts(town, &key(1), &lamp()).is(201);
}
