use std::{env, path::PathBuf};

use anyhow::{Context, Result, bail};

/// The path of a program built beside this one; `LAPOR_BIN_DIR` names another folder.
pub fn program(name: &str) -> Result<PathBuf> {
    if let Some(folder) = env::var_os("LAPOR_BIN_DIR") {
        return Ok(PathBuf::from(folder).join(name));
    }
    let this = env::current_exe().context("the path of this program")?;
    // target/<profile>/lapor-demo or target/<profile>/deps/<test>
    let found = this
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file());
    match found {
        Some(path) => Ok(path),
        None => bail!(
            "{name} is not built; run: cargo build -p lapor-cli -p lapor-sandbox --features lapor-cli/qa"
        ),
    }
}
