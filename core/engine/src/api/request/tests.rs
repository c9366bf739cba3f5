#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
use super::*;

const KEY: ReportKey = ReportKey([7; 16]);

fn sent(base: &str, action: &Action) -> Result<WireRequest, BadAddress> {
    let base = Url::parse(base).unwrap();
    let token = Secret::new("tok".to_owned());
    request(
        action,
        &RequestContext {
            base: &base,
            token: Some(&token),
            nonce: [0xab; 12],
            skew: Some(-3),
        },
    )
}

fn header<'a>(request: &'a WireRequest, name: &str) -> Option<&'a str> {
    request
        .headers
        .iter()
        .find(|(have, _)| *have == name)
        .map(|(_, value)| value.as_str())
}

fn create() -> Action {
    Action::Create {
        key: KEY,
        body: b"{}".to_vec(),
        prior_tracking_id: Some(TrackingId("19".to_owned())),
    }
}

fn chunk(url: &str) -> Action {
    Action::UploadChunk {
        url: url.to_owned(),
        attachment: 1,
        offset: 5,
        length: 9,
    }
}

#[test]
fn a_create_carries_mark_token_skew_and_the_number_it_once_had_outside_its_body() {
    let wire = sent("https://lapor.example/", &create()).unwrap();
    assert_eq!(
        wire.url.as_str(),
        "https://lapor.example/v1/reports/07070707-0707-0707-0707-070707070707"
    );
    assert_eq!(wire.method, Method::Put);
    assert_eq!(
        wire.body,
        Body::Bytes(b"{}".to_vec()),
        "the frozen bytes and nothing else"
    );
    assert_eq!(header(&wire, "lapor-contract"), Some("1"));
    assert_eq!(
        header(&wire, "lapor-request"),
        Some("abababababababababababab")
    );
    assert_eq!(wire.nonce, "abababababababababababab");
    assert_eq!(header(&wire, "authorization"), Some("Bearer tok"));
    assert_eq!(header(&wire, "lapor-skew"), Some("-3"));
    assert_eq!(header(&wire, "lapor-prior-tracking-id"), Some("19"));
}

#[test]
fn a_gateway_may_live_below_a_path() {
    for base in [
        "https://lapor.example/api",
        "https://lapor.example/api/",
        "https://lapor.example/api?x=1#y",
    ] {
        let wire = sent(
            base,
            &Action::Changes {
                after: Some("a b&c".to_owned()),
            },
        )
        .unwrap();
        assert_eq!(
            wire.url.as_str(),
            "https://lapor.example/api/v1/changes?after=a+b%26c"
        );
    }
}

#[test]
fn a_token_goes_neither_to_an_upload_nor_where_none_is_needed() {
    for url in ["/v1/uploads/x", "https://files.example/x"] {
        for action in [
            chunk(url),
            Action::UploadOffset {
                url: url.to_owned(),
            },
        ] {
            let wire = sent("https://lapor.example/", &action).unwrap();
            assert_eq!(
                header(&wire, "authorization"),
                None,
                "the URL is the capability"
            );
            assert_eq!(header(&wire, "lapor-request"), None);
            assert_eq!(
                (header(&wire, "tus-resumable"), wire.proof),
                (Some("1.0.0"), Proof::Tus)
            );
        }
    }
    let refresh = Action::Refresh {
        refresh_token: Secret::new("r".to_owned()),
    };
    let sign_in = Action::SignIn {
        user: "ayu".to_owned(),
        password: Secret::new("p".to_owned()),
    };
    for action in [Action::Probe, refresh, sign_in] {
        assert_eq!(
            header(
                &sent("https://lapor.example/", &action).unwrap(),
                "authorization"
            ),
            None,
            "{action:?}"
        );
    }
}

/// It bears no token, so a proxy may think that one phone's answer is everybody's; another nonce makes it nobody's.
#[test]
fn no_proxy_is_to_keep_the_answer_to_a_probe_or_to_give_one_that_it_kept() {
    let wire = sent("https://lapor.example/", &Action::Probe).unwrap();
    assert_eq!(header(&wire, "cache-control"), Some("no-cache, no-store"));
}

#[test]
fn a_chunk_names_its_offset() {
    let wire = sent("https://lapor.example/", &chunk("/v1/uploads/x")).unwrap();
    assert_eq!(header(&wire, "upload-offset"), Some("5"));
    assert_eq!(
        header(&wire, "content-type"),
        Some("application/offset+octet-stream")
    );
    assert_eq!(
        wire.body,
        Body::Attachment {
            attachment: 1,
            offset: 5,
            length: 9
        }
    );
}

#[test]
fn an_upload_never_goes_over_a_weaker_line() {
    for bad in [
        "http://lapor.example/x",
        "http://files.example/x",
        "ftp://files.example/x",
        "file:///etc/passwd",
        "data:text/plain,x",
        "https://user:word@files.example/x",
        "https://",
    ] {
        assert_eq!(
            sent("https://lapor.example/", &chunk(bad)),
            Err(BadAddress),
            "{bad}"
        );
    }
    let loopback = "http://127.0.0.1:8080/";
    assert!(sent(loopback, &chunk("/v1/uploads/x")).is_ok());
    assert!(sent(loopback, &chunk("http://127.0.0.1:9090/x")).is_ok());
    assert!(sent(loopback, &chunk("https://files.example/x")).is_ok());
    assert_eq!(
        sent(loopback, &chunk("http://files.example/x")),
        Err(BadAddress),
        "plain, and away from this phone"
    );
}

#[test]
fn neither_a_token_nor_a_word_nor_a_capability_is_ever_printed() {
    let secret = Secret::new("hunter2".to_owned());
    assert_eq!(format!("{secret:?}"), "Secret(..)");
    let wire = sent("https://lapor.example/", &chunk("/v1/uploads/capability")).unwrap();
    assert_eq!(format!("{wire:?}"), "WireRequest(PATCH ..)");
}
