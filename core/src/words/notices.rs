//! What the person should know of a store that was just opened.

use lapor_engine::words::Lang;

use super::{counted, pick, size};
use crate::store::{Loss, LossKind, Notice, Verdict};

pub fn notice(notice: &Notice, lang: Lang) -> String {
    match (notice, lang) {
        (
            Notice::SetAside {
                folder,
                reports_saved,
                losses,
            },
            _,
        ) => set_aside(folder, *reports_saved, losses, lang),
        (Notice::CopiedPhone { unsent }, Lang::Id) => format!(
            "Penyimpanan ini salinan dari ponsel lain. {unsent} langkah yang belum selesai di sini mungkin sudah \
             dikirim dari sana; LAPOR! tidak akan mencatatnya dua kali."
        ),
        (Notice::CopiedPhone { unsent }, Lang::En) => format!(
            "This store was copied from another phone. {} here may have been sent from there; LAPOR! will count \
             nothing twice.",
            counted(*unsent, "", "unfinished step", "unfinished steps", lang)
        ),
        (Notice::Migrated { from, to }, Lang::Id) => {
            format!("Penyimpanan dibarui dari versi {from} ke {to}.")
        }
        (Notice::Migrated { from, to }, Lang::En) => {
            format!("The store was brought from version {from} to {to}.")
        }
        (Notice::SalvageWaits { bytes }, Lang::Id) => format!(
            "Sebagian penyimpanan ini rusak. Untuk menyelamatkannya perlu ruang kosong {}; sampai itu ada, yang masih \
             terbaca tetap berjalan.",
            size(*bytes, lang)
        ),
        (Notice::SalvageWaits { bytes }, Lang::En) => format!(
            "A part of this store is damaged. To mend it {} of free space are needed; until then what can still be read \
             goes on.",
            size(*bytes, lang)
        ),
        (Notice::ReserveMissing, _) => pick(
            lang,
            "Ruang simpan hampir habis. Kosongkan sedikit ruang agar kabar dari LAPOR! tetap dapat disimpan.",
            "The disk is nearly full. Free some space, so that what LAPOR! answers can be kept.",
        ),
    }
}

/// Of an erasing that is done for everybody who looks, and not yet to its end.
pub fn overwriting(lang: Lang) -> String {
    pick(
        lang,
        "Isinya sudah tidak ada di sini lagi, tetapi tempatnya di ponsel ini belum seluruhnya ditimpa. Itu dilanjutkan \
         dengan sendirinya saat mengirim atau membuka.",
        "It is gone from here, but where it lay on this phone is not all overwritten yet. That goes on by itself with the \
         next sending or opening.",
    )
}

/// Of reports whose writer damage has taken: what they are, and what it means to take them.
pub fn without_writer(count: u32, lang: Lang) -> String {
    let what = counted(
        count,
        "laporan di sini ditulis oleh seseorang yang sudah masuk",
        "report here was written by somebody who was signed in",
        "reports here were written by somebody who was signed in",
        lang,
    );
    match lang {
        Lang::Id => format!(
            "{what}; siapa, tidak diketahui lagi oleh ponsel yang pernah rusak ini. Ambillah hanya bila Anda sendiri \
             yang menulisnya: yang belum terkirim akan dikirim atas nama akun yang sekarang masuk."
        ),
        Lang::En => format!(
            "{what}; who, the damaged phone no longer knows. Take them only if you wrote them yourself: what is \
             unsent will be sent in the name of the account that is signed in now."
        ),
    }
}

fn set_aside(folder: &str, saved: u32, losses: &[Loss], lang: Lang) -> String {
    let lost: String = losses
        .iter()
        .map(|loss| format!("\n  - {}", lost(loss, lang)))
        .collect();
    let what = match losses {
        [] => pick(lang, " Tidak ada yang hilang.", " Nothing is missing."),
        _ => pick(lang, " Yang tidak terbaca:", " What could not be read:"),
    };
    match lang {
        Lang::Id => format!(
            "Penyimpanan rusak dan disisihkan ke folder {folder}. {saved} laporan terbaca dan dibawa ke penyimpanan \
             baru.{what}{lost}"
        ),
        Lang::En => format!(
            "The store was damaged and set aside as folder {folder}. {} brought into a new store.{what}{lost}",
            counted(
                saved,
                "",
                "report could be read and was",
                "reports could be read and were",
                lang
            )
        ),
    }
}

/// What a damaged store took, without a capital and a full stop.
pub fn lost(loss: &Loss, lang: Lang) -> String {
    let what = match loss.what {
        LossKind::Everything => pick(lang, "seluruh isinya", "everything in it"),
        LossKind::Report if loss.verdict == Verdict::Arrived => pick(
            lang,
            "satu laporan; LAPOR! memilikinya, jadi isinya tidak hilang, dan ia ada lagi di sini",
            "a report; LAPOR! has it, so it is not lost, and it is here again",
        ),
        LossKind::Report if loss.verdict == Verdict::NotThere => pick(
            lang,
            "satu laporan; LAPOR! tidak memilikinya menurut daftar terakhirnya. Bila masih perlu, tulislah sekali lagi",
            "a report; LAPOR! does not have it, by its last list of all. If you still need it, write it again",
        ),
        LossKind::Report => pick(
            lang,
            "satu laporan; bila LAPOR! sudah menerimanya, ia ada lagi di sini setelah kabar dari LAPOR! diambil",
            "a report; if LAPOR! has received it, it is here again once the news of LAPOR! were fetched",
        ),
        LossKind::Body if loss.verdict == Verdict::Arrived => pick(
            lang,
            "naskah siap kirim satu laporan; LAPOR! memilikinya, jadi tidak ada yang hilang",
            "what was ready to send of a report; LAPOR! has it, so nothing is lost",
        ),
        LossKind::Body => pick(
            lang,
            "naskah siap kirim satu laporan; isinya ada di sini sebagai konsep, kirim sekali lagi",
            "what was ready to send of a report; its words are here as a draft, submit it again",
        ),
        LossKind::Attachment if loss.verdict == Verdict::Arrived => pick(
            lang,
            "satu lampiran; LAPOR! memilikinya, jadi tidak ada yang hilang",
            "an attachment; LAPOR! has it, so nothing is lost",
        ),
        LossKind::Attachment => pick(lang, "satu lampiran", "an attachment"),
        LossKind::Event => pick(lang, "satu komentar", "a reply"),
        LossKind::Account => pick(
            lang,
            "siapa yang masuk, bukan laporannya: masuk lagi seperti biasa, lalu laporan Anda tampak kembali. Bila ada \
             yang belum tampak, ia tetap ada di sini, sebagai laporan yang penulisnya tidak diketahui lagi, sampai \
             Anda menyatakan bahwa Anda yang menulisnya",
            "who was signed in, not the reports: sign in again as before and yours are shown again. Should any not \
             show then, it is still here, as a report whose writer is not known any more, until you say that you \
             wrote it",
        ),
    };
    match &loss.report {
        _ if loss.is_anothers => {
            let whose = pick(lang, "milik pengguna lain", "of somebody else");
            format!("{what} ({whose})")
        }
        Some(key) => format!("{what} ({key})"),
        None => what,
    }
}
