//! What may travel while an answer is awaited: on a quick line the wait for one picture's answer
//! would be a fifth of the time that the next one takes.

use super::{Step, Surroundings, Task, Upload, Work, plan};
use crate::calendar::Instant;

#[cfg(test)]
mod tests;

/// A chunk is a minute of line ([`super::Chunks`]); a picture of less than this part of it is soon
/// through. On a slower line two would only keep each other, and words, waiting.
const PART_OF_CHUNK: u64 = 8;

/// The next picture, once the last byte of `flying` has been handed to the line. Each stands on its
/// own: neither follows the other, and whatever becomes of one says nothing of the other's bytes.
pub fn beside(
    work: &Work,
    flying: &Task,
    surroundings: &Surroundings,
    now: Instant,
) -> Option<Task> {
    let Task::UploadChunk { operation, .. } = flying else {
        return None;
    };
    if work.origin.trouble.is_some() || !ends_quick_picture(flying, work) {
        return None;
    }
    let mut others = work.clone();
    others.operations.retain(|row| row.id != *operation);
    match plan(&others, surroundings, now) {
        Step::Send(task) if ends_quick_picture(&task, work) => Some(task),
        _ => None,
    }
}

fn ends_quick_picture(task: &Task, work: &Work) -> bool {
    let Task::UploadChunk {
        attachment,
        offset,
        length,
        ..
    } = task
    else {
        return false;
    };
    let upload = work
        .uploads
        .iter()
        .find(|upload| upload.attachment == *attachment);
    upload.is_some_and(|upload| offset + length >= upload.bytes && is_quick(upload))
}

fn is_quick(upload: &Upload) -> bool {
    upload.chunk > 0 && upload.bytes.saturating_mul(PART_OF_CHUNK) <= upload.chunk
}
