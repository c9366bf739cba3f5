//! TLS for tests: an authority made on the spot, which no machine trusts by itself, or a certificate
//! that somebody brings.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The file that a client is told to trust, in the folder that the command line names.
pub(crate) const AUTHORITY_FILE: &str = "ca.pem";

/// How the gateway proves who it is.
#[derive(Debug)]
pub(crate) enum Secured {
    /// Where `ca.pem` is written, and whether the certificate is out of date.
    OnTheSpot { folder: PathBuf, expired: bool },
    /// PEM files.
    Given { chain: PathBuf, key: PathBuf },
}

impl Secured {
    pub(crate) fn acceptor(&self) -> anyhow::Result<TlsAcceptor> {
        match self {
            Self::OnTheSpot { folder, expired } => on_the_spot(folder, *expired),
            Self::Given { chain, key } => {
                let certificates = CertificateDer::pem_file_iter(chain)
                    .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                    .with_context(|| format!("cannot read certificates in {}", chain.display()))?;
                let key = PrivateKeyDer::from_pem_file(key)
                    .with_context(|| format!("cannot read a key in {}", key.display()))?;
                speaking(certificates, key)
            }
        }
    }
}

/// Makes an authority and a certificate for loopback, and writes the authority's own to
/// `folder/ca.pem`. Keys stay in memory: the next start makes new ones. An `expired` certificate
/// was valid in 2020 only, as every one seems to be to a phone whose clock is far off.
fn on_the_spot(folder: &Path, expired: bool) -> anyhow::Result<TlsAcceptor> {
    let authority_key = KeyPair::generate()?;
    let mut authority = CertificateParams::default();
    authority
        .distinguished_name
        .push(DnType::CommonName, "LAPOR sandbox test authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    // Good for any day that a phone's clock may say, from the first one on.
    authority.not_before = date_time_ymd(1970, 1, 1);
    let authority_certificate = authority.self_signed(&authority_key)?;

    let key = KeyPair::generate()?;
    let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let mut own = CertificateParams::new(names)?;
    own.distinguished_name
        .push(DnType::CommonName, "LAPOR sandbox");
    own.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    own.not_before = date_time_ymd(1970, 1, 1);
    if expired {
        own.not_before = date_time_ymd(2020, 1, 1);
        own.not_after = date_time_ymd(2020, 12, 31);
    }
    let certificate = own.signed_by(&key, &Issuer::new(authority, authority_key))?;

    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let file = folder.join(AUTHORITY_FILE);
    std::fs::write(&file, authority_certificate.pem())
        .with_context(|| format!("cannot write {}", file.display()))?;

    let private = PrivateKeyDer::try_from(key.serialize_der())
        .map_err(|_| anyhow::anyhow!("the key made on the spot is not a key"))?;
    speaking(vec![certificate.der().clone()], private)
}

fn speaking(
    certificates: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> anyhow::Result<TlsAcceptor> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(certificates, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
