//! Fault switches: what a bad network or a bad server does to the requests of a route.
//!
//! A switch either ends an exchange in its own way (a cut, a lost answer, a portal, ...) or only
//! makes the line slow. Of the ending ones the first in the list that is still live is applied,
//! so that a list reads as a story: "twice 503, then lose an answer". Slow lines add to any.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::route::{Route, Routes};

/// One switch as it is set. Everything but `route` may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    pub(crate) route: Routes,
    /// Applied to so many requests; without it until cleared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) times: Option<u64>,
    /// So many requests of the route pass before it is applied.
    #[serde(default)]
    pub(crate) after: u64,
    /// Waits before the request is looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) latency_ms: Option<u64>,
    /// Bytes a second, each way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bandwidth: Option<u64>,
    /// Reads so many bytes of the request's body, then ends the connection. What was read is
    /// processed: kept of an upload, dropped of a JSON body that is not whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cut_request_after: Option<u64>,
    /// Lets so many bytes of the answer out, head included, then ends the connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cut_answer_after: Option<u64>,
    /// Does what was asked, then ends the connection without a byte.
    #[serde(default)]
    pub(crate) lose_answer: bool,
    /// Answers with this status, 400 to 599.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    /// Seconds in `Retry-After`, with `status`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retry_after: Option<u32>,
    /// With `status`: a problem of the contract (default), or the page of some front end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) marked: Option<bool>,
    /// With `status` and marks: the problem's code, when not the usual one of the status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    /// 200 with the page of a public wifi, without the contract's marks.
    #[serde(default)]
    pub(crate) portal: bool,
    /// The true answer, called `text/html`.
    #[serde(default)]
    pub(crate) wrong_content_type: bool,
    /// The true answer, compressed and half of it left out.
    #[serde(default)]
    pub(crate) truncated_gzip: bool,
    /// 200 with random bytes.
    #[serde(default)]
    pub(crate) garbage: bool,
    /// Never answers; the connection ends after 120 s.
    #[serde(default)]
    pub(crate) stall: bool,
    /// The gateway loses the upload before it looks at the request: 404.
    #[serde(default)]
    pub(crate) upload_forgotten: bool,
    /// A cut is an RST instead of a FIN.
    #[serde(default)]
    pub(crate) reset: bool,
    /// `status`, `portal`, `garbage` and `stall` come after the gateway did what was asked.
    #[serde(default)]
    pub(crate) commit: bool,
}

/// Why a switch cannot be set.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FaultError {
    #[error("the switch for {route} does nothing: name one of the faults")]
    Nothing { route: &'static str },
    #[error("the switch for {route} ends an exchange in {count} ways: one is possible")]
    Several { route: &'static str, count: usize },
    #[error("status {status} is no error: 400 to 599")]
    Status { status: u16 },
    #[error("a bandwidth of 0 would never end: use stall")]
    NoBandwidth,
}

impl Fault {
    /// A switch that does nothing yet.
    pub(crate) const fn new(route: Routes) -> Self {
        Self {
            route,
            times: None,
            after: 0,
            latency_ms: None,
            bandwidth: None,
            cut_request_after: None,
            cut_answer_after: None,
            lose_answer: false,
            status: None,
            retry_after: None,
            marked: None,
            code: None,
            portal: false,
            wrong_content_type: false,
            truncated_gzip: false,
            garbage: false,
            stall: false,
            upload_forgotten: false,
            reset: false,
            commit: false,
        }
    }

    pub(crate) fn check(&self) -> Result<(), FaultError> {
        let route = self.route.as_str();
        let count = self.endings().len();
        if count > 1 {
            return Err(FaultError::Several { route, count });
        }
        if self.words().is_empty() {
            return Err(FaultError::Nothing { route });
        }
        if let Some(status) = self.status
            && !(400..=599).contains(&status)
        {
            return Err(FaultError::Status { status });
        }
        if self.bandwidth == Some(0) {
            return Err(FaultError::NoBandwidth);
        }
        Ok(())
    }

    /// The ways in which it ends an exchange, as words for the journal; at most one when checked.
    pub(crate) fn endings(&self) -> Vec<String> {
        let mut words = Vec::new();
        if let Some(bytes) = self.cut_request_after {
            words.push(format!("cut_request_after {bytes}"));
        }
        if let Some(bytes) = self.cut_answer_after {
            words.push(format!("cut_answer_after {bytes}"));
        }
        if let Some(status) = self.status {
            let marks = if self.marked == Some(false) {
                " unmarked"
            } else {
                ""
            };
            words.push(format!("status {status}{marks}"));
        }
        for (on, word) in [
            (self.lose_answer, "lose_answer"),
            (self.portal, "portal"),
            (self.wrong_content_type, "wrong_content_type"),
            (self.truncated_gzip, "truncated_gzip"),
            (self.garbage, "garbage"),
            (self.stall, "stall"),
            (self.upload_forgotten, "upload_forgotten"),
        ] {
            if on {
                words.push(word.to_owned());
            }
        }
        words
    }

    /// Everything it does, as words.
    pub(crate) fn words(&self) -> Vec<String> {
        let mut words = self.endings();
        if let Some(millis) = self.latency_ms {
            words.push(format!("latency {millis} ms"));
        }
        if let Some(rate) = self.bandwidth {
            words.push(format!("bandwidth {rate} B/s"));
        }
        words
    }

    fn ends_exchanges(&self) -> bool {
        !self.endings().is_empty()
    }
}

/// A switch in the list, with what it has seen.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Switch {
    pub(crate) id: u64,
    #[serde(flatten)]
    pub(crate) fault: Fault,
    /// Requests of the route since it was set.
    pub(crate) seen: u64,
    pub(crate) applied: u64,
}

