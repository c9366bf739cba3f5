use std::path::Path;

use lapor_core::{
    client::{Advice, Client, Doctor},
    output::Existing,
    store::Verdict,
    words::{self, lost},
};
use serde_json::json;

use super::{Ended, account::role_words};
use crate::{exit::Exit, print::Printer, words::size};

/// `--json` and the bundle are one thing: counts, sizes, states and codes.
pub(super) fn doctor(
    client: &Client,
    bundle: Option<(&Path, Existing)>,
    printer: &Printer,
) -> Ended {
    let found = client.doctor()?;
    if let Some((file, existing)) = bundle {
        let text = format!("{:#}\n", found.bundle());
        client.write_file(file, text.as_bytes(), existing)?;
    }
    printer.answer(&found.bundle(), lines(&found, printer));
    if bundle.is_some() {
        printer.note(printer.pick(
            "Berkas untuk petugas bantuan ditulis. Isinya angka dan kode saja: tanpa isi laporan, nama, tempat, atau \
             kunci.",
            "The bundle for support is written. It holds numbers and codes only: no words of a report, names, places \
             or keys.",
        ));
    }
    Ok(if found.sound {
        Exit::Done
    } else {
        Exit::Corrupt
    })
}

pub(super) fn losses(client: &Client, seen: bool, printer: &Printer) -> Ended {
    let all = client.losses()?;
    let value: Vec<_> = all
        .iter()
        .map(|loss| {
            json!({
                "what": loss.what.as_str(),
                "report": loss.report.map(|key| key.to_string()),
                "at": loss.at.to_string(),
                "set_aside": loss.set_aside,
                "at_service": loss.is_at_service,
                "verdict": loss.verdict.as_str(),
                "words": lost(loss, printer.lang()),
            })
        })
        .collect();
    let nothing = printer.pick("Tidak ada yang hilang.", "Nothing is missing.");
    let lines = match &all[..] {
        [] => vec![nothing.to_owned()],
        some => some.iter().map(|loss| lost(loss, printer.lang())).collect(),
    };
    printer.answer(&json!(value), lines);
    // What was lost for a moment, and is found, is told once.
    let told = all
        .iter()
        .filter(|loss| seen || loss.verdict == Verdict::Arrived);
    let ids: Vec<i64> = told.map(|loss| loss.id).collect();
    if !ids.is_empty() {
        client.losses_shown(&ids)?;
    }
    Ok(Exit::Done)
}

fn lines(found: &Doctor, printer: &Printer) -> Vec<String> {
    let lang = printer.lang();
    let yes = |on: bool| {
        if on {
            printer.pick("ya", "yes")
        } else {
            printer.pick("tidak", "no")
        }
    };
    let phases: Vec<String> = found
        .phases
        .iter()
        .map(|(phase, count)| format!("{} {count}", lapor_core::engine::words::phase(*phase, lang)))
        .collect();
    let open = found
        .outbox
        .iter()
        .filter(|operation| !operation.state.is_finished())
        .count();
    let mut lines = vec![
        format!(
            "lapor {}, SQLite {}, {}",
            found.version, found.sqlite, found.cipher
        ),
        format!(
            "{}: {}",
            printer.pick("Penyimpanan utuh", "Store sound"),
            yes(found.sound)
        ),
        format!(
            "{}: {} + {}",
            printer.pick("Ukuran", "Size"),
            size(found.database_bytes, lang),
            size(found.wal_bytes, lang)
        ),
        format!(
            "{}: {}",
            printer.pick(
                "Penyimpanan rusak yang disisihkan",
                "Damaged stores set aside"
            ),
            found.set_aside
        ),
        format!(
            "{}: {} {}",
            printer.pick("Sudah masuk", "Signed in"),
            yes(found.signed_in),
            role_words(&found.role, printer)
        ),
        format!(
            "{}: {}",
            printer.pick("Laporan", "Reports"),
            phases.join(", ")
        ),
        format!(
            "{}: {open}",
            printer.pick("Langkah yang menunggu", "Steps waiting")
        ),
    ];
    if found.overwriting {
        lines.push(
            printer
                .pick(
                    "Yang dihapus belum seluruhnya ditimpa di ponsel ini; itu dilanjutkan saat mengirim atau membuka.",
                    "What was erased is not all overwritten yet; that goes on with the next sending or opening.",
                )
                .to_owned(),
        );
    }
    if let Some((code, wait_ms)) = found.line {
        let wait = lapor_core::engine::words::wait(wait_ms, lang);
        lines.push(format!(
            "{}: {code}, {wait}",
            printer.pick("Sambungan", "Line")
        ));
    }
    if let Some(seconds) = found.clock_behind_seconds {
        lines.push(format!(
            "{}: {seconds} s",
            printer.pick("Jam ponsel terlambat", "The phone's clock is behind by")
        ));
    }
    for one in found.advice() {
        let said = words::advice(one, lang);
        lines.push(match hint(one) {
            Some(hint) => format!("- {said} ({hint})"),
            None => format!("- {said}"),
        });
    }
    lines
}

/// Where in this command line the cure is.
fn hint(advice: Advice) -> Option<&'static str> {
    match advice {
        Advice::ReadLosses => Some("lapor losses"),
        Advice::SignIn => Some("lapor sign-in"),
        Advice::Decide | Advice::OpenAgain => Some("lapor list"),
        Advice::SetClock => None,
    }
}
