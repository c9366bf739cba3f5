//! Opening a store of 10,000 reports and listing the newest 50, against plain SQLite.

use std::{fs, path::Path, time::Instant};

use anyhow::{Result, ensure};
use lapor_core::{
    client::{AttachOptions, Client},
    store::Filter,
};
use lapor_e2e::Gateway;
use lapor_photo::Flow;

use crate::{
    numbers::{median, percentile},
    world,
};

const REPORTS: usize = 10_000;
const RUNS: usize = 60;

pub(crate) fn print() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let gateway = Gateway::start(&folder.path().join("gateway.db"))?;
    let homes = [folder.path().join("encrypted"), folder.path().join("plain")];
    for (home, plain) in homes.iter().zip([false, true]) {
        let client = world::open(home, Some(gateway.url()), None, plain)?;
        world::signs_in(&client)?;
        fills(&client, &folder.path().join("surat.pdf"))?;
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

/// A store as a busy person has it: every second report waits to be sent, every tenth has a
/// document.
fn fills(client: &Client, document: &Path) -> Result<()> {
    for number in 0..REPORTS {
        let key = world::drafts(client, number)?;
        if number % 10 == 0 {
            fs::write(document, format!("%PDF-1.4\n{number}\n%%EOF\n"))?;
            client.attach(&key, document, AttachOptions::default(), &mut |_| {
                Flow::Continue
            })?;
        }
        if number % 2 == 0 {
            client.submit(&key)?;
        }
    }
    Ok(())
}
