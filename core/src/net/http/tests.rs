//! Real sockets: what the line does, and which end that is.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    thread::{self, JoinHandle},
};

use lapor_engine::{
    api::{Action, RequestContext, request},
    calendar::Instant,
};
use url::Url;

use super::*;

/// A server for one connection: reads until the head (and `want` body bytes) arrived, then does
/// as told. Gives back what it read.
fn answering(
    want: usize,
    act: impl FnOnce(&mut TcpStream) + Send + 'static,
) -> (Url, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    let handle = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut seen = Vec::new();
        let mut piece = [0; 4096];
        loop {
            if let Some(head) = seen.windows(4).position(|four| four == b"\r\n\r\n")
                && seen.len() >= head + 4 + want
            {
                break;
            }
            match stream.read(&mut piece) {
                Ok(0) | Err(_) => break,
                Ok(count) => seen.extend_from_slice(&piece[..count]),
            }
        }
        act(&mut stream);
        seen
    });
    (base, handle)
}

fn exchange_of(base: &Url, action: &Action, read: ReadAttachment) -> Exchange {
    let context = RequestContext {
        base,
        token: None,
        nonce: [7; 12],
        skew: None,
    };
    let request = request(action, &context).unwrap();
    let transport = HttpTransport::new(None, Arc::new(|| Instant(1_790_000_000_000))).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(transport.exchange(&request, read))
}

fn probe(base: &Url) -> Exchange {
    exchange_of(
        base,
        &Action::Probe,
        Arc::new(|_, _, _| Err(super::super::Unreadable)),
    )
}

fn say(text: &'static str) -> impl FnOnce(&mut TcpStream) + Send + 'static {
    move |stream| stream.write_all(text.as_bytes()).unwrap()
}

#[test]
fn a_whole_answer_arrives_whole() {
    let (base, server) = answering(
        0,
        say("HTTP/1.1 200 OK\r\nLapor-Contract: 1\r\nContent-Length: 2\r\n\r\n{}"),
    );
    let exchange = probe(&base);
    assert_eq!(
        (exchange.end, exchange.status, exchange.body.as_slice()),
        (End::Complete, Some(200), b"{}".as_slice())
    );
    assert_eq!(exchange.header("lapor-contract"), Some("1"));
    let asked = String::from_utf8(server.join().unwrap())
        .unwrap()
        .to_lowercase();
    assert!(asked.contains("lapor-request: 070707070707070707070707"));
    assert!(!asked.contains("authorization"), "a probe needs no token");
}

#[test]
fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let exchange = probe(&base);
    assert_eq!(
        (exchange.connected, exchange.end),
        (false, End::NoConnection)
    );
}

#[test]
fn a_name_that_does_not_resolve() {
    let exchange = probe(&Url::parse("http://gateway.invalid/").unwrap());
    assert_eq!((exchange.connected, exchange.end), (false, End::Dns));
}

#[test]
fn cut_before_the_answer() {
    let (base, _server) = answering(0, |stream| stream.shutdown(Shutdown::Both).unwrap());
    let exchange = probe(&base);
    assert_eq!(
        (exchange.connected, exchange.status, exchange.end),
        (true, None, End::Cut)
    );
}

#[test]
fn cut_in_the_middle_of_the_answer() {
    let (base, _server) = answering(
        0,
        say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":"),
    );
    let exchange = probe(&base);
    assert_eq!((exchange.status, exchange.end), (Some(200), End::Cut));
}

#[test]
fn a_gzip_stream_cut_short_or_none_at_all() {
    let (base, _server) = answering(0, |stream| {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\n")
            .unwrap();
        stream
            .write_all(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0x56])
            .unwrap();
    });
    assert_ne!(probe(&base).end, End::Complete);
    let (base, _server) = answering(
        0,
        say("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 6\r\n\r\n<html>"),
    );
    assert_ne!(probe(&base).end, End::Complete);
}

#[test]
fn an_answer_without_end_is_bounded() {
    let (base, _server) = answering(0, |stream| {
        let _gone = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        let piece = [b'x'; 65536];
        for _ in 0..1000 {
            if stream.write_all(&piece).is_err() {
                return;
            }
        }
    });
    let exchange = probe(&base);
    assert_eq!(exchange.end, End::TooLarge);
    assert!(exchange.body.len() <= 64 * 1024);
}

#[test]
fn a_redirect_is_not_followed() {
    let (base, _server) = answering(
        0,
        say("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"),
    );
    assert_eq!(probe(&base).status, Some(302));
}

#[test]
fn garbage_is_a_cut_and_no_answer() {
    let (base, _server) = answering(0, say("SSH-2.0-OpenSSH_9.2\r\n\r\n"));
    let exchange = probe(&base);
    assert_eq!((exchange.status, exchange.connected), (None, true));
}

#[test]
fn a_picture_is_streamed_from_the_store_and_counted() {
    let picture: Vec<u8> = (0..100_000_u32).map(|at| (at % 251) as u8).collect();
    let kept = picture.clone();
    let read: ReadAttachment = Arc::new(move |id, offset, most| {
        assert_eq!(id, 5);
        let from = offset as usize;
        Ok(kept[from..(from + most).min(kept.len())].to_vec())
    });
    let (base, server) = answering(
        60_000,
        say("HTTP/1.1 204 No Content\r\nUpload-Offset: 100000\r\n\r\n"),
    );
    let action = Action::UploadChunk {
        url: "/v1/uploads/x".into(),
        attachment: 5,
        offset: 40_000,
        length: 60_000,
    };
    let exchange = exchange_of(&base, &action, read);
    assert_eq!((exchange.status, exchange.sent), (Some(204), 60_000));
    let seen = server.join().unwrap();
    let head = seen
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap();
    assert_eq!(&seen[head + 4..], &picture[40_000..], "exactly these bytes");
    let head = String::from_utf8(seen[..head].to_vec())
        .unwrap()
        .to_lowercase();
    assert!(
        head.contains("content-length: 60000") && head.contains("upload-offset: 40000"),
        "{head}"
    );
}

#[test]
fn a_picture_that_cannot_be_read_is_this_phones_trouble() {
    let read: ReadAttachment = Arc::new(|_, _, _| Err(super::super::Unreadable));
    let (base, _server) = answering(10, |_| {});
    let action = Action::UploadChunk {
        url: "/v1/uploads/x".into(),
        attachment: 5,
        offset: 0,
        length: 10,
    };
    assert_eq!(exchange_of(&base, &action, read).end, End::BodyUnreadable);
}

#[test]
fn plain_http_where_tls_is_expected_is_not_trusted() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut hello = [0; 512];
        let _read = stream.read(&mut hello).unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .unwrap();
    });
    let exchange = probe(&Url::parse(&format!("https://{address}/")).unwrap());
    server.join().unwrap();
    assert_eq!((exchange.connected, exchange.end), (false, End::Untrusted));
}
