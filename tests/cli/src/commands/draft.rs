use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use lapor_core::{
    client::Client,
    engine::{
        report::{Edit, Phase, ReportKey},
        words::Lang,
    },
    store::ErasedDraft,
    words::{self, overwriting},
};
use serde_json::json;

use super::{Ended, account};
use crate::{
    args::Fields,
    exit::{Exit, Failure, FileRole, Usage},
    print::{Printer, shortened},
    view::{AsItIsView, ProblemView},
};

/// Far above any limit of the form: what is too long can be kept and is told by `check`.
const CONTENT_MAX: u64 = 1 << 20;

pub(super) fn new(client: &Client, fields: &Fields, printer: &Printer) -> Ended {
    // Read first: a file that cannot be read leaves no empty draft behind.
    let edits = edits(fields)?;
    let key = client.new_draft()?;
    save(client, &key, edits)?;
    printer.answer(&json!({ "key": key }), [key]);
    Ok(Exit::Done)
}

pub(super) fn edit(client: &Client, report: &str, fields: &Fields, printer: &Printer) -> Ended {
    let edits = edits(fields)?;
    if edits.is_empty() {
        return Err(Failure::Usage(Usage::NothingToChange));
    }
    let key = client.find(report)?;
    let count = edits.len();
    save(client, &key, edits)?;
    let line = format!(
        "{count} {} ({key})",
        printer.pick("isian disimpan", "fields saved")
    );
    printer.answer(&json!({ "key": key, "saved": count }), [line]);
    Ok(Exit::Done)
}

pub(super) fn check(client: &Client, report: &str, printer: &Printer) -> Ended {
    let key = client.find(report)?;
    let check = client.check(&key)?;
    let problems: Vec<ProblemView> = check
        .problems
        .iter()
        .map(|problem| ProblemView::new(problem, printer.lang()))
        .collect();
    let as_it_is = AsItIsView::of(check.as_it_is, printer.lang());
    let ready = problems.is_empty();
    let value = json!({ "key": key, "ready": ready, "problems": problems, "as_it_is": as_it_is });
    let mut lines: Vec<String> = problems
        .iter()
        .map(|problem| format!("{} [{}, {}]", problem.words, problem.field, problem.code))
        .collect();
    // Before the way on, so that nobody goes on without it.
    lines.extend(as_it_is.map(|note| note.words));
    if ready {
        let line = printer.pick("Siap dikirim: lapor submit", "Ready to go: lapor submit");
        lines.push(format!("{line} {key}"));
    }
    printer.answer(&value, lines);
    Ok(if ready {
        Exit::Done
    } else {
        Exit::InvalidDraft
    })
}

pub(super) fn discard(client: &Client, report: &str, printer: &Printer) -> Ended {
    let key = client.find(report)?;
    client.discard(&key)?;
    let (put_away, gone) = (
        printer.pick(
            "Disisihkan, tetap ada di ponsel ini. Untuk mengembalikan: lapor draft restore",
            "Put away; it stays on this phone. To bring it back: lapor draft restore",
        ),
        printer.pick(
            "Untuk menghapusnya: lapor draft erase",
            "To erase it: lapor draft erase",
        ),
    );
    printer.answer(
        &json!({ "key": key, "phase": "discarded" }),
        [format!("{put_away} {key}"), format!("{gone} {key}")],
    );
    Ok(Exit::Done)
}

/// Asked before, like everything that cannot be taken back.
pub(super) fn erase(client: &Client, report: &str, yes: bool, printer: &Printer) -> Ended {
    let key = client.find(report)?;
    // What cannot be erased is told before anybody is asked.
    let row = client.show(&key)?.row;
    let may_be_asked = matches!(row.phase, Phase::Draft | Phase::Discarded);
    if may_be_asked && !yes {
        let title = match row.title.trim() {
            "" => printer.pick("(tanpa judul)", "(no title)").to_owned(),
            title => shortened(title, 60),
        };
        let question = match printer.lang() {
            Lang::Id => format!(
                "Konsep \"{title}\" dan lampirannya akan dihapus dari ponsel ini dan tidak dapat dikembalikan."
            ),
            Lang::En => format!(
                "The draft \"{title}\" and its attachments will be erased from this phone, and nothing brings them back."
            ),
        };
        if !account::is_confirmed(&question, printer) {
            return Err(Failure::Usage(Usage::ErasingNeedsYes));
        }
    }
    let erased = client.erase_draft(&key)?;
    let attachments = erased.attachments;
    let lines = vec![match printer.lang() {
        Lang::Id => {
            format!("Konsep dan {attachments} lampirannya dihapus dari ponsel ini ({key}).")
        }
        Lang::En => {
            format!(
                "The draft and its {attachments} attachments were erased from this phone ({key})."
            )
        }
    }];
    told(&key, &erased, lines, printer)
}

