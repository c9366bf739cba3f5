//! Uploads that the OS carries while the app sleeps or is gone.

use std::sync::Arc;

use lapor_core::{client, engine::report::ReportKey};

use super::LaporClient;
use crate::errors::LaporError;

type BackgroundImport = client::BackgroundImport;

/// What a result came to.
#[uniffi::remote(Enum)]
pub enum BackgroundImport {
    /// Judged and stored.
    Settled,
    /// Nothing was left to settle: told before, or the report was taken back or settled meanwhile.
    Late,
}

/// One line of a request's or an answer's head.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct HttpHeader {
    pub name: String,
    pub value: String,
}

/// One request for the OS to make, as it is. Its headers hold the session and the address of a
/// picture is the right to write it: neither is for a log. So this is an object, which no language prints
/// of itself; what `headers` and `url` give is for the request alone.
#[derive(uniffi::Object)]
pub struct BackgroundUpload(client::BackgroundUpload);

#[uniffi::export]
impl BackgroundUpload {
    /// Keep it with the task of the OS (`taskDescription`, the tag of the work).
    pub fn job_id(&self) -> String {
        self.0.job_id.clone()
    }

    pub fn report(&self) -> ReportKey {
        self.0.report
    }

    pub fn method(&self) -> String {
        self.0.method.to_owned()
    }

    pub fn url(&self) -> String {
        self.0.url.clone()
    }

    pub fn headers(&self) -> Vec<HttpHeader> {
        let header = |(name, value): &(String, String)| HttpHeader {
            name: name.clone(),
            value: value.clone(),
        };
        self.0.headers.iter().map(header).collect()
    }

    /// The body: a file that is whole and closed. The core removes it when the job ends.
    pub fn body_path(&self) -> String {
        self.0.body_path.to_string_lossy().into_owned()
    }
}

#[uniffi::export]
impl LaporClient {
    /// The most urgent upload that the OS may carry now, of one report or of all; none when
    /// nothing is ready. The job is stored when this returns. Ask until there is none, after
    /// `suspend`: while a sync runs this is `InUse`. A secret report is never handed out.
    #[uniffi::method(default(report = None))]
    pub async fn prepare_background_upload(
        &self,
        report: Option<ReportKey>,
    ) -> Result<Option<Arc<BackgroundUpload>>, LaporError> {
        // Not behind a picture: the app may have seconds until it sleeps.
        self.short(move |core, _| {
            let upload = core.prepare_background_upload(report.as_ref())?;
            Ok(upload.map(|upload| Arc::new(BackgroundUpload(upload))))
        })
        .await
    }

    /// Takes the end of a job as the OS tells it: `status` is none where there was no answer.
    /// Telling it twice is harmless.
    pub async fn import_background_result(
        &self,
        job_id: String,
        status: Option<u16>,
        headers: Vec<HttpHeader>,
        body: Vec<u8>,
    ) -> Result<BackgroundImport, LaporError> {
        self.short(move |core, _| {
            let headers: Vec<_> = headers
                .into_iter()
                .map(|header| (header.name, header.value))
                .collect();
            let result = client::BackgroundResult {
                status,
                headers: &headers,
                body: &body,
            };
            core.import_background_result(&job_id, result)
        })
        .await
    }

    /// The jobs that the OS should be at, for the start of the app: cancel there what is not
    /// here, drop here what is not there.
    pub async fn pending_background_jobs(&self) -> Result<Vec<String>, LaporError> {
        self.short(|core, _| core.pending_background_jobs()).await
    }

    /// The OS lost the job, or was told to give it up. Its outcome is unknown: it goes again.
    pub async fn drop_background_job(&self, job_id: String) -> Result<(), LaporError> {
        self.short(move |core, _| core.drop_background_job(&job_id))
            .await
    }
}
