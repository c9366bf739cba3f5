use super::Reason;

/// What the next try needs of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkNeed {
    /// Runs by the clock, whatever the OS says of the network.
    None,
    /// Worth waking for as soon as any network comes.
    Any,
}

/// When to come back. A duration, not an instant: clocks lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextWake {
    /// Milliseconds from now.
    pub in_ms: u64,
    /// Milliseconds from now by which the OS should have woken us at the latest.
    pub latest_ms: u64,
    pub network: NetworkNeed,
    /// Why there is nothing to do until then; nothing when all is done.
    pub reason: Option<Reason>,
}
