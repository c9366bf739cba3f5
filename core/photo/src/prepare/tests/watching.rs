//! What the caller is told while a picture is made, and that it can end it.

use super::*;
use crate::cover::tests::files::{Kind, QUARTERS, Scans, picture};
use crate::orientation::Orientation;

/// One scan, several scans, and passes that must be put together.
fn files() -> [OneFile; 3] {
    let progressive = OneFile::new("photo.jpg", b"");
    synth::progressive_photo(&progressive.path, 4, 2000, 1500).unwrap();
    [
        OneFile::photo(4, 640, 480, 1),
        progressive,
        OneFile::new("photo.png", &ramp_png(640, 480, true)),
    ]
}

fn on(threads: Threads, file: &OneFile, told: &mut dyn FnMut(Progress) -> Flow) -> Outcome {
    let settings = Settings {
        threads,
        ..Settings::default()
    };
    prepare(&file.path, &settings, told)
}

type Outcome = Result<Picture, PhotoError>;

#[test]
fn the_work_can_be_ended_at_any_moment_on_one_thread_and_on_two() {
    for file in files() {
        for threads in [Threads::One, Threads::Two] {
            let mut calls = 0;
            on(threads, &file, &mut |_| {
                calls += 1;
                Flow::Continue
            })
            .unwrap();
            assert!(calls > 50, "asked {calls} times");
            for at in (0..calls).step_by(calls / 12) {
                let mut seen = 0;
                let outcome = on(threads, &file, &mut |_| {
                    seen += 1;
                    if seen > at {
                        Flow::Cancel
                    } else {
                        Flow::Continue
                    }
                });
                // How often the asking one of two threads asks is not always the same.
                if seen > at || threads == Threads::One || at < calls / 4 {
                    assert_eq!(outcome, Err(PhotoError::Cancelled), "at call {at}");
                    assert_eq!(seen, at + 1, "nobody asks again");
                }
            }
        }
    }
}

/// Never back, never still for a fifth of the work, and whole at the end.
#[test]
fn progress_goes_forward_and_arrives() {
    for file in files() {
        for threads in [Threads::One, Threads::Two] {
            let (mut last, mut farthest) = (0, 0);
            on(threads, &file, &mut |progress| {
                assert!(progress.permille >= last);
                farthest = farthest.max(progress.permille - last);
                last = progress.permille;
                Flow::Continue
            })
            .unwrap();
            assert_eq!(last, 1000);
            // Of two threads the other may do much before this one is heard again.
            let most = [200, 400][usize::from(threads == Threads::Two)];
            assert!(farthest < most, "a step of {farthest} of {:?}", file.path);
        }
    }
}

/// Reading the scans is most of the work, and no row has come yet.
#[test]
fn progress_is_told_while_a_file_is_read_of_which_no_row_comes_before_its_end() {
    let [_, progressive, interlaced] = files();
    for file in [progressive, interlaced] {
        let mut told = Vec::new();
        on(Threads::One, &file, &mut |progress| {
            told.push(progress.permille);
            Flow::Continue
        })
        .unwrap();
        told.dedup();
        let reading = told.iter().filter(|told| (1..=300).contains(*told)).count();
        assert!(reading >= 5, "{told:?}");
        assert!(told.contains(&300), "{told:?}");
    }
}

/// It is not the file's fault, and nobody cancelled: whoever called hears of it, also through the C.
#[test]
fn a_panic_of_the_callers_own_goes_on_to_the_caller() {
    let [one, several, passes] = files();
    let rare = picture(Kind::Jpeg(QUARTERS, Scans::One), Orientation::Upright, 2);
    let by_library = OneFile::new("photo.jpg", &rare);
    for file in [one, several, passes, by_library] {
        for threads in [Threads::One, Threads::Two] {
            for at in [0, 1, 5, 20] {
                let mut calls = 0;
                let made = catch_unwind(AssertUnwindSafe(|| {
                    on(threads, &file, &mut |_| {
                        assert_ne!(calls, at, "the app's own fault");
                        calls += 1;
                        Flow::Continue
                    })
                }));
                let panic = made.expect_err("it went on");
                let words = panic.downcast_ref::<String>().unwrap();
                assert!(words.contains("the app's own fault"), "{words}");
                assert_eq!(calls, at, "nobody asks again");
            }
        }
    }
}
