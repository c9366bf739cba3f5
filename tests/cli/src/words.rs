//! What the command line itself has to say, in Indonesian and English.
//!
//! Explanations of reports, problems, reasons, errors and notices are the core's words; here are
//! the labels around them, and the failures of files and arguments.

mod failure;

use lapor_core::engine::words::Lang;
pub(crate) use lapor_core::words::{notice, size};

pub(crate) use failure::{failure, problems_of};

#[cfg(test)]
mod tests;

pub(crate) fn pick<'a>(lang: Lang, id: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Id => id,
        Lang::En => en,
    }
}

/// How long ago, from milliseconds; rounded down: nothing is younger than it was.
pub(crate) fn ago(millis: u64, lang: Lang) -> String {
    const MINUTE: u64 = 60_000;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    let (number, id, en) = match millis {
        0..MINUTE => return pick(lang, "baru saja", "just now").to_owned(),
        MINUTE..HOUR => (millis / MINUTE, "menit", "minute"),
        HOUR..DAY => (millis / HOUR, "jam", "hour"),
        _ => (millis / DAY, "hari", "day"),
    };
    match lang {
        Lang::Id => format!("{number} {id} lalu"),
        Lang::En => format!("{number} {en}{} ago", if number == 1 { "" } else { "s" }),
    }
}
