use lapor_engine::report::{AsItIs, AttachmentDigest, Edit, Problem, ReportKey, freeze, validate};

use super::{Changed, Client, ClientError};
use crate::store::{DraftRow, ErasedDraft, Erasing};

/// What keeps a draft from being submitted; nothing when it may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub problems: Vec<Problem>,
    /// A document of it is sent as it is: told, and in nobody's way.
    pub as_it_is: Option<AsItIs>,
}

impl Client {
    /// A new, empty draft of the current person. Its key is its name for life.
    pub fn new_draft(&self) -> Result<ReportKey, ClientError> {
        let bytes = self.draw();
        let key = ReportKey::from_entropy(bytes);
        let at = self.now();
        let mut store = self.store();
        let current = store.current_account()?.id;
        store.new_draft(key, current, at)?;
        drop(store);
        self.tell(Changed::Reports);
        Ok(key)
    }

    /// Saves one field of a draft, durably, before it returns.
    pub fn edit(&self, key: &ReportKey, edit: Edit) -> Result<(), ClientError> {
        let at = self.now();
        self.store().edit(*key, edit, at)?;
        self.tell(Changed::Reports);
        Ok(())
    }

    /// What would keep this draft from being submitted. What is no draft is not ready to be.
    pub fn check(&self, key: &ReportKey) -> Result<Check, ClientError> {
        let store = self.store();
        let draft = store.draft(*key)?;
        if !draft.phase.is_editable() {
            return Err(ClientError::NotPossible { phase: draft.phase });
        }
        let limits = store.limits()?;
        drop(store);
        let digests = digests(&draft);
        let frozen = freeze(&draft.form, &digests, draft.supersedes);
        let mut problems = validate(&draft.form, &digests, &limits, self.today());
        problems.extend(frozen.problem(&limits).filter(|_| problems.is_empty()));
        Ok(Check {
            as_it_is: draft.as_it_is(),
            problems,
        })
    }

    /// Puts a draft away; [`Client::restore`] brings it back with everything in it.
    pub fn discard(&self, key: &ReportKey) -> Result<(), ClientError> {
        let at = self.now();
        self.store().discard(*key, at)?;
        self.tell(Changed::Reports);
        Ok(())
    }

    /// Erases a draft, or one that was put away, with its words and pictures: nothing brings it back.
    pub fn erase_draft(&self, key: &ReportKey) -> Result<ErasedDraft, ClientError> {
        let erased = self.store().erase_draft(*key)?;
        self.tell(Changed::Reports);
        Ok(erased)
    }

    /// What erasing it would mean ([`crate::words::erasing`]), to be asked with; or why that is not possible.
    pub fn erasing(&self, key: &ReportKey) -> Result<Erasing, ClientError> {
        Ok(self.store().erasing(*key)?)
    }

    /// Erases a report from this phone alone, also one that was sent or taken back: nothing of it may wait to be
    /// sent. The service's news do not bring it back.
    pub fn erase_report(&self, key: &ReportKey) -> Result<ErasedDraft, ClientError> {
        let erased = self.store().erase_report(*key)?;
        self.tell(Changed::Reports);
        Ok(erased)
    }

    /// Brings back what was put away. Where another report goes on in its place meanwhile, it comes back as a report
    /// of its own, and not at all while that one says the same ([`ClientError::SentAsAnother`]).
    pub fn restore(&self, key: &ReportKey) -> Result<(), ClientError> {
        let at = self.now();
        self.store().restore(*key, at)?;
        self.tell(Changed::Reports);
        Ok(())
    }
}

/// The attachments as the body of the report names them.
pub(super) fn digests(draft: &DraftRow) -> Vec<AttachmentDigest> {
    draft
        .attachments
        .iter()
        .map(crate::store::AttachmentRow::digest)
        .collect()
}
