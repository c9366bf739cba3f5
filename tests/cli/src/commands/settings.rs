use lapor_core::{
    client::{Client, PictureThreads},
    engine::words::Lang,
};
use serde_json::json;

use super::Ended;
use crate::{args::SettingsArgs, exit::Exit, print::Printer, words};

/// What is not named stays as it was.
pub(super) fn settings(client: &Client, args: &SettingsArgs, printer: &Printer) -> Ended {
    let was = client.settings()?;
    let mut chosen = was;
    if let Some(bytes) = args.picture_bytes {
        chosen.picture_bytes = bytes;
    }
    if let Some(edge) = args.picture_edge {
        chosen.picture_edge = edge;
    }
    if let Some(threads) = args.picture_threads {
        chosen.picture_threads = threads.into();
    }
    if let Some(low_data) = args.low_data {
        chosen.low_data = low_data;
    }
    if let Some(only) = args.unmetered_only {
        chosen.pictures_unmetered_only = only;
    }
    if chosen != was {
        client.set_settings(chosen)?;
    }
    // As it is kept: nothing below what can be seen.
    let kept = client.settings()?;
    let least = |size: String| match printer.lang() {
        Lang::Id => format!("Gambar paling kecil {size}: itu yang disimpan."),
        Lang::En => format!("A picture is at least {size}: that is kept."),
    };
    if kept.picture_bytes > chosen.picture_bytes {
        printer.note(least(words::size(kept.picture_bytes, printer.lang())));
    }
    if kept.picture_edge > chosen.picture_edge {
        printer.note(least(format!("{} px", kept.picture_edge)));
    }
    let chosen = kept;
    let (threads, said) = match chosen.picture_threads {
        PictureThreads::ByPhone => (
            "by-phone",
            printer.pick("menurut ponsel", "as the phone has"),
        ),
        PictureThreads::One => ("one", "1"),
        PictureThreads::Two => ("two", "2"),
    };
    let value = json!({
        "picture_bytes": chosen.picture_bytes,
        "picture_edge": chosen.picture_edge,
        "picture_threads": threads,
        "low_data": chosen.low_data,
        "pictures_unmetered_only": chosen.pictures_unmetered_only,
    });
    let yes_no = |yes| match yes {
        true => printer.pick("ya", "yes"),
        false => printer.pick("tidak", "no"),
    };
    let lang = printer.lang();
    let lines = [
        format!(
            "{} {}, {} px",
            printer.pick("Gambar paling besar:", "Pictures at most:"),
            words::size(chosen.picture_bytes, lang),
            chosen.picture_edge
        ),
        format!("{} {said}", printer.pick("Utas:", "Threads:")),
        format!(
            "{} {}",
            printer.pick("Hemat data (150 KB):", "Low data (150 KB):"),
            yes_no(chosen.low_data)
        ),
        format!(
            "{} {}",
            printer.pick(
                "Gambar menunggu jaringan gratis:",
                "Pictures wait for a line that costs nothing:"
            ),
            yes_no(chosen.pictures_unmetered_only)
        ),
    ];
    printer.answer(&value, lines);
    Ok(Exit::Done)
}
