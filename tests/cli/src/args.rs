//! What may be written on the command line.

mod report;
mod settings;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};
use lapor_core::engine::{
    sync::{Captive, Network},
    words::Lang,
};

pub(crate) use report::{Attach, DraftCommand, Fields, ListArgs, Photo, Submit};
pub(crate) use settings::SettingsArgs;

const EXITS: &str = "\
A report is named by its key, a unique beginning of it, #tracking-id (quote the #), or @last.

Exit codes:
  0  done
  1  anything that has no code of its own
  2  usage
  3  the draft is not complete or not valid
  4  still waiting: kept on this phone, goes by itself
  5  sign in first
  6  rejected by the service: correct it, or decide
  7  update the app
  8  in use by another process, or locked
  9  wrong key, key missing, or corrupt store";

/// Options of every command stand apart from a command's own.
const HERE: &str = "Store, service and language";

/// SP4N-LAPOR! from a terminal: write reports offline, send them when a network allows it.
#[derive(Debug, Parser)]
#[command(name = "lapor", version, after_help = EXITS, max_term_width = 100)]
pub(crate) struct Args {
    /// The folder that holds the store [default: lapor in the user's data folder]
    #[arg(
        long,
        global = true,
        help_heading = HERE,
        env = "LAPOR_HOME",
        hide_env_values = true,
        value_name = "DIR"
    )]
    pub(crate) home: Option<PathBuf>,
    /// The file that holds the store's key [default: DIR.key beside the store's folder]
    #[arg(
        long,
        global = true,
        help_heading = HERE,
        env = "LAPOR_KEY_FILE",
        hide_env_values = true,
        value_name = "F"
    )]
    pub(crate) key_file: Option<PathBuf>,
    /// The gateway's address; what travels needs it
    #[arg(
        long,
        global = true,
        help_heading = HERE,
        env = "LAPOR_SERVER",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub(crate) server: Option<String>,
    /// Root certificates to trust besides the web's, PEM
    #[arg(
        long,
        global = true,
        help_heading = HERE,
        env = "LAPOR_CA",
        hide_env_values = true,
        value_name = "F"
    )]
    pub(crate) ca: Option<PathBuf>,
    /// The language of what is printed: id or en
    #[arg(
        long,
        global = true,
        help_heading = HERE,
        env = "LAPOR_LANG",
        hide_env_values = true,
        value_name = "LANG",
        default_value = "id",
        hide_default_value = true,
        value_parser = lang
    )]
    pub(crate) lang: Lang,
    /// One JSON value on stdout instead of words
    #[arg(long, global = true, help_heading = HERE)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) around: Around,
    #[cfg(feature = "qa")]
    #[command(flatten)]
    pub(crate) qa: Qa,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What a phone's OS would tell of its surroundings.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Surroundings, as a phone's OS would tell them")]
pub(crate) struct Around {
    /// up, none or unknown
    #[arg(long, global = true, value_name = "STATE", default_value = "unknown", hide_default_value = true, value_parser = network)]
    pub(crate) network: Network,
    /// The line is paid by the byte
    #[arg(long, global = true)]
    pub(crate) metered: bool,
    /// Behind a sign-in page: yes, no or unknown
    #[arg(long, global = true, value_name = "STATE", default_value = "unknown", hide_default_value = true, value_parser = captive)]
    pub(crate) captive: Captive,
}

