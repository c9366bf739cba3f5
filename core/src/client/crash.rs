/// Where QA may let the process die, to see that the next one goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrashPoint {
    /// Accepted, and nobody was told.
    Submitted,
    /// Marked as perhaps sent, not a byte on the line.
    Begun,
    /// The answer has arrived and is not stored.
    Answered,
    /// The outcome is stored and nobody was told.
    Settled,
}

impl CrashPoint {
    pub const ALL: [Self; 4] = [Self::Submitted, Self::Begun, Self::Answered, Self::Settled];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Begun => "begun",
            Self::Answered => "answered",
            Self::Settled => "settled",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|point| point.as_str() == word)
    }
}

impl super::Client {
    pub(super) fn reached(&self, point: CrashPoint) {
        if self.crash_at == Some(point) {
            std::process::abort();
        }
    }
}
