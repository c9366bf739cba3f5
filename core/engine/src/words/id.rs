//! Bahasa Indonesia.

use super::parts::{self, Span};
use crate::{
    api::EventKind,
    report::{Classification, Code, Field, Phase, Problem, Status, Subject},
    sync::{OperationKind, OperationState, Reason, ServiceCopy},
};

pub(super) const ALL_DONE: &str = "Semua sudah selesai.";

pub(super) fn problem(problem: &Problem) -> String {
    format!(
        "{}: {}",
        subject(&problem.subject),
        what(&problem.subject, &problem.code)
    )
}

fn what(subject: &Subject, code: &Code) -> String {
    match code {
        Code::Required => match subject {
            Subject::Field(Field::Classification) => "belum dipilih. Pilih salah satu.",
            _ => "belum diisi. Lengkapi dulu.",
        }
        .to_owned(),
        Code::TooLong { limit, actual } => match (limit, actual) {
            (0, _) => "terlalu panjang. Persingkat.".to_owned(),
            (limit, 0) => format!("paling banyak {limit} huruf. Persingkat."),
            (limit, actual) => {
                format!("paling banyak {limit} huruf, sekarang {actual}. Persingkat.")
            }
        },
        Code::ControlCharacter => {
            "ada tanda tak terlihat yang tidak dapat dibaca. Hapus lalu ketik ulang.".to_owned()
        }
        Code::Invalid => invalid(subject).to_owned(),
        Code::InFuture => "ada di masa depan. Pilih hari ini atau hari sebelumnya.".to_owned(),
        Code::TooMany { limit, actual } => match (limit, actual.saturating_sub(*limit)) {
            (0, _) => "terlalu banyak. Kurangi.".to_owned(),
            (limit, 0) => format!("paling banyak {limit}. Kurangi."),
            (limit, over) => format!("paling banyak {limit}, sekarang {actual}. Kurangi {over}."),
        },
        Code::TooLarge { limit, actual } => {
            let cure = match subject {
                Subject::Attachment(_) | Subject::Attachments => "Pilih berkas yang lebih kecil.",
                _ => "Persingkat.",
            };
            let most = parts::size(*limit, false, ',');
            match (limit, actual) {
                (0, _) => format!("terlalu besar. {cure}"),
                (_, 0) => format!("paling besar {most}. {cure}"),
                (_, actual) => format!(
                    "paling besar {most}, sekarang {}. {cure}",
                    parts::size(*actual, true, ',')
                ),
            }
        }
        Code::UnsupportedType => {
            "jenis berkas ini tidak diterima. Pakai JPG, PNG, atau PDF.".to_owned()
        }
        Code::Duplicate => "sama dengan lampiran sebelumnya. Buang salah satu.".to_owned(),
        Code::Other { word } => format!(
            "LAPOR! minta ini diperiksa lagi (kode {}).",
            parts::identifier(word)
        ),
    }
}

fn invalid(subject: &Subject) -> &'static str {
    match subject {
        Subject::Field(Field::IncidentDate) => {
            "bukan tanggal. Tulis tahun-bulan-tanggal, misalnya 2026-11-22."
        }
        Subject::Field(Field::AreaCode | Field::InstitutionId | Field::CategoryId) => {
            "tidak dikenal. Pilih dari daftar atau kosongkan."
        }
        Subject::Field(Field::Place) => "bukan titik di peta. Ambil ulang atau kosongkan.",
        _ => "belum sesuai. Periksa lagi.",
    }
}

pub(super) fn subject(subject: &Subject) -> String {
    match subject {
        Subject::Field(one) => field(*one).to_owned(),
        Subject::Attachment(position) => format!("Lampiran {}", u64::from(*position) + 1),
        Subject::Attachments => "Lampiran".to_owned(),
        Subject::Report => "Laporan".to_owned(),
        Subject::Unknown(name) => format!("Isian \u{201c}{}\u{201d}", parts::identifier(name)),
    }
}

pub(super) fn field(field: Field) -> &'static str {
    match field {
        Field::Classification => "Klasifikasi",
        Field::Title => "Judul",
        Field::Content => "Isi laporan",
        Field::IncidentDate => "Tanggal kejadian",
        Field::Location => "Lokasi kejadian",
        Field::AreaCode => "Wilayah",
        Field::InstitutionId => "Instansi tujuan",
        Field::Text => "Isi tanggapan",
        Field::Rating => "Penilaian",
        Field::CategoryId => "Kategori",
        Field::Anonymous => "Anonim",
        Field::Secret => "Rahasia",
        Field::Place => "Titik lokasi",
    }
}

