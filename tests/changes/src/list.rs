//! What cargo-mutants would change.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde::Deserialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Genre {
    FnValue,
    BinaryOperator,
    UnaryOperator,
    MatchArm,
    MatchArmGuard,
    StructField,
}

/// A place in a file: line and column from 1, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) struct Span {
    pub(crate) start: Place,
    pub(crate) end: Place,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Change {
    pub(crate) file: String,
    pub(crate) genre: Genre,
    pub(crate) name: String,
    pub(crate) package: String,
    pub(crate) replacement: String,
    pub(crate) span: Span,
}

pub(crate) fn read(path: &Path, package: &str) -> Result<Vec<Change>> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let mut changes: Vec<Change> = serde_json::from_str(&text).context("the list of changes")?;
    changes.retain(|change| change.package == package);
    Ok(changes)
}

impl Place {
    /// The byte of the text that stands here.
    pub(crate) fn byte(self, text: &str) -> Option<usize> {
        let mut start = 0;
        for _ in 1..self.line {
            start += text.get(start..)?.find('\n')? + 1;
        }
        let line = text.get(start..)?;
        let mut characters = line.char_indices().map(|(byte, _)| byte);
        let column = characters
            .nth(self.column.checked_sub(1)?)
            .unwrap_or(line.len());
        Some(start + column)
    }
}
