use super::*;
use crate::api::{ChangesAnswer, FeedItem};

fn page(cursor: &str, complete: bool, items: usize) -> Outcome {
    Outcome::Done(Answer::Changes(ChangesAnswer {
        cursor: cursor.to_owned(),
        complete,
        changes: (0..items).map(|_| FeedItem::Unknown).collect(),
    }))
}

fn asked(after: &str) -> Task {
    Task::Pull {
        after: (!after.is_empty()).then(|| after.to_owned()),
    }
}

#[test]
fn a_pull_remembers_what_it_asked_with_until_it_has_all() {
    let mut pages = Pages::default();
    pages.turned(&asked("a"), &page("b", false, 1));
    pages.turned(&asked("b"), &page("c", false, 1));
    assert!(pages.holds("a") && pages.holds("b") && !pages.holds("c"));
    let mut whole = pages.clone();
    whole.turned(&asked("c"), &page("d", true, 1));
    assert_eq!(&whole, Pages::NONE, "the last page");
    let mut empty = pages.clone();
    empty.turned(&asked("c"), &page("d", false, 0));
    assert_eq!(&empty, Pages::NONE, "nothing was on it");
}

#[test]
fn a_pull_from_the_front_is_another_one() {
    let mut pages = Pages::default();
    pages.turned(&asked("a"), &page("b", false, 1));
    pages.turned(&asked(""), &page("c", false, 1));
    assert_eq!(&pages, Pages::NONE);
}
