//! What the command line itself has to say, in Indonesian and English.
//!
//! Explanations of reports, problems and reasons are the engine's words; here are the labels
//! around them, the failures of files and arguments, and the notices of an opened store.

mod failure;
mod photo;

use lapor_core::{
    engine::words::Lang,
    store::{LossKind, Notice},
};

pub(crate) use failure::{failure, problems_of};
pub(crate) use photo::photo;

#[cfg(test)]
mod tests;

pub(crate) fn pick<'a>(lang: Lang, id: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Id => id,
        Lang::En => en,
    }
}

/// What the person should know of a store that was just opened.
pub(crate) fn notice(notice: &Notice, lang: Lang) -> String {
    match (notice, lang) {
        (Notice::SetAside { folder, reports_saved, losses }, Lang::Id) => {
            let lost: String = losses.iter().map(|loss| format!("\n  - {}", lost(loss, lang))).collect();
            format!(
                "Penyimpanan rusak dan disisihkan ke folder {folder}. {reports_saved} laporan terbaca dan dibawa ke \
                 penyimpanan baru.{}{lost}",
                if losses.is_empty() { " Tidak ada yang hilang." } else { " Yang tidak terbaca:" }
            )
        }
        (Notice::SetAside { folder, reports_saved, losses }, Lang::En) => {
            let lost: String = losses.iter().map(|loss| format!("\n  - {}", lost(loss, lang))).collect();
            format!(
                "The store was damaged and set aside as folder {folder}. {reports_saved} reports could be read and \
                 were brought into a new store.{}{lost}",
                if losses.is_empty() { " Nothing is missing." } else { " What could not be read:" }
            )
        }
        (Notice::CopiedPhone { unsent }, Lang::Id) => format!(
            "Penyimpanan ini salinan dari ponsel lain. {unsent} langkah yang belum selesai di sini mungkin sudah \
             dikirim dari sana; LAPOR! tidak akan mencatatnya dua kali."
        ),
        (Notice::CopiedPhone { unsent }, Lang::En) => format!(
            "This store was copied from another phone. {unsent} unfinished steps here may have been sent from there; \
             LAPOR! will not count them twice."
        ),
        (Notice::Migrated { from, to }, Lang::Id) => format!("Penyimpanan dibarui dari versi {from} ke {to}."),
        (Notice::Migrated { from, to }, Lang::En) => format!("The store was brought from version {from} to {to}."),
        (Notice::ReserveMissing, Lang::Id) => {
            "Ruang simpan hampir habis. Kosongkan sedikit ruang agar kabar dari LAPOR! tetap dapat disimpan.".to_owned()
        }
        (Notice::ReserveMissing, Lang::En) => {
            "The disk is nearly full. Free some space, so that what LAPOR! answers can be kept.".to_owned()
        }
    }
}

fn lost(loss: &lapor_core::store::Loss, lang: Lang) -> String {
    let what = match loss.what {
        LossKind::Everything => pick(lang, "seluruh isinya", "everything in it"),
        LossKind::Report => pick(lang, "satu laporan", "a report"),
        LossKind::Body => pick(
            lang,
            "naskah siap kirim satu laporan; isinya ada di sini sebagai konsep, kirim sekali lagi",
            "what was ready to send of a report; its words are here as a draft, submit it again",
        ),
        LossKind::Attachment => pick(lang, "satu lampiran", "an attachment"),
        LossKind::Event => pick(lang, "satu komentar", "a reply"),
        LossKind::Account => pick(
            lang,
            "siapa yang masuk; laporannya ada di sini, silakan masuk lagi",
            "who was signed in; the reports are here, please sign in again",
        ),
    };
    match &loss.report {
        Some(key) => format!("{what} ({key})"),
        None => what.to_owned(),
    }
}

/// Bytes for people, KB and MB of 1024.
pub(crate) fn size(bytes: u64, lang: Lang) -> String {
    const KB: u64 = 1 << 10;
    const MB: u64 = 1 << 20;
    let (unit, name) = match bytes {
        0..KB => return format!("{bytes} B"),
        KB..MB => (KB, "KB"),
        _ => (MB, "MB"),
    };
    let tenths = (u128::from(bytes) * 10 + u128::from(unit) / 2) / u128::from(unit);
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} {name}"),
        (whole, tenth) => format!("{whole}{}{tenth} {name}", pick(lang, ",", ".")),
    }
}

/// How long ago, from milliseconds; rounded down: nothing is younger than it was.
pub(crate) fn ago(millis: u64, lang: Lang) -> String {
    const MINUTE: u64 = 60_000;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    let (number, id, en) = match millis {
        0..MINUTE => return pick(lang, "baru saja", "just now").to_owned(),
        MINUTE..HOUR => (millis / MINUTE, "menit", "minute"),
        HOUR..DAY => (millis / HOUR, "jam", "hour"),
        _ => (millis / DAY, "hari", "day"),
    };
    match lang {
        Lang::Id => format!("{number} {id} lalu"),
        Lang::En => format!("{number} {en}{} ago", if number == 1 { "" } else { "s" }),
    }
}
