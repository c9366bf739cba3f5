//! Pictures on the line: a chunk gives way to words, and on a quick line the next picture does not
//! wait until the last one's answer is back.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use lapor_engine::{
    api::{Action, End, Exchange},
    calendar::Clock,
    sync::{Pace, Task, Work, beside, more_urgent},
};
use tokio::sync::Notify;

use super::{Driver, SyncEvent, exchange::OnTheLine, report_of};
use crate::{client::ClientError, net::ReadAttachment};

/// A chunk that is on the line.
struct Flight<'a> {
    task: Task,
    action: Action,
    nonce: Option<String>,
    began: Clock,
    handed: Arc<Handed>,
    exchange: Pin<Box<dyn Future<Output = Exchange> + 'a>>,
}

/// How much of a chunk has been asked for. A connection asks when it takes more.
#[derive(Default)]
struct Handed {
    length: u64,
    bytes: AtomicU64,
    told: Notify,
}

/// What is waited for of a chunk that is alone on the line.
#[derive(Clone, Copy)]
enum Mark {
    /// Enough to know the line: another connection may be made.
    Half,
    /// The line takes more: only an answer is awaited.
    All,
}

enum Event {
    /// Which of those on the line.
    Landed(usize, Exchange),
    Handed(Mark),
    /// Words, a cancel, or the end of the time.
    Interrupted,
}

impl<'a> Driver<'a> {
    /// A chunk, and then one picture after another for as long as each may begin beside the last.
    pub(super) async fn pictures(
        &mut self,
        work: &Work,
        task: &Task,
        action: Action,
    ) -> Result<(), ClientError> {
        let mut seen = self.version();
        let mut flights = vec![self.departs(work, task.clone(), action)?];
        let mut awaited = Some(Mark::Half);
        while !flights.is_empty() {
            let mut may_add = false;
            match self.next(work, &mut flights, awaited, seen).await {
                Event::Landed(number, exchange) => {
                    let flight = flights.swap_remove(number);
                    self.lands(flight, exchange)?;
                    awaited = Some(Mark::All);
                }
                Event::Handed(Mark::Half) => {
                    awaited = Some(Mark::All);
                    if self.follower(&flights)?.is_some() {
                        let gateway = self.gateway.as_url();
                        self.client.transport.upload_follows(gateway);
                    }
                }
                Event::Handed(Mark::All) => {
                    awaited = None;
                    may_add = true;
                }
                Event::Interrupted => self.give_way(&mut flights)?,
            }
            // Whatever is written from here on is seen by the next look.
            seen = self.version();
            if self.is_urgent()? {
                self.give_way(&mut flights)?;
            } else if may_add && let Some((work, task, action)) = self.follower(&flights)? {
                // Before the other: it is to leave while it may, whatever comes back in the same look.
                flights.insert(0, self.departs(&work, task, action)?);
            }
        }
        Ok(())
    }

