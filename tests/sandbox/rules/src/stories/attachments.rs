//! Bytes of pictures: kept as they come, judged as a whole.

use serde_json::json;

use super::people::*;
use crate::{Gateway, Request};

/// Siti's report with one picture; its bytes and upload URL.
fn with_picture(town: &mut Town, siti: &Phone, bytes: usize) -> (Vec<u8>, String) {
    let (content, named) = picture(7, bytes);
    let report = with(lamp(), "attachments", json!([named]));
    let url = siti
        .puts(town, &key(1), &report)
        .is(201)
        .uploads()
        .remove(0);
    (content, url)
}

fn offset(town: &mut Town, url: &str) -> u64 {
    let heard = town.exchange(&head(url)).is(200);
    heard.header("Upload-Offset").unwrap().parse().unwrap()
}

#[test]
fn a_picture_arrives_in_three_pieces() {
    let town = &mut Town::new();
    let siti = town.siti();
    let (bytes, url) = with_picture(town, &siti, 3000);
    town.exchange(&patch(&url, 0, &bytes[..1000])).is(204);
    town.exchange(&patch(&url, 1000, &bytes[1000..2500]))
        .is(204);
    let listed = siti.gets(town, &key(1)).json();
    assert_eq!(listed["missing"][0]["offset"], 2500);
    assert_eq!(listed["missing"][0]["upload_url"], url);
    assert_eq!(listed["attachments"][0]["stored"], false);

    let last = town.exchange(&patch(&url, 2500, &bytes[2500..])).is(204);
    assert_eq!(last.header("Upload-Offset"), Some("3000"));
    let listed = siti.gets(town, &key(1)).json();
    assert_eq!(listed["missing"], json!([]));
    assert_eq!(listed["attachments"][0]["stored"], true);
    let sha = listed["attachments"][0]["sha256"].as_str().unwrap();
    assert_eq!(town.gateway.attachment(&key(1), sha).unwrap(), Some(bytes));
    // A client that missed the last answer asks again.
    assert_eq!(offset(town, &url), 3000);
    town.exchange(&patch(&url, 3000, b"")).is(204);
}

#[test]
fn bytes_received_before_a_cut_are_kept() {
    let town = &mut Town::new();
    let siti = town.siti();
    let (bytes, url) = with_picture(town, &siti, 3000);
    let request = Request {
        body: Vec::new(),
        ..patch(&url, 0, b"")
    }
    .header("Content-Length", "3000");
    assert!(Gateway::is_upload(&request));
    let now = town.now;
    let mut upload = town.gateway.upload_begin(now, &request).unwrap();
    town.gateway
        .upload_append(now, &mut upload, &bytes[..700])
        .unwrap();
    town.gateway
        .upload_append(now, &mut upload, &bytes[700..900])
        .unwrap();
    drop(upload);
    assert_eq!(offset(town, &url), 900);
    town.exchange(&patch(&url, 900, &bytes[900..])).is(204);
    assert!(siti.gets(town, &key(1)).uploads().is_empty());
}

#[test]
fn all_bytes_are_enough_even_when_the_end_of_the_request_is_cut() {
    let town = &mut Town::new();
    let siti = town.siti();
    let (bytes, url) = with_picture(town, &siti, 500);
    let now = town.now;
    let mut upload = town
        .gateway
        .upload_begin(now, &patch(&url, 0, b""))
        .unwrap();
    town.gateway
        .upload_append(now, &mut upload, &bytes)
        .unwrap();
    drop(upload);
    assert_eq!(
        siti.gets(town, &key(1)).json()["attachments"][0]["stored"],
        true
    );
}

#[test]
fn two_patches_at_once_never_mix() {
    let town = &mut Town::new();
    let siti = town.siti();
    let (bytes, url) = with_picture(town, &siti, 1000);
    let now = town.now;
    // The first connection is dead, the gateway does not know it yet.
    let mut dead = town
        .gateway
        .upload_begin(now, &patch(&url, 0, b""))
        .unwrap();
    town.gateway
        .upload_append(now, &mut dead, &bytes[..300])
        .unwrap();
    let mut living = town
        .gateway
        .upload_begin(now, &patch(&url, 300, b""))
        .unwrap();
    town.gateway
        .upload_append(now, &mut living, &bytes[300..600])
        .unwrap();
    let refused = town
        .gateway
        .upload_append(now, &mut dead, &bytes[300..400])
        .unwrap_err();
    assert_eq!(
        (refused.status, refused.find("Upload-Offset")),
        (409, Some("600"))
    );
    town.gateway
        .upload_append(now, &mut living, &bytes[600..])
        .unwrap();
    assert_eq!(town.gateway.upload_finish(now, living).status, 204);
}

#[test]
fn a_wrong_offset_is_told_the_right_one() {
    let town = &mut Town::new();
    let siti = town.siti();
    let (bytes, url) = with_picture(town, &siti, 100);
    town.exchange(&patch(&url, 0, &bytes[..10])).is(204);
    let refused = town.exchange(&patch(&url, 20, &bytes[20..])).is(409);
    assert_eq!(refused.header("Upload-Offset"), Some("10"));
    assert_eq!(offset(town, &url), 10);
}

