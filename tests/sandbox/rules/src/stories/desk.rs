//! The life of a report at the desk, by hand and by the calendar.

use serde_json::json;

use super::people::*;
use crate::{AdminError, Instant};

fn status(town: &Town, number: u32) -> String {
    town.gateway.report(&key(number)).unwrap().unwrap().status
}

#[test]
fn a_report_goes_its_way() {
    let town = &mut Town::new();
    let siti = town.siti();
    let tracking = siti
        .puts(town, &key(1), &lamp())
        .is(201)
        .text("tracking_id");
    let now = town.now;
    town.gateway.verify(now, &format!("#{tracking}")).unwrap();
    assert_eq!(status(town, 1), "verified");
    town.gateway.dispose(now, &tracking, "dpu-badung").unwrap();
    let row = town.gateway.report(&key(1)).unwrap().unwrap();
    assert_eq!(row.follow_up_by.as_deref(), Some("2026-11-27"));
    town.gateway
        .postpone(now, &key(1), "menunggu anggaran")
        .unwrap();
    assert_eq!(status(town, 1), "postponed");
    town.gateway
        .follow_up(now, &key(1), "Sudah diperbaiki.")
        .unwrap();
    assert_eq!(status(town, 1), "in_progress");
    town.gateway.close(now, &key(1)).unwrap();
    town.gateway.archive(now, &key(1), "selesai").unwrap();
    assert_eq!(status(town, 1), "archived");
    let kinds: Vec<String> = town
        .gateway
        .report(&key(1))
        .unwrap()
        .unwrap()
        .events
        .into_iter()
        .map(|event| event.kind)
        .collect();
    assert_eq!(
        kinds,
        [
            "verify",
            "dispose",
            "postpone",
            "follow_up",
            "close",
            "archive"
        ]
    );
}

#[test]
fn what_does_not_fit_the_state_is_refused_and_changes_nothing() {
    let town = &mut Town::new();
    let siti = town.siti();
    siti.puts(town, &key(1), &lamp()).is(201);
    let now = town.now;
    let refused = town.gateway.follow_up(now, &key(1), "Halo.").unwrap_err();
    assert!(matches!(refused, AdminError::NotPossible { status } if status == "unverified"));
    assert!(matches!(
        town.gateway.verify(now, "404"),
        Err(AdminError::NoSuchReport)
    ));
    town.gateway
        .not_our_authority(now, &key(1), "kewenangan PLN")
        .unwrap();
    assert!(town.gateway.dispose(now, &key(1), "dpu-badung").is_err());
    let row = town.gateway.report(&key(1)).unwrap().unwrap();
    assert_eq!(
        (row.status.as_str(), row.revision, row.events.len()),
        ("not_our_authority", 2, 1)
    );
}

#[test]
fn ten_working_days_without_a_reply_close_it() {
    let town = &mut Town::new();
    let siti = town.siti();
    for number in [1, 2] {
        siti.puts(town, &key(number), &lamp()).is(201);
        town.gateway
            .dispose(town.now, &key(number), "dpu-badung")
            .unwrap();
        town.gateway
            .follow_up(town.now, &key(number), "Sudah.")
            .unwrap();
    }
    let reply = json!({ "type": "reply", "text": "Belum.", "seen_revision": 3 });
    siti.does(town, &key(2), &key(11), &reply).is(201);
    // Sunday 22 November plus ten working days: Friday 4 December still counts.
    town.now = Instant::from_rfc3339("2026-12-04T16:59:00Z").unwrap();
    assert_eq!(
        town.gateway.tick(town.now).unwrap().closed,
        Vec::<String>::new()
    );
    town.now = Instant::from_rfc3339("2026-12-04T17:00:00Z").unwrap();
    assert_eq!(town.gateway.tick(town.now).unwrap().closed, [key(1)]);
    assert_eq!(
        (status(town, 1).as_str(), status(town, 2).as_str()),
        ("closed", "in_progress")
    );
    let row = town.gateway.report(&key(1)).unwrap().unwrap();
    assert_eq!(row.events.last().unwrap().by, "system");
    assert_eq!(
        town.gateway.tick(town.now).unwrap().closed,
        Vec::<String>::new()
    );
}

#[test]
fn the_day_of_a_deadline_is_jakartas() {
    let town = &mut Town::new();
    town.now = Instant::from_rfc3339("2026-11-22T17:00:00Z").unwrap();
    let siti = town.siti();
    let late = siti.puts(town, &key(1), &lamp()).is(201);
    // It is Monday already in Jakarta: Tuesday, Wednesday, Thursday.
    assert_eq!(late.json()["deadlines"]["verify_by"], "2026-11-26");
}

#[test]
fn the_public_list_keeps_secrets() {
    let town = &mut Town::new();
    let siti = town.siti();
    siti.puts(town, &key(1), &lamp()).is(201);
    siti.puts(town, &key(2), &with(lamp(), "anonymous", json!(true)))
        .is(201);
    siti.puts(town, &key(3), &with(lamp(), "secret", json!(true)))
        .is(201);
    siti.puts(town, &key(4), &lamp()).is(201);
    assert!(town.gateway.published().unwrap().is_empty());
    for number in [1, 2, 3] {
        town.gateway.verify(town.now, &key(number)).unwrap();
    }
    let names: Vec<(String, Option<String>)> = town
        .gateway
        .published()
        .unwrap()
        .into_iter()
        .map(|row| (row.key, row.name))
        .collect();
    assert_eq!(
        names,
        [(key(2), None), (key(1), Some("Siti Rahayu".to_owned()))]
    );
}

#[test]
fn an_edit_changes_what_is_published_never_what_was_sent() {
    let town = &mut Town::new();
    let siti = town.siti();
    siti.puts(town, &key(1), &lamp()).is(201);
    town.gateway
        .edit_published_text(town.now, &key(1), "Judul baru", "Isi baru")
        .unwrap();
    let heard = siti.gets(town, &key(1)).is(200).json();
    assert_eq!(
        heard["published"],
        json!({ "title": "Judul baru", "content": "Isi baru" })
    );
    assert_eq!(heard["submitted"], lamp());
    siti.puts(town, &key(1), &lamp()).is(200);
}