    fn departs(
        &mut self,
        work: &Work,
        task: Task,
        action: Action,
    ) -> Result<Flight<'a>, ClientError> {
        let now = self.client.now();
        if let Some(operation) = task.operation() {
            self.client.store().tries(operation, now)?;
        }
        (self.watch)(SyncEvent::Started {
            task: task.code(),
            report: report_of(work, &task),
        });
        let handed = Arc::new(Handed::of(&task));
        let read = noticing(self.client.attachment_reader(), &handed);
        let request = self.request(work, &action);
        let nonce = request.as_ref().map(|request| request.nonce.clone());
        let client = self.client;
        let exchange = Box::pin(async move {
            match request {
                Some(request) => client.transport.exchange(&request, read).await,
                None => Exchange::unconnected(End::BodyUnreadable),
            }
        });
        Ok(Flight {
            task,
            action,
            nonce,
            began: self.client.clock(),
            handed,
            exchange,
        })
    }

    async fn next(
        &self,
        work: &Work,
        flights: &mut [Flight<'a>],
        awaited: Option<Mark>,
        seen: Option<i64>,
    ) -> Event {
        let line = OnTheLine::of(work, flights.iter().map(|flight| &flight.task));
        let mut interrupted = pin!(self.interrupted(true, seen, &line));
        let alone = match (&*flights, awaited) {
            ([one], Some(mark)) => Some((Arc::clone(&one.handed), mark)),
            _ => None,
        };
        let mut handed = pin!(async {
            match alone {
                Some((handed, mark)) => handed.comes_to(mark).await,
                None => std::future::pending().await,
            }
        });
        poll_fn(|context: &mut Context<'_>| {
            for (number, flight) in flights.iter_mut().enumerate() {
                if let Poll::Ready(exchange) = flight.exchange.as_mut().poll(context) {
                    return Poll::Ready(Event::Landed(number, exchange));
                }
            }
            if interrupted.as_mut().poll(context).is_ready() {
                return Poll::Ready(Event::Interrupted);
            }
            handed.as_mut().poll(context).map(Event::Handed)
        })
        .await
    }

    /// The next picture's chunk, where the line and the order of work allow one beside the only one.
    fn follower(
        &mut self,
        flights: &[Flight<'a>],
    ) -> Result<Option<(Work, Task, Action)>, ClientError> {
        let [flying] = flights else {
            return Ok(None);
        };
        if self.is_spent() || self.is_over() || self.client.has_unstored() {
            return Ok(None);
        }
        let work = self.work()?;
        let now = self.client.clock();
        let pace = Pace {
            bytes: flying.handed.bytes.load(Ordering::Relaxed),
            took_ms: now.boot.saturating_sub(flying.began.boot),
        };
        let surroundings = self.client.surroundings();
        let next = beside(&work, &flying.task, pace, &surroundings, now.wall);
        Ok(next.and_then(|task| {
            let action = task.action(&work, Vec::new(), None)?;
            Some((work, task, action))
        }))
    }

    /// Did words come while an answer was being kept?
    fn is_urgent(&mut self) -> Result<bool, ClientError> {
        if self.is_over() {
            return Ok(true);
        }
        let work = self.work()?;
        let now = self.client.now();
        Ok(more_urgent(&work, &self.client.surroundings(), now))
    }

    fn give_way(&mut self, flights: &mut Vec<Flight<'a>>) -> Result<(), ClientError> {
        for flight in flights.drain(..) {
            let aborted = Exchange {
                connected: true,
                sent: flight.handed.bytes.load(Ordering::Relaxed),
                ..Exchange::unconnected(End::Aborted)
            };
            self.lands(flight, aborted)?;
        }
        Ok(())
    }

    /// What another flight's answer changed meanwhile is looked at again.
    fn lands(&mut self, flight: Flight<'a>, exchange: Exchange) -> Result<(), ClientError> {
        let Flight {
            task,
            action,
            nonce,
            began,
            exchange: on_the_line,
            ..
        } = flight;
        // Its connection goes before anything else is done.
        drop(on_the_line);
        let work = self.work()?;
        self.settles(&work, &task, &action, nonce.as_deref(), exchange, began)
    }
}

impl Handed {
    fn of(task: &Task) -> Self {
        let length = match task {
            Task::UploadChunk { length, .. } => *length,
            _ => u64::MAX,
        };
        Self {
            length,
            ..Self::default()
        }
    }

    async fn comes_to(&self, mark: Mark) -> Mark {
        let wanted = match mark {
            Mark::Half => self.length / 2,
            Mark::All => self.length,
        };
        while self.bytes.load(Ordering::Relaxed) < wanted {
            self.told.notified().await;
        }
        mark
    }
}

/// The same reader, which tells what was read of a chunk.
fn noticing(read: ReadAttachment, handed: &Arc<Handed>) -> ReadAttachment {
    let handed = Arc::clone(handed);
    Arc::new(move |attachment, offset, most| {
        let bytes = read(attachment, offset, most)?;
        let count = bytes.len() as u64;
        handed.bytes.fetch_add(count, Ordering::Relaxed);
        handed.told.notify_one();
        Ok(bytes)
    })
}
