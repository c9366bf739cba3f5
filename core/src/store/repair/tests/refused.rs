//! What was refused, put away, or made a draft by damage: not on its way, and perhaps sent.

use lapor_engine::{
    calendar::Due,
    report::{Code, Field, Problem, Subject},
    sync::OperationUpdate,
};

use super::*;
use crate::store::{OperationIds, WithdrawStart};

/// The service answers the create with a plain no.
fn refuses(store: &mut Store, ids: &OperationIds) -> Vec<Problem> {
    let problems = vec![Problem {
        subject: Subject::Field(Field::Title),
        code: Code::Invalid,
    }];
    refuses_for(store, ids, problems.clone());
    problems
}

fn refuses_for(store: &mut Store, ids: &OperationIds, problems: Vec<Problem>) {
    store.attempt_to_create(ids, Reason::Unknown);
    let update = OperationUpdate {
        id: ids.create,
        state: OperationState::Paused,
        attempts: 2,
        streak: 0,
        due: Due::now(NOON),
        reason: Some(Reason::Rejected {
            problems: problems.clone(),
        }),
        tried_at: Some(NOON),
    };
    let rejected = Change::Rejected {
        report: key(1),
        problems,
    };
    store
        .apply(&[Change::Operation(update), rejected], NOON)
        .unwrap();
}

/// An earlier try of it may still lie in a proxy.
fn takes_it_back_by_asking(store: &mut Store) {
    store.submits(key(1));
    assert_eq!(store.withdraw(key(1), NOON), Ok(WithdrawStart::Queued));
}

#[test]
fn what_was_refused_and_sent_again_is_taken_back_by_asking_though_its_place_in_the_outbox_was_gone()
{
    let (phone, mut store) = Phone::of("siti");
    let ids = store.accepts(key(1));
    let problems = refuses(&mut store, &ids);
    let (mut store, losses) = phone.loses(store, &["operation"]);
    assert_eq!(losses, []);
    assert_eq!(store.phase(key(1)), Phase::Rejected);
    let create = waiting(&store, OperationKind::CreateReport);
    assert_eq!(create.len(), 1);
    assert_eq!(create[0].state, OperationState::Paused);
    assert_eq!(create[0].reason, Some(Reason::Rejected { problems }));
    takes_it_back_by_asking(&mut store);
}

#[test]
fn what_was_refused_and_put_away_comes_back_as_refused_though_its_place_in_the_outbox_was_gone() {
    let (phone, mut store) = Phone::of("siti");
    let ids = store.accepts(key(1));
    replies(&mut store, &[1, 2]);
    let problems = refuses(&mut store, &ids);
    store.discard(key(1), NOON).unwrap();
    let (mut store, _) = phone.loses(store, &["operation"]);
    assert_eq!(store.work(&run()).unwrap().operations, []);
    store.restore(key(1), NOON).unwrap();
    assert_eq!(store.phase(key(1)), Phase::Rejected);
    assert_eq!(store.draft(key(1)).unwrap().problems, problems);
    store.submits(key(1));
    store.hears_created(key(1), "100", &[]);
    let free: Vec<_> = waiting(&store, OperationKind::AddEvent)
        .iter()
        .map(|row| row.is_free)
        .collect();
    assert_eq!(free, [true, false], "its replies with it, in their order");
    assert_eq!(store.withdraw(key(1), NOON), Ok(WithdrawStart::Queued));
}

#[test]
fn replies_to_what_was_refused_wait_for_it_when_the_outbox_is_made_again() {
    let (phone, mut store) = Phone::of("siti");
    let ids = store.accepts(key(1));
    replies(&mut store, &[1, 2]);
    refuses(&mut store, &ids);
    let (mut store, _) = phone.loses(store, &["operation"]);
    let free = |store: &Store| -> Vec<_> {
        let rows = waiting(store, OperationKind::AddEvent);
        rows.iter().map(|row| row.is_free).collect()
    };
    assert_eq!(free(&store), [false, false]);
    store.submits(key(1));
    store.hears_created(key(1), "100", &[]);
    assert_eq!(free(&store), [true, false]);
}

