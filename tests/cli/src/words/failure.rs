//! Why a command did not do what it was asked to, and what helps.

use lapor_core::{
    client::{ClientError, OpenClientError, SignInError},
    engine::words::{self, Lang},
    net::BadGateway,
    store::OpenError,
};

use super::{photo, pick, size};
use crate::{
    exit::{Failure, FileRole, Usage},
    key_file::KeyFileError,
};

pub(crate) fn failure(failure: &Failure, lang: Lang) -> String {
    match failure {
        Failure::Usage(error) => usage(*error, lang),
        Failure::KeyFile(error) => key_file(*error, lang),
        Failure::Open(OpenClientError::Store(error)) => open(error, lang),
        Failure::Open(OpenClientError::Authority(_)) => pick(
            lang,
            "Sertifikat tambahan (--ca) tidak dapat dibaca. Berikan satu atau beberapa sertifikat dalam bentuk PEM.",
            "The extra certificates (--ca) cannot be read. Give one or more certificates in PEM form.",
        )
        .to_owned(),
        Failure::Client(error) | Failure::SignIn(SignInError::Client(error)) => client(error, lang),
        Failure::SignIn(SignInError::BadCredentials) => {
            pick(lang, "Nama pengguna atau kata sandi tidak cocok.", "Wrong user name or password.").to_owned()
        }
        Failure::SignIn(SignInError::NotReached { reason }) => {
            format!("{} {}", pick(lang, "Belum masuk.", "Not signed in."), words::reason(reason, lang))
        }
        Failure::Photo(error) => photo(error, lang),
        Failure::File { what, kind } => file(*what, *kind, lang),
    }
}

/// What is to be mended in a draft: one sentence a problem.
pub(crate) fn problems_of(failure: &Failure, lang: Lang) -> Option<Vec<crate::view::ProblemView>> {
    match failure {
        Failure::Client(ClientError::Invalid { problems }) => Some(
            problems
                .iter()
                .map(|problem| crate::view::ProblemView::new(problem, lang))
                .collect(),
        ),
        _ => None,
    }
}

fn usage(error: Usage, lang: Lang) -> String {
    match error {
        Usage::NoHome => pick(
            lang,
            "Folder penyimpanan tidak diketahui. Berikan dengan --home FOLDER.",
            "The store's folder is not known. Give it by --home DIR.",
        ),
        Usage::NothingToChange => pick(
            lang,
            "Tidak ada isian yang diubah. Berikan paling sedikit satu, misalnya --title.",
            "Nothing to change was given. Give at least one field, such as --title.",
        ),
        Usage::ServerNeeded => no_server(lang),
        Usage::BadServer(error) => match error {
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
        },
        Usage::NoTerminalForPassword => pick(
            lang,
            "Tidak ada terminal untuk menanyakan kata sandi. Pakai --password-stdin.",
            "There is no terminal to ask for the password. Use --password-stdin.",
        ),
        Usage::EmptyPassword => pick(lang, "Kata sandi kosong.", "The password is empty."),
        Usage::ForgetNeedsYes => pick(
            lang,
            "Tidak ada yang dihapus. Untuk menghapus tanpa ditanya, tambahkan --yes.",
            "Nothing was erased. Add --yes to erase without being asked.",
        ),
        Usage::ContentTooLong { limit } => {
            return match lang {
                Lang::Id => format!("Berkas isi laporan lebih besar dari {}.", size(limit, lang)),
                Lang::En => format!(
                    "The file with the report's text is larger than {}.",
                    size(limit, lang)
                ),
            };
        }
        Usage::ContentNotText => pick(
            lang,
            "Berkas isi laporan bukan teks UTF-8.",
            "The file with the report's text is not UTF-8 text.",
        ),
        Usage::FolderNotEmpty => pick(
            lang,
            "Folder tujuan harus kosong atau belum ada.",
            "The folder must be empty or not there yet.",
        ),
        Usage::SameFile => pick(
            lang,
            "Hasil tidak boleh menimpa foto aslinya. Berikan nama lain.",
            "The result must not replace the original photo. Give another name.",
        ),
    }
    .to_owned()
}

fn no_server(lang: Lang) -> &'static str {
    pick(
        lang,
        "Perintah ini perlu alamat layanan. Berikan dengan --server URL atau LAPOR_SERVER.",
        "This command needs the service's address. Give it by --server URL or LAPOR_SERVER.",
    )
}

