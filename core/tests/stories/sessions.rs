//! Somebody signs in or out while an answer to the session before is on its way.

use std::sync::Arc;

use lapor_core::{
    client::{ClientError, SignInError, SyncLimits, Until},
    engine::{api::Secret, sync::Reason},
};

use crate::world::*;

fn password() -> Secret {
    Secret::new("rahasia123".to_owned())
}

/// The session ends at the service, and its person signs in anew on another screen.
fn begins_anew(world: &World) -> impl FnOnce() + Send + 'static {
    let (line, other) = (Arc::clone(&world.line), world.phone("siti"));
    move || {
        line.gateway.lock().unwrap().end_sessions().unwrap();
        sign_in(&other, "siti");
    }
}

#[test]
fn who_signs_in_while_a_refresh_is_answered_is_not_asked_again() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    world.gateway().expire_access_tokens().unwrap();
    world.meanwhile("POST refresh", begins_anew(&world));
    world.drains(&siti);
    assert!(tracking(&siti, &key).is_some(), "the newer tokens stay");
}

#[test]
fn who_signs_in_while_a_refresh_is_refused_is_not_asked_again() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    world.gateway().end_sessions().unwrap();
    let other = world.phone("siti");
    world.meanwhile("POST refresh", move || sign_in(&other, "siti"));
    world.drains(&siti);
    assert!(siti.account().unwrap().has_token);
    assert!(tracking(&siti, &key).is_some());
}

#[test]
fn a_401_to_the_token_before_says_nothing_of_the_one_that_is_there() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    world.gateway().end_sessions().unwrap();
    world.meanwhile("PUT report", begins_anew(&world));
    world.seen();
    world.drains(&siti);
    assert!(tracking(&siti, &key).is_some());
    assert!(
        !world.seen().contains(&"POST refresh"),
        "a good token is not refreshed"
    );
}

#[test]
fn a_refresh_that_is_answered_after_its_person_left_brings_nobody_back() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let of_siti = submits(&siti, "Dari Siti");
    world.gateway().expire_access_tokens().unwrap();
    let other = world.phone("siti");
    world.meanwhile("POST refresh", move || {
        other.sign_out().unwrap();
        sign_in(&other, "budi");
    });
    world.syncs(&siti);
    let of_budi = submits(&siti, "Dari Budi");
    world.drains(&siti);
    let rows = world.gateway().reports().unwrap();
    let senders: Vec<_> = rows
        .iter()
        .map(|row| (row.key.as_str(), row.account.as_str()))
        .collect();
    assert_eq!(senders, [(of_budi.to_string().as_str(), "budi")]);
    assert_eq!(world.gateway().creates_of(&of_siti.to_string()).unwrap(), 0);
    siti.sign_out().unwrap();
    sign_in(&siti, "siti");
    world.drains(&siti);
    assert!(tracking(&siti, &of_siti).is_some());
}

#[test]
fn who_signs_out_while_a_sign_in_is_answered_stays_signed_out() {
    for erases in [false, true] {
        let world = World::new();
        let phone = Arc::new(world.phone("siti"));
        let same = Arc::clone(&phone);
        world.meanwhile("POST session", move || match erases {
            true => drop(same.forget_me().unwrap()),
            false => same.sign_out().unwrap(),
        });
        let signed_in = phone.sign_in("siti", password());
        assert!(
            matches!(signed_in, Err(SignInError::Client(ClientError::Cancelled))),
            "{signed_in:?}"
        );
        assert!(!phone.account().unwrap().has_token);
        assert!(
            world.seen().contains(&"DELETE session"),
            "the token that came is given back"
        );
        // Whoever signs in after that is in.
        sign_in(&phone, "siti");
        assert!(phone.account().unwrap().has_token);
    }
}

#[test]
fn a_session_whose_access_token_ran_out_before_ends_with_its_person_too() {
    for erases in [false, true] {
        let world = World::new();
        let phone = world.phone_of("siti");
        world.gateway().expire_access_tokens().unwrap();
        world.seen();
        match erases {
            true => drop(phone.forget_me().unwrap()),
            false => phone.sign_out().unwrap(),
        }
        assert_eq!(
            world.seen(),
            ["DELETE session", "POST refresh", "DELETE session"],
            "the refresh token would live for weeks"
        );
    }
}

