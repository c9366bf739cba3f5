use lapor_core::{
    client::{Client, ClientError},
    engine::{api::EventKind, report::EventKey, words},
};
use serde_json::json;

use super::Ended;
use crate::{
    exit::{Exit, Failure},
    print::Printer,
};

pub(super) fn reply(client: &Client, report: &str, text: &str, printer: &Printer) -> Ended {
    add(client, report, EventKind::Reply, Some(text), None, printer)
}

pub(super) fn follow_up(client: &Client, report: &str, text: &str, printer: &Printer) -> Ended {
    add(
        client,
        report,
        EventKind::FollowUp,
        Some(text),
        None,
        printer,
    )
}

pub(super) fn rate(client: &Client, report: &str, rating: u8, printer: &Printer) -> Ended {
    add(client, report, EventKind::Rate, None, Some(rating), printer)
}

pub(super) fn close(client: &Client, report: &str, printer: &Printer) -> Ended {
    add(client, report, EventKind::Close, None, None, printer)
}

/// `event` is the key that `reply` and the others print, and `show` lists.
pub(super) fn discard(client: &Client, event: &str, printer: &Printer) -> Ended {
    let key: EventKey = event.parse().map_err(|_| Failure::NoSuchEvent)?;
    client.discard_event(&key).map_err(|error| match error {
        ClientError::NotFound => Failure::NoSuchEvent,
        error => error.into(),
    })?;
    let line = printer.pick("Tidak dikirim lagi.", "Not sent any more.");
    printer.answer(&json!({ "event_key": key }), [line.to_owned()]);
    Ok(Exit::Done)
}

fn add(
    client: &Client,
    report: &str,
    kind: EventKind,
    text: Option<&str>,
    rating: Option<u8>,
    printer: &Printer,
) -> Ended {
    let key = client.find(report)?;
    let event = client.add_event(&key, kind, text.map(str::to_owned), rating, None)?;
    let line = format!(
        "{}: {}",
        words::event(kind, printer.lang()),
        printer.pick(
            "tersimpan, dikirim pada lapor sync berikutnya.",
            "kept, goes with the next lapor sync."
        )
    );
    printer.answer(
        &json!({ "key": key, "event_key": event, "type": kind }),
        [line],
    );
    Ok(Exit::Done)
}
