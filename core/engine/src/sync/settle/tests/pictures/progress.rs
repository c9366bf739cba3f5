//! What counts as progress, and what is learned from it.

use super::*;

fn stumbling(reason: Reason, upload: Upload) -> Work {
    let row = Operation {
        streak: 3,
        reason: Some(reason),
        ..picture(1, 1)
    };
    phone().and_upload(row, upload)
}

#[test]
fn only_bytes_that_a_chunk_brought_end_a_row_of_failures() {
    let told = |task: &Task, at: u64| {
        let changes = after(&stumbling(Reason::Unknown, upload()), task, &offset(at));
        let row = update_of(&changes, 1);
        (row.streak, row.reason.unwrap())
    };
    assert_eq!(told(&chunk(0, KIB), KIB), (0, Reason::NotTried));
    assert_eq!(
        told(&chunk(0, KIB), 0),
        (3, Reason::Unknown),
        "an answer that brought nothing on"
    );
    assert_eq!(
        told(&head(), KIB),
        (3, Reason::NotTried),
        "an offset that was asked for may wander"
    );
    assert_eq!(told(&head(), 0), (3, Reason::Unknown));
}

#[test]
fn nothing_is_learned_of_the_line_where_nothing_is_known_to_have_travelled() {
    let dead = |size| {
        stumbling(
            Reason::NotTried,
            Upload {
                chunk: size,
                offset_is_sure: false,
                ..upload()
            },
        )
        .and_upload(picture(2, 1), upload())
    };
    for size in [0, 96 * KIB] {
        for (task, at) in [(head(), 50 * KIB), (chunk(0, KIB), 0)] {
            let changes = after(&dead(size), &task, &offset(at));
            assert_eq!(upload_of(&changes[changes.len() - 2..]).chunk, size);
        }
    }
    let changes = after(&dead(0), &head(), &offset(50 * KIB));
    let told = changes.iter().filter(|it| matches!(it, Change::Upload(_)));
    assert_eq!(told.count(), 1, "the other picture has nothing to hear");
}

#[test]
fn a_picture_that_starts_over_knows_where() {
    let whole = Upload {
        offset: upload().bytes,
        offset_is_sure: false,
        ..upload()
    };
    let (_, next) = settled(whole, &locate(), &listed(false, Some(7)));
    let next = next.unwrap();
    assert_eq!((next.offset, next.offset_is_sure), (7, true));
}

#[test]
fn phones_and_pictures_that_stumble_together_come_back_apart() {
    let delay = |secret: u8, id: i64| {
        let row = Operation {
            streak: 5,
            ..picture(id, 1)
        };
        let work = Work {
            install_secret: [secret; 32],
            ..phone().and_upload(row, upload())
        };
        let task = Task::UploadOffset {
            operation: OperationId(id),
            attachment: 100 + id,
            url: "u".to_owned(),
        };
        update_of(&after(&work, &task, &Outcome::OffsetMoved), id)
            .due
            .delay
    };
    assert_eq!(delay(1, 1), delay(1, 1), "no dice");
    assert_ne!(delay(1, 1), delay(2, 1), "two phones");
    assert_ne!(delay(1, 1), delay(1, 2), "two pictures of one phone");
}
