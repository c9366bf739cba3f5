//! Names of hosts, asked for once for the connections of words and of pictures: each question is a
//! round trip, and on a bad line one more packet that can be lost.

use std::{
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::{
    task::JoinSet,
    time::{Instant, timeout},
};

use super::upload::UploadLine;

#[cfg(test)]
mod tests;

/// An answer is good for so long: connections to one place are begun within seconds of each other,
/// and a gateway that moves keeps its old address longer than this.
const GOOD_FOR: Duration = Duration::from_secs(60);

/// Nothing having come for so long, the system is asked again, beside the first question: a lost
/// packet of a name would cost the five seconds after which resolvers ask again by themselves, and of
/// four packets on a line that loses 3.5 % one is lost in every eighth start. Longer than a round trip
/// of rural 2G, so that a line that is only slow is not asked twice.
const AGAIN: Duration = Duration::from_secs(2);
/// More questions than this would say that the line is dead, not that a packet was lost.
const QUESTIONS: u32 = 3;

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
        let host_and_port = (host.to_owned(), 0);
        let addresses = asked(AGAIN, move || lookup(host_and_port.clone())).await?;
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

async fn lookup(host: (String, u16)) -> io::Result<Vec<IpAddr>> {
    let found = tokio::net::lookup_host(host).await?;
    Ok(found.map(|address| address.ip()).collect())
}

/// The first answer, whatever it says, to questions that are `again` apart.
async fn asked<F>(again: Duration, question: impl Fn() -> F) -> io::Result<Vec<IpAddr>>
where
    F: Future<Output = io::Result<Vec<IpAddr>>> + Send + 'static,
{
    let mut questions = JoinSet::new();
    for _ in 1..QUESTIONS {
        questions.spawn(question());
        if let Ok(Some(answer)) = timeout(again, questions.join_next()).await {
            return answer?;
        }
    }
    questions.spawn(question());
    match questions.join_next().await {
        Some(answer) => answer?,
        None => Err(io::ErrorKind::NotFound.into()),
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
