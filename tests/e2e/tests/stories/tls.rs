//! TLS as it is met: an authority that is not trusted, a clock that cannot be right.

use lapor_e2e::{Gateway, Phone};
use serde_json::json;
use tempfile::TempDir;

use crate::stage::word;

struct Secured {
    gateway: Gateway,
    /// With `--ca`.
    trusting: Phone,
    /// The same phone without.
    plain: Phone,
    _folder: TempDir,
}

fn secured(more: &[&str]) -> Secured {
    let folder = tempfile::tempdir().unwrap();
    let tls = word(&folder.path().join("tls"));
    let flags = [&["--tls", "--tls-dir", &tls], more].concat();
    let db = folder.path().join("gateway.db");
    let gateway = Gateway::start_with(&db, &flags).unwrap();
    assert!(gateway.url().starts_with("https://"));
    let plain = Phone::new(folder.path(), "siti", gateway.url());
    let trusting = Phone {
        options: vec!["--ca".to_owned(), format!("{tls}/ca.pem")],
        ..plain.clone()
    };
    Secured {
        gateway,
        trusting,
        plain,
        _folder: folder,
    }
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_no_way_to_the_service() {
    let world = secured(&[]);
    world.trusting.signs_in("siti").unwrap();
    let report = world.trusting.drafts("Lampu", "Padam.").unwrap();
    world.trusting.submits(&report).unwrap();
    let before = world.gateway.see("journal").unwrap();

    let ran = world.plain.run(&["sync", "--once"]).unwrap();
    assert_eq!(ran.code, 4, "{ran:?}");
    let shown = world.plain.shows(&report).unwrap();
    let reason = &shown["waiting"]["reason"];
    assert_eq!(reason["code"], "untrusted", "{shown}");
    assert_eq!(shown["waiting"]["attempts"], 0, "{shown}");
    let words = reason["words"].as_str().unwrap().to_lowercase();
    assert!(!words.contains("wifi"), "not that: {words}");
    let after = world.gateway.see("journal").unwrap();
    assert_eq!(before, after, "not a byte of HTTP went to a stranger");

    // Only where the phone's OS knows of a sign-in page may it be named.
    let captive = ["--captive", "yes", "show", &report];
    let shown = world.plain.does(&captive).unwrap();
    assert_eq!(shown["waiting"]["reason"]["code"], "sign_in_to_wifi");

    let words = ["--network", "up", "sync", "--until-idle", "--timeout", "20"];
    world.trusting.run(&words).unwrap().expect(0).unwrap();
    assert_eq!(world.trusting.shows(&report).unwrap()["phase"], "sent");
    let counts = world.gateway.see("counts").unwrap();
    assert_eq!(counts["creates"], json!({ &report: 1 }));
    let told = world.gateway.see("violations").unwrap();
    assert_eq!(told["violations"], json!([]));
}

/// `--server` with a slip of the hand, or an app that was given another address.
#[test]
fn a_token_is_not_shown_to_another_address_of_the_service() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(&folder.path().join("gateway.db")).unwrap();
    let siti = Phone::new(folder.path(), "siti", gateway.url());
    siti.signs_in("siti").unwrap();
    let report = siti.drafts("Lampu", "Padam.").unwrap();
    siti.submits(&report).unwrap();
    let before = gateway.see("journal").unwrap();

    // The same process answers there; the phone cannot know that.
    let elsewhere = Phone {
        server: gateway.url().replace("127.0.0.1", "localhost"),
        ..siti.clone()
    };
    let ran = elsewhere.run(&["sync", "--once"]).unwrap();
    assert_eq!(ran.code, 5, "{ran:?}");
    let shown = elsewhere.shows(&report).unwrap();
    assert_eq!(shown["waiting"]["reason"]["code"], "sign_in", "{shown}");
    elsewhere.does(&["whoami"]).unwrap();
    assert_eq!(before, gateway.see("journal").unwrap(), "not one request");

    siti.does(&["sync", "--until-idle", "--timeout", "20"])
        .unwrap();
    assert_eq!(siti.shows(&report).unwrap()["phase"], "sent");
}

#[test]
fn a_sign_in_over_an_untrusted_line_gives_no_password_away() {
    let world = secured(&[]);
    let ran = world.plain.tries_to_sign_in("siti", "rahasia123").unwrap();
    assert_eq!(ran.code, 1, "nothing of it waits: {ran:?}");
    assert_eq!(ran.json().unwrap()["error"]["code"], "untrusted");
    assert_eq!(world.gateway.see("journal").unwrap(), json!([]));
}

#[test]
fn an_impossible_clock_is_named_where_a_certificate_seems_out_of_date() {
    let world = secured(&["--tls-expired"]);
    // Signed in before, at a gateway whose certificate was good.
    let good = secured(&[]);
    let phone = Phone {
        server: good.gateway.url().to_owned(),
        ..good.trusting.clone()
    };
    phone.signs_in("siti").unwrap();
    let report = phone.drafts("Lampu", "Padam.").unwrap();
    phone.submits(&report).unwrap();
    let stale = Phone {
        server: world.gateway.url().to_owned(),
        options: world.trusting.options.clone(),
        ..phone.clone()
    };
    for (clock, reason) in [
        ("1970-01-01T00:00:30Z", "clock_wrong"),
        ("+10y", "clock_wrong"),
        ("+0s", "untrusted"),
    ] {
        let ran = stale.run(&["--now", clock, "sync", "--once"]).unwrap();
        assert_eq!(ran.code, 4, "{clock}: {ran:?}");
        let shown = stale.does(&["--now", clock, "show", &report]).unwrap();
        assert_eq!(shown["phase"], "queued", "{clock}: {shown}");
        assert_eq!(
            shown["waiting"]["reason"]["code"], reason,
            "{clock}: {shown}"
        );
    }
    assert_eq!(world.gateway.see("counts").unwrap()["reports"], 0);
    let words = ["--network", "up", "sync", "--until-idle", "--timeout", "20"];
    phone.run(&words).unwrap().expect(0).unwrap();
    assert_eq!(phone.shows(&report).unwrap()["phase"], "sent");
}

#[test]
fn a_phone_whose_clock_is_years_off_sends_and_waits_like_any_other() {
    let world = secured(&[]);
    world.trusting.signs_in("siti").unwrap();
    let mut reports = Vec::new();
    for clock in ["1970-01-01T00:00:30Z", "+10y", "-10y", "+0s"] {
        let key = world.trusting.drafts(clock, "Jam salah.").unwrap();
        let now = |words: &[&str]| {
            let words = [&["--now", clock], words].concat();
            world.trusting.run(&words).unwrap()
        };
        // On that clock's own day the incident may lie in the future: then it says so.
        let ran = now(&["submit", &key]);
        if ran.code == 3 {
            let told = ran.json().unwrap().to_string();
            assert!(told.contains("in_future"), "{told}");
            world.trusting.submits(&key).unwrap();
        } else {
            assert_eq!(ran.code, 0, "{ran:?}");
        }
        let ran = now(&["sync", "--once"]);
        assert_eq!(ran.code, 0, "{clock}: {ran:?}");
        let shown = world.trusting.shows(&key).unwrap();
        assert_eq!(shown["phase"], "sent", "{clock}: {shown}");
        reports.push(key);
    }
    let counts = world.gateway.see("counts").unwrap();
    assert_eq!(counts["created"], reports.len());
}