#[test]
fn a_sign_in_that_has_not_begun_when_its_person_leaves_asks_nothing() {
    let world = World::new();
    let phone = world.phone("siti");
    let asked = phone.ask_for_sign_in();
    phone.sign_out().unwrap();
    world.seen();
    let signed_in = phone.sign_in_asked(asked, "siti", password());
    assert!(matches!(
        signed_in,
        Err(SignInError::Client(ClientError::Cancelled))
    ));
    assert!(world.seen().is_empty());
}

#[test]
fn who_asks_for_news_with_an_old_token_hears_them_at_once() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    world.drains(&siti);
    world.syncs(&siti);
    let now = world.gateway_now();
    world.gateway().verify(now, &key.to_string()).unwrap();
    world.gateway().expire_access_tokens().unwrap();
    let limits = SyncLimits {
        pull: true,
        ..SyncLimits::until(Until::NothingDue)
    };
    siti.sync(limits, &mut |_| {}).unwrap();
    assert_eq!(show(&siti, &key).row.status.unwrap().as_str(), "verified");
}

#[test]
fn who_signs_in_over_another_leaves_no_session_of_theirs_behind() {
    let world = World::new();
    let phone = world.phone_of("siti");
    let of_siti = submits(&phone, "Dari Siti");
    world.seen();
    sign_in(&phone, "budi");
    assert!(
        world.seen().contains(&"DELETE session"),
        "the service ends Siti's"
    );
    world.drains(&phone);
    assert_eq!(world.gateway().creates_of(&of_siti.to_string()).unwrap(), 0);
    sign_in(&phone, "siti");
    world.drains(&phone);
    assert!(tracking(&phone, &of_siti).is_some());
}

#[test]
fn whoever_is_forgotten_is_signed_out_at_the_service_too() {
    let world = World::new();
    let phone = world.phone_of("siti");
    world.seen();
    phone.forget_me().unwrap();
    assert_eq!(world.seen(), ["DELETE session"]);
}

/// A gateway, or a cache before it, that mixes its answers up.
#[test]
fn a_refresh_that_is_answered_for_somebody_else_sends_nothing_in_their_name() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Dari Siti");
    world.gateway().expire_access_tokens().unwrap();
    world.next("POST refresh", &[Fault::SessionOf("budi")]);
    world.syncs(&siti);
    assert_eq!(world.gateway().creates_of(&key.to_string()).unwrap(), 0);
    let account = siti.account().unwrap();
    assert_eq!((account.user.as_str(), account.has_token), ("siti", false));
    assert_eq!(why(&siti, &key), Some(Reason::SignIn));
    assert!(
        world.seen().contains(&"DELETE session"),
        "the token that came is given back"
    );
    sign_in(&siti, "siti");
    world.drains(&siti);
    assert_eq!(world.gateway().reports().unwrap()[0].account, "siti");
}

#[test]
fn a_token_goes_to_no_other_gateway_than_the_one_that_gave_it() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    drop(siti);
    world.seen();
    let elsewhere = world.phone_at("siti", "https://lain.example/");
    world.syncs(&elsewhere);
    assert!(elsewhere.prepare_background_upload(None).unwrap().is_none());
    assert!(!elsewhere.account().unwrap().has_token);
    assert_eq!(why(&elsewhere, &key), Some(Reason::SignIn));
    assert_eq!(world.seen(), [""; 0]);
    drop(elsewhere);
    // It was a slip of the hand: where she was signed in, she is.
    let siti = world.phone("siti");
    world.drains(&siti);
    assert!(tracking(&siti, &key).is_some());
}

#[test]
fn who_signs_out_or_in_at_another_gateway_shows_it_no_token_of_the_one_before() {
    let world = World::new();
    drop(world.phone_of("siti"));
    let elsewhere = world.phone_at("siti", "https://lain.example/");
    world.seen();
    sign_in(&elsewhere, "budi");
    assert_eq!(world.seen(), ["POST session"]);
    drop(elsewhere);
    drop(world.phone_of("siti"));
    let elsewhere = world.phone_at("siti", "https://lain.example/");
    world.seen();
    elsewhere.sign_out().unwrap();
    assert_eq!(world.seen(), [""; 0]);
    drop(elsewhere);
    assert!(!world.phone("siti").account().unwrap().has_token);
}

/// A gateway on this very machine takes another port with each start.
#[test]
fn a_development_gateway_may_come_back_on_another_port() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    drop(siti);
    let siti = world.phone_at("siti", "http://127.0.0.1:2/");
    world.drains(&siti);
    assert!(tracking(&siti, &key).is_some());
}
