//! The gateway's clock: the machine's own, shifted by a number of seconds that QA sets.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lapor_sandbox_rules::Instant;

/// The shift lies in a file beside the database, so that a gateway that starts again does not
/// fall back behind what it has promised.
#[derive(Debug)]
pub(crate) struct Clock {
    shift_seconds: AtomicI64,
    file: PathBuf,
}

impl Clock {
    pub(crate) fn open(db: &Path) -> std::io::Result<Self> {
        let mut beside = db.as_os_str().to_owned();
        beside.push("-clock");
        let file = PathBuf::from(beside);
        let shift = match std::fs::read_to_string(&file) {
            Ok(text) => text.trim().parse().map_err(|_| {
                std::io::Error::other("the clock's file beside the database holds no number")
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        Ok(Self {
            shift_seconds: AtomicI64::new(shift),
            file,
        })
    }

    pub(crate) fn shift_seconds(&self) -> i64 {
        self.shift_seconds.load(Ordering::SeqCst)
    }

    pub(crate) fn set_shift(&self, seconds: i64) -> std::io::Result<()> {
        std::fs::write(&self.file, seconds.to_string())?;
        self.shift_seconds.store(seconds, Ordering::SeqCst);
        Ok(())
    }

    pub(crate) fn now(&self) -> Instant {
        let real = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| {
                i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
            });
        Instant::from_millis(real).plus_seconds(self.shift_seconds())
    }

    /// The `Date` header of answers that the rules did not make.
    pub(crate) fn http_date(&self) -> String {
        let millis = u64::try_from(self.now().millis()).unwrap_or(0);
        httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(millis))
    }
}
