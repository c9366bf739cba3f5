//! A socket whose buffer holds about two seconds of the line, whatever the line is.
//!
//! The kernel would take a whole chunk at once, and on a slow line half a minute of it would still
//! travel after words had asked for the line. A small buffer makes what was handed over nearly what
//! arrived: giving way is quick, and a stall is seen.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::Instant,
};

#[cfg(test)]
mod tests;

/// What lies ahead of words on the line at most, besides what the network's own queues hold.
const AHEAD_MS: u64 = 2_000;
/// Ten full packets, as a fresh connection sends at once: with less, a lost one is found by a timer
/// and a connection in slow start waits for its own buffer.
const LEAST: u64 = 16 * 1024;
const MOST: u64 = 4 * 1024 * 1024;
/// Of a line that nothing is known of.
const FIRST: u64 = 32 * 1024;
/// A rate is told from at least so many bytes over so much time.
const SAMPLE_BYTES: u64 = 6 * 1024;
const SAMPLE_MS: u64 = 50;

/// Tells the rate at which a full buffer drains, and what the buffer should be.
#[derive(Debug)]
struct Rate {
    since: Option<Instant>,
    taken: u64,
    buffer: u64,
}

impl Rate {
    fn new() -> Self {
        Self {
            since: None,
            taken: 0,
            buffer: FIRST,
        }
    }

    /// The line was idle: what it takes now goes into empty buffers.
    fn restart(&mut self) {
        self.since = None;
        self.taken = 0;
    }

    /// The kernel took no more: from here on it takes what leaves.
    fn full(&mut self, now: Instant) {
        if self.since.is_none() {
            self.since = Some(now);
            self.taken = 0;
        }
    }

    /// The kernel took `bytes`. The new size, when there is one.
    fn took(&mut self, bytes: u64, now: Instant) -> Option<u64> {
        let since = self.since?;
        self.taken = self.taken.saturating_add(bytes);
        let passed = u64::try_from(now.duration_since(since).as_millis()).unwrap_or(u64::MAX);
        if self.taken < SAMPLE_BYTES || passed < SAMPLE_MS {
            return None;
        }
        let ahead = self.taken.saturating_mul(AHEAD_MS) / passed.max(1);
        (self.since, self.taken) = (Some(now), 0);
        // A cell that is late for a moment is not a slow line: it shrinks by steps.
        let buffer = ahead.max(self.buffer / 4 * 3).clamp(LEAST, MOST);
        let moved = buffer.abs_diff(self.buffer) > self.buffer / 8;
        moved.then(|| {
            self.buffer = buffer;
            buffer
        })
    }
}

/// What a socket and those who wait for an answer on it tell one another.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    /// Set before a request: the line was idle.
    fresh: AtomicBool,
    /// Bytes that went either way.
    moved: AtomicU64,
}

impl Pulse {
    pub(super) fn begins(&self) {
        self.fresh.store(true, Ordering::Relaxed);
    }

    /// Returns once nothing has moved for so long. The buffer being small, that is the line's doing.
    pub(super) async fn stops(&self, silence: Duration) {
        let mut seen = self.moved.load(Ordering::Relaxed);
        loop {
            tokio::time::sleep(silence).await;
            let now = self.moved.load(Ordering::Relaxed);
            if now == seen {
                return;
            }
            seen = now;
        }
    }
}

/// A TCP connection with such a buffer. Dropped, it takes back what the kernel has not sent yet.
pub(super) struct Paced {
    stream: TcpStream,
    rate: Rate,
    pulse: Arc<Pulse>,
}

impl Paced {
    pub(super) fn new(stream: TcpStream, pulse: Arc<Pulse>) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        // Closing then resets, and the kernel throws away what nobody waits for any more. What the
        // far end has received it keeps.
        stream.set_zero_linger()?;
        let paced = Self {
            stream,
            rate: Rate::new(),
            pulse,
        };
        paced.hold(FIRST);
        Ok(paced)
    }

    fn hold(&self, bytes: u64) {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        // A kernel that refuses keeps its own size: slower to give way, and nothing else.
        let _as_it_was = SockRef::from(&self.stream).set_send_buffer_size(bytes);
    }
}

impl AsyncWrite for Paced {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.pulse.fresh.swap(false, Ordering::Relaxed) {
            self.rate.restart();
        }
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        let now = Instant::now();
        match &written {
            Poll::Pending => self.rate.full(now),
            Poll::Ready(Ok(count)) => {
                self.pulse.moved.fetch_add(*count as u64, Ordering::Relaxed);
                if let Some(size) = self.rate.took(*count as u64, now) {
                    self.hold(size);
                }
            }
            Poll::Ready(Err(_)) => {}
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl AsyncRead for Paced {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, into);
        let count = into.filled().len().saturating_sub(before);
        self.pulse.moved.fetch_add(count as u64, Ordering::Relaxed);
        read
    }
}

/// Connects to the first address that answers. `longest` is for all of them.
pub(super) async fn connect(host: &str, port: u16, longest: Duration) -> Result<TcpStream, Miss> {
    let looked_up = tokio::net::lookup_host((host, port)).await;
    let addresses: Vec<_> = looked_up.map_err(|_| Miss::Name)?.collect();
    let share = longest / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
    for address in addresses {
        if let Ok(Ok(stream)) = tokio::time::timeout(share, TcpStream::connect(address)).await {
            return Ok(stream);
        }
    }
    Err(Miss::Line)
}

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Miss {
    Name,
    Line,
}
