//! What happens to a fleet, and what it may cost.

use crate::gateway::{Hint, Ms, Trouble};

const SECOND: Ms = 1_000;
const MINUTE: Ms = 60 * SECOND;
const OUTAGE: Ms = 30 * MINUTE;

/// One thing that happens to all phones. Times are virtual milliseconds from 0.
#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) phones: u32,
    /// Requests a second.
    pub(crate) capacity: f64,
    pub(crate) hint: Hint,
    /// Each phone's person submits one report between these.
    pub(crate) submits: (Ms, Ms),
    /// No phone has a network before the first; all get it within the second.
    pub(crate) network_comes: Option<(Ms, Ms)>,
    outage: Trouble,
    /// From here on nothing stands in the way.
    pub(crate) heal: Ms,
    pub(crate) end: Ms,
    /// Offered load instead of an outage: goodput is what counts.
    pub(crate) overload: bool,
    /// The gateway does what the contract asks of it: the limits hold. Else it is only shown.
    pub(crate) binding: bool,
}

impl Scenario {
    pub(crate) fn trouble(&self, now: Ms) -> Trouble {
        if now < self.heal && !self.overload {
            self.outage
        } else {
            Trouble::None
        }
    }

    pub(crate) fn all(phones: u32) -> Vec<Self> {
        let fleet = f64::from(phones);
        let outage = |name, title, outage| Self {
            name,
            title,
            phones,
            // Every phone needs two or three requests; the whole backlog is a minute's work.
            capacity: fleet / 20.0,
            hint: Hint::FollowsLoad,
            submits: (0, OUTAGE),
            network_comes: None,
            outage,
            heal: OUTAGE,
            end: OUTAGE + 60 * MINUTE,
            overload: false,
            binding: true,
        };
        let regional = Self {
            network_comes: Some((OUTAGE, SECOND)),
            ..outage(
                "regional",
                "all phones get network within one second",
                Trouble::None,
            )
        };
        let overload = Self {
            // One request a report, over ten minutes, is twice this.
            capacity: fleet / 1_200.0,
            submits: (0, 10 * MINUTE),
            heal: 0,
            end: 10 * MINUTE,
            overload: true,
            ..outage("overload", "steadily twice the capacity", Trouble::None)
        };
        let constant = Self {
            name: "overload-5s",
            title: "steadily twice the capacity, and every refusal says 5 s",
            hint: Hint::Always(5),
            binding: false,
            ..overload.clone()
        };
        vec![
            outage(
                "outage",
                "the gateway is gone for 30 minutes (503)",
                Trouble::FrontEnd,
            ),
            outage(
                "outage-refused",
                "the gateway is gone for 30 minutes (nobody listens)",
                Trouble::Dead,
            ),
            regional,
            overload,
            constant,
        ]
    }
}
