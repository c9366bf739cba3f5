//! Uploads that the OS carries while this app sleeps or is gone.
//!
//! [`Client::prepare_background_upload`] hands out one whole request with its body in a closed
//! file. The job is stored before that returns, so that whatever becomes of the app its operation
//! is nobody else's. The result may be told late, twice or never: it is judged and settled like
//! any other, once; a job that the OS lost has an unknown outcome, and the same bytes go again.
//!
//! New reports and pictures go this way. Words are a PUT of the frozen bytes under the report's
//! key, which makes a second arrival harmless; they count as perhaps sent from the moment the job
//! is stored. Secret reports never do: the body lies in a plain file until its job ends.

use std::{fmt, path::PathBuf};

use lapor_engine::{
    api::{self, Action, Body, Circumstance, End, Exchange, Outcome, RequestContext, marks},
    report::ReportKey,
    sync::{
        Change, Operation, OperationKind, Pages, SessionState, Settling, Task, Work, for_the_os,
        jitter, settle,
    },
};

use super::{Changed, Client, ClientError, driver::BUILT_AT};
use crate::store::{BackgroundJob, Begun, JobUpload, Spooled, Store, StoreError};

/// No answer to what goes this way is larger, bytes.
const ANSWER_MAX: usize = 64 * 1024;

/// Letters of a job's name before its check.
const CHECKED: usize = 24;

/// One request for the OS to make. Its headers hold the session, and the address of a picture is
/// the right to write it: neither is for a log.
#[derive(Clone, PartialEq, Eq)]
pub struct BackgroundUpload {
    pub job_id: String,
    pub report: ReportKey,
    /// `PUT` or `PATCH`.
    pub method: &'static str,
    pub url: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body: whole, closed, only for this user to read. Removed when the job ends.
    pub body_path: PathBuf,
}

impl fmt::Debug for BackgroundUpload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BackgroundUpload({} {} ..)", self.job_id, self.method)
    }
}

/// How the OS says that a job ended.
#[derive(Clone, Copy)]
pub struct BackgroundResult<'a> {
    /// None when there was no answer.
    pub status: Option<u16>,
    pub headers: &'a [(String, String)],
    pub body: &'a [u8],
}

/// What a result came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackgroundImport {
    /// Judged and stored.
    Settled,
    /// Nothing was left to settle: told before, or the report was taken back or settled meanwhile.
    Late,
}

impl Client {
    /// The most urgent upload that the OS may carry now, of one report or of all; none when there
    /// is nothing, or what there is needs this app first (a refresh, an offset, an address). Ask
    /// again until there is none: each call hands out another one. While a sync runs the line is
    /// its own: [`ClientError::InUse`].
    pub fn prepare_background_upload(
        &self,
        report: Option<&ReportKey>,
    ) -> Result<Option<BackgroundUpload>, ClientError> {
        if self.gateway.is_none() {
            return Err(ClientError::NoGateway);
        }
        let lock = self.store().try_engine_lock()?;
        let now = self.now();
        // What was answered and could not be stored is not handed out once more.
        if !self.store_unstored(&lock.run)? {
            return Ok(None);
        }
        let mut store = self.store();
        store.recover(&lock.run, now)?;
        if lock.after_a_death {
            store.doubt_offsets()?;
        }
        store.sweep_spool()?;
        let work = store.work(&lock.run)?;
        for task in for_the_os(&work, &self.surroundings(), now) {
            let row = work
                .operations
                .iter()
                .find(|row| task.operation() == Some(row.id));
            let Some(row) = row.filter(|row| report.is_none_or(|key| *key == row.report)) else {
                continue;
            };
            match self.hand_out(&mut store, &work, row, &task) {
                Ok(None) => {}
                // The next run in the foreground sets it back and says so; the others go.
                Err(error) if store.cannot_give(&error) => {}
                handed => {
                    let handed = handed?;
                    drop(store);
                    self.tell(Changed::Outbox);
                    return Ok(handed);
                }
            }
        }
        Ok(None)
    }

