use std::io::{self, BufRead, IsTerminal, Read, Write};

use lapor_core::{
    client::{Client, ClientError},
    engine::{
        api::Secret,
        sync::{AccountId, SessionState},
        words::Lang,
    },
    store::AccountRow,
    words::{counted, overwriting, without_writer},
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::Ended;
use crate::{
    exit::{Exit, Failure, FileRole, Usage},
    print::{Printer, visible},
};

/// Longer than any password; bounds what is read.
const PASSWORD_MAX: u64 = 4096;

pub(super) fn sign_in(
    client: &Client,
    user: &str,
    stdin: bool,
    claim: bool,
    printer: &Printer,
) -> Ended {
    let password = if stdin {
        password_from_stdin()?
    } else {
        ask_password(printer)?
    };
    if password.is_empty() {
        return Err(Failure::Usage(Usage::EmptyPassword));
    }
    let row = client.sign_in(user, Secret::new(password.to_string()))?;
    let claimed = if claim {
        client.claim_guest_reports()?
    } else {
        0
    };
    let mut value = account_value(&row);
    let unclaimed = client.unclaimed_reports()?;
    let without_writer = client.reports_without_writer()?;
    if let Some(fields) = value.as_object_mut() {
        fields.insert("claimed".to_owned(), json!(claimed));
        fields.insert("unclaimed".to_owned(), json!(unclaimed));
        fields.insert("without_writer".to_owned(), json!(without_writer));
    }
    let mut lines = vec![format!(
        "{} {}",
        printer.pick("Masuk sebagai", "Signed in as"),
        named(&row, printer)
    )];
    if claim {
        lines.push(claimed_line(claimed, printer));
    }
    lines.extend(unclaimed_line(unclaimed, printer));
    lines.extend(without_writer_line(without_writer, printer));
    printer.answer(&value, lines);
    Ok(Exit::Done)
}

pub(super) fn sign_out(client: &Client, printer: &Printer) -> Ended {
    client.sign_out()?;
    let line = printer.pick(
        "Sudah keluar. Konsep dan yang masih menunggu tetap tersimpan sampai Anda masuk lagi.",
        "Signed out. Drafts and what waits are kept until you sign in again.",
    );
    printer.answer(&json!({ "signed_in": false }), [line]);
    Ok(Exit::Done)
}

pub(super) fn whoami(client: &Client, printer: &Printer) -> Ended {
    let row = client.account()?;
    let line = if is_guest(&row) {
        printer
            .pick(
                "Belum masuk. Konsep dapat ditulis; mengirim perlu masuk dulu.",
                "Nobody is signed in. Drafts can be written; sending needs to sign in first.",
            )
            .to_owned()
    } else if row.session == SessionState::Ended {
        format!(
            "{}. {}",
            named(&row, printer),
            printer.pick(
                "Silakan masuk agar pengiriman dilanjutkan.",
                "Please sign in, so that sending goes on."
            )
        )
    } else {
        named(&row, printer)
    };
    printer.answer(&account_value(&row), [line]);
    Ok(Exit::Done)
}

pub(super) fn claim(client: &Client, without_writer: bool, printer: &Printer) -> Ended {
    if is_guest(&client.account()?) {
        return Err(ClientError::SignInNeeded.into());
    }
    let (claimed, line) = if without_writer {
        let claimed = client.claim_reports_without_writer()?;
        (claimed, taken_line(claimed, printer))
    } else {
        let claimed = client.claim_guest_reports()?;
        (claimed, claimed_line(claimed, printer))
    };
    let left = client.reports_without_writer()?;
    printer.answer(
        &json!({ "claimed": claimed, "without_writer": left }),
        [line].into_iter().chain(without_writer_line(left, printer)),
    );
    Ok(Exit::Done)
}

pub(super) fn forget_me(client: &Client, yes: bool, printer: &Printer) -> Ended {
    if !yes && !confirmed(client, printer)? {
        return Err(Failure::Usage(Usage::ErasingNeedsYes));
    }
    let is_of_nobody = is_guest(&client.account()?);
    let erased = client.forget_me()?;
    if is_of_nobody {
        // Whoever signs out first, to be safe, must not think that it is all gone.
        printer.note(printer.pick(
            "Anda belum masuk: yang ditulis setelah masuk tetap ada di ponsel ini. Masuk dulu untuk menghapusnya.",
            "You are not signed in: what was written after signing in stays on this phone. Sign in first to erase that.",
        ));
    }
    let lang = printer.lang();
    let reports = counted(erased.reports, "laporan", "report", "reports", lang);
    let attachments = counted(
        erased.attachments,
        "lampiran",
        "attachment",
        "attachments",
        lang,
    );
    let words = match lang {
        Lang::Id => format!("{reports} dan {attachments} dihapus dari ponsel ini."),
        Lang::En => format!("{reports} and {attachments} were erased from this phone."),
    };
    let goes_on = (!erased.is_overwritten).then(|| overwriting(printer.lang()));
    printer.answer(
        &json!({
            "reports": erased.reports,
            "attachments": erased.attachments,
            "overwritten": erased.is_overwritten,
        }),
        [words].into_iter().chain(goes_on),
    );
    Ok(Exit::Done)
}

/// Asks on a terminal; what is not sent yet is lost with it, and that is said first.
fn confirmed(client: &Client, printer: &Printer) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Ok(false);
    }
    let unsent = client
        .outbox(None)?
        .iter()
        .filter(|(operation, _)| !operation.state.is_finished())
        .count();
    if unsent > 0 {
        printer.note(format_args!(
            "{unsent} {}",
            printer.pick(
                "langkah belum sampai ke LAPOR! dan akan hilang.",
                "steps have not reached LAPOR! yet and will be lost."
            )
        ));
    }
    let question = if is_guest(&client.account()?) {
        printer.pick(
            "Anda belum masuk. Hanya yang ditulis sebelum masuk yang akan dihapus dari ponsel ini.",
            "You are not signed in. Only what was written before signing in will be erased from this phone.",
        )
    } else {
        printer.pick(
            "Semua laporan, konsep, dan lampiran Anda di ponsel ini akan dihapus. Yang sudah diterima LAPOR! tetap di sana.",
            "All your reports, drafts and attachments on this phone will be erased. What LAPOR! has received stays there.",
        )
    };
    Ok(is_confirmed(question, printer))
}

