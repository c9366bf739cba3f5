#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::{collections::BTreeSet, io::ErrorKind};

use lapor_engine::{
    api::EventKind,
    calendar::Instant,
    report::{Code, Field, Phase, Problem, ReportKey, Subject},
    sync::Reason,
};
use lapor_photo::{FileKind, Format, MemoryReason, PhotoError, Region};

use super::*;
use crate::{
    client::{ClientError, OpenClientError, SignInError},
    net::{BadAuthority, BadGateway},
    output::OutputError,
    store::{Loss, LossKind, Notice, OpenError, Verdict},
};

const LANGS: [Lang; 2] = Lang::ALL;

/// One of each. That none is missing is the compiler's matter in `calls.rs`; what is here is read.
fn calls() -> Vec<ClientError> {
    let title = Problem {
        subject: Subject::Field(Field::Title),
        code: Code::Required,
    };
    vec![
        ClientError::NotFound,
        ClientError::Ambiguous { count: 3 },
        ClientError::NotEditable { phase: Phase::Sent },
        ClientError::NotPossible {
            phase: Phase::Draft,
        },
        ClientError::NothingToGiveUp,
        ClientError::Invalid {
            problems: vec![title],
        },
        ClientError::NotForRole {
            kind: Some(EventKind::Rate),
        },
        ClientError::NotForRole {
            kind: Some(EventKind::Forward),
        },
        ClientError::NotForRole { kind: None },
        ClientError::SignInNeeded,
        ClientError::StillToSend,
        ClientError::AlreadyAttached,
        ClientError::NoSuchAttachment,
        ClientError::TooManyAttachments { limit: 10 },
        ClientError::Photo(PhotoError::Empty),
        ClientError::DiskFull,
        ClientError::Corrupt,
        ClientError::InUse { pid: Some(4711) },
        ClientError::InUse { pid: None },
        ClientError::Locked,
        ClientError::StorageLocked,
        ClientError::ChangedMeanwhile,
        ClientError::TooLarge { limit: 3 << 20 },
        ClientError::PictureGone,
        ClientError::PictureLost,
        ClientError::NoSuchJob,
        ClientError::NoGateway,
        ClientError::Suspended,
        ClientError::Output(OutputError::Exists),
        ClientError::Output(OutputError::NotEmpty),
        ClientError::Output(OutputError::NotAFile),
        ClientError::Output(OutputError::Guarded),
        ClientError::Output(OutputError::Io {
            kind: ErrorKind::PermissionDenied,
        }),
        ClientError::Storage {
            kind: "sqlite 1".to_owned(),
        },
    ]
}

fn photos() -> Vec<PhotoError> {
    let (width, height, limit) = (65_000, 65_000, 1 << 20);
    vec![
        PhotoError::NotFound,
        PhotoError::Vanished {
            read: 10,
            expected: 20,
        },
        PhotoError::Changed,
        PhotoError::NotAFile {
            kind: FileKind::Fifo,
        },
        PhotoError::Empty,
        PhotoError::FileTooLarge {
            bytes: 2 << 20,
            limit,
        },
        PhotoError::UnknownFormat,
        PhotoError::ConvertHeic,
        PhotoError::Convert {
            format: Format::Tiff,
        },
        PhotoError::TooManyPixels {
            width,
            height,
            limit,
        },
        PhotoError::TooMuchMemory {
            reason: MemoryReason::SeveralScans,
            width,
            height,
            needed: 2 << 20,
            limit,
        },
        PhotoError::OutOfMemory,
        PhotoError::Truncated,
        PhotoError::Damaged,
        PhotoError::Unsupported {
            format: Format::Png,
        },
        PhotoError::BeforeDocument { bytes: 47 },
        PhotoError::DocumentTooLarge {
            bytes: 2 << 20,
            limit,
        },
        PhotoError::CannotFit {
            smallest: 2 << 20,
            limit,
        },
        PhotoError::RegionOutside,
        PhotoError::TooManyRegions {
            regions: 65,
            limit: 64,
        },
        PhotoError::CannotCover {
            format: Format::Pdf,
        },
        PhotoError::Cancelled,
        PhotoError::Io {
            kind: ErrorKind::PermissionDenied,
        },
    ]
}

