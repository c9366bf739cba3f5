//! A socket of which nearly everything that was handed over has left.
//!
//! The kernel would take a whole chunk at once: handed over would say nothing of what arrived, and a
//! stall on a slow line would look like progress, progress like a stall. How much may be on its way
//! is the kernel's affair, which knows the line: a send buffer measured from here starved slow start
//! and cost a tenth of the time on a line of 840 ms. But on 2G the kernel fills the queue of the cell,
//! in which words are then dropped: there no more is on its way than a connection begins with.

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

/// What waits in the kernel and has not been sent, bytes: seven seconds of 18 kbit/s, a hundredth of
/// one at 11 Mbit/s.
#[cfg(any(target_os = "android", target_os = "linux"))]
const UNSENT: u32 = 16 * 1024;

/// Ten full packets, as a fresh connection sends at once: the buffer of a slow line, and of one that
/// nothing is known of.
const SMALL: usize = 16 * 1024;
/// The kernel's own limit lies below.
const LARGE: usize = 4 * 1024 * 1024;
/// 64 kbit/s: below, a second of the line is less than ten packets.
const SLOW_BYTES_PER_SECOND: u64 = 8_000;
/// A fast line is told from this many bytes, a slow one from this long: a lost packet halts any line
/// for a second or two.
const FAST_BYTES: u64 = 6 * 1024;
const SLOW_MS: u64 = 4_000;

/// Whether a full buffer drains as that of a slow line does.
#[derive(Debug)]
struct Speed {
    since: Option<Instant>,
    taken: u64,
    is_slow: bool,
}

impl Speed {
    fn unknown() -> Self {
        Self {
            since: None,
            taken: 0,
            is_slow: true,
        }
    }

    /// The line was idle: what it takes now goes into empty buffers.
    fn restart(&mut self) {
        (self.since, self.taken) = (None, 0);
    }

    /// The kernel took no more: from here on it takes what leaves.
    fn full(&mut self, now: Instant) {
        if self.since.is_none() {
            (self.since, self.taken) = (Some(now), 0);
        }
    }

    /// The kernel took `bytes`. The size of the buffer, when it changes.
    fn took(&mut self, bytes: u64, now: Instant) -> Option<usize> {
        let since = self.since?;
        self.taken = self.taken.saturating_add(bytes);
        let passed = u64::try_from(now.duration_since(since).as_millis()).unwrap_or(u64::MAX);
        let is_enough = self.is_slow && self.taken >= FAST_BYTES;
        if !is_enough && passed < SLOW_MS {
            return None;
        }
        let is_slow = self.taken.saturating_mul(1_000) / passed.max(1) < SLOW_BYTES_PER_SECOND;
        (self.since, self.taken) = (Some(now), 0);
        let moved = is_slow != self.is_slow;
        self.is_slow = is_slow;
        moved.then_some(if is_slow { SMALL } else { LARGE })
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

    /// Returns once nothing has moved for so long. Little being unsent, that is the line's doing.
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

/// A TCP connection of that kind. Dropped, it takes back what the kernel has not sent yet.
pub(super) struct Paced {
    stream: TcpStream,
    speed: Speed,
    pulse: Arc<Pulse>,
}

impl Paced {
    pub(super) fn new(stream: TcpStream, pulse: Arc<Pulse>) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        // Closing then resets, and the kernel throws away what nobody waits for any more. What the
        // far end has received it keeps.
        stream.set_zero_linger()?;
        keep_little_unsent(&stream);
        let paced = Self {
            stream,
            speed: Speed::unknown(),
            pulse,
        };
        paced.hold(SMALL);
        Ok(paced)
    }

    fn hold(&self, bytes: usize) {
        // A kernel that refuses keeps its own size: slower to give way, and nothing else.
        let _as_it_was = SockRef::from(&self.stream).set_send_buffer_size(bytes);
    }
}

/// A kernel that refuses keeps what it likes: a stall is seen later, and nothing else.
#[cfg(any(target_os = "android", target_os = "linux"))]
fn keep_little_unsent(stream: &TcpStream) {
    let _as_it_was = SockRef::from(stream).set_tcp_notsent_lowat(UNSENT);
}

/// Elsewhere the buffer is all there is to set.
#[cfg(not(any(target_os = "android", target_os = "linux")))]
fn keep_little_unsent(_: &TcpStream) {}

impl AsyncWrite for Paced {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.pulse.fresh.swap(false, Ordering::Relaxed) {
            self.speed.restart();
        }
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        let now = Instant::now();
        match &written {
            Poll::Pending => self.speed.full(now),
            Poll::Ready(Ok(count)) => {
                self.pulse.moved.fetch_add(*count as u64, Ordering::Relaxed);
                if let Some(size) = self.speed.took(*count as u64, now) {
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
