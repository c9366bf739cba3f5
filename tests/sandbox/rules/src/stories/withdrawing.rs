//! What is taken back stays taken back.

use serde_json::json;

use super::people::*;

#[test]
fn a_late_put_after_the_withdrawal_finds_a_tombstone() {
    let town = &mut Town::new();
    let siti = town.siti();
    // The create is still in a proxy when the withdrawal arrives.
    siti.withdraws(town, &key(1)).is(204);
    siti.puts(town, &key(1), &lamp()).refuses(410, "withdrawn");
    siti.withdraws(town, &key(1)).is(204);
    siti.gets(town, &key(1)).refuses(410, "withdrawn");
    assert!(town.gateway.reports().unwrap().is_empty());
    assert_eq!(town.gateway.creates_of(&key(1)).unwrap(), 0);
}

#[test]
fn a_withdrawn_report_is_never_published_and_its_words_are_gone() {
    let town = &mut Town::new();
    let siti = town.siti();
    let (bytes, named) = picture(1, 1000);
    let report = with(lamp(), "attachments", json!([named]));
    let created = siti.puts(town, &key(1), &report).is(201);
    let url = created.uploads().remove(0);
    town.exchange(&patch(&url, 0, &bytes[..400])).is(204);
    siti.withdraws(town, &key(1)).is(204);

    town.exchange(&head(&url)).is(404);
    siti.puts(town, &key(1), &report).refuses(410, "withdrawn");
    let now = town.now;
    assert!(town.gateway.verify(now, &key(1)).is_err());
    assert!(town.gateway.published().unwrap().is_empty());
    let row = town
        .gateway
        .report(&created.text("tracking_id"))
        .unwrap()
        .unwrap();
    assert_eq!(
        (
            row.status.as_str(),
            row.title.as_str(),
            row.content.as_str()
        ),
        ("withdrawn", "", "")
    );
    assert!(row.attachments.is_empty());
    // The number is not given again.
    let next = siti.puts(town, &key(2), &lamp()).is(201);
    assert_ne!(next.text("tracking_id"), created.text("tracking_id"));
}

#[test]
fn once_taken_up_it_is_too_late() {
    let town = &mut Town::new();
    let siti = town.siti();
    siti.puts(town, &key(1), &lamp()).is(201);
    let now = town.now;
    town.gateway.verify(now, &key(1)).unwrap();
    siti.withdraws(town, &key(1)).refuses(409, "too_late");
    siti.gets(town, &key(1)).is(200);
    assert_eq!(town.gateway.published().unwrap().len(), 1);
}

#[test]
fn nobody_leaves_a_tombstone_for_another() {
    let town = &mut Town::new();
    let (siti, budi) = (town.siti(), town.sign_in("budi"));
    siti.withdraws(town, &key(1)).is(204);
    budi.puts(town, &key(1), &lamp())
        .refuses(409, "key_foreign");
    budi.withdraws(town, &key(1)).refuses(409, "key_foreign");
    let made = town.sign_in("made");
    made.withdraws(town, &key(2)).refuses(403, "not_allowed");
    siti.puts(town, &key(2), &lamp()).is(201);
}

#[test]
fn events_on_a_withdrawn_report_are_gone_too() {
    let town = &mut Town::new();
    let siti = town.siti();
    siti.puts(town, &key(1), &lamp()).is(201);
    let reply = json!({ "type": "reply", "text": "Masih mati.", "seen_revision": 1 });
    siti.does(town, &key(1), &key(11), &reply).is(201);
    siti.withdraws(town, &key(1)).is(204);
    siti.does(town, &key(1), &key(12), &reply)
        .refuses(410, "withdrawn");
    // What was taken before is still known.
    siti.does(town, &key(1), &key(11), &reply).is(200);
    // Only a tombstone is left of this one, as after a restore.
    siti.withdraws(town, &key(2)).is(204);
    siti.does(town, &key(2), &key(13), &reply)
        .refuses(410, "withdrawn");
    let budi = town.sign_in("budi");
    budi.does(town, &key(2), &key(14), &reply)
        .refuses(404, "not_found");
}
