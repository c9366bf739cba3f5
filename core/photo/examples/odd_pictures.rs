//! `odd_pictures FOLDER`: every file of a folder by the whole way. Each must end within ten seconds
//! in a picture or in a typed error; a panic ends the program. Prints what became of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lapor_photo::{Flow, Region, Settings, prepare};

const SOON: Duration = Duration::from_secs(10);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args()
        .nth(1)
        .ok_or("usage: odd_pictures FOLDER")?;
    // The crate would catch it and call the file damaged: here it is a fault.
    std::panic::set_hook(Box::new(|panic| {
        eprintln!("{panic}");
        std::process::abort();
    }));
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|file| file.is_file());
    files.sort();
    let settings = Settings {
        redactions: vec![Region::new(0.25, 0.25, 0.5, 0.5)?],
        ..Settings::default()
    };
    let (mut made, mut failed) = (0, 0);
    let mut refused: BTreeMap<String, u32> = BTreeMap::new();
    for file in &files {
        let began = Instant::now();
        match prepare(file, &settings, &mut |_| Flow::Continue) {
            Ok(_) => made += 1,
            Err(error) => {
                let case = format!("{error:?}");
                let case = case.split([' ', '{']).next().unwrap_or_default().to_owned();
                *refused.entry(case).or_default() += 1;
            }
        }
        if began.elapsed() > SOON {
            println!("{} took {:?}", shown(file), began.elapsed());
            failed += 1;
        }
    }
    println!(
        "{made} pictures made, refused: {refused:?}, peak {} kB",
        peak_kilobytes()
    );
    println!("{} passed, {failed} failed", files.len() - failed);
    if failed > 0 || files.is_empty() {
        return Err("see above".into());
    }
    Ok(())
}

fn shown(file: &Path) -> String {
    file.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Linux only; 0 elsewhere.
fn peak_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok());
    number.unwrap_or(0)
}
