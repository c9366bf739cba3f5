//! How a client is opened, and what the person should be told after that.

use std::sync::Arc;

use lapor_core::{
    client::Options,
    engine::{report::ReportKey, words::Lang},
    net::GatewayUrl,
    store::{self, StoreKey},
    words,
};
use zeroize::Zeroizing;

use crate::errors::OpenError;

/// What the shell keeps in the Keystore or Keychain, never beside the store. An object without
/// getters: a record would show its members to whatever prints it.
#[derive(uniffi::Object)]
pub struct StoreKeys {
    key: Zeroizing<Vec<u8>>,
    install: Vec<u8>,
}

#[uniffi::export]
impl StoreKeys {
    /// `key`: 32 random bytes, made once; wiped on this side when this object goes, wipe yours.
    /// `install`: 16 random bytes, made and kept with the key. Not secret: it tells that a store
    /// was copied from another phone.
    #[uniffi::constructor]
    pub fn new(key: Vec<u8>, install: Vec<u8>) -> Arc<Self> {
        let key = Zeroizing::new(key);
        Arc::new(Self { key, install })
    }
}

/// How a client is opened.
#[derive(uniffi::Record)]
pub struct OpenOptions {
    /// The folder of the store; made when absent. Excluded from backup and device transfer.
    pub home: String,
    /// None when the Keystore or Keychain has none. With a store there, that is an error; without
    /// one too: make the keys first.
    pub keys: Option<Arc<StoreKeys>>,
    /// Base address of the gateway; nothing travels without.
    #[uniffi(default = None)]
    pub gateway: Option<String>,
    /// Extra root certificates in PEM, for QA.
    #[uniffi(default = None)]
    pub authority: Option<Vec<u8>>,
    /// Lets plain HTTP leave this machine: debug builds only.
    #[uniffi(default = false)]
    pub allow_plain_http: bool,
    pub language: Lang,
}

impl OpenOptions {
    pub(crate) fn into_core(self) -> Result<Options, OpenError> {
        let language = self.language;
        let keys = self.keys.map(|keys| keys.to_core(language)).transpose()?;
        let gateway = self
            .gateway
            .map(|url| GatewayUrl::parse(&url, self.allow_plain_http))
            .transpose()
            .map_err(|error| OpenError::of_gateway(error, language))?;
        Ok(Options {
            gateway,
            authority: self.authority,
            ..Options::new(self.home, keys)
        })
    }
}

impl StoreKeys {
    fn to_core(&self, language: Lang) -> Result<StoreKey, OpenError> {
        let key = &self.key;
        let lengths = OpenError::KeyLength {
            key: key.len() as u64,
            install: self.install.len() as u64,
            words: words::unfit_key(language),
        };
        let (Ok(bytes), Ok(install)) = (
            key.as_slice().try_into(),
            self.install.as_slice().try_into(),
        ) else {
            return Err(lengths);
        };
        let bytes: Zeroizing<[u8; 32]> = Zeroizing::new(bytes);
        Ok(StoreKey::new(*bytes, install))
    }
}

/// What the person should be told once a store is open.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Notice {
    /// A damaged store was set aside in a folder of that name; what could be read was brought over.
    SetAside {
        folder: String,
        reports_saved: u32,
        losses: Vec<Loss>,
        words: String,
    },
    /// The store was copied from another phone: what was unsent here may have been sent there.
    CopiedPhone {
        unsent: u32,
        words: String,
    },
    Migrated {
        old: u32,
        new: u32,
        words: String,
    },
    /// A page is damaged and the disk has no room to save what can be read, in bytes. What is whole goes on;
    /// an opening that finds that room mends it.
    SalvageWaits {
        bytes: u64,
        words: String,
    },
    /// The disk is so full that no room could be kept for answers of the service.
    ReserveMissing {
        words: String,
    },
}

/// One thing that could not be read from a damaged store.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Loss {
    /// For `losses_shown`.
    pub id: i64,
    pub what: LossKind,
    /// None where not even its key could be read.
    pub report: Option<ReportKey>,
    /// The service has that report, as far as this phone knows.
    pub is_at_service: bool,
    /// Of somebody else who uses this phone; its report is not named.
    pub is_anothers: bool,
    pub verdict: LossVerdict,
    /// Without a capital and a full stop.
    pub words: String,
}

/// What has come of a loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum LossVerdict {
    Open,
    /// The service has it: nothing of it is lost. Tell it once, then `losses_shown`.
    Arrived,
    /// The service has told of everything that it has since, and this was not among it.
    NotThere,
}

/// What was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum LossKind {
    Everything,
    /// A report with its words.
    Report,
    /// The frozen report; its words are here, as a draft to be submitted again.
    Body,
    /// A picture.
    Attachment,
    /// A reply or the like.
    Event,
    /// Who was signed in; the reports are here.
    Account,
}

impl Notice {
    pub(crate) fn of(notice: store::Notice, lang: Lang) -> Self {
        let words = words::notice(&notice, lang);
        match notice {
            store::Notice::SetAside {
                folder,
                reports_saved,
                losses,
            } => Self::SetAside {
                folder,
                reports_saved,
                losses: losses.iter().map(|loss| Loss::of(loss, lang)).collect(),
                words,
            },
            store::Notice::CopiedPhone { unsent } => Self::CopiedPhone { unsent, words },
            store::Notice::Migrated { from, to } => Self::Migrated {
                old: from,
                new: to,
                words,
            },
            store::Notice::SalvageWaits { bytes } => Self::SalvageWaits { bytes, words },
            store::Notice::ReserveMissing => Self::ReserveMissing { words },
        }
    }
}

impl Loss {
    pub(crate) fn of(loss: &store::Loss, lang: Lang) -> Self {
        let what = match loss.what {
            store::LossKind::Everything => LossKind::Everything,
            store::LossKind::Report => LossKind::Report,
            store::LossKind::Body => LossKind::Body,
            store::LossKind::Attachment => LossKind::Attachment,
            store::LossKind::Event => LossKind::Event,
            store::LossKind::Account => LossKind::Account,
        };
        Self {
            id: loss.id,
            what,
            report: loss.report.filter(|_| !loss.is_anothers),
            is_at_service: loss.is_at_service,
            is_anothers: loss.is_anothers,
            verdict: match loss.verdict {
                store::Verdict::Open => LossVerdict::Open,
                store::Verdict::Arrived => LossVerdict::Arrived,
                store::Verdict::NotThere => LossVerdict::NotThere,
            },
            words: words::lost(loss, lang),
        }
    }
}