fn key_file(error: KeyFileError, lang: Lang) -> String {
    match error {
        KeyFileError::Missing => pick(
            lang,
            "Berkas kunci tidak ada, padahal penyimpanan sudah ada. Tidak ada yang diubah. Kembalikan berkas kuncinya \
             (biasanya NAMA-FOLDER.key di samping folder penyimpanan) atau tunjukkan dengan --key-file. Tanpa kunci itu \
             isinya tidak dapat dibaca; untuk mulai baru, pakai --home dengan folder lain.",
            "The key file is missing and a store is there. Nothing was changed. Bring the key file back (usually \
             FOLDER-NAME.key beside the store's folder) or point to it by --key-file. Without that key the store \
             cannot be read; to begin anew, use --home with another folder.",
        )
        .to_owned(),
        KeyFileError::Malformed => pick(
            lang,
            "Berkas kunci rusak atau bukan berkas kunci. Tidak ada yang diubah. Kembalikan berkas kunci yang asli.",
            "The key file is damaged or no key file. Nothing was changed. Bring the original key file back.",
        )
        .to_owned(),
        KeyFileError::Locked => pick(
            lang,
            "Berkas kunci tidak boleh dibaca oleh pengguna ini. Periksa hak bacanya.",
            "This user may not read the key file. Check its permissions.",
        )
        .to_owned(),
        KeyFileError::Io { kind } => match lang {
            Lang::Id => format!("Berkas kunci tidak dapat dibaca atau ditulis ({kind})."),
            Lang::En => format!("The key file cannot be read or written ({kind})."),
        },
    }
}

fn open(error: &OpenError, lang: Lang) -> String {
    match error {
        OpenError::KeyMissing { .. } => key_file(KeyFileError::Missing, lang),
        OpenError::WrongKey => pick(
            lang,
            "Kunci ini bukan kunci penyimpanan ini. Tidak ada yang diubah. Pakai berkas kunci yang dibuat bersamanya \
             (--key-file).",
            "This key does not open this store. Nothing was changed. Use the key file that was made with it \
             (--key-file).",
        )
        .to_owned(),
        OpenError::KeyCheckDamaged => pick(
            lang,
            "Penyimpanan tidak dapat dibuka dan bukti kuncinya rusak, jadi tidak dapat dipastikan apakah kuncinya \
             keliru. Tidak ada yang diubah. Kembalikan folder dan berkas kunci dari cadangan, atau minta bantuan.",
            "The store does not open and the proof of its key is damaged, so that a wrong key cannot be told from \
             damage. Nothing was changed. Bring folder and key file back from a copy, or ask for help.",
        )
        .to_owned(),
        OpenError::StorageLocked => pick(
            lang,
            "Penyimpanan sedang dikunci oleh sistem. Periksa hak aksesnya atau buka dulu kuncinya; tidak ada yang \
             diubah.",
            "The store is locked by the system. Check its permissions or unlock it first; nothing was changed.",
        )
        .to_owned(),
        OpenError::NewerStore { found, known } => match lang {
            Lang::Id => format!(
                "Penyimpanan ini dibuat oleh versi yang lebih baru ({found}, di sini {known}). Perbarui aplikasi ini."
            ),
            Lang::En => {
                format!("This store was made by a newer version ({found}, here {known}). Please update this app.")
            }
        },
        OpenError::NeedsSpace { bytes } => match lang {
            Lang::Id => {
                format!("Perlu ruang kosong {} untuk membarui penyimpanan. Isinya utuh.", size(*bytes, lang))
            }
            Lang::En => {
                format!("{} of free space are needed to bring the store up to date. It is intact.", size(*bytes, lang))
            }
        },
        OpenError::DiskFull => client(&ClientError::DiskFull, lang),
        OpenError::NotEncrypted { .. } => pick(
            lang,
            "Pustaka basis data ini tidak menyandi. Demi keamanan, penyimpanan tidak dibuka.",
            "The database library does not encrypt. For safety the store was not opened.",
        )
        .to_owned(),
        OpenError::NotAFolder => pick(
            lang,
            "Tempat penyimpanan bukan folder. Berikan folder lain dengan --home.",
            "The store's place is not a folder. Give another one by --home.",
        )
        .to_owned(),
        OpenError::TooManySetAside => pick(
            lang,
            "Terlalu banyak penyimpanan rusak yang disisihkan di sini. Pindahkan folder set-aside-* ke tempat lain.",
            "Too many damaged stores were set aside here. Move the folders set-aside-* elsewhere.",
        )
        .to_owned(),
        OpenError::Busy => pick(
            lang,
            "Proses lain sedang memakai penyimpanan ini. Coba lagi sebentar lagi.",
            "Another process uses this store. Try again in a moment.",
        )
        .to_owned(),
        OpenError::Io { kind } => match lang {
            Lang::Id => format!("Penyimpanan tidak dapat dibaca atau ditulis ({kind})."),
            Lang::En => format!("The store cannot be read or written ({kind})."),
        },
        OpenError::Database { code } => match lang {
            Lang::Id => format!("Basis data gagal (kode {code}). Tidak ada yang dihapus."),
            Lang::En => format!("The database failed (code {code}). Nothing was deleted."),
        },
    }
}

