//! `lapor sync --watch` beside the commands of the foreground: two processes on one store.

use std::{
    fs,
    path::Path,
    process::{Child, Stdio},
    time::Duration,
};

use anyhow::{Context, Result};
use lapor_e2e::{Phone, Ran, wait_until};

use crate::{
    broken::{Kind, hold},
    victim::Lives,
};

const BEGINS: Duration = Duration::from_secs(20);

#[derive(Debug, Default)]
pub(crate) struct Background(Option<Child>);

impl Background {
    pub(crate) fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// Comes back when it runs: before that, a sync of the foreground could be the one that sends, and
    /// this one would end.
    pub(crate) fn begin(&mut self, phone: &Phone, folder: &Path) -> Result<()> {
        let trace = folder.join("watch");
        let _none = fs::remove_file(&trace);
        let named = trace.to_str().context("a path in UTF-8")?;
        let words = ["--network", "up", "--trace", named, "sync", "--watch"];
        self.0 = Some(phone.command(&words)?.stdout(Stdio::null()).spawn()?);
        wait_until("the watch to begin", BEGINS, || {
            Ok(fs::metadata(&trace).is_ok_and(|trace| trace.len() > 0))
        })
    }

    /// Killed wherever it is.
    pub(crate) fn end(&mut self, lives: &Lives) -> Result<()> {
        if let Some(mut child) = self.0.take() {
            child.kill()?;
            let ran = Ran::from(child.wait_with_output()?);
            let killed = ran.code == -1;
            lives.count("sync --watch", killed);
            hold!(
                Kind::Other,
                killed,
                "sync --watch ended by itself with {}: {}",
                ran.code,
                ran.err
            );
        }
        Ok(())
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _gone = child.kill();
            let _reaped = child.wait();
        }
    }
}
