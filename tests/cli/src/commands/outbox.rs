use lapor_core::engine::sync::OperationState;

use super::Ended;
use crate::{exit::Exit, home::Phone, print::Printer, view::OperationView, words};

pub(super) fn outbox(phone: &Phone, report: Option<&str>, printer: &Printer) -> Ended {
    let client = &phone.client;
    let key = report.map(|report| client.find(report)).transpose()?;
    let rows = client.outbox(key.as_ref())?;
    let moment = phone.moment(printer);
    let views: Vec<OperationView> = rows
        .iter()
        .map(|(operation, upload)| OperationView::new(operation, upload.as_ref(), &moment))
        .collect();
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

pub(super) fn lines(view: &OperationView, printer: &Printer) -> Vec<String> {
    let key: String = view.report.chars().take(8).collect();
    let mut head = format!(
        "{:>4}  {key}  {}: {}",
        view.id, view.operation_words, view.wait.state_words
    );
    // A try that reached nobody counts for none, and is told as the last one all the same.
    if view.wait.attempts > 0 {
        head.push_str(&format!(
            ", {} {}",
            view.wait.attempts,
            printer.pick("kali dicoba", "attempts")
        ));
    }
    if let (Some(bytes), Some(arrived)) = (view.bytes, view.bytes_arrived) {
        head.push_str(&format!(
            ", {} / {}",
            words::size(arrived, printer.lang()),
            words::size(bytes, printer.lang())
        ));
    }
    if view.wait.maybe_sent {
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
