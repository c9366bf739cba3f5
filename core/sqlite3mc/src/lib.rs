//! SQLite3 Multiple Ciphers (ChaCha20-Poly1305), compiled from its amalgamation.
//!
//! Owns: the C of the database and the switches it is built with (`build.rs`). `libsqlite3-sys` is
//! built with `in_gecko`, so it brings bindings and links nothing; this crate supplies the symbols.
//! Whoever uses `rusqlite` must also call [`link`] or [`cipher_version`], or the linker may find
//! no SQLite at all.
//!
//! Never: SQL, keys, files. The store owns those. This is one of the few rooms with `unsafe`, and
//! it holds two calls without arguments.
#![allow(
    unsafe_code,
    reason = "two C functions without arguments that return static strings"
)]

use std::ffi::{CStr, c_char};

#[cfg(test)]
mod tests;

unsafe extern "C" {
    /// Only SQLite3 Multiple Ciphers has this symbol: a plain SQLite in its place fails to link.
    fn sqlite3mc_version() -> *const c_char;
}

/// The name and version of the cipher layer, e.g. `SQLite3 Multiple Ciphers 2.6.1`.
///
/// A plain SQLite ignores `PRAGMA key` and writes plaintext, so a store calls this before it opens
/// anything and refuses to go on when the text is not the one it was built for.
pub fn cipher_version() -> &'static str {
    // SAFETY: takes nothing, returns a pointer to a string literal of the C library.
    text(unsafe { sqlite3mc_version() })
}

/// The version of SQLite underneath, e.g. `3.54.0`.
pub fn sqlite_version() -> &'static str {
    // SAFETY: takes nothing, returns a pointer to a constant array of the C library.
    text(unsafe { libsqlite3_sys::sqlite3_libversion() })
}

/// Makes the linker keep the database for `rusqlite`. Costs nothing; call it where a connection is
/// opened.
pub fn link() {
    std::hint::black_box(cipher_version());
}

fn text(pointer: *const c_char) -> &'static str {
    if pointer.is_null() {
        return "";
    }
    // SAFETY: not null, ends with NUL, lives as long as the program and is never written: both
    // callers hand in a string constant of the linked library.
    unsafe { CStr::from_ptr(pointer) }
        .to_str()
        .unwrap_or_default()
}
