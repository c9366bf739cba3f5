//! A deterministic simulator of phones, people, lines and a gateway, all from one seed.
//!
//! The engine, the client and the encrypted store are the product's own; the gateway is the
//! sandbox's rules in memory; time, randomness and the line are the simulator's. What it never
//! does: read a clock, start a thread, ask the OS for randomness, or keep what a report says.
//!
//! A schedule is some steps of a world ([`run`]): people write, send and take back while lines
//! fail in every way; then all heals, everything has to arrive, and all that was ever sent is
//! sent again. The first broken promise ends it, with the story in words.

mod desk;
mod dice;
mod ending;
mod fate;
mod faults;
mod ledger;
mod people;
mod phone;
mod replay;
mod story;
mod trace;
mod transport;
mod truth;
mod wire;
mod world;
mod writing;

pub use story::{Schedule, Violation};
pub use wire::Figures;

use world::World;

/// Runs the schedule of a seed.
pub fn run(seed: u64, steps: u32) -> Schedule {
    let mut world = match World::new(seed) {
        Ok(world) => world,
        Err(violation) => {
            return Schedule {
                seed,
                trace: 0,
                figures: Figures::default(),
                violation: Some(violation),
                story: Vec::new(),
            };
        }
    };
    let violation = world.live(steps).err();
    let wire = world.line.wire();
    Schedule {
        seed,
        trace: wire.trace.hash(),
        figures: wire.figures,
        violation,
        story: wire.trace.lines().to_vec(),
    }
}
