//! HTTPS under the authority that is made on the spot.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use lapor_sandbox::plain_http::{exchange, head};
use serde_json::json;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::process::{Folder, Sandbox};

#[test]
fn a_client_that_trusts_the_authority_speaks_https_and_the_console_stays_plain() {
    let folder = Folder::new();
    let authority = folder.path("authority");
    let sandbox = Sandbox::over(folder, &["--tls", "--tls-dir", authority.to_str().unwrap()]);
    assert!(sandbox.ready.starts_with("listening https://127.0.0.1:"));
    assert!(sandbox.ready.contains(" console http://127.0.0.1:"));

    let meta = over_tls(&sandbox, &authority.join("ca.pem"));
    assert!(meta.starts_with("HTTP/1.1 200"), "{meta}");
    assert!(meta.contains("lapor-contract: 1"));

    sandbox.switch(json!({ "route": "meta", "cut_answer_after": 80 }));
    let cut = over_tls(&sandbox, &authority.join("ca.pem"));
    assert_eq!(cut.len(), 80);

    let plain = exchange(&sandbox.address, "GET", "/v1/meta", &[], b"").unwrap();
    assert_eq!(
        plain.status, 421,
        "the contract itself never goes in the clear"
    );
}

fn over_tls(sandbox: &Sandbox, authority: &std::path::Path) -> String {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(authority).unwrap())
        .unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let socket = TcpStream::connect(&sandbox.address).unwrap();
    let mut tls = StreamOwned::new(connection, socket);
    let marks = [("Lapor-Contract", "1"), ("Lapor-Request", "phone-1")];
    tls.write_all(&head(&sandbox.address, "GET", "/v1/meta", &marks))
        .unwrap();
    let mut bytes = Vec::new();
    // A cut ends without TLS's farewell, which is an error after the bytes.
    let _cut = tls.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}
