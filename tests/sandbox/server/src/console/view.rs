//! Rows of the rules in the words of the page. Templates only place what is made here.

use lapor_sandbox_rules::{AttachmentRow, PublishedRow, ReportRow};

use crate::fault::Switch;
use crate::journal::{End, Entry};

/// The last characters of a key tell reports apart in a column.
const BRIEF: usize = 6;

pub(super) struct Report {
    pub(super) key: String,
    pub(super) tracking_id: String,
    pub(super) title: String,
    pub(super) content: String,
    pub(super) classification: String,
    pub(super) account: String,
    pub(super) status: String,
    pub(super) label: String,
    pub(super) tone: &'static str,
    pub(super) anonymous: bool,
    pub(super) secret: bool,
    pub(super) published: bool,
    pub(super) institution: String,
    pub(super) arrived: String,
    pub(super) incident_date: String,
    pub(super) location: String,
    pub(super) deadline: String,
    pub(super) creates: u64,
    pub(super) attachments: Vec<Picture>,
    pub(super) missing: String,
    pub(super) open: bool,
    /// The usual next step, and the others.
    pub(super) actions: Vec<Action>,
    pub(super) more: Vec<Action>,
    pub(super) events: Vec<Event>,
}

pub(super) struct Picture {
    pub(super) sha256: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) image: bool,
    pub(super) stored: bool,
    pub(super) size: String,
    pub(super) have: String,
    pub(super) percent: u64,
}

/// One button of the desk: `word` is what LAPOR! calls it.
#[derive(Clone, Copy)]
pub(super) struct Action {
    pub(super) path: &'static str,
    pub(super) name: &'static str,
    pub(super) word: &'static str,
    pub(super) field: &'static str,
    pub(super) hint: &'static str,
    pub(super) preset: &'static str,
}

pub(super) struct Event {
    pub(super) at: String,
    pub(super) kind: String,
    pub(super) by: String,
    pub(super) text: String,
}

impl Report {
    pub(super) fn of(row: &ReportRow) -> Self {
        let (label, tone) = label(&row.status);
        let missing = row.missing();
        let bytes: u64 = missing
            .iter()
            .map(|attachment| attachment.bytes.saturating_sub(attachment.have))
            .sum();
        let gone = row.status == "withdrawn";
        let mut actions = actions(&row.status);
        let more = actions.split_off(actions.len().min(1));
        Self {
            key: row.key.clone(),
            tracking_id: row.tracking_id.clone(),
            title: if gone && row.title.is_empty() {
                "withdrawn, content wiped".to_owned()
            } else {
                row.title.clone()
            },
            content: row.content.clone(),
            classification: classification(&row.classification).to_owned(),
            account: row.account.clone(),
            status: row.status.clone(),
            label,
            tone,
            anonymous: row.anonymous,
            secret: row.secret,
            published: row.published,
            institution: row.institution.clone().unwrap_or_default(),
            arrived: time(&row.created_at.rfc3339()),
            incident_date: row.incident_date.clone(),
            location: row.location.clone(),
            deadline: deadline(row),
            creates: row.creates,
            missing: if missing.is_empty() || gone {
                String::new()
            } else {
                format!(
                    "missing {} of {} attachments, {} to come",
                    missing.len(),
                    row.attachments.len(),
                    size(bytes)
                )
            },
            attachments: row.attachments.iter().map(Picture::of).collect(),
            open: !actions.is_empty(),
            actions,
            more,
            events: row
                .events
                .iter()
                .map(|event| Event {
                    at: time(&event.at.rfc3339()),
                    kind: event.kind.clone(),
                    by: event.by.clone(),
                    text: match (&event.text, event.rating) {
                        (Some(text), Some(rating)) => format!("{rating}/5 {text}"),
                        (Some(text), None) => text.clone(),
                        (None, Some(rating)) => format!("{rating}/5"),
                        (None, None) => String::new(),
                    },
                })
                .collect(),
        }
    }
}

impl Picture {
    fn of(row: &AttachmentRow) -> Self {
        Self {
            sha256: row.sha256.clone(),
            name: row.name.clone(),
            kind: row
                .media_type
                .rsplit('/')
                .next()
                .unwrap_or_default()
                .to_uppercase(),
            image: matches!(row.media_type.as_str(), "image/jpeg" | "image/png"),
            stored: row.stored,
            size: size(row.bytes),
            have: size(row.have),
            // Bounded by an attachment's size: no overflow.
            percent: row.have.saturating_mul(100) / row.bytes.max(1),
        }
    }
}

pub(super) struct Published {
    pub(super) tracking_id: String,
    pub(super) title: String,
    pub(super) content: String,
    pub(super) name: String,
    pub(super) label: String,
    pub(super) tone: &'static str,
    pub(super) arrived: String,
}

impl Published {
    pub(super) fn of(row: &PublishedRow) -> Self {
        let (label, tone) = label(&row.status);
        Self {
            tracking_id: row.tracking_id.clone(),
            title: row.title.clone(),
            content: row.content.clone(),
            name: row.name.clone().unwrap_or_default(),
            label,
            tone,
            arrived: time(&row.created_at.rfc3339()),
        }
    }
}

/// A switch that is set.
pub(super) struct Set {
    pub(super) id: u64,
    pub(super) route: &'static str,
    pub(super) words: String,
    pub(super) progress: String,
    pub(super) live: bool,
}

