//! Bodies in plain files for the OS, in `HOME/spool`: the only place where something of a report
//! lies outside the encrypted store. Only for this user to read, and only as long as its job is
//! open. Never of a secret report.

use std::{io, path::PathBuf};

use super::{
    Store, StoreError, background,
    files::{self, Written},
    folder,
};

/// One piece of a picture while it is written out.
const PIECE: usize = 256 * 1024;

/// What goes into a file of the spool.
pub enum Spooled<'a> {
    Bytes(&'a [u8]),
    Attachment {
        attachment: i64,
        offset: u64,
        length: u64,
    },
}

impl Store {
    /// Writes a body whole, durable and closed when this returns.
    pub fn spool(&self, job: &str, body: &Spooled<'_>) -> Result<PathBuf, StoreError> {
        let spool = self.home.spool();
        folder::make(&spool)?;
        let path = spool.join(job);
        let written = self
            .write_out(&path, body)
            .and_then(|()| Ok(folder::sync(&spool)?));
        if written.is_err() {
            // The first error is the one to tell; the next sweep finds what is left.
            let _ = files::remove(&path);
        }
        written.map(|()| path)
    }

    fn write_out(&self, path: &std::path::Path, body: &Spooled<'_>) -> Result<(), StoreError> {
        let mut file = Written::create_new(path)?;
        match body {
            Spooled::Bytes(bytes) => file.append(bytes)?,
            Spooled::Attachment {
                attachment,
                offset,
                length,
            } => {
                let mut piece = vec![0; PIECE];
                let mut done = 0;
                while done < *length {
                    let left = usize::try_from(length - done).unwrap_or(PIECE).min(PIECE);
                    let room = piece.get_mut(..left).unwrap_or_default();
                    let read = self.read_attachment(*attachment, offset + done, room)?;
                    if read == 0 {
                        return Err(StoreError::Damaged);
                    }
                    file.append(room.get(..read).unwrap_or_default())?;
                    done += read as u64;
                }
            }
        }
        file.sync()?;
        Ok(())
    }

    pub fn drop_spooled(&self, job: &str) -> Result<(), StoreError> {
        Ok(folder::remove_if_there(&self.home.spool().join(job))?)
    }

    /// Removes what no open job names: left by a kill, taken back, or of somebody who was
    /// forgotten.
    pub fn sweep_spool(&self) -> Result<(), StoreError> {
        let names = match files::names(&self.home.spool()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            names => names?,
        };
        let open = self.read(background::open_jobs)?;
        for name in names {
            if !open.iter().any(|job| name.to_str() == Some(&job.id)) {
                folder::remove_if_there(&self.home.spool().join(name))?;
            }
        }
        Ok(())
    }
}
