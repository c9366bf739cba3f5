//! Snapshots for screens.

use lapor_core::engine::report::ReportKey;

use super::LaporClient;
use crate::{
    errors::LaporError,
    rows::{ListCursor, ListFilter, ListScreen, OutboxLine, ReportDetails, Telling},
};

#[uniffi::export]
impl LaporClient {
    /// One page of the current person's reports, newest first, and everything around it.
    #[uniffi::method(default(before = None))]
    pub async fn list_screen(
        &self,
        filter: ListFilter,
        limit: u32,
        before: Option<ListCursor>,
    ) -> Result<ListScreen, LaporError> {
        self.short(move |core, language| {
            let rows = core.list(filter.into(), limit, before.map(Into::into))?;
            Ok(ListScreen::of(
                core.account()?,
                &rows,
                core.counts()?,
                limit,
                Telling::now(language),
            ))
        })
        .await
    }

    /// One report with its pictures, operations, events and the service's copy.
    pub async fn show(&self, key: ReportKey) -> Result<ReportDetails, LaporError> {
        self.short(move |core, language| {
            Ok(ReportDetails::of(core.show(&key)?, Telling::now(language)))
        })
        .await
    }

    /// What is queued, of one report or of all, in the order in which it goes.
    #[uniffi::method(default(key = None))]
    pub async fn outbox(&self, key: Option<ReportKey>) -> Result<Vec<OutboxLine>, LaporError> {
        self.short(move |core, language| {
            let rows = core.outbox(key.as_ref())?;
            let telling = Telling::now(language);
            Ok(rows
                .iter()
                .map(|(operation, upload)| OutboxLine::of(operation, upload.as_ref(), telling))
                .collect())
        })
        .await
    }

    /// The one report that `text` names: a key, a unique beginning of one, `#tracking`, `@last`.
    pub async fn find(&self, text: String) -> Result<ReportKey, LaporError> {
        self.short(move |core, _| core.find(&text)).await
    }
}
