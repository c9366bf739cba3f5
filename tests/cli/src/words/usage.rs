//! Arguments that make no sense, in the person's language: clap itself speaks English only.

use std::error::Error as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use lapor_core::engine::words::Lang;

/// One sentence, and where help is. None where clap shows help instead, or for what has no words here.
pub(crate) fn misused(error: &clap::Error, lang: Lang) -> Option<String> {
    let Lang::Id = lang else {
        return None;
    };
    let context = |kind| error.get(kind).map(text).filter(|said| !said.is_empty());
    let argument = context(ContextKind::InvalidArg).unwrap_or_default();
    let value = context(ContextKind::InvalidValue);
    let said = match error.kind() {
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let wrong = match value {
                Some(value) => format!("Nilai '{value}' untuk '{argument}' tidak dapat dipakai"),
                None => format!("'{argument}' perlu nilai"),
            };
            let valid = context(ContextKind::ValidValue).map(|all| format!("pilihannya {all}"));
            match valid.or_else(|| error.source().map(ToString::to_string)) {
                Some(why) => format!("{wrong} ({why})."),
                None => format!("{wrong}."),
            }
        }
        ErrorKind::UnknownArgument => match context(ContextKind::SuggestedArg) {
            Some(other) => format!("Opsi '{argument}' tidak dikenal. Mungkin maksudnya '{other}'?"),
            None => format!("'{argument}' tidak dikenal di sini."),
        },
        ErrorKind::InvalidSubcommand => {
            let command = context(ContextKind::InvalidSubcommand).unwrap_or_default();
            match context(ContextKind::SuggestedSubcommand) {
                Some(other) => {
                    format!("Perintah '{command}' tidak dikenal. Mungkin maksudnya '{other}'?")
                }
                None => format!("Perintah '{command}' tidak dikenal."),
            }
        }
        ErrorKind::MissingRequiredArgument => format!("Masih kurang: {argument}."),
        ErrorKind::ArgumentConflict => match context(ContextKind::PriorArg) {
            Some(prior) if prior != argument => {
                format!("'{argument}' tidak dapat dipakai bersama {prior}.")
            }
            _ => format!("'{argument}' hanya boleh sekali."),
        },
        ErrorKind::TooManyValues => format!("Terlalu banyak nilai untuk '{argument}'."),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("Jumlah nilai untuk '{argument}' tidak cocok.")
        }
        ErrorKind::InvalidUtf8 => "Ada bagian perintah yang bukan teks UTF-8.".to_owned(),
        _ => return None,
    };
    Some(format!("{said} (lapor --help)"))
}

fn text(value: &ContextValue) -> String {
    match value {
        ContextValue::String(one) => one.clone(),
        ContextValue::Strings(all) => all.join(", "),
        ContextValue::Number(number) => number.to_string(),
        _ => String::new(),
    }
}
