//! What a call may end with besides success.

use std::io::ErrorKind;

use lapor_engine::{
    api::EventKind,
    report::Phase,
    words::{self, Lang},
};

use super::{open, photo, pick, size};
use crate::{client::ClientError, output::OutputError, store::OpenError};

/// Why a call did not do what it was asked to, and what helps.
pub fn call(error: &ClientError, lang: Lang) -> String {
    match error {
        ClientError::NotFound => pick(
            lang,
            "Tidak ada laporan seperti itu di sini.",
            "There is no such report here.",
        ),
        ClientError::Ambiguous { count } => match lang {
            Lang::Id => format!("{count} laporan cocok. Tulis kuncinya lebih panjang."),
            Lang::En => format!("{count} reports match. Write more of the key."),
        },
        ClientError::NotEditable { phase } => {
            let instead = instead(*phase, false, lang);
            let phase = words::phase(*phase, lang);
            match lang {
                Lang::Id => format!("Laporan ini tidak dapat diubah lagi ({phase}). {instead}"),
                Lang::En => format!("This report cannot be changed any more ({phase}). {instead}"),
            }
        }
        ClientError::NotPossible { phase } => {
            let instead = instead(*phase, true, lang);
            let phase = words::phase(*phase, lang);
            match lang {
                Lang::Id => {
                    format!("Ini tidak dapat dilakukan untuk laporan ini ({phase}). {instead}")
                }
                Lang::En => format!("This cannot be done to this report ({phase}). {instead}"),
            }
        }
        ClientError::NothingToGiveUp => pick(
            lang,
            "Tanggapan itu tidak menunggu lagi, atau mungkin sudah sampai ke LAPOR!; tidak ada yang dapat dibatalkan.",
            "That reply waits no more, or it may have arrived at LAPOR!: there is nothing to give up.",
        ),
        ClientError::StillToSend => pick(
            lang,
            "Masih ada dari laporan ini yang menunggu LAPOR!. Tunggu sampai selesai, atau tarik dulu laporannya dan tunggu \
             jawabannya; sesudah itu laporan dapat dihapus dari ponsel ini. Tidak ada yang dihapus.",
            "Something of this report still waits for LAPOR!. Wait until that is done, or take the report back first and wait \
             for the answer; after that it can be erased from this phone. Nothing was erased.",
        ),
        ClientError::SentAsAnother { .. } => pick(
            lang,
            "Isi laporan ini sudah dilanjutkan sebagai laporan lain. Lanjutkan di sana.",
            "What this report says goes on as another report already. Go on there.",
        ),
        ClientError::Invalid { problems } => incomplete(
            problems.iter().map(|problem| words::problem(problem, lang)),
            lang,
        ),
        ClientError::NotForRole { kind } => not_for_role(*kind, lang),
        ClientError::SignInNeeded => pick(
            lang,
            "Masuk dulu. Konsep tetap tersimpan.",
            "Sign in first. The draft is kept.",
        ),
        ClientError::AlreadyAttached => pick(
            lang,
            "Lampiran yang sama sudah ada di laporan ini.",
            "The same attachment is there already.",
        ),
        ClientError::NoSuchAttachment => pick(
            lang,
            "Laporan ini tidak punya lampiran dengan nomor itu.",
            "The report has no attachment of that number.",
        ),
        ClientError::TooManyAttachments { limit } => match lang {
            Lang::Id => format!("Paling banyak {limit} lampiran. Lepaskan satu dulu."),
            Lang::En => format!("At most {limit} attachments. Take one off first."),
        },
        ClientError::Photo(error) => photo(error, lang),
        ClientError::DiskFull => pick(
            lang,
            "Ruang simpan penuh. Kosongkan sedikit ruang; tidak ada yang hilang.",
            "The disk is full. Free some space; nothing was lost.",
        ),
        ClientError::Corrupt => pick(
            lang,
            "Penyimpanan rusak. Kosongkan ruang bila hampir penuh, lalu buka sekali lagi: yang masih terbaca \
             diselamatkan.",
            "The store is damaged. Free some space where there is little, and open it again: what can be read will be \
             saved.",
        ),
        ClientError::InUse { pid: Some(pid) } => match lang {
            Lang::Id => format!(
                "Proses lain ({pid}) sedang mengirim dari penyimpanan ini. Tunggu atau hentikan proses itu."
            ),
            Lang::En => format!(
                "Another process ({pid}) is sending from this store. Wait for it or stop it."
            ),
        },
        ClientError::InUse { pid: None } => pick(
            lang,
            "Proses lain sedang mengirim dari penyimpanan ini. Tunggu atau hentikan proses itu.",
            "Another process is sending from this store. Wait for it or stop it.",
        ),
        ClientError::Locked => pick(
            lang,
            "Penyimpanan sedang dipakai. Coba lagi sebentar lagi.",
            "The store is in use. Try again in a moment.",
        ),
        ClientError::StorageLocked => open(&OpenError::StorageLocked.into(), lang),
        ClientError::ChangedMeanwhile => pick(
            lang,
            "Laporan berubah di tengah jalan. Periksa sekali lagi.",
            "The report changed in the meantime. Look at it again.",
        ),
        ClientError::TooLarge { limit } => match lang {
            Lang::Id => format!("Terlalu besar: paling banyak {}.", size(*limit, lang)),
            Lang::En => format!("Too large: at most {}.", size(*limit, lang)),
        },
        ClientError::PictureGone => pick(
            lang,
            "Lampiran ini sudah diterima LAPOR! dan tidak disimpan lagi di ponsel ini.",
            "LAPOR! has received this attachment, and it is no longer kept on this phone.",
        ),
        ClientError::PictureLost => pick(
            lang,
            "Lampiran ini hilang: tidak ada lagi di ponsel ini dan tidak ada di LAPOR!. Bila Anda masih memilikinya, sertakan dalam laporan baru.",
            "This attachment is lost: it is no longer on this phone and LAPOR! does not have it. If you still have it, put it into a new report.",
        ),
        ClientError::NoSuchJob => pick(
            lang,
            "Pengiriman di latar ini tidak dikenal di sini.",
            "This background upload is not known here.",
        ),
        ClientError::NoGateway => pick(
            lang,
            "Alamat layanan LAPOR! belum diatur.",
            "The address of the LAPOR! service is not set.",
        ),
        ClientError::Suspended | ClientError::Cancelled => pick(
            lang,
            "Dihentikan; tidak ada yang hilang.",
            "Stopped; nothing was lost.",
        ),
        ClientError::Output(error) => output(*error, lang),
        ClientError::Storage { kind } => failed(kind, lang),
    }
}

