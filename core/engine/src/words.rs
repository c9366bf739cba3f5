//! Plain, kind words in Indonesian and English for everything the engine can say.
//!
//! Owns the sentences a citizen reads: problems of a draft, why something waits, where a report
//! stands, when it is tried again. Shells show them as they are, so that every phone and the
//! command line say the same.
//!
//! Never contains what a person wrote, and never blames a person for what a line or a gateway
//! did. Words that come from a server (an unknown code or field) are cut down to identifier
//! characters first.

mod documents;
mod en;
mod id;
mod parts;

#[cfg(test)]
mod tests;

use crate::{
    api::EventKind,
    calendar::Instant,
    report::{AsItIs, Classification, Field, Phase, Problem, Status, Subject},
    sync::{NextWake, OperationKind, OperationState, Reason, ServiceCopy},
};

/// A language that the app speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// Bahasa Indonesia
    #[default]
    Id,
    En,
}

impl Lang {
    pub const ALL: [Self; 2] = [Self::Id, Self::En];

    /// The ISO 639-1 code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::En => "en",
        }
    }

    /// From `id`, `en`, or a locale that begins with one of them (`id-ID`, `en_US.UTF-8`).
    /// Android still writes `in` for Indonesian now and then.
    pub fn parse(text: &str) -> Option<Self> {
        match text
            .split(['-', '_', '.'])
            .next()?
            .to_ascii_lowercase()
            .as_str()
        {
            "id" | "in" => Some(Self::Id),
            "en" => Some(Self::En),
            _ => None,
        }
    }
}

/// One sentence with the field, what is wrong, and the cure:
/// `Judul: paling banyak 255 huruf, sekarang 300. Persingkat.`
pub fn problem(problem: &Problem, lang: Lang) -> String {
    match lang {
        Lang::Id => id::problem(problem),
        Lang::En => en::problem(problem),
    }
}

/// Why something waits, pauses or ended.
pub fn reason(reason: &Reason, lang: Lang) -> String {
    match lang {
        Lang::Id => id::reason(reason),
        Lang::En => en::reason(reason),
    }
}

/// The same of what has ended: nobody is asked for anything any more, and nothing is tried again.
pub fn ended(why: &Reason, lang: Lang) -> String {
    let code = match why {
        Reason::Rejected { .. } => String::new(),
        Reason::Refused { status, code } => {
            let name = pick(lang, "kode", "code");
            format!(" ({name} {})", parts::code(*status, code))
        }
        Reason::KeyTaken { .. } => {
            return pick(
                lang,
                "LAPOR! punya isi lain di bawah kuncinya dan tidak menyimpan yang ini. Tidak dikirim lagi.",
                "LAPOR! has other words under its key and nothing of this. It is not sent any more.",
            )
            .to_owned();
        }
        why => return reason(why, lang),
    };
    match lang {
        Lang::Id => {
            format!("LAPOR! menolaknya{code} dan tidak menyimpannya. Tidak dikirim lagi.")
        }
        Lang::En => {
            format!("LAPOR! refused it{code} and has nothing of it. It is not sent any more.")
        }
    }
}

/// What is known of the service's copy, and what may be done.
pub fn service_copy(copy: ServiceCopy, lang: Lang) -> String {
    match lang {
        Lang::Id => id::service_copy(copy),
        Lang::En => en::service_copy(copy),
    }
    .to_owned()
}

/// That a document of a report is sent as it is, with what its pages do not show.
pub fn as_it_is(note: AsItIs, lang: Lang) -> String {
    documents::as_it_is(note, lang)
}

/// Where a report stands on this phone.
pub fn phase(phase: Phase, lang: Lang) -> String {
    match lang {
        Lang::Id => id::phase(phase),
        Lang::En => en::phase(phase),
    }
    .to_owned()
}

/// Where a report stands, by this phone and by the service: what another phone of the same person has
/// taken back is not called received, though this phone once heard that it was.
pub fn stands(phase: Phase, status: Option<&Status>, lang: Lang) -> String {
    let shown = match (phase, status) {
        (Phase::Sent, Some(Status::Withdrawn)) => Phase::Withdrawn,
        _ => phase,
    };
    self::phase(shown, lang)
}

/// Where a report stands at the service, in the service's own words where it has some. A word
/// that this version does not know is shown as the server wrote it, less control characters.
pub fn status(status: &Status, lang: Lang) -> String {
    if let Status::Other(word) = status {
        return word.chars().filter(|c| !c.is_control()).collect();
    }
    match lang {
        Lang::Id => id::status(status),
        Lang::En => en::status(status),
    }
    .to_owned()
}

/// The name of a field of the form.
pub fn field(field: Field, lang: Lang) -> String {
    match lang {
        Lang::Id => id::field(field),
        Lang::En => en::field(field),
    }
    .to_owned()
}

/// What a problem is about. Attachments are counted from 1, as people do.
pub fn subject(subject: &Subject, lang: Lang) -> String {
    match lang {
        Lang::Id => id::subject(subject),
        Lang::En => en::subject(subject),
    }
}

/// What kind of report it is.
pub fn classification(classification: Classification, lang: Lang) -> String {
    match lang {
        Lang::Id => id::classification(classification),
        Lang::En => en::classification(classification),
    }
    .to_owned()
}

