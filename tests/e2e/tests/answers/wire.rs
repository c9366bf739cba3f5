//! A server on loopback that answers every request with the same recorded bytes, plain or in TLS.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::{ServerConfig, ServerConnection, StreamOwned, crypto::ring, pki_types::PrivateKeyDer};

use crate::recorded::Recorded;

/// An authority made on the spot, and what a server under it needs.
pub(crate) struct Authority {
    pub(crate) pem: String,
    server: Arc<ServerConfig>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let pem = authority.self_signed(&key).unwrap().pem();
        let own_key = KeyPair::generate().unwrap();
        let own = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        let own = own
            .signed_by(&own_key, &Issuer::new(authority, key))
            .unwrap();
        let private = PrivateKeyDer::try_from(own_key.serialize_der()).unwrap();
        let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![own.der().clone()], private)
            .unwrap();
        Self {
            pem,
            server: Arc::new(server),
        }
    }
}

/// Ends when it is dropped.
pub(crate) struct Portal {
    pub(crate) address: SocketAddr,
    asked: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Portal {
    pub(crate) fn saying(recorded: &Recorded, authority: Option<&Authority>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, stop) = (
            Arc::new(AtomicU64::new(0)),
            Arc::new(AtomicBool::new(false)),
        );
        let tls = authority.map(|authority| Arc::clone(&authority.server));
        let thread = thread::spawn({
            let (asked, stop, recorded) = (Arc::clone(&asked), Arc::clone(&stop), recorded.clone());
            move || {
                for stream in listener.incoming() {
                    let Ok(stream) = stream else { continue };
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    let _set = stream.set_read_timeout(Some(Duration::from_secs(5)));
                    match &tls {
                        None => answer(stream, &recorded, &asked),
                        Some(config) => {
                            let connection = ServerConnection::new(Arc::clone(config)).unwrap();
                            answer(StreamOwned::new(connection, stream), &recorded, &asked);
                        }
                    }
                }
            }
        });
        Self {
            address,
            asked,
            stop,
            thread: Some(thread),
        }
    }

    /// Requests that it read whole.
    pub(crate) fn asked(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _woken = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

/// Reads one request whole and says what was recorded; one that broke off is not counted.
fn answer(mut stream: impl Read + Write, recorded: &Recorded, asked: &AtomicU64) {
    let mut seen = Vec::new();
    let mut piece = [0; 4096];
    let head = loop {
        if let Some(at) = seen.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        match stream.read(&mut piece) {
            Ok(count) if count > 0 => seen.extend_from_slice(&piece[..count]),
            _ => return,
        }
    };
    let text = String::from_utf8_lossy(&seen[..head]).to_lowercase();
    let field = |name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(name))
            .map(|value| value.trim().to_owned())
    };
    let length: usize = field("content-length:").map_or(0, |value| value.parse().unwrap());
    while seen.len() < head + 4 + length {
        match stream.read(&mut piece) {
            Ok(count) if count > 0 => seen.extend_from_slice(&piece[..count]),
            _ => return,
        }
    }
    let nonce = field("lapor-request:").unwrap_or_default();
    // Before it is answered: whoever hears the answer may look at once.
    asked.fetch_add(1, Ordering::SeqCst);
    // Whoever has heard enough hangs up.
    let _heard = stream.write_all(&recorded.bytes(&nonce));
    let _flushed = stream.flush();
}