fn opens() -> Vec<OpenError> {
    vec![
        OpenError::KeyMissing { store_exists: true },
        OpenError::KeyMissing {
            store_exists: false,
        },
        OpenError::WrongKey,
        OpenError::KeyCheckDamaged,
        OpenError::StorageLocked,
        OpenError::NewerStore { found: 9, known: 1 },
        OpenError::NeedsSpace { bytes: 1 << 20 },
        OpenError::SalvageNeedsSpace { bytes: 1 << 20 },
        OpenError::DiskFull,
        OpenError::NotEncrypted {
            version: "SQLite".to_owned(),
        },
        OpenError::NotAFolder,
        OpenError::TooManySetAside,
        OpenError::Busy,
        OpenError::Io {
            kind: ErrorKind::NotFound,
        },
        OpenError::Database { code: 1 },
    ]
}

/// Each way in which a sign-in comes to nothing.
fn not_reached() -> Vec<SignInError> {
    let refused = Reason::Refused {
        status: 403,
        code: "denied".to_owned(),
    };
    [
        (Reason::Offline, None),
        (Reason::ClockWrong, None),
        (Reason::Untrusted, None),
        (Reason::SignInToWifi, None),
        (Reason::NotLapor { status: 200 }, None),
        (Reason::Busy { status: 503 }, None),
        (Reason::Busy { status: 429 }, Some(3_600_000)),
        (Reason::Busy { status: 200 }, None),
        (Reason::Unknown, None),
        (refused, None),
        (Reason::UpdateApp, None),
        // Of no sign-in; what is said of it must be true all the same.
        (Reason::Local, None),
    ]
    .map(|(reason, retry_after)| SignInError::NotReached {
        reason,
        retry_after,
    })
    .into()
}

#[test]
fn a_sign_in_that_came_to_nothing_does_not_go_by_itself() {
    for (lang, again, promises) in [
        (
            Lang::Id,
            "masuk",
            &["sendiri", "tersimpan", "setiap hari", "diulang", "dua kali"][..],
        ),
        (
            Lang::En,
            "sign in",
            &["itself", "themselves", "kept", "every day", "twice"],
        ),
    ] {
        let said: Vec<String> = not_reached()
            .iter()
            .map(|error| sign_in(error, lang))
            .collect();
        for words in &said {
            let (head, advice) = words.split_once(". ").unwrap();
            assert!(head == "Belum masuk" || head == "Not signed in", "{words}");
            assert!(advice.to_lowercase().contains(again), "{words}");
            for promise in promises {
                assert!(!words.contains(promise), "{promise}: {words}");
            }
        }
        assert_eq!(
            said.iter().collect::<BTreeSet<_>>().len(),
            said.len(),
            "each has words of its own"
        );
    }
    let busy = &not_reached()[6];
    assert!(sign_in(busy, Lang::En).ends_with("Sign in again in 60 minutes."));
    assert!(sign_in(busy, Lang::Id).ends_with("Masuklah lagi dalam 60 menit."));
}

/// Everything that is said in a language.
fn everything(lang: Lang) -> Vec<String> {
    let mut said: Vec<String> = calls().iter().map(|error| call(error, lang)).collect();
    said.extend(photos().iter().map(|error| photo(error, lang)));
    let opened = opens().into_iter().map(OpenClientError::Store);
    let opened = opened.chain([OpenClientError::Authority(BadAuthority)]);
    said.extend(opened.map(|error| open(&error, lang)));
    for problem in [
        BadGateway::NotAUrl,
        BadGateway::NotHttps,
        BadGateway::PlainHttp,
        BadGateway::HoldsCredentials,
    ] {
        said.push(gateway(problem, lang));
    }
    said.push(sign_in(&SignInError::BadCredentials, lang));
    said.push(sign_in(&SignInError::Incomplete, lang));
    said.extend(not_reached().iter().map(|error| sign_in(error, lang)));
    said.push(notice(&Notice::CopiedPhone { unsent: 3 }, lang));
    said.push(notice(&Notice::Migrated { from: 1, to: 2 }, lang));
    said.push(notice(&Notice::ReserveMissing, lang));
    said.push(notice(&Notice::SalvageWaits { bytes: 1 << 20 }, lang));
    said.extend([
        unfit_key(lang),
        not_a_key(lang),
        no_thread(lang),
        overwriting(lang),
    ]);
    said
}

#[test]
fn everything_is_a_sentence_of_its_own_language() {
    let (id, en) = (everything(Lang::Id), everything(Lang::En));
    assert_eq!(id.len(), en.len());
    for (id, en) in id.iter().zip(&en) {
        assert_ne!(id, en, "said in one language only");
        for said in [id, en] {
            let first = said.chars().next().unwrap();
            assert!(
                first.is_uppercase() || first.is_ascii_digit() || said.starts_with("http "),
                "{said}"
            );
            assert!(said.ends_with(['.', ':']), "{said}");
            // Names of Rust, of commands and of files are nobody's words.
            for foreign in ["::", "{", "Some(", "lapor ", "--", "_"] {
                assert!(!said.contains(foreign), "{foreign} in {said}");
            }
        }
    }
}

