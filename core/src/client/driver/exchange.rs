//! One exchange as the driver runs it: what it gives way to, and what it reads from the store.

use std::{sync::Arc, time::Duration};

use futures_util::future::{Either, select};
use lapor_engine::{
    api::{self, Action, End, Exchange, RequestContext, WireRequest},
    sync::{Work, more_urgent},
};

use super::{Driver, waiting::LOOK};
use crate::net::{ReadAttachment, Unreadable};

/// How often another process's words are looked for while a picture holds the line.
const GLANCE: Duration = Duration::from_millis(250);
/// A clock that is off by less is right enough; saying so would only tell phones apart. Seconds.
const TELL_SKEW: u64 = 120;

impl Driver<'_> {
    /// One exchange; everything gives way to a cancel.
    pub(super) async fn exchange(
        &self,
        work: &Work,
        action: &Action,
    ) -> (Option<String>, Exchange) {
        let Some(request) = self.request(work, action) else {
            return (None, Exchange::unconnected(End::BodyUnreadable));
        };
        // Reading never waits for the mutex in the middle of a poll for long: each piece is one
        // short call of its own.
        let exchange = self
            .client
            .transport
            .exchange(&request, self.reader(request.body.len()));
        let interrupted = std::pin::pin!(self.interrupted(false, None));
        let exchange = match select(exchange, interrupted).await {
            Either::Left((exchange, _)) => exchange,
            Either::Right(_) => Exchange {
                connected: true,
                ..Exchange::unconnected(End::Aborted)
            },
        };
        (Some(request.nonce.clone()), exchange)
    }

    /// Nothing where the address cannot be written.
    pub(super) fn request(&self, work: &Work, action: &Action) -> Option<WireRequest> {
        let context = RequestContext {
            base: self.gateway.as_url(),
            token: work.account.as_ref().map(|account| &account.access_token),
            nonce: self.client.draw(),
            skew: self.skew.filter(|skew| skew.unsigned_abs() >= TELL_SKEW),
        };
        api::request(action, &context).ok()
    }

    fn reader(&self, length: u64) -> ReadAttachment {
        if length == 0 {
            return Arc::new(|_, _, _| Err(Unreadable));
        }
        self.client.attachment_reader()
    }

    /// What another process wrote; it changes with every write of one.
    pub(super) fn version(&self) -> Option<i64> {
        self.client.store().data_version().ok()
    }

    /// Ends when a cancel comes or the time is over, and for what may yield when words came after
    /// the store was `seen`.
    pub(super) async fn interrupted(&self, may_yield: bool, mut seen: Option<i64>) {
        // Words wait for a picture as long as nobody looks.
        let look = if may_yield { GLANCE } else { LOOK };
        loop {
            let nudged = tokio::time::timeout(look, self.client.gate.nudged())
                .await
                .is_ok();
            if self.is_over() || self.time_left() == Some(Duration::ZERO) {
                return;
            }
            let version = self.version();
            if may_yield && (nudged || seen != version) {
                seen = version;
                let now = self.client.now();
                let work = self.client.store().work(self.run);
                if work.is_ok_and(|work| more_urgent(&work, &self.client.surroundings(), now)) {
                    return;
                }
            }
        }
    }
}
