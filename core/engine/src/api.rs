//! The wire: what is asked of a gateway, what it may answer, and what an answer means.
//!
//! Owns the shapes of `core/contract/openapi.yaml` as the client uses them and the pure
//! [`judge`], which turns any exchange whatsoever into one [`Outcome`]. Never opens a socket:
//! `lapor-core`'s `net` runs a [`WireRequest`] and brings back an [`Exchange`].

mod answer;
mod event;
mod exchange;
mod judge;
mod outcome;
mod request;

pub use answer::{
    AccountAnswer, ChangesAnswer, CreateAnswer, Deadlines, EventAnswer, FeedItem, KnownAnswer,
    KnownReport, MetaAnswer, Missing, ProblemAnswer, ReportAnswer, SessionAnswer, StoredAttachment,
};
pub use event::{EventBody, EventKind, reports_are_open_to};
pub use exchange::{End, Exchange};
pub use judge::{Circumstance, Marks, judge, marks};
pub use outcome::{Answer, Outcome};
pub use request::{
    Action, BadAddress, Body, CONTRACT_VERSION, Method, Proof, RequestContext, Secret, WireRequest,
    request, skew_seconds,
};
