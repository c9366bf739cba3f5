//! The recorded answers, read.

use std::{fs, io::Write, path::Path};

use flate2::{Compression, write::GzEncoder};

/// What a create is to mean to a phone that hears this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    NotLapor,
    Busy,
    Unknown,
}

impl Expected {
    /// The reason that a person is shown.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::NotLapor => "not_lapor",
            Self::Busy => "busy",
            Self::Unknown => "unknown",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    pub(crate) name: String,
    pub(crate) expected: Expected,
    head: String,
    body: Vec<u8>,
    is_raw: bool,
}

impl Recorded {
    fn read(name: &str, text: &str) -> Self {
        let answer: String = text
            .lines()
            .skip_while(|line| line.starts_with("# "))
            .fold(String::new(), |all, line| all + line + "\n");
        let answer = if text.ends_with('\n') {
            &answer[..]
        } else {
            answer.trim_end_matches('\n')
        };
        let notes: Vec<&str> = text
            .lines()
            .map_while(|line| line.strip_prefix("# "))
            .collect();
        let note = |word: &str| notes.iter().find_map(|note| note.strip_prefix(word));
        let expected = match note("expect: ").unwrap() {
            "not_lapor" => Expected::NotLapor,
            "busy" => Expected::Busy,
            "unknown" => Expected::Unknown,
            other => panic!("{name}: expect {other}"),
        };
        assert!(notes[0].len() > 20, "{name}: says what it is");
        let is_raw = note("raw").is_some();
        let (head, body) = if is_raw {
            ("", answer)
        } else {
            answer.split_once("\n\n").unwrap_or((answer.trim_end(), ""))
        };
        let mut body = body.as_bytes().to_vec();
        if let Some(count) = note("gzip-of ") {
            body = compressed(&vec![0; count.parse().unwrap()]);
        }
        if note("gzip-half").is_some() {
            body = compressed(&body);
            body.truncate(body.len() / 2);
        }
        if note("byte-order-mark").is_some() {
            body.splice(0..0, [0xEF, 0xBB, 0xBF]);
        }
        let mut head = head.to_owned();
        let lower = head.to_lowercase();
        let has_length =
            lower.contains("\ncontent-length:") || lower.contains("\ntransfer-encoding:");
        if !(has_length || is_raw || note("no-length").is_some()) {
            head += &format!("\nContent-Length: {}", body.len());
        }
        Self {
            name: name.to_owned(),
            expected,
            head,
            body,
            is_raw,
        }
    }

    /// The gateway's own answer, spoilt on its way.
    pub(crate) fn is_marked(&self) -> bool {
        self.head.contains("{nonce}")
    }

    pub(crate) fn status(&self) -> Option<u16> {
        self.head.split(' ').nth(1)?.parse().ok()
    }

    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    /// Names in lower case.
    pub(crate) fn headers(&self, nonce: &str) -> Vec<(String, String)> {
        self.head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_lowercase(), value.trim().replace("{nonce}", nonce)))
            .collect()
    }

    /// As it goes on the line.
    pub(crate) fn bytes(&self, nonce: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        if !self.is_raw {
            bytes.extend(
                self.head
                    .replace("{nonce}", nonce)
                    .replace('\n', "\r\n")
                    .into_bytes(),
            );
            bytes.extend(b"\r\n\r\n");
        }
        bytes.extend(&self.body);
        bytes
    }
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// All of them, by name.
pub(crate) fn all() -> Vec<Recorded> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/answers");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "http"));
    paths.sort();
    let read: Vec<Recorded> = paths
        .iter()
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap();
            Recorded::read(name, &fs::read_to_string(path).unwrap())
        })
        .collect();
    assert!(read.len() >= 40, "only {} recorded answers", read.len());
    read
}