impl Set {
    pub(super) fn of(switch: &Switch) -> Self {
        let mut progress = match switch.fault.times {
            Some(times) => format!("applied {} of {times} times", switch.applied),
            None => format!("applied {} times, until cleared", switch.applied),
        };
        if switch.fault.after > 0 {
            progress.push_str(&format!(", after {} requests", switch.fault.after));
        }
        Self {
            id: switch.id,
            route: switch.fault.route.as_str(),
            words: switch.fault.words().join(", "),
            progress,
            live: switch.live(),
        }
    }
}

/// One request of the journal.
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) at: String,
    pub(super) method: String,
    pub(super) route: &'static str,
    pub(super) status: String,
    pub(super) head_in: u64,
    pub(super) body_in: u64,
    pub(super) head_out: u64,
    pub(super) body_out: u64,
    pub(super) took_ms: u64,
    pub(super) account: String,
    /// Its whole key, and as much of it as fits a column.
    pub(super) report: String,
    pub(super) brief: String,
    pub(super) what: String,
    pub(super) tone: &'static str,
}

impl Line {
    pub(super) fn of(entry: &Entry) -> Self {
        let report = entry.report.clone().unwrap_or_default();
        let mut what = entry.fault.clone();
        match entry.end {
            End::Cut => what.push("connection cut".to_owned()),
            End::Open => what.push("under way".to_owned()),
            End::Answered => {}
        }
        Self {
            number: entry.number,
            at: time(&entry.at),
            method: entry.method.clone(),
            route: entry.route.as_str(),
            status: entry
                .status
                .map_or("–".to_owned(), |status| status.to_string()),
            head_in: entry.head_in,
            body_in: entry.body_in,
            head_out: entry.head_out,
            body_out: entry.body_out,
            took_ms: entry.took_ms,
            account: entry.account.clone().unwrap_or_default(),
            brief: report
                .chars()
                .skip(report.chars().count().saturating_sub(BRIEF))
                .collect(),
            report,
            what: what.join(", "),
            tone: match (entry.end, entry.status) {
                (End::Cut, _) => "gone",
                (_, Some(500..)) => "gone",
                _ if !entry.fault.is_empty() => "hot",
                (_, Some(400..)) => "hot",
                (_, Some(200..=399)) => "good",
                _ => "",
            },
        }
    }
}

/// LAPOR!'s own words for a status, and how the page colours it. Unknown ones stay as they are.
fn label(status: &str) -> (String, &'static str) {
    let (label, tone) = match status {
        "unverified" => ("Belum Terverifikasi", "wait"),
        "verified" => ("Terverifikasi", "go"),
        "disposed" => ("Terdisposisi Belum Ditindaklanjuti", "go"),
        "in_progress" => ("Terdisposisi Sedang Diproses", "go"),
        "postponed" => ("Tertunda", "hot"),
        "closed" => ("Terdisposisi Selesai", "good"),
        "archived" => ("Arsip", "wait"),
        "not_our_authority" => ("Bukan Wewenang", "hot"),
        "withdrawn" => ("Ditarik oleh Pelapor", "gone"),
        other => (other, "wait"),
    };
    (label.to_owned(), tone)
}

fn classification(name: &str) -> &str {
    match name {
        "complaint" => "Pengaduan",
        "information_request" => "Permintaan Informasi",
        "aspiration" => "Aspirasi",
        other => other,
    }
}

fn deadline(row: &ReportRow) -> String {
    match (row.status.as_str(), &row.verify_by, &row.follow_up_by) {
        ("unverified", Some(day), _) => format!("verify by {day}"),
        ("disposed", _, Some(day)) => format!("follow up by {day}"),
        _ => String::new(),
    }
}

/// What the desk may do next, the usual step first.
fn actions(status: &str) -> Vec<Action> {
    let plain = |path, name, word| Action {
        path,
        name,
        word,
        field: "",
        hint: "",
        preset: "",
    };
    let verify = plain("verify", "Verify", "Verifikasi");
    let dispose = Action {
        field: "institution",
        hint: "institution",
        preset: "dpu-badung",
        ..plain("dispose", "Dispose", "Disposisi")
    };
    let follow_up = Action {
        field: "text",
        hint: "answer to the reporter",
        ..plain("follow-up", "Follow up", "Tindak lanjut")
    };
    let close = plain("close", "Close", "Selesai");
    let postpone = plain("postpone", "Postpone", "Tunda");
    let not_ours = plain("not-our-authority", "Not ours", "Bukan wewenang");
    let archive = plain("archive", "Archive", "Arsipkan");
    match status {
        "unverified" => vec![verify, dispose, postpone, not_ours, archive],
        "verified" => vec![dispose, postpone, not_ours, close, archive],
        "disposed" | "in_progress" | "postponed" => vec![follow_up, close, postpone, archive],
        "closed" | "not_our_authority" => vec![archive],
        _ => Vec::new(),
    }
}

/// `2026-11-22T08:00:00Z` as people read it; the page says that it is UTC.
pub(super) fn time(rfc3339: &str) -> String {
    rfc3339.trim_end_matches('Z').replace('T', " ")
}

pub(super) fn shift(seconds: i64) -> String {
    if seconds == 0 {
        return String::new();
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let whole = seconds.unsigned_abs();
    let (days, hours, minutes) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60);
    match (days, hours) {
        (0, 0) => format!("shifted {sign}{minutes} min {} s", whole % 60),
        (0, _) => format!("shifted {sign}{hours} h {minutes} min"),
        _ => format!("shifted {sign}{days} d {hours} h"),
    }
}

/// Bytes as people read them, 1 KB = 1000 bytes.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} KB", bytes.div_ceil(1_000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}
