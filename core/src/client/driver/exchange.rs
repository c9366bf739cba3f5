//! One exchange as the driver runs it: what it gives way to, and what it reads from the store.

use std::{sync::Arc, time::Duration};

use futures_util::future::{Either, select};
use lapor_engine::{
    api::{self, Action, End, Exchange, RequestContext, Secret, WireRequest},
    sync::{AccountId, OperationId, Task, Work, more_urgent},
};

use super::{Driver, waiting::LOOK};
use crate::{
    client::ClientError,
    net::{ReadAttachment, Unreadable},
    store::StoreError,
};

/// How often another process's words are looked for while a picture holds the line.
const GLANCE: Duration = Duration::from_millis(250);
/// A clock that is off by less is right enough; saying so would only tell phones apart. Seconds.
const TELL_SKEW: u64 = 120;

/// A request that had so long when the time was over has had its turn. Otherwise one that hangs would have
/// every window of background work for itself.
const FAIR: Duration = Duration::from_secs(10);

/// What ends an exchange from this side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Deadline,
    /// A cancel, words, or its writer's erasing it.
    Somebody,
}

/// Whose exchange it is, and what it is for.
pub(super) struct OnTheLine {
    account: Option<AccountId>,
    operations: Vec<OperationId>,
}

impl OnTheLine {
    pub(super) fn of<'a>(work: &Work, tasks: impl IntoIterator<Item = &'a Task>) -> Self {
        Self {
            account: work.account.as_ref().map(|account| account.id),
            operations: tasks.into_iter().filter_map(Task::operation).collect(),
        }
    }
}

impl Driver<'_> {
    /// One exchange; everything gives way to a cancel, and to its writer's erasing it.
    pub(super) async fn exchange(
        &self,
        work: &Work,
        task: &Task,
        action: &Action,
    ) -> Result<(Option<String>, Exchange), StoreError> {
        let token = work.account.as_ref().map(|account| &account.access_token);
        self.exchange_with(work, task, action, token).await
    }

    /// Another account's token, which came with a refresh, is ended where it came from. Courtesy.
    pub(super) async fn gives_back(&mut self, work: &Work) -> Result<(), ClientError> {
        if let Some(token) = self.strays.take() {
            let asked = self.exchange_with(work, &Task::Refresh, &Action::SignOut, Some(&token));
            let _outcome = asked.await?;
        }
        Ok(())
    }

    async fn exchange_with(
        &self,
        work: &Work,
        task: &Task,
        action: &Action,
        token: Option<&Secret>,
    ) -> Result<(Option<String>, Exchange), StoreError> {
        let Some(request) = self.request_with(action, token) else {
            return Ok((None, Exchange::unconnected(End::BodyUnreadable)));
        };
        let ended = |end| Exchange {
            connected: true,
            ..Exchange::unconnected(end)
        };
        let line = OnTheLine::of(work, [task]);
        if self.is_erased(&line)? {
            return Ok((Some(request.nonce), ended(End::Aborted)));
        }
        let began = self.client.clock().boot;
        // Reading never waits for the mutex in the middle of a poll for long: each piece is one
        // short call of its own.
        let exchange = self
            .client
            .transport
            .exchange(&request, self.reader(request.body.len()));
        let interrupted = std::pin::pin!(self.interrupted(false, None, &line));
        let exchange = match select(exchange, interrupted).await {
            Either::Left((exchange, _)) => exchange,
            Either::Right((By::Deadline, _)) if self.had_its_time(began) => ended(End::Stalled),
            Either::Right(_) => ended(End::Aborted),
        };
        Ok((Some(request.nonce.clone()), exchange))
    }

    fn had_its_time(&self, began: u64) -> bool {
        let given = self.client.clock().boot.saturating_sub(began);
        Duration::from_millis(given) >= FAIR
    }

    /// Nothing where the address cannot be written.
    pub(super) fn request(&self, work: &Work, action: &Action) -> Option<WireRequest> {
        let token = work.account.as_ref().map(|account| &account.access_token);
        self.request_with(action, token)
    }

    fn request_with(&self, action: &Action, token: Option<&Secret>) -> Option<WireRequest> {
        let context = RequestContext {
            base: self.gateway.as_url(),
            token,
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

    fn is_erased(&self, line: &OnTheLine) -> Result<bool, StoreError> {
        match line.account {
            Some(account) => self.client.store().is_erased(account, &line.operations),
            None => Ok(false),
        }
    }

    /// Ends when a cancel comes, the time is over or what is on the line was erased, and for what may
    /// yield when words came after the store was `seen`.
    pub(super) async fn interrupted(
        &self,
        may_yield: bool,
        mut seen: Option<i64>,
        line: &OnTheLine,
    ) -> By {
        // Words wait for a picture as long as nobody looks.
        let look = if may_yield { GLANCE } else { LOOK };
        loop {
            let nudged = tokio::time::timeout(look, self.client.gate.nudged())
                .await
                .is_ok();
            if self.is_over() {
                return By::Somebody;
            }
            if self.time_left() == Some(Duration::ZERO) {
                return By::Deadline;
            }
            // The bytes of words are in memory by now, and would leave under the token of somebody whom
            // this phone has forgotten. A store that cannot tell has said nothing of the sort.
            if self.is_erased(line) == Ok(true) {
                return By::Somebody;
            }
            let version = self.version();
            if may_yield && (nudged || seen != version) {
                seen = version;
                let now = self.client.now();
                let work = self.client.store().work(self.run);
                if work.is_ok_and(|work| more_urgent(&work, &self.client.surroundings(), now)) {
                    return By::Somebody;
                }
            }
        }
    }
}