/// No trying again and no restart helps there.
pub(super) fn read_only(lang: Lang) -> String {
    pick(
        lang,
        "Tempat itu hanya dapat dibaca, jadi tidak ada yang dapat disimpan di sana. Tidak ada yang diubah. Pilih tempat \
         lain, atau buat tempat itu dapat ditulisi.",
        "That place can only be read, so nothing can be kept there. Nothing was changed. Choose another place, or make \
         that one writable.",
    )
}

/// Where only the code tells what it was.
pub(super) fn failed(code: &str, lang: Lang) -> String {
    match lang {
        Lang::Id => format!(
            "Penyimpanan gagal ({code}). Tidak ada yang dihapus. Coba lagi; bila tetap gagal, buka ulang aplikasi ini, \
             lalu minta bantuan dengan kode itu."
        ),
        Lang::En => format!(
            "The store failed ({code}). Nothing was deleted. Try again; if that fails too, close this app and open it, \
             then ask for help with that code."
        ),
    }
}

/// What of the two sides of a report is the other's.
fn not_for_role(kind: Option<EventKind>, lang: Lang) -> String {
    match kind {
        None => pick(
            lang,
            "LAPOR! tidak menerima laporan dari akun petugas. Masuk dengan akun pelapor; konsep ini tetap tersimpan \
             pada akun petugas.",
            "LAPOR! takes no reports from an officer's account. Sign in as a reporter; this draft is kept with the \
             officer's account.",
        ),
        Some(EventKind::FollowUp | EventKind::Forward) => pick(
            lang,
            "Ini hanya untuk petugas instansi. Sebagai pelapor, tambahkan komentar.",
            "This is for officers of an institution only. As a reporter, add a reply.",
        ),
        Some(EventKind::Rate | EventKind::Close | EventKind::Support | EventKind::Reply) => pick(
            lang,
            "Ini hanya untuk pelapor. Sebagai petugas, tulis tindak lanjut atau komentar.",
            "This is for reporters only. As an officer, write a follow-up or a reply.",
        ),
    }
}

