use super::*;
use crate::{
    calendar::Due as At,
    sync::{
        Reason,
        story::{create, morning, phone, picture},
    },
};

fn met(row: Operation) -> Operation {
    Operation {
        reason: Some(Reason::Unknown),
        ..row
    }
}

fn in_trouble(what: &OriginTrouble, failed: u32) -> Work {
    let mut work = phone().in_trouble(what.clone(), At::now(morning()));
    if let Some(trouble) = &mut work.origin.trouble {
        trouble.failed = failed;
    }
    work
}

/// The numbers of those whose turn it is; none where a question has it.
fn turn(rows: &[Operation], what: &OriginTrouble, failed: u32, pull: bool) -> Option<Vec<i64>> {
    let rows: Vec<&Operation> = rows.iter().collect();
    let due = rows.iter().collect();
    match whose_turn(due, &in_trouble(what, failed), pull) {
        Turn::Of(due) => Some(due.iter().map(|row| row.id.0).collect()),
        Turn::Question => None,
    }
}

const BUSY: OriginTrouble = OriginTrouble::Busy { status: 503 };
const PORTAL: OriginTrouble = OriginTrouble::NotLapor { status: 200 };

#[test]
fn after_two_failures_those_that_met_none_of_it_come_first() {
    let rows = [met(create(1)), create(2)];
    assert_eq!(turn(&rows, &BUSY, 1, false), Some(vec![1, 2]));
    assert_eq!(turn(&rows, &BUSY, 2, false), Some(vec![2]));
    assert_eq!(turn(&rows, &BUSY, 4, false), Some(vec![2]));
    assert_eq!(
        turn(&rows, &PORTAL, 4, false),
        Some(vec![1]),
        "what was never on the wire may be all that is disliked"
    );
    // Nobody dislikes anything where there is no line.
    assert_eq!(
        turn(&rows, &OriginTrouble::Offline, 2, false),
        Some(vec![1, 2])
    );
}

#[test]
fn where_all_have_met_it_news_a_question_and_they_themselves_go_in_turn() {
    let two = [met(create(1)), met(create(2))];
    assert_eq!(turn(&two, &BUSY, 2, true), Some(vec![]), "the news");
    assert_eq!(turn(&two, &BUSY, 3, true), None);
    assert_eq!(turn(&two, &BUSY, 4, true), Some(vec![1, 2]));
    assert_eq!(turn(&two[..1], &BUSY, 3, true), Some(vec![1]));
    // Of a picture's bytes words do not wait for.
    let beside = [met(create(1)), picture(2, 1)];
    assert_eq!(turn(&beside, &BUSY, 2, false), Some(vec![1, 2]));
}

#[test]
fn what_failed_by_itself_stands_behind_others_of_its_kind() {
    let failed = |row: Operation, streak| Operation { streak, ..row };
    let behind = |row: &Operation, work: &Work| stands_behind(row, work);
    let free = phone();
    assert!(!behind(&create(1), &free));
    assert!(behind(&failed(create(1), 1), &free));
    assert!(behind(&failed(create(1), 2), &free));
    let busy = in_trouble(&BUSY, 1);
    assert!(!behind(&failed(create(1), 1), &busy));
    assert!(behind(&failed(create(1), 2), &busy));
    assert!(behind(&failed(create(1), 3), &busy));
    assert!(!behind(&met(picture(1, 1)), &busy), "the first failure");
    let again = in_trouble(&BUSY, 2);
    assert!(behind(&met(picture(1, 1)), &again));
    assert!(!behind(&picture(1, 1), &again));
    assert!(!behind(&met(create(1)), &again), "words have their turns");
}
