//! Why something waits, as a citizen reads it.

use super::*;

#[test]
fn a_cut_is_called_neither_failed_nor_sent() {
    for (lang, banned) in [
        (Lang::Id, ["gagal", "terkirim", "dikirim", "hilang"]),
        (Lang::En, ["fail", "sent", "lost", "error"]),
    ] {
        let words = reason(&Reason::Unknown, lang).to_lowercase();
        for word in banned {
            assert!(!words.contains(word), "{lang:?}: {words}");
        }
    }
}

#[test]
fn a_refusal_names_its_code_and_blames_nobody() {
    let refused = Reason::Refused {
        status: 403,
        code: "not_allowed".to_owned(),
    };
    assert!(reason(&refused, Lang::Id).contains("kode 403 not_allowed"));
    assert!(reason(&refused, Lang::Id).contains("bukan kesalahan Anda"));
    assert!(reason(&refused, Lang::En).contains("code 403 not_allowed"));
    assert!(reason(&refused, Lang::En).contains("You did nothing wrong"));
    let nameless = Reason::Refused {
        status: 0,
        code: "attachment_unknown".to_owned(),
    };
    assert!(reason(&nameless, Lang::En).contains("(code attachment_unknown)"));
    let codeless = Reason::Refused {
        status: 418,
        code: String::new(),
    };
    assert!(reason(&codeless, Lang::En).contains("(code 418)"));
}

#[test]
fn wifi_that_wants_a_sign_in_is_only_named_when_it_is_known() {
    for lang in Lang::ALL {
        let named: Vec<Reason> = every_reason()
            .into_iter()
            .filter(|one| {
                reason(one, lang)
                    .to_lowercase()
                    .replace('-', "")
                    .contains("wifi")
            })
            .collect();
        assert_eq!(named, [Reason::SignInToWifi]);
    }
}

#[test]
fn an_old_app_is_told_to_update_and_a_portal_is_told_from_lapor() {
    assert!(reason(&Reason::UpdateApp, Lang::Id).contains("perbarui aplikasi"));
    assert!(reason(&Reason::UpdateApp, Lang::En).contains("update the app"));
    assert!(
        reason(&Reason::NotLapor { status: 200 }, Lang::Id)
            .starts_with("Jaringan ini menjawab di tempat LAPOR!")
    );
    assert_eq!(
        reason(&Reason::Offline, Lang::Id),
        "Belum ada sinyal. Dikirim sendiri begitu ada jaringan."
    );
}

#[test]
fn what_a_front_end_refuses_is_not_called_a_refusal_of_the_service() {
    let told = |status, lang| reason(&Reason::Poison { status }, lang);
    for status in [403, 404, 413] {
        assert!(
            told(status, Lang::En)
                .starts_with("Something between this phone and LAPOR! does not let"),
            "{}",
            told(status, Lang::En)
        );
        assert!(told(status, Lang::Id).starts_with("Sesuatu di antara ponsel ini dan LAPOR!"));
    }
    for status in [429, 500, 503] {
        assert!(told(status, Lang::En).starts_with("LAPOR! could not process"));
        assert!(told(status, Lang::Id).starts_with("LAPOR! berulang kali belum dapat memproses"));
    }
    // Not an error, and not what the contract says: whose it was nobody can tell.
    assert!(told(200, Lang::En).starts_with("What came as the answer"));
    assert!(told(200, Lang::Id).starts_with("Yang datang sebagai jawaban"));
}

#[test]
fn what_has_ended_asks_for_nothing_and_promises_nothing() {
    let refused = Reason::Refused {
        status: 409,
        code: "not_possible".to_owned(),
    };
    let rejected = Reason::Rejected {
        problems: vec![too_long(100, 0)],
    };
    assert_eq!(
        ended(&refused, Lang::En),
        "LAPOR! refused it (code 409 not_possible) and has nothing of it. It is not sent any more."
    );
    assert_eq!(
        ended(&rejected, Lang::Id),
        "LAPOR! menolaknya dan tidak menyimpannya. Tidak dikirim lagi."
    );
    for lang in Lang::ALL {
        let taken_back = ended(&Reason::Withdrawn, lang);
        assert_eq!(taken_back, reason(&Reason::Withdrawn, lang));
    }
}

#[test]
fn a_rejection_tells_what_to_correct() {
    let rejected = Reason::Rejected {
        problems: vec![too_long(100, 0)],
    };
    assert_eq!(
        reason(&rejected, Lang::Id),
        "LAPOR! minta isinya diperbaiki, lalu kirim lagi. Judul: paling banyak 100 huruf. Persingkat."
    );
}

#[test]
fn what_a_server_says_cannot_carry_a_sentence_or_an_escape_sequence() {
    let evil = "\u{1b}[2JYour report\u{202e} \"is\" <b>gone</b>";
    let told = [
        reason(
            &Reason::Refused {
                status: 400,
                code: evil.to_owned(),
            },
            Lang::En,
        ),
        problem(
            &Problem {
                subject: Subject::Unknown(evil.to_owned()),
                code: Code::Other {
                    word: evil.to_owned(),
                },
            },
            Lang::Id,
        ),
        status(&Status::Other(evil.to_owned()), Lang::Id),
    ];
    for words in &told {
        assert!(!words.chars().any(char::is_control), "{words:?}");
    }
    for words in &told[..2] {
        assert!(!words.contains(['<', '[', '\u{202e}']), "{words:?}");
    }
    let long = "x".repeat(5_000);
    assert!(
        reason(
            &Reason::Refused {
                status: 400,
                code: long
            },
            Lang::Id
        )
        .len()
            < 400
    );
}
