use std::{
    thread,
    time::{Duration, Instant as Monotonic},
};

use lapor_core::{
    client::{Client, ClientError, SyncEvent, SyncLimits, Until, Withdrawal},
    engine::{
        report::{Phase, ReportKey},
        sync::{Operation, OperationKind},
    },
    store::ReportDetail,
};
use serde_json::json;

use super::{Ended, sync::Watcher};
use crate::{
    args::{Args, Submit},
    exit::{Exit, Failure, Usage},
    home::Phone,
    print::Printer,
    view::ReportView,
};

/// What is due within this goes with a sync that is begun now, milliseconds.
const A_MOMENT: u64 = 1_000;
/// How often another process's sending is looked at.
const LOOK: Duration = Duration::from_millis(200);

pub(super) fn submit(phone: &Phone, submit: &Submit, args: &Args, printer: &Printer) -> Ended {
    let client = &phone.client;
    if submit.wait && args.server.is_none() {
        return Err(Failure::Usage(Usage::ServerNeeded));
    }
    let key = client.find(&submit.report)?;
    // Submitted already: --wait is then asked of what is on its way.
    if !(submit.wait && is_on_its_way(client.show(&key)?.row.phase)) {
        client.submit(&key)?;
    }
    if submit.wait {
        return wait(
            phone,
            &key,
            Duration::from_secs(submit.timeout),
            args,
            printer,
        );
    }
    let lines = [
        printer
            .pick(
                "Laporan tersimpan di ponsel ini; dikirim dengan lapor sync begitu ada jaringan.",
                "The report is kept on this phone and goes with lapor sync as soon as a network allows it.",
            )
            .to_owned(),
        format!("{key}"),
    ];
    tell(phone, &key, printer, lines)?;
    Ok(Exit::Done)
}

fn is_on_its_way(phase: Phase) -> bool {
    matches!(phase, Phase::Queued | Phase::Sent)
}

/// Sends until this report has its number; what else is due goes with it as far as it comes.
fn wait(phone: &Phone, key: &ReportKey, most: Duration, args: &Args, printer: &Printer) -> Ended {
    let client = &phone.client;
    let began = Monotonic::now();
    let mut watcher = Watcher::new(client, args, printer)?;
    let phase = loop {
        let phase = client.show(key)?.row.phase;
        let left = most.saturating_sub(began.elapsed());
        if phase != Phase::Queued || left.is_zero() {
            break phase;
        }
        let limits = SyncLimits {
            deadline: Some(left),
            ..SyncLimits::until(Until::Idle)
        };
        let synced = client.sync(limits, &mut |event| {
            let answered =
                matches!(&event, SyncEvent::Ended { report: Some(report), .. } if report == key);
            watcher.tell(&event);
            if answered {
                // Its own answer may be there: look before anything else is sent.
                client.cancel();
            }
        });
        match synced {
            // Idle with this report still here: it waits for the person.
            Ok(_) => break client.show(key)?.row.phase,
            Err(ClientError::Cancelled) => {}
            // Another process sends; it sends this one too.
            Err(ClientError::InUse { .. }) => thread::sleep(LOOK.min(left)),
            Err(other) => return Err(other.into()),
        }
    };
    watcher.end();
    let line = match phase {
        Phase::Sent => printer.pick("Laporan diterima LAPOR!", "LAPOR! has received the report."),
        Phase::Queued => printer.pick(
            "Laporan masih menunggu di ponsel ini.",
            "The report still waits on this phone.",
        ),
        _ => printer.pick("Laporan perlu Anda lihat.", "The report needs your eyes."),
    };
    let view = tell(phone, key, printer, [line.to_owned()])?;
    if phase == Phase::Sent && view.attachments.stored < view.attachments.total {
        printer.line(printer.pick(
            "Lampirannya menyusul pada lapor sync.",
            "Its attachments follow with lapor sync.",
        ));
    }
    Ok(match (phase, &view.waiting) {
        (Phase::Queued, Some(waiting)) => waiting.exit(),
        _ => Exit::of_phase(phase),
    })
}

