use std::collections::{BTreeMap, BTreeSet};

use lapor_core::{
    client::Client,
    engine::{
        api::EventKind,
        report::{EventKey, ReportKey},
        sync::{Operation, OperationState, Upload},
    },
};

use super::Ended;
use crate::{
    exit::Exit,
    home::Phone,
    print::Printer,
    view::{Moment, OperationView},
    words,
};

pub(super) fn outbox(phone: &Phone, report: Option<&str>, printer: &Printer) -> Ended {
    let client = &phone.client;
    let key = report.map(|report| client.find(report)).transpose()?;
    let rows = client.outbox(key.as_ref())?;
    let moment = phone.moment(printer);
    let views = views(client, &rows, &moment);
    printer.value(&views);
    if views.is_empty() {
        printer.line(printer.pick("Tidak ada yang menunggu.", "Nothing is waiting."));
    }
    for view in &views {
        lines(view, printer)
            .iter()
            .for_each(|line| printer.line(line));
        // What was refused has its hint already; here also what only waits can be picked out.
        if !is_refused(view) {
            hint(view, printer)
                .iter()
                .for_each(|line| printer.line(line));
        }
    }
    Ok(Exit::Done)
}

/// The rows as they are shown; of an event also its kind, which stands with its report.
pub(super) fn views(
    client: &Client,
    rows: &[(Operation, Option<Upload>)],
    moment: &Moment,
) -> Vec<OperationView> {
    let mut kinds: BTreeMap<EventKey, EventKind> = BTreeMap::new();
    let mut looked_at: BTreeSet<ReportKey> = BTreeSet::new();
    for (operation, _) in rows.iter().filter(|(row, _)| row.event.is_some()) {
        if looked_at.insert(operation.report)
            && let Ok(detail) = client.show(&operation.report)
        {
            kinds.extend(detail.events.iter().map(|event| (event.key, event.kind)));
        }
    }
    let kind = |row: &Operation| kinds.get(&row.event?).copied();
    rows.iter()
        .map(|(row, upload)| OperationView::new(row, upload.as_ref(), kind(row), moment))
        .collect()
}

pub(super) fn lines(view: &OperationView, printer: &Printer) -> Vec<String> {
    let key: String = view.report.chars().take(8).collect();
    let mut head = format!(
        "{:>4}  {key}  {}: {}",
        view.id, view.operation_words, view.wait.state_words
    );
    // A try that reached nobody counts for none, and is told as the last one all the same.
    if view.wait.attempts > 0 {
        let tries = lapor_core::words::counted(
            view.wait.attempts,
            "kali dicoba",
            "attempt",
            "attempts",
            printer.lang(),
        );
        head.push_str(&format!(", {tries}"));
    }
    if let (Some(bytes), Some(arrived)) = (view.bytes, view.bytes_arrived) {
        head.push_str(&format!(
            ", {} / {}",
            words::size(arrived, printer.lang()),
            words::size(bytes, printer.lang())
        ));
    }
    // Of words that were corrected nothing was tried yet: what was refused before is not these.
    if view.wait.may_have_arrived && view.wait.tried_at.is_some() {
        head.push_str(printer.pick(", mungkin sudah sampai", ", may have arrived"));
    }
    let mut lines = vec![head, format!("      {}", view.wait.words)];
    if is_refused(view) {
        lines.extend(hint(view, printer));
    }
    lines
}

/// An operation that needs its person.
fn is_refused(view: &OperationView) -> bool {
    view.wait.operation_state == OperationState::Paused.as_str()
}

fn hint(view: &OperationView, printer: &Printer) -> Option<String> {
    let key = view.event_key.as_deref().filter(|_| view.may_be_given_up)?;
    Some(format!("      {}", giving_up(key, printer)))
}

/// What the service refused is tried daily; its writer may have thought better of it.
pub(super) fn giving_up(event: &str, printer: &Printer) -> String {
    format!(
        "{}: lapor discard-event {event}",
        printer.pick("Bila tidak jadi", "To give it up")
    )
}
