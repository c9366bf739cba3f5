//! Answers in place of LAPOR!: nothing that a portal, proxy or block page says is a success or a
//! rejection.

use super::*;

/// Seen in the wild, by kind. The gateway's mark is the one thing they cannot have.
fn in_place_of_lapor() -> Vec<(&'static str, Exchange)> {
    let html = [("content-type", "text/html; charset=utf-8")];
    let json = [("content-type", "application/json")];
    vec![
        (
            "hotel wifi, landing page",
            answer(200, &html, "<html><title>Selamat datang di WiFi</title>"),
        ),
        (
            "redirect to a sign-in page",
            answer(302, &[("location", "http://10.0.0.1/login")], ""),
        ),
        (
            "permanent redirect",
            answer(308, &[("location", "https://portal.example/")], ""),
        ),
        (
            "portal by the book, RFC 6585",
            answer(511, &html, "<html>login"),
        ),
        ("android's own check", answer(204, &[], "")),
        (
            "created, says a proxy",
            answer(201, &json, r#"{"ok":true}"#),
        ),
        ("a body just like ours", answer(200, &json, CREATED)),
        (
            "office proxy wants a password",
            answer(407, &[("proxy-authenticate", "Basic")], ""),
        ),
        (
            "server wants a password",
            answer(401, &[("www-authenticate", "Basic")], ""),
        ),
        (
            "internet positif block page",
            answer(403, &html, "<html>Internet Positif"),
        ),
        ("parking page", answer(404, &html, "<html>domain for sale")),
        (
            "firewall gives a conflict",
            answer(409, &json, r#"{"code":"key_taken"}"#),
        ),
        (
            "firewall gives a rejection",
            answer(422, &json, r#"{"code":"invalid","fields":[]}"#),
        ),
        (
            "firewall says gone",
            answer(410, &json, r#"{"code":"withdrawn"}"#),
        ),
        ("too large, says nginx", answer(413, &html, "<html>413")),
        ("not modified, says a cache", answer(304, &[], "")),
        (
            "the mark without the echo",
            answer(200, &[("lapor-contract", "1")], CREATED),
        ),
        (
            "the echo without the mark",
            answer(200, &[("lapor-request", NONCE)], CREATED),
        ),
        (
            "another request's answer",
            answer(
                200,
                &[("lapor-contract", "1"), ("lapor-request", "stale")],
                CREATED,
            ),
        ),
        (
            "an empty echo",
            answer(
                200,
                &[("lapor-contract", "1"), ("lapor-request", "")],
                CREATED,
            ),
        ),
        (
            "an upload host's mark",
            answer(200, &[("tus-resumable", "1.0.0")], CREATED),
        ),
        (
            "data bundle used up",
            answer(200, &html, "Kuota Anda habis"),
        ),
        ("an unknown status", answer(999, &[], "")),
    ]
}

#[test]
fn whoever_answers_in_place_of_lapor_neither_takes_nor_rejects_a_report() {
    for (who, exchange) in in_place_of_lapor() {
        let status = exchange.status.unwrap();
        for action in every_action()
            .into_iter()
            .filter(|action| proof_of(action) == Proof::Mark)
        {
            assert_eq!(
                means(&action, &exchange),
                Outcome::NotLapor { status },
                "{who}: {action:?}"
            );
        }
    }
}

#[test]
fn a_portal_that_hangs_up_is_still_a_portal() {
    for (who, exchange) in in_place_of_lapor() {
        for end in [End::Cut, End::TooLarge, End::Undecodable, End::Stalled] {
            let outcome = means(&create(), &ended(exchange.clone(), end));
            assert!(
                matches!(outcome, Outcome::NotLapor { .. }),
                "{who} {end:?}: {outcome:?}"
            );
        }
    }
}

#[test]
fn a_portal_cannot_take_a_picture_either() {
    let chunk = Action::UploadChunk {
        url: "/v1/uploads/x".to_owned(),
        attachment: 1,
        offset: 0,
        length: 50,
    };
    for (who, exchange) in in_place_of_lapor() {
        if exchange.header("tus-resumable").is_some() {
            continue;
        }
        assert!(
            matches!(means(&chunk, &exchange), Outcome::NotLapor { .. }),
            "{who}"
        );
        let with_offset = with(exchange, "upload-offset", "50");
        assert!(
            matches!(means(&chunk, &with_offset), Outcome::NotLapor { .. }),
            "{who}: an offset alone proves nothing"
        );
    }
}
