//! What stories over real processes are made of: a gateway, a line that can fail, phones, photos.
//!
//! Everything runs as its own process on loopback and free ports; a dropped handle ends its
//! process by its id. No rule of the product is written here: stories only look at what a person
//! or the gateway would see.

#![forbid(unsafe_code)]

mod dice;
mod gateway;
mod line;
mod phone;
mod photos;
mod programs;

pub use dice::Dice;
pub use gateway::Gateway;
pub use line::Line;
pub use phone::{Phone, Ran, exit};
pub use photos::{make_photos, photos_in};
pub use programs::program;

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

/// Asks until the answer is yes; an error after `limit`.
pub fn wait_until(
    what: &str,
    limit: Duration,
    mut ask: impl FnMut() -> Result<bool>,
) -> Result<()> {
    let start = Instant::now();
    while start.elapsed() < limit {
        if ask()? {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(20));
    }
    bail!("waited {limit:?} in vain for: {what}")
}
