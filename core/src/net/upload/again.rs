//! Words of which 2G lost a packet, once more, over the connection that was made for pictures.
//!
//! Nothing comes behind the last packet of words by which the far end could tell that it is missing. TCP's
//! clock then sends it again, and that has learned of the seconds which earlier words spent behind a
//! picture in the queue of a cell: seven to ten more (`make lab`, N4). The pictures' connection is begun
//! behind the same words and its handshake takes two round trips: where it is ready first, something was
//! lost. Its clock knows of no queue, and it costs these bytes again and no handshake.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use lapor_engine::api::{Body, End, Exchange, Method, WireRequest};
use url::Url;

use super::{Connection, IDLE, Origin, Pieces, UploadLine};
use crate::net::ReadAttachment;

#[cfg(test)]
mod tests;

/// By then rural 2G has answered words that found a connection, with a picture's packets before them: 95
/// of 100 samples. A gateway that takes so long on a quick line is not asked twice.
#[cfg(not(test))]
const LATE: Duration = Duration::from_secs(5);
#[cfg(test)]
const LATE: Duration = Duration::from_millis(50);

impl UploadLine {
    /// The answer to the same request over a connection that is ready for pictures. Never ends where that
    /// is of no use: on a quick line, without such a connection, or where it brings no whole answer. Only
    /// a PUT is the same when it arrives twice. Dropped in its middle, that connection is reset.
    pub(in crate::net) async fn again(
        &self,
        request: &WireRequest,
        allowed: Duration,
        sent: &Arc<AtomicU64>,
    ) -> Exchange {
        if let (Method::Put, Body::Bytes(bytes)) = (request.method, &request.body) {
            tokio::time::sleep(LATE).await;
            if self.place.band.is_slow()
                && let Some(mut connection) = self.ready(&request.url).await
                && connection.requests.ready().await.is_ok()
            {
                let length = bytes.len() as u64;
                sent.fetch_add(length, Ordering::Relaxed);
                let whole = Body::Attachment {
                    attachment: 0,
                    offset: 0,
                    length,
                };
                let (own, unreadable) = <(Arc<AtomicU64>, Arc<AtomicU64>)>::default();
                let pieces = Pieces::of(&whole, reader(bytes.clone()), &own, &unreadable);
                let exchange = self.over(connection, request, pieces, allowed, &own).await;
                if exchange.end == End::Complete {
                    return exchange;
                }
            }
        }
        pending().await
    }

    /// A connection to this place whose handshake is done, or will be. One that is still being made stays
    /// where it is until then: pictures may need it first.
    async fn ready(&self, url: &Url) -> Option<Connection> {
        let wanted = Origin::of(url)?;
        let shaken = {
            let mut kept = self.kept();
            let idle = kept
                .idle
                .iter()
                .position(|(held, since)| held.origin == wanted && since.elapsed() < IDLE);
            if let Some(number) = idle {
                return Some(kept.idle.swap_remove(number).0);
            }
            let coming = kept.coming.as_ref();
            Arc::clone(&coming.filter(|coming| coming.origin == wanted)?.shaken)
        };
        shaken.notified().await;
        let mut coming = self.kept().coming.take()?;
        (&mut coming.task.0).await.ok()?.ok()
    }
}

fn reader(bytes: Vec<u8>) -> ReadAttachment {
    Arc::new(move |_, offset, most| {
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        Ok(bytes.iter().skip(from).take(most).copied().collect())
    })
}
