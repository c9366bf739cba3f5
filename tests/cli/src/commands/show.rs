use lapor_core::{
    engine::{
        report::{Field, Form, Phase, Status},
        words,
    },
    store::CopyRow,
};
use serde_json::Value;

use super::{Ended, list, outbox};
use crate::{
    exit::Exit,
    home::Phone,
    print::{Printer, paragraph, visible},
    view::{AttachmentView, DetailView},
    words::size,
};

pub(super) fn show(phone: &Phone, report: &str, why: bool, printer: &Printer) -> Ended {
    let client = &phone.client;
    let key = client.find(report)?;
    let detail = client.show(&key)?;
    let moment = phone.moment(printer);
    let view = DetailView::new(&detail, &moment);
    printer.value(&view);
    if !printer.is_json() {
        standing(&view, printer);
        printer.line("");
        form(&detail.draft.form, printer);
        not_here(&view, printer);
        view.pictures
            .iter()
            .for_each(|picture| printer.line(picture_line(picture, printer)));
        if let Some(note) = &view.as_it_is {
            printer.line(format_args!("  {}", note.words));
        }
        own_events(&view, printer);
        if let Some(copy) = &detail.copy {
            service_copy(copy, printer);
        }
        service(&view, detail.copy.is_some(), printer);
        if why {
            printer.line("");
            printer.line(printer.pick("Langkah-langkah pengiriman:", "Steps of sending:"));
            for operation in &view.operations {
                outbox::lines(operation, printer)
                    .iter()
                    .for_each(|line| printer.line(line));
            }
            if view.operations.is_empty() {
                printer.line(printer.pick(
                    "  belum ada; laporan belum dikirim.",
                    "  none yet; it was not submitted.",
                ));
            }
        }
    }
    Ok(Exit::Done)
}

fn standing(view: &DetailView, printer: &Printer) {
    let report = &view.report;
    let number = report
        .tracking_id
        .as_deref()
        .map(|id| format!(" #{}", visible(id)))
        .unwrap_or_default();
    printer.line(format_args!("{}{number}", report.phase_words));
    printer.line(&report.key);
    list::below(report, printer)
        .iter()
        .for_each(|line| printer.line(format_args!("  {line}")));
    // A day that has been met, or that nobody waits for any more, is no news.
    let status = report.status.as_deref().map(Status::parse);
    let is_over = report.removed || report.phase == Phase::Withdrawn.as_str();
    let stands = |is_ahead: fn(&Status) -> bool| !is_over && status.as_ref().is_none_or(is_ahead);
    for (is_ahead, at, id, en) in [
        (
            stands(Status::is_to_be_verified),
            &report.verify_by,
            "Diverifikasi paling lambat",
            "To be verified by",
        ),
        (
            stands(Status::is_to_be_followed_up),
            &report.follow_up_by,
            "Ditindaklanjuti paling lambat",
            "To be followed up by",
        ),
    ] {
        if let Some(day) = at.as_ref().filter(|_| is_ahead) {
            printer.line(format_args!("  {}: {}", printer.pick(id, en), visible(day)));
        }
    }
    for id in &view.prior_tracking_ids {
        printer.line(format_args!(
            "  {}: #{}",
            printer.pick("Nomor sebelumnya", "Earlier number"),
            visible(id)
        ));
    }
    for problem in &view.problems {
        printer.line(format_args!(
            "  - {} [{}, {}]",
            problem.words,
            visible(&problem.field),
            visible(&problem.code)
        ));
    }
}

fn form(form: &Form, printer: &Printer) {
    let lang = printer.lang();
    let field = |field: Field, text: &str| {
        if text.is_empty() {
            return;
        }
        let name = words::field(field, lang);
        if text.contains('\n') {
            printer.line(format_args!("{name}:\n{}", paragraph(text, "  ")));
        } else {
            printer.line(format_args!("{name}: {}", visible(text)));
        }
    };
    field(
        Field::Classification,
        &form
            .classification
            .map(|one| words::classification(one, lang))
            .unwrap_or_default(),
    );
    field(Field::Title, &form.title);
    field(Field::Content, &form.content);
    field(Field::IncidentDate, &form.incident_date);
    field(Field::Location, &form.location);
    field(Field::AreaCode, &form.area_code);
    field(Field::InstitutionId, &form.institution_id);
    field(Field::CategoryId, &form.category_id);
    if let Some(place) = form.place {
        field(
            Field::Place,
            &format!("{}, {}", place.latitude, place.longitude),
        );
    }
    for (on, name) in [
        (form.anonymous, Field::Anonymous),
        (form.secret, Field::Secret),
    ] {
        if on {
            printer.line(format_args!(
                "{}: {}",
                words::field(name, lang),
                printer.pick("ya", "yes")
            ));
        }
    }
}

