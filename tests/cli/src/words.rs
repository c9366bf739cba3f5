//! What the command line itself has to say, in Indonesian and English.
//!
//! Explanations of reports, problems, reasons, errors and notices are the core's words; here are
//! the labels around them, and the failures of files and arguments.

mod failure;
mod usage;

pub(crate) use lapor_core::words::{covered, notice, size};
use lapor_core::{engine::words::Lang, photo::Region};

pub(crate) use failure::{failure, problems_of};
pub(crate) use usage::misused;

pub(crate) fn pick<'a>(lang: Lang, id: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Id => id,
        Lang::En => en,
    }
}

/// `, 1600 x 1200`; nothing for a document, which has no pixels.
pub(crate) fn pixels(width: u32, height: u32) -> String {
    match (width, height) {
        (0, 0) => String::new(),
        (width, height) => format!(", {width} x {height}"),
    }
}

/// Left, top, right and bottom of each, as parts of the upright picture.
pub(crate) fn edges(cover: &[Region]) -> Vec<[f64; 4]> {
    cover.iter().map(Region::edges).collect()
}
