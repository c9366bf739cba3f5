//! Why a client was not opened.

use lapor_core::{client::OpenClientError, engine::words::Lang, net::BadGateway, store, words};

/// Why a client cannot be opened. Nothing was changed, and nothing was made in its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum OpenError {
    /// The key or the install id has the wrong length: a fault of the caller.
    #[error("the key has 32 bytes and the install id 16, not {key} and {install}")]
    KeyLength {
        key: u64,
        install: u64,
        words: String,
    },
    #[error("the address of the gateway cannot be used")]
    Gateway {
        problem: GatewayProblem,
        words: String,
    },
    /// Not certificates in PEM.
    #[error("the extra root certificates cannot be read")]
    Authority { words: String },
    /// `store_exists`: there are reports here that only the lost key opens. Never make a new key
    /// in its place; ask the person.
    #[error("no key was given (a store exists: {store_exists})")]
    KeyMissing { store_exists: bool, words: String },
    #[error("this key does not open this store")]
    WrongKey { words: String },
    /// Wrong key and damaged store look alike here: nothing may be touched.
    #[error("the store does not open and its key check is damaged")]
    KeyCheckDamaged { words: String },
    /// The phone was not unlocked since it started. Try again after it was; reset nothing.
    #[error("storage is locked by the system")]
    StorageLocked { words: String },
    #[error("the store is of version {found}, this app knows {known}")]
    NewerStore {
        found: u32,
        known: u32,
        words: String,
    },
    #[error("{bytes} bytes of free space are needed to bring the store up to date")]
    NeedsSpace { bytes: u64, words: String },
    #[error(
        "the store is damaged; to save what can be read {bytes} bytes of free space are needed"
    )]
    SalvageNeedsSpace { bytes: u64, words: String },
    #[error("the disk is full")]
    DiskFull { words: String },
    /// The app was put together wrongly: its SQLite would write plain text.
    #[error("the database library does not encrypt ({version})")]
    NotEncrypted { version: String, words: String },
    #[error("the home of the store is not a folder")]
    NotAFolder { words: String },
    #[error("too many damaged stores were set aside here")]
    TooManySetAside { words: String },
    /// Another process makes, migrates or mends the store: try again.
    #[error("another process uses the store")]
    Busy { words: String },
    #[error("reading or writing the store failed: {kind}")]
    Io { kind: String, words: String },
    #[error("the database failed with code {code}")]
    Database { code: i32, words: String },
    /// The system would not give a thread.
    #[error("no thread could be started: {kind}")]
    NoThread { kind: String, words: String },
}

/// What is wrong with the address of a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum GatewayProblem {
    NotAUrl,
    NotHttps,
    /// Plain HTTP goes to this machine only.
    PlainHttp,
    HoldsCredentials,
}

#[uniffi::export]
impl OpenError {
    /// What to show the person: what happened and what helps, in the language of the options.
    pub fn in_words(&self) -> String {
        match self {
            Self::KeyLength { words, .. }
            | Self::Gateway { words, .. }
            | Self::Authority { words, .. }
            | Self::KeyMissing { words, .. }
            | Self::WrongKey { words, .. }
            | Self::KeyCheckDamaged { words, .. }
            | Self::StorageLocked { words, .. }
            | Self::NewerStore { words, .. }
            | Self::NeedsSpace { words, .. }
            | Self::SalvageNeedsSpace { words, .. }
            | Self::DiskFull { words, .. }
            | Self::NotEncrypted { words, .. }
            | Self::NotAFolder { words, .. }
            | Self::TooManySetAside { words, .. }
            | Self::Busy { words, .. }
            | Self::Io { words, .. }
            | Self::Database { words, .. }
            | Self::NoThread { words, .. } => words.clone(),
        }
    }

    /// In English, for a log.
    pub fn log_line(&self) -> String {
        self.to_string()
    }
}

impl OpenError {
    pub(crate) fn of_gateway(error: BadGateway, lang: Lang) -> Self {
        let problem = match error {
            BadGateway::NotAUrl => GatewayProblem::NotAUrl,
            BadGateway::NotHttps => GatewayProblem::NotHttps,
            BadGateway::PlainHttp => GatewayProblem::PlainHttp,
            BadGateway::HoldsCredentials => GatewayProblem::HoldsCredentials,
        };
        Self::Gateway {
            problem,
            words: words::gateway(error, lang),
        }
    }

    pub(crate) fn of(error: OpenClientError, lang: Lang) -> Self {
        let words = words::open(&error, lang);
        match error {
            OpenClientError::Store(error) => Self::of_store(error, words),
            OpenClientError::Authority(_) => Self::Authority { words },
        }
    }

    fn of_store(error: store::OpenError, words: String) -> Self {
        use store::OpenError as Of;
        match error {
            Of::KeyMissing { store_exists } => Self::KeyMissing {
                store_exists,
                words,
            },
            Of::WrongKey => Self::WrongKey { words },
            Of::KeyCheckDamaged => Self::KeyCheckDamaged { words },
            Of::StorageLocked => Self::StorageLocked { words },
            Of::NewerStore { found, known } => Self::NewerStore {
                found,
                known,
                words,
            },
            Of::NeedsSpace { bytes } => Self::NeedsSpace { bytes, words },
            Of::SalvageNeedsSpace { bytes } => Self::SalvageNeedsSpace { bytes, words },
            Of::DiskFull => Self::DiskFull { words },
            Of::NotEncrypted { version } => Self::NotEncrypted { version, words },
            Of::NotAFolder => Self::NotAFolder { words },
            Of::TooManySetAside => Self::TooManySetAside { words },
            Of::Busy => Self::Busy { words },
            Of::Io { kind } => Self::Io {
                kind: kind.to_string(),
                words,
            },
            Of::Database { code } => Self::Database { code, words },
        }
    }
}
