//! A phone with one report, and what decides when it tries: the engine itself, or a peer.

use lapor_engine::{
    api::{Action, Circumstance, End, Exchange, Secret, judge},
    calendar::{Due, Instant},
    report::ReportKey,
    sync::{
        Account, AccountId, Change, Network, Operation, OperationId, OperationKind, OperationState,
        Origin, Pages, Reason, RunId, SessionState, Settling, Step, Surroundings, Task, Work,
        network_changed, plan, settle,
    },
};

use crate::{
    dice::Dice,
    gateway::{Fate, Ms},
};

/// Virtual 0: an instant after every build, so that no clock is implausible.
const EPOCH: Instant = Instant(1_795_000_000_000);
const NONCE: &str = "0123456789abcdef01234567";
const CREATED: &str =
    r#"{"tracking_id":"1916449","revision":1,"status":"unverified","deadlines":{},"missing":[]}"#;

/// What decides when a phone tries again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Policy {
    /// `core/engine`: plan, judge, settle, network_changed.
    Engine,
    /// The same interval every time, and at once when a network comes.
    Fixed,
    /// 2 s doubled by every failure up to 5 minutes, no jitter, and at once when a network comes.
    Exponential,
}

impl Policy {
    pub(crate) const ALL: [Self; 3] = [Self::Engine, Self::Fixed, Self::Exponential];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Engine => "lapor",
            Self::Fixed => "fixed",
            Self::Exponential => "exponential",
        }
    }
}

const FIXED_MS: Ms = 60_000;
const EXPONENTIAL_FIRST_MS: Ms = 2_000;
const EXPONENTIAL_MAX_MS: Ms = 300_000;

/// What a phone does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// A request goes out now.
    Ask,
    /// Looks again after so many milliseconds.
    Wait(Ms),
    /// Its report is at the gateway, and nothing else is due.
    Done,
}

/// One phone.
pub(crate) enum Phone {
    Engine(Box<Real>),
    Peer(Peer),
}

impl Phone {
    pub(crate) fn new(policy: Policy, network: bool, at: Ms, dice: &mut Dice) -> Self {
        match policy {
            Policy::Engine => Self::Engine(Box::new(Real::new(network, at, dice))),
            Policy::Fixed | Policy::Exponential => Self::Peer(Peer {
                doubles: policy == Policy::Exponential,
                network,
                failures: 0,
                due: at,
                left: 1,
            }),
        }
    }

    pub(crate) fn next(&mut self, now: Ms) -> Next {
        match self {
            Self::Engine(real) => real.next(now),
            Self::Peer(peer) => peer.next(now),
        }
    }

    /// Whether its request can leave the phone at all.
    pub(crate) fn has_network(&self) -> bool {
        match self {
            Self::Engine(real) => real.has_network,
            Self::Peer(peer) => peer.network,
        }
    }

    /// What came of its request. True when its report arrived by it.
    pub(crate) fn heard(&mut self, now: Ms, fate: Fate) -> bool {
        match self {
            Self::Engine(real) => real.heard(now, fate),
            Self::Peer(peer) => peer.heard(now, fate),
        }
    }

    pub(crate) fn network_came(&mut self, now: Ms) {
        match self {
            Self::Engine(real) => real.network_came(now),
            Self::Peer(peer) => {
                peer.network = true;
                peer.failures = 0;
                peer.due = now;
            }
        }
    }
}

/// What the client keeps between its calls of the engine: the store as plain values.
pub(crate) struct Real {
    work: Work,
    surroundings: Surroundings,
    has_network: bool,
    asking: Option<Task>,
}

impl Real {
    fn new(network: bool, at: Ms, dice: &mut Dice) -> Self {
        let now = instant(at);
        let mut secret = [0; 32];
        for (byte, rolled) in secret
            .iter_mut()
            .zip((0..4).flat_map(|_| dice.roll().to_be_bytes()))
        {
            *byte = rolled;
        }
        let account = AccountId(2);
        let create = Operation {
            id: OperationId(1),
            account,
            report: ReportKey([7; 16]),
            kind: OperationKind::CreateReport,
            attachment: None,
            event: None,
            follows: None,
            is_free: true,
            state: OperationState::Waiting,
            attempts: 0,
            streak: 0,
            due: Due::now(now),
            maybe_sent: false,
            owner: None,
            reason: Some(Reason::NotTried),
            tried_at: None,
        };
        let work = Work {
            run: RunId("fleet".to_owned()),
            account: Some(Account {
                id: account,
                server_id: "1".to_owned(),
                access_token: Secret::new("a".to_owned()),
                refresh_token: Secret::new("r".to_owned()),
                session: SessionState::Good,
                refreshed: false,
                cursor: Some("c".to_owned()),
                // Looked at just before: due again after the outage, like on most phones.
                pull_due: Due::after(now, 15 * 60_000),
                epoch: Some("e".to_owned()),
                unverified_keys: Vec::new(),
            }),
            operations: vec![create],
            uploads: Vec::new(),
            origin: Origin::free(),
            install_secret: secret,
            last_server_date: None,
            pictures_unmetered_only: false,
        };
        Self {
            work,
            surroundings: Surroundings {
                network: if network { Network::Up } else { Network::None },
                ..Surroundings::default()
            },
            has_network: network,
            asking: None,
        }
    }

