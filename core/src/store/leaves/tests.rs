#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use lapor_engine::{
    api::EventKind,
    report::{Edit, EventKey, Phase},
    sync::OperationState,
};

use crate::store::{
    AttachmentRow, Store,
    tests::{NOON, Person, Phone, key, noise, whole},
};

/// So many that every table has pages between its root and its leaves.
const MANY: u8 = 60;

fn text(number: u8) -> String {
    format!("Lampu {number} padam. ").repeat(usize::from(number) * 8 + 1)
}

fn event(number: u8) -> EventKey {
    EventKey::from_entropy([number; 16])
}

/// Drafts with texts of up to two pages, pictures, reports on their way, replies.
fn lived_in(phone: &Phone) -> Vec<AttachmentRow> {
    let mut store = phone.open();
    store.signs_in("siti");
    let mut pictures = Vec::new();
    for number in 1..=MANY {
        store.writes_about(key(number), "Lampu");
        store
            .edit(key(number), Edit::Content(text(number)), NOON)
            .unwrap();
        pictures.push(store.attaches(key(number), number.into(), 9_000));
        if number % 2 == 0 {
            store.submits(key(number));
            store
                .add_event(
                    key(number),
                    event(number),
                    EventKind::Reply,
                    &[b'x'; 300],
                    NOON,
                )
                .unwrap();
        }
    }
    pictures
}

fn everything_is_there(store: &Store, pictures: &[AttachmentRow]) {
    for (number, picture) in (1..=MANY).zip(pictures) {
        assert_eq!(store.draft(key(number)).unwrap().form.content, text(number));
        assert_eq!(
            whole(store, picture).unwrap(),
            noise(number.into(), 9_000),
            "{number}"
        );
        let waits = number % 2 == 0;
        let phase = if waits { Phase::Queued } else { Phase::Draft };
        assert_eq!(store.phase(key(number)), phase);
        let report = store.report(key(number)).unwrap().unwrap();
        let replies: Vec<_> = report.events.iter().map(|event| event.state).collect();
        assert_eq!(replies, vec![OperationState::Waiting; usize::from(waits)]);
    }
}

#[test]
fn damage_above_the_leaves_costs_nobody_anything() {
    for table in [
        "report",
        "attachment",
        "attachment_piece",
        "body",
        "event",
        "operation",
    ] {
        let phone = Phone::new();
        let pictures = lived_in(&phone);
        phone.damage_table(table);
        let (store, losses) = phone.salvaged();
        assert_eq!(losses, [], "{table}");
        everything_is_there(&store, &pictures);
    }
}
