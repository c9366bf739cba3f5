use std::net::IpAddr;

use url::{Host, Url};

#[cfg(test)]
mod tests;

/// The address of a gateway that this app may talk to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayUrl(Url);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadGateway {
    #[error("the gateway's address is not a URL; write it like https://host/")]
    NotAUrl,
    #[error("the gateway's address must begin with https://")]
    NotHttps,
    #[error("plain http goes to this machine only; use https://")]
    PlainHttp,
    #[error("the gateway's address must not hold a user name or password")]
    HoldsCredentials,
}

impl GatewayUrl {
    /// `allow_plain_http` is a debug setting: it lets plain HTTP leave this machine.
    pub fn parse(text: &str, allow_plain_http: bool) -> Result<Self, BadGateway> {
        let url = Url::parse(text.trim()).map_err(|_| BadGateway::NotAUrl)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadGateway::HoldsCredentials);
        }
        match url.scheme() {
            "https" if url.has_host() => Ok(Self(url)),
            "http" if allow_plain_http || is_loopback(&url) => Ok(Self(url)),
            "http" => Err(BadGateway::PlainHttp),
            _ => Err(BadGateway::NotHttps),
        }
    }

    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// Whose the sessions are that it gives: scheme, host and port. On this machine any port: a gateway for
    /// development takes another with each start, and nobody else answers there.
    pub fn issuer(&self) -> String {
        match self.0.host() {
            Some(host) if is_loopback(&self.0) => format!("{}://{host}", self.0.scheme()),
            _ => self.0.origin().ascii_serialization(),
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => false,
    }
}
