//! What may be chosen for pictures.

use clap::{ArgAction, Args, ValueEnum};
use lapor_core::client::PictureThreads;

use super::report::bytes;

#[derive(Debug, Args)]
pub(crate) struct SettingsArgs {
    /// Bytes that a picture may take, from 20k (300k)
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    pub(crate) picture_bytes: Option<u64>,
    /// Pixels of a picture's longer side, from 320 (1600)
    #[arg(long, value_name = "PIXELS")]
    pub(crate) picture_edge: Option<u32>,
    /// Threads that make a picture, which is the same on one and on two
    #[arg(long, value_enum)]
    pub(crate) picture_threads: Option<Threads>,
    /// Whether a picture takes at most 150k, whatever --picture-bytes allows
    #[arg(long, value_name = "true|false", action = ArgAction::Set)]
    pub(crate) low_data: Option<bool>,
    /// Whether pictures wait for a line that costs nothing; words never do
    #[arg(long, value_name = "true|false", action = ArgAction::Set)]
    pub(crate) unmetered_only: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Threads {
    /// Two where there is more than one processor
    ByPhone,
    One,
    Two,
}

impl From<Threads> for PictureThreads {
    fn from(threads: Threads) -> Self {
        match threads {
            Threads::ByPhone => Self::ByPhone,
            Threads::One => Self::One,
            Threads::Two => Self::Two,
        }
    }
}
