//! Every odd file at once through `lapor attach`: one sentence each, the draft unharmed.

use std::{
    fs,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use lapor_e2e::exit;
use serde_json::Value;

use crate::{
    odd_pictures::{cmyk_jpeg, png, png_of, with_broken_exif},
    stage::{Stage, word},
};

const ATTACHED: &str = "";

#[test]
fn each_odd_file_gets_one_sentence_and_the_draft_is_unharmed() {
    let stage = Stage::new();
    let path = |name: &str| stage.folder.path().join(name);
    let good = stage.photo("baik.jpg", 1);
    let photo = fs::read(&good).unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(path(name), bytes).unwrap();
    write("kosong.jpg", b"");
    write("potong.jpg", &photo[..photo.len() / 2]);
    write("kepala.jpg", &photo[..300]);
    write(
        "raksasa.png",
        &png_of(65_000, 65_000, 8, 2, &[0x78, 0x9C, 3, 0]),
    );
    write("bom.png", &png(30_000, 30_000, 1, 0, 30_000 / 8));
    write("exif.jpg", &with_broken_exif(photo.clone()));
    write("cmyk.jpg", &cmyk_jpeg());
    write("dalam.png", &png(64, 48, 16, 2, 64 * 6));
    write("surat.jpg", b"%PDF-1.4\n1 0 obj\nendobj\n%%EOF\n");
    write("kata.jpg", b"hanya kata-kata");
    write("apel.jpg", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic");
    write(
        "folder.pdf",
        &[b"%PDF-1.4\n".as_slice(), &[7; 3 << 20]].concat(),
    );
    let made = Command::new("mkfifo").arg(path("pipa.jpg")).status();
    assert!(made.unwrap().success());
    fs::create_dir(path("map.jpg")).unwrap();
    let link = |to: &Path, name: &str| std::os::unix::fs::symlink(to, path(name)).unwrap();
    let other = stage.photo("lain.jpg", 2);
    link(&other, "tautan.jpg");
    link(&path("tidak-ada.jpg"), "putus.jpg");
    link(&path("lingkar.jpg"), "lingkar.jpg");

    let key = stage.siti.drafts("Jalan rusak", "Sejak lama.").unwrap();
    stage.siti.attaches(&key, &good).unwrap();
    // (file, the refusal's code)
    let cases = [
        ("kosong.jpg", "file_empty"),
        ("potong.jpg", "truncated"),
        ("kepala.jpg", "truncated"),
        ("raksasa.png", "too_many_pixels"),
        ("bom.png", "too_many_pixels"),
        ("exif.jpg", ATTACHED),
        ("cmyk.jpg", ATTACHED),
        ("dalam.png", ATTACHED),
        ("surat.jpg", ATTACHED),
        ("kata.jpg", "unknown_format"),
        ("apel.jpg", "convert_heic"),
        ("folder.pdf", "document_too_large"),
        ("pipa.jpg", "not_a_file"),
        ("map.jpg", "not_a_file"),
        ("tautan.jpg", ATTACHED),
        ("putus.jpg", "file_not_found"),
        ("lingkar.jpg", "file_unreadable"),
        ("hilang.jpg", "file_not_found"),
    ];
    let mut total = 1;
    for (name, code) in cases {
        let began = Instant::now();
        let file = word(&path(name));
        let ran = stage.siti.run(&["attach", &key, &file]).unwrap();
        assert!(began.elapsed() < Duration::from_secs(8), "{name} took long");
        let result = ran.json().unwrap()["attachments"][0].clone();
        let said = result["error"]["code"].as_str().unwrap_or(ATTACHED);
        assert_eq!(said, code, "{name}: {ran:?}");
        if code == ATTACHED {
            total += 1;
            assert_eq!(ran.code, exit::DONE, "{name}: {ran:?}");
            assert_eq!(result["number"], total, "{name}: {result}");
        } else {
            assert_eq!(ran.code, 1, "{name}: {ran:?}");
            expect_a_clear_sentence(&result["error"]["words"], name);
        }
        let shown = stage.siti.shows(&key).unwrap();
        assert_eq!(shown["attachments"]["total"], total, "{name}: {shown}");
        assert_eq!(
            (&shown["phase"], &shown["content"]),
            (&"draft".into(), &"Sejak lama.".into()),
            "{name}"
        );
    }
    stage.siti.submits(&key).unwrap();
    stage.drains(&stage.siti);
    stage.expect_arrived_once(&[key]);
}

fn expect_a_clear_sentence(words: &Value, name: &str) {
    let words = words.as_str().unwrap();
    assert!(words.len() > 20 && words.len() < 240, "{name}: {words}");
    assert_eq!(words.lines().count(), 1, "{name}: {words}");
    for leak in ["Error", "Os {", "panicked", "::", "unwrap", "None", "/tmp"] {
        assert!(!words.contains(leak), "{name}: {words}");
    }
}

#[test]
fn a_file_that_vanishes_while_it_is_read_is_told_and_harms_nothing() {
    let stage = Stage::new();
    let key = stage.siti.drafts("Jalan rusak", "Sejak lama.").unwrap();
    let mut seen = false;
    for attempt in 0..8 {
        let path = stage.folder.path().join(format!("{attempt}.jpg"));
        lapor_photo::synth::camera_photo(&path, attempt, 4000, 3000, 1).unwrap();
        let mut command = stage.siti.command(&["attach", &key, &word(&path)]);
        let child = command.as_mut().unwrap().spawn().unwrap();
        let pid = child.id().to_string();
        // Held in the middle of the file, the card is pulled out, and it goes on.
        if !held_while_reading(&pid, &path) {
            child.wait_with_output().unwrap();
            continue;
        }
        fs::OpenOptions::new()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(200_000)
            .unwrap();
        signal("-CONT", &pid);
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let told: Value = serde_json::from_str(&text).unwrap();
        let error = &told["attachments"][0]["error"];
        if error["code"].is_null() {
            // The last bytes had been read already.
            continue;
        }
        assert_eq!(output.status.code(), Some(1), "{told}");
        let code = error["code"].as_str().unwrap();
        assert!(["file_vanished", "file_changed"].contains(&code), "{told}");
        expect_a_clear_sentence(&error["words"], code);
        seen = true;
        break;
    }
    assert!(seen, "never caught in the middle");
    let shown = stage.siti.shows(&key).unwrap();
    assert_eq!(shown["content"], "Sejak lama.");
    stage.siti.submits(&key).unwrap();
    stage.drains(&stage.siti);
    stage.expect_arrived_once(&[key]);
}

fn signal(which: &str, pid: &str) {
    Command::new("kill").args([which, pid]).status().unwrap();
}

/// Stops the process once it stands past the beginning of this file, a good way before its end.
fn held_while_reading(pid: &str, file: &Path) -> bool {
    let began = Instant::now();
    let fds = format!("/proc/{pid}/fd");
    while began.elapsed() < Duration::from_secs(10) {
        let Ok(open) = fs::read_dir(&fds) else {
            return false;
        };
        for fd in open.flatten() {
            if fs::read_link(fd.path()).is_ok_and(|to| to == file) {
                let place = format!("/proc/{pid}/fdinfo/{}", fd.file_name().to_string_lossy());
                let text = fs::read_to_string(place).unwrap_or_default();
                let position = text.lines().next().and_then(|line| line.split('\t').nth(1));
                if position.is_some_and(|at| at.parse::<u64>().is_ok_and(|at| at > 250_000)) {
                    signal("-STOP", pid);
                    return true;
                }
            }
        }
        thread::sleep(Duration::from_millis(1));
    }
    false
}
