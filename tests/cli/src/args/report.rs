//! Arguments that fill in a report, hand it over and list it.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use lapor_core::{
    engine::report::{Classification, Edit, Place},
    photo::{self, Region},
};

#[derive(Debug, Subcommand)]
pub(crate) enum DraftCommand {
    /// A new draft; prints its key
    New {
        #[command(flatten)]
        fields: Fields,
    },
    /// Change fields of a draft
    Edit {
        report: String,
        #[command(flatten)]
        fields: Fields,
    },
    /// What keeps it from being submitted
    Check { report: String },
    /// Put a draft away; it stays on this phone, and restore brings it back
    Discard { report: String },
    /// Bring a draft back
    Restore { report: String },
    /// Erase a draft, or one that was put away, from this phone: nothing brings it back
    Erase {
        report: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// The form. An empty text clears its field; what cannot be sent yet can still be kept.
#[derive(Debug, Args)]
pub(crate) struct Fields {
    /// complaint, information_request or aspiration (pengaduan, permintaan_informasi, aspirasi)
    #[arg(long, value_name = "KIND", value_parser = classification)]
    classification: Option<Classification>,
    /// Not chosen yet
    #[arg(long, conflicts_with = "classification")]
    no_classification: bool,
    /// What it is about, in a line
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    title: Option<String>,
    /// What happened
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    content: Option<String>,
    /// Read the text from a file, - for stdin
    #[arg(long, value_name = "F", conflicts_with = "content")]
    pub(crate) content_file: Option<PathBuf>,
    /// Day of the incident, YYYY-MM-DD
    #[arg(long, value_name = "DAY")]
    date: Option<String>,
    /// Where it happened, in words
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    location: Option<String>,
    /// Area code PP.KK.CC.DDDD or a beginning of it
    #[arg(long, value_name = "CODE")]
    area: Option<String>,
    /// Suggested institution
    #[arg(long, value_name = "ID")]
    institution: Option<String>,
    /// Category, by its id
    #[arg(long, value_name = "ID")]
    category: Option<String>,
    /// The name is not published
    #[arg(long)]
    anonymous: bool,
    /// Takes --anonymous back
    #[arg(long, conflicts_with = "anonymous")]
    no_anonymous: bool,
    /// The report is not public
    #[arg(long)]
    secret: bool,
    /// Takes --secret back
    #[arg(long, conflicts_with = "secret")]
    no_secret: bool,
    /// A point on the map, degrees WGS 84
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
    place: Option<PlaceArg>,
    /// No point on the map
    #[arg(long, conflicts_with = "place")]
    no_place: bool,
}

impl Fields {
    /// One edit a field that was given; `from_file` is the text of `--content-file`.
    pub(crate) fn edits(&self, from_file: Option<String>) -> Vec<Edit> {
        let switch = |on: bool, off: bool| (on || off).then_some(on);
        [
            self.classification
                .map(|one| Edit::Classification(Some(one))),
            self.no_classification.then_some(Edit::Classification(None)),
            self.title.clone().map(Edit::Title),
            self.content.clone().or(from_file).map(Edit::Content),
            self.date.clone().map(Edit::IncidentDate),
            self.location.clone().map(Edit::Location),
            self.area.clone().map(Edit::AreaCode),
            self.institution.clone().map(Edit::InstitutionId),
            self.category.clone().map(Edit::CategoryId),
            switch(self.anonymous, self.no_anonymous).map(Edit::Anonymous),
            switch(self.secret, self.no_secret).map(Edit::Secret),
            self.place.map(|place| Edit::Place(Some(place.0))),
            self.no_place.then_some(Edit::Place(None)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// `LAT,LON` as typed; whether it lies on the globe is the core's to say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PlaceArg(pub(crate) Place);

impl std::str::FromStr for PlaceArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |part: &str| {
            part.trim()
                .parse::<f64>()
                .ok()
                .filter(|number| number.is_finite())
        };
        text.split_once(',')
            .and_then(|(latitude, longitude)| {
                Some(Self(Place {
                    latitude: number(latitude)?,
                    longitude: number(longitude)?,
                }))
            })
            .ok_or_else(|| "two numbers with a comma between, such as -8.6565,115.2174".to_owned())
    }
}

#[derive(Debug, Args)]
pub(crate) struct Attach {
    /// The draft: its key or the beginning of it, or @last
    pub(crate) report: String,
    /// Photos (JPG, PNG) and documents (PDF)
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Bytes that a picture may take (300k)
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    pub(crate) budget: Option<u64>,
    /// A part that nobody shall see, black from then on: left, top, width and height as parts of the
    /// upright picture (0.4,0.55,0.2,0.1), what reaches beyond it cut off; for several give it several
    /// times
    #[arg(long, value_name = "X,Y,W,H", value_parser = region, allow_hyphen_values = true)]
    pub(crate) cover: Vec<Region>,
}

#[derive(Debug, Args)]
pub(crate) struct Photo {
    #[arg(value_name = "IN")]
    pub(crate) from: PathBuf,
    #[arg(value_name = "OUT")]
    pub(crate) to: PathBuf,
    /// Replace the file that has this name
    #[arg(long)]
    pub(crate) force: bool,
    /// Sizes, quality, time and peak memory
    #[arg(long)]
    pub(crate) stats: bool,
    /// Bytes that the picture may take (300k)
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    pub(crate) budget: Option<u64>,
    /// The picture is no finer than this, of libjpeg's 1 to 100; an easy photo stops there
    #[arg(long, value_name = "Q", value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(crate) quality: Option<u8>,
    /// What is done to save bytes; where the budget is not enough for plain, it is thorough
    #[arg(long, value_enum, default_value_t = Effort::Thorough)]
    pub(crate) effort: Effort,
    /// 2 takes one more beside it while the work lasts; the picture is the same
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
    pub(crate) threads: u8,
    /// A part that nobody shall see, black from then on: left, top, width and height as parts of the
    /// upright picture (0.4,0.55,0.2,0.1), what reaches beyond it cut off; for several give it several
    /// times
    #[arg(long, value_name = "X,Y,W,H", value_parser = region, allow_hyphen_values = true)]
    pub(crate) cover: Vec<Region>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Effort {
    /// Everything: the best look that the budget buys
    Thorough,
    /// Nothing: sooner done, a tenth more bytes
    Plain,
}

impl From<Effort> for photo::Effort {
    fn from(effort: Effort) -> Self {
        match effort {
            Effort::Thorough => Self::Thorough,
            Effort::Plain => Self::Plain,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Submit {
    pub(crate) report: String,
    /// Send until the service has given this report its number; pictures follow with sync
    #[arg(long)]
    pub(crate) wait: bool,
    /// Seconds that --wait waits at most
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub(crate) timeout: u64,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Drafts only
    #[arg(long, conflicts_with = "all")]
    pub(crate) drafts: bool,
    /// Drafts that were put away too
    #[arg(long)]
    pub(crate) all: bool,
    /// At most so many, newest first
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
}

fn classification(text: &str) -> Result<Classification, String> {
    match text.to_ascii_lowercase().replace(['-', ' '], "_").as_str() {
        "pengaduan" => Ok(Classification::Complaint),
        "permintaan_informasi" => Ok(Classification::InformationRequest),
        "aspirasi" => Ok(Classification::Aspiration),
        word => Classification::parse(word)
            .ok_or_else(|| "complaint, information_request or aspiration".to_owned()),
    }
}

/// Four parts of 1 with commas between.
fn region(text: &str) -> Result<Region, String> {
    let numbers: Option<Vec<f64>> = text
        .split(',')
        .map(|part| part.trim().parse().ok())
        .collect();
    let Some([left, top, width, height]) = numbers.as_deref() else {
        return Err("four numbers with commas between, such as 0.4,0.55,0.2,0.1".to_owned());
    };
    Region::new(*left, *top, *width, *height).map_err(|error| error.to_string())
}

/// `300k`, `2m` or plain bytes; k is 1024.
pub(super) fn bytes(text: &str) -> Result<u64, String> {
    let lower = text.trim().to_ascii_lowercase();
    let lower = lower.strip_suffix('b').unwrap_or(&lower);
    let (digits, unit) = match (lower.strip_suffix('k'), lower.strip_suffix('m')) {
        (Some(digits), _) => (digits, 1 << 10),
        (_, Some(digits)) => (digits, 1 << 20),
        _ => (lower, 1),
    };
    digits
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(unit))
        .filter(|number| *number > 0)
        .ok_or_else(|| "a number of bytes, such as 300k or 2m".to_owned())
}