/// An older service says no and names nothing.
#[test]
fn what_was_refused_without_a_word_and_put_away_comes_back_as_refused() {
    let (phone, mut store) = Phone::of("siti");
    let ids = store.accepts(key(1));
    refuses_for(&mut store, &ids, Vec::new());
    store.discard(key(1), NOON).unwrap();
    let (mut store, _) = phone.loses(store, &["operation"]);
    store.restore(key(1), NOON).unwrap();
    assert_eq!(store.phase(key(1)), Phase::Rejected);
}

/// A page of the outbox holds a few dozen rows: the two may lie on different ones.
#[test]
fn a_reply_does_not_leave_before_its_report_where_only_the_place_of_that_is_gone() {
    for phase in [Phase::Rejected, Phase::KeyTaken] {
        let (phone, mut store) = Phone::of("siti");
        let ids = store.accepts(key(1));
        replies(&mut store, &[1]);
        if phase == Phase::Rejected {
            refuses(&mut store, &ids);
        } else {
            let taken = Change::KeyTaken {
                report: key(1),
                foreign: false,
            };
            store.apply(&[taken], NOON).unwrap();
        }
        let gone = "DELETE FROM operation WHERE kind = 'create_report'";
        store.db.execute(gone, []).unwrap();
        let (store, _) = phone.loses(store, &["attachment"]);
        assert_eq!(store.phase(key(1)), phase);
        let rows = waiting(&store, OperationKind::AddEvent);
        assert_eq!(rows.len(), 1);
        assert!(!rows[0].is_free, "{phase:?}");
    }
}

/// What took the place of it goes by itself, and what was given up with it stays so.
#[test]
fn what_was_sent_as_another_report_is_not_on_its_way_again() {
    let (phone, mut store) = Phone::of("siti");
    store.accepts(key(1));
    replies(&mut store, &[1]);
    let taken = Change::KeyTaken {
        report: key(1),
        foreign: false,
    };
    store.apply(&[taken], NOON).unwrap();
    store.supersede(key(1), key(2), NOON).unwrap();
    store.submits(key(2));
    let (store, _) = phone.loses(store, &["operation"]);
    let open = store.work(&run()).unwrap().operations;
    assert!(open.iter().all(|row| row.report == key(2)), "{open:?}");
}

#[test]
fn what_became_a_draft_again_was_perhaps_sent_though_its_place_in_the_outbox_is_gone_too() {
    let (phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    store.attaches(key(1), 1, 9_000);
    store.submits(key(1));
    let (mut store, _) = phone.loses(store, &["body", "attachment", "operation"]);
    assert_eq!(store.phase(key(1)), Phase::Draft);
    takes_it_back_by_asking(&mut store);
}

/// The service never refused it: damage took its words' exact bytes.
#[test]
fn what_became_a_draft_again_is_one_when_it_was_put_away_and_brought_back() {
    for also in ["body", "operation"] {
        let (phone, mut store) = Phone::of("siti");
        store.writes(key(1));
        store.attaches(key(1), 1, 9_000);
        store.submits(key(1));
        let (mut store, _) = phone.loses(store, &["body", "attachment", also]);
        assert_eq!(store.phase(key(1)), Phase::Draft);
        store.discard(key(1), NOON).unwrap();
        store.restore(key(1), NOON).unwrap();
        assert_eq!(store.phase(key(1)), Phase::Draft);
        store.discard(key(1), NOON).unwrap();
        let (mut store, _) = phone.loses(store, &["operation"]);
        store.restore(key(1), NOON).unwrap();
        assert_eq!(store.phase(key(1)), Phase::Draft);
        takes_it_back_by_asking(&mut store);
    }
}
