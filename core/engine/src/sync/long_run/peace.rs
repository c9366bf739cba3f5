//! Who asks for peace, and for whom: the gateway for everything, the feed and a picture's host for themselves.

use std::collections::BTreeMap;

use super::*;

fn in_an_hour() -> Outcome {
    Outcome::Busy {
        status: 503,
        retry_after: Some(HOUR),
        marked: true,
    }
}

fn located(number: u8) -> Upload {
    Upload {
        url: Some(format!("/v1/uploads/{}", report(number))),
        ..upload()
    }
}

fn is_pull(task: &Task) -> bool {
    matches!(task, Task::Pull { .. })
}

fn is_on_a_host(task: &Task) -> bool {
    matches!(task, Task::UploadOffset { .. } | Task::UploadChunk { .. })
}

/// The times of those requests, milliseconds since the morning.
fn times(phone: &Phone, of: fn(&Task) -> bool) -> Vec<u64> {
    let those = phone.asked.iter().filter(|one| of(&one.task));
    those.map(|one| one.at.since(morning()).unwrap()).collect()
}

/// What waits, and a report that is written a minute later.
fn asked_for_peace_by(of: fn(&Task) -> bool) -> Phone {
    let work = phone()
        .and_upload(picture(1, 1), located(1))
        .and_upload(picture(2, 2), located(2))
        .with_account(|account| account.pull_due = Due::after(morning(), MINUTE));
    let mut good = Gateway::default();
    let mut phone = Phone::with(work);
    phone.pulls = true;
    let mut answers = |task: &Task, at| match task {
        task if of(task) && at < 30 * MINUTE => in_an_hour(),
        task => good.answers(task),
    };
    phone.lives(2 * MINUTE, &mut answers);
    phone.work.operations.push(Operation {
        due: Due::now(phone.now),
        ..create(3)
    });
    phone.lives(3 * HOUR, &mut answers);
    phone
}

#[test]
fn a_feed_that_asks_for_peace_keeps_neither_words_nor_pictures_back() {
    let phone = asked_for_peace_by(is_pull);
    assert!(phone.all_done());
    let words = phone.row(3).tried_at.unwrap();
    assert!(words.since(morning()).unwrap() <= 2 * MINUTE + 5 * SECOND);
    let pulls = times(&phone, is_pull);
    assert!(pulls[1] - pulls[0] >= HOUR, "{pulls:?}");
    assert!(pulls[1] - pulls[0] <= HOUR + 10 * MINUTE, "{pulls:?}");
}

#[test]
fn a_pictures_host_that_asks_for_peace_keeps_neither_words_nor_news_back() {
    let phone = asked_for_peace_by(is_on_a_host);
    assert!(phone.all_done());
    let words = phone.row(3).tried_at.unwrap();
    assert!(words.since(morning()).unwrap() <= 2 * MINUTE + 5 * SECOND);
    assert!(times(&phone, is_pull)[0] <= MINUTE + 5 * SECOND);
    let host = times(&phone, is_on_a_host);
    assert!(host[1] - host[0] >= HOUR, "nor the other picture: {host:?}");
    assert!(host[1] - host[0] <= HOUR + 10 * MINUTE, "{host:?}");
}

#[test]
fn a_gateway_that_answers_words_so_is_left_in_peace_by_everything() {
    let mut work = full_outbox().with_account(|account| account.pull_due = Due::now(morning()));
    work = work.and_upload(picture(6, 8), located(8));
    let mut phone = Phone::with(work);
    phone.lives(50 * MINUTE, &mut |_, _| in_an_hour());
    assert_eq!(phone.asked.len(), 1, "{:?}", phone.asked);
}

/// Everything of the service says so: what the feed or a host is answered costs a try of its own, now and then.
#[test]
fn a_service_that_is_away_for_a_day_is_left_in_peace_as_well() {
    let mut work = full_outbox().with_account(|account| account.pull_due = Due::now(morning()));
    work = work.and_upload(picture(6, 8), located(8));
    let mut phone = Phone::with(work);
    phone.pulls = true;
    phone.lives(DAY, &mut |_, _| in_an_hour());
    assert!(phone.asked.len() <= 36, "{}", phone.asked.len());
}

/// A few seconds, again and again, whatever the load is.
#[test]
fn a_feed_that_always_asks_for_seconds_is_asked_ever_later() {
    let work = phone().with_account(|account| account.pull_due = Due::now(morning()));
    let mut phone = Phone::with(work);
    phone.pulls = true;
    phone.lives(HOUR, &mut |_, _| Outcome::Busy {
        status: 429,
        retry_after: Some(5 * SECOND),
        marked: true,
    });
    assert!(
        (12..40).contains(&phone.asked.len()),
        "{}",
        phone.asked.len()
    );
}

#[test]
fn whoever_looks_at_another_picture_reads_why_it_waits_and_until_when() {
    let work = phone()
        .and_upload(picture(1, 1), located(1))
        .and_upload(picture(2, 2), located(2));
    let mut phone = Phone::with(work);
    phone.lives(MINUTE, &mut |_, _| in_an_hour());
    // The feed meets another trouble meanwhile, and that is soon over.
    let cut = phone
        .work
        .origin
        .after(OriginTrouble::Cut, None, phone.now, b"");
    for origin in [phone.work.origin.clone(), cut] {
        told_of_the_hour(&phone, &origin);
    }
}

/// Two of one host are on the line at once.
#[test]
fn a_picture_that_was_on_its_way_before_its_host_asked_for_peace_does_not_end_that() {
    let work = phone()
        .and_upload(picture(1, 1), located(1))
        .and_upload(picture(2, 2), located(2))
        .and_upload(picture(3, 3), located(3));
    let mut phone = Phone::with(work);
    let beside = Task::UploadOffset {
        operation: OperationId(2),
        attachment: phone.row(2).attachment.unwrap(),
        url: format!("/v1/uploads/{}", report(2)),
    };
    phone.lives(SECOND, &mut |_, _| in_an_hour());
    let mut good = Gateway::default();
    phone.sends(beside, &mut |task, _| good.answers(task));
    phone.lives(50 * MINUTE, &mut |task, _| good.answers(task));
    let host = times(&phone, is_on_a_host);
    assert_eq!(host.len(), 2, "the refused one, and that one: {host:?}");
    phone.lives(HOUR, &mut |task, _| good.answers(task));
    assert!(phone.all_done());
    assert_eq!(phone.work.origin.later, BTreeMap::new());
}

fn told_of_the_hour(phone: &Phone, origin: &Origin) {
    let standpoint = Standpoint {
        pictures_wait: false,
        account: AccountId(2),
        session: SessionState::Good,
        origin,
        captive: Captive::Unknown,
        now: phone.now,
    };
    let open: Vec<&Operation> = phone.work.operations.iter().collect();
    for id in [1, 2] {
        let told = standpoint.explain_operation(phone.row(id), &open);
        assert_eq!(told.reason, Some(Reason::Busy { status: 503 }), "{id}");
        assert!(told.next_try_in_ms.unwrap() > 55 * MINUTE, "{id}: {told:?}");
    }
    let words = Operation {
        due: Due::now(phone.now),
        ..create(3)
    };
    let told = standpoint.explain_operation(&words, &open);
    assert_eq!(told.reason, Some(Reason::NotTried));
}
