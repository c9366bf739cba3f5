//! Which end an error of the HTTP library is. Reads types where it can; the resolver's error has
//! none, so that one is known by its words.

use std::{error::Error, io};

use lapor_engine::api::End;
use rustls::CertificateError;

/// The end of an exchange that failed, and whether a connection was up.
pub(super) fn end_of(error: &reqwest::Error) -> (End, bool) {
    let mut dns = false;
    let mut at: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(cause) = at {
        if let Some(tls) = as_tls(cause) {
            return tls_end(tls, error.is_connect());
        }
        dns |= cause.to_string().contains("dns error");
        at = cause.source();
    }
    if error.is_connect() {
        let end = if dns { End::Dns } else { End::NoConnection };
        return (end, false);
    }
    if error.is_decode() && !is_cut(error) {
        return (End::Undecodable, true);
    }
    if error.is_timeout() {
        return (End::Stalled, true);
    }
    (End::Cut, true)
}

/// The end of a TLS handshake that failed.
pub(super) fn handshake_end(error: &io::Error) -> End {
    as_tls(error).map_or(End::NoConnection, |tls| tls_end(tls, true).0)
}

/// A certificate refused is trouble before anything was sent; an alert or a closed connection
/// after the handshake is a cut.
fn tls_end(error: &rustls::Error, connecting: bool) -> (End, bool) {
    match error {
        rustls::Error::InvalidCertificate(
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        ) => (End::CertificateDates, false),
        rustls::Error::InvalidCertificate(_) => (End::Untrusted, false),
        _ if connecting => (End::Untrusted, false),
        _ => (End::Cut, true),
    }
}

fn as_tls<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
        return Some(tls);
    }
    // Each layer wraps the one below in an `io::Error`, whose `source` steps over what it holds.
    as_tls(cause.downcast_ref::<io::Error>()?.get_ref()?)
}

/// A body that ended early reaches the decoder as an early end as well.
fn is_cut(error: &reqwest::Error) -> bool {
    let mut at: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(cause) = at {
        if let Some(io) = cause.downcast_ref::<io::Error>()
            && matches!(
                io.kind(),
                io::ErrorKind::UnexpectedEof
                    | io::ErrorKind::ConnectionReset
                    | io::ErrorKind::ConnectionAborted
            )
        {
            return true;
        }
        at = cause.source();
    }
    false
}
