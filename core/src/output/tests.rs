#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
use super::*;

struct Place {
    folder: tempfile::TempDir,
    guarded: Guarded,
}

impl Place {
    /// A store's folder with a file in it, its key beside it.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("phone/store")).unwrap();
        fs::write(at("phone/store/lapor.db"), b"reports").unwrap();
        fs::write(at("phone.key"), b"key").unwrap();
        let guarded = Guarded::new([at("phone"), at("phone.key")]);
        Self { folder, guarded }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, existing: Existing) -> Result<(), OutputError> {
        self.guarded.write(&self.at(name), b"new", existing)
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

#[test]
fn a_file_is_written_whole_and_nothing_stays_beside_it() {
    let place = Place::new();
    place.write("out.jpg", Existing::Keep).unwrap();
    assert_eq!(fs::read(place.at("out.jpg")).unwrap(), b"new");
    assert_eq!(place.names(), ["out.jpg", "phone", "phone.key"]);
}

#[test]
fn what_has_the_name_stays_unless_it_is_to_be_replaced() {
    let place = Place::new();
    fs::write(place.at("out.jpg"), b"old").unwrap();
    assert_eq!(
        place.write("out.jpg", Existing::Keep),
        Err(OutputError::Exists)
    );
    assert_eq!(fs::read(place.at("out.jpg")).unwrap(), b"old");
    place.write("out.jpg", Existing::Replace).unwrap();
    assert_eq!(fs::read(place.at("out.jpg")).unwrap(), b"new");
    fs::create_dir(place.at("folder")).unwrap();
    assert_eq!(
        place.write("folder", Existing::Keep),
        Err(OutputError::NotAFile)
    );
    assert!(place.write("folder", Existing::Replace).is_err());
    assert_eq!(
        place.names(),
        ["folder", "out.jpg", "phone", "phone.key"],
        "no half file"
    );
}

#[test]
fn somebody_who_was_quicker_keeps_the_name() {
    let place = Place::new();
    fs::write(place.at("fresh"), b"ours").unwrap();
    fs::write(place.at("out"), b"theirs").unwrap();
    let named = name_anew(&place.at("fresh"), &place.at("out"));
    assert_eq!(named.unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(fs::read(place.at("out")).unwrap(), b"theirs");
}

#[test]
fn the_store_and_its_key_are_never_written_to() {
    let place = Place::new();
    for name in [
        "phone",
        "phone/new.jpg",
        "phone/store/lapor.db",
        "phone/not/there/yet",
        "./phone/../phone/store/lapor.db",
        "new/../phone/store/new",
        "phone.key",
    ] {
        for existing in [Existing::Keep, Existing::Replace] {
            assert_eq!(
                place.write(name, existing),
                Err(OutputError::Guarded),
                "{name}"
            );
        }
    }
    assert_eq!(
        fs::read(place.at("phone/store/lapor.db")).unwrap(),
        b"reports"
    );
    assert_eq!(fs::read(place.at("phone.key")).unwrap(), b"key");
    place.write("phone.jpg", Existing::Keep).unwrap();
}

#[cfg(unix)]
#[test]
fn no_link_leads_to_the_store() {
    use std::os::unix::fs::symlink;
    let place = Place::new();
    symlink(place.at("phone/store"), place.at("way")).unwrap();
    symlink(place.at("phone.key"), place.at("link")).unwrap();
    symlink(place.at("elsewhere"), place.at("phone/out")).unwrap();
    for name in ["way/lapor.db", "way/new", "link", "phone/out"] {
        assert_eq!(
            place.write(name, Existing::Replace),
            Err(OutputError::Guarded),
            "{name}"
        );
    }
    // A link that leads nowhere has the name all the same.
    symlink(place.at("nowhere"), place.at("dangling")).unwrap();
    assert_eq!(
        place.write("dangling", Existing::Keep),
        Err(OutputError::Exists)
    );
    assert!(!place.at("nowhere").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_no_file_is_neither_replaced_nor_written_into() {
    use std::os::unix::fs::symlink;

    let place = Place::new();
    let pipe = place.at("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    // Without a reader, whoever opens it waits for ever: a fault would keep this test from ending.
    let _reader = File::options().read(true).write(true).open(&pipe).unwrap();
    symlink(&pipe, place.at("to-the-pipe")).unwrap();
    fs::create_dir(place.at("folder")).unwrap();
    for existing in [Existing::Keep, Existing::Replace] {
        for name in ["pipe", "to-the-pipe", "folder"] {
            assert_eq!(
                place.write(name, existing),
                Err(OutputError::NotAFile),
                "{name}, {existing:?}"
            );
        }
        let device = Path::new("/dev/full");
        assert_eq!(
            place.guarded.write(device, b"new", existing),
            Err(OutputError::NotAFile)
        );
    }
    assert!(fs::symlink_metadata(&pipe).is_ok(), "it stays what it is");
}

#[test]
fn a_folder_that_is_not_there_is_said_so() {
    let place = Place::new();
    assert_eq!(
        place.write("not/there.jpg", Existing::Keep),
        Err(OutputError::Io {
            kind: io::ErrorKind::NotFound
        })
    );
}

#[cfg(unix)]
#[test]
fn what_is_written_is_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    place.write("bundle.json", Existing::Keep).unwrap();
    make_private_folder(&place.at("out/of/here")).unwrap();
    let mode = |name: &str| fs::metadata(place.at(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("bundle.json"), 0o600);
    assert_eq!(mode("out/of/here"), 0o700);
}
