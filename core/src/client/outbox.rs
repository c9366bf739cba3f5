use lapor_engine::{
    api::{EventBody, EventKind, reports_are_open_to},
    report::{EventKey, Phase, ReportKey, freeze, validate},
    sync::{AccountId, Operation, Upload},
};

use super::{
    Client, ClientError, CrashPoint,
    drafting::digests,
    telling::{explain_operations, explain_row, of_a_row, of_an_operation},
};
use crate::store::{Cursor, Filter, ReportDetail, ReportRow, WithdrawStart};

/// How a report was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdrawal {
    /// It was never on the wire: gone, for good.
    Done,
    /// It may have arrived: the service has been asked, and the screen says "taking it back".
    Asked,
}

impl Client {
    /// Accepts a report: when this returns, it will arrive, once. Nothing is sent here.
    /// [`ClientError::SentAsAnother`] where it says no more than the report whose place it was to take, and that
    /// has arrived after all.
    pub fn submit(&self, key: &ReportKey) -> Result<(), ClientError> {
        let at = self.now();
        let today = self.today();
        let mut store = self.store();
        let account = store.current_account()?;
        if account.id == AccountId::GUEST {
            return Err(ClientError::SignInNeeded);
        }
        if !reports_are_open_to(&account.role) {
            return Err(ClientError::NotForRole { kind: None });
        }
        let draft = store.draft(*key)?;
        if !draft.phase.is_editable() {
            return Err(ClientError::NotPossible { phase: draft.phase });
        }
        let digests = digests(&draft);
        let limits = store.limits()?;
        let mut problems = validate(&draft.form, &digests, &limits, today);
        let frozen = freeze(&draft.form, &digests, draft.supersedes);
        if problems.is_empty() {
            problems.extend(frozen.problem(&limits));
        }
        if !problems.is_empty() {
            return Err(ClientError::Invalid { problems });
        }
        store.submit(*key, draft.version, &frozen, at)?;
        drop(store);
        self.reached(CrashPoint::Submitted);
        self.tell_accepted();
        Ok(())
    }

    /// Takes a report back: at once where it was never on the wire, else by asking the service.
    pub fn withdraw(&self, key: &ReportKey) -> Result<Withdrawal, ClientError> {
        let at = self.now();
        let mut store = self.store();
        let start = store.withdraw(*key, at)?;
        // Nothing of it stays in a plain file. It is taken back all the same if that must wait.
        let _ = store.sweep_spool();
        drop(store);
        self.tell_accepted();
        Ok(match start {
            WithdrawStart::Instant => Withdrawal::Done,
            WithdrawStart::Queued => Withdrawal::Asked,
        })
    }

    /// Tries everything of this report again, whatever it was waiting for: now, or when a gateway that
    /// asked for time is tried next. Gives how much that is.
    pub fn resend(&self, key: &ReportKey) -> Result<u32, ClientError> {
        let at = self.now();
        let woken = self.store().resend(*key, at)?;
        self.tell_accepted();
        Ok(woken)
    }

    /// A new draft with the same words and pictures under a new key, for a report whose key the
    /// service knows with other words.
    pub fn send_as_another(&self, key: &ReportKey) -> Result<ReportKey, ClientError> {
        let bytes = self.draw();
        let another = ReportKey::from_entropy(bytes);
        let at = self.now();
        self.store().supersede(*key, another, at)?;
        self.tell_accepted();
        Ok(another)
    }

    /// Queues what a person does to a report that is on its way or there: a reply, a follow-up, a
    /// rating, ...
    pub fn add_event(
        &self,
        key: &ReportKey,
        kind: EventKind,
        text: Option<String>,
        rating: Option<u8>,
        institution_id: Option<String>,
    ) -> Result<EventKey, ClientError> {
        let bytes = self.draw();
        let event = EventKey::from_entropy(bytes);
        let at = self.now();
        let mut store = self.store();
        let detail = store.report(*key)?.ok_or(ClientError::NotFound)?;
        if !kind.is_open_to(&store.current_account()?.role) {
            return Err(ClientError::NotForRole { kind: Some(kind) });
        }
        let body = EventBody {
            kind,
            text,
            rating,
            institution_id,
            seen_revision: detail.row.revision,
        };
        let problems = body.problems(&store.limits()?);
        if !problems.is_empty() {
            return Err(ClientError::Invalid { problems });
        }
        let body = serde_json::to_vec(&body).map_err(|_| ClientError::Storage {
            kind: "event".to_owned(),
        })?;
        store.add_event(*key, event, kind, &body, at)?;
        drop(store);
        self.tell_accepted();
        Ok(event)
    }

