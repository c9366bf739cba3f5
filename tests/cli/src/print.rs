//! The only way out: words or one JSON value on stdout, notes on stderr.
//!
//! A reader that has gone (`lapor list | head`) is no error and never a panic. What a person or a
//! server wrote passes through [`visible`], so that it can neither steer a terminal nor turn the
//! reading order around.

use std::{
    ffi::OsString,
    fmt::{Display, Write as _},
    io::{self, IsTerminal, Write},
    sync::atomic::{AtomicBool, Ordering},
};

use lapor_core::engine::words::Lang;
use serde::Serialize;
use serde_json::json;

use crate::{
    exit::{Exit, Failure},
    words,
};

#[cfg(test)]
mod tests;

pub(crate) struct Printer {
    lang: Lang,
    json: bool,
    bars: bool,
    /// Stdout failed for another reason than a reader that has gone.
    failed: AtomicBool,
}

impl Printer {
    pub(crate) fn new(lang: Lang, json: bool) -> Self {
        Self {
            lang,
            json,
            bars: !json && io::stderr().is_terminal(),
            failed: AtomicBool::new(false),
        }
    }

    pub(crate) fn lang(&self) -> Lang {
        self.lang
    }

    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Progress bars make sense.
    pub(crate) fn has_bars(&self) -> bool {
        self.bars
    }

    pub(crate) fn pick<'a>(&self, id: &'a str, en: &'a str) -> &'a str {
        words::pick(self.lang, id, en)
    }

    /// A line of the answer; nothing in `--json`, where the answer is the value.
    pub(crate) fn line(&self, text: impl Display) {
        if !self.json {
            self.put(&format!("{text}\n"));
        }
    }

    /// The answer in `--json`.
    pub(crate) fn value(&self, value: &impl Serialize) {
        if !self.json {
            return;
        }
        match serde_json::to_string(value) {
            Ok(text) => self.put(&format!("{}\n", json_visible(&text))),
            Err(_) => self.failed.store(true, Ordering::Relaxed),
        }
    }

    /// Both: the value in `--json`, else the lines.
    pub(crate) fn answer<T: Display>(
        &self,
        value: &impl Serialize,
        lines: impl IntoIterator<Item = T>,
    ) {
        self.value(value);
        lines.into_iter().for_each(|line| self.line(line));
    }

    /// Something the person should know besides the answer.
    pub(crate) fn note(&self, text: impl Display) {
        // Nobody is left to be told that stderr is closed.
        let _ = writeln!(io::stderr(), "{text}");
    }

    pub(crate) fn failure(&self, failure: &Failure) {
        let said = words::failure(failure, self.lang);
        self.note(format_args!("lapor: {said}"));
        let problems = words::problems_of(failure, self.lang);
        self.value(&json!({
            "error": {
                "code": failure.code(),
                "words": said,
                "exit": failure.exit().code(),
                "problems": problems,
            }
        }));
    }

    /// Arguments that make no sense, in `--json` also as the value.
    fn misused(&self, error: &clap::Error) {
        let own = words::misused(error, self.lang);
        match &own {
            Some(said) => self.note(format_args!("lapor: {}", visible(said))),
            None => {
                // Nobody is left to be told that stderr is closed.
                let _ = error.print();
            }
        }
        let said = own.unwrap_or_else(|| {
            let said = error.render().to_string();
            // What stands behind the first paragraph is help.
            let said = said.split("\n\n").next().unwrap_or_default();
            said.trim().trim_start_matches("error: ").to_owned()
        });
        self.value(&json!({
            "error": {
                "code": "usage",
                "words": said,
                "exit": Exit::Usage.code(),
                "problems": null,
            }
        }));
    }

    fn put(&self, text: &str) {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                self.failed.store(true, Ordering::Relaxed)
            }
            _ => {}
        }
    }

    /// What the process ends with: an answer that could not be written was not given.
    pub(crate) fn close(&self, exit: Exit) -> Exit {
        if self.failed.load(Ordering::Relaxed) && exit == Exit::Done {
            Exit::Failed
        } else {
            exit
        }
    }
}

/// Help and the version go to stdout and are no failure; what cannot be understood ends with code 2, and
/// with a value on stdout where one was asked for.
pub(crate) fn bad_arguments(error: &clap::Error, line: impl Iterator<Item = OsString>) -> Exit {
    if !error.use_stderr() {
        let _ = error.print();
        return Exit::Done;
    }
    let line: Vec<String> = line
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let printer = Printer::new(language(&line), line.iter().any(|word| word == "--json"));
    printer.misused(error);
    printer.close(Exit::Usage)
}

/// The language that was asked for in a line that could not be understood as a whole.
fn language(line: &[String]) -> Lang {
    let behind = line.iter().position(|word| word == "--lang");
    let named = match behind {
        Some(at) => line.get(at.saturating_add(1)).map(String::as_str),
        None => line.iter().find_map(|word| word.strip_prefix("--lang=")),
    };
    let of_the_place = std::env::var("LAPOR_LANG").ok();
    named
        .and_then(Lang::parse)
        .or_else(|| Lang::parse(&of_the_place?))
        .unwrap_or_default()
}

/// One line of somebody's text: controls and marks that turn the reading order around stand as
/// `\u{..}`. Marks that only say which way a neutral sign belongs are part of writing and stay.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if steers(c) {
            // Writing to a String does not fail.
            let _ = write!(shown, "{}", c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Somebody's text of several lines, each behind `indent`.
pub(crate) fn paragraph(text: &str, indent: &str) -> String {
    let line = |line: &str| format!("{indent}{}", visible(line.trim_end_matches('\r')));
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// The start of somebody's text, for a column.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    let flat: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = visible(&flat);
    if shown.chars().count() <= most {
        return shown;
    }
    let start: String = shown.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", start.trim_end())
}

/// Inside JSON such signs can only stand in strings, where an escape means the same.
fn json_visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if steers(c) {
            // All of them lie below U+10000: one unit of UTF-16.
            let _ = write!(shown, "\\u{:04x}", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    shown
}

fn steers(c: char) -> bool {
    c.is_control()
        // Line and paragraph separators; embeddings, overrides, isolates (UAX 9).
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
