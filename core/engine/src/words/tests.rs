#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod reasons;

use std::collections::BTreeSet;

use super::*;
use crate::{
    report::Code,
    sync::{NetworkNeed, NextWake},
};

/// One of each reason. The match below does not compile when a new one is missing here.
fn every_reason() -> Vec<Reason> {
    let all = vec![
        Reason::NotTried,
        Reason::Follows,
        Reason::Offline,
        Reason::Metered,
        Reason::ClockWrong,
        Reason::Untrusted,
        Reason::SignInToWifi,
        Reason::NotLapor { status: 200 },
        Reason::Busy { status: 503 },
        Reason::Busy { status: 200 },
        Reason::Poison { status: 500 },
        Reason::Unknown,
        Reason::Aborted,
        Reason::SignIn,
        Reason::Rejected {
            problems: vec![too_long(255, 300)],
        },
        Reason::KeyTaken { foreign: false },
        Reason::KeyTaken { foreign: true },
        Reason::Refused {
            status: 403,
            code: "not_allowed".to_owned(),
        },
        Reason::UpdateApp,
        Reason::Local,
        Reason::Lost,
        Reason::UploadExpired,
        Reason::UploadDamaged,
        Reason::BeingChecked,
        Reason::Withdrawn,
        Reason::TooLate,
        Reason::Overtaken,
        Reason::Forgotten,
        Reason::AlreadyThere,
        Reason::NotFetched,
    ];
    for one in &all {
        match one {
            Reason::NotTried
            | Reason::Follows
            | Reason::Offline
            | Reason::Metered
            | Reason::ClockWrong
            | Reason::Untrusted => {}
            Reason::SignInToWifi
            | Reason::NotLapor { .. }
            | Reason::Busy { .. }
            | Reason::Poison { .. } => {}
            Reason::Unknown | Reason::Aborted | Reason::SignIn | Reason::Rejected { .. } => {}
            Reason::KeyTaken { .. }
            | Reason::Refused { .. }
            | Reason::UpdateApp
            | Reason::Local
            | Reason::Lost => {}
            Reason::UploadExpired | Reason::UploadDamaged | Reason::BeingChecked => {}
            Reason::Withdrawn | Reason::TooLate => {}
            Reason::Forgotten | Reason::AlreadyThere | Reason::Overtaken | Reason::NotFetched => {}
        }
    }
    all
}

const FIELDS: [Field; 11] = [
    Field::Classification,
    Field::Title,
    Field::Content,
    Field::IncidentDate,
    Field::Location,
    Field::AreaCode,
    Field::InstitutionId,
    Field::CategoryId,
    Field::Anonymous,
    Field::Secret,
    Field::Place,
];

fn too_long(limit: u64, actual: u64) -> Problem {
    Problem {
        subject: Subject::Field(Field::Title),
        code: Code::TooLong { limit, actual },
    }
}

/// Each has words, no two share them, and each reads on in one language only.
fn all_differ(what: &str, speak: impl Fn(Lang) -> Vec<String>) {
    let mut seen = BTreeSet::new();
    for lang in Lang::ALL {
        let words = speak(lang);
        for one in &words {
            assert!(
                one.chars().any(char::is_alphabetic),
                "{what} {lang:?}: {one:?}"
            );
            assert_eq!(one.trim(), one, "{what} {lang:?}");
            assert!(!one.contains("  "), "a doubled space: {one:?}");
        }
        let count = words.len();
        let distinct: BTreeSet<String> = words.into_iter().collect();
        assert_eq!(
            distinct.len(),
            count,
            "{what} {lang:?}: two share their words"
        );
        for one in distinct {
            assert!(
                seen.insert(one.clone()),
                "{what}: {one:?} is the same in both languages"
            );
        }
    }
}

