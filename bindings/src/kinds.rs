//! The core's own words, unchanged on the other side. A word that the core adds does not compile
//! here until it is carried over. Names that would meet one of Swift's or Kotlin's get another.

use lapor_core::{
    client, engine,
    engine::report::{EventKey, ReportKey, Sha256Hash, TrackingId},
    photo,
};

use crate::errors::LaporError;

type Phase = engine::report::Phase;
type Classification = engine::report::Classification;
type Field = engine::report::Field;
type EventKind = engine::api::EventKind;
type OperationKind = engine::sync::OperationKind;
type OperationState = engine::sync::OperationState;
type ServiceCopy = engine::sync::ServiceCopy;
type Network = engine::sync::Network;
type NetworkNeed = engine::sync::NetworkNeed;
type Captive = engine::sync::Captive;
type SessionState = engine::sync::SessionState;
type Surroundings = engine::sync::Surroundings;
type Place = engine::report::Place;
type Lang = engine::words::Lang;
type Changed = client::Changed;
type Withdrawal = client::Withdrawal;
type Until = client::Until;
type Settings = client::Settings;
type PictureThreads = client::PictureThreads;
type Format = photo::Format;
type FileKind = photo::FileKind;
type MemoryReason = photo::MemoryReason;
type Stage = photo::Stage;
type Flow = photo::Flow;

uniffi::custom_type!(
    /// Names a report for life; a UUID in lower case.
    ReportKey, String, {
        remote,
        lower: |key| key.to_string(),
        try_lift: |text| text.parse().map_err(|_| LaporError::not_a_key().into()),
    }
);

uniffi::custom_type!(
    /// Names a reply, a rating, ... for life; a UUID in lower case.
    EventKey, String, {
        remote,
        lower: |key| key.to_string(),
        try_lift: |text| text.parse().map_err(|_| LaporError::not_a_key().into()),
    }
);

uniffi::custom_type!(
    /// The number under which the service knows a report, without the `#` that people put before it.
    TrackingId, String, {
        remote,
        lower: |id| id.0,
        try_lift: |text| Ok(TrackingId(text)),
    }
);

uniffi::custom_type!(
    /// SHA-256, 64 hexadecimal digits in lower case.
    Sha256Hash, String, {
        remote,
        lower: |hash| hash.to_string(),
        try_lift: |text| text.parse().map_err(|_| LaporError::not_a_key().into()),
    }
);

/// A language that the core speaks.
#[uniffi::remote(Enum)]
#[uniffi(name = "Language")]
pub enum Lang {
    /// Bahasa Indonesia
    Id,
    En,
}

/// What kind of thing changed: nothing more, pull a snapshot.
#[uniffi::remote(Enum)]
#[uniffi(name = "Change")]
pub enum Changed {
    Reports,
    Outbox,
    Account,
}

/// Where a report stands on this phone.
#[uniffi::remote(Enum)]
#[uniffi(name = "ReportPhase")]
pub enum Phase {
    /// Being written.
    Draft,
    /// Put away by its writer; can be brought back.
    Discarded,
    /// Accepted: it will arrive.
    Queued,
    /// The service has confirmed it with a tracking id.
    Sent,
    /// The writer took it back; the service has not yet confirmed.
    Withdrawing,
    /// Taken back, and confirmed where it might have been sent.
    Withdrawn,
    /// The service refused what was written; can be edited and submitted again.
    Rejected,
    /// The service knows other words under this key; the writer decides.
    KeyTaken,
    /// The same, and another report of the writer's, submitted, goes on in its place.
    Superseded,
}

/// What a report is.
#[uniffi::remote(Enum)]
pub enum Classification {
    /// PENGADUAN
    Complaint,
    /// PERMINTAAN INFORMASI
    InformationRequest,
    /// ASPIRASI
    Aspiration,
}

/// A field of the form.
#[uniffi::remote(Enum)]
#[uniffi(name = "FormField")]
pub enum Field {
    Classification,
    Title,
    Content,
    IncidentDate,
    Location,
    AreaCode,
    InstitutionId,
    CategoryId,
    Anonymous,
    Secret,
    Place,
    Text,
    Rating,
}

/// Degrees, WGS 84.
#[uniffi::remote(Record)]
pub struct Place {
    pub latitude: f64,
    pub longitude: f64,
}

/// What a person does to a report that is on its way or there.
#[uniffi::remote(Enum)]
pub enum EventKind {
    Reply,
    FollowUp,
    Rate,
    Close,
    Support,
    Forward,
}

