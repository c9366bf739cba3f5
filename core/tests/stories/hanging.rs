//! Windows of background work that end while a request hangs.

use std::{
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use lapor_core::{
    client::{Client, SyncEvent, SyncLimits, Until},
    engine::{api::WireRequest, report::ReportKey, sync::Reason},
    net::{ExchangeFuture, ReadAttachment, Transport},
};

use crate::world::*;

const WINDOW: Duration = Duration::from_secs(25);

/// Requests about one report are never answered, and so much time goes by over them.
struct Hangs {
    line: Arc<InProcess>,
    now: Arc<AtomicI64>,
    over: Mutex<Option<ReportKey>>,
    lost: Duration,
}

impl Transport for Hangs {
    fn exchange<'a>(
        &'a self,
        request: &'a WireRequest,
        read: ReadAttachment,
    ) -> ExchangeFuture<'a> {
        let over = *self.over.lock().unwrap();
        if !over.is_some_and(|key| request.url.path().contains(&key.to_string())) {
            return self.line.exchange(request, read);
        }
        let lost = i64::try_from(self.lost.as_millis()).unwrap();
        self.now.fetch_add(lost, Ordering::SeqCst);
        Box::pin(pending())
    }

    fn close(&self) {}
}

fn phone_that_loses(world: &World, lost: Duration) -> (Client, Arc<Hangs>) {
    let hangs = Arc::new(Hangs {
        line: Arc::clone(&world.line),
        now: Arc::clone(&world.now),
        over: Mutex::default(),
        lost,
    });
    let (siti, _) = world.phone_over("siti", 7, Arc::<Hangs>::clone(&hangs));
    sign_in(&siti, "siti");
    (siti, hangs)
}

fn reason(client: &Client, key: &ReportKey) -> Option<Reason> {
    let open = client.outbox(Some(key)).unwrap();
    open[0].0.reason.clone()
}

#[test]
fn a_report_whose_request_outlasts_every_window_keeps_no_other_back() {
    let world = World::new();
    let (siti, hangs) = phone_that_loses(&world, WINDOW);
    let hanging = submits(&siti, "Menggantung");
    *hangs.over.lock().unwrap() = Some(hanging);
    let other = submits(&siti, "Lampu");
    for _ in 0..3 {
        siti.sync_step(WINDOW, None).unwrap();
        world.pass(Duration::from_secs(900));
    }
    assert!(tracking(&siti, &other).is_some());
    // From now on it is known whose trouble it is.
    for title in ["Selokan", "Jalan"] {
        let later = submits(&siti, title);
        siti.sync_step(WINDOW, None).unwrap();
        assert!(tracking(&siti, &later).is_some(), "{title}");
        world.pass(Duration::from_secs(900));
    }
    assert_eq!(reason(&siti, &hanging), Some(Reason::Unknown));
    *hangs.over.lock().unwrap() = None;
    world.drains(&siti);
    assert!(tracking(&siti, &hanging).is_some());
}

/// The next window may be a quarter of an hour away.
#[test]
fn a_window_is_not_over_with_the_first_cut() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Lampu");
    world.next("PUT report", &[Fault::CutBefore, Fault::CutBefore]);
    let window = SyncLimits {
        deadline: Some(WINDOW),
        ..SyncLimits::until(Until::NothingDue)
    };
    siti.sync(window, &mut |event| {
        if let SyncEvent::Waiting(wake) = event {
            world.pass(Duration::from_millis(wake.in_ms));
        }
    })
    .unwrap();
    assert!(tracking(&siti, &key).is_some());
}

#[test]
fn a_window_is_over_where_nothing_is_due_for_long() {
    let world = World::new();
    let siti = world.phone_of("siti");
    submits(&siti, "Lampu");
    world.always("*", Fault::Offline);
    let report = siti.sync_step(WINDOW, None).unwrap();
    assert!(report.next_wake.unwrap().in_ms > 20_000);
}

#[test]
fn what_had_only_the_rest_of_a_window_is_not_held_against_it() {
    let world = World::new();
    let (siti, hangs) = phone_that_loses(&world, Duration::from_secs(9));
    let key = submits(&siti, "Lampu");
    *hangs.over.lock().unwrap() = Some(key);
    siti.sync_step(Duration::from_secs(9), None).unwrap();
    assert_eq!(reason(&siti, &key), Some(Reason::Aborted));
}

#[test]
fn what_the_person_cancels_is_not_held_against_it_however_long_it_took() {
    let world = World::new();
    let (siti, hangs) = phone_that_loses(&world, WINDOW);
    let key = submits(&siti, "Lampu");
    *hangs.over.lock().unwrap() = Some(key);
    let asked = siti.ask_for_sync();
    let limits = SyncLimits {
        deadline: Some(WINDOW),
        ..SyncLimits::until(Until::NothingDue)
    };
    let ended = siti.sync_asked(&asked, limits, &mut |_| siti.give_up(&asked));
    ended.unwrap_err();
    assert_eq!(reason(&siti, &key), Some(Reason::Aborted));
}
