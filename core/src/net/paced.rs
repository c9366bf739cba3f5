//! A socket of which nearly everything that was handed over has left.
//!
//! The kernel would take a whole chunk at once: handed over would say nothing of what arrived, and a
//! stall on a slow line would look like progress, progress like a stall. How much may be on its way
//! is the kernel's affair, which knows the line: a send buffer measured from here starved slow start
//! and cost a tenth of the time on a line of 840 ms. But on 2G the kernel fills the queue of the cell,
//! in which words are then dropped or wait, and the picture's own packets with them: there fewer are on
//! their way than a connection begins with.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
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

/// The buffer of a line in each band, as asked for: the kernel takes twice that, counts 2 KB for a full
/// packet, and takes the one with which it is full: 5, 13 and as many full packets as the line holds.
/// Five keep 18 kbit/s and 1.3 s busy (two are in the air, three in the cell), and words find two seconds
/// of queue before them, not five.
const BUFFERS: [usize; 3] = [5 * 1024, 12 * 1024, 4 * 1024 * 1024];
/// Where the bands meet: 32 and 64 kbit/s. Below the second a second of the line is less than ten
/// packets, below the first less than four. What a small buffer lets through in a round trip of less than
/// 1.8 seconds is more than its band, so that it does not make a line slow.
const EDGES: [u64; 2] = [4_000, 8_000];
/// A faster line is told from this many bytes, a slower one from this long: a lost packet halts any
/// line for a second or two.
const FASTER_BYTES: u64 = 6 * 1024;
const SLOWER_MS: u64 = 4_000;

/// A handshake of TCP that takes so long is one of 2G, or a packet of it was lost: TCP itself sends a
/// SYN again after a second (RFC 6298).
pub(super) const LONG_HANDSHAKE: Duration = Duration::from_secs(1);

/// How fast pictures leave: 0, 1 or 2, or what is supposed. Known to all connections of one run, so that
/// a new one does not fill the queue of a cell again before it has found out.
#[derive(Debug)]
pub(super) struct Band(AtomicUsize);

impl Default for Band {
    fn default() -> Self {
        Self(AtomicUsize::new(Self::UNKNOWN))
    }
}

impl Band {
    const SLOW: usize = 0;
    const UNKNOWN: usize = BUFFERS.len();
    const SUPPOSED_SLOW: usize = Self::UNKNOWN + 1;

    fn now(&self) -> usize {
        match self.0.load(Ordering::Relaxed) {
            // As many packets as any fresh connection sends at once.
            Self::UNKNOWN => 1,
            Self::SUPPOSED_SLOW => Self::SLOW,
            measured => measured,
        }
    }

    /// Was the line found to be below the lower edge? (A gateway with too much to do is slow to shake
    /// hands as well.)
    pub(super) fn is_slow(&self) -> bool {
        self.0.load(Ordering::Relaxed) == Self::SLOW
    }

    fn buffer(&self) -> usize {
        BUFFERS.get(self.now()).copied().unwrap_or_default()
    }

    /// What a handshake says of a line of which nothing is known. Ten packets at once fill the queue of
    /// a cell, and how fast it drains is known seconds later; that a line is fast is known after one
    /// round trip.
    pub(super) fn shaken(&self, took: Duration) {
        if took >= LONG_HANDSHAKE {
            let (from, to) = (Self::UNKNOWN, Self::SUPPOSED_SLOW);
            let relaxed = Ordering::Relaxed;
            let _told = self.0.compare_exchange(from, to, relaxed, relaxed);
        }
    }

    #[cfg(test)]
    pub(super) fn is_found_slow(&self) {
        self.0.store(Self::SLOW, Ordering::Relaxed);
    }
}

/// How fast a full buffer drains.
#[derive(Debug)]
struct Speed {
    since: Option<Instant>,
    taken: u64,
    band: Arc<Band>,
}

impl Speed {
    fn new(band: Arc<Band>) -> Self {
        Self {
            since: None,
            taken: 0,
            band,
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
        let rate = self.taken.saturating_mul(1_000) / passed.max(1);
        let before = self.band.now();
        let band = EDGES.iter().filter(|edge| rate >= **edge).count();
        let is_told = if band > before {
            self.taken >= FASTER_BYTES
        } else {
            passed >= SLOWER_MS
        };
        if !is_told {
            return None;
        }
        (self.since, self.taken) = (Some(now), 0);
        self.band.0.store(band, Ordering::Relaxed);
        (band != before).then(|| self.band.buffer())
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
    /// `handshake`: what connecting took.
    pub(super) fn new(
        stream: TcpStream,
        handshake: Duration,
        pulse: Arc<Pulse>,
        band: Arc<Band>,
    ) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        // Closing then resets, and the kernel throws away what nobody waits for any more. What the
        // far end has received it keeps.
        stream.set_zero_linger()?;
        keep_little_unsent(&stream);
        band.shaken(handshake);
        let buffer = band.buffer();
        let paced = Self {
            stream,
            speed: Speed::new(band),
            pulse,
        };
        paced.hold(buffer);
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
