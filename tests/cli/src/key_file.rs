//! The file that stands in for a phone's Keystore: the store's key and the install id.
//!
//! Two lines of hexadecimal digits: 32 bytes of key, 16 bytes of install id. Made once, with mode
//! 0600, and only where no store exists: a new key beside a store would look like a wrong one.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use lapor_core::store::StoreKey;
use zeroize::Zeroizing;

use crate::exit::Exit;

#[cfg(test)]
mod tests;

const KEY: usize = 32;
const INSTALL: usize = 16;
/// Two lines, and room for a careless editor's line ends.
const MOST: u64 = 2 * (KEY as u64 + INSTALL as u64) + 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeyFileError {
    /// A store is there and its key is not.
    #[error("the key file is missing beside an existing store")]
    Missing,
    #[error("the key file does not hold a key")]
    Malformed,
    #[error("the key file may not be read")]
    Locked,
    #[error("the key file could not be read or written: {kind}")]
    Io { kind: io::ErrorKind },
    /// The first use, and the disk on which the key is to lie is full.
    #[error("there is no room for the key file")]
    NoRoom,
    /// The first use of a folder in which nothing can be kept.
    #[error("no key file can be made there: {kind}")]
    NotMade { kind: io::ErrorKind },
}

impl KeyFileError {
    pub(crate) fn exit(self) -> Exit {
        match self {
            Self::Missing | Self::Malformed => Exit::Corrupt,
            Self::Locked => Exit::InUse,
            Self::Io { .. } | Self::NotMade { .. } | Self::NoRoom => Exit::Failed,
        }
    }

    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Missing => "key_missing",
            Self::Malformed => "key_file_damaged",
            Self::Locked => "key_file_locked",
            Self::Io { .. } => "key_file",
            Self::NoRoom => "disk_full",
            Self::NotMade { .. } => "home_not_writable",
        }
    }
}

impl From<io::Error> for KeyFileError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::PermissionDenied => Self::Locked,
            kind => Self::Io { kind },
        }
    }
}

/// `<home>.key`, beside the store's folder and not in it: whoever copies the folder alone has
/// nothing.
pub(crate) fn beside(home: &Path) -> PathBuf {
    let mut name = home.file_name().unwrap_or_default().to_owned();
    name.push(".key");
    home.with_file_name(name)
}

/// The key, or nothing when there is no such file.
pub(crate) fn read(path: &Path) -> Result<Option<StoreKey>, KeyFileError> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        // There is a file where a folder should be: nothing to do with keys.
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Err(KeyFileError::NotMade { kind: error.kind() });
        }
        file => file?,
    };
    if !file.metadata()?.is_file() {
        return Err(KeyFileError::Malformed);
    }
    let mut text = Zeroizing::new(String::with_capacity(MOST as usize + 1));
    match file.take(MOST + 1).read_to_string(&mut text) {
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(KeyFileError::Malformed);
        }
        read => read?,
    };
    if text.len() as u64 > MOST {
        return Err(KeyFileError::Malformed);
    }
    parse(&text).map(Some).ok_or(KeyFileError::Malformed)
}

fn parse(text: &str) -> Option<StoreKey> {
    let mut lines = text.lines();
    let key = Zeroizing::new(bytes::<KEY>(lines.next()?)?);
    let install = bytes::<INSTALL>(lines.next()?)?;
    lines
        .all(|line| line.trim().is_empty())
        .then(|| StoreKey::new(*key, install))
}

fn bytes<const N: usize>(line: &str) -> Option<[u8; N]> {
    let line = line.trim();
    if line.len() != 2 * N || !line.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(line.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// Makes a key where there is none. When another process was faster, its key is the key.
pub(crate) fn make(path: &Path) -> Result<StoreKey, KeyFileError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let not_made = |error: io::Error| match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            KeyFileError::NoRoom
        }
        kind => KeyFileError::NotMade { kind },
    };
    fs::create_dir_all(folder).map_err(not_made)?;
    let mut random = Zeroizing::new([0_u8; KEY + INSTALL + 8]);
    getrandom::fill(random.as_mut()).map_err(|_| KeyFileError::Io {
        kind: io::ErrorKind::Unsupported,
    })?;
    let (key, rest) = random.split_at(KEY);
    let (install, unique) = rest.split_at(INSTALL);
    let text = Zeroizing::new(format!(
        "{}\n{}\n",
        hex(key).as_str(),
        hex(install).as_str()
    ));

    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", hex(unique).as_str()));
    let fresh = path.with_file_name(name);
    let made = write_new(&fresh, text.as_bytes()).and_then(|()| fs::hard_link(&fresh, path));
    // A rename would replace the key of a faster process; a link refuses to.
    let removed = fs::remove_file(&fresh);
    match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => {
            made.map_err(not_made)?;
            removed?;
            File::open(folder)?.sync_all()?;
        }
    }
    read(path)?.ok_or(KeyFileError::Io {
        kind: io::ErrorKind::NotFound,
    })
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn hex(bytes: &[u8]) -> Zeroizing<String> {
    use std::fmt::Write as _;
    let mut text = Zeroizing::new(String::with_capacity(2 * bytes.len()));
    for byte in bytes {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
