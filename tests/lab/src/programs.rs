use std::{env, path::PathBuf};

use anyhow::{Context, Result, bail};

/// A program built beside this one; `LAPOR_BIN_DIR` names another folder.
pub(crate) fn program(name: &str) -> Result<PathBuf> {
    let folder = match env::var_os("LAPOR_BIN_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => env::current_exe()?
            .parent()
            .context("this program lies nowhere")?
            .to_owned(),
    };
    let path = folder.join(name);
    if !path.is_file() {
        bail!("{} is not built", path.display());
    }
    Ok(path.canonicalize()?)
}
