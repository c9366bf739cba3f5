#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

/// An answer as if the system had given it.
fn answered(host: &str, address: [u8; 4], since: Instant) -> Names {
    let names = Names::default();
    *names.answer() = Some(Answer {
        host: host.to_owned(),
        addresses: vec![IpAddr::from(address)],
        since,
    });
    names
}

#[test]
fn an_answer_serves_words_and_pictures_for_a_minute() {
    let now = Instant::now();
    let names = answered("lapor.invalid", [10, 0, 0, 1], now);
    let soon = names.known("lapor.invalid", now + Duration::from_secs(59));
    assert_eq!(soon, Some(vec![IpAddr::from([10, 0, 0, 1])]));
    let later = names.known("lapor.invalid", now + Duration::from_secs(60));
    assert_eq!(later, None);
}

#[test]
fn an_answer_is_for_its_host_and_not_for_another() {
    let now = Instant::now();
    let names = answered("lapor.invalid", [10, 0, 0, 1], now);
    assert_eq!(names.known("pictures.invalid", now), None);
}

#[test]
fn what_led_nowhere_is_asked_for_again() {
    let now = Instant::now();
    let names = answered("lapor.invalid", [10, 0, 0, 1], now);
    names.forget();
    assert_eq!(names.known("lapor.invalid", now), None);
}