pub(super) fn withdraw(phone: &Phone, report: &str, printer: &Printer) -> Ended {
    let client = &phone.client;
    let key = client.find(report)?;
    // Looked at before: the answer that it got is told as a withdrawal from then on.
    let perhaps_there = may_have_arrived(&client.show(&key)?);
    let line = match client.withdraw(&key)? {
        Withdrawal::Done => printer.pick(
            "Laporan ditarik kembali; belum pernah dikirim.",
            "The report is taken back; it was never sent.",
        ),
        Withdrawal::Asked if !perhaps_there => printer.pick(
            "Sedang ditarik kembali: LAPOR! diminta menariknya pada lapor sync berikutnya.",
            "Taking it back: LAPOR! is asked to drop it with the next lapor sync.",
        ),
        Withdrawal::Asked => printer.pick(
            "Sedang ditarik kembali: laporan mungkin sudah sampai, jadi LAPOR! diminta menariknya pada lapor sync \
             berikutnya.",
            "Taking it back: it may have arrived, so LAPOR! is asked to drop it with the next lapor sync.",
        ),
    };
    tell(phone, &key, printer, [line.to_owned()])?;
    Ok(Exit::Done)
}

/// Is it open whether the service has it? Not where it has said so, and not where it has plainly refused it.
fn may_have_arrived(detail: &ReportDetail) -> bool {
    let creates = |row: &&Operation| row.kind == OperationKind::CreateReport;
    detail.row.tracking_id.is_none()
        && detail
            .operations
            .iter()
            .find(creates)
            .is_some_and(|row| row.may_have_arrived() && row.tried_at.is_some())
}

pub(super) fn resend(phone: &Phone, report: &str, printer: &Printer) -> Ended {
    let client = &phone.client;
    let key = client.find(report)?;
    let woken = client.resend(&key)?;
    let standing = client.show(&key)?.row.standing;
    let now = phone.moment(printer).now;
    let line = match standing {
        _ if woken == 0 => printer.pick(
            "Tidak ada lagi dari laporan ini yang menunggu dikirim.",
            "Nothing of this report waits to be sent any more.",
        ),
        // Its own wait is over, the gateway's is not: it was asked to be left alone for so long.
        Some(standing) if standing.due.remaining(now) > A_MOMENT => printer.pick(
            "Tidak menunggu gilirannya lagi, tetapi belum dapat dikirim sekarang:",
            "It waits for no turn of its own any more, but cannot go now:",
        ),
        _ => printer.pick(
            "Dicoba lagi pada lapor sync berikutnya.",
            "Tried again with the next lapor sync.",
        ),
    };
    tell(phone, &key, printer, [line.to_owned()])?;
    Ok(Exit::Done)
}

pub(super) fn send_as_another(client: &Client, report: &str, printer: &Printer) -> Ended {
    let key = client.find(report)?;
    let another = client.send_as_another(&key)?;
    let line = printer.pick(
        "Konsep baru dengan isi yang sama; periksa lalu kirim: lapor submit",
        "A new draft with the same words; look at it, then: lapor submit",
    );
    printer.answer(
        &json!({ "key": another, "supersedes": key }),
        [format!("{line} {another}")],
    );
    Ok(Exit::Done)
}

/// The report as it stands now is the answer; the lines come before its own.
fn tell(
    phone: &Phone,
    key: &ReportKey,
    printer: &Printer,
    lines: impl IntoIterator<Item = String>,
) -> Result<ReportView, Failure> {
    let detail = phone.client.show(key)?;
    let view = ReportView::new(&detail.row, &phone.moment(printer));
    printer.value(&view);
    lines.into_iter().for_each(|line| printer.line(line));
    let number = view
        .tracking_id
        .as_deref()
        .map(|id| format!(" #{}", crate::print::visible(id)));
    printer.line(format_args!(
        "{}{}",
        view.phase_words,
        number.unwrap_or_default()
    ));
    super::list::below(&view, printer)
        .iter()
        .for_each(|line| printer.line(format_args!("  {line}")));
    Ok(view)
}
