//! `lapor photo`, which needs no store.

use std::fs;

use lapor_photo::synth;

use crate::phone::Phone;

fn paths(phone: &Phone) -> (String, String) {
    let path = |name: &str| phone.folder().join(name).to_str().unwrap().to_owned();
    (path("in.jpg"), path("out.jpg"))
}

#[test]
fn a_photo_gets_small_and_tells_nothing_of_its_camera() {
    let phone = Phone::new();
    let (from, to) = paths(&phone);
    crate::pictures::photo(&phone.folder().join("in.jpg"), 1);
    let ran = phone.run(["photo", &from, &to, "--stats"]).ends(0);
    assert!(ran.out.contains("rss_kb="), "{ran:?}");
    let small = fs::read(&to).unwrap();
    assert!(small.len() <= 300 * 1024 && small.starts_with(&[0xff, 0xd8]));
    let canary = synth::CANARY.as_bytes();
    assert!(!small.windows(canary.len()).any(|window| window == canary));
    assert!(
        !phone.home().exists() && !phone.key_file().exists(),
        "no store is opened"
    );

    let value = phone.json(&["photo", &from, &to, "--force", "--budget", "40k"]);
    assert!(value["bytes"].as_u64().unwrap() <= 40 * 1024);
    assert_eq!(value["hints"]["taken_at"], synth::TAKEN_AT);
    assert_eq!(
        fs::metadata(&to).unwrap().len(),
        value["bytes"].as_u64().unwrap(),
        "the new one is in its place"
    );
}

#[test]
fn who_has_bytes_to_spare_may_ask_for_a_plain_picture() {
    let phone = Phone::new();
    let (from, to) = paths(&phone);
    crate::pictures::photo(&phone.folder().join("in.jpg"), 3);
    let frame = |arguments: &[&str]| {
        let all = [
            &["photo", &from, &to, "--force", "--quality", "80"],
            arguments,
        ]
        .concat();
        let value = phone.json(&all);
        assert!(value["quality"].as_u64().unwrap() <= 80, "{value}");
        frame_marker(&fs::read(&to).unwrap())
    };
    let (plain, progressive) = (0xC0, 0xC2);
    assert_eq!(frame(&["--effort", "plain", "--budget", "10m"]), plain);
    assert_eq!(frame(&["--budget", "10m"]), progressive);
    // Where plain does not fit, a thorough one does.
    let tight = ["--effort", "plain", "--budget", "30k"];
    assert_eq!(frame(&tight), progressive);
    assert!(fs::metadata(&to).unwrap().len() <= 30 * 1024);
    let one = fs::read(&to).unwrap();
    frame(&[&tight[..], &["--threads", "2"]].concat());
    assert!(fs::read(&to).unwrap() == one, "two threads, the same bytes");
    phone.run(["photo", &from, &to, "--threads", "3"]).ends(2);
    phone.run(["photo", &from, &to, "--effort", "some"]).ends(2);
    phone.run(["photo", &from, &to, "--quality", "101"]).ends(2);
}

/// What kind of frame a JPEG has (ITU-T T.81, table B.1).
fn frame_marker(jpeg: &[u8]) -> u8 {
    let mut at = 2;
    loop {
        let [0xFF, marker, high, low] = jpeg[at..at + 4] else {
            panic!("no marker at {at}");
        };
        if matches!(marker, 0xC0..=0xC2) {
            return marker;
        }
        at += 2 + usize::from(u16::from_be_bytes([high, low]));
    }
}

#[test]
fn the_original_is_never_written_over() {
    let phone = Phone::new();
    let (from, _) = paths(&phone);
    crate::pictures::photo(&phone.folder().join("in.jpg"), 2);
    let before = fs::read(&from).unwrap();
    phone.run(["photo", &from, &from]).ends(2);
    #[cfg(unix)]
    {
        let link = phone.folder().join("link.jpg");
        std::os::unix::fs::symlink(&from, &link).unwrap();
        phone.run(["photo", &from, link.to_str().unwrap()]).ends(2);
    }
    assert_eq!(fs::read(&from).unwrap(), before);
}

#[test]
fn what_cannot_be_read_or_written_is_told_and_leaves_nothing() {
    let phone = Phone::new();
    let (from, to) = paths(&phone);
    assert_eq!(
        phone.run(["photo", &from, &to, "--json"]).ends(1).json()["error"]["code"],
        "file_not_found"
    );
    fs::write(&from, "").unwrap();
    let ran = phone.run(["photo", &from, &to, "--json"]).ends(1);
    assert_eq!(ran.json()["error"]["code"], "file_empty");
    assert!(ran.err.contains("kosong"), "{ran:?}");
    fs::write(&from, "just words").unwrap();
    assert_eq!(
        phone.run(["photo", &from, &to, "--json"]).ends(1).json()["error"]["code"],
        "unknown_format"
    );
    fs::remove_file(&from).unwrap();
    crate::pictures::photo(&phone.folder().join("in.jpg"), 3);
    let nowhere = phone.folder().join("nowhere").join("out.jpg");
    assert_eq!(
        phone
            .run(["photo", &from, nowhere.to_str().unwrap(), "--json"])
            .ends(1)
            .json()["error"]["code"],
        "file"
    );
    let left: Vec<_> = fs::read_dir(phone.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["in.jpg"]);
}