#[test]
fn everything_that_can_be_said_has_words_of_its_own_in_both_languages() {
    all_differ("reason", |lang| {
        every_reason().iter().map(|one| reason(one, lang)).collect()
    });
    all_differ("phase", |lang| {
        Phase::ALL.iter().map(|one| phase(*one, lang)).collect()
    });
    all_differ("copy", |lang| {
        let told = ServiceCopy::ALL.iter();
        told.map(|one| service_copy(*one, lang)).collect()
    });
    all_differ("as it is", |lang| {
        let notes = (0..8_u8).map(|bits| AsItIs {
            anonymous: bits & 1 > 0,
            secret: bits & 2 > 0,
            details_seen: bits & 4 > 0,
        });
        notes.map(|note| as_it_is(note, lang)).collect()
    });
    all_differ("field", |lang| {
        FIELDS.iter().map(|one| field(*one, lang)).collect()
    });
    all_differ("classification", |lang| {
        Classification::ALL
            .iter()
            .map(|one| classification(*one, lang))
            .collect()
    });
    all_differ("operation", |lang| {
        OperationKind::ALL
            .iter()
            .map(|one| operation(*one, lang))
            .collect()
    });
    all_differ("state", |lang| {
        OperationState::ALL
            .iter()
            .map(|one| operation_state(*one, lang))
            .collect()
    });
    all_differ("step", |lang| {
        use EventKind::{Close, FollowUp, Forward, Rate, Reply, Support};
        let steps = [Reply, FollowUp, Rate, Close, Support, Forward];
        let mut all: Vec<String> = steps.iter().map(|one| event_step(*one, lang)).collect();
        // Where the kind is not at hand, none is named: it may be a rating.
        all.push(operation(OperationKind::AddEvent, lang));
        all
    });
    all_differ("event", |lang| {
        use EventKind::{Close, FollowUp, Forward, Rate, Reply, Support};
        [Reply, FollowUp, Rate, Close, Support, Forward]
            .iter()
            .map(|one| event(*one, lang))
            .collect()
    });
    all_differ("status", |lang| {
        let known = [
            "unverified",
            "verified",
            "disposed",
            "in_progress",
            "postponed",
            "closed",
            "archived",
            "not_our_authority",
            "withdrawn",
        ];
        known
            .iter()
            .map(|word| status(&Status::parse(word), lang))
            .collect()
    });
    all_differ("problem", |lang| {
        let codes = [
            Code::Required,
            Code::TooLong {
                limit: 255,
                actual: 300,
            },
            Code::ControlCharacter,
            Code::Invalid,
            Code::InFuture,
            Code::TooMany {
                limit: 10,
                actual: 12,
            },
            Code::TooLarge {
                limit: 2 << 20,
                actual: 3 << 20,
            },
            Code::UnsupportedType,
            Code::Duplicate,
            Code::Other {
                word: "no_dialect".to_owned(),
            },
        ];
        let about = |subject: &Subject| {
            codes
                .iter()
                .map(|code| {
                    problem(
                        &Problem {
                            subject: subject.clone(),
                            code: code.clone(),
                        },
                        lang,
                    )
                })
                .collect::<Vec<_>>()
        };
        let mut subjects: Vec<Subject> = FIELDS.iter().map(|one| Subject::Field(*one)).collect();
        subjects.extend([
            Subject::Attachment(0),
            Subject::Attachment(1),
            Subject::Report,
            Subject::Unknown("x".to_owned()),
        ]);
        subjects.iter().flat_map(about).collect()
    });
}

#[test]
fn a_problem_names_the_field_the_limit_and_the_cure() {
    assert_eq!(
        problem(&too_long(255, 300), Lang::Id),
        "Judul: paling banyak 255 huruf, sekarang 300. Persingkat."
    );
    assert_eq!(
        problem(&too_long(255, 300), Lang::En),
        "Title: at most 255 characters, now 300. Shorten it."
    );
    let photo = Problem {
        subject: Subject::Attachment(1),
        code: Code::TooLarge {
            limit: 2 << 20,
            actual: (2 << 20) + 1,
        },
    };
    assert_eq!(
        problem(&photo, Lang::Id),
        "Lampiran 2: paling besar 2 MB, sekarang 2,1 MB. Pilih berkas yang lebih kecil.",
        "one byte too much never reads as `at most 2 MB, now 2 MB`"
    );
    let many = Problem {
        subject: Subject::Attachments,
        code: Code::TooMany {
            limit: 10,
            actual: 12,
        },
    };
    assert_eq!(
        problem(&many, Lang::En),
        "Attachments: at most 10, now 12. Remove 2."
    );
}

