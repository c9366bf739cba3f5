#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use lapor_engine::sync::Change;

use super::*;
use crate::store::tests::{DAY, NOON, Person, Phone, key, later, noise, picture, whole};

#[test]
fn any_range_of_a_picture_is_read_without_the_rest() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.writes(key(1));
    let length = 2 * PIECE + 1_234;
    let row = store.attaches(key(1), 6, length);
    let bytes = noise(6, length);
    assert_eq!(whole(&store, &row).unwrap(), bytes);
    let edge = PIECE as u64;
    let end = length as u64;
    for offset in [
        0,
        1,
        edge - 1,
        edge,
        edge + 1,
        2 * edge - 3,
        2 * edge,
        end - 5,
        end - 1,
        end,
        end + 9,
    ] {
        for wanted in [1, 7, 8_192, PIECE + 3] {
            let mut buffer = vec![0; wanted];
            let read = store.read_attachment(row.id, offset, &mut buffer).unwrap();
            let from = usize::try_from(offset).unwrap().min(length);
            let expected = &bytes[from..(from + wanted).min(length)];
            assert_eq!(&buffer[..read], expected, "{wanted} bytes from {offset}");
        }
    }
    assert_eq!(
        store.read_attachment(999, 0, &mut [0; 4]),
        Err(StoreError::NotFound)
    );
}

#[test]
fn names_are_made_here_and_numbers_are_used_again() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.writes(key(1));
    let first = store.attaches(key(1), 1, 10);
    let second = store.attaches(key(1), 2, 10);
    let pdf = NewAttachment {
        media_type: "application/pdf".to_owned(),
        ..picture(3, 10)
    };
    let pdf = store.attach(key(1), &pdf, NOON).unwrap();
    assert_eq!(
        [&first.name, &second.name, &pdf.name],
        ["foto-1.jpg", "foto-2.jpg", "dokumen-1.pdf"]
    );
    store.detach(key(1), first.id, NOON).unwrap();
    let png = NewAttachment {
        media_type: "image/png".to_owned(),
        ..picture(4, 10)
    };
    assert_eq!(store.attach(key(1), &png, NOON).unwrap().name, "foto-1.png");
    let other = NewAttachment {
        media_type: "text/plain".to_owned(),
        ..picture(5, 10)
    };
    store.attach(key(1), &other, NOON).unwrap();
    let order: Vec<_> = store
        .draft(key(1))
        .unwrap()
        .attachments
        .into_iter()
        .map(|row| (row.position, row.name))
        .collect();
    let names = [
        "foto-2.jpg",
        "dokumen-1.pdf",
        "foto-1.png",
        "lampiran-1.bin",
    ];
    assert_eq!(
        order,
        [0, 1, 2, 3].map(|at| (at, names[at as usize].to_owned()))
    );
}

#[test]
fn what_cannot_be_kept_is_refused_and_leaves_nothing() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.writes(key(1));
    let row = store.attaches(key(1), 1, 10);
    assert_eq!(
        store.attach(key(1), &picture(1, 10), NOON),
        Err(StoreError::Duplicate { attachment: row.id })
    );
    let large = picture(2, usize::try_from(ATTACHMENT_MAX).unwrap() + 1);
    assert_eq!(
        store.attach(key(1), &large, NOON),
        Err(StoreError::TooLarge {
            limit: ATTACHMENT_MAX
        })
    );
    let largest = picture(2, usize::try_from(ATTACHMENT_MAX).unwrap());
    let largest = store.attach(key(1), &largest, NOON).unwrap();
    assert_eq!(largest.bytes, ATTACHMENT_MAX, "exactly as much is kept");
    store.detach(key(1), largest.id, NOON).unwrap();
    let torn = NewAttachment {
        bytes: vec![1; 10],
        ..picture(3, 10)
    };
    assert_eq!(
        store.attach(key(1), &torn, NOON),
        Err(StoreError::HashMismatch)
    );
    assert_eq!(store.draft(key(1)).unwrap().attachments.len(), 1);
}

#[test]
fn detaching_frees_the_bytes_unless_a_successor_shares_them() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let shared = store.attaches(key(1), 1, 1_000);
    store.submits(key(1));
    store.withdraw(key(1), NOON).unwrap();
    store.supersede(key(1), key(2), NOON).unwrap();
    let heir = store.draft(key(2)).unwrap().attachments[0].clone();
    assert_eq!(whole(&store, &heir).unwrap(), noise(1, 1_000));
    store.detach(key(2), heir.id, NOON).unwrap();
    assert_eq!(
        whole(&store, &shared).unwrap(),
        noise(1, 1_000),
        "the first one still has them"
    );
    let only = store.attaches(key(2), 5, 1_000);
    store.detach(key(2), only.id, NOON).unwrap();
    let pieces: i64 = store
        .db
        .query_row("SELECT count(*) FROM attachment_piece", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(pieces, 1);
}

/// Their pieces are numbered one after the other: what is read or deleted of one begins where the one before
/// it ends.
#[test]
fn a_large_picture_between_two_others_goes_alone_and_whole() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.writes(key(1));
    let length = PIECE + 1_234;
    let rows = [1, 2, 3, 4].map(|seed| store.attaches(key(1), seed, length));
    for (seed, row) in (1..).zip(&rows) {
        assert_eq!(read_pieces(&store.db, row.id).unwrap(), noise(seed, length));
    }
    store.detach(key(1), rows[2].id, NOON).unwrap();
    for number in [0, 1, 3] {
        assert_eq!(
            whole(&store, &rows[number]).unwrap(),
            noise(number as u64 + 1, length)
        );
    }
    assert_eq!(next_orphan(&store.db, 0), Ok(None), "nothing of it is left");
}

/// The service was restored and only the other one on this phone has heard of it yet.
#[test]
fn whoever_has_not_heard_of_a_restore_keeps_their_pictures() {
    let phone = Phone::new();
    let mut store = phone.open();
    let epoch = |account, epoch: &str| Change::Epoch {
        account,
        epoch: epoch.to_owned(),
        changed: false,
    };
    let siti = store.signs_in("siti");
    store.writes(key(1));
    store.attaches(key(1), 1, 9_000);
    store.submits(key(1));
    store.hears_created(key(1), "100", &[]);
    store.apply(&[epoch(siti, "e1")], NOON).unwrap();
    store.signed_out().unwrap();
    let budi = store.signs_in("budi");
    store.apply(&[epoch(budi, "e2")], NOON).unwrap();
    assert_eq!(store.free_pictures(later(30 * DAY)), Ok(0));
    store.apply(&[epoch(siti, "e2")], NOON).unwrap();
    assert_eq!(store.free_pictures(later(30 * DAY)), Ok(9_000));
}
