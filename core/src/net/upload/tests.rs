//! Real sockets: what a picture's connection keeps, and what it takes back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    thread,
    time::Duration,
};

use lapor_engine::{
    api::{Action, RequestContext, request},
    calendar::Instant as Moment,
};

use super::*;
use crate::net::{HttpTransport, Transport, Unreadable};

const ANSWER: &str = "HTTP/1.1 204 No Content\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 9\r\n\r\n";

fn transport() -> HttpTransport {
    HttpTransport::new(None, Arc::new(|| Moment(1_790_000_000_000))).unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

fn chunk(length: u64) -> Action {
    Action::UploadChunk {
        url: "/v1/uploads/a".to_owned(),
        attachment: 1,
        offset: 0,
        length,
    }
}

fn wire(base: &Url, action: &Action) -> WireRequest {
    let context = RequestContext {
        base,
        token: None,
        nonce: [7; 12],
        skew: None,
    };
    request(action, &context).unwrap()
}

fn sevens() -> ReadAttachment {
    Arc::new(|_, _, most| Ok(vec![7; most]))
}

fn listening() -> (TcpListener, Url) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    (listener, base)
}

/// Reads a request whose body has so many bytes; gives its head.
fn read_request(stream: &mut TcpStream, body: usize) -> String {
    let mut seen = Vec::new();
    let mut piece = [0; 65_536];
    loop {
        if let Some(head) = seen.windows(4).position(|four| four == b"\r\n\r\n")
            && seen.len() >= head + 4 + body
        {
            return String::from_utf8_lossy(&seen[..head]).to_lowercase();
        }
        let count = stream.read(&mut piece).unwrap();
        assert!(count > 0, "the phone went away");
        seen.extend_from_slice(&piece[..count]);
    }
}

#[test]
fn question_and_chunks_share_one_connection() {
    let (listener, base) = listening();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut heads = Vec::new();
        for body in [0, 50_000, 9] {
            heads.push(read_request(&mut stream, body));
            stream.write_all(ANSWER.as_bytes()).unwrap();
        }
        heads
    });
    let transport = transport();
    let head = Action::UploadOffset {
        url: "/v1/uploads/a".to_owned(),
    };
    runtime().block_on(async {
        for action in [head, chunk(50_000), chunk(9)] {
            let request = wire(&base, &action);
            let exchange = transport.exchange(&request, sevens()).await;
            assert_eq!((exchange.end, exchange.status), (End::Complete, Some(204)));
            assert_eq!(exchange.sent, request.body.len());
            assert_eq!(exchange.header("upload-offset"), Some("9"));
        }
    });
    let heads = server.join().unwrap();
    assert!(heads[0].starts_with("head /v1/uploads/a http/1.1"));
    assert!(heads[1].contains("content-length: 50000"), "{}", heads[1]);
    assert!(heads[1].contains("upload-offset: 0"));
    assert!(heads[1].contains(&format!("host: 127.0.0.1:{}", base.port().unwrap())));
}

/// The promise behind "words overtake": giving way must not leave a chunk in the kernel, which
/// would travel before the words.
#[test]
fn what_gave_way_does_not_travel_any_more() {
    let (listener, base) = listening();
    let (gave_way, told) = mpsc::channel();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // A line that is far slower than the phone: nobody reads for now.
        told.recv().unwrap();
        thread::sleep(Duration::from_millis(50));
        let mut arrived = 0;
        let mut piece = [0; 65_536];
        loop {
            match stream.read(&mut piece) {
                Ok(0) => return (arrived, false),
                Ok(count) => arrived += count,
                Err(_) => return (arrived, true),
            }
        }
    });
    let transport = transport();
    runtime().block_on(async {
        let request = wire(&base, &chunk(64 << 20));
        let exchange = transport.exchange(&request, sevens());
        let aborted = tokio::time::timeout(Duration::from_millis(300), exchange).await;
        assert!(aborted.is_err(), "nobody answered");
        // The driver's task ends in the next turn of the loop.
        tokio::task::yield_now().await;
    });
    gave_way.send(()).unwrap();
    let (arrived, was_reset) = server.join().unwrap();
    assert!(was_reset, "closed in peace, the kernel sends the rest");
    assert!(arrived < 8 << 20, "{arrived}");
}

#[test]
fn an_answer_before_the_end_of_the_body_leaves_no_connection_behind() {
    let (listener, base) = listening();
    let server = thread::spawn(move || {
        let (mut first, _) = listener.accept().unwrap();
        read_request(&mut first, 1);
        let refusal = "HTTP/1.1 409 Conflict\r\nTus-Resumable: 1.0.0\r\nContent-Length: 0\r\n\r\n";
        first.write_all(refusal.as_bytes()).unwrap();
        let (mut second, _) = listener.accept().unwrap();
        read_request(&mut second, 9);
        second.write_all(ANSWER.as_bytes()).unwrap();
    });
    let transport = transport();
    runtime().block_on(async {
        let request = wire(&base, &chunk(64 << 20));
        let exchange = transport.exchange(&request, sevens()).await;
        assert_eq!(exchange.status, Some(409));
        let request = wire(&base, &chunk(9));
        let exchange = transport.exchange(&request, sevens()).await;
        assert_eq!(exchange.status, Some(204));
    });
    server.join().unwrap();
}

