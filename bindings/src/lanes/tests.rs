#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use super::*;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

#[test]
fn calls_of_a_lane_come_one_after_the_other() {
    let lane = Lane::start("test").unwrap();
    let (said, heard) = mpsc::channel();
    let calls: Vec<_> = (0..5)
        .map(|number| {
            let said = said.clone();
            lane.run_short(move || said.send(number).unwrap())
        })
        .collect();
    calls.into_iter().for_each(block_on);
    drop(said);
    assert_eq!(heard.iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
}

#[test]
fn a_call_given_up_before_its_turn_never_runs() {
    let lane = Lane::start("test").unwrap();
    let (go, wait) = mpsc::channel::<()>();
    let first = lane.run_short(move || wait.recv().unwrap());
    let ran = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&ran);
    drop(lane.run(
        move |_| count.fetch_add(1, Ordering::SeqCst),
        || panic!("it does not run: nothing to stop"),
    ));
    go.send(()).unwrap();
    block_on(first);
    block_on(lane.run_short(|| ()));
    assert_eq!(ran.load(Ordering::SeqCst), 0);
}

#[test]
fn a_call_given_up_while_it_runs_is_told_once_and_stops() {
    let lane = Lane::start("test").unwrap();
    let (begun, has_begun) = mpsc::channel();
    let (stop, stopped) = mpsc::channel::<()>();
    let (seen, was_seen) = mpsc::channel();
    let call = lane.run(
        move |given_up| {
            begun.send(()).unwrap();
            stopped.recv().unwrap();
            seen.send(given_up.is_set()).unwrap();
        },
        move || stop.send(()).unwrap(),
    );
    has_begun.recv().unwrap();
    drop(call);
    assert!(was_seen.recv().unwrap());
    // The lane is free again.
    assert_eq!(block_on(lane.run_short(|| 7)), 7);
}

#[test]
fn a_call_that_has_ended_is_not_stopped() {
    let lane = Lane::start("test").unwrap();
    let call = lane.run(|_| (), || panic!("it has ended: nothing to stop"));
    block_on(lane.run_short(|| ()));
    drop(call);
}

#[test]
fn a_panic_reaches_the_one_who_awaits_and_the_lane_lives_on() {
    let lane = Lane::start("test").unwrap();
    let call = lane.run_short(|| panic!("as a bug would"));
    let awaited = catch_unwind(AssertUnwindSafe(|| block_on::<()>(call)));
    let panic = awaited.unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"as a bug would"));
    assert_eq!(block_on(lane.run_short(|| 7)), 7);
}

#[test]
fn a_lane_that_is_dropped_ends_its_thread_after_its_calls() {
    let lane = Lane::start("test").unwrap();
    let call = lane.run_short(|| 7);
    drop(lane);
    assert_eq!(block_on(call), 7);
}