    /// The file first, then the job with its mark: a kill in between leaves a file that nobody
    /// names, and the next sweep finds it.
    fn hand_out(
        &self,
        store: &mut Store,
        work: &Work,
        row: &Operation,
        task: &Task,
    ) -> Result<Option<BackgroundUpload>, StoreError> {
        let form = store.draft(row.report)?.form;
        // The file is plain, and the OS believes whichever roots are installed on the phone: a stranger who
        // reads that line must not learn who has written.
        if form.secret || form.anonymous && matches!(task, Task::Create { .. }) {
            return Ok(None);
        }
        let (body, prior) = match task {
            Task::Create { report, .. } => {
                (store.read_body(*report)?, store.prior_tracking_id(*report)?)
            }
            _ => (Vec::new(), None),
        };
        let Some((action, gateway)) = task.action(work, body, prior).zip(self.gateway.as_ref())
        else {
            return Ok(None);
        };
        let context = RequestContext {
            base: gateway.as_url(),
            token: work.account.as_ref().map(|account| &account.access_token),
            nonce: self.draw(),
            skew: None,
        };
        let Ok(request) = api::request(&action, &context) else {
            return Ok(None);
        };
        let job = BackgroundJob {
            id: self.new_job(work),
            account: row.account,
            operation: row.id,
            nonce: request.nonce.clone(),
            upload: match task {
                Task::UploadChunk {
                    url,
                    offset,
                    length,
                    ..
                } => Some(JobUpload {
                    url: url.clone(),
                    offset: *offset,
                    length: *length,
                }),
                _ => None,
            },
            prepared_at: self.now(),
        };
        let body = match &request.body {
            Body::None => Spooled::Bytes(&[]),
            Body::Bytes(bytes) => Spooled::Bytes(bytes),
            Body::Attachment {
                attachment,
                offset,
                length,
            } => Spooled::Attachment {
                attachment: *attachment,
                offset: *offset,
                length: *length,
            },
        };
        let body_path = store.spool(&job.id, &body)?;
        let begun = store.entrust(&job, job.prepared_at);
        if begun != Ok(Begun::Started) {
            store.drop_spooled(&job.id)?;
            begun?;
            return Ok(None);
        }
        Ok(Some(BackgroundUpload {
            job_id: job.id,
            report: row.report,
            method: request.method.as_str(),
            url: request.url.into(),
            headers: request
                .headers
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            body_path,
        }))
    }

    /// Random, and at its end a check of the token that the request bears: a 401 may come back when there is
    /// another one.
    fn new_job(&self, work: &Work) -> String {
        let random = self.draw::<12>();
        let random: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let check = check_of(&random, work);
        random + &check
    }

    /// Takes the end of a job. Telling it twice is harmless; a job that was never handed out here
    /// (or whose person was forgotten) is [`ClientError::NoSuchJob`].
    pub fn import_background_result(
        &self,
        job_id: &str,
        result: BackgroundResult<'_>,
    ) -> Result<BackgroundImport, ClientError> {
        let now = self.now();
        let mut store = self.store();
        let job = store.background_job(job_id).map_err(unknown_job)?;
        let work = store.work_of(job.account, &job.owner())?;
        let row = work
            .operations
            .iter()
            .find(|row| row.id == job.operation && row.owner.as_ref() == Some(&work.run));
        let task = row.and_then(|row| task_of(&job, row));
        let settled = match task {
            None => store.settle_job(job_id, &[], now)?,
            Some(task) => {
                let exchange = exchange_of(&job, result);
                let action = task.action(&work, Vec::new(), None);
                let action = action.unwrap_or(Action::Probe);
                let circumstance = Circumstance {
                    now,
                    built_at: BUILT_AT,
                    last_server_date: work.last_server_date,
                };
                let outcome = api::judge(&action, &job.nonce, &exchange, &circumstance);
                if outcome == Outcome::Unauthorized {
                    // Of a token that may be an old one by now: then it says nothing of today's.
                    let changes = refused_token(&job, &work);
                    let released = store.release_job(job_id, now)?;
                    if released && !changes.is_empty() {
                        store.apply(&changes, now)?;
                    }
                    released
                } else {
                    let found = marks(&job.nonce, &exchange);
                    let took = now.0.saturating_sub(job.prepared_at.0);
                    let changes = settle(&Settling {
                        work: &work,
                        task: &task,
                        outcome: &outcome,
                        now,
                        took_ms: u64::try_from(took).unwrap_or(0),
                        surroundings: self.surroundings(),
                        pages: Pages::NONE,
                        epoch: found.epoch,
                        server_date: found.server_date,
                    });
                    store.settle_job(job_id, &changes, now)?
                }
            }
        };
        drop(store);
        self.tell_accepted();
        Ok(if settled {
            BackgroundImport::Settled
        } else {
            BackgroundImport::Late
        })
    }

