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
mod front;
mod gateways;
mod invariants;
mod late;
mod ledger;
mod news;
mod pact;
mod people;
mod phone;
mod pictures;
mod portals;
mod recount;
mod replay;
mod shrink;
mod story;
mod tap;
mod temper;
mod trace;
mod transport;
mod turns;
mod wire;
mod world;
mod writing;

pub use gateways::Gateways;
pub use shrink::shrink;
pub use story::{Chance, Plan, Schedule, Violation};
pub use wire::Figures;

use world::World;

/// A sixth of a schedule was malloc, SQLite's above all.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs the schedule of a seed.
pub fn run(seed: u64, steps: u32) -> Schedule {
    run_plan(&Plan::new(seed, steps))
}

/// Runs a schedule, or what a plan leaves of it.
pub fn run_plan(plan: &Plan) -> Schedule {
    run_with(&mut Gateways::default(), plan)
}

/// The same for somebody who runs many: the gateways serve one world after the other.
pub fn run_with(gateways: &mut Gateways, plan: &Plan) -> Schedule {
    let seed = plan.seed;
    let mut world = match World::new(plan, std::mem::take(gateways)) {
        Ok(world) => world,
        Err(violation) => {
            return Schedule {
                seed,
                trace: 0,
                figures: Figures::default(),
                violation: Some(violation),
                story: Vec::new(),
                rounds: 0,
                faults: Vec::new(),
            };
        }
    };
    let violation = world.live().err();
    let rounds = world.round;
    let mut wire = world.line.wire();
    let schedule = Schedule {
        seed,
        trace: wire.trace.hash(),
        figures: wire.figures,
        violation,
        story: wire.trace.take_lines(),
        rounds,
        faults: std::mem::take(&mut wire.happened),
    };
    drop(wire);
    *gateways = world.leave();
    schedule
}
