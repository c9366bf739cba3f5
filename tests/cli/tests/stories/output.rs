use std::{fs::File, process::Stdio};

use crate::phone::{Phone, Ran};

#[test]
fn a_reader_that_has_gone_is_no_panic() {
    let phone = Phone::new();
    phone.draft("Lampu padam");
    for line in [
        &["list"][..],
        &["show", "@last"],
        &["list", "--json"],
        &["--help"],
        &["doctor"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ran = Ran::from(phone.command(line).stdout(writer).output().unwrap());
        ran.ends(0);
    }
    let mut command = phone.command(["show", "nobody"]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = command
        .stderr(writer)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(1));
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_could_not_be_written_was_not_given() {
    let phone = Phone::new();
    phone.draft("Lampu padam");
    let full = File::options().write(true).open("/dev/full").unwrap();
    Ran::from(phone.command(["list"]).stdout(full).output().unwrap()).ends(1);
}

#[test]
fn it_speaks_the_language_it_was_asked_for() {
    let phone = Phone::new();
    phone.draft("Lampu padam");
    assert!(phone.run(["list"]).ends(0).out.contains("Konsep"));
    assert!(
        phone
            .run(["list", "--lang", "en"])
            .ends(0)
            .out
            .contains("Draft")
    );
    let english = phone
        .command(["list"])
        .env("LAPOR_LANG", "en_US.UTF-8")
        .output()
        .unwrap();
    assert!(Ran::from(english).ends(0).out.contains("Draft"));
    phone.run(["list", "--lang", "jv"]).ends(2);
}

#[test]
fn usage_ends_with_two_and_opens_nothing() {
    let phone = Phone::new();
    for line in [
        &[][..],
        &["lapor"],
        &["show"],
        &["submit", "a", "b"],
        &["photo", "one"],
        &["list", "--limit", "0"],
    ] {
        let ran = phone.run(line).ends(2);
        assert!(ran.out.is_empty() && !ran.err.is_empty(), "{ran:?}");
        let ran = phone.run([line, &["--json"]].concat()).ends(2);
        let error = &ran.json()["error"];
        assert_eq!(
            (&error["code"], &error["exit"]),
            (&"usage".into(), &2.into())
        );
        let words = error["words"].as_str().unwrap();
        assert!(!words.is_empty() && !words.starts_with("error"), "{words}");
    }
    // What is asked for is no failure.
    let help = phone.run(["list", "--help", "--json"]).ends(0);
    assert!(
        help.out.contains("--limit") && help.err.is_empty(),
        "{help:?}"
    );
    assert!(!phone.home().exists());
    for line in [
        &["--server", "lapor.go.id"][..],
        &["--server", "http://lapor.go.id/"],
        &["--server", "https://a:b@lapor.go.id/"],
    ] {
        assert_eq!(
            phone
                .run([line, &["list", "--json"]].concat())
                .ends(2)
                .json()["error"]["code"],
            "usage"
        );
    }
    phone.run(["list", "--ca", "/dev/null"]).ends(2);
    phone.run(["list", "--ca", "nowhere.pem"]).ends(1);
}

#[test]
fn a_line_that_makes_no_sense_is_told_so_in_the_persons_language() {
    let phone = Phone::new();
    for (line, said) in [
        (&["laporkan"][..], "Perintah 'laporkan' tidak dikenal"),
        (&["outbx"], "Mungkin maksudnya 'outbox'"),
        (&["list", "--limits", "3"], "Mungkin maksudnya '--limit'"),
        (&["list", "--limit", "0"], "Nilai '0' untuk '--limit <"),
        (&["list", "--lang", "jv"], "Nilai 'jv' untuk '--lang <"),
        (
            &["settings", "--picture-threads", "4"],
            "pilihannya by-phone, one, two",
        ),
        (&["settings", "--low-data"], "perlu nilai"),
        (&["show"], "Masih kurang: <"),
        (&["submit", "a", "b"], "'b' tidak dikenal di sini"),
        (
            &["list", "--limit", "1", "--limit", "2"],
            "hanya boleh sekali",
        ),
    ] {
        let ran = phone.run(line).ends(2);
        assert!(
            ran.err.contains(said)
                && ran.err.contains("lapor --help")
                && !ran.err.contains("error"),
            "{ran:?}"
        );
        let ran = phone.run([line, &["--json"]].concat()).ends(2);
        let words = ran.json()["error"]["words"].clone();
        assert!(words.as_str().unwrap().contains(said), "{words}");
        for english in [&["--lang", "en"][..], &["--lang=en"]] {
            if line.contains(&"--lang") {
                continue;
            }
            let ran = phone.run([english, line].concat()).ends(2);
            assert!(ran.err.starts_with("error: "), "{ran:?}");
        }
    }
    // What steers a terminal does not come back to it.
    let ran = phone.run(["lapor\x1b[2J"]).ends(2);
    assert!(!ran.err.contains('\x1b'), "{ran:?}");
}

#[test]
fn what_travels_needs_an_address() {
    let phone = Phone::new();
    for line in [&["sync"][..], &["submit", "@last", "--wait"]] {
        let ran = phone.run(line).ends(2);
        assert!(ran.err.contains("--server"), "{ran:?}");
    }
    let ran = phone
        .type_in(
            &["sign-in", "siti", "--password-stdin", "--json"],
            b"rahasia123\n",
        )
        .ends(2);
    assert_eq!(ran.json()["error"]["code"], "no_server");
}

#[test]
fn the_exit_codes_are_in_the_help() {
    let help = Phone::new().run(["--help"]).ends(0).out;
    for code in 0..=9 {
        assert!(
            help.lines()
                .any(|line| line.trim_start().starts_with(&format!("{code}  "))),
            "{code}: {help}"
        );
    }
}

#[test]
fn a_full_list_goes_page_by_page() {
    let phone = Phone::new();
    for number in 0..4 {
        phone.draft(&format!("Laporan {number}"));
    }
    let titles = |line: &[&str]| -> Vec<String> {
        phone
            .json(line)
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["title"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        titles(&["list", "--limit", "2"]),
        ["Laporan 3", "Laporan 2"]
    );
    assert_eq!(titles(&["list"]).len(), 4);
}

#[test]
fn a_list_that_ends_early_says_so_and_how_to_see_the_rest() {
    let phone = Phone::new();
    for title in ["Lampu padam", "Jalan rusak", "Got mampet"] {
        phone.draft(title);
    }
    let ran = phone.run(["list", "--lang", "en", "--limit", "2"]).ends(0);
    assert!(ran.err.contains("2 of 3 reports"), "{ran:?}");
    assert!(ran.err.contains("--limit 3"), "{ran:?}");
    for whole in [&["list"][..], &["list", "--limit", "3", "--drafts"]] {
        let ran = phone.run(whole).ends(0);
        assert!(!ran.err.contains("--limit"), "{ran:?}");
    }
    let key = phone.draft("Disimpan saja");
    phone.run(["draft", "discard", &key]).ends(0);
    assert_eq!(phone.run(["list", "--limit", "3"]).ends(0).err, "");
    let all = phone.run(["list", "--limit", "3", "--all"]).ends(0);
    assert!(all.err.contains("3 dari 4"), "{all:?}");
}

#[test]
fn what_cannot_be_done_says_what_can() {
    let phone = Phone::of("siti");
    let key = phone.draft("Lampu padam");
    let says = |line: &[&str], cure: &str| {
        let ran = phone
            .run(line.iter().copied().chain(["--lang", "en"]))
            .ends(1);
        assert!(ran.err.contains(cure), "{line:?}: {ran:?}");
    };
    says(&["reply", &key, "Masih padam"], "lapor submit");
    says(&["show", "nobody"], "lapor list");
    phone.run(["draft", "discard", &key]).ends(0);
    says(
        &["draft", "edit", &key, "--title", "Lampu"],
        "lapor draft restore",
    );
    let sent = phone.draft("Jalan rusak");
    phone.run(["submit", &sent]).ends(0);
    says(&["draft", "edit", &sent, "--title", "Jalan"], "Add a reply");
}
