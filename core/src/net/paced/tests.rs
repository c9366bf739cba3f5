#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::Instant,
};

use super::{BUFFERS, Band, LONG_HANDSHAKE, Paced, Pulse, Speed};

const SLOW: usize = BUFFERS[0];
const MIDDLE: usize = BUFFERS[1];
const FAST: usize = BUFFERS[2];
const SHORT: Duration = Duration::from_millis(999);

fn unknown() -> Speed {
    Speed::new(Arc::new(Band::default()))
}

/// `rate` bytes a second leave a full buffer for `seconds`; every size that was set.
fn drained(speed: &mut Speed, bytes_a_second: u64, seconds: u64) -> Vec<usize> {
    speed.restart();
    let start = Instant::now();
    speed.full(start);
    (1..=bytes_a_second * seconds / 1_000)
        .filter_map(|taken| {
            let at = start + Duration::from_millis(taken * 1_000_000 / bytes_a_second);
            speed.took(1_000, at)
        })
        .collect()
}

#[test]
fn a_slow_line_gets_a_small_buffer_and_a_fast_one_a_large_one_at_once() {
    assert_eq!(drained(&mut unknown(), 2_250, 60), [SLOW]);
    assert!(drained(&mut unknown(), 6_000, 60).is_empty());
    assert_eq!(drained(&mut unknown(), 25_000, 1), [FAST]);
}

#[test]
fn a_new_connection_begins_with_what_the_last_one_found() {
    let band = Arc::new(Band::default());
    assert_eq!(band.buffer(), MIDDLE, "nothing is known");
    drained(&mut Speed::new(Arc::clone(&band)), 2_250, 60);
    assert_eq!(band.buffer(), SLOW);
    assert!(band.is_slow());
    drained(&mut Speed::new(Arc::clone(&band)), 25_000, 1);
    assert_eq!(band.buffer(), FAST);
}

#[test]
fn a_long_handshake_makes_a_small_buffer_where_nothing_is_known() {
    let band = Arc::new(Band::default());
    band.shaken(SHORT);
    assert_eq!(band.buffer(), MIDDLE);
    band.shaken(LONG_HANDSHAKE);
    assert_eq!(band.buffer(), SLOW);
    assert!(!band.is_slow(), "supposed is not found");
    let told = drained(&mut Speed::new(Arc::clone(&band)), 25_000, 1);
    assert_eq!(told, [FAST], "a fast line is one all the same");
    band.shaken(LONG_HANDSHAKE);
    assert_eq!(
        band.buffer(),
        FAST,
        "what was measured holds: a SYN can be lost"
    );
}

#[test]
fn a_line_that_slows_down_is_followed_and_one_that_halts_for_a_second_is_not() {
    let mut speed = unknown();
    drained(&mut speed, 25_000, 10);
    assert!(drained(&mut speed, 2_000, 3).is_empty());
    assert_eq!(drained(&mut speed, 2_000, 9), [SLOW]);
    assert_eq!(drained(&mut speed, 25_000, 2), [FAST]);
}

#[test]
fn what_fills_an_empty_buffer_says_nothing_of_the_line() {
    let mut speed = unknown();
    let now = Instant::now();
    assert_eq!(speed.took(1 << 20, now), None);
    speed.full(now);
    speed.restart();
    assert_eq!(speed.took(1 << 20, now + Duration::from_secs(1)), None);
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// The far end takes nothing: what the kernel takes beyond the far end's window lies unsent.
#[cfg(any(target_os = "android", target_os = "linux"))]
#[test]
fn little_more_is_taken_than_what_leaves() {
    use super::UNSENT;

    runtime().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let small = socket2::SockRef::from(&listener);
        small.set_recv_buffer_size(8 * 1024).unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (_far, _) = listener.accept().await.unwrap();
        let pulse = Arc::new(Pulse::default());
        let mut paced = Paced::new(stream, SHORT, Arc::clone(&pulse), Arc::default()).unwrap();
        let piece = vec![7; UNSENT as usize / 4];
        let writing = async {
            loop {
                paced.write_all(&piece).await.unwrap();
            }
        };
        let ended = tokio::time::timeout(Duration::from_millis(300), writing).await;
        assert!(ended.is_err(), "it cannot end");
        let taken = pulse.moved.load(std::sync::atomic::Ordering::Relaxed);
        assert!(taken >= u64::from(UNSENT), "{taken}");
        assert!(taken <= 8 * u64::from(UNSENT), "{taken}");
    });
}

#[test]
fn reading_and_writing_are_both_movement() {
    runtime().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (mut far, _) = listener.accept().await.unwrap();
        let pulse = Arc::new(Pulse::default());
        let mut paced = Paced::new(stream, SHORT, Arc::clone(&pulse), Arc::default()).unwrap();
        let moved = || pulse.moved.load(std::sync::atomic::Ordering::Relaxed);
        paced.write_all(b"four").await.unwrap();
        assert_eq!(moved(), 4);
        far.write_all(b"answer").await.unwrap();
        let mut answer = [0; 6];
        paced.read_exact(&mut answer).await.unwrap();
        assert_eq!(moved(), 10);
    });
}
