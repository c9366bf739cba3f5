//! An ICC profile in a JPEG: cut into APP2 segments, each with its number (ICC.1:2022, annex B.4).

use std::io::{BufRead, Seek, SeekFrom};

use super::Segments;
use crate::error::PhotoError;

/// Their count is one byte.
pub(super) const MAX_PARTS: usize = 255;
const MARK: &[u8; 12] = b"ICC_PROFILE\0";

/// A part of the profile: where its bytes lie in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProfilePart {
    /// From 1.
    number: u8,
    of: u8,
    at: u64,
    length: usize,
}

impl<S: BufRead + Seek> Segments<'_, S> {
    /// Passes an APP2 segment of `length`.
    pub(super) fn profile_part(
        &mut self,
        length: usize,
    ) -> Result<Option<ProfilePart>, PhotoError> {
        let Some(rest) = length.checked_sub(MARK.len() + 2) else {
            self.skip(length)?;
            return Ok(None);
        };
        let mark: [u8; MARK.len()] = self.bytes()?;
        let [number, of] = self.bytes()?;
        let at = self
            .source
            .stream_position()
            .map_err(|error| PhotoError::reading(&error))?;
        self.skip(rest)?;
        Ok((&mark == MARK).then_some(ProfilePart {
            number,
            of,
            at,
            length: rest,
        }))
    }
}

/// Puts the parts together, wherever they stand; `None` unless each is there once, or for more than
/// `most` bytes. Moves the source.
pub(crate) fn whole_profile(
    source: &mut (impl BufRead + Seek),
    parts: &[ProfilePart],
    most: usize,
) -> Result<Option<Vec<u8>>, PhotoError> {
    let mut parts = parts.to_vec();
    parts.sort_by_key(|part| part.number);
    let complete = parts.iter().zip(1_usize..).all(|(part, number)| {
        usize::from(part.number) == number && usize::from(part.of) == parts.len()
    });
    let size: usize = parts.iter().map(|part| part.length).sum();
    if parts.is_empty() || !complete || size > most {
        return Ok(None);
    }
    let mut profile = Vec::with_capacity(size);
    for part in parts {
        source
            .seek(SeekFrom::Start(part.at))
            .map_err(|error| PhotoError::reading(&error))?;
        let segment = Segments { source }.segment(part.length)?;
        profile.extend(segment);
    }
    Ok(Some(profile))
}
