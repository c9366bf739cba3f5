//! The file that a person picked: opened once, checked on the open handle, read from it alone.
//!
//! Whoever can write into the folder could swap the path between a check and an opening, so nothing
//! is asked of the path. Opening does not wait for the other end of a pipe.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::SystemTime;

use crate::error::{FileKind, PhotoError};

/// Nothing that a phone's camera writes comes near; it bounds the time that a file can take.
const MAX_FILE_BYTES: u64 = 512 * 1024 * 1024;
const BUFFER_BYTES: usize = 16 * 1024;

pub(crate) struct Source {
    file: File,
    bytes: u64,
    modified: Option<SystemTime>,
    position: u64,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
}

impl Source {
    pub(crate) fn open(path: &Path) -> Result<Self, PhotoError> {
        let mut options = OpenOptions::new();
        options.read(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
        }
        let file = options.open(path).map_err(|error| refused(&error))?;
        let metadata = file
            .metadata()
            .map_err(|error| PhotoError::reading(&error))?;
        if !metadata.is_file() {
            return Err(PhotoError::NotAFile {
                kind: kind(&metadata),
            });
        }
        let bytes = metadata.len();
        if bytes == 0 {
            return Err(PhotoError::Empty);
        }
        if bytes > MAX_FILE_BYTES {
            return Err(PhotoError::FileTooLarge {
                bytes,
                limit: MAX_FILE_BYTES,
            });
        }
        Ok(Self {
            file,
            bytes,
            modified: metadata.modified().ok(),
            position: 0,
            buffer: vec![0; BUFFER_BYTES].into_boxed_slice(),
            start: 0,
            end: 0,
        })
    }

    /// Size at the time of opening.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Where the next byte comes from.
    pub(crate) fn position(&self) -> u64 {
        self.position - (self.end - self.start) as u64
    }

    pub(crate) fn rewind(&mut self) -> Result<(), PhotoError> {
        self.seek(SeekFrom::Start(0))
            .map(drop)
            .map_err(|error| PhotoError::reading(&error))
    }

    /// Up to `room`, 0 at the end of the file.
    pub(crate) fn read_into(&mut self, room: &mut [u8]) -> Result<usize, PhotoError> {
        self.read(room).map_err(|error| PhotoError::reading(&error))
    }

    /// As many of the first bytes as there are, up to `most`; the source is rewound after it.
    pub(crate) fn first(&mut self, most: usize) -> Result<Vec<u8>, PhotoError> {
        self.rewind()?;
        let mut bytes = Vec::with_capacity(most);
        Read::take(&mut *self, most as u64)
            .read_to_end(&mut bytes)
            .map_err(|error| PhotoError::reading(&error))?;
        self.rewind()?;
        Ok(bytes)
    }

    /// Whether the file is still the one that was opened: asked after reading, and when reading
    /// failed, because a picture made of two halves is worse than none.
    pub(crate) fn unchanged(&self) -> Result<(), PhotoError> {
        let metadata = self
            .file
            .metadata()
            .map_err(|error| PhotoError::reading(&error))?;
        if metadata.len() < self.bytes {
            return Err(PhotoError::Vanished {
                read: metadata.len(),
                expected: self.bytes,
            });
        }
        if metadata.len() > self.bytes || metadata.modified().ok() != self.modified {
            return Err(PhotoError::Changed);
        }
        Ok(())
    }

    fn fill(&mut self) -> io::Result<()> {
        self.start = 0;
        self.end = 0;
        self.end = uninterrupted(&mut self.file, &mut self.buffer)?;
        self.position += self.end as u64;
        Ok(())
    }
}

fn uninterrupted(file: &mut File, room: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read(room) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

impl Read for Source {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end && room.len() >= self.buffer.len() {
            let count = uninterrupted(&mut self.file, room)?;
            self.position += count as u64;
            return Ok(count);
        }
        let ready = self.fill_buf()?;
        let count = ready.len().min(room.len());
        for (to, from) in room.iter_mut().zip(ready) {
            *to = *from;
        }
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Source {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            self.fill()?;
        }
        Ok(self.buffer.get(self.start..self.end).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        if let SeekFrom::Current(by) = to {
            // A step within the buffer needs no system call.
            let forward = usize::try_from(by)
                .ok()
                .filter(|by| *by <= self.end - self.start);
            if let Some(by) = forward {
                self.start += by;
                return Ok(self.position());
            }
        }
        let to = match to {
            SeekFrom::Current(by) => {
                let target = self.position().checked_add_signed(by);
                SeekFrom::Start(target.ok_or(io::ErrorKind::InvalidInput)?)
            }
            other => other,
        };
        self.position = self.file.seek(to)?;
        self.start = 0;
        self.end = 0;
        Ok(self.position)
    }
}

/// Opening a socket fails before there is a handle to ask.
fn refused(error: &io::Error) -> PhotoError {
    #[cfg(unix)]
    if error.raw_os_error() == Some(libc::ENXIO) {
        return PhotoError::NotAFile {
            kind: FileKind::Socket,
        };
    }
    PhotoError::reading(error)
}

fn kind(metadata: &Metadata) -> FileKind {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let of = metadata.file_type();
        if of.is_fifo() {
            return FileKind::Fifo;
        }
        if of.is_socket() {
            return FileKind::Socket;
        }
        if of.is_char_device() || of.is_block_device() {
            return FileKind::Device;
        }
    }
    if metadata.is_dir() {
        FileKind::Directory
    } else {
        FileKind::Other
    }
}

#[cfg(test)]
mod tests;
