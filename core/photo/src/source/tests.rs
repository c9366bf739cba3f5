#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;
use crate::fixtures::OneFile;

fn refusal(path: &Path) -> PhotoError {
    Source::open(path).err().expect("it is refused")
}

#[test]
fn what_is_no_file_is_named_at_once() {
    let one = OneFile::new("photo.jpg", b"x");
    let not = |kind| PhotoError::NotAFile { kind };
    assert_eq!(refusal(&one.beside("nothing.jpg")), PhotoError::NotFound);
    assert_eq!(
        refusal(one.path.parent().unwrap()),
        not(FileKind::Directory)
    );
    assert_eq!(refusal(Path::new("/dev/null")), not(FileKind::Device));
    let socket = one.beside("socket.jpg");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    assert_eq!(refusal(&socket), not(FileKind::Socket));
    let empty = OneFile::new("empty.jpg", b"");
    assert_eq!(refusal(&empty.path), PhotoError::Empty);
}

/// Nobody writes into the pipe: an ordinary opening would wait for ever.
#[test]
fn a_pipe_does_not_hang() {
    let one = OneFile::new("photo.jpg", b"x");
    let pipe = one.beside("pipe.jpg");
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap();
    assert!(made.success());
    assert_eq!(
        refusal(&pipe),
        PhotoError::NotAFile {
            kind: FileKind::Fifo
        }
    );
}

#[test]
fn a_link_is_followed_to_a_file_and_to_nothing_else() {
    let one = OneFile::new("photo.jpg", b"bytes");
    let link = one.beside("link.jpg");
    std::os::unix::fs::symlink(&one.path, &link).unwrap();
    assert_eq!(Source::open(&link).unwrap().first(9).unwrap(), b"bytes");
    let to_device = one.beside("device.jpg");
    std::os::unix::fs::symlink("/dev/zero", &to_device).unwrap();
    assert_eq!(
        refusal(&to_device),
        PhotoError::NotAFile {
            kind: FileKind::Device
        }
    );
    let to_itself = one.beside("loop.jpg");
    std::os::unix::fs::symlink(&to_itself, &to_itself).unwrap();
    assert!(matches!(refusal(&to_itself), PhotoError::Io { .. }));
}

#[test]
fn a_file_beyond_all_measure_is_not_read() {
    let one = OneFile::new("huge.jpg", b"x");
    // Sparse: it takes no room on the disk.
    File::options()
        .write(true)
        .open(&one.path)
        .unwrap()
        .set_len(MAX_FILE_BYTES + 1)
        .unwrap();
    let (bytes, limit) = (MAX_FILE_BYTES + 1, MAX_FILE_BYTES);
    assert_eq!(
        refusal(&one.path),
        PhotoError::FileTooLarge { bytes, limit }
    );
}

#[test]
fn reading_and_seeking_agree_with_the_file() {
    let bytes: Vec<u8> = (0..600_000_u32).map(|at| (at * 7 / 3) as u8).collect();
    let one = OneFile::new("file", &bytes);
    let mut source = Source::open(&one.path).unwrap();
    let mut expected = io::Cursor::new(bytes);
    let steps = [10_i64, 70_000, -3, -60_000, 5, 100_000, 1];
    for (index, step) in steps.into_iter().enumerate() {
        let to = SeekFrom::Current(step);
        assert_eq!(source.seek(to).unwrap(), expected.seek(to).unwrap());
        let mut rooms = [vec![0; 1 + index * 9_000], vec![0; 1 + index * 9_000]];
        source.read_exact(&mut rooms[0]).unwrap();
        expected.read_exact(&mut rooms[1]).unwrap();
        assert!(rooms[0] == rooms[1], "after step {index}");
        assert_eq!(source.position(), expected.position());
    }
}

#[test]
fn a_file_that_changes_is_noticed() {
    let one = OneFile::new("file", &[1; 100]);
    let source = Source::open(&one.path).unwrap();
    assert_eq!(source.unchanged(), Ok(()));
    let file = File::options().write(true).open(&one.path).unwrap();
    file.set_len(200).unwrap();
    assert_eq!(source.unchanged(), Err(PhotoError::Changed));
    file.set_len(60).unwrap();
    assert_eq!(
        source.unchanged(),
        Err(PhotoError::Vanished {
            read: 60,
            expected: 100
        })
    );
}