fn client(error: &ClientError, lang: Lang) -> String {
    let fixed = match error {
        ClientError::NotFound => pick(
            lang,
            "Tidak ada laporan seperti itu di sini.",
            "There is no such report here.",
        ),
        ClientError::Ambiguous { count } => {
            return match lang {
                Lang::Id => format!("{count} laporan cocok. Tulis kuncinya lebih panjang."),
                Lang::En => format!("{count} reports match. Write more of the key."),
            };
        }
        ClientError::NotEditable { phase } => {
            let phase = words::phase(*phase, lang);
            return match lang {
                Lang::Id => format!("Laporan ini tidak dapat diubah lagi ({phase})."),
                Lang::En => format!("This report cannot be changed any more ({phase})."),
            };
        }
        ClientError::NotPossible { phase } => {
            let phase = words::phase(*phase, lang);
            return match lang {
                Lang::Id => format!("Ini tidak dapat dilakukan untuk laporan ini ({phase})."),
                Lang::En => format!("This cannot be done to this report ({phase})."),
            };
        }
        ClientError::Invalid { problems } => {
            let list: String = problems
                .iter()
                .map(|problem| format!("\n  - {}", words::problem(problem, lang)))
                .collect();
            return format!(
                "{}{list}",
                pick(
                    lang,
                    "Laporan belum lengkap:",
                    "The report is not complete:"
                )
            );
        }
        ClientError::SignInNeeded => pick(
            lang,
            "Masuk dulu dengan lapor sign-in. Konsep tetap tersimpan.",
            "Sign in first by lapor sign-in. The draft is kept.",
        ),
        ClientError::AlreadyAttached => pick(
            lang,
            "lampiran yang sama sudah ada di laporan ini",
            "the same attachment is there already",
        ),
        ClientError::NoSuchAttachment => pick(
            lang,
            "Laporan ini tidak punya lampiran dengan nomor itu.",
            "The report has no attachment of that number.",
        ),
        ClientError::TooManyAttachments { limit } => {
            return match lang {
                Lang::Id => format!(
                    "paling banyak {limit} lampiran; lepaskan satu dulu dengan lapor detach"
                ),
                Lang::En => {
                    format!("at most {limit} attachments; take one off first by lapor detach")
                }
            };
        }
        ClientError::Photo(error) => return photo(error, lang),
        ClientError::DiskFull => pick(
            lang,
            "Ruang simpan penuh. Kosongkan sedikit ruang; tidak ada yang hilang.",
            "The disk is full. Free some space; nothing was lost.",
        ),
        ClientError::Corrupt => pick(
            lang,
            "Penyimpanan rusak. Jalankan perintah apa saja sekali lagi: yang masih terbaca diselamatkan.",
            "The store is damaged. Run any command again: what can be read will be saved.",
        ),
        ClientError::InUse { pid: Some(pid) } => {
            return match lang {
                Lang::Id => format!(
                    "Proses lain ({pid}) sedang mengirim dari penyimpanan ini. Tunggu atau hentikan proses itu."
                ),
                Lang::En => format!(
                    "Another process ({pid}) is sending from this store. Wait for it or stop it."
                ),
            };
        }
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
        ClientError::StorageLocked => return open(&OpenError::StorageLocked, lang),
        ClientError::ChangedMeanwhile => pick(
            lang,
            "Laporan berubah di tengah jalan. Periksa sekali lagi: lapor draft check.",
            "The report changed in the meantime. Look at it again: lapor draft check.",
        ),
        ClientError::TooLarge { limit } => {
            return match lang {
                Lang::Id => format!("lebih besar dari {}", size(*limit, lang)),
                Lang::En => format!("larger than {}", size(*limit, lang)),
            };
        }
        ClientError::PictureGone => pick(
            lang,
            "LAPOR! sudah punya lampiran ini; di ponsel ini ruangnya sudah dikosongkan.",
            "LAPOR! has this attachment; this phone has given its space back.",
        ),
        ClientError::NoGateway => no_server(lang),
        ClientError::Suspended | ClientError::Cancelled => pick(
            lang,
            "Dihentikan; tidak ada yang hilang.",
            "Stopped; nothing was lost.",
        ),
        ClientError::Output(kind) => return file(FileRole::Bundle, *kind, lang),
        ClientError::Storage { .. } => pick(
            lang,
            "Penyimpanan gagal. Tidak ada yang dihapus.",
            "The store failed. Nothing was deleted.",
        ),
    };
    fixed.to_owned()
}

fn file(what: FileRole, kind: std::io::ErrorKind, lang: Lang) -> String {
    let name = match what {
        FileRole::Content => pick(
            lang,
            "Berkas isi laporan",
            "The file with the report's text",
        ),
        FileRole::Authority => pick(
            lang,
            "Berkas sertifikat (--ca)",
            "The certificate file (--ca)",
        ),
        FileRole::Picture => pick(lang, "Berkas hasil", "The file for the result"),
        FileRole::Bundle => pick(lang, "Berkas keluaran", "The output file"),
        #[cfg(feature = "qa")]
        FileRole::Trace => pick(lang, "Berkas jejak (--trace)", "The trace file (--trace)"),
        FileRole::Password => pick(lang, "Kata sandi", "The password"),
    };
    match lang {
        Lang::Id => format!("{name} tidak dapat dibaca atau ditulis ({kind})."),
        Lang::En => format!("{name} could not be read or written ({kind})."),
    }
}