    fn next(&mut self, now: Ms) -> Next {
        match plan(&self.work, &self.surroundings, instant(now)) {
            Step::Send(task) => {
                let row = task
                    .operation()
                    .and_then(|id| self.work.operations.iter_mut().find(|row| row.id == id));
                if let Some(row) = row {
                    row.maybe_sent |= task.marks_maybe_sent();
                    row.state = OperationState::InFlight;
                    row.owner = Some(self.work.run.clone());
                }
                self.asking = Some(task);
                Next::Ask
            }
            Step::Wait(_) if self.work.operations.is_empty() => Next::Done,
            Step::Wait(wake) => Next::Wait(wake.in_ms.max(1)),
        }
    }

    fn heard(&mut self, now: Ms, fate: Fate) -> bool {
        let Some(task) = self.asking.take() else {
            return false;
        };
        let Some(action) = task.action(&self.work, Vec::new(), None) else {
            return false;
        };
        let now = instant(now);
        let circumstance = Circumstance {
            now,
            built_at: EPOCH,
            last_server_date: None,
        };
        let outcome = judge(&action, NONCE, &exchange(&action, fate), &circumstance);
        let changes = settle(&Settling {
            work: &self.work,
            task: &task,
            outcome: &outcome,
            now,
            took_ms: 100,
            surroundings: self.surroundings,
            pages: Pages::NONE,
            epoch: None,
            server_date: None,
        });
        let mut arrived = false;
        for change in changes {
            arrived |= matches!(change, Change::Created { .. });
            self.keep(change);
        }
        arrived
    }

    /// The store's part, for the few changes that can come here.
    fn keep(&mut self, change: Change) {
        match change {
            Change::Operation(update) => {
                for row in self
                    .work
                    .operations
                    .iter_mut()
                    .filter(|row| row.id == update.id)
                {
                    row.state = update.state;
                    row.attempts = update.attempts;
                    row.streak = update.streak;
                    row.due = update.due;
                    row.reason = update.reason.clone();
                    row.tried_at = update.tried_at;
                    row.owner = None;
                }
                self.work.operations.retain(|row| !row.state.is_finished());
            }
            Change::Origin(origin) => self.work.origin = origin,
            Change::PullDue { due, .. } => {
                if let Some(account) = &mut self.work.account {
                    account.pull_due = due;
                }
            }
            _ => {}
        }
    }

    /// As `Client::set_surroundings` does it.
    fn network_came(&mut self, now: Ms) {
        let before = self.surroundings.network;
        self.has_network = true;
        self.surroundings.network = Network::Up;
        for change in network_changed(&self.work, before, Network::Up, instant(now)) {
            self.keep(change);
        }
    }
}

fn instant(at: Ms) -> Instant {
    EPOCH.plus(at)
}

/// What the transport would bring back.
fn exchange(action: &Action, fate: Fate) -> Exchange {
    let mark = || {
        [("lapor-contract", "1"), ("lapor-request", NONCE)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec()
    };
    let answer = |status: u16, headers: Vec<(String, String)>, body: String| Exchange {
        connected: true,
        sent: 0,
        status: Some(status),
        headers,
        body: body.into_bytes(),
        end: End::Complete,
    };
    match fate {
        Fate::Refused => Exchange::unconnected(End::NoConnection),
        Fate::Busy {
            retry_after,
            marked,
        } => {
            let mut headers = if marked { mark() } else { Vec::new() };
            headers
                .extend(retry_after.map(|seconds| ("retry-after".to_owned(), seconds.to_string())));
            answer(503, headers, String::new())
        }
        Fate::Answered { .. } => match action {
            Action::Create { .. } => answer(201, mark(), CREATED.to_owned()),
            Action::Changes { .. } => answer(304, mark(), String::new()),
            _ => {
                let limits = lapor_engine::report::Limits::default();
                answer(
                    200,
                    mark(),
                    serde_json::json!({ "limits": limits }).to_string(),
                )
            }
        },
    }
}

/// What many apps do: send the report. (The engine asks for news as well, and probes a line that was
/// gone: it has the harder part.)
pub(crate) struct Peer {
    doubles: bool,
    network: bool,
    failures: u32,
    due: Ms,
    left: u8,
}

impl Peer {
    fn next(&self, now: Ms) -> Next {
        match (self.left, self.due.saturating_sub(now)) {
            (0, _) => Next::Done,
            (_, 0) => Next::Ask,
            (_, wait) => Next::Wait(wait),
        }
    }

    fn heard(&mut self, now: Ms, fate: Fate) -> bool {
        if matches!(fate, Fate::Answered { .. }) {
            self.failures = 0;
            self.left = self.left.saturating_sub(1);
            self.due = now;
            return true;
        }
        self.failures = self.failures.saturating_add(1);
        let doublings = self.failures.saturating_sub(1).min(20);
        self.due = now
            + if self.doubles {
                (EXPONENTIAL_FIRST_MS << doublings).min(EXPONENTIAL_MAX_MS)
            } else {
                FIXED_MS
            };
        false
    }
}