impl Switch {
    pub(crate) fn live(&self) -> bool {
        self.fault.times.is_none_or(|times| self.applied < times)
    }
}

/// What the switches say about one request.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) latency_ms: u64,
    pub(crate) bandwidth: Option<u64>,
    pub(crate) ending: Option<Fault>,
    pub(crate) words: Vec<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Faults {
    list: Mutex<List>,
}

#[derive(Debug, Default)]
struct List {
    last_id: u64,
    switches: Vec<Switch>,
}

impl Faults {
    /// Adds a switch at the end of the list.
    pub(crate) fn add(&self, fault: Fault) -> Result<(), FaultError> {
        fault.check()?;
        self.list().push(fault);
        Ok(())
    }

    /// Sets the whole list, or nothing of it.
    pub(crate) fn replace(&self, faults: Vec<Fault>) -> Result<(), FaultError> {
        for fault in &faults {
            fault.check()?;
        }
        let mut list = self.list();
        list.switches.clear();
        for fault in faults {
            list.push(fault);
        }
        Ok(())
    }

    pub(crate) fn clear(&self) {
        self.list().switches.clear();
    }

    /// Whether there was one of that number.
    pub(crate) fn remove(&self, id: u64) -> bool {
        let mut list = self.list();
        let before = list.switches.len();
        list.switches.retain(|switch| switch.id != id);
        list.switches.len() < before
    }

    pub(crate) fn switches(&self) -> Vec<Switch> {
        self.list().switches.clone()
    }

    /// Counts a request of the route and says what happens to it.
    pub(crate) fn plan(&self, route: Route) -> Plan {
        let mut plan = Plan::default();
        for switch in &mut self.list().switches {
            if !switch.fault.route.hold(route) {
                continue;
            }
            switch.seen += 1;
            if switch.seen <= switch.fault.after || !switch.live() {
                continue;
            }
            let ending = switch.fault.ends_exchanges();
            if ending && plan.ending.is_some() {
                continue;
            }
            switch.applied += 1;
            plan.latency_ms += switch.fault.latency_ms.unwrap_or(0);
            // The narrowest part is what a line carries.
            plan.bandwidth = match (plan.bandwidth, switch.fault.bandwidth) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
            plan.words.extend(switch.fault.words());
            if ending {
                plan.ending = Some(switch.fault.clone());
            }
        }
        plan
    }

    fn list(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl List {
    fn push(&mut self, fault: Fault) {
        self.last_id += 1;
        self.switches.push(Switch {
            id: self.last_id,
            fault,
            seen: 0,
            applied: 0,
        });
    }
}

#[cfg(test)]
mod tests;
