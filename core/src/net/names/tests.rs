#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::atomic::{AtomicU32, Ordering};

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

const SOON: Duration = Duration::from_millis(20);

/// Asks a system of which `answers` says what it does with the first, second, ... question. Tells also
/// how many were asked.
fn ask(
    answers: impl Fn(u32) -> Option<io::Result<Vec<IpAddr>>> + Send + Sync + 'static,
) -> (io::Result<Vec<IpAddr>>, u32) {
    let (answers, count) = (Arc::new(answers), AtomicU32::new(0));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let question = || {
        let number = count.fetch_add(1, Ordering::Relaxed);
        let answers = Arc::clone(&answers);
        async move {
            match answers(number) {
                Some(answer) => answer,
                None => std::future::pending().await,
            }
        }
    };
    let answer = runtime.block_on(async {
        let longest = Duration::from_secs(10);
        timeout(longest, asked(SOON, question)).await
    });
    let answer = answer.expect("nobody was asked again");
    (answer, count.into_inner())
}

#[test]
fn a_question_that_was_lost_does_not_keep_the_report_waiting() {
    let here = IpAddr::from([10, 0, 0, 1]);
    let (answer, questions) = ask(move |number| (number == 1).then(|| Ok(vec![here])));
    assert_eq!((answer.unwrap(), questions), (vec![here], 2));
    let (answer, questions) = ask(move |number| (number == 2).then(|| Ok(vec![here])));
    assert_eq!((answer.unwrap(), questions), (vec![here], 3));
}

#[test]
fn whoever_answers_is_asked_once_also_where_the_answer_is_no() {
    let here = IpAddr::from([10, 0, 0, 1]);
    let (answer, questions) = ask(move |_| Some(Ok(vec![here])));
    assert_eq!((answer.unwrap(), questions), (vec![here], 1));
    let (answer, questions) = ask(|_| Some(Err(io::ErrorKind::NotFound.into())));
    assert_eq!(answer.unwrap_err().kind(), io::ErrorKind::NotFound);
    assert_eq!(questions, 1);
}
