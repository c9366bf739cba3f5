//! Properties that hold for any exchange whatsoever.

use proptest::{collection::vec, option, prelude::*, sample::select};

use super::*;

const ENDS: [End; 11] = [
    End::Complete,
    End::Dns,
    End::NoConnection,
    End::CertificateDates,
    End::Untrusted,
    End::Cut,
    End::Stalled,
    End::TooLarge,
    End::Undecodable,
    End::Aborted,
    End::BodyUnreadable,
];

fn header() -> impl Strategy<Value = (String, String)> {
    let name = select(vec![
        "lapor-contract",
        "lapor-request",
        "lapor-epoch",
        "tus-resumable",
        "upload-offset",
        "retry-after",
        "date",
        "content-type",
        "location",
    ]);
    let value = prop_oneof![
        Just(NONCE.to_owned()),
        Just("1".to_owned()),
        Just("150".to_owned()),
        Just("Sun, 22 Nov 2026 08:00:00 GMT".to_owned()),
        any::<u64>().prop_map(|number| number.to_string()),
        ".{0,12}",
    ];
    (name.prop_map(str::to_owned), value)
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(CREATED.as_bytes().to_vec()),
        Just(br#"{"code":"key_taken"}"#.to_vec()),
        Just(br#"{"code":"invalid","fields":[{"field":"title","code":"required"}]}"#.to_vec()),
        vec(any::<u8>(), 0..64),
    ]
}

fn exchange() -> impl Strategy<Value = Exchange> {
    let status = prop_oneof![
        select(vec![
            200_u16, 201, 204, 301, 304, 400, 401, 403, 404, 409, 410, 422, 426, 429, 460, 500,
            503, 511
        ]),
        any::<u16>(),
    ];
    (
        any::<bool>(),
        any::<u64>(),
        option::of(status),
        vec(header(), 0..6),
        body(),
        select(ENDS.to_vec()),
    )
        .prop_map(|(connected, sent, status, headers, body, end)| Exchange {
            connected,
            sent,
            status,
            headers,
            body,
            end,
        })
}

fn action() -> impl Strategy<Value = Action> {
    let far = (any::<u64>(), any::<u64>()).prop_map(|(offset, length)| Action::UploadChunk {
        url: "u".to_owned(),
        attachment: 1,
        offset,
        length,
    });
    prop_oneof![9 => select(every_action()), 1 => far]
}

/// Only LAPOR! can say these.
fn is_lapors_word(outcome: &Outcome) -> bool {
    !matches!(
        outcome,
        Outcome::Offline
            | Outcome::ClockWrong
            | Outcome::Untrusted
            | Outcome::NotLapor { .. }
            | Outcome::Busy { marked: false, .. }
            | Outcome::Unknown
            | Outcome::Aborted
            | Outcome::Local
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_exchange_has_an_outcome_and_only_the_mark_makes_a_success_or_a_rejection(
        action in action(), exchange in exchange(), now in any::<i64>(), built in any::<i64>(),
        seen in option::of(any::<i64>()),
    ) {
        let circumstance = Circumstance {
            now: Instant(now), built_at: Instant(built), last_server_date: seen.map(Instant),
        };
        let outcome = judge(&action, NONCE, &exchange, &circumstance);
        prop_assert_eq!(&outcome, &judge(&action, NONCE, &exchange, &circumstance), "the same again");
        let proven = match proof_of(&action) {
            Proof::Mark => exchange.header("lapor-contract").is_some() && exchange.header("lapor-request") == Some(NONCE),
            Proof::Tus => exchange.header("tus-resumable").is_some(),
        };
        let reached = exchange.connected && exchange.status.is_some();
        if is_lapors_word(&outcome) {
            prop_assert!(proven && reached, "{outcome:?}");
        }
        if let Outcome::Busy { retry_after: Some(wait), .. } = outcome {
            prop_assert!((1_000..=3_600_000).contains(&wait));
        }
        let whole = exchange.end == End::Complete || matches!(exchange.status, Some(204 | 304));
        if matches!(outcome, Outcome::Done(_) | Outcome::Rejected { .. } | Outcome::KeyTaken { .. }) {
            prop_assert!(whole, "half an answer decides nothing: {outcome:?}");
        }
    }

    #[test]
    fn an_answer_cut_anywhere_is_never_another_answer(cut in 0..CREATED.len()) {
        let mut torn = marked_answer(201, CREATED);
        torn.body.truncate(cut);
        let cut_short = means(&create(), &ended(torn.clone(), End::Cut));
        prop_assert_eq!(cut_short, Outcome::Unknown);
        // A front end that ends the answer neatly where the gateway died.
        let neat = means(&create(), &torn);
        prop_assert_eq!(neat, Outcome::Busy { status: 201, retry_after: None, marked: true });
    }
}
