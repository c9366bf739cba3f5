//! Reports whose rows damage took: what is asked for after a restore of the service.

use super::*;

/// Of the row that damage took, only the day is left on which the phone's clock said it was accepted.
#[test]
fn a_report_put_together_again_is_asked_for_whatever_the_clock_was_when_it_was_accepted() {
    let phone = Phone::new();
    let mut store = phone.open();
    let siti = store.signs_in("siti");
    store.writes(key(1));
    let (version, frozen) = store.freezes(key(1));
    let years_behind = later(-2_000 * DAY);
    store
        .submit(key(1), version, &frozen, years_behind)
        .unwrap();
    heard_of(&mut store, 1, "41", NOON);
    store.accepts(key(2));
    heard_of(&mut store, 2, "42", later(DAY));
    // The clock is behind once more when the damage is met.
    drop(store);
    phone.damage_table("report");
    let mut store = (0..3)
        .find_map(|_| {
            let (store, notices) = phone.try_open_at(years_behind).unwrap();
            let _met = store.is_sound();
            (!notices.is_empty()).then_some(store)
        })
        .unwrap();
    assert_eq!(
        asked_for(&mut store, siti, later(2 * DAY)),
        [key(1), key(2)]
    );
}

/// Nothing tells when it was sent, and so it says nothing of when the last one was.
#[test]
fn a_report_put_together_again_keeps_no_other_from_being_asked_for() {
    let phone = Phone::new();
    let mut store = phone.open();
    let siti = store.signs_in("siti");
    store.accepts(key(1));
    heard_of(&mut store, 1, "41", NOON);
    store.accepts(key(2));
    heard_of(&mut store, 2, "42", later(DAY));
    // A quarter of a year later the damage is met, and only one of the rows can be read.
    let told = Change::ServerDate(later(100 * DAY));
    store.apply(&[told], later(100 * DAY)).unwrap();
    let (mut store, _) = phone.loses(store, &["report"]);
    store
        .db
        .execute(
            "UPDATE report SET sent_at = ?1, created_at = ?1 - 1 WHERE key = ?2",
            params![NOON.0, key(1).0],
        )
        .unwrap();
    assert_eq!(
        asked_for(&mut store, siti, later(101 * DAY)),
        [key(1), key(2)]
    );
}

/// Its place in the list is of a day that never was, and so nothing tells when it was accepted.
#[test]
fn a_report_of_a_clock_that_was_ahead_keeps_no_other_from_being_asked_for_after_damage() {
    let phone = Phone::new();
    let mut store = phone.open();
    let siti = store.signs_in("siti");
    store.writes(key(1));
    let (version, frozen) = store.freezes(key(1));
    let years_ahead = later(2_000 * DAY);
    store.submit(key(1), version, &frozen, years_ahead).unwrap();
    heard_of(&mut store, 1, "41", NOON);
    store.accepts(key(2));
    heard_of(&mut store, 2, "42", later(DAY));
    let told = Change::ServerDate(later(100 * DAY));
    store.apply(&[told], later(100 * DAY)).unwrap();
    let (mut store, _) = phone.loses(store, &["report"]);
    // Only the first one's row could not be read.
    store
        .db
        .execute(
            "UPDATE report SET sent_at = ?1, created_at = accepted_at - 1 WHERE key = ?2",
            params![later(DAY).0, key(2).0],
        )
        .unwrap();
    assert_eq!(
        asked_for(&mut store, siti, later(101 * DAY)),
        [key(1), key(2)]
    );
    // Nor does it ask for ever after those who were sent long before the last.
    store.writes(key(3));
    let (version, frozen) = store.freezes(key(3));
    let later_still = later(100 * DAY);
    store.submit(key(3), version, &frozen, later_still).unwrap();
    heard_of(&mut store, 3, "43", later_still);
    assert_eq!(
        asked_for(&mut store, siti, later(101 * DAY)),
        [key(1), key(3)]
    );
}

/// It was not sent yet when damage took its row: the day of its sending is known, whatever the clock said
/// when it was accepted.
#[test]
fn what_was_put_together_again_and_then_sent_counts_like_any() {
    for accepted in [later(21 * DAY), later(2_000 * DAY), later(-2_000 * DAY)] {
        let (phone, mut store) = Phone::of("siti");
        let siti = store.current_account().unwrap().id;
        store.accepts(key(1));
        heard_of(&mut store, 1, "41", NOON);
        store.writes(key(2));
        let (version, frozen) = store.freezes(key(2));
        store.submit(key(2), version, &frozen, accepted).unwrap();
        let (mut store, _) = phone.loses(store, &["report"]);
        // The row of the first could be read.
        store
            .db
            .execute(
                "UPDATE report SET sent_at = ?1, created_at = accepted_at - 1, unverified = 0 WHERE key = ?2",
                params![NOON.0, key(1).0],
            )
            .unwrap();
        // The line is there again.
        let back = later(60 * DAY);
        heard_of(&mut store, 2, "42", back);
        let asked = asked_for(&mut store, siti, back);
        assert!(asked.contains(&key(2)), "{accepted:?}");
        store.delivers(key(3), "43");
        store
            .db
            .execute(
                "UPDATE report SET sent_at = ?1, created_at = accepted_at - 1 WHERE key = ?2",
                params![later(100 * DAY).0, key(3).0],
            )
            .unwrap();
        let told = Change::ServerDate(later(100 * DAY));
        store.apply(&[told], later(100 * DAY)).unwrap();
        assert_eq!(
            asked_for(&mut store, siti, later(100 * DAY)),
            [key(3)],
            "{accepted:?}: it is not asked for for ever"
        );
    }
}
