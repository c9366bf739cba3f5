use std::path::Path;

use lapor_core::{
    client::{AttachOptions, Attached, Client, ClientError},
    engine::report::ReportKey,
    output::Existing,
    photo::Region,
};
use serde_json::{Value, json};

use super::Ended;
use crate::{
    args::Attach,
    exit::{Exit, Failure, photo_code},
    print::{Printer, visible},
    progress::PhotoBar,
    view::{AsItIsView, HintsView},
    words,
};

/// Each file for itself: a bad one does not keep the others from being attached.
pub(super) fn attach(client: &Client, args: &Attach, printer: &Printer) -> Ended {
    let key = client.find(&args.report)?;
    let mut results = Vec::new();
    let mut worst = Exit::Done;
    for file in &args.files {
        let name = shown(file);
        let bar = PhotoBar::new(printer, &name);
        let options = AttachOptions {
            max_bytes: args.budget,
            covered: args.cover.clone(),
        };
        let attached = client.attach(&key, file, options, &mut |progress| bar.tell(progress));
        bar.end();
        match attached {
            Ok(attached) => {
                results.push(kept(&key, &name, &attached, &args.cover, printer));
            }
            Err(error) => {
                let failure = Failure::Client(error);
                let said = words::failure(&failure, printer.lang());
                printer.note(format_args!("{name}: {said}"));
                results.push(
                    json!({ "file": name, "error": { "code": code(&failure), "words": said } }),
                );
                // What stands against one file is told by 1, what stands against all by its own.
                if worst == Exit::Done || failure.exit() != Exit::Failed {
                    worst = failure.exit();
                }
            }
        }
    }
    printer.value(&json!({ "key": key, "attachments": results }));
    Ok(worst)
}

fn code(failure: &Failure) -> &'static str {
    match failure {
        Failure::Client(ClientError::Photo(error)) => photo_code(error),
        other => other.code(),
    }
}

fn kept(
    key: &ReportKey,
    name: &str,
    attached: &Attached,
    cover: &[Region],
    printer: &Printer,
) -> Value {
    let lang = printer.lang();
    let row = &attached.attachment;
    printer.line(format_args!(
        "{name}: {} -> {}{} ({})",
        words::size(row.original_bytes, lang),
        words::size(row.bytes, lang),
        words::pixels(row.width, row.height),
        row.name
    ));
    for region in cover {
        printer.line(format_args!("  {}", words::covered(region, lang)));
    }
    let as_it_is = AsItIsView::of(attached.as_it_is, lang);
    if let Some(note) = &as_it_is {
        printer.line(format_args!("  {}", note.words));
    }
    let hints = HintsView::of(&attached.hints);
    if let Some(taken_at) = &hints.taken_at {
        let day = taken_at.get(..10).unwrap_or(taken_at);
        printer.line(format_args!(
            "  {} {taken_at}; {}: lapor draft edit {key} --date {day}",
            printer.pick("waktu foto ditemukan:", "time of the photo found:"),
            offer(printer)
        ));
    }
    if let (Some(latitude), Some(longitude)) = (hints.latitude, hints.longitude) {
        printer.line(format_args!(
            "  {}; {}: lapor draft edit {key} --place {latitude:.6},{longitude:.6}",
            printer.pick("lokasi foto ditemukan", "place of the photo found"),
            offer(printer)
        ));
    }
    json!({
        "file": name,
        "number": row.position.saturating_add(1),
        "name": row.name,
        "media_type": row.media_type,
        "sha256": row.sha256,
        "original_bytes": row.original_bytes,
        "bytes": row.bytes,
        "width": row.width,
        "height": row.height,
        "quality": row.quality,
        "took_ms": attached.took_ms,
        "covered": words::edges(cover),
        "hints": hints,
        "as_it_is": as_it_is,
    })
}

fn offer<'a>(printer: &Printer) -> &'a str {
    words::pick(
        printer.lang(),
        "tidak dikirim kecuali Anda menambahkannya",
        "not sent unless you add it",
    )
}

pub(super) fn detach(client: &Client, report: &str, number: u32, printer: &Printer) -> Ended {
    let key = client.find(report)?;
    client.detach(&key, number.saturating_sub(1))?;
    let line = match printer.lang() {
        lapor_core::engine::words::Lang::Id => format!("Lampiran {number} dilepas."),
        lapor_core::engine::words::Lang::En => format!("Attachment {number} was taken off."),
    };
    printer.answer(&json!({ "key": key, "detached": number }), [line]);
    Ok(Exit::Done)
}

/// `which` is the report and the number of its attachment, from 1; `out` the file to write.
pub(super) fn write(
    client: &Client,
    which: (&str, u32),
    out: (&Path, Existing),
    thumbnail: bool,
    printer: &Printer,
) -> Ended {
    let (report, number) = which;
    let key = client.find(report)?;
    let position = number.saturating_sub(1);
    let jpeg = if thumbnail {
        let draft = client.show(&key)?.draft;
        let row = draft.attachments.get(position as usize);
        let sha256 = row.ok_or(ClientError::NoSuchAttachment)?.sha256;
        client
            .thumbnail(sha256)?
            .ok_or(ClientError::NoSuchAttachment)?
    } else {
        client.picture(&key, position)?
    };
    let (to, existing) = out;
    client.write_file(to, &jpeg, existing)?;
    let bytes = jpeg.len() as u64;
    let line = words::size(bytes, printer.lang());
    printer.answer(
        &json!({ "key": key, "number": number, "thumbnail": thumbnail, "bytes": bytes }),
        [line],
    );
    Ok(Exit::Done)
}

/// A file's name can hold anything that a terminal would obey.
fn shown(file: &Path) -> String {
    visible(
        &file
            .file_name()
            .unwrap_or(file.as_os_str())
            .to_string_lossy(),
    )
}
