//! What cannot stand behind a switch (a constant, an arm without which the others do not suffice) is
//! put in its place, built and tested by itself.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{
    list::Change,
    tests_of::{self, End, Found, Runs},
};

/// What was found, and the names of those that compile nowhere.
pub(crate) fn all(
    tree: &Path,
    changes: &[Change],
    runs: &Runs<'_>,
) -> Result<(Found, Vec<String>)> {
    let (mut found, mut unviable) = (Found::default(), Vec::new());
    for change in changes {
        let path = tree.join(&change.file);
        let before = fs::read_to_string(&path).with_context(|| change.file.clone())?;
        fs::write(
            &path,
            changed(&before, change).context("a change that is nowhere")?,
        )?;
        let program = tests_of::build(tree, runs.package)?;
        fs::write(&path, before)?;
        let name = change.name.clone();
        let Some(program) = program else {
            unviable.push(name);
            continue;
        };
        let end = runs.change(&program, usize::MAX, change)?;
        if end != End::Failed {
            println!("{end:?}: {name}");
        }
        found.put(end, name);
    }
    Ok((found, unviable))
}

fn changed(text: &str, change: &Change) -> Option<String> {
    let before = text.get(..change.span.start.byte(text)?)?;
    let after = text.get(change.span.end.byte(text)?..)?;
    Some(format!("{before}{}{after}", change.replacement))
}
