use lapor_photo::Settings as PhotoSettings;

use super::{Client, ClientError};

/// What the person, or the ministry, may choose on this phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// A picture is made at most this large, bytes.
    pub picture_bytes: u64,
    /// The longer side of a picture, pixels.
    pub picture_edge: u32,
    /// Pictures wait for a line that costs nothing; words never do.
    pub pictures_unmetered_only: bool,
}

const PICTURE_BYTES: &str = "picture_bytes";
const PICTURE_EDGE: &str = "picture_edge";
/// Below this nothing can be seen on a picture, bytes and pixels.
const LEAST: (u64, u32) = (20 * 1024, 320);

impl Default for Settings {
    fn default() -> Self {
        let photo = PhotoSettings::default();
        Self {
            picture_bytes: photo.max_bytes,
            picture_edge: photo.max_edge,
            pictures_unmetered_only: false,
        }
    }
}

impl Client {
    pub fn settings(&self) -> Result<Settings, ClientError> {
        let usual = Settings::default();
        let store = self.store();
        let bytes = store
            .setting(PICTURE_BYTES)?
            .and_then(|text| text.parse().ok());
        let edge = store
            .setting(PICTURE_EDGE)?
            .and_then(|text| text.parse().ok());
        Ok(Settings {
            picture_bytes: bytes.unwrap_or(usual.picture_bytes).max(LEAST.0),
            picture_edge: edge.unwrap_or(usual.picture_edge).max(LEAST.1),
            pictures_unmetered_only: store.pictures_unmetered_only()?,
        })
    }

    /// Holds for pictures attached from now on, and for those that still wait.
    pub fn set_settings(&self, settings: Settings) -> Result<(), ClientError> {
        let mut store = self.store();
        store.set_setting(
            PICTURE_BYTES,
            &settings.picture_bytes.max(LEAST.0).to_string(),
        )?;
        store.set_setting(
            PICTURE_EDGE,
            &settings.picture_edge.max(LEAST.1).to_string(),
        )?;
        store.set_pictures_unmetered_only(settings.pictures_unmetered_only)?;
        drop(store);
        self.gate.nudge();
        Ok(())
    }
}
