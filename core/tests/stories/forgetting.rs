//! People who erase everything, or take a report back, while its words are about to leave the phone.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use lapor_core::{
    client::{Client, SyncEvent, SyncLimits, Until, Withdrawal},
    engine::{
        api::{Method, WireRequest},
        report::Phase,
    },
    net::{ExchangeFuture, ReadAttachment, Transport},
};
use tokio::sync::Notify;

use crate::world::*;

/// A line on which one kind of request hangs: it leaves when it is let go.
struct Hanging {
    line: Arc<InProcess>,
    kind: Method,
    hangs: AtomicBool,
    is_given_up: AtomicBool,
    let_go: Notify,
}

/// Tells that an exchange was dropped before it left.
struct Waiting<'a>(&'a Hanging);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.is_given_up.store(true, Ordering::SeqCst);
    }
}

impl Transport for Hanging {
    fn exchange<'a>(
        &'a self,
        request: &'a WireRequest,
        read: ReadAttachment,
    ) -> ExchangeFuture<'a> {
        if request.method != self.kind {
            return self.line.exchange(request, read);
        }
        Box::pin(async move {
            let waiting = Waiting(self);
            self.hangs.store(true, Ordering::SeqCst);
            self.let_go.notified().await;
            std::mem::forget(waiting);
            self.line.exchange(request, read).await
        })
    }

    fn close(&self) {}
}

impl Hanging {
    fn over(world: &World, kind: Method) -> Arc<Self> {
        Arc::new(Self {
            line: Arc::clone(&world.line),
            kind,
            hangs: AtomicBool::new(false),
            is_given_up: AtomicBool::new(false),
            let_go: Notify::new(),
        })
    }

    /// Syncs, does `act` while the request hangs, and lets it go so long after. Gives whether it was
    /// given up before.
    fn meanwhile(&self, app: &Client, after: Duration, act: impl FnOnce()) -> bool {
        thread::scope(|scope| {
            let sync = scope.spawn(|| {
                app.sync(SyncLimits::until(Until::NothingDue), &mut |_| {})
                    .unwrap()
            });
            let comes = |what: &AtomicBool, within: Duration| {
                let start = Instant::now();
                while !what.load(Ordering::SeqCst) && start.elapsed() < within {
                    thread::sleep(Duration::from_millis(1));
                }
                what.load(Ordering::SeqCst)
            };
            let hung = comes(&self.hangs, Duration::from_secs(60));
            act();
            let given_up = comes(&self.is_given_up, after);
            self.let_go.notify_one();
            sync.join().unwrap();
            assert!(hung, "nothing was on the line");
            given_up
        })
    }
}

#[test]
fn words_that_wait_for_a_connection_do_not_leave_once_their_writer_is_forgotten() {
    // The same app at once; another process is seen when it is next looked for, on a slow machine too.
    for (by_another, within) in [(false, 1), (true, 5)] {
        let world = World::new();
        let line = Hanging::over(&world, Method::Put);
        let (siti, _) = world.phone_over("siti", 7, Arc::<Hanging>::clone(&line));
        sign_in(&siti, "siti");
        let key = submits(&siti, "Lampu");
        let another = world.phone("siti");
        world.seen();
        let eraser = if by_another { &another } else { &siti };
        let given_up = line.meanwhile(&siti, Duration::from_secs(within), || {
            eraser.forget_me_here().unwrap();
        });
        assert!(given_up, "by another: {by_another}");
        assert_eq!(world.gateway().creates_of(&key.to_string()).unwrap(), 0);
        assert!(!world.seen().contains(&"PUT report"));
        not_found(siti.show(&key));
    }
}

#[test]
fn words_about_to_leave_do_not_once_their_writer_is_forgotten() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    let another = world.phone("siti");
    world.seen();
    siti.sync(SyncLimits::until(Until::NothingDue), &mut |event| {
        if let SyncEvent::Started { task: "create", .. } = event {
            another.forget_me_here().unwrap();
        }
    })
    .unwrap();
    assert_eq!(world.gateway().creates_of(&key.to_string()).unwrap(), 0);
    assert!(!world.seen().contains(&"PUT report"));
}

#[test]
fn a_picture_that_waits_for_a_connection_is_given_up_once_its_owner_is_forgotten() {
    let world = World::new();
    let line = Hanging::over(&world, Method::Patch);
    let (siti, _) = world.phone_over("siti", 7, Arc::<Hanging>::clone(&line));
    sign_in(&siti, "siti");
    let key = drafts(&siti, "Lampu");
    attaches(&world, &siti, &key, 30_000);
    siti.submit(&key).unwrap();
    let given_up = line.meanwhile(&siti, Duration::from_secs(1), || {
        siti.forget_me_here().unwrap();
    });
    assert!(given_up);
    assert!(!world.seen().contains(&"PATCH upload"));
}

#[test]
fn words_of_a_report_that_is_taken_back_meanwhile_still_get_their_answer() {
    let world = World::new();
    let line = Hanging::over(&world, Method::Put);
    let (siti, _) = world.phone_over("siti", 7, Arc::<Hanging>::clone(&line));
    sign_in(&siti, "siti");
    let key = submits(&siti, "Lampu");
    let given_up = line.meanwhile(&siti, Duration::from_millis(1_500), || {
        assert_eq!(siti.withdraw(&key).unwrap(), Withdrawal::Asked);
    });
    assert!(!given_up);
    world.drains(&siti);
    assert_eq!(phase(&siti, &key), Phase::Withdrawn);
    assert!(tracking(&siti, &key).is_some(), "the answer came");
}
