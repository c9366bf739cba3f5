use std::{fs, io, path::Path};

use lapor_engine::report::ReportKey;
use serde_json::{Value, json};

use super::{Client, ClientError, Revocation};
use crate::{
    output::{Existing, Guarded, OutputError, make_private_folder},
    store::{Erased, ReportDetail},
};

/// All reports of an export; its attachments lie in folders beside it.
const REPORTS: &str = "reports.json";

/// What an export wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exported {
    pub reports: u32,
    pub attachments: u32,
    /// Pictures whose space the phone has given back; the service has them.
    pub attachments_gone: u32,
}

impl Client {
    /// Writes a file that the person asked for and named: the whole of it or nothing, and never
    /// into the store's folder or over its key.
    pub fn write_file(
        &self,
        path: &Path,
        bytes: &[u8],
        existing: Existing,
    ) -> Result<(), ClientError> {
        Ok(self.guarded.write(path, bytes, existing)?)
    }

    /// Where nothing is written.
    pub fn guarded(&self) -> &Guarded {
        &self.guarded
    }

    /// Writes everything of the current person into a folder that is empty or not there yet:
    /// `reports.json`, and each report's attachments in a folder named by its key. For this
    /// user of the machine alone, and not encrypted. Where it fails, nothing of it stays.
    pub fn export(&self, folder: &Path) -> Result<Exported, ClientError> {
        self.guarded.allows(folder)?;
        let is_new = fs::symlink_metadata(folder).is_err();
        make_private_folder(folder).map_err(output)?;
        if fs::read_dir(folder).map_err(output)?.next().is_some() {
            return Err(OutputError::NotEmpty.into());
        }
        let keys = self.store().export_keys()?;
        self.export_all(folder, &keys).inspect_err(|_| {
            // The folder was empty: what has these names is ours. The first error is the one to tell.
            for key in &keys {
                let _ = fs::remove_dir_all(folder.join(key.to_string()));
            }
            let _ = fs::remove_file(folder.join(REPORTS));
            if is_new {
                let _ = fs::remove_dir(folder);
            }
        })
    }

    fn export_all(&self, folder: &Path, keys: &[ReportKey]) -> Result<Exported, ClientError> {
        let mut exported = Exported {
            reports: 0,
            attachments: 0,
            attachments_gone: 0,
        };
        let mut reports = Vec::new();
        for key in keys {
            let detail = self.show(key)?;
            self.export_attachments(folder, key, &detail, &mut exported)?;
            reports.push(report(&detail));
            exported.reports = exported.reports.saturating_add(1);
        }
        let text = serde_json::to_vec_pretty(&json!({ "format": 1, "reports": reports }));
        let text = text.map_err(|error| output(error.into()))?;
        self.write_file(&folder.join(REPORTS), &text, Existing::Keep)?;
        Ok(exported)
    }

    fn export_attachments(
        &self,
        folder: &Path,
        key: &ReportKey,
        detail: &ReportDetail,
        exported: &mut Exported,
    ) -> Result<(), ClientError> {
        let own = folder.join(key.to_string());
        for attachment in &detail.attachments {
            if !attachment.present {
                exported.attachments_gone = exported.attachments_gone.saturating_add(1);
                continue;
            }
            make_private_folder(&own).map_err(output)?;
            let bytes = self.picture(key, attachment.position)?;
            self.write_file(&own.join(&attachment.name), &bytes, Existing::Keep)?;
            exported.attachments = exported.attachments.saturating_add(1);
        }
        Ok(())
    }

    /// Erases everything of the current person from this phone, what was not sent included, and
    /// signs out, at the gateway too if it can be reached. What the service has, it keeps: ask it to
    /// delete that.
    pub fn forget_me(&self) -> Result<Erased, ClientError> {
        let (erased, revocation) = self.forget_me_here()?;
        if let Some(revocation) = revocation {
            self.revoke(revocation);
        }
        Ok(erased)
    }

    /// The part of [`Client::forget_me`] that waits for no network.
    pub fn forget_me_here(&self) -> Result<(Erased, Option<Revocation>), ClientError> {
        let mut store = self.store();
        let tokens = store.tokens().ok().flatten();
        let erased = store.forget_me()?;
        self.end_sign_ins();
        drop(store);
        self.tell_accepted();
        self.tell(super::Changed::Account);
        Ok((erased, tokens.map(Revocation)))
    }
}

fn output(error: io::Error) -> ClientError {
    OutputError::from(error).into()
}

fn report(detail: &ReportDetail) -> Value {
    let (row, form) = (&detail.row, &detail.draft.form);
    let attachments: Vec<Value> = detail
        .attachments
        .iter()
        .map(|one| {
            json!({
                "name": one.name,
                "sha256": one.sha256,
                "bytes": one.bytes,
                "media_type": one.media_type,
                "stored": one.stored,
                "present": one.present,
                "lost": one.is_lost(),
            })
        })
        .collect();
    let events: Vec<Value> = detail
        .events
        .iter()
        .map(|event| {
            json!({
                "key": event.key,
                "created_at": event.created_at.to_string(),
                "state": event.state,
                "body": serde_json::from_slice::<Value>(&event.body).unwrap_or(Value::Null),
            })
        })
        .collect();
    json!({
        "key": row.key,
        "phase": row.phase,
        "tracking_id": row.tracking_id,
        "prior_tracking_ids": detail.prior_tracking_ids,
        "status": row.status,
        "created_at": row.created_at.to_string(),
        "edited_at": row.edited_at.to_string(),
        "accepted_at": row.accepted_at.map(|at| at.to_string()),
        "classification": form.classification,
        "title": form.title,
        "content": form.content,
        "incident_date": form.incident_date,
        "location": form.location,
        "area_code": form.area_code,
        "institution_id": form.institution_id,
        "category_id": form.category_id,
        "anonymous": form.anonymous,
        "secret": form.secret,
        "place": form.place,
        "attachments": attachments,
        "events": events,
        "service": serde_json::from_str::<Value>(&detail.server_text).unwrap_or(Value::Null),
    })
}