/// Says what is to be erased and has a word typed; where there is no terminal, nobody has confirmed it.
pub(super) fn is_confirmed(question: &str, printer: &Printer) -> bool {
    if !io::stdin().is_terminal() {
        return false;
    }
    printer.note(question);
    let word = printer.pick("hapus", "erase");
    printer.note(format_args!(
        "{} \"{word}\":",
        printer.pick("Untuk melanjutkan, ketik", "To go on, type")
    ));
    let mut answer = String::new();
    let read = io::stdin().lock().take(64).read_line(&mut answer);
    read.is_ok() && answer.trim() == word
}

fn named(row: &AccountRow, printer: &Printer) -> String {
    // Of an account that lay on a damaged page only its number at the service is left.
    if row.user.is_empty() && row.name.is_empty() {
        return printer
            .pick(
                "Nama akun ini tidak terbaca lagi karena penyimpanan pernah rusak; laporannya ada. Masuk lagi seperti biasa",
                "The name of this account could not be read from a damaged store; its reports are here. Sign in again \
                 as before",
            )
            .to_owned();
    }
    let role = match row.role.as_str() {
        "" => String::new(),
        role => format!(", {}", role_words(role, printer)),
    };
    let institution = row
        .institution
        .as_deref()
        .map(|one| format!(" ({})", visible(one)))
        .unwrap_or_default();
    format!(
        "{} ({}{role}){institution}",
        visible(&row.name),
        visible(&row.user)
    )
}

/// The two roles of the contract by name, any other as the service wrote it.
pub(super) fn role_words(role: &str, printer: &Printer) -> String {
    match role {
        "reporter" => printer.pick("pelapor", "reporter").to_owned(),
        "officer" => printer.pick("petugas", "officer").to_owned(),
        other => visible(other),
    }
}

/// What was written before anybody signed in is not to be thought gone.
pub(super) fn unclaimed_line(unclaimed: u32, printer: &Printer) -> Option<String> {
    let words = counted(
        unclaimed,
        "laporan ditulis di sini sebelum ada yang masuk. Bila milik Anda: lapor claim",
        "report was written here before anybody signed in. If it is yours: lapor claim",
        "reports were written here before anybody signed in. If they are yours: lapor claim",
        printer.lang(),
    );
    (unclaimed > 0).then_some(words)
}

/// Apart from those: whoever takes these sends them in their own name.
pub(super) fn without_writer_line(count: u32, printer: &Printer) -> Option<String> {
    let words = || without_writer(count, printer.lang());
    let how = printer.pick("Untuk mengambilnya:", "To take them:");
    (count > 0).then(|| format!("{} {how} lapor claim --without-writer", words()))
}

fn taken_line(claimed: u32, printer: &Printer) -> String {
    counted(
        claimed,
        "laporan yang penulisnya tidak diketahui lagi sekarang milik Anda.",
        "report whose writer was not known any more is yours now.",
        "reports whose writer was not known any more are yours now.",
        printer.lang(),
    )
}

fn claimed_line(claimed: u32, printer: &Printer) -> String {
    counted(
        claimed,
        "konsep yang ditulis sebelum masuk sekarang milik Anda.",
        "draft that was written before signing in is yours now.",
        "drafts that were written before signing in are yours now.",
        printer.lang(),
    )
}

pub(super) fn is_guest(row: &AccountRow) -> bool {
    row.id == AccountId::GUEST
}

fn account_value(row: &AccountRow) -> Value {
    if is_guest(row) {
        return json!({ "signed_in": false });
    }
    json!({
        "signed_in": true,
        "session": row.session.as_str(),
        "id": row.server_id,
        "user": row.user,
        "name": row.name,
        "role": row.role,
        "institution": row.institution,
    })
}

fn password_from_stdin() -> Result<Zeroizing<String>, Failure> {
    let mut line = Zeroizing::new(String::with_capacity(128));
    io::stdin()
        .lock()
        .take(PASSWORD_MAX)
        .read_line(&mut line)
        .map_err(|error| Failure::File {
            what: FileRole::Password,
            kind: error.kind(),
        })?;
    Ok(Zeroizing::new(
        line.trim_end_matches(['\r', '\n']).to_owned(),
    ))
}

fn ask_password(printer: &Printer) -> Result<Zeroizing<String>, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::Usage(Usage::NoTerminalForPassword));
    }
    let mut err = io::stderr();
    // A prompt that cannot be shown does not keep anybody from typing.
    let _ = write!(err, "{}: ", printer.pick("Kata sandi", "Password")).and_then(|()| err.flush());
    rpassword::read_password()
        .map(Zeroizing::new)
        .map_err(|error| Failure::File {
            what: FileRole::Password,
            kind: error.kind(),
        })
}
