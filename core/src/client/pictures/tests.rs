use lapor_photo::Threads;

use super::*;
use crate::client::{LOW_DATA_BYTES, PictureThreads};

const MOST: u64 = 2 * 1024 * 1024;

fn bytes(chosen: Settings, of_this_one: Option<u64>) -> u64 {
    let options = AttachOptions {
        max_bytes: of_this_one,
        ..AttachOptions::default()
    };
    asked(&chosen, options, MOST).max_bytes
}

#[test]
fn whoever_saves_data_gets_half_the_bytes_and_never_more_than_was_chosen() {
    let usual = Settings::default();
    let saving = |picture_bytes| Settings {
        picture_bytes,
        low_data: true,
        ..usual
    };
    assert_eq!(bytes(usual, None), 300 * 1024);
    assert_eq!(bytes(saving(usual.picture_bytes), None), 150 * 1024);
    assert_eq!(bytes(saving(40 * 1024), None), 40 * 1024);
    assert_eq!(bytes(saving(MOST), None), LOW_DATA_BYTES);
    // For one picture, by name, and within what the service takes.
    assert_eq!(bytes(saving(40 * 1024), Some(200_000)), 200_000);
    assert_eq!(bytes(usual, Some(u64::MAX)), MOST);
}

#[test]
fn a_picture_is_made_on_two_threads_where_the_phone_has_two_processors() {
    let threads = |picture_threads| {
        let chosen = Settings {
            picture_threads,
            ..Settings::default()
        };
        asked(&chosen, AttachOptions::default(), MOST).threads
    };
    assert_eq!(threads(PictureThreads::One), Threads::One);
    assert_eq!(threads(PictureThreads::Two), Threads::Two);
    let several = std::thread::available_parallelism().is_ok_and(|count| count.get() > 1);
    let by_phone = match several {
        true => Threads::Two,
        false => Threads::One,
    };
    assert_eq!(threads(Settings::default().picture_threads), by_phone);
}
