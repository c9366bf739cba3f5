//! Pictures on the line: a chunk gives way to words, and on a quick line the next picture does not
//! wait until the last one's answer is back.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use lapor_engine::{
    api::{Action, End, Exchange},
    calendar::Clock,
    sync::{Task, Work, beside, more_urgent},
};
use tokio::sync::Notify;

use super::{Driver, SyncEvent, report_of};
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

/// Told when the last byte of a chunk has been asked for. A connection asks when it takes more.
#[derive(Default)]
struct Handed {
    bytes: AtomicU64,
    all: AtomicBool,
    told: Notify,
}

enum Event {
    /// Which of those on the line.
    Landed(usize, Exchange),
    /// The line takes more: only an answer is awaited.
    HandedOver,
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
        let mut may_add = true;
        while !flights.is_empty() {
            match self.next(&mut flights, may_add, seen).await {
                Event::Landed(number, exchange) => {
                    let flight = flights.swap_remove(number);
                    self.lands(flight, exchange)?;
                    may_add = true;
                }
                Event::HandedOver => may_add = false,
                Event::Interrupted => self.give_way(&mut flights)?,
            }
            // Whatever is written from here on is seen by the next look.
            seen = self.version();
            if self.is_urgent()? {
                self.give_way(&mut flights)?;
            } else if let (false, Some(next)) = (may_add, self.beside(&flights)?) {
                flights.push(next);
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
        let handed = Arc::new(Handed::default());
        let read = noticing(self.client.attachment_reader(), &task, &handed);
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

    async fn next(&self, flights: &mut [Flight<'a>], may_add: bool, seen: Option<i64>) -> Event {
        let mut interrupted = pin!(self.interrupted(true, seen));
        let alone = match flights {
            [one] if may_add => Some(Arc::clone(&one.handed)),
            _ => None,
        };
        let mut handed = pin!(async {
            match alone {
                Some(handed) => handed.all().await,
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
            handed.as_mut().poll(context).map(|()| Event::HandedOver)
        })
        .await
    }

    /// The next picture's chunk, where the line and the order of work allow one.
    fn beside(&mut self, flights: &[Flight<'a>]) -> Result<Option<Flight<'a>>, ClientError> {
        let [flying] = flights else {
            return Ok(None);
        };
        if self.is_spent() || self.client.gate.is_closed() {
            return Ok(None);
        }
        let work = self.work()?;
        let now = self.client.now();
        let next = beside(&work, &flying.task, &self.client.surroundings(), now);
        let next = next.and_then(|task| Some((task.action(&work, Vec::new(), None)?, task)));
        next.map(|(action, task)| self.departs(&work, task, action))
            .transpose()
    }

    /// Did words come while an answer was being kept?
    fn is_urgent(&mut self) -> Result<bool, ClientError> {
        if self.client.gate.is_closed() {
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
    async fn all(&self) {
        while !self.all.load(Ordering::Relaxed) {
            self.told.notified().await;
        }
    }
}

/// The same reader, which tells when the chunk's last byte was read.
fn noticing(read: ReadAttachment, task: &Task, handed: &Arc<Handed>) -> ReadAttachment {
    let end = match task {
        Task::UploadChunk { offset, length, .. } => offset + length,
        _ => u64::MAX,
    };
    let handed = Arc::clone(handed);
    Arc::new(move |attachment, offset, most| {
        let bytes = read(attachment, offset, most)?;
        handed
            .bytes
            .fetch_add(bytes.len() as u64, Ordering::Relaxed);
        if offset + bytes.len() as u64 >= end {
            handed.all.store(true, Ordering::Relaxed);
            handed.told.notify_one();
        }
        Ok(bytes)
    })
}
