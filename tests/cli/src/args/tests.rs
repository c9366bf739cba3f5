#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use clap::CommandFactory;
use lapor_core::engine::report::{Classification, Edit, Place};

use super::*;

fn parsed(line: &[&str]) -> Result<Args, clap::Error> {
    Args::try_parse_from([&["lapor"], line].concat())
}

#[test]
fn the_definition_holds_together() {
    Args::command().debug_assert();
}

#[test]
fn only_the_fields_that_were_given_are_changed() {
    let line = [
        "draft",
        "edit",
        "@last",
        "--title",
        "",
        "--no-secret",
        "--place",
        "-8.5,115.25",
        "--classification",
        "Permintaan-Informasi",
    ];
    let Command::Draft(DraftCommand::Edit { fields, .. }) = parsed(&line).unwrap().command else {
        panic!("not an edit")
    };
    let place = Place {
        latitude: -8.5,
        longitude: 115.25,
    };
    assert_eq!(
        fields.edits(None),
        [
            Edit::Classification(Some(Classification::InformationRequest)),
            Edit::Title(String::new()),
            Edit::Secret(false),
            Edit::Place(Some(place)),
        ]
    );
}

#[test]
fn nonsense_is_refused_before_anything_is_opened() {
    for line in [
        &["draft", "new", "--place", "NaN,1"][..],
        &["draft", "new", "--place", "here"],
        &["draft", "new", "--secret", "--no-secret"],
        &["draft", "new", "--classification", "keluhan"],
        &["attach", "@last"],
        &["attach", "@last", "a.jpg", "--budget", "0"],
        &[
            "attach",
            "@last",
            "a.jpg",
            "--budget",
            "99999999999999999999k",
        ],
        &["rate", "@last", "6"],
        &["detach", "@last", "0"],
        &["sync", "--once", "--watch"],
        &["list", "--lang", "fr"],
        &["list", "--network", "maybe"],
        &[],
    ] {
        assert!(parsed(line).is_err(), "{line:?}");
    }
}

#[test]
fn sizes_are_written_as_people_write_them() {
    for (text, bytes) in [
        ("300k", 307_200),
        ("300KB", 307_200),
        ("2m", 2_097_152),
        ("1000", 1000),
    ] {
        assert_eq!(report::bytes(text), Ok(bytes), "{text}");
    }
}
