//! The bytes under HTTP: a connection that can be slow and can be cut in the middle.
//!
//! It lies above TLS, so that its counts are HTTP's own; dropping it drops the socket without
//! TLS's farewell, as a dead network would.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;
use tokio_rustls::server::TlsStream;

use crate::wire::Wire;

/// A slow line moves this many pieces a second: smooth enough for a client that judges by rate.
const PIECES_A_SECOND: u64 = 20;
const LARGEST_PIECE: u64 = 16 * 1024;

/// A connection that ends in a TCP socket.
pub(crate) trait Socket: AsyncRead + AsyncWrite + Unpin + Send {
    fn tcp(&self) -> &TcpStream;
}

impl Socket for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Socket for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

pub(crate) struct Line<S: Socket> {
    socket: S,
    wire: Arc<Wire>,
    read_pause: Pause,
    write_pause: Pause,
}

impl<S: Socket> Line<S> {
    pub(crate) fn new(socket: S, wire: Arc<Wire>) -> Self {
        Self {
            socket,
            wire,
            read_pause: Pause::default(),
            write_pause: Pause::default(),
        }
    }

    /// Lets what has been taken out to the peer, then ends the connection.
    fn cut_after_flush(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // An error here means that the peer is gone already.
        let _gone = ready!(Pin::new(&mut self.socket).poll_flush(cx));
        self.wire.cut(false);
        Poll::Pending
    }
}

impl<S: Socket> Drop for Line<S> {
    fn drop(&mut self) {
        if self.wire.resets() {
            // A socket that cannot be told to reset still closes.
            let _closes_anyway = self.socket.tcp().set_zero_linger();
        }
        self.wire.ended();
    }
}

impl<S: Socket> AsyncRead for Line<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.read_pause.poll(cx));
        let Some(rate) = this.wire.bandwidth() else {
            return Pin::new(&mut this.socket).poll_read(cx, buf);
        };
        let mut piece = vec![0; piece(rate).min(buf.remaining())];
        let mut part = ReadBuf::new(&mut piece);
        ready!(Pin::new(&mut this.socket).poll_read(cx, &mut part))?;
        buf.put_slice(part.filled());
        this.read_pause.after(part.filled().len(), rate);
        Poll::Ready(Ok(()))
    }
}

impl<S: Socket> AsyncWrite for Line<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.write_pause.poll(cx));
        let mut most = bytes.len();
        if let Some(left) = this.wire.answer_left() {
            if left == 0 {
                ready!(this.cut_after_flush(cx));
            }
            most = most.min(usize::try_from(left).unwrap_or(usize::MAX));
        }
        let rate = this.wire.bandwidth();
        if let Some(rate) = rate {
            most = most.min(piece(rate));
        }
        let part = bytes.get(..most).unwrap_or(bytes);
        let written = ready!(Pin::new(&mut this.socket).poll_write(cx, part))?;
        this.wire.wrote(part.get(..written).unwrap_or(part));
        if let Some(rate) = rate {
            this.write_pause.after(written, rate);
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.wire.answer_left() == Some(0) {
            ready!(this.cut_after_flush(cx));
        }
        ready!(Pin::new(&mut this.socket).poll_flush(cx))?;
        this.wire.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_shutdown(cx)
    }
}

fn piece(rate: u64) -> usize {
    let bytes = (rate / PIECES_A_SECOND).clamp(1, LARGEST_PIECE);
    usize::try_from(bytes).unwrap_or(1)
}

/// Waits as long as the last piece takes on a line of the given rate.
#[derive(Default)]
struct Pause(Option<Pin<Box<Sleep>>>);

impl Pause {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(sleep) = &mut self.0 {
            ready!(sleep.as_mut().poll(cx));
            self.0 = None;
        }
        Poll::Ready(())
    }

    fn after(&mut self, bytes: usize, rate: u64) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let nanos = bytes.saturating_mul(1_000_000_000) / rate.max(1);
        self.0 = Some(Box::pin(tokio::time::sleep(Duration::from_nanos(nanos))));
    }
}
