//! How an answer shows that it is the gateway's own.

use super::people::*;
use crate::{Code, Request};

#[test]
fn every_answer_carries_the_marks_errors_too() {
    let town = &mut Town::new();
    town.well_formed = false;
    let epoch = town.gateway.epoch().unwrap();
    for (method, path, status) in [
        ("GET", "/v1/meta", 200),
        ("GET", "/v1/changes", 401),
        ("GET", "/v1/nowhere", 404),
        ("GET", "/", 404),
        ("POST", "/v1/changes", 405),
        ("POST", "/v1/session", 415),
    ] {
        let heard = town
            .exchange(
                &Request::new(method, path)
                    .header("Lapor-Contract", "1")
                    .header("lapor-request", "n-1_x"),
            )
            .is(status);
        assert_eq!(heard.header("Lapor-Contract"), Some("1"), "{path}");
        assert_eq!(heard.header("Lapor-Request"), Some("n-1_x"), "{path}");
        assert_eq!(heard.header("Lapor-Epoch"), Some(epoch.as_str()), "{path}");
        assert_eq!(
            heard.header("Date"),
            Some("Sun, 22 Nov 2026 08:00:00 GMT"),
            "{path}"
        );
    }
}

#[test]
fn an_unknown_contract_version_learns_the_known_ones() {
    let town = &mut Town::new();
    town.well_formed = false;
    for version in [None, Some("2"), Some("one")] {
        let mut request = Request::new("GET", "/v1/changes").header("Lapor-Request", "n");
        if let Some(version) = version {
            request = request.header("Lapor-Contract", version);
        }
        let heard = town.exchange(&request).refuses(400, "contract_unsupported");
        assert_eq!(heard.json()["supported"], serde_json::json!([1]));
    }
    // The probe answers everybody.
    town.exchange(&Request::new("GET", "/v1/meta").header("Lapor-Contract", "9"))
        .is(200);
}

#[test]
fn a_nonce_is_asked_for_and_only_a_nonce_is_echoed() {
    let town = &mut Town::new();
    town.well_formed = false;
    let long = "n".repeat(65);
    for nonce in ["", "a b", "<script>", long.as_str()] {
        let request = Request::new("GET", "/v1/changes")
            .header("Lapor-Contract", "1")
            .header("Lapor-Request", nonce);
        let heard = town.exchange(&request).refuses(400, "bad_request");
        assert_eq!(heard.header("Lapor-Request"), None);
    }
}

#[test]
fn the_servers_own_problems_are_marked_too() {
    let town = &mut Town::new();
    let request = town.marked("GET", "/v1/changes");
    let answer = town
        .gateway
        .problem(town.now, &request, Code::TooManyRequests, Some(7));
    assert_eq!(answer.status, 429);
    assert_eq!(answer.find("Retry-After"), Some("7"));
    assert_eq!(answer.find("Lapor-Request"), request.find("Lapor-Request"));
    assert!(answer.find("Lapor-Epoch").is_some());
}

#[test]
fn meta_tells_the_limits_that_hold() {
    let town = &mut Town::new();
    town.gateway.settings_mut().title_chars = 3;
    let meta = town
        .exchange(&Request::new("GET", "/v1/meta"))
        .is(200)
        .json();
    assert_eq!(meta["limits"]["title_chars"], 3);
    assert_eq!(meta["limits"]["attachment_bytes"], 2 * 1024 * 1024);
    assert_eq!(meta["deadlines"]["verify_working_days"], 3);
    let siti = town.siti();
    siti.puts(town, &key(1), &lamp()).refuses(422, "invalid");
}

#[test]
fn methods_of_an_address_are_told() {
    let town = &mut Town::new();
    let siti = town.siti();
    town.well_formed = false;
    let heard = siti.asks(town, "POST", &format!("/v1/reports/{}", key(1)));
    assert_eq!(
        heard.refuses(405, "method_not_allowed").header("Allow"),
        Some("GET, PUT, DELETE")
    );
}
