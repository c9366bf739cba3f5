//! Why a command did not do what it was asked to, and what helps.

use lapor_core::{
    client::{ClientError, OpenClientError, SignInError},
    engine::{api::EventKind, report::Phase, words::Lang},
    output::OutputError,
    store::OpenError,
    words::{self, size},
};

use super::pick;
use crate::{
    exit::{Failure, FileRole, Usage},
    key_file::KeyFileError,
};

pub(crate) fn failure(failure: &Failure, lang: Lang) -> String {
    match failure {
        Failure::Usage(error) => usage(*error, lang),
        Failure::KeyFile(error) => key_file(*error, lang),
        Failure::Open(error) => open(error, lang),
        Failure::Client(error) | Failure::SignIn(SignInError::Client(error)) => client(error, lang),
        Failure::SignIn(error) => words::sign_in(error, lang),
        Failure::Photo(error) => words::photo(error, lang),
        Failure::NoSuchEvent => pick(
            lang,
            "Tidak ada tanggapan dengan kunci itu di sini. Tulis kuncinya utuh, seperti tertulis di lapor outbox.",
            "There is no reply with that key here. Write the whole key, as lapor outbox has it.",
        )
        .to_owned(),
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
        Usage::BadServer(error) => return words::gateway(error, lang),
        Usage::NoTerminalForPassword => pick(
            lang,
            "Tidak ada terminal untuk menanyakan kata sandi. Pakai --password-stdin.",
            "There is no terminal to ask for the password. Use --password-stdin.",
        ),
        Usage::EmptyPassword => pick(lang, "Kata sandi kosong.", "The password is empty."),
        Usage::ErasingNeedsYes => pick(
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
        KeyFileError::NoRoom => pick(
            lang,
            "Disk tempat berkas kunci akan disimpan penuh. Kosongkan sedikit ruang di sana, atau pilih tempat lain \
             untuknya dengan --key-file.",
            "The disk on which the key file is to lie is full. Free some space there, or choose another place for it by \
             --key-file.",
        )
        .to_owned(),
        KeyFileError::NotMade { kind } => match lang {
            Lang::Id => format!(
                "Di folder itu tidak ada yang dapat disimpan ({kind}), juga kuncinya, yang berada di samping folder \
                 penyimpanan. Pilih folder lain dengan --home, atau tempat lain untuk kuncinya dengan --key-file."
            ),
            Lang::En => format!(
                "Nothing can be kept at that place ({kind}), not even the key, which lies beside the store's folder. \
                 Choose another folder by --home, or another place for the key by --key-file."
            ),
        },
        KeyFileError::Io { kind } => match lang {
            Lang::Id => format!("Berkas kunci tidak dapat dibaca atau ditulis ({kind})."),
            Lang::En => format!("The key file cannot be read or written ({kind})."),
        },
    }
}

/// The core's words, and where in this command line the cure is.
fn hinted(said: String, hint: &str) -> String {
    format!("{said} ({hint})")
}

fn open(error: &OpenClientError, lang: Lang) -> String {
    let said = words::open(error, lang);
    match error {
        OpenClientError::Authority(_) => hinted(said, "--ca"),
        OpenClientError::Store(OpenError::KeyMissing { .. }) => {
            key_file(KeyFileError::Missing, lang)
        }
        OpenClientError::Store(OpenError::WrongKey) => hinted(said, "--key-file"),
        OpenClientError::Store(OpenError::NotAFolder) => hinted(said, "--home"),
        OpenClientError::Store(_) => said,
    }
}

fn client(error: &ClientError, lang: Lang) -> String {
    let said = words::call(error, lang);
    match error {
        ClientError::SignInNeeded => hinted(said, "lapor sign-in"),
        ClientError::TooManyAttachments { .. } => hinted(said, "lapor detach"),
        ClientError::ChangedMeanwhile => hinted(said, "lapor draft check"),
        ClientError::Corrupt => hinted(
            said,
            pick(
                lang,
                "jalankan perintah yang sama sekali lagi",
                "run the same command once more",
            ),
        ),
        ClientError::NotFound => hinted(said, "lapor list"),
        ClientError::Ambiguous { .. } => hinted(said, "lapor list"),
        ClientError::NotPossible {
            phase: Phase::Draft,
        } => hinted(said, "lapor submit, lapor draft discard"),
        ClientError::NotPossible {
            phase: Phase::Rejected,
        } => hinted(said, "lapor draft edit, lapor submit, lapor draft discard"),
        ClientError::NotEditable {
            phase: Phase::Discarded,
        } => hinted(said, "lapor draft restore"),
        ClientError::NotPossible {
            phase: Phase::Discarded,
        } => hinted(said, "lapor draft restore"),
        ClientError::NotPossible {
            phase: Phase::Queued | Phase::Sent,
        } => hinted(said, "lapor withdraw, lapor show"),
        ClientError::NotPossible { .. } => hinted(said, "lapor show"),
        ClientError::SentAsAnother { another } => hinted(said, &format!("lapor show {another}")),
        ClientError::Storage { .. } => hinted(said, "lapor doctor --bundle"),
        ClientError::NotForRole {
            kind: Some(EventKind::FollowUp | EventKind::Forward),
        } => hinted(said, "lapor reply"),
        ClientError::NotForRole { kind: Some(_) } => hinted(said, "lapor follow-up, lapor reply"),
        ClientError::NotForRole { kind: None } => hinted(said, "lapor sign-in"),
        ClientError::NoGateway => no_server(lang).to_owned(),
        ClientError::Output(OutputError::Exists) => hinted(said, "--force"),
        _ => said,
    }
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
        #[cfg(feature = "qa")]
        FileRole::Trace => pick(lang, "Berkas jejak (--trace)", "The trace file (--trace)"),
        FileRole::Password => pick(lang, "Kata sandi", "The password"),
    };
    match lang {
        Lang::Id => format!("{name} tidak dapat dibaca atau ditulis ({kind})."),
        Lang::En => format!("{name} could not be read or written ({kind})."),
    }
}
