//! What it costs to accept a report: syncs of the disk, and time against plain SQLite.

use std::{fs, io::Write, path::Path, process::Command, time::Instant};

use anyhow::{Context, Result, ensure};
use lapor_core::client::AttachOptions;
use lapor_e2e::{Gateway, Line};
use lapor_photo::Flow;

use crate::{
    numbers::{mean, median},
    world,
};

const REPORTS: usize = 40;
/// Bytes of a picture of the usual size.
const PICTURE: u32 = 300_000;

pub(crate) fn print() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let gateway = Gateway::start(&folder.path().join("gateway.db"))?;
    let line = Line::to(gateway.address()?)?;
    let photo = folder.path().join("photo.jpg");
    lapor_photo::synth::camera_photo(&photo, 1, 4000, 3000, 1)?;
    let homes = [folder.path().join("encrypted"), folder.path().join("plain")];
    for (home, plain) in homes.iter().zip([false, true]) {
        world::signs_in(&world::open(home, Some(&line.url()), None, plain)?)?;
    }
    fs::write(
        folder.path().join("photo-path"),
        photo.display().to_string(),
    )?;
    syncs(&homes[0], folder.path(), &photo)?;
    let document = folder.path().join("surat.pdf");
    let noise = (0..PICTURE).map(|at: u32| (at.wrapping_mul(at) >> 7) as u8);
    let bytes: Vec<u8> = b"%PDF-1.4\n%%EOF\n".iter().copied().chain(noise).collect();
    let (mut submits, mut wholes, mut times) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..12_u8 {
        let encrypted = accepts(&homes[0], &document, &bytes, round, false)?;
        let plain = accepts(&homes[1], &document, &bytes, round, true)?;
        submits.push(encrypted.submit / plain.submit);
        wholes.push((encrypted.submit + encrypted.keep) / (plain.submit + plain.keep));
        times.push(encrypted.submit);
    }
    println!(
        "bench accept-time ms={:.2} plain_ratio={:.2} with_picture_plain_ratio={:.2}",
        median(&times)?,
        median(&submits)?,
        median(&wholes)?
    );
    Ok(())
}

/// Medians of one round, milliseconds.
struct Times {
    /// Keeping a file of 300 kB beside its draft, no photo to be made.
    keep: f64,
    submit: f64,
}

fn accepts(home: &Path, document: &Path, bytes: &[u8], round: u8, plain: bool) -> Result<Times> {
    let client = world::open(home, None, None, plain)?;
    let (mut keep, mut submit) = (Vec::new(), Vec::new());
    for number in 0..16_u8 {
        let key = world::drafts(&client, usize::from(number))?;
        let mut own = bytes.to_vec();
        own.extend([round, number]);
        fs::write(document, own)?;
        let start = Instant::now();
        client.attach(&key, document, AttachOptions::default(), &mut |_| {
            Flow::Continue
        })?;
        keep.push(start.elapsed().as_secs_f64() * 1e3);
        let start = Instant::now();
        client.submit(&key)?;
        submit.push(start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(Times {
        keep: median(&keep)?,
        submit: median(&submit)?,
    })
}

/// The same under strace, with a mark on stderr around each submission.
pub(crate) fn child(home: &str, count: &str, photo: &str) -> Result<()> {
    let client = world::open(Path::new(home), None, None, false)?;
    for number in 0..count.parse()? {
        let key = world::drafts(&client, number)?;
        eprintln!("mark attach");
        client.attach(
            &key,
            Path::new(photo),
            AttachOptions::default(),
            &mut |_| Flow::Continue,
        )?;
        eprintln!("mark submit");
        client.submit(&key)?;
        eprintln!("mark done");
    }
    std::io::stderr().flush()?;
    Ok(())
}

fn syncs(home: &Path, folder: &Path, photo: &Path) -> Result<()> {
    let log = folder.join("strace.log");
    let status = Command::new("strace")
        .args([
            "-f",
            "-e",
            "trace=fsync,fdatasync,write",
            "-e",
            "signal=none",
            "-o",
        ])
        .arg(&log)
        .arg(std::env::current_exe()?)
        .arg("accept-child")
        .arg(home)
        .arg(REPORTS.to_string())
        .arg(photo)
        .stderr(std::process::Stdio::null())
        .status()
        .context("strace is needed for this figure (Debian package strace)")?;
    ensure!(status.success(), "accept-child ended with {status}");
    let (mut attach, mut submit) = (Vec::new(), Vec::new());
    let mut phase = None;
    let mut count = 0.0;
    for line in fs::read_to_string(&log)?.lines() {
        let mark = line.contains("write(2,").then(|| {
            ["attach", "submit", "done"]
                .into_iter()
                .find(|word| line.contains(&format!("mark {word}")))
        });
        match (mark.flatten(), phase) {
            (Some(next), before) => {
                match before {
                    Some("attach") => attach.push(count),
                    Some("submit") => submit.push(count),
                    _ => {}
                }
                phase = Some(next);
                count = 0.0;
            }
            (None, _) if line.contains("fsync(") || line.contains("fdatasync(") => count += 1.0,
            (None, _) => {}
        }
    }
    ensure!(
        submit.len() == REPORTS,
        "{} of {REPORTS} submissions in the trace",
        submit.len()
    );
    println!(
        "bench accept syncs={} syncs_mean={:.2} picture_syncs={} picture_syncs_mean={:.2}",
        median(&submit)?,
        mean(&submit),
        median(&attach)?,
        mean(&attach)
    );
    Ok(())
}
