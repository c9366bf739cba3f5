//! A socket of which nearly everything that was handed over has left.
//!
//! The kernel would take a whole chunk at once: handed over would say nothing of what arrived, and a
//! stall on a slow line would look like progress, progress like a stall. How much may be on its way
//! is the kernel's affair, which knows the line: a send buffer measured from here starved slow start
//! and cost a tenth of the time on a line of 840 ms.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

#[cfg(test)]
mod tests;

/// What waits in the kernel and has not been sent, bytes: seven seconds of 18 kbit/s, a hundredth of
/// one at 11 Mbit/s.
const UNSENT: u32 = 16 * 1024;

/// What a socket and those who wait for an answer on it tell one another.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    /// Bytes that went either way.
    moved: AtomicU64,
}

impl Pulse {
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
    pulse: Arc<Pulse>,
}

impl Paced {
    pub(super) fn new(stream: TcpStream, pulse: Arc<Pulse>) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        // Closing then resets, and the kernel throws away what nobody waits for any more. What the
        // far end has received it keeps.
        stream.set_zero_linger()?;
        keep_little_unsent(&stream);
        Ok(Self { stream, pulse })
    }
}

/// A kernel that refuses keeps what it likes: a stall is seen later, and nothing else.
#[cfg(any(target_os = "android", target_os = "linux"))]
fn keep_little_unsent(stream: &TcpStream) {
    let _as_it_was = SockRef::from(stream).set_tcp_notsent_lowat(UNSENT);
}

/// Without that option the whole buffer is small, which costs speed on long fast lines.
#[cfg(not(any(target_os = "android", target_os = "linux")))]
fn keep_little_unsent(stream: &TcpStream) {
    let _as_it_was = SockRef::from(stream).set_send_buffer_size(2 * UNSENT as usize);
}

impl AsyncWrite for Paced {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(count)) = &written {
            self.pulse.moved.fetch_add(*count as u64, Ordering::Relaxed);
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
