//! Requests of the contract, from what the engine wants to what goes on the line.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    calendar::Instant,
    report::{EventKey, ReportKey, TrackingId},
};

#[cfg(test)]
mod tests;

pub const CONTRACT_VERSION: u32 = 1;
const APP_VERSION: &str = env!("CARGO_PKG_VERSION");

/// A token or password: never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: String) -> Self {
        Self(text)
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Head,
    Put,
    Post,
    Patch,
    Delete,
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// One thing to ask of the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Is the service there? Asked while the line is in doubt, so that no report is marked as
    /// perhaps sent by an attempt that could not reach anybody.
    Probe,
    SignIn {
        user: String,
        password: Secret,
    },
    Refresh {
        refresh_token: Secret,
    },
    SignOut,
    Create {
        key: ReportKey,
        body: Vec<u8>,
        prior_tracking_id: Option<TrackingId>,
    },
    Withdraw {
        key: ReportKey,
    },
    Event {
        key: ReportKey,
        event_key: EventKey,
        body: Vec<u8>,
    },
    /// The server's copy: which attachments it has, where it wants the others.
    Fetch {
        key: ReportKey,
    },
    Changes {
        after: Option<String>,
    },
    Known {
        keys: Vec<ReportKey>,
    },
    UploadOffset {
        url: String,
    },
    /// `length` bytes of attachment `attachment` (the store's number) from `offset` on.
    UploadChunk {
        url: String,
        attachment: i64,
        offset: u64,
        length: u64,
    },
}

/// What tells a gateway's answer from anybody else's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// `Lapor-Contract` and the echo of the nonce.
    Mark,
    /// `Tus-Resumable`: an upload may live on another host.
    Tus,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    None,
    Bytes(Vec<u8>),
    /// Streamed from the store.
    Attachment {
        attachment: i64,
        offset: u64,
        length: u64,
    },
}

