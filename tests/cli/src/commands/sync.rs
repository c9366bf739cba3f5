use std::time::Duration;

use lapor_core::{
    client::{Client, SyncEvent, SyncLimits, SyncReport, Until},
    engine::{
        report::ReportKey,
        sync::{Operation, Reason, held_by},
        words,
    },
};
use serde::Serialize;

use super::{Ended, account::is_guest};
use crate::{
    args::{Args, SyncArgs},
    exit::{Exit, Failure, Usage},
    home::Phone,
    print::{Printer, visible},
    progress::SyncBars,
    view::{OperationView, about_its_step},
    words::size,
};

/// What a sync came to, and what is left.
#[derive(Serialize)]
struct SyncView {
    exchanges: u32,
    bytes_sent: u64,
    /// Work is due that a limit left undone.
    more: bool,
    next_try_ms: Option<u64>,
    waiting: Vec<OperationView>,
}

pub(super) fn sync(phone: &Phone, sync: &SyncArgs, args: &Args, printer: &Printer) -> Ended {
    let client = &phone.client;
    if args.server.is_none() {
        return Err(Failure::Usage(Usage::ServerNeeded));
    }
    let until = if sync.watch {
        Until::Cancelled
    } else if sync.until_idle {
        Until::Idle
    } else {
        Until::NothingDue
    };
    // Somebody asks: the feed is looked at even when its time has not come.
    let limits = SyncLimits {
        until,
        deadline: sync.timeout.map(Duration::from_secs),
        bytes: sync.limit_bytes,
        pull: true,
    };
    let mut watcher = Watcher::new(client, args, printer)?;
    let synced = client.sync(limits, &mut |event| watcher.tell(&event));
    watcher.end();
    tell(phone, &synced?, printer)
}

fn tell(phone: &Phone, report: &SyncReport, printer: &Printer) -> Ended {
    let client = &phone.client;
    let guest = is_guest(&client.account()?);
    let rows = client.outbox(None)?;
    let moment = phone.moment(printer);
    let waiting = super::outbox::views(client, &rows, &moment);
    // The feed may be out of reach while nothing of the person's waits.
    let held = report
        .next_wake
        .as_ref()
        .and_then(|wake| wake.reason.as_ref());
    let exit = if guest {
        Exit::SignIn
    } else {
        let left = report.more.then_some(Exit::StillWaiting);
        let open: Vec<&Operation> = rows.iter().map(|(operation, _)| operation).collect();
        let own = open.iter().map(|row| {
            let reason = held_by(row, &open).reason.as_ref();
            reason.map_or(Exit::StillWaiting, Exit::of_reason)
        });
        Exit::most_telling(own.chain(held.map(Exit::of_reason)).chain(left))
    };
    let next_try_ms = waiting
        .iter()
        .filter_map(|view| view.wait.next_try_ms)
        .min();
    for view in &waiting {
        super::outbox::lines(view, printer)
            .iter()
            .for_each(|line| printer.line(line));
    }
    if guest {
        printer.line(words::reason(&Reason::SignIn, printer.lang()));
    } else if waiting.is_empty() {
        printer.line(if report.more {
            printer.pick(
                "Tidak ada laporan yang menunggu dikirim; kabar dari LAPOR! belum selesai diambil.",
                "No report waits to be sent; the news of LAPOR! was not fetched to its end.",
            )
        } else {
            printer.pick("Tidak ada yang menunggu.", "Nothing is waiting.")
        });
        if let Some(wake) = report.next_wake.as_ref().filter(|_| held.is_some()) {
            printer.line(words::next_wake(wake, printer.lang()));
        }
    }
    printer.line(format_args!(
        "{} {}, {} {}",
        report.exchanges,
        printer.pick("pertukaran", "exchanges"),
        size(report.sent, printer.lang()),
        printer.pick("dikirim", "sent")
    ));
    printer.value(&SyncView {
        exchanges: report.exchanges,
        bytes_sent: report.sent,
        more: report.more,
        next_try_ms,
        waiting,
    });
    Ok(exit)
}

