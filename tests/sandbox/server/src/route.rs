//! The names by which switches and the journal speak of requests.

use hyper::Method;
use serde::{Deserialize, Serialize};

/// One kind of call of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Route {
    Meta,
    Session,
    Refresh,
    Create,
    Withdraw,
    Report,
    Event,
    Changes,
    Known,
    UploadHead,
    UploadPatch,
    /// Anything else: the gateway answers 404 or 405.
    Other,
}

impl Route {
    pub(crate) const ALL: [Self; 12] = [
        Self::Meta,
        Self::Session,
        Self::Refresh,
        Self::Create,
        Self::Withdraw,
        Self::Report,
        Self::Event,
        Self::Changes,
        Self::Known,
        Self::UploadHead,
        Self::UploadPatch,
        Self::Other,
    ];

    pub(crate) fn of(method: &Method, path: &str) -> Self {
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match (method.as_str(), parts.as_slice()) {
            ("GET", ["v1", "meta"]) => Self::Meta,
            ("POST" | "DELETE", ["v1", "session"]) => Self::Session,
            ("POST", ["v1", "session", "refresh"]) => Self::Refresh,
            ("POST", ["v1", "reports", "known"]) => Self::Known,
            ("PUT", ["v1", "reports", _]) => Self::Create,
            ("DELETE", ["v1", "reports", _]) => Self::Withdraw,
            ("GET", ["v1", "reports", _]) => Self::Report,
            ("PUT", ["v1", "reports", _, "events", _]) => Self::Event,
            ("GET", ["v1", "changes"]) => Self::Changes,
            ("HEAD", ["v1", "uploads", _]) => Self::UploadHead,
            ("PATCH", ["v1", "uploads", _]) => Self::UploadPatch,
            _ => Self::Other,
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Session => "session",
            Self::Refresh => "refresh",
            Self::Create => "create",
            Self::Withdraw => "withdraw",
            Self::Report => "report",
            Self::Event => "event",
            Self::Changes => "changes",
            Self::Known => "known",
            Self::UploadHead => "upload_head",
            Self::UploadPatch => "upload_patch",
            Self::Other => "other",
        }
    }
}

/// Which requests a switch is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) enum Routes {
    All,
    One(Route),
}

impl Routes {
    pub(crate) fn hold(self, route: Route) -> bool {
        match self {
            Self::All => true,
            Self::One(one) => one == route,
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::All => "*",
            Self::One(route) => route.as_str(),
        }
    }
}

/// No route has that name.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown route")]
pub(crate) struct UnknownRoute;

impl TryFrom<String> for Routes {
    type Error = UnknownRoute;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        if name == "*" {
            return Ok(Self::All);
        }
        Route::ALL
            .into_iter()
            .find(|route| route.as_str() == name)
            .map(Self::One)
            .ok_or(UnknownRoute)
    }
}

impl From<Routes> for String {
    fn from(routes: Routes) -> Self {
        routes.as_str().to_owned()
    }
}
