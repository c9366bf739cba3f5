//! Somebody at the other end of the line who says one thing to everything: a portal, or a gateway
//! with one fixed answer. Ends with the test.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

pub(crate) struct Answers {
    pub(crate) url: String,
    asked: Arc<AtomicUsize>,
}

impl Answers {
    /// A portal: 200 and a page, whatever was asked.
    pub(crate) fn portal() -> Self {
        Self::new(|_| {
            (
                "200 OK".to_owned(),
                "text/html",
                "<html>Selamat datang di Wi-Fi gratis</html>".to_owned(),
                false,
            )
        })
    }

    /// LAPOR!, marked, with this problem.
    pub(crate) fn problem(status: &'static str, body: &'static str) -> Self {
        Self::new(move |_| {
            (
                status.to_owned(),
                "application/problem+json",
                body.to_owned(),
                true,
            )
        })
    }

    /// LAPOR!, which takes every report and has no news, and has this problem with what people do to one.
    pub(crate) fn problem_with_events(status: &'static str, body: &'static str) -> Self {
        Self::new(move |request| {
            let (status, kind, body) = match request {
                event if event.contains("/events/") => (status, "application/problem+json", body),
                report if report.starts_with("PUT ") => (
                    "201 Created",
                    "application/json",
                    r#"{"tracking_id":"1916450","revision":1,"status":"unverified","deadlines":{},"missing":[]}"#,
                ),
                _ => (
                    "200 OK",
                    "application/json",
                    r#"{"cursor":"0.8f0c1d2e3b4a5968","complete":true,"changes":[]}"#,
                ),
            };
            (status.to_owned(), kind, body.to_owned(), true)
        })
    }

    fn new(
        say: impl Fn(&str) -> (String, &'static str, String, bool) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        // Daemon by nature: it ends with the process of the tests.
        thread::spawn(move || {
            let say = Arc::new(say);
            for stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::Relaxed);
                let say = Arc::clone(&say);
                // A picture's connection is made before anything is asked on it: the words do not wait
                // for that. A client that has gone is no trouble of the listener's.
                thread::spawn(move || answer(stream, &*say));
            }
        });
        Self { url, asked }
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

fn answer(
    stream: TcpStream,
    say: impl Fn(&str) -> (String, &'static str, String, bool),
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let request = line.clone();
    let (mut nonce, mut length) = (String::new(), 0);
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "lapor-request" => nonce = value.to_owned(),
            "content-length" => length = value.parse().unwrap_or(0),
            _ => {}
        }
    }
    std::io::copy(&mut reader.take(length), &mut std::io::sink())?;
    let (status, kind, body, marked) = say(&request);
    let marks = if marked {
        format!("Lapor-Contract: 1\r\nLapor-Request: {nonce}\r\nLapor-Epoch: e1\r\n")
    } else {
        String::new()
    };
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status}\r\n{marks}Content-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    stream.flush()
}