/// Tells what happens while it happens: bars on a terminal, plain lines elsewhere, nothing in
/// `--json`; and the trace for QA.
pub(super) struct Watcher<'a> {
    client: &'a Client,
    printer: &'a Printer,
    bars: Option<SyncBars>,
    /// The wait that was told last: the same one is not told again.
    told: Option<&'static str>,
    #[cfg(feature = "qa")]
    trace: Option<crate::trace::Trace>,
}

impl<'a> Watcher<'a> {
    pub(super) fn new(
        client: &'a Client,
        args: &Args,
        printer: &'a Printer,
    ) -> Result<Self, Failure> {
        #[cfg(not(feature = "qa"))]
        let _ = args;
        Ok(Self {
            client,
            printer,
            bars: SyncBars::new(printer),
            told: None,
            #[cfg(feature = "qa")]
            trace: args
                .qa
                .trace
                .as_deref()
                .map(|file| crate::trace::Trace::open(file, client.guarded()))
                .transpose()?,
        })
    }

    pub(super) fn tell(&mut self, event: &SyncEvent) {
        #[cfg(feature = "qa")]
        if let Some(trace) = &mut self.trace {
            trace.write(event);
        }
        if self.printer.is_json() {
            return;
        }
        match event {
            SyncEvent::Started { report, .. } => {
                if let (Some(bars), Some(report)) = (&self.bars, report) {
                    bars.say(short(report));
                }
            }
            SyncEvent::Ended {
                task,
                report: Some(report),
                ..
            } if matches!(*task, "create" | "withdraw" | "event") => {
                self.told = None;
                self.stands(report);
            }
            SyncEvent::Ended { .. } => {}
            SyncEvent::Picture {
                report,
                attachment,
                arrived,
                total,
            } => {
                self.told = None;
                self.picture(report, *attachment, *arrived, *total);
            }
            SyncEvent::Waiting(wake) => {
                let code = wake.reason.as_ref().map_or("", Reason::code);
                let said = words::next_wake(wake, self.printer.lang());
                match &self.bars {
                    Some(bars) => bars.say(said),
                    None if self.told != Some(code) => self.printer.note(said),
                    None => {}
                }
                self.told = Some(code);
            }
        }
    }

    /// Where a report stands after its exchange: what the store says, not what was hoped.
    fn stands(&self, key: &ReportKey) {
        let Ok(detail) = self.client.show(key) else {
            return;
        };
        let lang = self.printer.lang();
        let number = detail
            .row
            .tracking_id
            .as_ref()
            .map(|id| format!(" #{}", visible(&id.0)))
            .unwrap_or_default();
        let standing = detail.row.standing.as_ref();
        let waits = standing.and_then(|standing| Some((standing.kind, standing.reason.as_ref()?)));
        let why = match waits {
            Some((_, Reason::Follows | Reason::NotTried)) | None => String::new(),
            Some((kind, reason)) => {
                let said = words::reason(reason, lang);
                format!(". {}", about_its_step(kind, &said, lang))
            }
        };
        self.keep(&format!(
            "{}: {}{number}{why}",
            short(key),
            words::stands(detail.row.phase, detail.row.status.as_ref(), lang)
        ));
    }

    fn picture(&mut self, key: &ReportKey, attachment: i64, arrived: u64, total: u64) {
        let lang = self.printer.lang();
        let name = format!(
            "{} {}",
            short(key),
            self.printer.pick("lampiran", "attachment")
        );
        match &mut self.bars {
            Some(bars) => bars.picture(attachment, name, arrived, total),
            None => self.printer.note(format_args!(
                "{name}: {} / {}",
                size(arrived, lang),
                size(total, lang)
            )),
        }
    }

    fn keep(&self, line: &str) {
        match &self.bars {
            Some(bars) => bars.keep(line),
            None => self.printer.note(line),
        }
    }

    pub(super) fn end(&self) {
        if let Some(bars) = &self.bars {
            bars.end();
        }
    }
}

fn short(key: &ReportKey) -> String {
    key.to_string().chars().take(8).collect()
}
