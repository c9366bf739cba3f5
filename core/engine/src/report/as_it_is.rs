use super::Form;

#[cfg(test)]
mod tests;

/// What this app makes itself of a photo, without any metadata. Everything else goes out byte for byte as it was
/// picked, with what its programs wrote into it: the author's name, times, places.
const MADE_HERE: &str = "image/jpeg";

/// A document of a report is sent as it is, which its writer is told before it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsItIs {
    /// Of the report: whoever is not to be named may be named in the document.
    pub anonymous: bool,
    /// Of the report.
    pub secret: bool,
    /// Such details were seen in the file while it was attached. False says nothing of it: they may be compressed,
    /// and later nobody looks again.
    pub details_seen: bool,
}

impl AsItIs {
    /// Of an attachment of this media type in a report with this form; none of what is made here.
    pub fn of(media_type: &str, form: &Form) -> Option<Self> {
        (media_type != MADE_HERE).then_some(Self {
            anonymous: form.anonymous,
            secret: form.secret,
            details_seen: false,
        })
    }
}
