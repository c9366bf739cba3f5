use std::path::Path;

use lapor_core::{client::Client, engine::words::Lang, words::counted};
use serde_json::json;

use super::{Ended, account::is_guest};
use crate::{exit::Exit, print::Printer};

pub(super) fn export(client: &Client, folder: &Path, printer: &Printer) -> Ended {
    let exported = client.export(folder)?;
    if is_guest(&client.account()?) {
        // Nobody is to take it for all that is on this phone.
        printer.note(printer.pick(
            "Anda belum masuk: yang ditulis setelah masuk tidak ikut. Masuk dulu untuk menyertakannya: lapor sign-in",
            "You are not signed in: what was written after signing in is not in it. Sign in first to have that: \
             lapor sign-in",
        ));
    }
    let lang = printer.lang();
    let reports = counted(exported.reports, "laporan", "report", "reports", lang);
    let attachments = counted(
        exported.attachments,
        "lampiran",
        "attachment",
        "attachments",
        lang,
    );
    let line = match lang {
        Lang::Id => format!("{reports} dan {attachments} ditulis."),
        Lang::En => format!("{reports} and {attachments} were written."),
    };
    let mut lines = vec![line];
    if exported.attachments_gone > 0 {
        lines.push(format!(
            "{} {}",
            exported.attachments_gone,
            printer.pick(
                "lampiran tidak ada lagi di ponsel ini: LAPOR! sudah menerimanya, atau hilang di sini (lihat laporannya).",
                match exported.attachments_gone {
                    1 => "attachment is no longer on this phone: LAPOR! has it, or it was lost here (look at its report).",
                    _ => "attachments are no longer on this phone: LAPOR! has them, or they were lost here (look at their reports).",
                }
            )
        ));
    }
    lines.push(
        printer
            .pick(
                "Folder ini tidak tersandi: siapa pun yang membukanya dapat membaca isinya.",
                "The folder is not encrypted: whoever opens it can read it.",
            )
            .to_owned(),
    );
    let value = json!({
        "reports": exported.reports,
        "attachments": exported.attachments,
        "attachments_gone": exported.attachments_gone,
    });
    printer.answer(&value, lines);
    Ok(Exit::Done)
}
