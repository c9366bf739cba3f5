//! What the targets share: a file in memory, and what holds for every picture.

use std::io::{Seek as _, Write as _};
use std::path::Path;
use std::sync::{LazyLock, Mutex};

use lapor_photo::{Flow, PhotoError, Picture, Region, Settings, Threads, prepare};
use tempfile::NamedTempFile;

/// One file, written over each time; in memory where the system has such a folder.
static FILE: LazyLock<Mutex<NamedTempFile>> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() {
        memory.to_owned()
    } else {
        std::env::temp_dir()
    };
    Mutex::new(NamedTempFile::new_in(folder).expect("a file for the input"))
});

const MAX_BYTES: u64 = 20_000;
const MAX_EDGE: u32 = 96;

/// Calls `with` on a file of these bytes.
pub fn on_file<T>(bytes: &[u8], with: impl FnOnce(&Path) -> T) -> T {
    let mut file = FILE.lock().expect("one at a time");
    file.as_file_mut().set_len(0).expect("room");
    file.as_file_mut().rewind().expect("a file");
    file.as_file_mut().write_all(bytes).expect("room");
    with(file.path())
}

/// What the input's length chooses, which a fuzzer changes all the time.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    covered: bool,
    /// Made once more with a thread beside, and the same must come of it.
    beside: bool,
}

impl Way {
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            covered: bytes.len() & 1 == 1,
            beside: bytes.len() & 2 == 2,
        }
    }
}

/// A picture or a typed error, small and upright, and no panic: libFuzzer's hook ends the process at
/// one even where the crate would catch it.
pub fn prepared(bytes: &[u8], way: Way) {
    let made = made(bytes, way.covered, Threads::One);
    if way.beside {
        let beside = self::made(bytes, way.covered, Threads::Two);
        assert!(made == beside, "a thread beside changes what comes of it");
    }
    match made {
        Ok(picture) if picture.width > 0 => {
            assert!(picture.bytes.len() as u64 <= MAX_BYTES);
            assert!(picture.width.max(picture.height) <= MAX_EDGE);
            assert!(
                picture.bytes.starts_with(&[0xFF, 0xD8]) && picture.bytes.ends_with(&[0xFF, 0xD9])
            );
        }
        Ok(document) => assert_eq!(document.bytes, bytes),
        Err(PhotoError::Cancelled | PhotoError::Vanished { .. } | PhotoError::Changed) => {
            panic!("nobody cancelled, and nobody else writes")
        }
        Err(_) => {}
    }
}

fn made(bytes: &[u8], covered: bool, threads: Threads) -> Result<Picture, PhotoError> {
    let region = Region::new(0.3, 0.3, 0.4, 0.4).expect("a region");
    let settings = Settings {
        max_bytes: MAX_BYTES,
        max_edge: MAX_EDGE,
        // A header that lies about its size must not cost seconds.
        max_pixels: 1_000_000,
        max_working_bytes: 8 * 1024 * 1024,
        redactions: if covered { vec![region] } else { Vec::new() },
        threads,
        ..Settings::default()
    };
    let made = on_file(bytes, |path| {
        prepare(path, &settings, &mut |_| Flow::Continue)
    });
    // The clock is no part of it.
    made.map(|picture| Picture {
        millis: 0,
        ..picture
    })
}
