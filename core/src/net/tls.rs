use std::sync::Arc;

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};

/// An extra root certificate that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the extra root certificate cannot be read; it must be one or more certificates in PEM form"
)]
pub struct BadAuthority;

/// TLS 1.2 and 1.3 by rustls and ring, the web's roots compiled in. `authority` (PEM) adds roots:
/// for QA, and for a ministry with an authority of its own.
pub(super) fn config(authority: Option<&[u8]>) -> Result<ClientConfig, BadAuthority> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(pem) = authority {
        let mut count = 0;
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|_| BadAuthority)?;
            roots.add(certificate).map_err(|_| BadAuthority)?;
            count += 1;
        }
        if count == 0 {
            return Err(BadAuthority);
        }
    }
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| BadAuthority)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}
