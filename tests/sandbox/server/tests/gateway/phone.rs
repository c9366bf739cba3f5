//! A reporter's phone: the contract's requests, byte by byte, and nothing that makes up for a bad line.

use std::io;

use lapor_sandbox::plain_http::{PlainAnswer, exchange};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(crate) struct Phone {
    pub(crate) address: String,
    authorization: String,
}

impl Phone {
    pub(crate) fn signs_in(address: &str, user: &str) -> Self {
        let said = json!({ "user": user, "password": "rahasia123" }).to_string();
        let answer = exchange(
            address,
            "POST",
            "/v1/session",
            &marked(&[("Content-Type", "application/json")]),
            said.as_bytes(),
        )
        .unwrap();
        assert_eq!(answer.status, 200, "{}", answer.json());
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        assert!(token.len() <= 64);
        Self {
            address: address.to_owned(),
            authorization: format!("Bearer {token}"),
        }
    }

    /// The same person over another process.
    pub(crate) fn over(&self, address: &str) -> Self {
        Self {
            address: address.to_owned(),
            authorization: self.authorization.clone(),
        }
    }

    pub(crate) fn asks(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<PlainAnswer> {
        let mut all = marked(headers);
        all.push(("Authorization", &self.authorization));
        exchange(&self.address, method, path, &all, body)
    }

    pub(crate) fn tries_to_send(&self, key: &str, body: &str) -> io::Result<PlainAnswer> {
        let headers = [("Content-Type", "application/json")];
        self.asks(
            "PUT",
            &format!("/v1/reports/{key}"),
            &headers,
            body.as_bytes(),
        )
    }

    pub(crate) fn sends(&self, key: &str, body: &str) -> PlainAnswer {
        self.tries_to_send(key, body).unwrap()
    }

    pub(crate) fn patches(
        &self,
        url: &str,
        offset: usize,
        bytes: &[u8],
    ) -> io::Result<PlainAnswer> {
        let offset = offset.to_string();
        let headers = [
            ("Tus-Resumable", "1.0.0"),
            ("Upload-Offset", offset.as_str()),
            ("Content-Type", "application/offset+octet-stream"),
        ];
        exchange(&self.address, "PATCH", url, &headers, bytes)
    }

    /// How much the server says it has; `None` when the upload is gone.
    pub(crate) fn offset(&self, url: &str) -> Option<usize> {
        let headers = [("Tus-Resumable", "1.0.0")];
        let answer = exchange(&self.address, "HEAD", url, &headers, b"").unwrap();
        match answer.status {
            200 => Some(answer.find("Upload-Offset").unwrap().parse().unwrap()),
            404 | 410 => None,
            other => panic!("HEAD answered {other}"),
        }
    }
}

fn marked<'a>(headers: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all = vec![("Lapor-Contract", "1"), ("Lapor-Request", "phone-1")];
    all.extend_from_slice(headers);
    all
}

pub(crate) fn key(number: u32) -> String {
    format!("7d8f3c52-1a2b-4c3d-8e4f-{number:012x}")
}

pub(crate) fn report(title: &str, pictures: &[&[u8]]) -> String {
    let attachments: Vec<Value> = pictures
        .iter()
        .map(|bytes| {
            json!({
                "sha256": sha256(bytes),
                "bytes": bytes.len(),
                "media_type": "image/jpeg",
                "name": "foto.jpg",
            })
        })
        .collect();
    json!({
        "classification": "complaint",
        "title": title,
        "content": "Lubang di tengah jalan, dalamnya sejengkal.",
        "incident_date": "2026-01-15",
        "location": "Jalan Raya Kuta",
        "anonymous": false,
        "secret": false,
        "attachments": attachments,
    })
    .to_string()
}

/// Bytes that do not repeat, as a photo's.
pub(crate) fn photo(bytes: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    (0..bytes)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state.to_le_bytes()[0]
        })
        .collect()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

pub(crate) fn upload_url(answer: &PlainAnswer) -> String {
    let value = answer.json();
    value["missing"][0]["upload_url"]
        .as_str()
        .unwrap_or_else(|| panic!("no upload_url in {value}"))
        .to_owned()
}
