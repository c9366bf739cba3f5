//! The UniFFI surface of the core: what Kotlin, Swift and Python see.
//!
//! Owns conversion and threads, nothing else: no rule about reports, retries or photos is here.
//! Data goes over as records with its words already put into the chosen language; there is one
//! object, [`LaporClient`]. Every error keeps its case and its data. Foreign traits have sync
//! methods only. What touches disk or network is `async` on the other side and runs on threads
//! that the client owns (`lanes`); a call whose future is dropped is cancelled at its next safe
//! point. A panic never crosses: UniFFI hands it over as an internal error.

mod client;
mod errors;
mod form;
mod kinds;
mod lanes;
mod opening;
mod pictures;
mod reasons;
mod rows;

pub use client::{
    Account, BackgroundUpload, ChangeListener, EraseResult, ExportResult, ForgetResult, Health,
    HttpHeader, LaporClient,
};
pub use errors::{GatewayProblem, LaporError, OpenError, ShellError};
pub use form::{Draft, FieldEdit, ReportForm};
pub use opening::{Loss, LossKind, LossVerdict, Notice, OpenOptions, StoreKeys};
pub use pictures::{NewPicture, PictureProblem, PictureWatcher, ReportAttachment};
pub use reasons::{FormProblem, ProblemCode, ProblemSubject, ReportStatus, WaitReason, Wake};
pub use rows::{
    EventLine, ListCursor, ListFilter, ListScreen, OutboxLine, PhaseCount, PictureCount,
    ReportDetails, ReportLine, ServiceCopyShown, Standing, StepResult, UploadProgress,
};

uniffi::setup_scaffolding!();
