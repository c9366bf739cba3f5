//! Files that a person names: nothing that is there is written over, and the store never.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    phone::{Phone, Ran},
    pictures::{made, photo},
};

/// Every command that writes a file, into this one.
fn writers<'a>(key: &'a str, photo: &'a str, out: &'a str) -> [Vec<&'a str>; 4] {
    [
        vec!["picture", key, "1", out],
        vec!["picture", key, "1", out, "--thumbnail"],
        vec!["photo", photo, out],
        vec!["doctor", "--bundle", out],
    ]
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A phone with a draft that has a picture; the draft, and the photo's file.
fn with_a_picture() -> (Phone, String, String) {
    let phone = Phone::of("siti");
    let key = phone.draft("Jalan rusak");
    let file = made(&phone, "IMG_0001.jpg", 1);
    phone.run(["attach", &key, &file]).ends(0);
    (phone, key, file)
}

#[test]
fn what_is_there_is_replaced_only_when_that_is_asked_for() {
    let (phone, key, file) = with_a_picture();
    let out = phone.folder().join("surat-penting");
    for command in writers(&key, &file, text(&out)) {
        fs::write(&out, "penting").unwrap();
        let ran = phone.run([&command[..], &["--json"]].concat()).ends(2);
        let error = &ran.json()["error"];
        assert_eq!(error["code"], "file_exists", "{command:?}");
        let words = error["words"].as_str().unwrap();
        assert!(
            words.contains("nama lain") && words.contains("--force"),
            "{words}"
        );
        assert_eq!(fs::read(&out).unwrap(), b"penting", "{command:?}");

        phone.run([&command[..], &["--force"]].concat()).ends(0);
        assert_ne!(fs::read(&out).unwrap(), b"penting", "{command:?}");
        fs::remove_file(&out).unwrap();
        phone.run(&command).ends(0);
        fs::remove_file(&out).unwrap();
    }
    let mut left: Vec<_> = fs::read_dir(phone.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["IMG_0001.jpg", "phone", "phone.key"], "no half file");
}

#[test]
fn nothing_is_written_into_the_store_or_over_its_key() {
    let (phone, key, file) = with_a_picture();
    let before = fs::read(phone.key_file()).unwrap();
    let places = [
        phone.home().join("store").join("lapor.db"),
        phone.home().join("store").join("key-check"),
        phone.home().join("foto.jpg"),
        phone.folder().join("phone/../phone.key"),
    ];
    for place in &places {
        for command in writers(&key, &file, text(place)) {
            for force in [&[][..], &["--force"]] {
                let ran = phone.run([&command[..], force, &["--json"]].concat());
                assert_eq!(
                    ran.ends(2).json()["error"]["code"],
                    "place_guarded",
                    "{command:?}"
                );
            }
        }
        phone.run(["export", text(place)]).ends(2);
    }
    phone
        .run(["export", text(&phone.home().join("keluar"))])
        .ends(2);
    assert_eq!(fs::read(phone.key_file()).unwrap(), before);
    assert_eq!(phone.json(&["doctor"])["sound"], true);
    assert_eq!(phone.json(&["list"])[0]["key"], key.as_str());
    assert!(!phone.home().join("keluar").exists());
}

#[test]
fn before_the_first_use_a_picture_takes_no_stores_place() {
    let phone = Phone::new();
    let file = phone.folder().join("in.jpg");
    photo(&file, 2);
    for place in [phone.home(), phone.key_file(), phone.home().join("x.jpg")] {
        phone.run(["photo", text(&file), text(&place)]).ends(2);
        assert!(!place.exists());
    }
    phone.run(["list"]).ends(0);
}

#[cfg(feature = "qa")]
#[test]
fn a_trace_does_not_go_into_the_store() {
    let phone = Phone::of("siti");
    let before = fs::read(phone.key_file()).unwrap();
    for place in [
        phone.key_file(),
        phone.home().join("store").join("lapor.db"),
    ] {
        phone.run(["sync", "--trace", text(&place)]).ends(2);
    }
    assert_eq!(fs::read(phone.key_file()).unwrap(), before);
    assert_eq!(phone.json(&["doctor"])["sound"], true);
}

/// The same where no file may grow beyond so many blocks of the shell's, of 512 or 1024 bytes:
/// what a full disk does, at a byte that is known.
fn in_little_room(phone: &Phone, blocks: u32, arguments: &[&str]) -> Ran {
    let lapor = phone.command(arguments);
    let mut shell = Command::new("sh");
    for (name, value) in lapor.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    // The limit's signal is ignored: a write then fails, as on a full disk.
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    shell
        .args(["-c", &script, "sh"])
        .arg(lapor.get_program())
        .args(lapor.get_args())
        .stdin(Stdio::null());
    shell.output().unwrap().into()
}

#[test]
fn a_disk_that_fills_leaves_no_half_file() {
    let phone = Phone::new();
    let file = phone.folder().join("in.jpg");
    photo(&file, 3);
    let out = phone.folder().join("out.jpg");
    in_little_room(&phone, 8, &["photo", text(&file), text(&out)]).ends(1);
    let left: Vec<_> = fs::read_dir(phone.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["in.jpg"]);
    // And what was there stays, whole.
    fs::write(&out, "penting").unwrap();
    in_little_room(&phone, 8, &["photo", text(&file), text(&out), "--force"]).ends(1);
    assert_eq!(fs::read(&out).unwrap(), b"penting");
}

#[test]
fn an_export_that_fails_leaves_nothing_and_can_be_tried_again() {
    let phone = Phone::of("siti");
    let key = phone.draft("Surat");
    let pdf = phone.folder().join("surat.pdf");
    let bytes = [b"%PDF-1.4\n%%EOF\n".to_vec(), vec![7; 1_600_000]].concat();
    fs::write(&pdf, bytes).unwrap();
    phone.run(["attach", &key, text(&pdf)]).ends(0);
    let out = phone.folder().join("keluar");
    in_little_room(&phone, 1000, &["export", text(&out)]).ends(1);
    assert!(!out.exists());
    // A folder of the person's own stays, empty as it was.
    fs::create_dir(&out).unwrap();
    in_little_room(&phone, 1000, &["export", text(&out)]).ends(1);
    assert_eq!(fs::read_dir(&out).unwrap().count(), 0);
    let exported = phone.json(&["export", text(&out)]);
    assert_eq!(exported["attachments"], 1);
}

#[test]
fn a_pipe_is_refused_at_once_and_nobody_waits_for_a_reader() {
    let (phone, key, file) = with_a_picture();
    let out = phone.folder().join("pipa");
    assert!(Command::new("mkfifo").arg(&out).status().unwrap().success());
    for command in writers(&key, &file, text(&out)) {
        for force in [&[][..], &["--force"]] {
            let mut child = phone
                .command([&command[..], force, &["--json"]].concat())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let until = Instant::now() + Duration::from_secs(60);
            while child.try_wait().unwrap().is_none() {
                if Instant::now() > until {
                    child.kill().unwrap();
                }
                thread::sleep(Duration::from_millis(5));
            }
            let ran = Ran::from(child.wait_with_output().unwrap()).ends(2);
            assert_eq!(ran.json()["error"]["code"], "not_a_file", "{command:?}");
        }
    }
}

/// The key may lie on another disk than the store.
#[test]
fn a_first_use_on_a_full_disk_names_what_could_not_be_kept() {
    let phone = Phone::new();
    let key = phone.folder().join("lain").join("kunci");
    let line = ["list", "--json", "--lang", "en", "--key-file", text(&key)];
    let ran = in_little_room(&phone, 0, &line).ends(1);
    assert_eq!(ran.json()["error"]["code"], "disk_full", "{ran:?}");
    assert!(
        ran.err.contains("key file") && !ran.err.contains("--home"),
        "{ran:?}"
    );
    assert!(!key.exists() && !phone.home().exists());
}
