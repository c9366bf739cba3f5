//! Stories that need a process of their own: two at once, a small disk, another user.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use lapor_engine::report::Phase;

use super::{Person, Phone, assert_sound, key};
use crate::store::{Filter, OpenError, folder};

pub(super) const HOME: &str = "LAPOR_TEST_HOME";

/// This very test program, to run one of the tests marked as a child.
pub(super) fn program() -> PathBuf {
    env::current_exe().unwrap()
}

fn child(test: &str, home: &Path) -> Command {
    let mut command = Command::new(program());
    command
        .args(arguments(&format!("children::{test}")))
        .env(HOME, home);
    command
}

/// `test`: with the name of its file.
pub(super) fn arguments(test: &str) -> [String; 4] {
    [
        format!("store::tests::{test}"),
        "--exact".to_owned(),
        "--ignored".to_owned(),
        "--nocapture".to_owned(),
    ]
}

/// The home that a parent gave; a child that is run by hand does nothing.
pub(super) fn given_home() -> Option<PathBuf> {
    env::var_os(HOME).map(PathBuf::from)
}

pub(super) fn assert_told(output: &Output) {
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}\n{errors}"
    );
}

#[test]
fn two_processes_write_drafts_at_once_and_neither_is_locked_out() {
    let phone = Phone::new();
    let mut store = phone.open();
    let other = child("other_process_writes_100_drafts", phone.home())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    for number in 0..100 {
        store.writes_about(key(number), "dari proses pertama");
    }
    assert_told(&other.wait_with_output().unwrap());
    assert_eq!(store.counts().unwrap(), [(Phase::Draft, 200)]);
    assert_sound(&store);
}

#[test]
#[ignore = "child of another test"]
fn other_process_writes_100_drafts() {
    let Some(home) = given_home() else { return };
    let mut store = Phone::at(&home).open();
    for number in 100..200 {
        store.writes_about(key(number), "dari proses kedua");
    }
}

#[test]
fn the_engine_is_held_by_one_process_and_the_other_is_told_which() {
    let phone = Phone::new();
    let store = phone.open();
    let lock = store.try_engine_lock().unwrap();
    assert_told(
        &child("other_process_is_told_in_use", phone.home())
            .output()
            .unwrap(),
    );
    assert_eq!(
        fs::read_to_string(phone.home().join("engine.lock"))
            .unwrap()
            .trim(),
        std::process::id().to_string()
    );
    let first = lock.run.clone();
    drop(lock);
    assert_ne!(
        store.try_engine_lock().unwrap().run,
        first,
        "every run has a name of its own"
    );
}

#[test]
#[ignore = "child of another test"]
fn other_process_is_told_in_use() {
    let Some(home) = given_home() else { return };
    let store = Phone::at(&home).open();
    let parent = fs::read_to_string(home.join("engine.lock"))
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    assert_eq!(store.try_engine_lock().unwrap_err().pid, Some(parent));
    // Writing a draft needs no engine.
    store.current_account().unwrap();
}

/// Root may read everything, so that the phone is locked for somebody else.
#[test]
fn storage_that_the_os_keeps_closed_is_called_locked_and_nothing_is_reset() {
    use std::os::unix::{fs::MetadataExt, process::CommandExt};
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(
        folder.path(),
        std::os::unix::fs::PermissionsExt::from_mode(0o777),
    )
    .unwrap();
    let is_root = fs::metadata(folder.path()).unwrap().uid() == 0;
    let mut command = child("storage_is_locked", folder.path());
    if is_root {
        // The program itself may lie where only root may look: hand out a copy.
        let copy = folder.path().join("program");
        fs::copy(program(), &copy).unwrap();
        command = Command::new(copy);
        command
            .args(arguments("children::storage_is_locked"))
            .env(HOME, folder.path());
        command.uid(65_534).gid(65_534).current_dir("/");
    }
    assert_told(&command.output().unwrap());
}

#[test]
#[ignore = "child of another test"]
fn storage_is_locked() {
    use std::os::unix::fs::PermissionsExt;
    let Some(folder) = given_home() else { return };
    let phone = Phone::at(&folder.join("home"));
    let mut store = phone.open();
    store.writes(key(1));
    drop(store);
    let before = fs::read(phone.file(folder::DATABASE)).unwrap();
    let home = phone.home().to_owned();
    for closed in [
        home.clone(),
        home.join("store"),
        phone.file(folder::DATABASE),
        phone.file(folder::KEY_CHECK),
        home.join("open.lock"),
    ] {
        let mode = fs::metadata(&closed).unwrap().permissions().mode();
        fs::set_permissions(&closed, PermissionsExt::from_mode(0o000)).unwrap();
        let found = phone.try_open().map(|_| ());
        fs::set_permissions(&closed, PermissionsExt::from_mode(mode)).unwrap();
        assert_eq!(found, Err(OpenError::StorageLocked), "{}", closed.display());
    }
    assert_eq!(fs::read(phone.file(folder::DATABASE)).unwrap(), before);
    assert_eq!(phone.open().list(Filter::All, 5, None).unwrap().len(), 1);
    assert_eq!(
        fs::read_dir(&home).unwrap().count(),
        2,
        "the store and its lock, nothing set aside"
    );
}

/// Killed at any moment by the OS itself: whatever the process had called accepted is there.
#[test]
fn what_was_called_accepted_survives_sigkill() {
    use std::io::{BufRead, BufReader};
    let phone = Phone::new();
    drop(phone.open());
    let mut accepted = 0_u8;
    for lines in [1, 7, 3, 12] {
        let mut process = child("accepts_until_it_is_killed", phone.home())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let heard = BufReader::new(process.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap);
        let last = heard
            .filter(|line| line.starts_with("accepted "))
            .nth(lines)
            .unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
        accepted = accepted.max(last["accepted ".len()..].parse().unwrap());
        let store = phone.open();
        assert_sound(&store);
        assert!(store.is_sound().unwrap());
        for number in 0..=accepted {
            assert_eq!(store.phase(key(number)), Phase::Queued, "report {number}");
            let picture = &store.draft(key(number)).unwrap().attachments[0];
            assert_eq!(
                super::whole(&store, picture).unwrap(),
                super::noise(u64::from(number), 50_000)
            );
        }
    }
}

#[test]
#[ignore = "child of another test"]
fn accepts_until_it_is_killed() {
    let Some(home) = given_home() else { return };
    let mut store = Phone::at(&home).open();
    store.signs_in("siti");
    for number in 0..=255 {
        if store.draft(key(number)).is_err() {
            store.writes(key(number));
        }
        if store.phase(key(number)) != Phase::Draft {
            continue;
        }
        if store.draft(key(number)).unwrap().attachments.is_empty() {
            store.attaches(key(number), u64::from(number), 50_000);
        }
        store.submits(key(number));
        println!("\naccepted {number}");
    }
}

#[test]
fn a_fresh_home_opened_by_many_at_once_is_made_once() {
    let phone = Phone::new();
    std::thread::scope(|scope| {
        for number in 0..6 {
            let phone = &phone;
            scope.spawn(move || phone.open().writes(key(number)));
        }
    });
    let store = phone.open();
    assert_eq!(store.counts().unwrap(), [(Phase::Draft, 6)]);
    assert_sound(&store);
}
