use std::path::Path;

use lapor_core::{client::Client, engine::words::Lang};
use serde_json::json;

use super::Ended;
use crate::{exit::Exit, print::Printer};

pub(super) fn export(client: &Client, folder: &Path, printer: &Printer) -> Ended {
    let exported = client.export(folder)?;
    let line = match printer.lang() {
        Lang::Id => format!(
            "{} laporan dan {} lampiran ditulis.",
            exported.reports, exported.attachments
        ),
        Lang::En => format!(
            "{} reports and {} attachments were written.",
            exported.reports, exported.attachments
        ),
    };
    let mut lines = vec![line];
    if exported.attachments_gone > 0 {
        lines.push(format!(
            "{} {}",
            exported.attachments_gone,
            printer.pick(
                "lampiran tidak ada lagi di ponsel ini: LAPOR! sudah menerimanya, atau hilang di sini (lihat laporannya).",
                "attachments are no longer on this phone: LAPOR! has them, or they were lost here (look at their reports)."
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
