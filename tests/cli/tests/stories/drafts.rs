use std::fs;

use serde_json::Value;

use crate::phone::Phone;

fn codes(checked: &Value) -> Vec<(String, String)> {
    let word = |problem: &Value, name: &str| problem[name].as_str().unwrap().to_owned();
    checked["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (word(one, "field"), word(one, "code")))
        .collect()
}

fn check(phone: &Phone, code: i32) -> Value {
    phone
        .run(["draft", "check", "@last", "--json"])
        .ends(code)
        .json()
}

#[test]
fn an_incomplete_draft_is_kept_and_told_what_it_lacks() {
    let phone = Phone::of("siti");
    phone.run(["draft", "new"]).ends(0);
    let checked = check(&phone, 3);
    assert_eq!(checked["ready"], false);
    let fields: Vec<String> = codes(&checked)
        .into_iter()
        .map(|(field, _)| field)
        .collect();
    assert_eq!(
        fields,
        [
            "classification",
            "title",
            "content",
            "location",
            "incident_date"
        ]
    );

    let refused = phone.run(["submit", "@last", "--json"]).ends(3).json();
    assert_eq!(refused["error"]["code"], "invalid");
    assert_eq!(refused["error"]["problems"].as_array().unwrap().len(), 5);
    let said = phone.run(["submit", "@last"]).ends(3);
    assert!(said.err.contains("Judul: belum diisi"), "{said:?}");
    assert_eq!(phone.json(&["show", "@last"])["phase"], "draft");
}

#[test]
fn texts_at_their_limits_go_and_one_more_sign_is_told() {
    // Four bytes each in UTF-8, and one sign each.
    let phone = Phone::of("siti");
    let long = |number: usize| "𑄇".repeat(number);
    phone.draft("x");
    for (field, name, limit) in [
        ("title", "--title", 255),
        ("content", "--content", 10_000),
        ("location", "--location", 1_000),
    ] {
        phone
            .run(["draft", "edit", "@last", name, &long(limit + 1)])
            .ends(0);
        let checked = check(&phone, 3);
        assert_eq!(codes(&checked), [(field.to_owned(), "too_long".to_owned())]);
        assert_eq!(checked["problems"][0]["limit"], limit);
        assert_eq!(checked["problems"][0]["actual"], limit + 1);
        phone
            .run(["draft", "edit", "@last", name, &long(limit)])
            .ends(0);
        check(&phone, 0);
    }
    phone.run(["submit", "@last"]).ends(0);
    assert_eq!(phone.json(&["show", "@last"])["content"], long(10_000));
}

#[test]
fn control_characters_are_told_and_never_reach_the_terminal() {
    let phone = Phone::of("siti");
    phone.draft("Jalan\x1b]0;pwned\x07 rusak");
    assert_eq!(
        codes(&check(&phone, 3)),
        [("title".to_owned(), "control_character".to_owned())]
    );
    for line in [
        &["list"][..],
        &["show", "@last"],
        &["show", "@last", "--json"],
        &["list", "--json"],
    ] {
        let ran = phone.run(line).ends(0);
        assert!(!ran.out.contains(['\x1b', '\x07']), "{ran:?}");
    }
    // The words themselves are as they were typed.
    assert_eq!(
        phone.json(&["show", "@last"])["title"],
        "Jalan\x1b]0;pwned\x07 rusak"
    );
}

#[test]
fn writing_from_right_to_left_is_writing_and_a_turned_order_is_shown() {
    let phone = Phone::of("siti");
    let title = "الشارع مكسور\u{200f} \u{202e}gpj.exe\u{202c}";
    phone.draft(title);
    check(&phone, 0);
    for line in [
        &["list"][..],
        &["show", "@last"],
        &["show", "@last", "--json"],
    ] {
        let ran = phone.run(line).ends(0);
        assert!(!ran.out.contains(['\u{202e}', '\u{202c}']), "{ran:?}");
        assert!(
            ran.out.contains("202e") && ran.out.contains("الشارع"),
            "{ran:?}"
        );
    }
    assert_eq!(phone.json(&["show", "@last"])["title"], title);
}

#[test]
fn dates_areas_and_places_are_checked_not_refused() {
    let phone = Phone::new();
    phone.draft("Lampu padam");
    for (line, field, code) in [
        (["--date", "2026-02-30"], "incident_date", "invalid"),
        (["--date", "9998-01-01"], "incident_date", "in_future"),
        (["--area", "51.3"], "area_code", "invalid"),
        (["--place", "91,0"], "place", "invalid"),
    ] {
        phone
            .run(["draft", "edit", "@last", line[0], line[1]])
            .ends(0);
        assert_eq!(
            codes(&check(&phone, 3)),
            [(field.to_owned(), code.to_owned())]
        );
        phone
            .run([
                "draft",
                "edit",
                "@last",
                "--date",
                "2026-01-05",
                "--area",
                "51.03.06",
                "--no-place",
            ])
            .ends(0);
        check(&phone, 0);
    }
}

#[test]
fn a_field_can_be_taken_back() {
    let phone = Phone::new();
    phone.draft("Lampu padam");
    phone
        .run([
            "draft",
            "edit",
            "@last",
            "--anonymous",
            "--secret",
            "--place",
            "-8.65,115.21",
            "--category",
            "jalan",
        ])
        .ends(0);
    let shown = phone.json(&["show", "@last"]);
    assert_eq!(
        (&shown["anonymous"], &shown["secret"], &shown["latitude"]),
        (&true.into(), &true.into(), &(-8.65).into())
    );
    phone
        .run([
            "draft",
            "edit",
            "@last",
            "--no-anonymous",
            "--no-place",
            "--category",
            "",
            "--no-classification",
        ])
        .ends(0);
    let shown = phone.json(&["show", "@last"]);
    assert_eq!(
        (&shown["anonymous"], &shown["secret"], &shown["latitude"]),
        (&false.into(), &true.into(), &Value::Null)
    );
    assert_eq!(
        (&shown["category_id"], &shown["classification"]),
        (&"".into(), &Value::Null)
    );
    phone.run(["draft", "edit", "@last"]).ends(2);
}

#[test]
fn the_text_can_come_from_a_file_or_a_pipe() {
    let phone = Phone::new();
    let file = phone.folder().join("isi.txt");
    let name = file.to_str().unwrap();
    fs::write(&file, "Baris satu\r\nBaris dua\r\n").unwrap();
    phone.run(["draft", "new", "--content-file", name]).ends(0);
    assert_eq!(
        phone.json(&["show", "@last"])["content"],
        "Baris satu\r\nBaris dua"
    );
    phone
        .type_in(
            &["draft", "edit", "@last", "--content-file", "-"],
            "dari pipa\n".as_bytes(),
        )
        .ends(0);
    assert_eq!(phone.json(&["show", "@last"])["content"], "dari pipa");

    fs::write(&file, [b'a', 0xff, b'b']).unwrap();
    phone.run(["draft", "new", "--content-file", name]).ends(2);
    fs::write(&file, vec![b'a'; (1 << 20) + 1]).unwrap();
    phone.run(["draft", "new", "--content-file", name]).ends(2);
    fs::remove_file(&file).unwrap();
    phone.run(["draft", "new", "--content-file", name]).ends(1);
    assert_eq!(
        phone.json(&["list"]).as_array().unwrap().len(),
        1,
        "no empty draft was left behind"
    );
}

#[test]
fn a_discarded_draft_comes_back_whole() {
    let phone = Phone::new();
    let key = phone.draft("Lampu padam");
    phone.run(["draft", "discard", &key]).ends(0);
    assert_eq!(phone.json(&["list"]).as_array().unwrap().len(), 0);
    assert_eq!(phone.json(&["list", "--all"])[0]["phase"], "discarded");
    phone.run(["draft", "edit", &key, "--title", "x"]).ends(1);
    phone.run(["draft", "restore", &key]).ends(0);
    assert_eq!(phone.json(&["list", "--drafts"])[0]["title"], "Lampu padam");
}

#[test]
fn what_was_submitted_is_frozen() {
    let phone = Phone::of("siti");
    let key = phone.submitted("Lampu padam");
    assert_eq!(
        phone
            .run(["draft", "edit", &key, "--title", "x", "--json"])
            .ends(1)
            .json()["error"]["code"],
        "not_editable"
    );
    for command in [&["submit"][..], &["draft", "check"]] {
        let line = [command, &[&key, "--json"]].concat();
        let error = phone.run(line).ends(1).json()["error"].clone();
        assert_eq!(error["code"], "not_possible", "ready for nothing");
    }
    assert_eq!(
        phone
            .run(["draft", "discard", &key, "--json"])
            .ends(1)
            .json()["error"]["code"],
        "not_editable"
    );
    assert_eq!(phone.json(&["show", &key])["title"], "Lampu padam");
}

#[test]
fn a_report_is_named_as_people_name_it() {
    let phone = Phone::new();
    let (one, two) = (phone.draft("satu"), phone.draft("dua"));
    assert_eq!(phone.json(&["show", "@last"])["key"], two.as_str());
    assert_eq!(phone.json(&["show", &one[..13]])["key"], one.as_str());
    for nobody in ["#1916449", "ffffffff-ffff", "not a key", "", "@first"] {
        assert_eq!(
            phone.run(["show", nobody, "--json"]).ends(1).json()["error"]["code"],
            "not_found",
            "{nobody}"
        );
    }
    // Seventeen keys cannot all begin with another digit.
    let keys: Vec<String> = (0..15)
        .map(|_| phone.draft("lagi"))
        .chain([one, two])
        .collect();
    let shared = "0123456789abcdef"
        .chars()
        .find(|digit| keys.iter().filter(|key| key.starts_with(*digit)).count() > 1)
        .unwrap();
    assert_eq!(
        phone
            .run(["show", &shared.to_string(), "--json"])
            .ends(1)
            .json()["error"]["code"],
        "ambiguous"
    );
}

#[test]
fn a_guest_writes_and_only_who_signed_in_submits() {
    let phone = Phone::new();
    let key = phone.draft("Lampu padam");
    assert_eq!(phone.json(&["whoami"])["signed_in"], false);
    assert_eq!(
        phone.run(["submit", &key, "--json"]).ends(5).json()["error"]["code"],
        "sign_in"
    );
    phone.run(["claim"]).ends(5);
    phone.signs_in("siti");
    assert_eq!(phone.json(&["whoami"])["user"], "siti");
    assert_eq!(
        phone.json(&["list"]).as_array().unwrap().len(),
        0,
        "it may be somebody else's"
    );
    // Nobody's report was lost by damage: what is offered by a choice of its own is none of the guest's.
    assert_eq!(phone.json(&["claim", "--without-writer"])["claimed"], 0);
    assert_eq!(phone.json(&["claim"])["claimed"], 1);
    phone.run(["submit", &key]).ends(0);
}

#[test]
fn a_draft_is_erased_for_good_when_that_is_asked_for_twice() {
    let phone = Phone::of("siti");
    let key = phone.draft("Lampu padam");
    let photo = crate::pictures::made(&phone, "IMG_0001.jpg", 1);
    phone.run(["attach", &key, &photo]).ends(0);
    let said = phone.run(["draft", "discard", &key]).ends(0).out;
    assert!(
        said.contains("tetap ada di ponsel ini")
            && said.contains(&format!("lapor draft erase {key}")),
        "what is put away is still carried along: {said}"
    );
    // Nobody is there to be asked.
    let ran = phone.run(["draft", "erase", &key]).ends(2);
    assert!(ran.err.contains("--yes"), "{ran:?}");
    assert_eq!(phone.json(&["show", &key])["phase"], "discarded");

    let erased = phone.json(&["draft", "erase", &key, "--yes"]);
    assert_eq!(
        erased,
        serde_json::json!({ "key": key, "attachments": 1, "set_aside": 0, "overwritten": true })
    );
    for command in [
        &["draft", "restore", &key][..],
        &["show", &key],
        &["draft", "erase", &key, "--yes"],
    ] {
        phone.run(command).ends(1);
    }
    assert_eq!(phone.json(&["list", "--all"]).as_array().unwrap().len(), 0);

    let sent = phone.submitted("Jalan rusak");
    let words = phone.run(["draft", "erase", &sent, "--yes"]).ends(1).err;
    assert!(
        words.contains("tarik laporan itu") && words.contains("lapor withdraw"),
        "{words}"
    );
    let ran = phone.run(["draft", "erase", &sent, "--yes", "--json"]);
    assert_eq!(ran.ends(1).json()["error"]["code"], "not_possible");
    assert_eq!(phone.json(&["show", &sent])["phase"], "queued");
}
