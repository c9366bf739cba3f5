//! Real sockets: when words go a second time, over which connection, and whose answer counts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

use lapor_engine::{
    api::{Action, RequestContext, request},
    calendar::Instant as Moment,
    report::ReportKey,
};

use super::*;
use crate::net::{HttpTransport, Transport, Unreadable, paced::LONG_HANDSHAKE};

const BODY: &[u8] = b"{\"words\":2}";
const CREATED: &[u8] = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}";

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

fn listening() -> (TcpListener, Url) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    (listener, base)
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

fn create(base: &Url) -> WireRequest {
    let action = Action::Create {
        key: ReportKey::from_entropy([7; 16]),
        body: BODY.to_vec(),
        prior_tracking_id: None,
    };
    wire(base, &action)
}

/// A phone that knows its line to be slow, and that pictures follow these words.
fn on_a_slow_line(base: &Url) -> HttpTransport {
    let transport = HttpTransport::new(None, Arc::new(|| Moment(1_790_000_000_000))).unwrap();
    transport.uploads().place.band.is_found_slow();
    transport.expect_upload(base);
    transport
}

fn none() -> ReadAttachment {
    Arc::new(|_, _, _| Err(Unreadable))
}

/// One request with so many bytes of body: its head in small letters, and the body.
fn read_request(stream: &mut TcpStream, body: usize) -> (String, Vec<u8>) {
    let mut seen = Vec::new();
    let mut piece = [0; 4096];
    loop {
        if let Some(head) = seen.windows(4).position(|four| four == b"\r\n\r\n")
            && seen.len() >= head + 4 + body
        {
            let text = String::from_utf8_lossy(&seen[..head]).to_lowercase();
            return (text, seen[head + 4..].to_vec());
        }
        let count = stream.read(&mut piece).unwrap();
        assert!(count > 0, "the phone went away");
        seen.extend_from_slice(&piece[..count]);
    }
}

/// What tells a gateway whose words these are, and that they are the same.
fn essence(head: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = head
        .lines()
        .filter(|line| {
            ["put ", "host:", "content-", "lapor-"]
                .iter()
                .any(|begin| line.starts_with(begin))
        })
        .collect();
    lines.sort_unstable();
    lines
}

#[test]
fn words_without_an_answer_go_once_more_over_the_connection_of_the_pictures() {
    let (listener, base) = listening();
    let server = thread::spawn(move || {
        let (mut words, _) = listener.accept().unwrap();
        let first = read_request(&mut words, BODY.len());
        let (mut pictures, _) = listener.accept().unwrap();
        let second = read_request(&mut pictures, BODY.len());
        pictures.write_all(CREATED).unwrap();
        assert_eq!(words.read(&mut [0; 1]).unwrap(), 0, "nobody waits there");
        read_request(&mut pictures, 9);
        let answer = b"HTTP/1.1 204 No Content\r\nUpload-Offset: 9\r\n\r\n";
        pictures.write_all(answer).unwrap();
        (first, second)
    });
    let transport = on_a_slow_line(&base);
    runtime().block_on(async {
        let exchange = transport.exchange(&create(&base), none()).await;
        assert_eq!((exchange.end, exchange.status), (End::Complete, Some(201)));
        assert_eq!(exchange.body, b"{}");
        assert_eq!(exchange.sent, 2 * BODY.len() as u64, "both are counted");
        let chunk = Action::UploadChunk {
            url: "/v1/uploads/a".to_owned(),
            attachment: 1,
            offset: 0,
            length: 9,
        };
        let sevens: ReadAttachment = Arc::new(|_, _, most| Ok(vec![7; most]));
        let exchange = transport.exchange(&wire(&base, &chunk), sevens).await;
        assert_eq!(exchange.status, Some(204), "and the picture goes there");
    });
    let (first, second) = server.join().unwrap();
    assert_eq!(second.1, BODY);
    assert_eq!(first.1, second.1);
    assert_eq!(essence(&first.0), essence(&second.0));
    assert_eq!(essence(&first.0).len(), 7, "{}", first.0);
}

/// Is anything heard on the pictures' connection while words have no answer?
fn is_heard_beside(transport: &HttpTransport, listener: &TcpListener, words: &WireRequest) -> bool {
    runtime().block_on(async {
        let exchange = transport.exchange(words, none());
        let waited = tokio::time::timeout(6 * LATE, exchange).await;
        assert!(waited.is_err(), "nobody answers");
    });
    let (_words, _) = listener.accept().unwrap();
    let (mut pictures, _) = listener.accept().unwrap();
    pictures.set_nonblocking(true).unwrap();
    // Reset since then; what had come before is read all the same.
    pictures.read(&mut [0; 1]).is_ok_and(|count| count > 0)
}

#[test]
fn on_a_line_that_is_not_known_to_be_slow_no_words_go_twice() {
    let (listener, base) = listening();
    let transport = HttpTransport::new(None, Arc::new(|| Moment(1_790_000_000_000))).unwrap();
    transport.uploads().place.band.shaken(LONG_HANDSHAKE);
    transport.expect_upload(&base);
    assert!(
        !is_heard_beside(&transport, &listener, &create(&base)),
        "supposed is not known"
    );
    let (listener, base) = listening();
    assert!(
        is_heard_beside(&on_a_slow_line(&base), &listener, &create(&base)),
        "on a slow one they do"
    );
}

#[test]
fn what_is_not_the_same_twice_never_goes_twice() {
    let (listener, base) = listening();
    let mut words = create(&base);
    words.method = Method::Post;
    assert!(!is_heard_beside(&on_a_slow_line(&base), &listener, &words));
}

#[test]
fn a_second_try_that_fails_leaves_the_first_ones_answer() {
    let (listener, base) = listening();
    let server = thread::spawn(move || {
        let (mut words, _) = listener.accept().unwrap();
        read_request(&mut words, BODY.len());
        let (mut pictures, _) = listener.accept().unwrap();
        read_request(&mut pictures, BODY.len());
        drop(pictures);
        thread::sleep(LATE);
        words.write_all(CREATED).unwrap();
    });
    let exchange = runtime().block_on(async {
        let transport = on_a_slow_line(&base);
        transport.exchange(&create(&base), none()).await
    });
    assert_eq!((exchange.end, exchange.status), (End::Complete, Some(201)));
    server.join().unwrap();
}

/// The far end answers the words and not the handshake: pictures need what has been done of it.
#[test]
fn a_connection_that_is_still_being_made_stays_the_pictures() {
    let (_listener, base) = listening();
    let secure = Url::parse(&format!("https://localhost:{}/", base.port().unwrap())).unwrap();
    let transport = on_a_slow_line(&secure);
    let uploads = transport.uploads();
    runtime().block_on(async {
        uploads.prepare();
        let (request, sent) = (create(&secure), Arc::default());
        let again = uploads.again(&request, 20 * LATE, &sent);
        assert!(tokio::time::timeout(3 * LATE, again).await.is_err());
        assert_eq!(sent.load(Ordering::Relaxed), 0);
        assert!(uploads.kept().coming.is_some());
    });
}