#[test]
fn a_gateway_that_names_no_numbers_gets_none_in_its_mouth() {
    for (limit, actual) in [(0, 0), (0, 9)] {
        for lang in Lang::ALL {
            assert!(
                !problem(&too_long(limit, actual), lang).contains(|c: char| c.is_ascii_digit())
            );
        }
    }
    assert_eq!(
        problem(&too_long(100, 0), Lang::Id),
        "Judul: paling banyak 100 huruf. Persingkat."
    );
}

#[test]
fn a_status_of_tomorrow_is_shown_as_it_is() {
    for lang in Lang::ALL {
        assert_eq!(
            status(&Status::parse("Ditanggapi oleh Pelapor"), lang),
            "Ditanggapi oleh Pelapor"
        );
    }
    assert_eq!(
        status(&Status::Disposed, Lang::Id),
        "Terdisposisi Belum Ditindaklanjuti"
    );
}

#[test]
fn a_wait_is_told_in_the_unit_that_says_enough_and_never_too_short() {
    for (millis, id, en) in [
        (0, "dicoba lagi sebentar lagi", "tried again in a moment"),
        (
            1_000,
            "dicoba lagi sebentar lagi",
            "tried again in a moment",
        ),
        (
            1_001,
            "dicoba lagi dalam 2 detik",
            "tried again in 2 seconds",
        ),
        (
            30_000,
            "dicoba lagi dalam 30 detik",
            "tried again in 30 seconds",
        ),
        (
            90_000,
            "dicoba lagi dalam 2 menit",
            "tried again in 2 minutes",
        ),
        (
            900_000,
            "dicoba lagi dalam 15 menit",
            "tried again in 15 minutes",
        ),
        (
            3_600_000,
            "dicoba lagi dalam 60 menit",
            "tried again in 60 minutes",
        ),
        (
            5_400_000,
            "dicoba lagi dalam 2 jam",
            "tried again in 2 hours",
        ),
        (
            86_400_000,
            "dicoba lagi dalam 24 jam",
            "tried again in 24 hours",
        ),
        (
            86_400_001,
            "dicoba lagi dalam 2 hari",
            "tried again in 2 days",
        ),
        (
            u64::MAX,
            "dicoba lagi dalam 213503982335 hari",
            "tried again in 213503982335 days",
        ),
    ] {
        assert_eq!(wait(millis, Lang::Id), id);
        assert_eq!(wait(millis, Lang::En), en);
    }
}

#[test]
fn the_next_wake_says_why_and_when_unless_it_is_the_persons_turn() {
    let wake = |reason| NextWake {
        in_ms: 30_000,
        latest_ms: 30_000,
        network: NetworkNeed::Any,
        reason,
    };
    assert_eq!(
        next_wake(&wake(Some(Reason::Offline)), Lang::Id),
        "Belum ada sinyal. Dikirim sendiri begitu ada jaringan. (dicoba lagi dalam 30 detik)"
    );
    assert!(!next_wake(&wake(Some(Reason::SignIn)), Lang::En).contains("30"));
    assert_eq!(next_wake(&wake(None), Lang::Id), "Semua sudah selesai.");
}

#[test]
fn a_language_is_read_from_a_locale() {
    for (text, lang) in [
        ("id", Some(Lang::Id)),
        ("en", Some(Lang::En)),
        ("id-ID", Some(Lang::Id)),
        ("en_US.UTF-8", Some(Lang::En)),
        ("in", Some(Lang::Id)),
        ("EN", Some(Lang::En)),
        ("jv", None),
        ("", None),
        ("english", None),
    ] {
        assert_eq!(Lang::parse(text), lang, "{text}");
    }
}

