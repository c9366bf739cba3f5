use std::{fs, process::Stdio};

use crate::phone::{Phone, Ran};

#[test]
fn the_first_use_makes_a_key_and_the_next_ones_keep_it() {
    let phone = Phone::new();
    let key = phone.draft("Lampu padam");
    let made = fs::read(phone.key_file()).unwrap();
    assert!(phone.run(["list"]).ends(0).out.contains("Lampu padam"));
    assert_eq!(fs::read(phone.key_file()).unwrap(), made);
    assert_eq!(phone.json(&["show", &key])["title"], "Lampu padam");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            fs::metadata(phone.key_file()).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}

#[test]
fn a_lost_key_is_never_replaced_beside_a_store() {
    let phone = Phone::new();
    phone.draft("Lampu padam");
    let elsewhere = phone.folder().join("elsewhere.key");
    fs::rename(phone.key_file(), &elsewhere).unwrap();

    for _ in 0..2 {
        let ran = phone.run(["draft", "new", "--json"]).ends(9);
        assert_eq!(ran.json()["error"]["code"], "key_missing");
        assert!(ran.err.contains("--key-file"), "says what to do: {ran:?}");
        assert!(!phone.key_file().exists());
    }
    let found = phone
        .run(["list", "--key-file", elsewhere.to_str().unwrap()])
        .ends(0);
    assert!(
        found.out.contains("Lampu padam"),
        "nothing was lost: {found:?}"
    );
}

#[test]
fn another_phones_key_is_told_from_damage() {
    let (phone, other) = (Phone::new(), Phone::new());
    phone.draft("Lampu padam");
    other.draft("Jalan rusak");
    let own = fs::read(phone.key_file()).unwrap();
    fs::copy(other.key_file(), phone.key_file()).unwrap();
    assert_eq!(
        phone.run(["list", "--json"]).ends(9).json()["error"]["code"],
        "wrong_key"
    );

    fs::write(phone.key_file(), "not a key\n").unwrap();
    assert_eq!(
        phone.run(["list", "--json"]).ends(9).json()["error"]["code"],
        "key_file_damaged"
    );

    fs::write(phone.key_file(), own).unwrap();
    assert!(phone.run(["list"]).ends(0).out.contains("Lampu padam"));
}

#[test]
fn two_homes_are_two_phones() {
    let (one, two) = (Phone::new(), Phone::new());
    let key = one.draft("Lampu padam");
    assert_eq!(
        two.run(["show", &key, "--json"]).ends(1).json()["error"]["code"],
        "not_found"
    );
    assert_eq!(two.json(&["list"]).as_array().unwrap().len(), 0);
}

#[test]
fn a_copied_folder_is_noticed() {
    let phone = Phone::of("siti");
    phone.submitted("Lampu padam");
    let text = fs::read_to_string(phone.key_file()).unwrap();
    let (key, _) = text.split_once('\n').unwrap();
    fs::write(phone.key_file(), format!("{key}\n{}\n", "5a".repeat(16))).unwrap();

    let ran = phone.run(["list", "--lang", "en"]).ends(0);
    assert!(ran.err.contains("copied from another phone"), "{ran:?}");
    let row = &phone.json(&["outbox"])[0];
    assert_eq!(
        row["may_have_arrived"], true,
        "it may have been sent from there: {row}"
    );
    assert!(
        !phone.run(["list"]).ends(0).err.contains("salinan"),
        "told once"
    );
}

#[test]
fn a_damaged_store_is_set_aside_and_said_so() {
    let phone = Phone::new();
    phone.draft("Lampu padam");
    let database = phone.home().join("store").join("lapor.db");
    let mut bytes = fs::read(&database).unwrap();
    for byte in bytes.iter_mut().take(4096) {
        *byte = !*byte;
    }
    fs::write(&database, bytes).unwrap();

    let ran = phone.run(["list"]).ends(0);
    assert!(ran.err.contains("set-aside-1"), "{ran:?}");
    assert!(
        phone.home().join("set-aside-1").is_dir(),
        "nothing is deleted"
    );
    phone.draft("Jalan rusak");
    assert!(phone.run(["list"]).ends(0).err.is_empty());
}

#[test]
fn a_home_that_is_a_file_is_refused() {
    let phone = Phone::new();
    fs::write(phone.home(), "a file").unwrap();
    let ran = phone.run(["list", "--json"]).ends(1);
    assert_eq!(ran.json()["error"]["code"], "not_a_folder");
    assert_eq!(fs::read(phone.home()).unwrap(), b"a file");
}

#[test]
fn many_first_uses_at_once_agree_on_one_key() {
    let phone = Phone::new();
    let children: Vec<_> = (0..6)
        .map(|number| {
            phone
                .command(["draft", "new", "--title", &format!("Laporan {number}")])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in children {
        Ran::from(child.wait_with_output().unwrap()).ends(0);
    }
    assert_eq!(phone.json(&["list"]).as_array().unwrap().len(), 6);
    let left: Vec<_> = fs::read_dir(phone.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 2, "a home and its key: {left:?}");
}

#[test]
fn a_home_that_nobody_named_is_the_users_data_folder() {
    let phone = Phone::new();
    let data = phone.folder().join("data");
    let mut command = phone.command(["draft", "new"]);
    Ran::from(
        command
            .env_remove("LAPOR_HOME")
            .env("XDG_DATA_HOME", &data)
            .output()
            .unwrap(),
    )
    .ends(0);
    assert!(data.join("lapor").is_dir() && data.join("lapor.key").is_file());
    // Relative: not to be used.
    let mut command = phone.command(["list"]);
    command
        .env_remove("LAPOR_HOME")
        .env_remove("HOME")
        .env("XDG_DATA_HOME", "data");
    Ran::from(command.output().unwrap()).ends(2);
}

#[test]
fn a_folder_in_which_nothing_can_be_kept_is_not_blamed_on_the_key() {
    let phone = Phone::new();
    let file = phone.folder().join("a file");
    fs::write(&file, "").unwrap();
    let below = file.join("store");
    let mut homes = vec![below.to_str().unwrap()];
    if cfg!(target_os = "linux") {
        homes.push("/proc/lapor-store");
    }
    for home in homes {
        let line = ["--home", home, "draft", "new", "--json", "--lang", "en"];
        let ran = phone.run(line).ends(1);
        assert_eq!(ran.json()["error"]["code"], "home_not_writable", "{ran:?}");
        assert!(ran.err.contains("--home"), "says what to do: {ran:?}");
    }
}
