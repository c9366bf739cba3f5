//! Memory of the whole `lapor photo` process.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use lapor_e2e::program;
use nix::sys::resource::{UsageWho, getrusage};

pub(crate) fn print() -> Result<()> {
    let folder = tempfile::tempdir()?;
    for (name, width, height) in [("attach-12mp", 4000, 3000), ("attach-50mp", 8160, 6120)] {
        let photo = folder.path().join("in.jpg");
        lapor_photo::synth::camera_photo(&photo, 3, width, height, 6)?;
        let mut peaks = Vec::new();
        for _ in 0..3 {
            let out = Command::new(std::env::current_exe()?)
                .arg("rss-child")
                .arg(program("lapor")?)
                .arg("photo")
                .args([&photo, &folder.path().join("out.jpg")])
                .arg("--force")
                .output()?;
            ensure!(
                out.status.success(),
                "lapor photo failed: {}",
                String::from_utf8_lossy(&out.stderr)
            );
            let kilobytes: f64 = String::from_utf8_lossy(&out.stdout)
                .trim()
                .parse()
                .context("no figure")?;
            peaks.push(kilobytes / 1024.0);
        }
        println!("bench {name} rss_mb={:.1}", crate::numbers::median(&peaks)?);
    }
    Ok(())
}

/// Runs one command and prints its peak in kilobytes, by the kernel's own account.
pub(crate) fn child(command: &[&str]) -> Result<()> {
    let (program, words) = command.split_first().context("no command")?;
    let status = Command::new(program)
        .args(words)
        .stdout(Stdio::null())
        .status()?;
    ensure!(status.success(), "{program} ended with {status}");
    println!("{}", getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss());
    Ok(())
}
