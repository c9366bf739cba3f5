//! What may travel while an answer is awaited: on a quick line the wait for one picture's answer
//! would be a fifth of the time that the next one takes.

use super::{Step, Surroundings, Task, Upload, Work, chunk::Chunks, plan};
use crate::calendar::Instant;

#[cfg(test)]
mod tests;

/// A chunk is a minute of line ([`super::Chunks`]); a picture of less than this part of it is soon
/// through. On a slower line two would only keep each other, and words, waiting.
const PART_OF_CHUNK: u64 = 8;

/// How a chunk on the line has gone so far: what is known of a line over which nothing has gone yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Handed to the line.
    pub bytes: u64,
    pub took_ms: u64,
}

/// The next picture, once the last byte of `flying` has been handed to the line. Each stands on its
/// own: neither follows the other, and whatever becomes of one says nothing of the other's bytes.
pub fn beside(
    work: &Work,
    flying: &Task,
    pace: Pace,
    surroundings: &Surroundings,
    now: Instant,
) -> Option<Task> {
    let Task::UploadChunk { operation, .. } = flying else {
        return None;
    };
    if work.origin.trouble.is_some() || !ends_quick_picture(flying, work, pace) {
        return None;
    }
    let mut others = work.clone();
    others.operations.retain(|row| row.id != *operation);
    match plan(&others, surroundings, now) {
        Step::Send(task) if ends_quick_picture(&task, work, pace) => Some(task),
        _ => None,
    }
}

fn ends_quick_picture(task: &Task, work: &Work, pace: Pace) -> bool {
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
    upload.is_some_and(|upload| offset + length >= upload.bytes && is_quick(upload, pace))
}

fn is_quick(upload: &Upload, pace: Pace) -> bool {
    let a_minute = if upload.chunk > 0 {
        upload.chunk
    } else {
        pace.bytes.saturating_mul(Chunks::TARGET_MS) / pace.took_ms.max(1)
    };
    upload.bytes.saturating_mul(PART_OF_CHUNK) <= a_minute
}
