use serde::{Deserialize, Serialize};

/// What a report is, in the service's own three words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Classification {
    /// PENGADUAN
    Complaint,
    /// PERMINTAAN INFORMASI
    InformationRequest,
    /// ASPIRASI
    Aspiration,
}

impl Classification {
    pub const ALL: [Self; 3] = [Self::Complaint, Self::InformationRequest, Self::Aspiration];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complaint => "complaint",
            Self::InformationRequest => "information_request",
            Self::Aspiration => "aspiration",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// Degrees, WGS 84. Only what the reporter chose to tell.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Place {
    pub latitude: f64,
    pub longitude: f64,
}

/// The form of a report as far as it is filled in. Anything goes into a draft; what may not be
/// sent is said by [`super::validate`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Form {
    pub classification: Option<Classification>,
    pub title: String,
    pub content: String,
    /// `YYYY-MM-DD` once valid; as typed until then.
    pub incident_date: String,
    pub location: String,
    /// `PP.KK.CC.DDDD` or a prefix of it; empty when not given.
    pub area_code: String,
    pub institution_id: String,
    pub category_id: String,
    /// The name is not published.
    pub anonymous: bool,
    /// The report is not public.
    pub secret: bool,
    pub place: Option<Place>,
}

/// A field of the form, by the name it has in the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Classification,
    Title,
    Content,
    IncidentDate,
    Location,
    AreaCode,
    InstitutionId,
    CategoryId,
    Anonymous,
    Secret,
    Place,
    /// Of a reply or follow-up.
    Text,
    Rating,
}

/// One field-level change of a draft, saved in one small transaction.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    Classification(Option<Classification>),
    Title(String),
    Content(String),
    IncidentDate(String),
    Location(String),
    AreaCode(String),
    InstitutionId(String),
    CategoryId(String),
    Anonymous(bool),
    Secret(bool),
    Place(Option<Place>),
}

impl Form {
    pub fn apply(&mut self, edit: Edit) {
        match edit {
            Edit::Classification(value) => self.classification = value,
            Edit::Title(text) => self.title = text,
            Edit::Content(text) => self.content = text,
            Edit::IncidentDate(text) => self.incident_date = text,
            Edit::Location(text) => self.location = text,
            Edit::AreaCode(text) => self.area_code = text,
            Edit::InstitutionId(text) => self.institution_id = text,
            Edit::CategoryId(text) => self.category_id = text,
            Edit::Anonymous(on) => self.anonymous = on,
            Edit::Secret(on) => self.secret = on,
            Edit::Place(place) => self.place = place,
        }
    }
}
