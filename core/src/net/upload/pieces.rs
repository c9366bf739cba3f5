use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use lapor_engine::api::Body;

use super::super::{ReadAttachment, Unreadable, http::PIECE};

/// A part of a picture, piece by piece: never whole in memory, no statement of the store open
/// between two pieces.
pub(super) struct Pieces {
    read: ReadAttachment,
    attachment: i64,
    at: u64,
    left: u64,
    sent: Arc<AtomicU64>,
    unreadable: Arc<AtomicU64>,
}

impl Pieces {
    pub(super) fn of(
        body: &Body,
        read: ReadAttachment,
        sent: &Arc<AtomicU64>,
        unreadable: &Arc<AtomicU64>,
    ) -> Self {
        let (attachment, at, left) = match body {
            Body::Attachment {
                attachment,
                offset,
                length,
            } => (*attachment, *offset, *length),
            Body::None | Body::Bytes(_) => (0, 0, 0),
        };
        Self {
            read,
            attachment,
            at,
            left,
            sent: Arc::clone(sent),
            unreadable: Arc::clone(unreadable),
        }
    }
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = Unreadable;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Unreadable>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let want = usize::try_from(self.left).unwrap_or(PIECE).min(PIECE);
        let bytes = match (self.read)(self.attachment, self.at, want) {
            Ok(bytes) if !bytes.is_empty() => bytes,
            _ => {
                self.unreadable.fetch_add(1, Ordering::Relaxed);
                return Poll::Ready(Some(Err(Unreadable)));
            }
        };
        let count = bytes.len() as u64;
        self.at = self.at.saturating_add(count);
        self.left = self.left.saturating_sub(count);
        self.sent.fetch_add(count, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from(bytes)))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