pub(super) fn reason(reason: &Reason) -> String {
    match reason {
        Reason::NotTried => "Tersimpan di ponsel ini. Segera dikirim sendiri.".to_owned(),
        Reason::Follows => "Menunggu langkah sebelumnya selesai.".to_owned(),
        Reason::Offline => "Belum ada sinyal. Dikirim sendiri begitu ada jaringan.".to_owned(),
        Reason::Metered => {
            "Lampiran menunggu jaringan tanpa biaya data, sesuai pilihan Anda.".to_owned()
        }
        Reason::ClockWrong => "Jam ponsel ini tampaknya keliru, jadi keamanan sambungan tidak dapat diperiksa. \
             Betulkan tanggal dan jamnya, lalu dicoba lagi sendiri."
            .to_owned(),
        Reason::Untrusted => "Sambungan di jaringan ini tidak dapat dipercaya, jadi belum ada yang dikirim. \
             Dicoba lagi sendiri; jaringan lain mungkin membantu."
            .to_owned(),
        Reason::SignInToWifi => "Wi-Fi ini minta Anda masuk dulu. Buka halaman masuknya atau pakai jaringan lain; \
             laporan tetap tersimpan."
            .to_owned(),
        Reason::NotLapor { status } => format!(
            "Jaringan ini menjawab di tempat LAPOR! (kode {status}). Laporan tetap tersimpan dan dicoba lagi sendiri; \
             jaringan lain mungkin membantu."
        ),
        Reason::Busy { status } if parts::is_error(*status) => {
            format!("LAPOR! sedang sibuk (kode {status}). Dicoba lagi sendiri.")
        }
        Reason::Busy { status } => {
            format!("Jawaban LAPOR! belum dapat dipahami (kode {status}). Dicoba lagi sendiri.")
        }
        Reason::Poison { status } if parts::is_of_a_front_end(*status) => format!(
            "Sesuatu di antara ponsel ini dan LAPOR! tidak meneruskan yang satu ini (kode {status}); yang lain tetap \
             jalan. Dicoba lagi sendiri; jaringan lain mungkin membantu."
        ),
        Reason::Poison { status } if !parts::is_error(*status) => format!(
            "Yang datang sebagai jawaban untuk yang satu ini berulang kali tidak dapat dipahami (kode {status}); yang \
             lain tetap jalan. Dicoba lagi sendiri."
        ),
        Reason::Poison { status } => format!(
            "LAPOR! berulang kali belum dapat memproses yang satu ini (kode {status}); yang lain tetap jalan. \
             Dicoba lagi sendiri."
        ),
        Reason::Unknown => "Sambungan terputus sebelum jawaban LAPOR! sampai. Isi yang sama diulang sendiri dan tidak \
             akan tercatat dua kali."
            .to_owned(),
        Reason::Aborted => "Memberi jalan dulu untuk yang lebih mendesak, lalu dilanjutkan.".to_owned(),
        Reason::SignIn => "Silakan masuk ke akun Anda. Semua tetap tersimpan dan dilanjutkan sesudahnya.".to_owned(),
        Reason::Rejected { problems } => {
            let list: String = problems.iter().map(|one| format!(" {}", problem(one))).collect();
            format!("LAPOR! minta isinya diperbaiki, lalu kirim lagi.{list}")
        }
        Reason::KeyTaken { foreign: false } => "LAPOR! sudah punya laporan ini dengan isi yang lain. Bandingkan \
             keduanya, lalu pilih."
            .to_owned(),
        Reason::KeyTaken { foreign: true } => "Laporan ini sudah tercatat di LAPOR! atas akun lain. Masuk dengan akun \
             itu, atau kirim sebagai laporan baru."
            .to_owned(),
        Reason::Refused { status, code } => format!(
            "LAPOR! belum dapat menerima ini (kode {}). Ini bukan kesalahan Anda. Tetap tersimpan, dicoba lagi setiap \
             hari dan setelah aplikasi diperbarui.",
            parts::code(*status, code)
        ),
        Reason::UpdateApp => "Aplikasi ini perlu versi yang lebih baru. Silakan perbarui aplikasi; semua tetap \
             tersimpan."
            .to_owned(),
        Reason::Local => "Ponsel ini belum dapat membaca atau menyimpan sesuatu, mungkin ruangnya penuh. Tidak ada \
             yang dihapus. Kosongkan sedikit ruang, lalu dicoba lagi sendiri."
            .to_owned(),
        Reason::Lost => "Tidak ada lagi di ponsel ini dan tidak ada di LAPOR!, jadi tidak dapat dikirim. Bila Anda masih \
             memilikinya, kirim lagi: gambar dalam laporan baru yang menyebut laporan ini, balasan sebagai balasan \
             baru."
            .to_owned(),
        Reason::UploadExpired => "Tempat unggah di LAPOR! sudah habis waktunya. Tempat baru diminta dan lampiran \
             diulang sendiri."
            .to_owned(),
        Reason::UploadDamaged => "Lampiran tidak utuh ketika sampai di LAPOR!. Diulang sendiri dari awal.".to_owned(),
        Reason::BeingChecked => "Seluruh lampiran ini sudah sampai di LAPOR! dan masih diperiksa di sana. Ditanyakan \
             lagi sendiri."
            .to_owned(),
        Reason::Withdrawn => "Sudah ditarik kembali oleh penulisnya.".to_owned(),
        Reason::Overtaken => "LAPOR! belum dapat menerimanya, dan yang Anda lakukan sesudahnya menggantikannya. \
             Tidak dikirim lagi; ulangi bila masih perlu."
            .to_owned(),
        Reason::TooLate => "Tidak dapat ditarik lagi: LAPOR! sudah mulai menanganinya.".to_owned(),
        Reason::Forgotten => "LAPOR! dipulihkan dari cadangan dan kehilangan laporan ini. Dikirim ulang sendiri dengan \
             nomor lama sebagai rujukan."
            .to_owned(),
        Reason::AlreadyThere => "LAPOR! sudah memilikinya, tidak perlu dikirim lagi.".to_owned(),
        Reason::NotFetched => "Isi yang ada di LAPOR! belum ada di ponsel ini dan diambil sendiri.".to_owned(),
    }
}

