use lapor_core::{
    engine::{
        report::Phase,
        sync::Reason,
        words::{Lang, reason},
    },
    store::{Filter, ReportRow},
};

use super::{
    Ended,
    account::{is_guest, unclaimed_line, without_writer_line},
};
use crate::{
    args::ListArgs,
    exit::Exit,
    home::Phone,
    print::{Printer, shortened},
    view::ReportView,
    words,
};

/// Signs of a key that are enough to tell it from the others, most of the time.
const SHORT_KEY: usize = 8;

pub(super) fn list(phone: &Phone, args: &ListArgs, printer: &Printer) -> Ended {
    let client = &phone.client;
    let filter = if args.drafts {
        Filter::Drafts
    } else {
        Filter::All
    };
    let mut rows = client.list(filter, args.limit, None)?;
    if args.all {
        rows.extend(client.list(Filter::Discarded, args.limit, None)?);
        rows.sort_by_key(|row: &ReportRow| std::cmp::Reverse((row.cursor.sort_at, row.cursor.id)));
        rows.truncate(usize::try_from(args.limit).unwrap_or(usize::MAX));
    }
    let counts = client.counts()?;
    let there: u32 = counts
        .iter()
        .filter(|(phase, _)| match phase {
            Phase::Draft | Phase::Rejected => true,
            Phase::Discarded => args.all,
            _ => !args.drafts,
        })
        .map(|(_, count)| count)
        .sum();
    if usize::try_from(there).is_ok_and(|there| there > rows.len()) {
        let shown = rows.len();
        printer.note(match printer.lang() {
            Lang::Id => format!("{shown} dari {there} laporan. Semua: --limit {there}"),
            Lang::En => format!("{shown} of {there} reports. All of them: --limit {there}"),
        });
    }
    let moment = phone.moment(printer);
    let views: Vec<ReportView> = rows
        .iter()
        .map(|row| ReportView::new(row, &moment))
        .collect();
    printer.value(&views);
    if views.is_empty() {
        let nobody = is_guest(&client.account()?);
        let put_away = counts
            .iter()
            .any(|(phase, count)| *phase == Phase::Discarded && *count > 0);
        printer.line(match (nobody, args.drafts) {
            // Reports of whoever signed out, or whose sign-in damage has taken, are not gone.
            (true, _) => printer.pick(
                "Belum masuk, dan tanpa masuk tidak ada laporan di sini. Laporan Anda tampak setelah lapor sign-in.",
                "Nobody is signed in, and without that there is no report here. Yours show after lapor sign-in.",
            ),
            (false, true) => printer.pick("Tidak ada konsep.", "There are no drafts."),
            (false, false) if put_away => printer.pick(
                "Tidak ada laporan selain yang disisihkan: lapor list --all",
                "There are no reports besides those put away: lapor list --all",
            ),
            (false, false) => printer.pick(
                "Belum ada laporan di sini.",
                "There are no reports here yet.",
            ),
        });
        if !nobody {
            unclaimed_line(client.unclaimed_reports()?, printer)
                .iter()
                .chain(&without_writer_line(
                    client.reports_without_writer()?,
                    printer,
                ))
                .for_each(|line| printer.line(line));
        }
    }
    for view in &views {
        printer.line(head(view, printer));
        below(view, printer)
            .iter()
            .for_each(|line| printer.line(format_args!("          {line}")));
    }
    Ok(Exit::Done)
}

/// `1f0c2a7e  Menunggu dikirim  Jalan berlubang`
fn head(view: &ReportView, printer: &Printer) -> String {
    let key: String = view.key.chars().take(SHORT_KEY).collect();
    let number = view
        .tracking_id
        .as_deref()
        .map(|id| format!(" #{}", shortened(id, 32)))
        .unwrap_or_default();
    let title = match view.title.trim() {
        "" => printer.pick("(tanpa judul)", "(no title)").to_owned(),
        title => shortened(title, 60),
    };
    format!("{key}  {}{number}  {title}", view.phase_words)
}

/// What is known of it at the service, its pictures, and why anything waits.
pub(super) fn below(view: &ReportView, printer: &Printer) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(status) = &view.status_words {
        let removed = if view.removed {
            printer.pick(
                " (tidak ditampilkan lagi oleh LAPOR!)",
                " (no longer shown by LAPOR!)",
            )
        } else {
            ""
        };
        lines.push(format!("{}{removed}", shortened(status, 80)));
    }
    let pictures = &view.attachments;
    if pictures.total > 0 {
        let lost = match pictures.lost {
            0 => String::new(),
            lost => format!(", {lost} {}", printer.pick("hilang", "lost")),
        };
        lines.push(format!(
            "{}: {}/{} {}{lost} ({} / {})",
            printer.pick("Lampiran", "Attachments"),
            pictures.stored,
            pictures.total,
            printer.pick("diterima LAPOR!", "received by LAPOR!"),
            words::size(pictures.bytes_arrived, printer.lang()),
            words::size(pictures.bytes, printer.lang())
        ));
    }
    if view.too_late {
        lines.push(reason(&Reason::TooLate, printer.lang()));
    }
    if let Some(key) = &view.superseded_by {
        let key: String = key.chars().take(SHORT_KEY).collect();
        lines.push(format!(
            "{}: {key}",
            printer.pick("Laporan penggantinya", "The report in its place")
        ));
    }
    if let Some(waiting) = &view.waiting {
        lines.push(waiting.about_its_step());
    }
    lines
}