#[test]
fn what_differs_for_the_person_is_said_differently() {
    for lang in LANGS {
        let photos: BTreeSet<_> = photos().iter().map(|error| photo(error, lang)).collect();
        assert_eq!(photos.len(), 23);
        let opens: BTreeSet<_> = opens()
            .into_iter()
            .map(|error| open(&error.into(), lang))
            .collect();
        assert_eq!(opens.len(), 15);
    }
}

#[test]
fn the_data_of_an_error_is_in_its_words() {
    let id = |error: ClientError| call(&error, Lang::Id);
    assert!(id(ClientError::InUse { pid: Some(4711) }).contains("4711"));
    assert!(id(ClientError::TooLarge { limit: 1_600_000 }).contains("1,5 MB"));
    assert!(id(ClientError::TooManyAttachments { limit: 10 }).contains("10 lampiran"));
    let missing = &calls()[5];
    assert!(call(missing, Lang::Id).contains("\n  - Judul: "));
    assert!(call(missing, Lang::En).contains("\n  - Title: "));
}

#[test]
fn sizes_speak_the_language() {
    assert_eq!(size(0, Lang::Id), "0 B");
    assert_eq!(size(1023, Lang::Id), "1023 B");
    assert_eq!(size(307_200, Lang::Id), "300 KB");
    assert_eq!(size(1_600_000, Lang::Id), "1,5 MB");
    assert_eq!(size(1_600_000, Lang::En), "1.5 MB");
    assert_eq!(size(u64::MAX, Lang::En), "17592186044416 MB");
}

#[test]
fn a_copied_phone_is_told_that_nothing_counts_twice() {
    let said = notice(&Notice::CopiedPhone { unsent: 3 }, Lang::Id);
    assert!(
        said.contains("3 langkah") && said.contains("dua kali"),
        "{said}"
    );
}

#[test]
fn what_a_damaged_store_lost_is_named_line_by_line() {
    let key = ReportKey([7; 16]);
    let losses = [
        (LossKind::Body, Some(key)),
        (LossKind::Account, None),
        (LossKind::Everything, None),
        (LossKind::Report, Some(ReportKey([8; 16]))),
        (LossKind::Attachment, None),
        (LossKind::Event, None),
    ]
    .map(|(what, report)| Loss {
        id: 1,
        set_aside: "set-aside-1".to_owned(),
        at: Instant(0),
        what,
        report,
        row: 0,
        is_at_service: false,
        is_anothers: false,
        verdict: Verdict::Open,
    });
    for lang in LANGS {
        let said = |losses: &[Loss]| {
            notice(
                &Notice::SetAside {
                    folder: "set-aside-1".to_owned(),
                    reports_saved: 2,
                    losses: losses.to_vec(),
                },
                lang,
            )
        };
        let lines: Vec<String> = said(&losses).lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 7);
        assert!(lines[1].contains(&key.to_string()), "{}", lines[1]);
        assert_eq!(lines.iter().collect::<BTreeSet<_>>().len(), 7);
        assert!(said(&[]).ends_with('.'), "{}", said(&[]));
    }
}

#[test]
fn a_lost_report_comes_to_a_verdict_and_is_named_to_its_person_only() {
    let told = |verdict, is_anothers, lang| {
        let loss = Loss {
            id: 1,
            set_aside: "set-aside-1".to_owned(),
            at: Instant(0),
            what: LossKind::Report,
            report: Some(ReportKey([7; 16])),
            row: 3,
            is_at_service: verdict == Arrived,
            is_anothers,
            verdict,
        };
        lost(&loss, lang)
    };
    use Verdict::{Arrived, NotThere, Open};
    assert!(
        told(Arrived, false, Lang::En).starts_with("a report; LAPOR! has it, so it is not lost")
    );
    assert!(told(Arrived, false, Lang::Id).starts_with("satu laporan; LAPOR! memilikinya"));
    assert!(told(Open, false, Lang::En).contains("if LAPOR! has received it"));
    assert!(told(Open, false, Lang::Id).contains("bila LAPOR! sudah menerimanya"));
    assert!(told(NotThere, false, Lang::En).contains("does not have it"));
    assert!(told(NotThere, false, Lang::Id).contains("tidak memilikinya"));
    let key = ReportKey([7; 16]).to_string();
    for lang in LANGS {
        assert!(told(Open, false, lang).contains(&key));
        assert!(!told(Open, true, lang).contains(&key));
    }
}

