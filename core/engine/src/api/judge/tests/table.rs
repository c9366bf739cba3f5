//! The gateway's own answers, drawn at random, against a table of their own; and marks that are
//! nearly right.

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

/// What the body is.
#[derive(Debug, Clone)]
enum Said {
    /// What this action's success carries.
    Own,
    Problem(&'static str),
    Bytes(Vec<u8>),
}

fn own_body(action: &Action) -> String {
    let session = r#"{"access_token":"a","refresh_token":"r","expires_in":60,
        "account":{"id":"a-siti","user":"siti","name":"Siti","role":"reporter"}}"#;
    match action {
        Action::Probe => {
            let limits = serde_json::to_value(crate::report::Limits::default()).unwrap();
            serde_json::json!({ "limits": limits }).to_string()
        }
        Action::SignIn { .. } | Action::Refresh { .. } => session.to_owned(),
        Action::Create { .. } => CREATED.to_owned(),
        Action::Event { event_key, .. } => {
            format!(r#"{{"event_key":"{event_key}","revision":2,"status":"unverified"}}"#)
        }
        Action::Fetch { .. } => {
            r#"{"tracking_id":"1","revision":1,"status":"unverified","attachments":[]}"#.to_owned()
        }
        Action::Changes { .. } => r#"{"cursor":"c2","complete":true,"changes":[]}"#.to_owned(),
        Action::Known { .. } => r#"{"known":[],"unknown":[]}"#.to_owned(),
        Action::SignOut
        | Action::Withdraw { .. }
        | Action::UploadOffset { .. }
        | Action::UploadChunk { .. } => String::new(),
    }
}

/// The outcome's word for a marked answer that arrived whole, by the table in ARCHITECTURE.md.
fn class(action: &Action, status: u16, said: &Said) -> &'static str {
    let code = match said {
        Said::Problem(code) => *code,
        _ => "",
    };
    let no_body = matches!(action, Action::SignOut | Action::Withdraw { .. });
    let own = matches!(said, Said::Own);
    match status {
        304 if matches!(action, Action::Changes { .. }) => "done",
        204 if no_body => "done",
        200 | 201 | 204 | 304 if own && !no_body => "done",
        // A success that is not what the contract says: the gateway's fault, and never called sent.
        200 | 201 | 204 | 304 => "busy",
        429 | 500..=599 => "busy",
        400 | 426 if code == "contract_unsupported" => "incompatible",
        401 => match action {
            Action::SignIn { .. } => "bad_credentials",
            Action::Refresh { .. } => "session_ended",
            _ => "unauthorized",
        },
        404 => "not_found",
        409 if matches!(code, "key_taken" | "key_foreign") => "key_taken",
        409 if code == "too_late" && matches!(action, Action::Withdraw { .. }) => "too_late",
        410 if matches!(action, Action::Changes { .. }) => "cursor_gone",
        410 if code == "withdrawn" => "withdrawn",
        422 if matches!(action, Action::Create { .. } | Action::Event { .. }) => "rejected",
        _ => "refused",
    }
}

fn marked_action() -> impl Strategy<Value = Action> {
    let all = every_action();
    select(
        all.into_iter()
            .filter(|action| proof_of(action) == Proof::Mark)
            .collect::<Vec<_>>(),
    )
}

fn said() -> impl Strategy<Value = Said> {
    let code = select(vec![
        "key_taken",
        "key_foreign",
        "too_late",
        "withdrawn",
        "contract_unsupported",
        "invalid",
        "",
    ]);
    prop_oneof![
        2 => Just(Said::Own),
        3 => code.prop_map(Said::Problem),
        1 => vec(any::<u8>(), 0..40).prop_map(Said::Bytes),
    ]
}

fn status() -> impl Strategy<Value = u16> {
    let known = vec![
        200_u16, 201, 202, 204, 206, 301, 302, 304, 400, 401, 403, 404, 405, 409, 410, 413, 415,
        422, 426, 429, 451, 460, 500, 502, 503, 504, 511, 521, 599,
    ];
    prop_oneof![3 => select(known), 1 => 100_u16..1_000]
}

fn exchange_of(action: &Action, status: u16, said: &Said) -> Exchange {
    let body = match said {
        Said::Own => own_body(action).into_bytes(),
        Said::Problem(code) => {
            format!(r#"{{"title":"t","status":{status},"code":"{code}"}}"#).into_bytes()
        }
        Said::Bytes(bytes) => bytes.clone(),
    };
    Exchange {
        body,
        ..marked_answer(status, "")
    }
}

/// A mark that is not this request's, in every way in which that is nearly so.
fn nearly(how: usize, cut: usize) -> Vec<(String, String)> {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let shorter = NONCE
        .get(..NONCE.len() - 1 - cut % (NONCE.len() - 1))
        .unwrap();
    let contract = pair("lapor-contract", "1");
    match how {
        0 => vec![contract, pair("lapor-request", &NONCE.to_uppercase())],
        1 => vec![contract, pair("lapor-request", shorter)],
        2 => vec![contract, pair("lapor-request", &format!("{NONCE}0"))],
        3 => vec![
            contract,
            pair("lapor-request", &format!("{NONCE}, {NONCE}")),
        ],
        4 => vec![contract, pair("x-lapor-request", NONCE)],
        5 => vec![
            contract,
            pair("lapor-request", ""),
            pair("lapor-request", NONCE),
        ],
        6 => vec![pair("lapor-request", NONCE), pair("lapor-epoch", "e1")],
        7 => vec![
            contract,
            pair("location", NONCE),
            pair("lapor-epoch", NONCE),
        ],
        _ => vec![
            contract,
            pair("tus-resumable", "1.0.0"),
            pair("upload-offset", "150"),
        ],
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_marked_answer_lands_in_the_class_of_the_table(
        action in marked_action(), status in status(), said in said(),
    ) {
        let outcome = means(&action, &exchange_of(&action, status, &said));
        prop_assert_eq!(outcome.code(), class(&action, status, &said), "{} {:?} {:?}", status, said, action);
    }

    #[test]
    fn the_same_answer_under_a_mark_that_is_nearly_right_decides_nothing(
        action in marked_action(), status in status(), said in said(), how in 0_usize..9, cut in any::<usize>(),
    ) {
        let mut exchange = exchange_of(&action, status, &said);
        exchange.headers = nearly(how, cut);
        let outcome = means(&action, &exchange);
        let expected = if matches!(status, 429 | 500..=510 | 512..=599) { "busy" } else { "not_lapor" };
        prop_assert_eq!(outcome.code(), expected, "{} {} {:?}", how, status, action);
        prop_assert_eq!(marks(NONCE, &exchange), Marks::default(), "nor is its clock or epoch believed");
    }

    #[test]
    fn another_version_of_the_contract_is_never_read(
        action in marked_action(), status in status(), said in said(), version in "[0-9]{0,12}|[a-z ]{1,8}",
    ) {
        prop_assume!(version.trim().parse() != Ok(CONTRACT_VERSION));
        let mut exchange = exchange_of(&action, status, &said);
        for (name, value) in &mut exchange.headers {
            if name == "lapor-contract" {
                value.clone_from(&version);
            }
        }
        prop_assert_eq!(means(&action, &exchange), Outcome::Incompatible);
    }
}
