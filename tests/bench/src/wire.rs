//! Bytes on the line: beyond the body of a report, for no news, and for a picture that is cut.

use std::fs;

use anyhow::{Context, Result, ensure};
use lapor_core::client::{AttachOptions, Client, SyncEvent, SyncLimits, Until};
use lapor_e2e::{Gateway, Line};
use lapor_photo::Flow;

use crate::world;

pub(crate) fn print() -> Result<()> {
    warm()?;
    cold()?;
    cuts()
}

/// What passed on the line while each exchange of a sync ran: (task, bytes both ways, body sent).
fn exchanges(
    client: &Client,
    line: &Line,
    limits: SyncLimits,
) -> Result<Vec<(&'static str, u64, u64)>> {
    let mut seen = Vec::new();
    let total = |line: &Line| {
        let (up, down) = line.passed();
        up + down
    };
    let mut before = total(line);
    client.sync(limits, &mut |event| {
        if let SyncEvent::Ended { task, sent, .. } = event {
            // The relay counts before it hands on, so an ended exchange is counted whole.
            let now = total(line);
            seen.push((task, now - before, sent));
            before = now;
        }
    })?;
    Ok(seen)
}

/// A second report on a connection that is open, and a question with no news.
fn warm() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let gateway = Gateway::start(&folder.path().join("gateway.db"))?;
    let line = Line::to(gateway.address()?)?;
    let client = world::open(&folder.path().join("phone"), Some(&line.url()), None, false)?;
    world::signs_in(&client)?;
    for number in 0..2 {
        let key = world::drafts(&client, number)?;
        client.submit(&key)?;
    }
    let seen = exchanges(&client, &line, SyncLimits::until(Until::NothingDue))?;
    let creates: Vec<_> = seen.iter().filter(|(task, ..)| *task == "create").collect();
    let (_, bytes, body) = creates.get(1).context("no second create")?;
    println!(
        "bench report-wire bytes={} body={body}",
        bytes.saturating_sub(*body)
    );
    let pull = SyncLimits {
        pull: true,
        ..SyncLimits::until(Until::NothingDue)
    };
    let mut last = 0;
    // The first pull brings the two reports; the next finds no change.
    for _ in 0..3 {
        let seen = exchanges(&client, &line, pull)?;
        last = seen
            .iter()
            .filter(|(task, ..)| *task == "pull")
            .map(|(_, bytes, _)| *bytes)
            .next_back()
            .unwrap_or(0);
    }
    ensure!(last > 0, "no pull");
    println!("bench no-change bytes={last}");
    Ok(())
}

/// The first exchange on a new connection with a full TLS handshake. The test authority's chain
/// is one certificate; a public one is often two to three and adds 2 to 4 kB.
fn cold() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let tls = folder.path().join("tls");
    let words = ["--tls", "--tls-dir", tls.to_str().context("path")?];
    let gateway = Gateway::start_with(&folder.path().join("gateway.db"), &words)?;
    let line = Line::to(gateway.address()?)?;
    let authority = fs::read(tls.join("ca.pem"))?;
    let url = line.url().replace("http://127.0.0.1", "https://localhost");
    let home = folder.path().join("phone");
    world::signs_in(&world::open(
        &home,
        Some(&url),
        Some(authority.clone()),
        false,
    )?)?;
    let client = world::open(&home, Some(&url), Some(authority), false)?;
    let key = world::drafts(&client, 1)?;
    client.submit(&key)?;
    let seen = exchanges(&client, &line, SyncLimits::until(Until::NothingDue))?;
    let (_, bytes, body) = seen
        .iter()
        .find(|(task, ..)| *task == "create")
        .context("no create")?;
    println!(
        "bench report-wire-cold bytes={} body={body}",
        bytes.saturating_sub(*body)
    );
    Ok(())
}

/// One upload of 2 MB, cut 20 times at random bytes.
fn cuts() -> Result<()> {
    const BYTES: u64 = 2_000_000;
    const CUTS: u64 = 20;
    let mut ratios = Vec::new();
    for seed in 1..=3_u64 {
        let folder = tempfile::tempdir()?;
        let gateway = Gateway::start(&folder.path().join("gateway.db"))?;
        let line = Line::to(gateway.address()?)?;
        let client = world::open(&folder.path().join("phone"), Some(&line.url()), None, false)?;
        world::signs_in(&client)?;
        let document = folder.path().join("surat.pdf");
        let noise = (0..BYTES).map(|at| (at.wrapping_mul(at).wrapping_mul(seed) >> 7) as u8);
        fs::write(
            &document,
            b"%PDF-1.4\n%%EOF\n"
                .iter()
                .copied()
                .chain(noise)
                .take(BYTES as usize)
                .collect::<Vec<u8>>(),
        )?;
        let key = world::drafts(&client, 1)?;
        client.attach(&key, &document, AttachOptions::default(), &mut |_| {
            Flow::Continue
        })?;
        client.submit(&key)?;
        let (start, _) = line.passed();
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let places = (0..CUTS).map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            start + 3_000 + (state >> 33) % (BYTES - 10_000)
        });
        line.cut_at(places.collect());
        client.sync(SyncLimits::until(Until::Idle), &mut |_| {})?;
        ensure!(
            line.cuts_made() == CUTS,
            "{} cuts instead of {CUTS}",
            line.cuts_made()
        );
        let (end, _) = line.passed();
        ratios.push((end - start) as f64 / BYTES as f64);
    }
    println!(
        "bench cuts ratio={:.3} cuts={CUTS} bytes={BYTES}",
        crate::numbers::median(&ratios)?
    );
    Ok(())
}
