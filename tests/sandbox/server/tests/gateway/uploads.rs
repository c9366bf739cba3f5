//! Pictures over bad lines: what was received stays received.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use lapor_sandbox::plain_http::{exchange, head};
use serde_json::json;

use crate::phone::{Phone, key, photo, report, sha256, upload_url};
use crate::process::Sandbox;

struct Started {
    sandbox: Sandbox,
    siti: Phone,
    picture: Vec<u8>,
    url: String,
}

/// A report with one picture of which nothing has come yet.
fn started(bytes: usize) -> Started {
    let sandbox = Sandbox::start();
    let siti = Phone::signs_in(&sandbox.address, "siti");
    let picture = photo(bytes);
    let created = siti.sends(&key(1), &report("Dengan foto", &[&picture]));
    assert_eq!(created.status, 201, "{}", created.json());
    let url = upload_url(&created);
    Started {
        sandbox,
        siti,
        picture,
        url,
    }
}

#[test]
fn bytes_received_before_a_cut_are_kept_to_the_byte() {
    let Started {
        sandbox,
        siti,
        picture,
        url,
    } = started(300_000);
    sandbox.switch(json!([
        { "route": "upload_patch", "cut_request_after": 100_000, "times": 1 },
        { "route": "upload_patch", "cut_request_after": 1, "reset": true, "times": 1 },
        { "route": "upload_patch", "lose_answer": true, "times": 1 },
    ]));

    siti.patches(&url, 0, &picture).expect_err("cut");
    assert_eq!(siti.offset(&url), Some(100_000));
    siti.patches(&url, 100_000, &picture[100_000..])
        .expect_err("reset");
    assert_eq!(siti.offset(&url), Some(100_001));
    // Whole on the server, but the phone is not told.
    siti.patches(&url, 100_001, &picture[100_001..])
        .expect_err("lost");
    assert_eq!(siti.offset(&url), Some(300_000));

    let row = sandbox.get(&format!("/sandbox/report/{}", key(1)));
    assert_eq!(row["missing"], json!([]));
    let path = format!("/sandbox/attachments/{}", sha256(&picture));
    let kept = exchange(&sandbox.address, "GET", &path, &[], b"").unwrap();
    assert!(kept.body == picture, "the picture arrived as it was sent");
    assert_eq!(kept.find("X-Content-Type-Options"), Some("nosniff"));
    sandbox.kept_the_contract();
}

#[test]
fn a_phone_that_dies_while_sending_loses_nothing_that_arrived() {
    let Started {
        sandbox,
        siti,
        picture,
        url,
    } = started(200_000);
    let length = picture.len().to_string();
    let headers = [
        ("Tus-Resumable", "1.0.0"),
        ("Upload-Offset", "0"),
        ("Content-Type", "application/offset+octet-stream"),
        ("Content-Length", length.as_str()),
    ];
    let mut socket = TcpStream::connect(&sandbox.address).unwrap();
    socket
        .write_all(&head(&sandbox.address, "PATCH", &url, &headers))
        .unwrap();
    socket.write_all(&picture[..70_000]).unwrap();

    // Kept while the request is still under way: nothing waits for its end.
    let began = Instant::now();
    while siti.offset(&url) != Some(70_000) {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "{:?}",
            siti.offset(&url)
        );
    }
    drop(socket);
    let rest = siti.patches(&url, 70_000, &picture[70_000..]).unwrap();
    assert_eq!(rest.status, 204);
    assert_eq!(rest.find("Upload-Offset"), Some("200000"));
}

#[test]
fn a_gateway_that_is_killed_in_the_middle_goes_on_where_it_was() {
    let Started {
        sandbox,
        siti,
        picture,
        url,
    } = started(150_000);
    assert_eq!(
        siti.patches(&url, 0, &picture[..60_000]).unwrap().status,
        204
    );

    let again = Sandbox::over(sandbox.killed(), &["--check-contract"]);
    let siti = siti.over(&again.address);
    assert_eq!(siti.offset(&url), Some(60_000));
    let done = siti.patches(&url, 60_000, &picture[60_000..]).unwrap();
    assert_eq!(done.status, 204);
    again.kept_the_contract();
}

#[test]
fn an_upload_that_the_server_forgets_gets_a_new_address() {
    let Started {
        sandbox,
        siti,
        picture,
        url,
    } = started(50_000);
    siti.patches(&url, 0, &picture[..20_000]).unwrap();
    sandbox.switch(json!({ "route": "upload_patch", "upload_forgotten": true, "times": 1 }));

    assert_eq!(
        siti.patches(&url, 20_000, &picture[20_000..])
            .unwrap()
            .status,
        404
    );
    assert_eq!(siti.offset(&url), None);
    let asked = siti
        .asks("GET", &format!("/v1/reports/{}", key(1)), &[], b"")
        .unwrap();
    let fresh = upload_url(&asked);
    assert_ne!(fresh, url);
    assert_eq!(siti.offset(&fresh), Some(0));
    assert_eq!(siti.patches(&fresh, 0, &picture).unwrap().status, 204);
}

#[test]
fn a_whole_that_is_not_what_was_announced_begins_again() {
    let Started {
        siti,
        mut picture,
        url,
        sandbox: _running,
    } = started(10_000);
    picture[5_000] ^= 1;
    assert_eq!(siti.patches(&url, 0, &picture).unwrap().status, 460);
    assert_eq!(siti.offset(&url), Some(0));
    assert_eq!(siti.patches(&url, 1, b"x").unwrap().status, 409);
}
