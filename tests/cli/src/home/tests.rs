#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;

#[test]
fn who_is_second_at_the_first_use_takes_the_key_that_the_first_has_made() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("siti");
    let key_path = key_file::beside(&home);
    let options = |key| Options::new(&home, key);
    drop(first_use(&key_path, options).unwrap());

    // It looked for the key before the first had made one, and finds the store that the first has made.
    let (_client, notices) = first_use(&key_path, options).unwrap();
    assert!(notices.is_empty(), "{notices:?}");

    fs::remove_file(&key_path).unwrap();
    assert!(matches!(
        first_use(&key_path, options),
        Err(Failure::KeyFile(KeyFileError::Missing))
    ));
    assert!(!key_path.exists(), "no key is made beside a store");
}
