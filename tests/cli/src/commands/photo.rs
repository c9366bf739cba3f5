use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use lapor_core::{
    engine::report::Sha256Hash,
    photo::{Picture, Settings, prepare},
};
use serde_json::json;

use super::Ended;
use crate::{
    args::Photo,
    exit::{Exit, Failure, FileRole, Usage},
    print::Printer,
    progress::PhotoBar,
    view::HintsView,
    words,
};

/// No store, no key, no network: one file in, one file out.
pub(super) fn shrink(args: &Photo, printer: &Printer) -> Ended {
    if same_file(&args.from, &args.to) {
        return Err(Failure::Usage(Usage::SameFile));
    }
    let mut settings = Settings::default();
    if let Some(budget) = args.budget {
        settings.max_bytes = budget;
        settings.max_document_bytes = budget.max(settings.max_document_bytes);
    }
    if let Some(quality) = args.quality {
        settings.max_quality = quality;
    }
    settings.effort = args.effort.into();
    settings.redactions.clone_from(&args.cover);
    let bar = PhotoBar::new(printer, "");
    let made = prepare(&args.from, &settings, &mut |progress| bar.tell(progress));
    bar.end();
    let picture = made?;
    write(&args.to, &picture.bytes).map_err(|error| Failure::File {
        what: FileRole::Picture,
        kind: error.kind(),
    })?;
    tell(&picture, args.stats, printer);
    Ok(Exit::Done)
}

fn tell(picture: &Picture, stats: bool, printer: &Printer) {
    let lang = printer.lang();
    let bytes = picture.bytes.len() as u64;
    let peak = stats.then(peak_kilobytes).flatten();
    let value = json!({
        "media_type": picture.media_type.as_str(),
        "original_bytes": picture.original_bytes,
        "bytes": bytes,
        "sha256": Sha256Hash(picture.sha256),
        "width": picture.width,
        "height": picture.height,
        "quality": picture.quality,
        "took_ms": picture.millis,
        "rss_kb": peak,
        "hints": HintsView::of(&picture.hints),
    });
    let mut lines = vec![format!(
        "{} -> {}{}",
        words::size(picture.original_bytes, lang),
        words::size(bytes, lang),
        words::pixels(picture.width, picture.height)
    )];
    if stats {
        lines.push(format!(
            "original_bytes={} bytes={bytes} width={} height={} quality={} took_ms={} rss_kb={}",
            picture.original_bytes,
            picture.width,
            picture.height,
            picture.quality,
            picture.millis,
            peak.unwrap_or_default()
        ));
    }
    printer.answer(&value, lines);
}

/// The old file or the whole new one.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A pipe or a device has no folder entry to replace.
    if fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        return File::options().write(true).open(path)?.write_all(bytes);
    }
    let fresh = beside(path);
    let written = File::create_new(&fresh)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&fresh, path));
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&fresh);
    }
    written
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    path.with_file_name(name)
}

fn same_file(one: &Path, other: &Path) -> bool {
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

/// Peak memory of this process; Linux only, nothing elsewhere.
fn peak_kilobytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
