//! Drafts and their pictures.

use std::{
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
};

use lapor_core::{
    client::{AttachOptions, ClientError},
    engine::report::{ReportKey, Sha256Hash},
    photo::Flow,
    words,
};

use super::{EraseResult, LaporClient};
use crate::{
    errors::LaporError,
    form::{Draft, FieldEdit},
    pictures::{self, CoveredRegion, ListThumbnail, NewPicture, PictureWatcher},
    reasons::FormProblem,
};

#[uniffi::export]
impl LaporClient {
    /// A new, empty draft of the current person.
    pub async fn new_draft(&self) -> Result<ReportKey, LaporError> {
        self.short(|core, _| core.new_draft()).await
    }

    /// The form as it is, for the screen on which it is written.
    pub async fn draft(&self, key: ReportKey) -> Result<Draft, LaporError> {
        self.short(move |core, language| Ok(Draft::of(core.show(&key)?.draft, language)))
            .await
    }

    /// Saves one field, durably.
    pub async fn edit(&self, key: ReportKey, edit: FieldEdit) -> Result<(), LaporError> {
        self.short(move |core, _| core.edit(&key, edit.into()))
            .await
    }

    /// What would keep this draft from being submitted, in the order of the form; nothing when it
    /// may go.
    pub async fn check(&self, key: ReportKey) -> Result<Vec<FormProblem>, LaporError> {
        self.short(move |core, language| {
            Ok(FormProblem::all(&core.check(&key)?.problems, language))
        })
        .await
    }

    /// Puts a draft away; `restore` brings it back with everything in it.
    pub async fn discard(&self, key: ReportKey) -> Result<(), LaporError> {
        self.short(move |core, _| core.discard(&key)).await
    }

    pub async fn restore(&self, key: ReportKey) -> Result<(), LaporError> {
        self.short(move |core, _| core.restore(&key)).await
    }

    /// Erases a draft, or one that was put away, with its words and pictures: nothing brings it back. Ask
    /// first. What the service has, or is to get, is refused: withdraw that.
    pub async fn erase_draft(&self, key: ReportKey) -> Result<EraseResult, LaporError> {
        let language = self.language();
        self.long(move |core, _| Ok(EraseResult::of(core.erase_draft(&key)?, language)))
            .await
    }

    /// What erasing this report would mean: ask with these words before [`Self::erase_report`]. The same errors as
    /// that, where it is not possible.
    pub async fn erasing_words(&self, key: ReportKey) -> Result<String, LaporError> {
        self.short(move |core, language| Ok(words::erasing(core.erasing(&key)?, language)))
            .await
    }

    /// Erases a report from this phone alone, also one that the service has or that was taken back: nothing brings
    /// it back, the service's news neither. While something of it waits it is `StillToSend`.
    pub async fn erase_report(&self, key: ReportKey) -> Result<EraseResult, LaporError> {
        let language = self.language();
        self.long(move |core, _| Ok(EraseResult::of(core.erase_report(&key)?, language)))
            .await
    }

    /// Makes the picture at `path` small and keeps it with the draft; the file is not needed
    /// again. `max_bytes` overrides the setting. What lies in `covered` is black in the picture that
    /// is kept, and is nowhere else. One picture is made at a time.
    #[uniffi::method(default(max_bytes = None, watcher = None, covered = []))]
    pub async fn attach(
        &self,
        key: ReportKey,
        path: String,
        max_bytes: Option<u64>,
        watcher: Option<Arc<dyn PictureWatcher>>,
        covered: Vec<CoveredRegion>,
    ) -> Result<NewPicture, LaporError> {
        let (core, language) = (Arc::clone(&self.core), self.language());
        let cancels = Arc::clone(&self.cancels);
        let before = cancels.load(Ordering::Acquire);
        let work = move |given_up: &crate::lanes::GivenUp| {
            let mut go_on = |progress| {
                if given_up.is_set() || cancels.load(Ordering::Acquire) != before {
                    return Flow::Cancel;
                }
                watcher
                    .as_deref()
                    .map_or(Flow::Continue, |watcher| pictures::ask(watcher, progress))
            };
            CoveredRegion::all(&covered)
                .map_err(ClientError::from)
                .and_then(|covered| {
                    let options = AttachOptions { max_bytes, covered };
                    core.attach(&key, &PathBuf::from(path), options, &mut go_on)
                })
                .map_err(|error| LaporError::of(error, language))
        };
        // Its own progress finds out that nobody waits.
        let made = self.lanes.slow.run(work, || {}).await?;
        Ok(NewPicture::of(made, language))
    }

    /// Takes an attachment off a draft, by its position from 0.
    pub async fn detach(&self, key: ReportKey, position: u32) -> Result<(), LaporError> {
        self.short(move |core, _| core.detach(&key, position)).await
    }

    /// The bytes of an attachment as they are sent, for the screen.
    pub async fn picture(&self, key: ReportKey, position: u32) -> Result<Vec<u8>, LaporError> {
        self.short(move |core, _| core.picture(&key, position))
            .await
    }

    /// The small JPEG of a picture; none for a document, and for a picture from before there were
    /// any. It is there also when the picture's own bytes have been given back.
    pub async fn thumbnail(&self, sha256: Sha256Hash) -> Result<Option<Vec<u8>>, LaporError> {
        self.short(move |core, _| core.thumbnail(sha256)).await
    }

    /// One call for a whole list screen: the first small picture of each report that has one, in
    /// the order of `keys`.
    pub async fn thumbnails(&self, keys: Vec<ReportKey>) -> Result<Vec<ListThumbnail>, LaporError> {
        self.short(move |core, _| {
            let found = core.thumbnails(&keys)?.into_iter();
            Ok(found
                .map(|one| ListThumbnail {
                    key: one.key,
                    jpeg: one.jpeg,
                })
                .collect())
        })
        .await
    }
}