#[test]
fn what_waits_says_what_it_is_why_and_when_and_what_is_done_only_that() {
    let told = |state, why| standing(OperationKind::CreateReport, state, why, 30_000, Lang::En);
    let waiting = told(OperationState::Waiting, Some(&Reason::Offline));
    assert!(waiting.starts_with(&operation(OperationKind::CreateReport, Lang::En)));
    assert!(waiting.contains(&reason(&Reason::Offline, Lang::En)));
    assert!(waiting.contains("30 seconds"), "{waiting}");
    // The person's turn comes at no hour.
    assert!(!told(OperationState::Paused, Some(&Reason::SignIn)).contains("30"));
    let done = told(OperationState::Done, Some(&Reason::Offline));
    assert!(
        !done.contains(&reason(&Reason::Offline, Lang::En)),
        "{done}"
    );
}

#[test]
fn what_was_never_tried_is_not_tried_again() {
    for lang in Lang::ALL {
        assert_eq!(
            waits(&Reason::NotTried, 0, lang),
            reason(&Reason::NotTried, lang)
        );
    }
    let later = waits(&Reason::NotTried, 120_000, Lang::En);
    assert!(later.ends_with("(tried in 2 minutes)"), "{later}");
    let later = waits(&Reason::NotTried, 120_000, Lang::Id);
    assert!(later.ends_with("(dicoba dalam 2 menit)"), "{later}");
    assert!(waits(&Reason::Offline, 0, Lang::En).contains("tried again"));
    for (lang, first, again) in [
        (Lang::Id, "(dicoba dalam 2 menit)", "(dicoba lagi"),
        (Lang::En, "(tried in 2 minutes)", "(tried again"),
    ] {
        let untried = waits_untried(&Reason::Offline, 120_000, lang);
        assert!(
            untried.contains(first) && !untried.contains(again),
            "{untried}"
        );
        for same in [Reason::NotTried, Reason::SignIn] {
            assert_eq!(
                waits_untried(&same, 120_000, lang),
                waits(&same, 120_000, lang)
            );
        }
    }
}

#[test]
fn the_last_try_lies_behind_also_when_the_clock_was_set_back() {
    let now = Instant(1_800_000_000_000);
    let at = |ago: i64| Some(Instant(now.0 - ago));
    assert_eq!(last_tried(None, now, Lang::En), "Not tried yet");
    assert_eq!(last_tried(at(59_999), now, Lang::En), "Last tried just now");
    assert_eq!(
        last_tried(at(120_000), now, Lang::Id),
        "Terakhir dicoba 2 menit lalu"
    );
    for lang in Lang::ALL {
        let told = last_tried(at(-86_400_000), now, lang);
        assert!(!told.contains(|c: char| c.is_ascii_digit()), "{told}");
        assert_ne!(told, last_tried(None, now, lang), "it was tried");
    }
}

#[test]
fn nothing_is_younger_than_it_was() {
    for (millis, id, en) in [
        (0, "baru saja", "just now"),
        (59_999, "baru saja", "just now"),
        (60_000, "1 menit lalu", "1 minute ago"),
        (7_199_999, "1 jam lalu", "1 hour ago"),
        (86_400_000 * 2, "2 hari lalu", "2 days ago"),
    ] {
        assert_eq!(
            (
                ago(millis, Lang::Id).as_str(),
                ago(millis, Lang::En).as_str()
            ),
            (id, en)
        );
    }
}

#[test]
fn what_another_phone_has_taken_back_is_not_called_received() {
    for lang in Lang::ALL {
        let told = stands(Phase::Sent, Some(&Status::Withdrawn), lang);
        assert_eq!(told, phase(Phase::Withdrawn, lang));
        let told = stands(Phase::Sent, Some(&Status::Verified), lang);
        assert_eq!(told, phase(Phase::Sent, lang));
        // The person's turn stays the person's turn.
        let told = stands(Phase::KeyTaken, Some(&Status::Withdrawn), lang);
        assert_eq!(told, phase(Phase::KeyTaken, lang));
    }
}
