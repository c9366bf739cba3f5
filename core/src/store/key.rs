//! The key, and the proof beside the database that it is the right one.

use std::{fmt, io, path::Path};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::{files, folder};

#[cfg(test)]
mod tests;

/// The raw key of a store, as Keystore or Keychain keeps it, and the install id kept beside it.
pub struct StoreKey {
    key: [u8; 32],
    /// Not secret. Kept by the shell in the same place as the key: when it differs from the one
    /// in the store, the folder was copied from another phone.
    pub install: [u8; 16],
}

impl StoreKey {
    pub fn new(key: [u8; 32], install: [u8; 16]) -> Self {
        Self { key, install }
    }

    /// The statement that gives SQLite3MC the key; wiped when dropped.
    pub(super) fn pragma(&self) -> Zeroizing<String> {
        use fmt::Write as _;
        let mut text = Zeroizing::new(String::with_capacity(128));
        text.push_str("PRAGMA cipher = 'chacha20'; PRAGMA key = 'raw:");
        for byte in self.key {
            // Writing to a String does not fail.
            let _ = write!(text, "{byte:02x}");
        }
        text.push_str("';");
        text
    }
}

impl Drop for StoreKey {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreKey(..)")
    }
}

/// What the key-check file says. SQLite3MC reports a wrong key and a damaged first page alike;
/// this file, outside the database, tells the two apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyCheck {
    Missing,
    Damaged,
    /// Made with another key.
    Wrong,
    /// `made`: the database was complete once. If it is gone or empty now, that is damage.
    Right {
        made: bool,
    },
}

/// magic 8, made 1, salt 16, HMAC-SHA256 32, first 8 bytes of the SHA-256 of all before
const MAGIC: &[u8; 8] = b"LAPORKC1";
const PURPOSE: &[u8] = b"lapor key check 1";
const LENGTH: usize = 8 + 1 + 16 + 32 + 8;

fn proof(key: &StoreKey, salt: &[u8], made: bool) -> Option<[u8; 32]> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&key.key).ok()?;
    mac.update(salt);
    mac.update(PURPOSE);
    mac.update(&[u8::from(made)]);
    Some(mac.finalize().into_bytes().into())
}

/// Reads the file and proves the key by it.
pub(super) fn check(file: &Path, key: &StoreKey) -> io::Result<KeyCheck> {
    let bytes = match files::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(KeyCheck::Missing),
        Err(error) => return Err(error),
    };
    Ok(read(&bytes, key).unwrap_or(KeyCheck::Damaged))
}

fn read(bytes: &[u8], key: &StoreKey) -> Option<KeyCheck> {
    let bytes: &[u8; LENGTH] = bytes.try_into().ok()?;
    let (said, sum) = bytes.split_at(LENGTH - 8);
    let digest = Sha256::digest(said);
    if digest.get(..8)? != sum || said.get(..8)? != MAGIC {
        return None;
    }
    let made = match said.get(8)? {
        0 => false,
        1 => true,
        _ => return None,
    };
    let (salt, mac) = said.get(9..)?.split_at(16);
    // Not a secret being compared: whoever can time this can read the file.
    Some(if proof(key, salt, made)?.as_slice() == mac {
        KeyCheck::Right { made }
    } else {
        KeyCheck::Wrong
    })
}

/// Writes the file so that after a power cut there is the old one or the new one.
pub(super) fn write(store: &Path, key: &StoreKey, salt: [u8; 16], made: bool) -> io::Result<()> {
    let mac =
        proof(key, &salt, made).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    let mut bytes = Vec::with_capacity(LENGTH);
    bytes.extend_from_slice(MAGIC);
    bytes.push(u8::from(made));
    bytes.extend_from_slice(&salt);
    bytes.extend_from_slice(&mac);
    let digest = Sha256::digest(&bytes);
    bytes.extend(digest.iter().take(8));
    folder::replace(store, folder::KEY_CHECK, &bytes)
}