    /// The jobs that the OS should be at. What it has besides these is to be cancelled there; what
    /// it does not have of these is to be dropped here.
    pub fn pending_background_jobs(&self) -> Result<Vec<String>, ClientError> {
        let jobs = self.store().background_jobs()?;
        Ok(jobs.into_iter().map(|job| job.id).collect())
    }

    /// The OS lost the job or was told to give it up: its outcome is unknown, and the same bytes
    /// go again.
    pub fn drop_background_job(&self, job_id: &str) -> Result<(), ClientError> {
        let now = self.now();
        self.store().release_job(job_id, now).map_err(unknown_job)?;
        self.tell_accepted();
        Ok(())
    }
}

/// Eight letters of a keyed hash; nobody reads a token out of them.
fn check_of(random: &str, work: &Work) -> String {
    let token = work
        .account
        .as_ref()
        .map_or("", |account| account.access_token.reveal());
    let seed = [&work.install_secret, random.as_bytes(), token.as_bytes()].concat();
    format!("{:08x}", jitter(&seed, 0, 1 << 32))
}

/// The token that was refused to the OS is still this phone's: it is refreshed before anything else is handed
/// out with it.
fn refused_token(job: &BackgroundJob, work: &Work) -> Vec<Change> {
    let is_todays = job
        .id
        .get(..CHECKED)
        .is_some_and(|random| job.id.get(CHECKED..) == Some(check_of(random, work).as_str()));
    match &work.account {
        Some(account) if is_todays && account.session == SessionState::Good => {
            vec![Change::SessionState {
                account: account.id,
                of: account.access_token.clone(),
                state: SessionState::Expired,
                refreshed: false,
            }]
        }
        _ => Vec::new(),
    }
}

fn unknown_job(error: StoreError) -> ClientError {
    match error {
        StoreError::NotFound => ClientError::NoSuchJob,
        other => other.into(),
    }
}

/// What the job was for.
fn task_of(job: &BackgroundJob, row: &Operation) -> Option<Task> {
    match (row.kind, &job.upload) {
        (OperationKind::CreateReport, _) => Some(Task::Create {
            operation: row.id,
            report: row.report,
        }),
        (OperationKind::UploadAttachment, Some(upload)) => Some(Task::UploadChunk {
            operation: row.id,
            attachment: row.attachment?,
            url: upload.url.clone(),
            offset: upload.offset,
            length: upload.length,
        }),
        _ => None,
    }
}

fn exchange_of(job: &BackgroundJob, result: BackgroundResult<'_>) -> Exchange {
    let end = match result.status {
        None => End::Cut,
        Some(_) if result.body.len() > ANSWER_MAX => End::TooLarge,
        Some(_) => End::Complete,
    };
    Exchange {
        // Without an answer nobody knows how far it came.
        connected: true,
        sent: job.upload.as_ref().map_or(0, |upload| upload.length),
        status: result.status,
        headers: result
            .headers
            .iter()
            .map(|(name, value)| (name.to_lowercase(), value.clone()))
            .collect(),
        body: result.body.to_vec(),
        end,
    }
}
