//! Phones, a gateway and a clock that jumps from event to event.

use std::{cmp::Reverse, collections::BinaryHeap};

use crate::{
    dice::Dice,
    gateway::{Fate, Gateway, Ms, Trouble},
    phone::{Next, Phone, Policy},
    scenario::Scenario,
};

/// One way on the line.
const HALF_TRIP: Ms = 50;
/// One bucket of the figures.
pub(crate) const BUCKET: Ms = 10_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// The person submits: the phone begins.
    Submits,
    /// The phone's own time has come, of this count of plans.
    Wakes(u32),
    /// The request is at the gateway.
    Arrives,
    /// The answer is at the phone.
    Hears(Heard),
    NetworkComes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Heard {
    Refused,
    Busy(Option<u32>, bool),
    Answered,
}

/// What was seen in one run of one policy.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// Requests that reached the front end, in each bucket from time 0.
    pub(crate) requests: Vec<u64>,
    /// Of them, answered (not refused).
    pub(crate) answered: Vec<u64>,
    /// When each report arrived.
    pub(crate) arrived: Vec<Ms>,
    /// Requests refused from the heal on.
    pub(crate) refused_after: u64,
    pub(crate) events: u64,
}

pub(crate) struct World<'a> {
    scenario: &'a Scenario,
    gateway: Gateway,
    phones: Vec<Option<Phone>>,
    /// A plan made later makes an earlier wake void.
    plans: Vec<u32>,
    /// A request is under way: whatever comes meanwhile is looked at when its answer is there.
    asking: Vec<bool>,
    queue: BinaryHeap<Reverse<(Ms, u64, u32, Event)>>,
    number: u64,
    policy: Policy,
    dice: Dice,
    seen: Seen,
}

impl<'a> World<'a> {
    pub(crate) fn new(scenario: &'a Scenario, policy: Policy, seed: u64) -> Self {
        let mut dice = Dice(seed);
        let phones = scenario.phones;
        let mut world = Self {
            scenario,
            gateway: Gateway::new(scenario.capacity, scenario.hint),
            phones: (0..phones).map(|_| None).collect(),
            plans: vec![0; phones as usize],
            asking: vec![false; phones as usize],
            queue: BinaryHeap::new(),
            number: 0,
            policy,
            dice: Dice(0),
            seen: Seen::default(),
        };
        for phone in 0..phones {
            let (from, until) = scenario.submits;
            world.at(from + dice.below(until - from), phone, Event::Submits);
            if let Some((from, within)) = scenario.network_comes {
                world.at(from + dice.below(within), phone, Event::NetworkComes);
            }
        }
        world.dice = dice;
        world
    }

    fn at(&mut self, when: Ms, phone: u32, event: Event) {
        self.number += 1;
        self.queue.push(Reverse((when, self.number, phone, event)));
    }

    /// Until everything is quiet or the scenario's end.
    pub(crate) fn run(mut self) -> Seen {
        while let Some(Reverse((now, _, phone, event))) = self.queue.pop() {
            if now > self.scenario.end {
                break;
            }
            self.seen.events += 1;
            self.happens(now, phone, event);
        }
        self.seen.arrived.sort_unstable();
        self.seen
    }

    fn happens(&mut self, now: Ms, number: u32, event: Event) {
        let index = number as usize;
        if event == Event::Submits {
            let network = self
                .scenario
                .network_comes
                .is_none_or(|(from, _)| now > from + 1_000);
            if let Some(place) = self.phones.get_mut(index) {
                *place = Some(Phone::new(self.policy, network, now, &mut self.dice));
            }
            return self.plan(now, number);
        }
        let Some(Some(phone)) = self.phones.get_mut(index) else {
            return;
        };
        match event {
            Event::Submits => {}
            Event::Wakes(plan) => {
                if self.plans.get(index) == Some(&plan) {
                    self.plan(now, number);
                }
            }
            Event::NetworkComes => {
                phone.network_came(now);
                if self.asking.get(index) == Some(&false) {
                    self.plan(now, number);
                }
            }
            Event::Arrives => {
                let trouble = self.scenario.trouble(now);
                let fate = self.gateway.asked(now, trouble);
                self.count(now, trouble, fate);
                let (when, heard) = match fate {
                    Fate::Refused => (now, Heard::Refused),
                    Fate::Busy {
                        retry_after,
                        marked,
                    } => (now, Heard::Busy(retry_after, marked)),
                    Fate::Answered { at } => (at, Heard::Answered),
                };
                self.at(when + HALF_TRIP, number, Event::Hears(heard));
            }
            Event::Hears(heard) => {
                let fate = match heard {
                    Heard::Refused => Fate::Refused,
                    Heard::Busy(retry_after, marked) => Fate::Busy {
                        retry_after,
                        marked,
                    },
                    Heard::Answered => Fate::Answered { at: now },
                };
                if let Some(asking) = self.asking.get_mut(index) {
                    *asking = false;
                }
                if phone.heard(now, fate) {
                    self.seen.arrived.push(now);
                }
                self.plan(now, number);
            }
        }
    }

    /// Asks the phone what it does next.
    fn plan(&mut self, now: Ms, number: u32) {
        let index = number as usize;
        let (Some(Some(phone)), Some(plan)) =
            (self.phones.get_mut(index), self.plans.get_mut(index))
        else {
            return;
        };
        *plan += 1;
        let next = phone.next(now);
        if let (Next::Ask, Some(asking)) = (&next, self.asking.get_mut(index)) {
            *asking = true;
        }
        match next {
            Next::Ask if phone.has_network() => self.at(now + HALF_TRIP, number, Event::Arrives),
            // No network: it fails at once, and nobody else notices.
            Next::Ask => self.at(now, number, Event::Hears(Heard::Refused)),
            Next::Wait(wait) => {
                let plan = *plan;
                self.at(now + wait, number, Event::Wakes(plan));
            }
            Next::Done => {
                if let Some(place) = self.phones.get_mut(index) {
                    *place = None;
                }
            }
        }
    }

    fn count(&mut self, now: Ms, trouble: Trouble, fate: Fate) {
        let bucket = usize::try_from(now / BUCKET).unwrap_or(usize::MAX);
        if self.seen.requests.len() <= bucket {
            self.seen.requests.resize(bucket + 1, 0);
            self.seen.answered.resize(bucket + 1, 0);
        }
        if let Some(count) = self.seen.requests.get_mut(bucket) {
            *count += 1;
        }
        if let Fate::Answered { .. } = fate {
            if let Some(count) = self.seen.answered.get_mut(bucket) {
                *count += 1;
            }
        } else if trouble == Trouble::None && now >= self.scenario.heal {
            self.seen.refused_after += 1;
        }
    }
}
