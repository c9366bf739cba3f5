//! A disk of the simulator's own under the real encrypted store.
//!
//! Owns: a file system in memory (folders, files, what of them is durable), SQLite's VFS on it with
//! shared memory and locks, and the store's plain files (`lapor_core::store::Elsewhere`). Never
//! touches a real disk, a clock or dice: every choice is a hash of a seed that was handed in.
//!
//! ```no_run
//! # use lapor_core::client::{Client, Options};
//! use lapor_sim_vfs::{Disk, Failure, Fault, Lasts, VFS};
//! let disk = Disk::new();                    // one phone's; Clone is another handle on it
//! let mut options = Options::new(disk.home(), None);
//! options.vfs = Some(VFS);                   // the same name for every disk
//! let before = disk.life();
//! disk.arm(Fault::Freeze { at: disk.changes() + 7, seed: 1 });
//! // ... the seventh change from here does not return: the disk is frozen, life() has changed
//! if disk.is_frozen() {
//!     // drop the client first, then:
//!     disk.boot();                           // the phone starts from what was durable
//! }
//! ```
//!
//! **What is counted.** [`Disk::changes`] counts everything that may leave a trace: a file or folder
//! made, written, cut, synced, renamed, removed, a folder synced, shared memory grown (plain files
//! and SQLite's alike, removal of a folder file by file). [`Disk::looks`] counts opening what is
//! there, reads, sizes, names and locks. Faults name a change or a look by its number; the first is 1.
//!
//! **What is durable.** A write, cut or file's making is durable after a sync of the file (its
//! bytes) and of its folder (its name); a rename, removal or new folder after a sync of the folder
//! it is in. At a freeze each of the rest survives or not by the seed, in sectors of 512 bytes:
//! nothing of it, all of it, a prefix, or any subset.
//!
//! **What is declared** to SQLite is what its own VFS for unix declares on Android, iOS and Linux:
//! sectors of 4,096 bytes and POWERSAFE_OVERWRITE (bytes beside those written stay as they are), no
//! atomic writes, no order. Tears are finer than the declared sector: that is allowed.
//!
//! **A sync that fails** loses, by the seed, what it was to make durable until that is written
//! again, as Linux does.
#![allow(
    unsafe_code,
    reason = "src/vfs.rs implements a C interface; everything else here is safe code"
)]

mod content;
mod disk;
mod files;
mod image;
mod locks;
mod open;
mod plain;
mod registry;
mod state;
mod tree;
mod vfs;

#[cfg(test)]
mod tests;

pub use disk::Disk;
pub use image::Image;
pub use state::{Failure, Fault, Kind, Lasts};

/// The VFS's name, to be given to SQLite: encrypted, on whatever [`Disk`] the path names.
pub const VFS: &str = "multipleciphers-lapor-sim";

/// Bytes that reach the disk together or not at all.
pub const SECTOR: usize = 512;

/// A number that looks like any other: all choices of a freeze come from it (splitmix64).
pub(crate) fn hash(seed: u64, first: u64, second: u64) -> u64 {
    let mut state = seed;
    let mut out = 0;
    for part in [first, second, 0x6c61_706f_7221] {
        state = (state ^ part).wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        out = z ^ (z >> 31);
        state = out;
    }
    out
}