/// The same of any report of which nothing waits, in the core's words for what that means.
pub(super) fn erase_report(client: &Client, report: &str, yes: bool, printer: &Printer) -> Ended {
    let key = client.find(report)?;
    let question = words::erasing(client.erasing(&key)?, printer.lang());
    if !yes && !account::is_confirmed(&question, printer) {
        return Err(Failure::Usage(Usage::ErasingNeedsYes));
    }
    let erased = client.erase_report(&key)?;
    let lines = vec![match printer.lang() {
        Lang::Id => format!("Laporan dihapus dari ponsel ini ({key})."),
        Lang::En => format!("The report was erased from this phone ({key})."),
    }];
    told(&key, &erased, lines, printer)
}

fn told(key: &ReportKey, erased: &ErasedDraft, mut lines: Vec<String>, printer: &Printer) -> Ended {
    if erased.set_aside > 0 {
        lines.push(
            printer
                .pick(
                    "Folder penyimpanan rusak yang disisihkan mungkin masih memuatnya; hanya lapor forget-me yang \
                     menghapusnya, bersama semua milik Anda di ponsel ini.",
                    "The folders of damaged stores that were set aside may still hold it; only lapor forget-me erases \
                     those, with everything of yours on this phone.",
                )
                .to_owned(),
        );
    }
    if !erased.is_overwritten {
        lines.push(overwriting(printer.lang()));
    }
    printer.answer(
        &json!({
            "key": key,
            "attachments": erased.attachments,
            "set_aside": erased.set_aside,
            "overwritten": erased.is_overwritten,
        }),
        lines,
    );
    Ok(Exit::Done)
}

pub(super) fn restore(client: &Client, report: &str, printer: &Printer) -> Ended {
    let key = client.find(report)?;
    client.restore(&key)?;
    let phase = client.show(&key)?.row.phase;
    let line = printer.pick("Kembali sebagai konsep", "It is a draft again");
    printer.answer(
        &json!({ "key": key, "phase": phase }),
        [format!("{line}: {key}")],
    );
    Ok(Exit::Done)
}

/// Each field in a transaction of its own, as an app saves while a person types.
fn save(client: &Client, key: &ReportKey, edits: Vec<Edit>) -> Result<(), Failure> {
    for edit in edits {
        client.edit(key, edit)?;
    }
    Ok(())
}

fn edits(fields: &Fields) -> Result<Vec<Edit>, Failure> {
    let text = fields.content_file.as_deref().map(text_of).transpose()?;
    Ok(fields.edits(text))
}

fn text_of(path: &Path) -> Result<String, Failure> {
    let failed = |error: io::Error| Failure::File {
        what: FileRole::Content,
        kind: error.kind(),
    };
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        io::stdin()
            .lock()
            .take(CONTENT_MAX + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
    } else {
        File::open(path)
            .map_err(failed)?
            .take(CONTENT_MAX + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
    }
    if bytes.len() as u64 > CONTENT_MAX {
        return Err(Failure::Usage(Usage::ContentTooLong { limit: CONTENT_MAX }));
    }
    let text = String::from_utf8(bytes).map_err(|_| Failure::Usage(Usage::ContentNotText))?;
    // An editor's last line end is no part of what was written.
    Ok(text
        .strip_suffix("\r\n")
        .or_else(|| text.strip_suffix('\n'))
        .unwrap_or(&text)
        .to_owned())
}
