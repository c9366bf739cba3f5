//! What both languages share: numbers, sizes, and what may be shown of a server's word.

use crate::sync::Reason;

/// A code or a field name of a server, cut down to what an identifier may hold: it cannot carry
/// a sentence, an escape sequence, or what a person wrote.
pub(super) fn identifier(word: &str) -> String {
    let clean: String = word
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
        .take(64)
        .collect();
    if clean.is_empty() {
        "?".to_owned()
    } else {
        clean
    }
}

/// `403 not_allowed`, or as much of it as there is.
pub(super) fn code(status: u16, word: &str) -> String {
    match (status, word) {
        (0, word) => identifier(word),
        (status, "") => status.to_string(),
        (status, word) => format!("{status} {}", identifier(word)),
    }
}

/// What is left of a status that is no error: an answer that could not be understood.
pub(super) fn is_error(status: u16) -> bool {
    status >= 400
}

/// Of what keeps failing while others get through: the service itself, which always bears its mark, is
/// busy or broken then (429, 5xx). Any other error bore none.
pub(super) fn is_of_a_front_end(status: u16) -> bool {
    matches!(status, 400..=428 | 430..=499)
}

/// Bytes as KB or MB (of 1024) with at most one decimal. A limit is rounded down and a size up,
/// so that `2 MB at most` never stands beside `2 MB now`.
pub(super) fn size(bytes: u64, up: bool, comma: char) -> String {
    const KB: u64 = 1024;
    const MB: u64 = 1024 * KB;
    let (unit, name) = if bytes >= MB { (MB, "MB") } else { (KB, "KB") };
    let scaled = u128::from(bytes) * 10;
    let unit = u128::from(unit);
    let tenths = if up {
        scaled.div_ceil(unit)
    } else {
        scaled / unit
    };
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} {name}"),
        (whole, tenth) => format!("{whole}{comma}{tenth} {name}"),
    }
}

/// A span of time in the largest unit that says enough, rounded up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Span {
    Moment,
    Seconds(u64),
    Minutes(u64),
    Hours(u64),
    Days(u64),
}

pub(super) fn span(millis: u64) -> Span {
    const SECOND: u64 = 1_000;
    const MINUTE: u64 = 60 * SECOND;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    match millis {
        0..=SECOND => Span::Moment,
        _ if millis < 90 * SECOND => Span::Seconds(millis.div_ceil(SECOND)),
        _ if millis < 90 * MINUTE => Span::Minutes(millis.div_ceil(MINUTE)),
        _ if millis <= DAY => Span::Hours(millis.div_ceil(HOUR)),
        _ => Span::Days(millis.div_ceil(DAY)),
    }
}

/// No clock brings it on: the person does, a network that costs nothing, or what it follows.
pub(super) fn names_no_time(reason: &Reason) -> bool {
    needs_person(reason) || matches!(reason, Reason::Metered | Reason::Follows)
}

/// Nothing happens by itself until the person does something.
pub(super) fn needs_person(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::SignIn | Reason::Rejected { .. } | Reason::KeyTaken { .. } | Reason::UpdateApp
    )
}
