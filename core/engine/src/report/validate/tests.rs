#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
use proptest::prelude::*;

use super::*;
use crate::report::{Classification, Place, Sha256Hash};

fn today() -> Date {
    Date::parse("2026-11-22").unwrap()
}

fn form() -> Form {
    Form {
        classification: Some(Classification::Complaint),
        title: "Jalan berlubang".to_owned(),
        content: "Sudah tiga bulan.".to_owned(),
        incident_date: "2026-11-20".to_owned(),
        location: "Depan Pasar Kuta".to_owned(),
        ..Form::default()
    }
}

fn photo(number: u8) -> AttachmentDigest {
    AttachmentDigest {
        sha256: Sha256Hash([number; 32]),
        bytes: 300_000,
        media_type: "image/jpeg".to_owned(),
        name: format!("foto-{number}.jpg"),
    }
}

fn found(form: &Form, attachments: &[AttachmentDigest]) -> Vec<Problem> {
    validate(form, attachments, &Limits::default(), today())
}

fn about(field: Field, code: Code) -> Vec<Problem> {
    vec![Problem {
        subject: Subject::Field(field),
        code,
    }]
}

#[test]
fn a_filled_in_form_may_go() {
    assert_eq!(found(&form(), &[photo(1), photo(2)]), []);
}

#[test]
fn an_empty_draft_names_every_required_field_in_the_order_of_the_form() {
    let fields: Vec<Subject> = found(&Form::default(), &[])
        .into_iter()
        .map(|problem| {
            assert_eq!(problem.code, Code::Required);
            problem.subject
        })
        .collect();
    let required = [
        Field::Classification,
        Field::Title,
        Field::Content,
        Field::Location,
        Field::IncidentDate,
    ];
    assert_eq!(fields, required.map(Subject::Field));
}

#[test]
fn blank_text_is_no_text() {
    for blank in ["", " ", "\n\t ", "\u{3000}\u{a0}"] {
        let mut form = form();
        form.apply(crate::report::Edit::Title(blank.to_owned()));
        assert_eq!(
            found(&form, &[]),
            about(Field::Title, Code::Required),
            "{blank:?}"
        );
    }
}

#[test]
fn every_text_has_its_limit_to_the_letter() {
    let limits = Limits::default();
    type Set = fn(&mut Form, String);
    let texts: [(Field, u32, Set); 5] = [
        (Field::Title, limits.title_chars, |form, text| {
            form.title = text
        }),
        (Field::Content, limits.content_chars, |form, text| {
            form.content = text
        }),
        (Field::Location, limits.location_chars, |form, text| {
            form.location = text
        }),
        (
            Field::InstitutionId,
            limits.reference_chars,
            |form, text| form.institution_id = text,
        ),
        (Field::CategoryId, limits.reference_chars, |form, text| {
            form.category_id = text
        }),
    ];
    for (field, limit, set) in texts {
        let limit = limit as usize;
        // One, two, three and four bytes of UTF-8.
        for letter in ["a", "é", "ꦲ", "😀"] {
            let mut form = form();
            set(&mut form, letter.repeat(limit));
            assert_eq!(found(&form, &[]), [], "{field:?} {letter} at the limit");
            set(&mut form, letter.repeat(limit + 1));
            let (limit, actual) = (limit as u64, limit as u64 + 1);
            assert_eq!(
                found(&form, &[]),
                about(field, Code::TooLong { limit, actual }),
                "{field:?} {letter}"
            );
        }
    }
}

#[test]
fn letters_are_counted_in_unicode_scalars_as_the_gateway_does() {
    let family = "👨‍👩‍👧"; // three people, two joiners
    assert_eq!(text_problems(family, 5, true), []);
    assert_eq!(
        text_problems(family, 4, true),
        [Code::TooLong {
            limit: 4,
            actual: 5
        }]
    );
    assert_eq!(
        text_problems("e\u{301}", 1, true),
        [Code::TooLong {
            limit: 1,
            actual: 2
        }],
        "never normalized"
    );
}

