//! What these suites found in the core, one story each, and that they notice what is wrong.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod full_disk;

use std::sync::Arc;

use lapor_sim_vfs::{Fault, Lasts};

use crate::{
    point::Point,
    run,
    scene::{Papers, Scene},
    stories::{STORIES, Step, Story},
};

fn story(name: &str) -> &'static Story {
    STORIES.iter().find(|story| story.name == name).unwrap()
}

fn papers() -> Arc<Papers> {
    Arc::new(Papers::new().unwrap())
}

#[test]
fn a_point_has_a_name_that_is_read_back() {
    for name in [
        "error-once:7",
        "error-ever:1",
        "full-once:9",
        "full-ever:3",
        "unread-once:4",
        "unread-ever:2",
        "freeze:12",
        "freeze:12:3",
    ] {
        assert_eq!(name.parse::<Point>().unwrap().to_string(), name);
    }
    for name in ["", "freeze", "freeze:x", "error-once:1:2", "melt:1"] {
        assert!(name.parse::<Point>().is_err(), "{name}");
    }
}

/// The home's own name in its folder was never made durable.
#[test]
fn a_report_written_on_the_first_day_survives_a_power_cut() {
    for seed in 0..40 {
        let mut scene = Scene::new(papers()).unwrap();
        scene.does(Step::SignIn("siti")).unwrap();
        scene.does(Step::Write("lamp")).unwrap();
        scene.does(Step::Submit("lamp")).unwrap();
        scene.disk.freeze(seed);
        scene.close();
        scene.disk.boot();
        scene
            .end()
            .unwrap_or_else(|what| panic!("seed {seed}: {what}"));
    }
}

/// A setting that could not be read for a moment was left out of the new store for good.
#[test]
fn a_read_that_fails_once_costs_nothing_in_a_salvage() {
    let story = story("salvage");
    let start = run::prepare(story, &papers()).unwrap();
    let looks = run::measure(&start, story).unwrap().looks;
    assert!(looks > 300, "{looks} reads are no salvage");
    for at in (1..=looks).step_by(3) {
        let point = Point::Unread {
            at,
            lasts: Lasts::Once,
        };
        run::run(&start, story, point, 1).unwrap_or_else(|what| panic!("{point}: {what}"));
    }
}

#[test]
fn a_story_is_the_same_each_time() {
    let story = story("sync");
    let start = run::prepare(story, &papers()).unwrap();
    let first = run::measure(&start, story).unwrap();
    let second = run::measure(&start, story).unwrap();
    assert_eq!(first.kinds, second.kinds);
    assert_eq!(first.looks, second.looks);
}

#[test]
fn a_report_that_vanishes_is_noticed() {
    let mut scene = Scene::new(papers()).unwrap();
    scene.does(Step::SignIn("siti")).unwrap();
    let before = scene.disk.image();
    scene.does(Step::Write("lamp")).unwrap();
    scene.does(Step::Submit("lamp")).unwrap();
    scene.close();
    scene.disk.restore(&before);
    let what = scene.end().unwrap_err().to_string();
    assert_eq!(what, "lamp is gone");
}

#[test]
fn a_second_arrival_is_noticed() {
    let story = story("events");
    let start = run::prepare(story, &papers()).unwrap();
    let mut scene = Scene::begin(&start).unwrap();
    scene.does(Step::Reply("lamp")).unwrap();
    scene.does(Step::Sync).unwrap();
    scene.knows.reports.get_mut("lamp").unwrap().replies.clear();
    let what = scene.end().unwrap_err().to_string();
    assert_eq!(what, "there are more replies than were made");
}

#[test]
fn a_lost_edit_and_a_false_sent_are_noticed() {
    let story = story("salvage");
    let start = run::prepare(story, &papers()).unwrap();
    let mut scene = Scene::begin(&start).unwrap();
    let known = scene.knows.reports.get_mut("hole").unwrap();
    known.edits.push(lapor_core::engine::report::Edit::Location(
        "Denpasar".to_owned(),
    ));
    let what = scene.look_back().unwrap_err().to_string();
    assert_eq!(what, "an edit of hole that was acknowledged is gone");

    let mut start = run::prepare(self::story("events"), &papers()).unwrap();
    start.forget_the_gateway().unwrap();
    let mut scene = Scene::begin(&start).unwrap();
    let what = scene.look_back().unwrap_err().to_string();
    assert_eq!(
        what,
        "a report is called sent that the gateway does not have"
    );
}

#[test]
fn what_is_sent_after_the_power_went_is_noticed() {
    let story = story("sync");
    let start = run::prepare(story, &papers()).unwrap();
    let mut scene = Scene::begin(&start).unwrap();
    let _app = scene.app().unwrap();
    // Another life, and the store still answers: as if the core went on by itself.
    let before = scene.disk.life();
    scene.disk.arm(Fault::Freeze {
        at: scene.disk.changes() + 1,
        seed: 1,
    });
    assert!(scene.does(Step::Sync).is_err());
    assert_ne!(scene.disk.life(), before);
    assert_eq!(scene.office.broken(), None, "the core stops by itself");
}