impl Body {
    pub fn len(&self) -> u64 {
        match self {
            Self::None => 0,
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Attachment { length, .. } => *length,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A request as it goes on the line.
#[derive(Clone, PartialEq, Eq)]
pub struct WireRequest {
    pub method: Method,
    pub url: Url,
    pub headers: Vec<(&'static str, String)>,
    pub body: Body,
    pub nonce: String,
    pub proof: Proof,
    /// An answer larger than this is cut off and counts as none, bytes.
    pub answer_limit: u64,
}

impl fmt::Debug for WireRequest {
    /// Method only: a URL can be a capability, headers hold tokens, bodies what people wrote.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WireRequest({} ..)", self.method.as_str())
    }
}

/// What a request needs besides its action.
#[derive(Debug, Clone)]
pub struct RequestContext<'a> {
    /// `https://host/` with or without a path; `v1/...` is resolved below it.
    pub base: &'a Url,
    pub token: Option<&'a Secret>,
    /// 12 fresh random bytes.
    pub nonce: [u8; 12],
    /// Seconds by which the phone's clock is ahead of the server's, when known.
    pub skew: Option<i64>,
}

/// An action that cannot be put on the line: its address is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the gateway gave an upload address that is none")]
pub struct BadAddress;

/// The request of an action.
pub fn request(action: &Action, context: &RequestContext<'_>) -> Result<WireRequest, BadAddress> {
    let nonce: String = context
        .nonce
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let at = |path: &str| api_url(context.base, path);
    let json = |bytes: Vec<u8>| Body::Bytes(bytes);
    let (method, url, body) = match action {
        Action::Probe => (Method::Get, at("v1/meta")?, Body::None),
        Action::SignIn { user, password } => {
            let body = serde_json::json!({ "user": user, "password": password.reveal() });
            (
                Method::Post,
                at("v1/session")?,
                json(body.to_string().into_bytes()),
            )
        }
        Action::Refresh { refresh_token } => {
            let body = serde_json::json!({ "refresh_token": refresh_token.reveal() });
            (
                Method::Post,
                at("v1/session/refresh")?,
                json(body.to_string().into_bytes()),
            )
        }
        Action::SignOut => (Method::Delete, at("v1/session")?, Body::None),
        Action::Create { key, body, .. } => (
            Method::Put,
            at(&format!("v1/reports/{key}"))?,
            json(body.clone()),
        ),
        Action::Withdraw { key } => (
            Method::Delete,
            at(&format!("v1/reports/{key}"))?,
            Body::None,
        ),
        Action::Event {
            key,
            event_key,
            body,
        } => (
            Method::Put,
            at(&format!("v1/reports/{key}/events/{event_key}"))?,
            json(body.clone()),
        ),
        Action::Fetch { key } => (Method::Get, at(&format!("v1/reports/{key}"))?, Body::None),
        Action::Changes { after } => {
            let mut url = at("v1/changes")?;
            if let Some(after) = after {
                url.query_pairs_mut().append_pair("after", after);
            }
            (Method::Get, url, Body::None)
        }
        Action::Known { keys } => {
            let body = serde_json::json!({ "keys": keys });
            (
                Method::Post,
                at("v1/reports/known")?,
                json(body.to_string().into_bytes()),
            )
        }
        Action::UploadOffset { url } => (Method::Head, upload_url(context.base, url)?, Body::None),
        Action::UploadChunk {
            url,
            attachment,
            offset,
            length,
        } => {
            let body = Body::Attachment {
                attachment: *attachment,
                offset: *offset,
                length: *length,
            };
            (Method::Patch, upload_url(context.base, url)?, body)
        }
    };
    let proof = match action {
        Action::UploadOffset { .. } | Action::UploadChunk { .. } => Proof::Tus,
        _ => Proof::Mark,
    };
    let headers = headers(action, proof, context, &nonce, &body);
    Ok(WireRequest {
        method,
        url,
        headers,
        body,
        nonce,
        proof,
        answer_limit: answer_limit(action),
    })
}

fn headers(
    action: &Action,
    proof: Proof,
    context: &RequestContext<'_>,
    nonce: &str,
    body: &Body,
) -> Vec<(&'static str, String)> {
    let mut headers = Vec::new();
    if proof == Proof::Tus {
        headers.push(("tus-resumable", "1.0.0".to_owned()));
        if let Action::UploadChunk { offset, .. } = action {
            headers.push(("upload-offset", offset.to_string()));
            headers.push(("content-type", "application/offset+octet-stream".to_owned()));
        }
        return headers;
    }
    headers.push(("lapor-contract", CONTRACT_VERSION.to_string()));
    headers.push(("lapor-request", nonce.to_owned()));
    headers.push(("lapor-app", APP_VERSION.to_owned()));
    if let Some(skew) = context.skew {
        headers.push(("lapor-skew", skew.to_string()));
    }
    if let Action::Create {
        prior_tracking_id: Some(prior),
        ..
    } = action
    {
        headers.push(("lapor-prior-tracking-id", prior.0.clone()));
    }
    // Without a token it looks like anybody's to a cache, and the answer to another's nonce is none.
    if matches!(action, Action::Probe) {
        headers.push(("cache-control", "no-cache, no-store".to_owned()));
    }
    let open = matches!(
        action,
        Action::Probe | Action::SignIn { .. } | Action::Refresh { .. }
    );
    if let (false, Some(token)) = (open, context.token) {
        headers.push(("authorization", format!("Bearer {}", token.reveal())));
    }
    if !body.is_empty() {
        headers.push(("content-type", "application/json".to_owned()));
    }
    headers
}

fn answer_limit(action: &Action) -> u64 {
    const KIB: u64 = 1024;
    match action {
        // 100 items a page.
        Action::Changes { .. } => 1024 * KIB,
        // The report with both texts and its events.
        Action::Fetch { .. } => 1024 * KIB,
        _ => 64 * KIB,
    }
}

fn api_url(base: &Url, path: &str) -> Result<Url, BadAddress> {
    let mut url = base.clone();
    let prefix = base.path().trim_end_matches('/');
    url.set_path(&format!("{prefix}/{path}"));
    url.set_query(None);
    url.set_fragment(None);
    if url.cannot_be_a_base() {
        Err(BadAddress)
    } else {
        Ok(url)
    }
}

/// Uploads may live on another host, but never on a weaker line than the gateway itself.
fn upload_url(base: &Url, reference: &str) -> Result<Url, BadAddress> {
    let url = base.join(reference).map_err(|_| BadAddress)?;
    let as_safe =
        url.scheme() == "https" || (url.scheme() == base.scheme() && url.host() == base.host());
    let plain = url.username().is_empty() && url.password().is_none() && url.has_host();
    if as_safe && plain {
        Ok(url)
    } else {
        Err(BadAddress)
    }
}

/// Seconds by which `phone` is ahead of the server's `Date`.
pub fn skew_seconds(phone: Instant, server: Instant) -> i64 {
    phone.0.saturating_sub(server.0) / 1000
}
