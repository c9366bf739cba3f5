use std::{fs, path::Path};

use lapor_core::{
    client::ClientError,
    engine::report::Sha256Hash,
    output::Guarded,
    photo::{Picture, Settings, Threads, prepare},
};
use serde_json::json;

use super::Ended;
use crate::{
    args::{Args, Photo},
    exit::{Exit, Failure, Usage},
    home, key_file,
    print::Printer,
    progress::PhotoBar,
    view::HintsView,
    words,
};

/// No store, no key, no network: one file in, one file out.
pub(super) fn shrink(args: &Photo, all: &Args, printer: &Printer) -> Ended {
    if same_file(&args.from, &args.to) {
        return Err(Failure::Usage(Usage::SameFile));
    }
    let (guarded, existing) = (guarded(all), super::existing(args.force));
    guarded
        .check(&args.to, existing)
        .map_err(ClientError::from)?;
    let mut settings = Settings::default();
    if let Some(budget) = args.budget {
        settings.max_bytes = budget;
        settings.max_document_bytes = budget.max(settings.max_document_bytes);
    }
    if let Some(quality) = args.quality {
        settings.max_quality = quality;
    }
    settings.effort = args.effort.into();
    if args.threads > 1 {
        settings.threads = Threads::Two;
    }
    settings.redactions.clone_from(&args.cover);
    let bar = PhotoBar::new(printer, "");
    let made = prepare(&args.from, &settings, &mut |progress| bar.tell(progress));
    bar.end();
    let picture = made?;
    guarded
        .write(&args.to, &picture.bytes, existing)
        .map_err(ClientError::from)?;
    tell(&picture, args, printer);
    Ok(Exit::Done)
}

fn tell(picture: &Picture, args: &Photo, printer: &Printer) {
    let stats = args.stats;
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
        "covered": words::edges(&args.cover),
        "hints": HintsView::of(&picture.hints),
    });
    let mut lines = vec![format!(
        "{} -> {}{}",
        words::size(picture.original_bytes, lang),
        words::size(bytes, lang),
        words::pixels(picture.width, picture.height)
    )];
    lines.extend(args.cover.iter().map(|region| words::covered(region, lang)));
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

/// Where no picture is written: a store and its key may lie where the arguments say, or by default.
fn guarded(args: &Args) -> Guarded {
    let home = home::home(args).ok();
    let beside = home.as_deref().map(key_file::beside);
    let key = args.key_file.clone().or(beside);
    Guarded::new(home.into_iter().chain(key))
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