#[test]
fn other_bytes_than_announced_start_again() {
    let town = &mut Town::new();
    let siti = town.siti();
    let (bytes, url) = with_picture(town, &siti, 100);
    let mut wrong = bytes.clone();
    wrong[50] ^= 1;
    town.exchange(&patch(&url, 0, &wrong)).is(460);
    assert_eq!(offset(town, &url), 0);
    assert_eq!(
        siti.gets(town, &key(1)).json()["attachments"][0]["stored"],
        false
    );
    town.exchange(&patch(&url, 0, &bytes)).is(204);
    assert!(siti.gets(town, &key(1)).uploads().is_empty());
}

#[test]
fn more_bytes_than_announced_are_refused_before_they_are_read() {
    let town = &mut Town::new();
    let siti = town.siti();
    let (bytes, url) = with_picture(town, &siti, 100);
    let now = town.now;
    let request = patch(&url, 0, b"").header("Content-Length", "101");
    assert_eq!(
        town.gateway.upload_begin(now, &request).unwrap_err().status,
        413
    );
    town.exchange(&patch(&url, 0, &[bytes.as_slice(), b"x"].concat()))
        .is(413);
    assert_eq!(offset(town, &url), 0);
}

#[test]
fn an_upload_lives_fourteen_days_after_its_last_byte() {
    let town = &mut Town::new();
    let siti = town.siti();
    let (bytes, url) = with_picture(town, &siti, 100);
    town.days_pass(13);
    town.exchange(&patch(&url, 0, &bytes[..10])).is(204);
    town.days_pass(13);
    assert_eq!(offset(town, &url), 10);
    town.days_pass(1);
    town.exchange(&head(&url)).is(410);
    town.exchange(&patch(&url, 10, &bytes[10..])).is(410);

    let siti = town.siti();
    let listed = siti.gets(town, &key(1)).json();
    let renewed = listed["missing"][0]["upload_url"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_ne!(renewed, url);
    assert_eq!(listed["missing"][0]["offset"], 0);
    // The same while it lives.
    assert_eq!(siti.gets(town, &key(1)).uploads(), [renewed.as_str()]);
    town.exchange(&patch(&renewed, 0, &bytes)).is(204);
}

#[test]
fn a_forgotten_upload_begins_again_at_a_new_address() {
    let town = &mut Town::new();
    let siti = town.siti();
    let (bytes, url) = with_picture(town, &siti, 100);
    town.exchange(&patch(&url, 0, &bytes[..50])).is(204);
    let capability = url.rsplit('/').next().unwrap();
    assert_eq!(
        town.gateway.report_of_upload(capability).unwrap(),
        Some(key(1))
    );
    assert!(town.gateway.forget_upload(capability).unwrap());
    assert!(!town.gateway.forget_upload(capability).unwrap());
    town.exchange(&head(&url)).is(404);
    assert_eq!(town.gateway.report_of_upload(capability).unwrap(), None);
    // A replay of the create tells the new one, as a GET does.
    let (_, named) = picture(7, 100);
    let replay = siti
        .puts(town, &key(1), &with(lamp(), "attachments", json!([named])))
        .is(200);
    let renewed = replay.uploads().remove(0);
    assert_ne!(renewed, url);
    town.exchange(&patch(&renewed, 0, &bytes)).is(204);
}

#[test]
fn tus_headers_are_asked_for() {
    let town = &mut Town::new();
    let siti = town.siti();
    let (bytes, url) = with_picture(town, &siti, 100);
    town.well_formed = false;
    let request = patch(&url, 0, &bytes);
    let bare = |drop: &str| {
        let mut request = request.clone();
        request.headers.retain(|(name, _)| name != drop);
        request
    };
    let refused = town.exchange(&bare("Tus-Resumable")).is(412);
    assert_eq!(refused.header("Tus-Version"), Some("1.0.0"));
    town.exchange(&bare("Content-Type")).is(415);
    town.exchange(&bare("Upload-Offset")).is(400);
    town.exchange(&Request::new("HEAD", &url)).is(412);
    town.exchange(&Request::new("GET", &url)).is(405);
    town.exchange(&head("/v1/uploads/unknown")).is(404);
    assert_eq!(offset(town, &url), 0);
}

#[test]
fn the_same_picture_in_two_reports_is_two_uploads() {
    let town = &mut Town::new();
    let siti = town.siti();
    let (bytes, named) = picture(7, 100);
    let report = with(lamp(), "attachments", json!([named]));
    let one = siti
        .puts(town, &key(1), &report)
        .is(201)
        .uploads()
        .remove(0);
    let two = siti
        .puts(town, &key(2), &report)
        .is(201)
        .uploads()
        .remove(0);
    assert_ne!(one, two);
    town.exchange(&patch(&one, 0, &bytes)).is(204);
    assert_eq!(siti.gets(town, &key(2)).uploads(), [two]);
}

#[test]
fn the_feed_tells_when_a_picture_is_stored() {
    let town = &mut Town::new();
    let siti = town.siti();
    let (bytes, url) = with_picture(town, &siti, 100);
    let cursor = siti.pulls(town, None).is(200).text("cursor");
    town.exchange(&patch(&url, 0, &bytes[..50])).is(204);
    siti.pulls(town, Some(&cursor)).is(304);
    town.exchange(&patch(&url, 50, &bytes[50..])).is(204);
    let told = siti.pulls(town, Some(&cursor)).is(200).json();
    assert_eq!(told["changes"][0]["revision"], 2);
}
