//! Opening a store of 10,000 reports and listing the newest 50, against plain SQLite.

use std::{path::Path, time::Instant};

use anyhow::{Result, ensure};
use lapor_core::store::Filter;

use crate::{
    numbers::{median, percentile},
    world,
};

const REPORTS: usize = 10_000;
const RUNS: usize = 60;

pub(crate) fn print() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let homes = [folder.path().join("encrypted"), folder.path().join("plain")];
    for (home, plain) in homes.iter().zip([false, true]) {
        let client = world::open(home, None, None, plain)?;
        for number in 0..REPORTS {
            world::drafts(&client, number)?;
        }
    }
    let (mut encrypted, mut ratios) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let ours = once(&homes[0], false)?;
        ratios.push(ours / once(&homes[1], true)?);
        encrypted.push(ours);
    }
    println!(
        "bench open-list p50_ms={:.2} p95_ms={:.2} reports={REPORTS}",
        median(&encrypted)?,
        percentile(&encrypted, 0.95)?
    );
    println!("bench encryption ratio={:.2}", median(&ratios)?);
    Ok(())
}

/// Milliseconds from nothing to 50 rows.
fn once(home: &Path, plain: bool) -> Result<f64> {
    let start = Instant::now();
    let client = world::open(home, None, None, plain)?;
    let rows = client.list(Filter::All, 50, None)?;
    let took = start.elapsed().as_secs_f64() * 1e3;
    ensure!(rows.len() == 50, "{} rows", rows.len());
    Ok(took)
}
