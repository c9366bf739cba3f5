//! Why a store was not opened. Each says that nothing was changed where a person might fear it.

use std::io::ErrorKind;

use lapor_engine::words::Lang;

use super::{
    call,
    calls::{failed, read_only},
    pick, size,
};
use crate::{
    client::{ClientError, OpenClientError},
    net::BadGateway,
    store::OpenError,
};

/// Why a client cannot be opened, and what helps.
pub fn open(error: &OpenClientError, lang: Lang) -> String {
    match error {
        OpenClientError::Store(error) => store(error, lang),
        OpenClientError::Authority(_) => pick(
            lang,
            "Sertifikat tambahan tidak dapat dibaca. Berikan satu atau beberapa sertifikat dalam bentuk PEM.",
            "The extra certificates cannot be read. Give one or more certificates in PEM form.",
        ),
    }
}

fn store(error: &OpenError, lang: Lang) -> String {
    match error {
        OpenError::KeyMissing { store_exists: true } => pick(
            lang,
            "Kunci penyimpanan tidak ada, padahal penyimpanan sudah ada. Tidak ada yang diubah. Tanpa kunci itu isinya \
             tidak dapat dibaca.",
            "The key of the store is missing and a store is there. Nothing was changed. Without that key the store \
             cannot be read.",
        ),
        OpenError::KeyMissing {
            store_exists: false,
        } => pick(
            lang,
            "Kunci penyimpanan belum dibuat.",
            "The key of the store was not made yet.",
        ),
        OpenError::WrongKey => pick(
            lang,
            "Kunci ini bukan kunci penyimpanan ini. Tidak ada yang diubah. Pakai kunci yang dibuat bersamanya.",
            "This key does not open this store. Nothing was changed. Use the key that was made with it.",
        ),
        OpenError::KeyCheckDamaged => pick(
            lang,
            "Penyimpanan tidak dapat dibuka dan bukti kuncinya rusak, jadi tidak dapat dipastikan apakah kuncinya \
             keliru. Tidak ada yang diubah. Kembalikan folder dan kunci dari cadangan, atau minta bantuan.",
            "The store does not open and the proof of its key is damaged, so that a wrong key cannot be told from \
             damage. Nothing was changed. Bring folder and key back from a copy, or ask for help.",
        ),
        OpenError::StorageLocked => pick(
            lang,
            "Penyimpanan sedang dikunci oleh sistem. Buka dulu kunci ponsel, atau periksa hak aksesnya; tidak ada yang \
             diubah.",
            "The store is locked by the system. Unlock the phone first, or check the permissions; nothing was changed.",
        ),
        OpenError::NewerStore { found, known } => match lang {
            Lang::Id => format!(
                "Penyimpanan ini dibuat oleh versi yang lebih baru ({found}, di sini {known}). Perbarui aplikasi ini."
            ),
            Lang::En => format!(
                "This store was made by a newer version ({found}, here {known}). Please update this app."
            ),
        },
        OpenError::NeedsSpace { bytes } => {
            let room = size(*bytes, lang);
            match lang {
                Lang::Id => format!(
                    "Perlu ruang kosong {room} untuk menyiapkan penyimpanan. Kosongkan ruang, lalu buka lagi; tidak ada \
                     yang dihapus."
                ),
                Lang::En => format!(
                    "{room} of free space are needed to prepare the store. Free some and open it again; nothing was \
                     deleted."
                ),
            }
        }
        OpenError::SalvageNeedsSpace { bytes } => {
            let room = size(*bytes, lang);
            match lang {
                Lang::Id => format!(
                    "Penyimpanan rusak. Untuk menyelamatkan yang masih terbaca perlu ruang kosong {room}. Kosongkan \
                     ruang, lalu buka lagi; tidak ada yang dihapus."
                ),
                Lang::En => format!(
                    "The store is damaged. To save what can be read {room} of free space are needed. Free some space \
                     and open it again; nothing was deleted."
                ),
            }
        }
        OpenError::DiskFull => call(&ClientError::DiskFull, lang),
        OpenError::NotEncrypted { .. } => pick(
            lang,
            "Pustaka basis data ini tidak menyandi. Demi keamanan, penyimpanan tidak dibuka.",
            "The database library does not encrypt. For safety the store was not opened.",
        ),
        OpenError::NotAFolder => pick(
            lang,
            "Tempat penyimpanan bukan folder. Pilih folder lain.",
            "The store's place is not a folder. Choose another one.",
        ),
        OpenError::TooManySetAside => pick(
            lang,
            "Terlalu banyak penyimpanan rusak yang disisihkan di sini. Pindahkan folder set-aside-* ke tempat lain.",
            "Too many damaged stores were set aside here. Move the folders set-aside-* elsewhere.",
        ),
        OpenError::Busy => pick(
            lang,
            "Proses lain sedang memakai penyimpanan ini. Coba lagi sebentar lagi.",
            "Another process uses this store. Try again in a moment.",
        ),
        OpenError::Io {
            kind: ErrorKind::ReadOnlyFilesystem,
        } => read_only(lang),
        OpenError::Io { kind } => failed(&kind.to_string(), lang),
        OpenError::Database { code } => failed(&format!("sqlite {code}"), lang),
    }
}

/// What is wrong with the address of the service.
pub fn gateway(error: BadGateway, lang: Lang) -> String {
    match error {
        BadGateway::NotAUrl => pick(
            lang,
            "Alamat layanan bukan URL. Tulis seperti https://alamat/.",
            "The service's address is not a URL. Write it like https://host/.",
        ),
        BadGateway::NotHttps => pick(
            lang,
            "Alamat layanan harus diawali https://.",
            "The service's address must begin with https://.",
        ),
        BadGateway::PlainHttp => pick(
            lang,
            "http biasa hanya untuk mesin ini sendiri. Pakai https://.",
            "Plain http goes to this machine only. Use https://.",
        ),
        BadGateway::HoldsCredentials => pick(
            lang,
            "Alamat layanan tidak boleh memuat nama atau kata sandi.",
            "The service's address must not hold a name or password.",
        ),
    }
}

/// A key or install id of the wrong length: a fault of the app, not of the person.
pub fn unfit_key(lang: Lang) -> String {
    pick(
        lang,
        "Kunci penyimpanan tidak utuh. Tidak ada yang diubah.",
        "The key of the store is not whole. Nothing was changed.",
    )
}

/// Not the text of a key: a fault of the app, not of the person.
pub fn not_a_key(lang: Lang) -> String {
    pick(
        lang,
        "Ini bukan kunci laporan.",
        "This is not the key of a report.",
    )
}

/// The system would not give a thread.
pub fn no_thread(lang: Lang) -> String {
    pick(
        lang,
        "Ponsel terlalu sibuk. Tutup aplikasi lain lalu coba lagi.",
        "The phone is too busy. Close other apps and try again.",
    )
}
