//! Plain, kind words in Indonesian and English for what the core itself has to say.
//!
//! Owns the sentences for everything a call may end with ([`call`], [`sign_in`], [`open`],
//! [`gateway`], [`photo`]) and for what an opened store has to tell ([`notice`]). What the engine
//! says (problems, reasons, phases) is put into words there. Shells show both as they are, so
//! that every phone says the same, and write none of their own.
//!
//! Says what happened, that nothing was lost where that is so, and what helps. Never holds what a
//! person wrote, and never names a command or a button: those are the shell's.

mod advice;
mod calls;
mod counted;
mod erasing;
mod notices;
mod opening;
mod pictures;
mod sign_in;

use lapor_engine::words::Lang;

pub use advice::advice;
pub use calls::{call, incomplete};
pub use counted::counted;
pub use erasing::erasing;
pub use notices::{lost, notice, overwriting, without_writer};
pub use opening::{gateway, no_thread, not_a_key, open, unfit_key};
pub use pictures::{covered, photo};
pub use sign_in::sign_in;

#[cfg(test)]
mod tests;

fn pick(lang: Lang, id: &str, en: &str) -> String {
    match lang {
        Lang::Id => id,
        Lang::En => en,
    }
    .to_owned()
}

/// Bytes for people, KB and MB of 1024.
pub fn size(bytes: u64, lang: Lang) -> String {
    const KB: u64 = 1 << 10;
    const MB: u64 = 1 << 20;
    let (unit, name) = match bytes {
        0..KB => return format!("{bytes} B"),
        KB..MB => (KB, "KB"),
        _ => (MB, "MB"),
    };
    let tenths = (u128::from(bytes) * 10 + u128::from(unit) / 2) / u128::from(unit);
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} {name}"),
        (whole, tenth) => format!("{whole}{}{tenth} {name}", pick(lang, ",", ".")),
    }
}