/// Why a file that the person named was not written.
fn output(error: OutputError, lang: Lang) -> String {
    match error {
        OutputError::Exists => pick(
            lang,
            "Nama itu sudah dipakai; yang ada di sana tidak diubah. Berikan nama lain.",
            "Something of that name is there already and was left as it is. Give another name.",
        ),
        OutputError::NotEmpty => pick(
            lang,
            "Folder tujuan harus kosong atau belum ada.",
            "The folder must be empty or not there yet.",
        ),
        OutputError::NotAFile => pick(
            lang,
            "Di sana ada folder, pipa, atau perangkat, bukan berkas; tidak ada yang ditulis. Berikan nama lain.",
            "What has that name is a folder, a pipe or a device, not a file; nothing was written. Give another name.",
        ),
        OutputError::Guarded => pick(
            lang,
            "Tempat itu milik penyimpanan laporan atau kuncinya; tidak ada yang ditulis di sana. Pilih tempat lain.",
            "That place belongs to the store of the reports or to its key; nothing was written there. Choose another \
             place.",
        ),
        OutputError::DiskFull => call(&ClientError::DiskFull, lang),
        OutputError::Io {
            kind: ErrorKind::ReadOnlyFilesystem,
        } => read_only(lang),
        OutputError::Io { kind } => match lang {
            Lang::Id => format!("Berkas keluaran tidak dapat dibaca atau ditulis ({kind})."),
            Lang::En => format!("The output file could not be read or written ({kind})."),
        },
    }
}

/// What can be done to a report of this phase. `acted`: something else than a change of its words was
/// wanted.
fn instead(phase: Phase, acted: bool, lang: Lang) -> String {
    match phase {
        Phase::Draft if acted => pick(
            lang,
            "Belum dikirim: kirim dulu, atau buang konsepnya.",
            "It was not submitted: submit it first, or discard the draft.",
        ),
        Phase::Rejected if acted => pick(
            lang,
            "LAPOR! sudah menolaknya: perbaiki lalu kirim lagi, atau buang.",
            "LAPOR! has refused it: correct it and submit it again, or discard it.",
        ),
        Phase::Draft | Phase::Rejected => {
            pick(lang, "Periksa lagi konsepnya.", "Look at the draft again.")
        }
        Phase::Discarded => pick(
            lang,
            "Keluarkan dulu dari tempat simpan.",
            "Bring it back first.",
        ),
        Phase::Queued | Phase::Sent if acted => pick(
            lang,
            "Bila tidak jadi, tarik laporan itu di ponsel tempat ia ditulis.",
            "If you do not want it any more, take it back on the phone that it was written on.",
        ),
        Phase::Queued | Phase::Sent => pick(
            lang,
            "Tambahkan komentar, atau tarik lalu tulis yang baru.",
            "Add a reply to it, or take it back and write another.",
        ),
        Phase::Withdrawing => pick(
            lang,
            "Tunggu jawaban LAPOR!; yang baru boleh ditulis sekarang.",
            "Wait for the answer of LAPOR!; another one can be written now.",
        ),
        Phase::Withdrawn => pick(lang, "Tulis laporan baru.", "Write another report."),
        Phase::KeyTaken => pick(
            lang,
            "Bandingkan keduanya, lalu kirim sebagai laporan lain.",
            "Compare the two, then send it as another report.",
        ),
        Phase::Superseded => pick(
            lang,
            "Lanjutkan di laporan penggantinya.",
            "Go on in the report that took its place.",
        ),
    }
}

/// What is to be mended before a report may go, a line each.
pub fn incomplete(problems: impl Iterator<Item = String>, lang: Lang) -> String {
    let list: String = problems.map(|problem| format!("\n  - {problem}")).collect();
    let head = pick(
        lang,
        "Laporan belum lengkap:",
        "The report is not complete:",
    );
    format!("{head}{list}")
}