/// Seams for QA; absent without the feature `qa`.
#[cfg(feature = "qa")]
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "QA only")]
pub(crate) struct Qa {
    /// The clock: an instant (2026-11-22T08:00:00Z) or a distance from now (+10y, -3d, +90s)
    #[arg(long, global = true, value_name = "T", allow_hyphen_values = true, value_parser = crate::trace::moment)]
    pub(crate) now: Option<crate::trace::Moment>,
    /// Die at a point: submitted, begun, answered or settled
    #[arg(long, global = true, value_name = "POINT", value_parser = crash_point)]
    pub(crate) crash_at: Option<lapor_core::client::CrashPoint>,
    /// Append what a sync does to a file, one JSON object a line, no content
    #[arg(long, global = true, value_name = "F")]
    pub(crate) trace: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sign in; what waited for this person goes on
    SignIn {
        user: String,
        /// Read the password from the first line of stdin
        #[arg(long)]
        password_stdin: bool,
        /// Make the drafts written before anybody signed in this person's
        #[arg(long)]
        claim: bool,
    },
    /// Sign out; drafts and what waits are kept for the same person
    SignOut,
    /// Who is signed in
    Whoami,
    /// Make the drafts written before anybody signed in the current person's
    Claim {
        /// Instead those of somebody who was signed in and whom the damaged phone no longer knows: only if
        /// you wrote them, since they are sent in your name
        #[arg(long)]
        without_writer: bool,
    },
    /// Write a report
    #[command(subcommand)]
    Draft(DraftCommand),
    /// Make pictures small and keep them with a draft
    Attach(Attach),
    /// Take an attachment off a draft, counted from 1
    Detach {
        report: String,
        #[arg(value_parser = clap::value_parser!(u32).range(1..))]
        number: u32,
    },
    /// Write a picture of a report, as it is sent, into a file
    Picture {
        report: String,
        /// Counted from 1
        #[arg(value_parser = clap::value_parser!(u32).range(1..))]
        number: u32,
        #[arg(value_name = "OUT")]
        to: PathBuf,
        /// The small one that a list shows
        #[arg(long)]
        thumbnail: bool,
        /// Replace the file that has this name
        #[arg(long)]
        force: bool,
    },
    /// Make one picture small, without any store
    Photo(Photo),
    /// What is chosen for pictures on this phone; with options, choose it
    Settings(SettingsArgs),
    /// Accept a draft: from here on it arrives, once
    Submit(Submit),
    /// Take a report back
    Withdraw { report: String },
    /// Erase one report from this phone alone, also one that LAPOR! has; nothing of it may wait
    Erase {
        report: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Try everything of a report again now
    Resend { report: String },
    /// A new draft with the same words and pictures, for a report whose key is taken or that was taken back
    SendAsAnother { report: String },
    /// Add a comment, as the reporter or as an officer
    Reply { report: String, text: String },
    /// Say what was done, as an officer
    FollowUp { report: String, text: String },
    /// Rate how a closed report was handled, 1 to 5
    Rate {
        report: String,
        #[arg(value_parser = clap::value_parser!(u8).range(1..=5))]
        rating: u8,
    },
    /// Close a report
    Close { report: String },
    /// Give up a reply that the service refused, or that was never sent, by its own key
    DiscardEvent { event: String },
    /// Where every report stands
    List(ListArgs),
    /// Everything about one report
    Show {
        report: String,
        /// Every step with its state, tries, next try and reason
        #[arg(long)]
        why: bool,
    },
    /// What is queued, and why it waits
    Outbox { report: Option<String> },
    /// Send what is due and learn what is new
    Sync(SyncArgs),
    /// What a damaged store took with it and was not told of yet
    Losses {
        /// They are known now
        #[arg(long)]
        seen: bool,
    },
    /// How the store and its surroundings are
    Doctor {
        /// Write a bundle that support can ask for; it holds no words, names, places or keys
        #[arg(long, value_name = "F")]
        bundle: Option<PathBuf>,
        /// Replace the file that has this name
        #[arg(long, requires = "bundle")]
        force: bool,
    },
    /// Write all reports and pictures of the current person into a folder, unencrypted
    Export { dir: PathBuf },
    /// Erase everything of the current person from this phone
    ForgetMe {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SyncArgs {
    /// Do what is due now and return [default]
    #[arg(long, group = "until")]
    pub(crate) once: bool,
    /// Go on for ever, waits included
    #[arg(long, group = "until")]
    pub(crate) watch: bool,
    /// Wait for the next tries until nothing is left that can go by itself
    #[arg(long, group = "until")]
    pub(crate) until_idle: bool,
    /// Begin no more exchanges after so many body bytes (300k, 2m)
    #[arg(long, value_name = "N", value_parser = report::bytes)]
    pub(crate) limit_bytes: Option<u64>,
    /// End after about so many seconds
    #[arg(long, value_name = "S")]
    pub(crate) timeout: Option<u64>,
}

fn lang(text: &str) -> Result<Lang, String> {
    Lang::parse(text).ok_or_else(|| "id or en".to_owned())
}

fn network(text: &str) -> Result<Network, String> {
    match text {
        "up" => Ok(Network::Up),
        "none" => Ok(Network::None),
        "unknown" => Ok(Network::Unknown),
        _ => Err("up, none or unknown".to_owned()),
    }
}

fn captive(text: &str) -> Result<Captive, String> {
    match text {
        "yes" => Ok(Captive::Yes),
        "no" => Ok(Captive::No),
        "unknown" => Ok(Captive::Unknown),
        _ => Err("yes, no or unknown".to_owned()),
    }
}

#[cfg(feature = "qa")]
fn crash_point(text: &str) -> Result<lapor_core::client::CrashPoint, String> {
    lapor_core::client::CrashPoint::parse(text)
        .ok_or_else(|| "submitted, begun, answered or settled".to_owned())
}

#[cfg(test)]
mod tests;