#[test]
fn a_connection_begun_beside_the_words_is_the_one_that_pictures_take() {
    let (listener, base) = listening();
    let server = thread::spawn(move || {
        let (mut words, _) = listener.accept().unwrap();
        read_request(&mut words, 2);
        let (mut pictures, _) = listener.accept().unwrap();
        words
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            .unwrap();
        read_request(&mut pictures, 9);
        pictures.write_all(ANSWER.as_bytes()).unwrap();
    });
    let transport = transport();
    runtime().block_on(async {
        transport.expect_upload(&base);
        let create = Action::Create {
            key: lapor_engine::report::ReportKey::from_entropy([7; 16]),
            body: b"{}".to_vec(),
            prior_tracking_id: None,
        };
        let exchange = transport.exchange(&wire(&base, &create), sevens()).await;
        assert_eq!((exchange.status, exchange.sent), (Some(200), 2));
        let exchange = transport.exchange(&wire(&base, &chunk(9)), sevens()).await;
        assert_eq!(exchange.status, Some(204));
    });
    server.join().unwrap();
}

#[test]
fn the_connection_of_the_next_picture_is_made_while_this_one_is_on_the_line() {
    let (listener, base) = listening();
    let server = thread::spawn(move || {
        let (mut first, _) = listener.accept().unwrap();
        read_request(&mut first, 9);
        let (mut second, _) = listener.accept().unwrap();
        first.write_all(ANSWER.as_bytes()).unwrap();
        for stream in [&mut first, &mut second] {
            read_request(stream, 9);
            stream.write_all(ANSWER.as_bytes()).unwrap();
        }
    });
    let transport = transport();
    runtime().block_on(async {
        let request = wire(&base, &chunk(9));
        let read: ReadAttachment = Arc::new(|_, _, most| Ok(vec![7; most]));
        let mut first = pin!(transport.exchange(&request, read));
        let soon = tokio::time::timeout(Duration::from_millis(50), &mut first).await;
        assert!(
            soon.is_err(),
            "no answer before there is another connection"
        );
        transport.upload_follows(&base);
        assert_eq!(first.await.status, Some(204));
        let both = futures_util::future::join(
            transport.exchange(&request, sevens()),
            transport.exchange(&request, sevens()),
        );
        let (one, other) = both.await;
        assert_eq!((one.status, other.status), (Some(204), Some(204)));
    });
    server.join().unwrap();
}

/// Words have their handshake to themselves: the pictures' one costs kilobytes of certificates, and
/// those come down the same line.
#[test]
fn beside_the_words_handshake_pictures_connect_and_say_nothing() {
    let (listener, base) = listening();
    let secure = Url::parse(&format!("https://localhost:{}/", base.port().unwrap())).unwrap();
    runtime().block_on(async {
        let uploads = UploadLine::new(
            &crate::net::tls::config(None, Arc::new(|| Moment(1_790_000_000_000))).unwrap(),
            Arc::default(),
        );
        uploads.reach("localhost");
        assert!(uploads.kept().coming.is_none(), "nothing is expected");
        uploads.announce(Some(&secure));
        uploads.reach("elsewhere.invalid");
        assert!(uploads.kept().coming.is_none(), "words to another host");
        uploads.reach("localhost");
        let connected = tokio::task::spawn_blocking(move || listener.accept().unwrap().0);
        let mut pictures = connected.await.unwrap();
        pictures.set_nonblocking(true).unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        let mut byte = [0; 1];
        let waits = pictures.read(&mut byte).unwrap_err();
        assert_eq!(waits.kind(), std::io::ErrorKind::WouldBlock);
        uploads.prepare();
        tokio::time::sleep(Duration::from_millis(200)).await;
        pictures.read_exact(&mut byte).unwrap();
        assert_eq!(byte[0], 22, "a TLS handshake begins");
    });
}

#[test]
fn two_pictures_at_once_take_two_connections_and_both_are_kept() {
    let (listener, base) = listening();
    let server = thread::spawn(move || {
        let (mut first, _) = listener.accept().unwrap();
        let (mut second, _) = listener.accept().unwrap();
        for _ in 0..2 {
            read_request(&mut first, 9);
            read_request(&mut second, 9);
            first.write_all(ANSWER.as_bytes()).unwrap();
            second.write_all(ANSWER.as_bytes()).unwrap();
        }
    });
    let transport = transport();
    runtime().block_on(async {
        for _ in 0..2 {
            let request = wire(&base, &chunk(9));
            let both = futures_util::future::join(
                transport.exchange(&request, sevens()),
                transport.exchange(&request, sevens()),
            );
            let (one, other) = both.await;
            assert_eq!((one.status, other.status), (Some(204), Some(204)));
        }
    });
    server.join().unwrap();
}

#[test]
fn a_picture_that_cannot_be_read_ends_the_exchange_as_that() {
    let (listener, base) = listening();
    // Held open: a far end that went away would be a cut.
    let server = thread::spawn(move || listener.accept().unwrap().0);
    let none: ReadAttachment = Arc::new(|_, _, _| Err(Unreadable));
    let exchange = runtime().block_on(async {
        let request = wire(&base, &chunk(9));
        transport().exchange(&request, none).await
    });
    assert_eq!(exchange.end, End::BodyUnreadable);
    drop(server.join().unwrap());
}

#[test]
fn silence_is_told_from_a_line_that_moves() {
    let pulse = Arc::new(Pulse::default());
    runtime().block_on(async {
        let silent = pulse.stops(Duration::from_millis(20));
        assert!(
            tokio::time::timeout(Duration::from_secs(5), silent)
                .await
                .is_ok()
        );
    });
}
