//! A document goes out as it is, with what its program wrote into it: the person hears of that before it goes.

use std::fs;

use crate::phone::Phone;

const LETTER: &[u8] =
    b"%PDF-1.4\n1 0 obj\n<</Author (Siti Aminah)/Producer (Writer)>>\nendobj\n%%EOF\n";
const BARE: &[u8] = b"%PDF-1.4\n% ObjStm\n%%EOF\n";

/// Attaches a file of these bytes; gives what was said of it.
fn attaches(phone: &Phone, key: &str, name: &str, bytes: &[u8]) -> String {
    let path = phone.folder().join(name);
    fs::write(&path, bytes).unwrap();
    phone
        .run(["attach", key, path.to_str().unwrap(), "--lang", "en"])
        .ends(0)
        .out
}

#[test]
fn a_document_that_names_its_author_is_told_of_where_it_is_attached_and_reviewed() {
    let phone = Phone::of("siti");
    let key = phone.draft("Surat dari RT");
    let said = attaches(&phone, &key, "surat.pdf", LETTER);
    assert!(
        said.contains("sent as it is") && said.contains("were seen in this one"),
        "{said}"
    );
    assert!(!said.contains("Siti Aminah"), "{said}");
    for command in [["draft", "check"].as_slice(), &["show"]] {
        let line = [command, &[key.as_str(), "--lang", "en"]].concat();
        let ran = phone.run(line).ends(0);
        assert!(
            ran.out.contains("sent as it is") && ran.out.contains("may"),
            "{ran:?}"
        );
    }
    let checked = phone.json(&["draft", "check", &key]);
    assert_eq!(checked["as_it_is"]["anonymous"], false, "{checked}");
    assert_eq!(
        checked["ready"], true,
        "it is a note and holds nothing up: {checked}"
    );
    let shown = phone.json(&["show", &key]);
    assert_eq!(shown["pictures"][0]["as_it_is"], true, "{shown}");
    phone.run(["submit", &key]).ends(0);
}

#[test]
fn a_document_in_which_nothing_was_seen_is_not_called_clean() {
    let phone = Phone::of("siti");
    let key = phone.draft("Surat dari RT");
    let said = attaches(&phone, &key, "surat.pdf", BARE);
    assert!(
        said.contains("may carry") && !said.contains("were seen"),
        "{said}"
    );
}

#[test]
fn who_does_not_want_to_be_named_hears_that_a_document_may_name_them() {
    let phone = Phone::of("siti");
    let key = phone.draft("Pungutan liar");
    let said = attaches(&phone, &key, "surat.pdf", LETTER);
    assert!(!said.contains("anonymous"), "{said}");
    // Chosen after the document was attached.
    phone.run(["draft", "edit", &key, "--anonymous"]).ends(0);
    for lang in ["id", "en"] {
        let ran = phone.run(["draft", "check", &key, "--lang", lang]).ends(0);
        let want = match lang {
            "id" => "anonim, tetapi",
            _ => "anonymous, but",
        };
        assert!(ran.out.contains(want), "{ran:?}");
    }
    assert_eq!(
        phone.json(&["draft", "check", &key])["as_it_is"]["anonymous"],
        true
    );
    let secret = phone.draft("Pungutan liar");
    phone.run(["draft", "edit", &secret, "--secret"]).ends(0);
    let said = attaches(&phone, &secret, "lagi.pdf", BARE);
    assert!(said.contains("secret, but"), "{said}");
    let photo = phone.draft("Jalan rusak");
    assert!(phone.json(&["draft", "check", &photo])["as_it_is"].is_null());
}
