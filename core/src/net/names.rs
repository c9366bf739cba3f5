//! Names of hosts, asked for once for the connections of words and of pictures: each question is a
//! round trip, and on a bad line one more packet that can be lost.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::time::Instant;

use super::upload::UploadLine;

#[cfg(test)]
mod tests;

/// An answer is good for so long: connections to one place are begun within seconds of each other,
/// and a gateway that moves keeps its old address longer than this.
const GOOD_FOR: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub(super) struct Names(Mutex<Option<Answer>>);

#[derive(Debug)]
struct Answer {
    host: String,
    addresses: Vec<IpAddr>,
    since: Instant,
}

impl Names {
    /// The addresses of a host, as the system gives them or gave them a moment ago.
    pub(super) async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        if let Some(known) = self.known(host, Instant::now()) {
            return Ok(known);
        }
        let found = tokio::net::lookup_host((host, 0)).await?;
        let addresses: Vec<IpAddr> = found.map(|address| address.ip()).collect();
        *self.answer() = Some(Answer {
            host: host.to_owned(),
            addresses: addresses.clone(),
            since: Instant::now(),
        });
        Ok(addresses)
    }

    fn known(&self, host: &str, now: Instant) -> Option<Vec<IpAddr>> {
        self.answer()
            .as_ref()
            .filter(|known| known.host == host && now.duration_since(known.since) < GOOD_FOR)
            .map(|known| known.addresses.clone())
    }

    /// What was reached there was not what was wanted, or nothing: a portal answers for every name.
    pub(super) fn forget(&self) {
        *self.answer() = None;
    }

    fn answer(&self) -> MutexGuard<'_, Option<Answer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How words find their host. Where pictures will follow them, it is also the moment to begin their
/// connection.
pub(super) struct WordsResolver {
    pub(super) names: Arc<Names>,
    pub(super) uploads: Arc<UploadLine>,
}

impl Resolve for WordsResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, uploads) = (Arc::clone(&self.names), Arc::clone(&self.uploads));
        Box::pin(async move {
            let addresses = names.addresses(name.as_str()).await?;
            uploads.reach(name.as_str());
            // The port is the URL's, put in by the one who asked.
            let all: Addrs = Box::new(
                addresses
                    .into_iter()
                    .map(|address| SocketAddr::new(address, 0)),
            );
            Ok(all)
        })
    }
}