#[test]
fn any_language_and_script_is_accepted() {
    for text in [
        "ꦧꦱꦗꦮ ꦢꦭꦤ꧀ ꦫꦸꦱꦏ꧀",                                              // Jawa
        "ᬩᬲᬩᬮᬶ ᬚᬮᬦ᭄ ᬭᬸᬲᬓ᭄",                                              // Bali
        "ᮘᮞ ᮞᮥᮔ᮪ᮓ",                                                     // Sunda
        "ᯅᯖᯂ᯲",                                                        // Batak
        "ᨅᨔ ᨕᨘᨁᨗ",                                                       // Bugis
        "جالن روسق",                                                   // Arab Melayu
        "\u{200f}جالن\u{200e} 12\u{202b}rtl\u{202c}\u{2067}x\u{2069}", // direction marks and isolates
        "道路坏了",
        "서울 🕳️🚧",
        "👨‍👩‍👧‍👦",
        "नमस्ते\u{200d}",
        "first\nsecond\r\nthird\tcolumn",
        "\u{feff}with a byte order mark",
        "private \u{e000} use",
        "\u{10ffff}",
    ] {
        let form = Form {
            title: text.to_owned(),
            content: text.to_owned(),
            location: text.to_owned(),
            ..form()
        };
        assert_eq!(found(&form, &[]), [], "{text:?}");
    }
}

#[test]
fn a_character_that_no_keyboard_types_is_named() {
    for control in [
        '\0', '\u{1}', '\u{7}', '\u{8}', '\u{b}', '\u{c}', '\u{1b}', '\u{7f}', '\u{85}', '\u{9f}',
    ] {
        let form = Form {
            content: format!("a{control}b"),
            ..form()
        };
        assert_eq!(
            found(&form, &[]),
            about(Field::Content, Code::ControlCharacter),
            "{control:?}"
        );
    }
}

#[test]
fn two_faults_of_one_text_are_both_told() {
    let form = Form {
        title: "\0".repeat(256),
        ..form()
    };
    let codes: Vec<Code> = found(&form, &[])
        .into_iter()
        .map(|problem| problem.code)
        .collect();
    assert_eq!(
        codes,
        [
            Code::TooLong {
                limit: 255,
                actual: 256
            },
            Code::ControlCharacter
        ]
    );
}

#[test]
fn the_incident_was_today_or_before() {
    for (text, code) in [
        ("2026-11-22", None),
        ("1945-08-17", None),
        ("2026-11-23", Some(Code::InFuture)),
        ("9999-12-31", Some(Code::InFuture)),
        ("", Some(Code::Required)),
        ("kemarin", Some(Code::Invalid)),
        ("22-11-2026", Some(Code::Invalid)),
        ("2026-02-29", Some(Code::Invalid)),
        ("2026-1-02", Some(Code::Invalid)),
        (" 2026-11-22", Some(Code::Invalid)),
    ] {
        let form = Form {
            incident_date: text.to_owned(),
            ..form()
        };
        let told = found(&form, &[]).pop().map(|problem| problem.code);
        assert_eq!(told, code, "{text}");
    }
}

#[test]
fn a_place_lies_on_the_globe_and_an_area_code_has_its_form() {
    let at = |latitude, longitude| Form {
        place: Some(Place {
            latitude,
            longitude,
        }),
        ..form()
    };
    for (latitude, longitude) in [(-8.65, 115.13), (90.0, 180.0), (-90.0, -180.0), (0.0, 0.0)] {
        assert_eq!(found(&at(latitude, longitude), &[]), []);
    }
    for (latitude, longitude) in [
        (90.001, 0.0),
        (0.0, 180.1),
        (-91.0, 0.0),
        (f64::NAN, 0.0),
        (0.0, f64::NAN),
        (f64::INFINITY, 0.0),
    ] {
        assert_eq!(
            found(&at(latitude, longitude), &[]),
            about(Field::Place, Code::Invalid)
        );
    }
    for (code, fine) in [
        ("51.03.06", true),
        ("51.03.06.2005", true),
        ("", true),
        ("5103", false),
        ("51.03.", false),
    ] {
        let form = Form {
            area_code: code.to_owned(),
            ..form()
        };
        assert_eq!(found(&form, &[]).is_empty(), fine, "{code}");
    }
}

