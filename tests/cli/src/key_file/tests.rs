#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;

#[test]
fn a_key_is_made_once_and_read_ever_after() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep").join("phone.key");
    assert!(read(&path).unwrap().is_none());
    let install = make(&path).unwrap().install;
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().map(str::len).collect::<Vec<_>>(), [64, 32]);
    // Somebody was faster: theirs stays.
    assert_eq!(make(&path).unwrap().install, install);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    assert_eq!(
        fs::read_dir(path.parent().unwrap()).unwrap().count(),
        1,
        "nothing else is left behind"
    );
}

#[cfg(unix)]
#[test]
fn only_its_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("phone.key");
    make(&path).unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn what_is_no_key_is_never_taken_for_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("phone.key");
    let (key, install) = ("ab".repeat(32), "cd".repeat(16));
    for text in [
        String::new(),
        key.clone(),
        format!("{key}\n{key}\n"),
        format!("{install}\n{key}\n"),
        format!("{}+f\n{install}\n", &key[2..]),
        format!("{}é\n{install}\n", &key[2..]),
        format!("{key}\n{install}\n{key}\n"),
        format!("{key}\n{install}\n{}", "\n".repeat(200)),
    ] {
        fs::write(&path, &text).unwrap();
        assert_eq!(
            read(&path).map(|_| ()),
            Err(KeyFileError::Malformed),
            "{text:?}"
        );
    }
    fs::write(&path, [0xff; 98]).unwrap();
    assert_eq!(read(&path).map(|_| ()), Err(KeyFileError::Malformed));
    fs::write(&path, format!("{key}\r\n{install}\r\n")).unwrap();
    assert_eq!(read(&path).unwrap().unwrap().install, [0xcd; 16]);
}

#[test]
fn the_default_lies_beside_the_folder() {
    assert_eq!(
        beside(Path::new("/home/siti/.local/share/lapor")),
        Path::new("/home/siti/.local/share/lapor.key")
    );
    assert_eq!(beside(Path::new("phone-a/")), Path::new("phone-a.key"));
}