#[test]
fn what_is_covered_is_told_as_it_came_out() {
    let told = |left, top, width, height| {
        LANGS.map(|lang| covered(&Region::new(left, top, width, height).unwrap(), lang))
    };
    assert_eq!(
        told(0.401, 0.55, 0.2, 0.1),
        [
            "Ditutup hitam: 40 sampai 60 % dari kiri, 55 sampai 65 % dari atas.",
            "Covered in black: 40 to 60 % from the left, 55 to 65 % from the top."
        ]
    );
    for words in told(0.0, 0.0, 200.0, 100.0) {
        assert!(
            words.contains("seluruh gambar") || words.contains("the whole picture"),
            "{words}"
        );
    }
}

#[test]
fn who_was_signed_in_is_asked_to_sign_in_again_before_anything_else() {
    let loss = Loss {
        id: 1,
        set_aside: "set-aside-1".to_owned(),
        at: Instant(0),
        what: LossKind::Account,
        report: None,
        row: 0,
        is_at_service: false,
        is_anothers: false,
        verdict: Verdict::Open,
    };
    for (lang, again, claim) in [
        (Lang::Id, "masuk lagi seperti biasa", "Anda yang menulisnya"),
        (Lang::En, "sign in again as before", "you wrote it"),
    ] {
        let words = lost(&loss, lang);
        let (again, claim) = (words.find(again).unwrap(), words.find(claim).unwrap());
        assert!(again < claim, "{words}");
    }
}

/// Each of these is the end of a road for whoever reads it: it says what to do next.
#[test]
fn an_error_that_has_no_name_says_what_to_do() {
    let failed = ClientError::Storage {
        kind: "sqlite 10".to_owned(),
    };
    for (lang, again) in [(Lang::Id, "Coba lagi"), (Lang::En, "Try again")] {
        let database = OpenError::Database { code: 10 };
        let io = OpenError::Io {
            kind: ErrorKind::Other,
        };
        for words in [
            call(&failed, lang),
            open(&database.into(), lang),
            open(&io.into(), lang),
        ] {
            assert!(words.contains(again), "{words}");
        }
        assert!(call(&failed, lang).contains("sqlite 10"));
    }
    // The first start is no update, and the store may be none yet.
    let room = OpenError::NeedsSpace { bytes: 1 << 20 };
    assert_eq!(
        open(&room.into(), Lang::En),
        "1 MB of free space are needed to prepare the store. Free some and open it again; nothing was deleted."
    );
}

#[test]
fn a_place_that_can_only_be_read_is_told_as_such() {
    let kind = ErrorKind::ReadOnlyFilesystem;
    let opening = OpenClientError::Store(OpenError::Io { kind });
    let file = ClientError::from(OutputError::Io { kind });
    for (lang, what) in [
        (Lang::Id, "hanya dapat dibaca"),
        (Lang::En, "can only be read"),
    ] {
        for said in [open(&opening, lang), call(&file, lang)] {
            assert!(said.contains(what), "{said}");
        }
    }
}

#[test]
fn one_is_not_told_as_many() {
    let told = |count| {
        let set_aside = Notice::SetAside {
            folder: "set-aside-1".to_owned(),
            reports_saved: count,
            losses: Vec::new(),
        };
        [
            notice(&set_aside, Lang::En),
            notice(&Notice::CopiedPhone { unsent: count }, Lang::En),
        ]
    };
    assert!(told(1)[0].contains(" 1 report could be read and was brought"));
    assert!(told(2)[0].contains(" 2 reports could be read and were brought"));
    assert!(told(1)[1].contains(" 1 unfinished step here"));
    assert!(told(2)[1].contains(" 2 unfinished steps here"));
}

/// Whoever takes them sends them, and is told so before.
#[test]
fn reports_of_an_unknown_writer_are_offered_with_a_warning() {
    for (lang, who, whose_name) in [
        (
            Lang::Id,
            "tidak diketahui lagi",
            "atas nama akun yang sekarang",
        ),
        (Lang::En, "no longer knows", "in the name of the account"),
    ] {
        let words = without_writer(2, lang);
        let (who, name) = (words.find(who).unwrap(), words.find(whose_name).unwrap());
        assert!(who < name && words.starts_with('2'), "{words}");
    }
    assert!(without_writer(1, Lang::En).starts_with("1 report here was"));
}
