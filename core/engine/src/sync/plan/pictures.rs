//! Which picture is next, and which request of it.

use super::again::stands_behind;
use crate::sync::{Operation, OperationKind, Task, Upload, Work, chunk::Chunks};

/// Pictures of so many chunks, that is of two minutes of line, wait at most for the gateway to say that
/// it has them whole.
const CONFIRMED_TOGETHER: u64 = 2;

/// The next step of a picture. Asking whether the gateway has one whole costs a round trip with an
/// idle line: on a line that carries a picture in one chunk, the next one's bytes go first.
pub(super) fn next_of_pictures(due: &[&&Operation], work: &Work) -> Option<Task> {
    let mut tasks: Vec<(bool, Option<&Upload>, Task)> = due
        .iter()
        .filter(|row| row.kind == OperationKind::UploadAttachment)
        .filter_map(|row| {
            let task = upload_task(row, work)?;
            Some((stands_behind(row, work), quick_and_whole(row, work), task))
        })
        .collect();
    if tasks.iter().any(|(behind, ..)| !behind) {
        tasks.retain(|(behind, ..)| !behind);
    }
    let whole = || tasks.iter().filter_map(|(_, whole, _)| *whole);
    let waiting: u64 = whole().map(|upload| upload.bytes).sum();
    let chunk = whole().map(|upload| upload.chunk).min().unwrap_or(1);
    let confirm = waiting >= chunk.saturating_mul(CONFIRMED_TOGETHER);
    let next = tasks
        .iter()
        .find(|(_, whole, _)| whole.is_some() == confirm);
    next.or(tasks.first()).map(|(.., task)| task.clone())
}

fn quick_and_whole<'w>(row: &Operation, work: &'w Work) -> Option<&'w Upload> {
    let mut uploads = work.uploads.iter();
    uploads.find(|upload| {
        Some(upload.attachment) == row.attachment
            && upload.url.is_some()
            && upload.offset_is_sure
            && upload.offset >= upload.bytes
            && upload.bytes <= upload.chunk
    })
}

pub(in crate::sync) fn upload_task(row: &Operation, work: &Work) -> Option<Task> {
    let upload: &Upload = work
        .uploads
        .iter()
        .find(|upload| Some(upload.attachment) == row.attachment)?;
    let operation = row.id;
    Some(match &upload.url {
        None => Task::Locate {
            operation,
            report: row.report,
        },
        Some(url) if !upload.offset_is_sure => Task::UploadOffset {
            operation,
            attachment: upload.attachment,
            url: url.clone(),
        },
        // All bytes are there: it is stored only when the gateway lists it.
        Some(_) if upload.offset >= upload.bytes => Task::Locate {
            operation,
            report: row.report,
        },
        Some(url) => Task::UploadChunk {
            operation,
            attachment: upload.attachment,
            url: url.clone(),
            offset: upload.offset,
            length: piece(upload, work),
        },
    })
}

/// The length of the next chunk, bytes.
fn piece(upload: &Upload, work: &Work) -> u64 {
    let chunk = Chunks::current(upload.chunk);
    let narrow = work.origin.narrow.as_ref();
    let through = narrow.map_or(chunk, |narrow| narrow.bytes.max(Chunks::FLOOR));
    chunk.min(through).min(upload.bytes - upload.offset)
}