/// The other words that stand under the key, as far as they are here, to be compared with the own ones.
fn service_copy(copy: &CopyRow, printer: &Printer) {
    printer.line("");
    printer.line(words::service_copy(copy.standing, printer.lang()));
    let Some(submitted) = &copy.submitted else {
        return;
    };
    printer.line(printer.pick("Isi yang ada di LAPOR!:", "What LAPOR! has:"));
    form(&submitted.form, printer);
    if !submitted.attachments.is_empty() {
        printer.line(format_args!(
            "{}: {}",
            printer.pick("Lampiran", "Attachments"),
            submitted.attachments.len()
        ));
    }
}

/// The feed tells of a report of somebody else, and not what it says.
fn not_here(view: &DetailView, printer: &Printer) {
    if !view.report.own && view.content.is_empty() && view.server.is_null() {
        printer.line(printer.pick(
            "Isi laporan ini tidak ada di ponsel ini; bacalah di LAPOR!",
            "What this report says is not on this phone; read it at LAPOR!",
        ));
    }
}

fn picture_line(picture: &AttachmentView, printer: &Printer) -> String {
    let lang = printer.lang();
    let state = if picture.stored {
        printer
            .pick("diterima LAPOR!", "received by LAPOR!")
            .to_owned()
    } else if picture.lost {
        printer
            .pick(
                "hilang: tidak ada lagi di ponsel ini dan tidak ada di LAPOR!",
                "lost: no longer on this phone, and not at LAPOR!",
            )
            .to_owned()
    } else {
        format!(
            "{} / {}",
            size(picture.bytes_arrived, lang),
            size(picture.bytes, lang)
        )
    };
    let restarts = match picture.restarts {
        0 => String::new(),
        times => format!(
            ", {} {times}x",
            printer.pick("diulang dari awal", "started over")
        ),
    };
    format!(
        "{} {}: {} ({}), {state}{restarts}",
        printer.pick("Lampiran", "Attachment"),
        picture.number,
        visible(&picture.name),
        size(picture.bytes, lang)
    )
}

fn own_events(view: &DetailView, printer: &Printer) {
    for event in &view.events {
        let rating = event
            .rating
            .map(|rating| format!(" {rating}/5"))
            .unwrap_or_default();
        let reason = match &event.words {
            Some(words) => format!(". {words}"),
            None => String::new(),
        };
        printer.line(format_args!(
            "{}{rating}: {}{reason}",
            event.kind_words, event.state_words
        ));
        if let Some(text) = &event.text {
            printer.line(paragraph(text, "  "));
        }
        if event.may_be_given_up {
            printer.line(format_args!(
                "  {}",
                outbox::giving_up(&event.event_key, printer)
            ));
        }
    }
}

/// What the service has where that differs from what was written: administrators edit the
/// published text. `is_compared`: what was sent of it was shown already.
fn service(view: &DetailView, is_compared: bool, printer: &Printer) {
    let text = |part: &str, name: &str| {
        view.server
            .get(part)?
            .get(name)?
            .as_str()
            .map(str::to_owned)
    };
    for (part, id, en) in [
        (
            "submitted",
            "Isi yang tercatat di LAPOR!",
            "What LAPOR! has on record",
        ),
        (
            "published",
            "Isi yang diterbitkan LAPOR!",
            "What LAPOR! publishes",
        ),
    ] {
        let (Some(title), Some(content)) = (text(part, "title"), text(part, "content")) else {
            continue;
        };
        if part == "submitted" && is_compared {
            continue;
        }
        if title != view.report.title || content != view.content {
            printer.line("");
            printer.line(format_args!(
                "{}: {}",
                printer.pick(id, en),
                visible(&title)
            ));
            printer.line(paragraph(&content, "  "));
        }
    }
    let events = view.server.get("events").and_then(Value::as_array);
    for event in events.into_iter().flatten() {
        let word = |name: &str| {
            event
                .get(name)
                .and_then(Value::as_str)
                .map(visible)
                .unwrap_or_default()
        };
        printer.line("");
        printer.line(format_args!(
            "{} ({}, {})",
            word("type"),
            word("by"),
            word("at")
        ));
        if let Some(text) = event.get("text").and_then(Value::as_str) {
            printer.line(paragraph(text, "  "));
        }
    }
}
