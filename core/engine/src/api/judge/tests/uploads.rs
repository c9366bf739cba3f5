//! Uploads: tus on this or another host, where only the offset proves anything.

use super::*;

fn head() -> Action {
    Action::UploadOffset {
        url: "/v1/uploads/x".to_owned(),
    }
}

/// 50 bytes from 100 on.
fn chunk() -> Action {
    Action::UploadChunk {
        url: "/v1/uploads/x".to_owned(),
        attachment: 1,
        offset: 100,
        length: 50,
    }
}

fn tus(status: u16, offset: Option<&str>) -> Exchange {
    let exchange = answer(status, &[("tus-resumable", "1.0.0")], "");
    match offset {
        Some(offset) => with(exchange, "upload-offset", offset),
        None => exchange,
    }
}

#[test]
fn a_chunk_has_arrived_when_the_offset_says_so() {
    assert_eq!(
        means(&chunk(), &tus(204, Some("150"))),
        Outcome::Done(Answer::Offset(150))
    );
    for other in [
        Some("149"),
        Some("151"),
        Some("100"),
        Some("0"),
        Some("-1"),
        Some("many"),
        None,
    ] {
        assert_eq!(
            means(&chunk(), &tus(204, other)),
            Outcome::OffsetMoved,
            "{other:?}"
        );
    }
    assert_eq!(
        means(&chunk(), &tus(200, Some("150"))),
        Outcome::OffsetMoved,
        "tus answers a chunk with 204"
    );
}

#[test]
fn the_offset_is_what_the_host_says() {
    assert_eq!(
        means(&head(), &tus(200, Some("42"))),
        Outcome::Done(Answer::Offset(42))
    );
    assert_eq!(
        means(&head(), &tus(204, Some(" 42 "))),
        Outcome::Done(Answer::Offset(42))
    );
    assert_eq!(means(&head(), &tus(200, None)), Outcome::OffsetMoved);
}

#[test]
fn an_upload_can_move_expire_and_arrive_damaged() {
    for action in [head(), chunk()] {
        assert_eq!(means(&action, &tus(409, None)), Outcome::OffsetMoved);
        for gone in [403, 404, 410] {
            assert_eq!(
                means(&action, &tus(gone, None)),
                Outcome::UploadGone,
                "{gone}"
            );
        }
        assert_eq!(means(&action, &tus(460, None)), Outcome::UploadDamaged);
        for refused in [400, 401, 412, 413, 415] {
            assert_eq!(
                means(&action, &tus(refused, None)),
                Outcome::Refused {
                    status: refused,
                    code: "upload".to_owned()
                }
            );
        }
        assert!(matches!(
            means(&action, &tus(503, None)),
            Outcome::Busy { marked: true, .. }
        ));
        let wait = with(tus(429, None), "retry-after", "9");
        assert_eq!(
            means(&action, &wait),
            Outcome::Busy {
                status: 429,
                retry_after: Some(9_000),
                marked: true
            }
        );
    }
}

#[test]
fn a_chunk_at_the_end_of_the_numbers_is_judged_too() {
    let far = Action::UploadChunk {
        url: "x".to_owned(),
        attachment: 1,
        offset: u64::MAX,
        length: u64::MAX,
    };
    assert_eq!(
        means(&far, &tus(204, Some("18446744073709551615"))),
        Outcome::OffsetMoved
    );
}

#[test]
fn a_chunk_cut_after_its_204_counts_and_the_contracts_mark_is_not_needed() {
    assert_eq!(
        means(&chunk(), &ended(tus(204, Some("150")), End::Cut)),
        Outcome::Done(Answer::Offset(150))
    );
    assert_eq!(
        means(&chunk(), &ended(tus(409, None), End::Cut)),
        Outcome::Unknown
    );
    assert_eq!(
        means(&chunk(), &marked_answer(204, "")),
        Outcome::NotLapor { status: 204 }
    );
}
