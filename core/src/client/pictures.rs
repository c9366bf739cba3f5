use std::{path::Path, sync::Arc};

use lapor_engine::{
    mutant,
    report::{AsItIs, ReportKey, Sha256Hash},
};
use lapor_photo::{Flow, Hints, MediaType, Progress, Region, Settings as PhotoSettings};

use super::{Changed, Client, ClientError, Settings};
use crate::{
    net::{ReadAttachment, Unreadable},
    store::{AttachmentRow, ListThumbnail, NewAttachment},
};

/// Told how far a picture is; answers whether to go on.
pub type PictureProgress<'a> = &'a mut dyn FnMut(Progress) -> Flow;

/// A picture that is kept with its report.
#[derive(Debug, Clone, PartialEq)]
pub struct Attached {
    pub attachment: AttachmentRow,
    /// When and where the photo was taken, to be offered to the reporter. Sent only as far as the
    /// reporter puts it into the form.
    pub hints: Hints,
    /// Milliseconds that making it took.
    pub took_ms: u64,
    /// Of a document: it is sent as it is, and its writer is to know. None of a picture.
    pub as_it_is: Option<AsItIs>,
}

/// Pixels on the longer side of the small picture that a list shows.
const THUMBNAIL_EDGE: u32 = 256;

/// What is wished of one picture beyond the settings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AttachOptions {
    /// Overrides the setting.
    pub max_bytes: Option<u64>,
    /// Parts of the upright picture that nobody shall see.
    pub covered: Vec<Region>,
}

/// What the photo room is asked for.
fn asked(chosen: &Settings, options: AttachOptions, most_bytes: u64) -> PhotoSettings {
    let usual = PhotoSettings::default();
    let budget = options.max_bytes.unwrap_or_else(|| chosen.budget());
    PhotoSettings {
        max_bytes: budget.min(most_bytes),
        max_edge: chosen.picture_edge,
        thumbnail_edge: THUMBNAIL_EDGE,
        redactions: options.covered,
        threads: chosen.picture_threads.chosen(),
        max_document_bytes: usual.max_document_bytes.min(most_bytes),
        ..usual
    }
}

impl Client {
    /// Makes the picture at `path` small and keeps it with the draft, in one transaction. The
    /// file itself is not needed again. What is covered is nowhere on the phone but in that file.
    pub fn attach(
        &self,
        key: &ReportKey,
        path: &Path,
        options: AttachOptions,
        progress: PictureProgress<'_>,
    ) -> Result<Attached, ClientError> {
        let (limits, draft) = {
            let store = self.store();
            (store.limits()?, store.draft(*key)?)
        };
        if !draft.phase.is_editable() {
            return Err(ClientError::NotEditable { phase: draft.phase });
        }
        if draft.attachments.len() >= limits.attachments as usize {
            return Err(ClientError::TooManyAttachments {
                limit: limits.attachments,
            });
        }
        let chosen = self.settings()?;
        let settings = asked(&chosen, options, limits.attachment_bytes);
        let picture = lapor_photo::prepare(path, &settings, progress)?;
        let media_type = match picture.media_type {
            MediaType::Jpeg => "image/jpeg",
            MediaType::Pdf => "application/pdf",
        };
        let at = self.now();
        let attachment = self.store().attach(
            *key,
            &NewAttachment {
                bytes: picture.bytes,
                sha256: Sha256Hash(picture.sha256),
                media_type: media_type.to_owned(),
                width: picture.width,
                height: picture.height,
                quality: picture.quality,
                thumbnail: picture.thumbnail,
                original_bytes: picture.original_bytes,
            },
            at,
        )?;
        self.tell(Changed::Reports);
        Ok(Attached {
            attachment,
            hints: picture.hints,
            took_ms: picture.millis,
            as_it_is: AsItIs::of(media_type, &draft.form).map(|note| AsItIs {
                details_seen: picture.details_seen,
                ..note
            }),
        })
    }

    /// Takes an attachment off a draft, by its position from 0.
    pub fn detach(&self, key: &ReportKey, position: u32) -> Result<(), ClientError> {
        let at = self.now();
        let mut store = self.store();
        let attachment = store
            .draft(*key)?
            .attachments
            .get(position as usize)
            .map(|row| row.id);
        store.detach(*key, attachment.ok_or(ClientError::NoSuchAttachment)?, at)?;
        drop(store);
        self.tell(Changed::Reports);
        Ok(())
    }

    /// The bytes of an attachment as they are sent, for the screen.
    pub fn picture(&self, key: &ReportKey, position: u32) -> Result<Vec<u8>, ClientError> {
        let store = self.store();
        let draft = store.draft(*key)?;
        let row = draft
            .attachments
            .get(position as usize)
            .ok_or(ClientError::NoSuchAttachment)?;
        let mut bytes = vec![0; usize::try_from(row.bytes).unwrap_or(0)];
        let mut read = 0;
        while let Some(rest) = bytes.get_mut(read..).filter(|rest| !rest.is_empty()) {
            match store.read_attachment(row.id, read as u64, rest)? {
                0 => return Err(ClientError::Corrupt),
                count => read += count,
            }
        }
        Ok(bytes)
    }

    /// The small JPEG of a picture, for a list; none for a document, and for a picture that was
    /// attached before there were any. It stays when the picture's own bytes are given back.
    pub fn thumbnail(&self, sha256: Sha256Hash) -> Result<Option<Vec<u8>>, ClientError> {
        Ok(self.store().thumbnail(sha256)?)
    }

    /// The first small picture of each report that has one, in the order of `keys`: one call for a
    /// whole list screen.
    pub fn thumbnails(&self, keys: &[ReportKey]) -> Result<Vec<ListThumbnail>, ClientError> {
        Ok(self.store().thumbnails(keys)?)
    }

    pub(super) fn attachment_reader(&self) -> ReadAttachment {
        let store = Arc::clone(&self.store);
        Arc::new(move |attachment, offset, most| {
            let mut piece = vec![0; most];
            let store = store
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            let read = match store.read_attachment(attachment, offset, &mut piece) {
                Err(_) if mutant!(ZerosForDamage) && store.stays_damaged() => most,
                read => read.map_err(|_| Unreadable)?,
            };
            piece.truncate(read);
            Ok(piece)
        })
    }
}

#[cfg(test)]
mod tests;