/// What a row of the outbox is to do.
pub fn operation(kind: OperationKind, lang: Lang) -> String {
    match lang {
        Lang::Id => id::operation(kind),
        Lang::En => en::operation(kind),
    }
    .to_owned()
}

/// The same of an event whose kind is known: a rating is no reply.
pub fn event_step(kind: EventKind, lang: Lang) -> String {
    match lang {
        Lang::Id => id::event_step(kind),
        Lang::En => en::event_step(kind),
    }
    .to_owned()
}

/// How far a row of the outbox is.
pub fn operation_state(state: OperationState, lang: Lang) -> String {
    match lang {
        Lang::Id => id::operation_state(state),
        Lang::En => en::operation_state(state),
    }
    .to_owned()
}

/// What a person did to a report that the service has.
pub fn event(kind: EventKind, lang: Lang) -> String {
    match lang {
        Lang::Id => id::event(kind),
        Lang::En => en::event(kind),
    }
    .to_owned()
}

/// `dicoba lagi dalam 30 detik`, from milliseconds. Rounded up: never sooner than it says.
pub fn wait(millis: u64, lang: Lang) -> String {
    match lang {
        Lang::Id => id::wait(millis),
        Lang::En => en::wait(millis),
    }
}

/// `dalam 30 detik`, from milliseconds, rounded up as [`wait`]: when a person may do something again.
pub fn when(millis: u64, lang: Lang) -> String {
    match lang {
        Lang::Id => id::when(millis),
        Lang::En => en::when(millis),
    }
}

/// The number and the word of a refusal, as far as they may be shown: `403 not_allowed`.
pub fn code(status: u16, word: &str) -> String {
    parts::code(status, word)
}

/// Is the status an error, or one of an answer that could not be understood?
pub fn is_error(status: u16) -> bool {
    parts::is_error(status)
}

/// Why there is nothing to do now, and when it goes on.
pub fn next_wake(wake: &NextWake, lang: Lang) -> String {
    let Some(why) = &wake.reason else {
        return match lang {
            Lang::Id => id::ALL_DONE,
            Lang::En => en::ALL_DONE,
        }
        .to_owned();
    };
    waits(why, wake.in_ms, lang)
}

/// Why something waits and when it is tried again. What no clock brings on is not promised for a time.
pub fn waits(why: &Reason, in_ms: u64, lang: Lang) -> String {
    let words = reason(why, lang);
    match why {
        _ if parts::names_no_time(why) => words,
        // Nothing was tried that could be tried again.
        Reason::NotTried if parts::span(in_ms) == parts::Span::Moment => words,
        Reason::NotTried => format!("{words} ({})", first_wait(in_ms, lang)),
        _ => format!("{words} ({})", wait(in_ms, lang)),
    }
}

/// The same of something that was not tried itself: nothing of it is tried again.
pub fn waits_untried(why: &Reason, in_ms: u64, lang: Lang) -> String {
    let words = reason(why, lang);
    if parts::names_no_time(why) || why == &Reason::NotTried {
        return waits(why, in_ms, lang);
    }
    format!("{words} ({})", first_wait(in_ms, lang))
}

fn first_wait(in_ms: u64, lang: Lang) -> String {
    let again = wait(in_ms, lang);
    match lang {
        Lang::Id => again.replacen(" lagi", "", 1),
        Lang::En => again.replacen(" again", "", 1),
    }
}

/// Why what was not tried yet waits on a phone whose disk is full.
pub fn waits_for_room(lang: Lang) -> String {
    pick(
        lang,
        "Tersimpan di ponsel ini. Menunggu ruang simpan: kosongkan sedikit, lalu dikirim sendiri.",
        "Kept on this phone. It waits for room on the disk: free some, then it goes by itself.",
    )
    .to_owned()
}

/// When something was last tried: `Terakhir dicoba 5 menit lalu`. A time that lies ahead is of a clock
/// that was set back since: it is not told.
pub fn last_tried(tried_at: Option<Instant>, now: Instant, lang: Lang) -> String {
    let Some(at) = tried_at else {
        return pick(lang, "Belum pernah dicoba", "Not tried yet").to_owned();
    };
    match now.since(at) {
        Some(passed) => format!(
            "{} {}",
            pick(lang, "Terakhir dicoba", "Last tried"),
            ago(passed, lang)
        ),
        None => pick(
            lang,
            "Terakhir dicoba sebelum jam ponsel ini diubah",
            "Last tried before the clock of this phone was changed",
        )
        .to_owned(),
    }
}

/// How long ago, from milliseconds; rounded down: nothing is younger than it was.
pub fn ago(millis: u64, lang: Lang) -> String {
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

fn pick<'a>(lang: Lang, id: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Id => id,
        Lang::En => en,
    }
}

/// What is to be done with a report and how far it is; where it waits, also why and until when.
pub fn standing(
    kind: OperationKind,
    state: OperationState,
    why: Option<&Reason>,
    in_ms: u64,
    lang: Lang,
) -> String {
    let what = format!(
        "{}: {}",
        operation(kind, lang),
        operation_state(state, lang)
    );
    match (state, why) {
        (OperationState::Waiting | OperationState::Paused, Some(why)) => {
            format!("{what}. {}", waits(why, in_ms, lang))
        }
        _ => what,
    }
}