    /// Gives up a reply or other event that the service refused, or that was never on the wire.
    pub fn discard_event(&self, event: &EventKey) -> Result<(), ClientError> {
        self.store().discard_event(*event)?;
        self.tell_accepted();
        Ok(())
    }

    /// The current person's reports, newest first: everything that a list screen shows, why each
    /// waits and when it is tried next included.
    pub fn list(
        &self,
        filter: Filter,
        limit: u32,
        before: Option<Cursor>,
    ) -> Result<Vec<ReportRow>, ClientError> {
        let (found, dead) = self.look(
            |store| {
                let seen = store.viewpoint()?;
                let rows = store.list_of(seen.account.id, filter, limit, before)?;
                Ok((rows, seen))
            },
            |(rows, _)| rows.iter().filter_map(of_a_row).collect(),
        )?;
        let (mut rows, seen) = found;
        let standpoint = self.standpoint(&seen);
        for row in &mut rows {
            explain_row(row, &dead, &standpoint);
        }
        Ok(rows)
    }

    /// How many reports of the current person are in each phase.
    pub fn counts(&self) -> Result<Vec<(Phase, u32)>, ClientError> {
        Ok(self.store().counts()?)
    }

    /// One report with its pictures, operations and the service's copy.
    pub fn show(&self, key: &ReportKey) -> Result<ReportDetail, ClientError> {
        let (found, dead) = self.look(
            |store| {
                let seen = store.viewpoint()?;
                Ok((store.report(*key)?, seen))
            },
            |(detail, _)| {
                let operations = detail.iter().flat_map(|detail| &detail.operations);
                operations.filter_map(of_an_operation).collect()
            },
        )?;
        let (detail, seen) = found;
        let mut detail = detail.ok_or(ClientError::NotFound)?;
        let standpoint = self.standpoint(&seen);
        explain_row(&mut detail.row, &dead, &standpoint);
        explain_operations(detail.operations.iter_mut().collect(), &dead, &standpoint);
        for event in &mut detail.events {
            let step = |one: &&Operation| one.event == Some(event.key);
            if let Some(step) = detail.operations.iter().find(step) {
                event.state = step.state;
                event.reason.clone_from(&step.reason);
            }
        }
        Ok(detail)
    }

    /// What is queued, of one report or of all, with the progress of pictures.
    pub fn outbox(
        &self,
        key: Option<&ReportKey>,
    ) -> Result<Vec<(Operation, Option<Upload>)>, ClientError> {
        let (found, dead) = self.look(
            |store| {
                let seen = store.viewpoint()?;
                let rows = store.outbox_of(seen.account.id, key.copied())?;
                Ok((rows, seen))
            },
            |(rows, _)| {
                rows.iter()
                    .filter_map(|(row, _)| of_an_operation(row))
                    .collect()
            },
        )?;
        let (mut rows, seen) = found;
        let standpoint = self.standpoint(&seen);
        let operations = rows.iter_mut().map(|(operation, _)| operation);
        explain_operations(operations.collect(), &dead, &standpoint);
        Ok(rows)
    }

    /// The one report that `text` names: a key, a unique beginning of one, `#tracking`, `@last`.
    pub fn find(&self, text: &str) -> Result<ReportKey, ClientError> {
        let mut found = self.store().find(text)?;
        match (found.len(), found.pop()) {
            (1, Some(key)) => Ok(key),
            (0, _) => Err(ClientError::NotFound),
            (count, _) => Err(ClientError::Ambiguous {
                count: u32::try_from(count).unwrap_or(u32::MAX),
            }),
        }
    }
}
