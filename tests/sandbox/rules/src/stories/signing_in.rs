//! Sessions that survive lost answers.

use serde_json::json;

use super::people::*;

fn refreshes(town: &mut Town, token: &str) -> Heard {
    let request = town
        .marked("POST", "/v1/session/refresh")
        .header("Content-Type", "application/json")
        .body(json!({ "refresh_token": token }).to_string());
    town.exchange(&request)
}

fn works(town: &mut Town, access: &str) -> u16 {
    let request = town
        .marked("GET", "/v1/changes")
        .header("Authorization", &format!("Bearer {access}"));
    town.exchange(&request).0.status
}

#[test]
fn roles_come_with_the_session() {
    let town = &mut Town::new();
    let request = town
        .marked("POST", "/v1/session")
        .header("Content-Type", "application/json")
        .body(json!({ "user": "made", "password": "rahasia123" }).to_string());
    let account = town.exchange(&request).is(200).json()["account"].clone();
    assert_eq!(account["role"], "officer");
    assert_eq!(account["institution"], "dpu-badung");
}

#[test]
fn a_wrong_password_and_an_unknown_person_sound_alike() {
    let town = &mut Town::new();
    let mut said = Vec::new();
    for (user, password) in [("siti", "salah"), ("nobody", "rahasia123")] {
        let request = town
            .marked("POST", "/v1/session")
            .header("Content-Type", "application/json")
            .body(json!({ "user": user, "password": password }).to_string());
        said.push(
            town.exchange(&request)
                .refuses(401, "bad_credentials")
                .json(),
        );
    }
    assert_eq!(said[0], said[1]);
}

#[test]
fn an_access_token_lives_an_hour() {
    let town = &mut Town::new();
    let siti = town.siti();
    town.now = town.now.plus_seconds(3599);
    assert_eq!(works(town, &siti.access), 200);
    town.now = town.now.plus_seconds(1);
    assert_eq!(works(town, &siti.access), 401);
    let renewed = refreshes(town, &siti.refresh).is(200);
    assert_eq!(works(town, &renewed.text("access_token")), 200);
}

#[test]
fn the_old_refresh_token_works_until_the_new_one_is_used() {
    let town = &mut Town::new();
    let siti = town.siti();
    // Two answers are lost, the third arrives.
    let lost = refreshes(town, &siti.refresh).is(200).text("refresh_token");
    refreshes(town, &siti.refresh).is(200);
    let arrived = refreshes(town, &siti.refresh).is(200).text("refresh_token");
    refreshes(town, &arrived).is(200);
    refreshes(town, &siti.refresh).refuses(401, "session_ended");
    refreshes(town, &lost).refuses(401, "session_ended");
    // The one in use goes on until its own successor is used.
    refreshes(town, &arrived).is(200);
}

#[test]
fn signing_out_ends_this_session_only() {
    let town = &mut Town::new();
    let (here, there) = (town.siti(), town.siti());
    here.asks(town, "DELETE", "/v1/session").is(204);
    assert_eq!(works(town, &here.access), 401);
    refreshes(town, &here.refresh).refuses(401, "session_ended");
    assert_eq!(works(town, &there.access), 200);
    here.asks(town, "DELETE", "/v1/session")
        .refuses(401, "unauthorized");
}

#[test]
fn the_desk_can_end_tokens_and_sessions() {
    let town = &mut Town::new();
    let siti = town.siti();
    town.gateway.expire_access_tokens().unwrap();
    assert_eq!(works(town, &siti.access), 401);
    let renewed = refreshes(town, &siti.refresh).is(200);
    town.gateway.end_sessions().unwrap();
    assert_eq!(works(town, &renewed.text("access_token")), 401);
    refreshes(town, &renewed.text("refresh_token")).refuses(401, "session_ended");
    refreshes(town, &siti.access).refuses(401, "session_ended");
}

#[test]
fn the_store_holds_no_token_and_no_password() {
    let town = &mut Town::new();
    let siti = town.siti();
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy");
    town.gateway.backup(&copy).unwrap();
    let bytes = std::fs::read(copy).unwrap();
    let holds = |text: &str| {
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    assert!(holds("Siti Rahayu"));
    for secret in [siti.access.as_str(), siti.refresh.as_str(), "rahasia123"] {
        assert!(!holds(secret));
    }
}