pub(super) fn service_copy(copy: ServiceCopy) -> &'static str {
    match copy {
        ServiceCopy::Awaited => {
            "Isi yang ada di LAPOR! belum ada di ponsel ini; diambil sendiri begitu bisa."
        }
        ServiceCopy::Other => {
            "Isi yang ada di LAPOR! berbeda. Bila isi Anda juga perlu sampai, kirim sebagai laporan lain."
        }
        ServiceCopy::Same => {
            "Isi yang ada di LAPOR! sama dengan isi Anda; tidak perlu dikirim lagi."
        }
        ServiceCopy::TakenBack => {
            "Isi yang ada di LAPOR! sudah ditarik kembali. Isi Anda belum sampai dan hanya dapat \
             dikirim sebagai laporan lain."
        }
        ServiceCopy::NotShown => {
            "LAPOR! tidak menampilkan isi yang ada padanya; ditanyakan lagi tiap hari."
        }
    }
}

pub(super) fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Draft => "Konsep",
        Phase::Discarded => "Disisihkan",
        Phase::Queued => "Menunggu dikirim",
        Phase::Sent => "Diterima LAPOR!",
        Phase::Withdrawing => "Sedang ditarik kembali",
        Phase::Withdrawn => "Sudah ditarik kembali",
        Phase::Rejected => "Perlu diperbaiki",
        Phase::KeyTaken => "Perlu keputusan Anda",
        Phase::Superseded => "Dilanjutkan sebagai laporan lain",
    }
}

/// The dashboard's own words; `Terverifikasi` and `Ditarik Kembali` are this project's.
pub(super) fn status(status: &Status) -> &str {
    match status {
        Status::Unverified => "Belum Terverifikasi",
        Status::Verified => "Terverifikasi",
        Status::Disposed => "Terdisposisi Belum Ditindaklanjuti",
        Status::InProgress => "Terdisposisi Sedang Diproses",
        Status::Postponed => "Tertunda",
        Status::Closed => "Terdisposisi Selesai",
        Status::Archived => "Arsip",
        Status::NotOurAuthority => "Bukan Wewenang",
        Status::Withdrawn => "Ditarik Kembali",
        Status::Other(word) => word,
    }
}

pub(super) fn classification(classification: Classification) -> &'static str {
    match classification {
        Classification::Complaint => "Pengaduan",
        Classification::InformationRequest => "Permintaan Informasi",
        Classification::Aspiration => "Aspirasi",
    }
}

pub(super) fn operation(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::CreateReport => "Kirim laporan",
        OperationKind::Withdraw => "Tarik kembali laporan",
        OperationKind::AddEvent => "Kirim tambahan",
        OperationKind::UploadAttachment => "Kirim lampiran",
        OperationKind::FetchCopy => "Ambil isi yang ada di LAPOR!",
    }
}

pub(super) fn event_step(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Reply => "Kirim komentar",
        EventKind::FollowUp => "Kirim tindak lanjut",
        EventKind::Rate => "Kirim penilaian",
        EventKind::Close => "Tutup laporan",
        EventKind::Support => "Kirim dukungan",
        EventKind::Forward => "Teruskan laporan",
    }
}

pub(super) fn operation_state(state: OperationState) -> &'static str {
    match state {
        OperationState::Waiting => "Menunggu",
        OperationState::InFlight => "Sedang berjalan",
        OperationState::Paused => "Berhenti sementara",
        OperationState::Done => "Selesai",
        OperationState::Ended => "Tidak dilanjutkan",
    }
}

pub(super) fn event(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Reply => "Komentar",
        EventKind::FollowUp => "Tindak Lanjut",
        EventKind::Rate => "Penilaian",
        EventKind::Close => "Tutup Laporan",
        EventKind::Support => "Dukung",
        EventKind::Forward => "Disposisi",
    }
}

pub(super) fn wait(millis: u64) -> String {
    format!("dicoba lagi {}", when(millis))
}

pub(super) fn when(millis: u64) -> String {
    match parts::span(millis) {
        Span::Moment => "sebentar lagi".to_owned(),
        Span::Seconds(n) => format!("dalam {n} detik"),
        Span::Minutes(n) => format!("dalam {n} menit"),
        Span::Hours(n) => format!("dalam {n} jam"),
        Span::Days(n) => format!("dalam {n} hari"),
    }
}
