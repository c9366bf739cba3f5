//! Several processes over one store, as threads with a gateway each.

use std::path::Path;
use std::thread;

use serde_json::json;

use super::people::*;
use crate::{Gateway, Instant};

fn town_at(path: &Path, seed: u64) -> Town {
    let now = Instant::from_rfc3339(SUNDAY).unwrap();
    let mut dice = Dice::new(seed);
    let gateway = Gateway::open(path, now, &mut |buffer| dice.fill(buffer)).unwrap();
    Town::around(gateway, now, dice)
}

#[test]
fn a_hundred_equal_puts_make_one_report() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let siti = town_at(&path, 1).siti();
    let (_, named) = picture(1, 1000);
    let report = with(lamp(), "attachments", json!([named]));
    let answers: Vec<(u16, String, Vec<String>)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..10)
            .map(|worker| {
                let (path, siti, report) = (&path, &siti, &report);
                scope.spawn(move || {
                    let town = &mut town_at(path, 100 + worker);
                    (0..10)
                        .map(|_| {
                            let heard = siti.puts(town, &key(1), report);
                            (heard.0.status, heard.text("tracking_id"), heard.uploads())
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap())
            .collect()
    });
    assert_eq!(answers.len(), 100);
    assert_eq!(
        answers.iter().filter(|(status, ..)| *status == 201).count(),
        1
    );
    assert_eq!(
        answers.iter().filter(|(status, ..)| *status == 200).count(),
        99
    );
    assert!(
        answers.iter().all(|(_, tracking, uploads)| {
            *tracking == answers[0].1 && *uploads == answers[0].2
        })
    );
    assert_eq!(town_at(&path, 2).gateway.creates_of(&key(1)).unwrap(), 1);
}

#[test]
fn a_put_and_a_withdrawal_at_once_never_leave_a_living_report() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let siti = town_at(&path, 1).siti();
    thread::scope(|scope| {
        for (seed, takes_back) in [(100, false), (200, true), (300, false)] {
            let (path, siti) = (&path, &siti);
            scope.spawn(move || {
                let town = &mut town_at(path, seed);
                for number in 0..20 {
                    if takes_back {
                        siti.withdraws(town, &key(number)).is(204);
                    } else {
                        let heard = siti.puts(town, &key(number), &lamp());
                        assert!([200, 201, 410].contains(&heard.0.status));
                    }
                }
            });
        }
    });
    let town = &mut town_at(&path, 3);
    for number in 0..20 {
        siti.puts(town, &key(number), &lamp())
            .refuses(410, "withdrawn");
    }
    assert!(town.gateway.published().unwrap().is_empty());
}

#[test]
fn numbers_of_two_processes_are_never_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let siti = town_at(&path, 1).siti();
    let mut given: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..2)
            .map(|worker: u32| {
                let (path, siti) = (&path, &siti);
                scope.spawn(move || {
                    let town = &mut town_at(path, 100 + u64::from(worker));
                    (0..25)
                        .map(|at| siti.puts(town, &key(worker * 100 + at), &lamp()).is(201))
                        .map(|heard| heard.text("tracking_id"))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap())
            .collect()
    });
    given.sort();
    given.dedup();
    assert_eq!(given.len(), 50);
}

#[test]
fn another_process_sees_a_restore_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let (one, two) = (&mut town_at(&path, 1), &mut town_at(&path, 2));
    let siti = one.siti();
    let backup = folder.path().join("backup");
    one.gateway.backup(&backup).unwrap();
    siti.puts(two, &key(1), &lamp()).is(201);
    let before = two.gateway.epoch().unwrap();
    let dice = &mut one.dice;
    one.gateway
        .restore(one.now, &mut |buffer| dice.fill(buffer), &backup)
        .unwrap();
    assert_ne!(two.gateway.epoch().unwrap(), before);
    siti.gets(two, &key(1)).refuses(404, "not_found");
}

#[test]
fn a_store_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mut town = town_at(&path, 1);
    let siti = town.siti();
    let tracking = siti
        .puts(&mut town, &key(1), &lamp())
        .is(201)
        .text("tracking_id");
    let epoch = town.gateway.epoch().unwrap();
    drop(town);
    let town = &mut town_at(&path, 9);
    assert_eq!(town.gateway.epoch().unwrap(), epoch);
    assert_eq!(
        siti.puts(town, &key(1), &lamp())
            .is(200)
            .text("tracking_id"),
        tracking
    );
}

#[test]
fn a_new_store_may_be_opened_by_all_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mut epochs: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..8)
            .map(|worker| {
                let path = &path;
                scope.spawn(move || town_at(path, worker).gateway.epoch().unwrap())
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .collect()
    });
    epochs.dedup();
    assert_eq!(epochs.len(), 1, "{epochs:?}");
}
