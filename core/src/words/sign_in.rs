//! Why nobody was signed in. Nothing of a sign-in is kept and nothing of it goes by itself: what an
//! outbox would say for the same reason would not be true.

use lapor_engine::{
    sync::Reason,
    words::{self, Lang},
};

use super::{call, pick};
use crate::client::SignInError;

/// Why nobody was signed in, what helps, and when to try it again.
pub fn sign_in(error: &SignInError, lang: Lang) -> String {
    match error {
        SignInError::Incomplete => pick(
            lang,
            "Isi nama pengguna dan kata sandi.",
            "Fill in the user name and the password.",
        ),
        SignInError::BadCredentials => pick(
            lang,
            "Nama pengguna atau kata sandi tidak cocok.",
            "Wrong user name or password.",
        ),
        SignInError::NotReached {
            reason,
            retry_after,
        } => match lang {
            Lang::Id => format!("Belum masuk. {}", id(reason, *retry_after)),
            Lang::En => format!("Not signed in. {}", en(reason, *retry_after)),
        },
        SignInError::Client(error) => call(error, lang),
    }
}

fn id(reason: &Reason, retry_after: Option<u64>) -> String {
    let later = retry_after.map_or("beberapa saat lagi".to_owned(), |millis| {
        words::when(millis, Lang::Id)
    });
    match reason {
        Reason::Offline => "Belum ada jaringan. Masuklah lagi begitu ada.".to_owned(),
        Reason::ClockWrong => {
            "Jam ponsel ini tampaknya keliru, jadi keamanan sambungan tidak dapat diperiksa. \
             Betulkan tanggal dan jamnya, lalu masuk lagi."
                .to_owned()
        }
        Reason::Untrusted => {
            "Sambungan di jaringan ini tidak dapat dipercaya, jadi kata sandi tidak dikirim. Pakai \
             jaringan lain, lalu masuk lagi."
                .to_owned()
        }
        Reason::SignInToWifi => {
            "Wi-Fi ini minta Anda masuk ke sana dulu. Buka halamannya atau pakai jaringan lain, \
             lalu masuk lagi di sini."
                .to_owned()
        }
        Reason::NotLapor { status } => format!(
            "Jaringan ini menjawab di tempat LAPOR! (kode {status}). Pakai jaringan lain, lalu masuk lagi."
        ),
        Reason::Busy { status } if words::is_error(*status) => {
            format!("LAPOR! sedang sibuk (kode {status}). Masuklah lagi {later}.")
        }
        Reason::Busy { status } => {
            format!("Jawaban LAPOR! belum dapat dipahami (kode {status}). Masuklah lagi {later}.")
        }
        Reason::Refused { status, code } => format!(
            "LAPOR! belum dapat menerimanya (kode {}). Ini bukan kesalahan Anda. Masuklah lagi nanti, atau setelah \
             aplikasi diperbarui.",
            words::code(*status, code)
        ),
        Reason::UpdateApp => {
            "Aplikasi ini perlu versi yang lebih baru. Perbarui aplikasi, lalu masuk lagi."
                .to_owned()
        }
        Reason::Unknown => {
            "Sambungan terputus sebelum jawaban LAPOR! sampai. Silakan masuk lagi.".to_owned()
        }
        _ => "Silakan masuk lagi.".to_owned(),
    }
}

fn en(reason: &Reason, retry_after: Option<u64>) -> String {
    let later = retry_after.map_or("in a while".to_owned(), |millis| {
        words::when(millis, Lang::En)
    });
    match reason {
        Reason::Offline => {
            "There is no network yet. Sign in again as soon as there is one.".to_owned()
        }
        Reason::ClockWrong => {
            "The clock of this phone seems wrong, so the safety of the line cannot be checked. Set \
             date and time, then sign in again."
                .to_owned()
        }
        Reason::Untrusted => {
            "The line on this network cannot be trusted, so the password was not sent. Use another \
             network, then sign in again."
                .to_owned()
        }
        Reason::SignInToWifi => {
            "This Wi-Fi wants you to sign in to it first. Open its page or use another network, \
             then sign in here again."
                .to_owned()
        }
        Reason::NotLapor { status } => format!(
            "This network answers in place of LAPOR! (code {status}). Use another network, then sign in again."
        ),
        Reason::Busy { status } if words::is_error(*status) => {
            format!("LAPOR! is busy (code {status}). Sign in again {later}.")
        }
        Reason::Busy { status } => format!(
            "The answer of LAPOR! could not be understood (code {status}). Sign in again {later}."
        ),
        Reason::Refused { status, code } => format!(
            "LAPOR! cannot take it yet (code {}). You did nothing wrong. Sign in again later, or after an update of \
             the app.",
            words::code(*status, code)
        ),
        Reason::UpdateApp => {
            "A newer version of this app is needed. Update the app, then sign in again.".to_owned()
        }
        Reason::Unknown => {
            "The line was cut before the answer of LAPOR! came. Please sign in again.".to_owned()
        }
        _ => "Please sign in again.".to_owned(),
    }
}
