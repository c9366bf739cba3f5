//! Who ends a sweep ends that one, and no other that was asked for meanwhile.

use std::fs;

use super::{
    super::{super::Store, erase, rows, settings, sweep::Asked},
    *,
};

/// Siti is forgotten, and the app that was told so is killed before anything is overwritten.
fn forgets_and_is_killed(store: &mut Store) {
    let forgotten = store.write(|db| {
        erase(db, rows::current_account(db)?)?;
        settings::put_text(db, "current_account", "1")?;
        Sweep::All.ask(db)
    });
    forgotten.unwrap();
}

fn is_set_aside(phone: &Phone) -> bool {
    phone.home().join("set-aside-1").exists()
}

#[test]
fn a_draft_that_is_erased_ends_what_was_left_of_forgetting_a_person() {
    let (phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    let mut killed = phone.open();
    fs::create_dir(phone.home().join("set-aside-1")).unwrap();
    forgets_and_is_killed(&mut killed);
    drop(killed);
    store.writes(key(2));
    let erased = store.erase_draft(key(2)).unwrap();
    drop(store);
    let store = phone.open();
    assert!(!is_set_aside(&phone));
    assert_eq!((erased.set_aside, erased.is_overwritten), (0, true));
    assert_eq!(store.read(Asked::of), Ok(None));
}

#[test]
fn a_person_who_is_forgotten_while_a_draft_is_swept_leaves_nothing_at_the_next_start() {
    let (phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    let mut killed = phone.open();
    fs::create_dir(phone.home().join("set-aside-1")).unwrap();
    let draft = store.write(|db| Sweep::Draft.ask(db)).unwrap();
    forgets_and_is_killed(&mut killed);
    drop(killed);
    store.sweep(&draft).unwrap();
    assert!(is_set_aside(&phone), "nobody has told this one");
    drop(store);
    let store = phone.open();
    assert!(!is_set_aside(&phone));
    assert_eq!(store.read(Asked::of), Ok(None));
}

/// Each of them asked: the first that is done speaks for itself.
#[test]
fn two_that_ask_for_the_same_are_two() {
    let (_phone, mut store) = Phone::of("siti");
    for what in [Sweep::Draft, Sweep::All] {
        let first = store.write(|db| what.ask(db)).unwrap();
        let second = store.write(|db| what.ask(db)).unwrap();
        store.sweep(&first).unwrap();
        assert_eq!(store.read(Asked::of), Ok(Some(second.clone())));
        store.sweep(&second).unwrap();
        assert_eq!(store.read(Asked::of), Ok(None));
    }
    // Also when nothing was asked for in between.
    let before = store.write(|db| Sweep::Draft.ask(db)).unwrap();
    store.sweep(&before).unwrap();
    let after = store.write(|db| Sweep::Draft.ask(db)).unwrap();
    store.sweep(&before).unwrap();
    assert_eq!(store.read(Asked::of), Ok(Some(after)));
}

#[test]
fn what_an_earlier_version_left_to_sweep_is_understood() {
    for (word, is_left) in [("1", false), ("draft", true)] {
        let (phone, mut store) = Phone::of("siti");
        store
            .write(|db| settings::put_text(db, "sweep", word))
            .unwrap();
        drop(store);
        fs::create_dir(phone.home().join("set-aside-1")).unwrap();
        let store = phone.open();
        assert_eq!(is_set_aside(&phone), is_left, "{word}");
        assert_eq!(store.read(Asked::of), Ok(None), "{word}");
    }
}