#[test]
fn attachments_have_limits_of_number_size_and_kind() {
    let limits = Limits::default();
    let ten: Vec<AttachmentDigest> = (0..10).map(photo).collect();
    assert_eq!(found(&form(), &ten), []);
    let eleven: Vec<AttachmentDigest> = (0..11).map(photo).collect();
    let many = Problem {
        subject: Subject::Attachments,
        code: Code::TooMany {
            limit: 10,
            actual: 11,
        },
    };
    assert_eq!(found(&form(), &eleven), [many]);

    let sized = |bytes| AttachmentDigest { bytes, ..photo(1) };
    assert_eq!(found(&form(), &[sized(2 << 20)]), []);
    let large = Code::TooLarge {
        limit: limits.attachment_bytes,
        actual: (2 << 20) + 1,
    };
    assert_eq!(
        found(&form(), &[sized((2 << 20) + 1)]),
        [Problem {
            subject: Subject::Attachment(0),
            code: large
        }]
    );

    let video = AttachmentDigest {
        media_type: "video/mp4".to_owned(),
        ..photo(1)
    };
    let kind = Problem {
        subject: Subject::Attachment(1),
        code: Code::UnsupportedType,
    };
    assert_eq!(
        found(&form(), &[photo(2), video.clone()]),
        std::slice::from_ref(&kind)
    );
    let region = Limits {
        media_types: vec!["image/jpeg".to_owned(), "video/mp4".to_owned()],
        ..limits
    };
    assert_eq!(
        validate(&form(), &[video], &region, today()),
        [],
        "a region that takes video says so in its limits"
    );
}

#[test]
fn the_same_picture_twice_is_named_at_its_second_place() {
    let twice = Problem {
        subject: Subject::Attachment(2),
        code: Code::Duplicate,
    };
    assert_eq!(found(&form(), &[photo(1), photo(2), photo(1)]), [twice]);
}

#[test]
fn the_embedded_limits_are_those_of_the_file() {
    let file: serde_json::Value = serde_json::from_str(include_str!("../form.json")).unwrap();
    let limits = Limits::default();
    assert_eq!(serde_json::json!(limits.title_chars), file["title_chars"]);
    assert_eq!(serde_json::json!(limits.media_types), file["media_types"]);
    assert_eq!(
        limits.attachment_bytes,
        2 * 1024 * 1024,
        "the form of the real service"
    );
    assert!(
        limits.body_bytes >= 4 * u64::from(limits.content_chars),
        "the longest text in any script fits"
    );
}

#[test]
fn problems_survive_the_store() {
    let long = Problem {
        subject: Subject::Field(Field::Title),
        code: Code::TooLong {
            limit: 1,
            actual: 2,
        },
    };
    let odd = Problem {
        subject: Subject::Unknown("x".to_owned()),
        code: Code::Other {
            word: "y".to_owned(),
        },
    };
    for problem in [
        long,
        odd,
        Problem {
            subject: Subject::Attachment(3),
            code: Code::Duplicate,
        },
    ] {
        let text = serde_json::to_string(&problem).unwrap();
        assert_eq!(
            serde_json::from_str::<Problem>(&text).unwrap(),
            problem,
            "{text}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn anything_at_all_in_a_form_is_told_and_never_a_crash(
        title in ".{0,300}", date in "[-0-9]{0,12}|.{0,12}", area in "[.0-9]{0,16}", latitude in any::<f64>(),
    ) {
        let form = Form {
            title, incident_date: date, area_code: area,
            place: Some(Place { latitude, longitude: 0.0 }), ..form()
        };
        let told = found(&form, &[]);
        prop_assert_eq!(&told, &found(&form, &[]));
        for lang in crate::words::Lang::ALL {
            for problem in &told {
                let words = crate::words::problem(problem, lang);
                prop_assert!(!words.is_empty());
                prop_assert!(form.title.chars().count() < 4 || !words.contains(&form.title), "its text leaked");
            }
        }
    }
}

#[test]
fn a_title_of_which_nothing_can_be_seen_is_no_title() {
    let shown = |title: &str| {
        let form = Form {
            title: title.to_owned(),
            ..Form::default()
        };
        let today = Date::parse("2026-11-22").unwrap();
        validate(&form, &[], &Limits::default(), today)
            .iter()
            .any(|problem| problem.subject == Subject::Field(Field::Title))
    };
    assert!(shown("\u{200b}\u{200d} \u{202e}\u{feff}"));
    assert!(
        !shown("\u{200f}لمبة"),
        "a mark beside a word is part of writing"
    );
}
