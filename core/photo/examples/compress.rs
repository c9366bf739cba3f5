//! `compress IN OUT [KB [THREADS]]`: one picture by the whole way, with time and peak memory.

use std::path::Path;

use lapor_photo::{Flow, Settings, Threads, prepare};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [from, to, rest @ ..] = arguments.as_slice() else {
        return Err("usage: compress IN OUT [KB [THREADS]]".into());
    };
    let mut settings = Settings::default();
    if let Some(kilobytes) = rest.first() {
        settings.max_bytes = kilobytes.parse::<u64>()? * 1024;
    }
    if rest.get(1).is_some_and(|threads| threads == "2") {
        settings.threads = Threads::Two;
    }
    let picture = prepare(Path::new(from), &settings, &mut |_| Flow::Continue)?;
    std::fs::write(to, &picture.bytes)?;
    println!(
        "{} x {} quality={} bytes={} from={} ms={} rss_kb={}",
        picture.width,
        picture.height,
        picture.quality,
        picture.bytes.len(),
        picture.original_bytes,
        picture.millis,
        peak_kilobytes().unwrap_or_default(),
    );
    Ok(())
}

/// Linux only; nothing elsewhere.
fn peak_kilobytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