/// What a row of the outbox is to do.
#[uniffi::remote(Enum)]
pub enum OperationKind {
    CreateReport,
    Withdraw,
    AddEvent,
    UploadAttachment,
    /// Asks for the words that the service has under a key that it knows with others.
    FetchCopy,
}

/// How far a row of the outbox is.
#[uniffi::remote(Enum)]
pub enum OperationState {
    Waiting,
    InFlight,
    /// Needs the person, or the daily try.
    Paused,
    /// The gateway said so.
    Done,
    /// Will never be sent; the reason says why.
    Ended,
}

/// What is known of the service's copy of a report whose key it knows with other words.
#[uniffi::remote(Enum)]
pub enum ServiceCopy {
    /// Not on this phone yet: it is asked for by itself.
    Awaited,
    /// Other words than those written here: show both.
    Other,
    /// It says the same, though its bytes are others.
    Same,
    /// Nothing of it stands there any more.
    TakenBack,
    /// The service shows this account nothing of it.
    NotShown,
}

/// How a report was taken back.
#[uniffi::remote(Enum)]
pub enum Withdrawal {
    /// It was never on the wire: gone, for good.
    Done,
    /// It may have arrived: the service is asked. The screen says "taking it back".
    Asked,
}

/// Does the OS say that there is a network?
#[uniffi::remote(Enum)]
#[uniffi(name = "NetworkState")]
pub enum Network {
    Unknown,
    None,
    Up,
}

/// Does the OS say that the wifi wants a sign-in of its own?
#[uniffi::remote(Enum)]
#[uniffi(name = "CaptivePortal")]
pub enum Captive {
    Yes,
    No,
    Unknown,
}

/// What the shell knows of the phone's surroundings.
#[uniffi::remote(Record)]
pub struct Surroundings {
    pub network: Network,
    /// The person pays by the byte.
    pub metered: bool,
    pub captive: Captive,
}

/// What the next try needs of the network.
#[uniffi::remote(Enum)]
pub enum NetworkNeed {
    /// Runs by the clock, whatever the OS says of the network.
    None,
    /// Worth waking for as soon as any network comes.
    Any,
}

/// How good a sign-in still is.
#[uniffi::remote(Enum)]
pub enum SessionState {
    Good,
    /// Refreshes itself with the next exchange.
    Expired,
    /// Only the person can go on.
    Ended,
}

/// How far a sync goes.
#[uniffi::remote(Enum)]
#[uniffi(name = "SyncUntil")]
pub enum Until {
    /// Everything that is due now.
    NothingDue,
    /// Until nothing is left that could go without the person; waits are waited for.
    Idle,
    /// Until cancelled: what an app in the foreground wants.
    Cancelled,
}

/// On how many threads a picture is made. It is the same picture; a second thread only makes it sooner.
#[uniffi::remote(Enum)]
pub enum PictureThreads {
    /// Two where the phone lets this app run on more than one processor, else one: the usual.
    ByPhone,
    /// For a phone that gets hot, or has other work.
    One,
    Two,
}

/// What the person, or the ministry, may choose on this phone.
#[uniffi::remote(Record)]
#[uniffi(name = "LaporSettings")]
pub struct Settings {
    /// A picture is made at most this large, bytes; never below 20 KiB.
    pub picture_bytes: u64,
    /// The longer side of a picture, pixels; never below 320.
    pub picture_edge: u32,
    pub picture_threads: PictureThreads,
    /// For whoever pays for each byte, or has told the system so (Android's data saver, iOS's low data
    /// mode): a picture is made at most 150 KiB large, whatever `picture_bytes` allows.
    pub low_data: bool,
    /// Pictures wait for a line that costs nothing; words never do.
    pub pictures_unmetered_only: bool,
}

/// What a file is by its first bytes.
#[uniffi::remote(Enum)]
#[uniffi(name = "FileFormat")]
pub enum Format {
    Jpeg,
    Png,
    Pdf,
    Heic,
    Avif,
    WebP,
    Gif,
    Bmp,
    Tiff,
    JpegXl,
    Video,
}

/// What lies at a path that is no regular file.
#[uniffi::remote(Enum)]
pub enum FileKind {
    Directory,
    Fifo,
    Socket,
    Device,
    Other,
}

/// Why a picture must be held in memory as a whole.
#[uniffi::remote(Enum)]
pub enum MemoryReason {
    SeveralScans,
    Interlaced,
}

/// What is being done to a picture.
#[uniffi::remote(Enum)]
#[uniffi(name = "PictureStage")]
pub enum Stage {
    Decoding,
    Encoding,
}

/// Whether to go on with a picture.
#[uniffi::remote(Enum)]
#[uniffi(name = "PictureFlow")]
pub enum Flow {
    Continue,
    Cancel,
}
