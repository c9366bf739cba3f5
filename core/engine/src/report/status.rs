use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[cfg(test)]
mod tests;

/// Where a report stands at the service. Three vocabularies coexist there and new words come:
/// what is not known survives untouched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Belum Terverifikasi
    Unverified,
    Verified,
    /// Terdisposisi Belum Ditindaklanjuti
    Disposed,
    /// Terdisposisi Sedang Diproses
    InProgress,
    /// Tertunda
    Postponed,
    /// Terdisposisi Selesai
    Closed,
    /// Arsip
    Archived,
    /// Bukan Wewenang
    NotOurAuthority,
    Withdrawn,
    Other(String),
}

impl Status {
    pub fn as_str(&self) -> &str {
        match self {
            Self::Unverified => "unverified",
            Self::Verified => "verified",
            Self::Disposed => "disposed",
            Self::InProgress => "in_progress",
            Self::Postponed => "postponed",
            Self::Closed => "closed",
            Self::Archived => "archived",
            Self::NotOurAuthority => "not_our_authority",
            Self::Withdrawn => "withdrawn",
            Self::Other(word) => word,
        }
    }

    /// The day by which it is to be verified still lies ahead of the service.
    pub fn is_to_be_verified(&self) -> bool {
        matches!(self, Self::Unverified | Self::Other(_))
    }

    /// So does the day by which the institution is to follow it up.
    pub fn is_to_be_followed_up(&self) -> bool {
        match self {
            Self::Unverified
            | Self::Verified
            | Self::Disposed
            | Self::Postponed
            | Self::Other(_) => true,
            Self::InProgress
            | Self::Closed
            | Self::Archived
            | Self::NotOurAuthority
            | Self::Withdrawn => false,
        }
    }

    pub fn parse(word: &str) -> Self {
        match word {
            "unverified" => Self::Unverified,
            "verified" => Self::Verified,
            "disposed" => Self::Disposed,
            "in_progress" => Self::InProgress,
            "postponed" => Self::Postponed,
            "closed" => Self::Closed,
            "archived" => Self::Archived,
            "not_our_authority" => Self::NotOurAuthority,
            "withdrawn" => Self::Withdrawn,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Self::parse(&String::deserialize(d)?))
    }
}

/// Where a report stands on this phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Being written.
    Draft,
    /// Put away by its writer; can be brought back.
    Discarded,
    /// Accepted: the body is frozen, its way to the service has begun.
    Queued,
    /// The service has confirmed it with a tracking id.
    Sent,
    /// The writer took it back; the service has not yet confirmed.
    Withdrawing,
    /// Taken back, and confirmed where it might have been sent.
    Withdrawn,
    /// The service refused what was written; can be edited and submitted again under its key.
    Rejected,
    /// The service knows other words under this key; the writer decides.
    KeyTaken,
    /// As `KeyTaken`, and another report of its writer's, submitted, goes on in its place.
    Superseded,
}

impl Phase {
    pub const ALL: [Self; 9] = [
        Self::Draft,
        Self::Discarded,
        Self::Queued,
        Self::Sent,
        Self::Withdrawing,
        Self::Withdrawn,
        Self::Rejected,
        Self::KeyTaken,
        Self::Superseded,
    ];

    /// The word in the store, in `--json` and in the bindings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Discarded => "discarded",
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Withdrawing => "withdrawing",
            Self::Withdrawn => "withdrawn",
            Self::Rejected => "rejected",
            Self::KeyTaken => "key_taken",
            Self::Superseded => "superseded",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.as_str() == word)
    }

    /// May its words and pictures be changed?
    pub fn is_editable(self) -> bool {
        matches!(self, Self::Draft | Self::Rejected)
    }
}
