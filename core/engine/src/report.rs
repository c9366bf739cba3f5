//! The report: what a person writes, within which limits, and where it stands.
//!
//! Owns the form of the real service, its validation, the keys that name a report for life and
//! the statuses the server gives. Never knows how a report is stored or sent.

mod as_it_is;
mod form;
mod frozen;
mod key;
mod status;
mod validate;

pub use as_it_is::AsItIs;
pub use form::{Classification, Edit, Field, Form, Place};
pub use frozen::{AttachmentDigest, FrozenBody, Thawed, freeze, thaw};
pub use key::{BadKey, EventKey, ReportKey, Sha256Hash, TrackingId};
pub use status::{Phase, Status};
pub(crate) use validate::text_problems;
pub use validate::{Code, Limits, Problem, Subject, validate};
