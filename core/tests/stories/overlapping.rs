//! Pictures on a quick line, of which one begins while the last one's answer is awaited.

use std::{
    future::poll_fn,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
};

use lapor_core::{
    client::{ClientError, SyncLimits, Until},
    engine::{
        api::{Method, WireRequest},
        calendar::Instant,
        sync::OperationKind,
    },
    net::{ExchangeFuture, ReadAttachment, Transport},
};

use crate::world::*;

type Act = Box<dyn FnOnce() + Send>;

/// The gateway has a picture at once, and its answer comes when another picture has begun, or when
/// none does for a while.
struct Late {
    line: Arc<InProcess>,
    begun: AtomicUsize,
    ended: AtomicUsize,
    most: AtomicUsize,
    /// Done when so many pictures have begun; from then on no answer comes to these.
    at: Mutex<Option<(usize, Act)>>,
    silent: AtomicUsize,
    /// How many had begun when the connection for another was asked for.
    prepared: Mutex<Vec<usize>>,
}

impl Late {
    fn over(world: &World) -> Arc<Self> {
        Arc::new(Self {
            line: Arc::clone(&world.line),
            begun: AtomicUsize::new(0),
            ended: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            at: Mutex::new(None),
            silent: AtomicUsize::new(0),
            prepared: Mutex::default(),
        })
    }

    fn begins(&self) -> usize {
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let flying = number - self.ended.load(Ordering::SeqCst);
        self.most.fetch_max(flying, Ordering::SeqCst);
        let mut at = self.at.lock().unwrap();
        if at.as_ref().is_some_and(|(wanted, _)| *wanted == number) {
            self.silent.store(number, Ordering::SeqCst);
            let (_, act) = at.take().unwrap();
            drop(at);
            act();
        }
        number
    }
}

impl Transport for Late {
    fn exchange<'a>(
        &'a self,
        request: &'a WireRequest,
        read: ReadAttachment,
    ) -> ExchangeFuture<'a> {
        if request.method != Method::Patch {
            return self.line.exchange(request, read);
        }
        let answer = self.line.exchange(request, read);
        let number = self.begins();
        let mut polls = 0;
        Box::pin(async move {
            let answer = answer.await;
            poll_fn(|context| {
                polls += 1;
                let another = self.begun.load(Ordering::SeqCst) > number || polls > 1_000;
                let silent = number <= self.silent.load(Ordering::SeqCst);
                if another && !silent {
                    return Poll::Ready(());
                }
                context.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
            self.ended.fetch_add(1, Ordering::SeqCst);
            answer
        })
    }

    fn upload_follows(&self, _: &url::Url) {
        let begun = self.begun.load(Ordering::SeqCst);
        self.prepared.lock().unwrap().push(begun);
    }

    fn close(&self) {}
}

fn with_pictures(world: &World, late: &Arc<Late>, count: usize) -> lapor_core::client::Client {
    let (siti, _) = world.phone_over("siti", 7, Arc::<Late>::clone(late));
    sign_in(&siti, "siti");
    let key = drafts(&siti, "Lampu");
    for number in 0..count {
        attaches(world, &siti, &key, 30_000 + number);
    }
    siti.submit(&key).unwrap();
    siti
}

fn count(seen: &[&str], what: &str) -> usize {
    seen.iter().filter(|one| **one == what).count()
}

#[test]
fn the_next_picture_begins_while_the_last_ones_answer_is_awaited_and_no_third() {
    let world = World::new();
    let late = Late::over(&world);
    let siti = with_pictures(&world, &late, 5);
    world.seen();
    world.drains(&siti);
    let seen = world.seen();
    assert_eq!(late.most.load(Ordering::SeqCst), 2, "{seen:?}");
    assert_eq!(count(&seen, "PATCH upload"), 5, "each once: {seen:?}");
    assert_eq!(count(&seen, "HEAD upload"), 0, "{seen:?}");
    let prepared = late.prepared.lock().unwrap().clone();
    assert_eq!(prepared, [1], "while the first was on the line");
    let key = siti.list(lapor_core::store::Filter::All, 1, None).unwrap()[0].key;
    assert_eq!(show(&siti, &key).row.pictures.stored, 5);
}

#[test]
fn words_overtake_both() {
    let world = World::new();
    let late = Late::over(&world);
    let siti = Arc::new(with_pictures(&world, &late, 4));
    let urgent = drafts(&siti, "Mendesak");
    let app = Arc::clone(&siti);
    // The second begins beside the first; of the line the first has told by then.
    let submit = Box::new(move || app.submit(&urgent).unwrap());
    *late.at.lock().unwrap() = Some((3, submit));
    world.seen();
    world.syncs(&siti);
    let seen = world.seen();
    let words = seen.iter().rposition(|one| *one == "PUT report").unwrap();
    assert_eq!(count(&seen[..words], "PATCH upload"), 3, "{seen:?}");
    assert_eq!(seen[words - 1], "PATCH upload", "at once: {seen:?}");
    assert_eq!(
        count(&seen[words..], "HEAD upload"),
        2,
        "nobody knows how far either came: {seen:?}"
    );
    world.drains(&siti);
    assert!(tracking(&siti, &urgent).is_some());
    assert!(siti.outbox(None).unwrap().is_empty());
}

/// What is on the phone while a chunk is on the line is also what a kill at that moment leaves.
#[test]
fn whoever_looks_while_a_first_chunk_is_on_the_line_sees_that_it_was_tried() {
    let world = World::new();
    let late = Late::over(&world);
    let siti = Arc::new(with_pictures(&world, &late, 1));
    let (another, _) = world.phone_with("siti", 7);
    let (app, seen) = (Arc::clone(&siti), Arc::new(Mutex::new(None)));
    let told = Arc::clone(&seen);
    let look = Box::new(move || {
        *told.lock().unwrap() = another.outbox(None).unwrap().pop();
        app.cancel();
    });
    *late.at.lock().unwrap() = Some((1, look));
    let sync = siti.sync(SyncLimits::until(Until::NothingDue), &mut |_| {});
    assert_eq!(sync.unwrap_err(), ClientError::Cancelled);
    let (picture, _) = seen.lock().unwrap().take().unwrap();
    assert_eq!(picture.kind, OperationKind::UploadAttachment);
    assert_eq!(picture.tried_at, Some(Instant(START)));
    assert_eq!(picture.attempts, 0, "nobody has answered yet");
}

#[test]
fn what_gave_way_was_handed_to_the_line_all_the_same_and_is_counted() {
    let world = World::new();
    let late = Late::over(&world);
    let siti = Arc::new(with_pictures(&world, &late, 3));
    let urgent = drafts(&siti, "Mendesak");
    let app = Arc::clone(&siti);
    let submit = Box::new(move || app.submit(&urgent).unwrap());
    *late.at.lock().unwrap() = Some((3, submit));
    let report = world.syncs(&siti);
    assert!(siti.outbox(None).unwrap().is_empty());
    // Two of them gave way when all of their bytes were on the line; the gateway had them.
    assert!(report.sent > 30_000 + 30_001 + 30_002, "{report:?}");
}
