//! What a person may ask of their own phone: how it is, everything out of it, everything off it.

use std::path::PathBuf;

use lapor_core::{
    client::{Doctor, Exported},
    engine::{report::Phase, sync::OperationState, words::Lang},
    store::{Erased, ErasedDraft},
    words,
};

use super::LaporClient;
use crate::{Loss, errors::LaporError};

/// How a store is: counts, sizes and codes, nothing that a person wrote.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct Health {
    pub version: String,
    pub signed_in: bool,
    pub drafts: u32,
    /// Operations that are not finished.
    pub waiting: u32,
    /// Of those, how many need the person or the daily try.
    pub paused: u32,
    pub database_bytes: u64,
    /// Damaged stores that were set aside.
    pub set_aside: u32,
    /// The whole database was read and found sound.
    pub sound: bool,
    /// What helps, the most urgent first, for the screen; empty where all is well.
    pub advice: Vec<String>,
    /// A bundle that support can ask for, JSON. Reports are numbered in it, never named.
    pub bundle_json: String,
}

/// What an export wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct ExportResult {
    pub reports: u32,
    pub attachments: u32,
    /// Pictures whose space the phone has given back; the service has them.
    pub attachments_gone: u32,
}

/// What was erased.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ForgetResult {
    pub reports: u32,
    pub attachments: u32,
    /// Reports that the service had not confirmed.
    pub unsent: u32,
    /// None: where it lay is overwritten. Else what to tell: it is gone, and that goes on by itself.
    pub overwriting: Option<String>,
}

/// What was erased of one draft.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct EraseResult {
    pub attachments: u32,
    /// Folders of damaged stores on this phone that may still hold it: only `forget_me` erases those.
    pub set_aside: u32,
    /// As of [`ForgetResult`].
    pub overwriting: Option<String>,
}

impl EraseResult {
    pub(super) fn of(erased: ErasedDraft, language: Lang) -> Self {
        Self {
            attachments: erased.attachments,
            set_aside: erased.set_aside,
            overwriting: (!erased.is_overwritten).then(|| words::overwriting(language)),
        }
    }
}

impl Health {
    fn of(doctor: Doctor, lang: Lang) -> Self {
        let count = |counted: usize| u32::try_from(counted).unwrap_or(u32::MAX);
        let is_paused = |state: OperationState| state == OperationState::Paused;
        Self {
            version: doctor.version.to_owned(),
            signed_in: doctor.signed_in,
            drafts: doctor
                .phases
                .iter()
                .find(|(phase, _)| *phase == Phase::Draft)
                .map_or(0, |(_, count)| *count),
            waiting: count(doctor.outbox.len()),
            paused: count(
                doctor
                    .outbox
                    .iter()
                    .filter(|operation| is_paused(operation.state))
                    .count(),
            ),
            database_bytes: doctor.database_bytes,
            set_aside: doctor.set_aside,
            sound: doctor.sound,
            advice: doctor
                .advice()
                .into_iter()
                .map(|one| words::advice(one, lang))
                .collect(),
            bundle_json: format!("{:#}", doctor.bundle()),
        }
    }
}

#[uniffi::export]
impl LaporClient {
    /// What damage has taken and the person was not told of yet. The notice at opening says it too,
    /// but once only, and an app can be killed before it is read.
    pub async fn losses(&self) -> Result<Vec<Loss>, LaporError> {
        self.short(|core, lang| {
            Ok(core
                .losses()?
                .iter()
                .map(|loss| Loss::of(loss, lang))
                .collect())
        })
        .await
    }

    /// The person has read these.
    pub async fn losses_shown(&self, ids: Vec<i64>) -> Result<(), LaporError> {
        self.short(move |core, _| core.losses_shown(&ids)).await
    }

    /// Examines the store; reads all of it, which takes a moment.
    pub async fn doctor(&self) -> Result<Health, LaporError> {
        self.long(|core, lang| Ok(Health::of(core.doctor()?, lang)))
            .await
    }

    /// Writes everything of the current person into a folder that is empty or not there yet.
    /// Readable by anybody who can read the folder.
    pub async fn export(&self, folder: String) -> Result<ExportResult, LaporError> {
        self.long(move |core, _| {
            let Exported {
                reports,
                attachments,
                attachments_gone,
            } = core.export(&PathBuf::from(folder))?;
            Ok(ExportResult {
                reports,
                attachments,
                attachments_gone,
            })
        })
        .await
    }

    /// Erases everything of the current person from this phone, what was not sent included, and
    /// signs out, at once; the gateway is told after it. Ask first: `list_screen` of the outbox shows what is unsent. While nobody is signed in
    /// only what was written before signing in goes: say so.
    pub async fn forget_me(&self) -> Result<ForgetResult, LaporError> {
        let language = self.language();
        // It does not wait for a picture or an export.
        let farewell = self.farewell();
        let erased = self.short(move |core, _| {
            let (erased, revocation) = core.forget_me_here()?;
            farewell.says(revocation);
            Ok(erased)
        });
        let Erased {
            reports,
            attachments,
            unsent,
            is_overwritten,
        } = erased.await?;
        Ok(ForgetResult {
            reports,
            attachments,
            unsent,
            overwriting: (!is_overwritten).then(|| words::overwriting(language)),
        })
    }
}
