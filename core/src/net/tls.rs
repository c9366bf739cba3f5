use std::{sync::Arc, time::Duration};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, UnixTime, pem::PemObject},
    time_provider::TimeProvider,
};

use super::WallTime;

#[cfg(test)]
mod tests;

/// The phone's clock, for the dates of certificates: the same one as everything else goes by, so
/// that what is said of a wrong clock is true.
struct PhoneTime(WallTime);

impl std::fmt::Debug for PhoneTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PhoneTime")
    }
}

impl TimeProvider for PhoneTime {
    /// A clock before 1970 counts as 1970: too early for any certificate, and said so.
    fn current_time(&self) -> Option<UnixTime> {
        let ms = u64::try_from((self.0)().0).unwrap_or(0);
        Some(UnixTime::since_unix_epoch(Duration::from_millis(ms)))
    }
}

/// An extra root certificate that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the extra root certificate cannot be read; it must be one or more certificates in PEM form"
)]
pub struct BadAuthority;

/// TLS 1.2 and 1.3 by rustls and ring, the web's roots compiled in. `authority` (PEM) adds roots:
/// for QA, and for a ministry with an authority of its own.
pub(super) fn config(
    authority: Option<&[u8]>,
    time: WallTime,
) -> Result<ClientConfig, BadAuthority> {
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
    let config = ClientConfig::builder_with_details(provider, Arc::new(PhoneTime(time)))
        .with_safe_default_protocol_versions()
        .map_err(|_| BadAuthority)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}
