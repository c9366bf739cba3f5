use std::thread::available_parallelism;

use lapor_photo::{Settings as PhotoSettings, Threads};

use super::{Client, ClientError};
use crate::store::{Store, StoreError};

/// On how many threads a picture is made. It is the same picture; a second thread only makes it sooner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PictureThreads {
    /// Two where the phone lets this app run on more than one processor, else one. Memory is no reason
    /// against it: a photo of 12 megapixels takes 11.3 MB on two and 10.9 on one (`make bench-photo`,
    /// lines `photo-memory`), on a phone of 2 GB.
    #[default]
    ByPhone,
    /// For a phone that gets hot, or has other work.
    One,
    Two,
}

impl PictureThreads {
    /// What it means on this phone now.
    pub(super) fn chosen(self) -> Threads {
        match self {
            Self::ByPhone if available_parallelism().is_ok_and(|count| count.get() > 1) => {
                Threads::Two
            }
            Self::ByPhone | Self::One => Threads::One,
            Self::Two => Threads::Two,
        }
    }

    /// As it is kept.
    fn word(self) -> &'static str {
        match self {
            Self::ByPhone => "by_phone",
            Self::One => "one",
            Self::Two => "two",
        }
    }
}

/// What the person, or the ministry, may choose on this phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// A picture is made at most this large, bytes.
    pub picture_bytes: u64,
    /// The longer side of a picture, pixels.
    pub picture_edge: u32,
    pub picture_threads: PictureThreads,
    /// For whoever pays for each byte, or has told the system so: a picture is made at most
    /// [`LOW_DATA_BYTES`] large, whatever `picture_bytes` allows. It looks a little worse, and arrives in
    /// half the time.
    pub low_data: bool,
    /// Pictures wait for a line that costs nothing; words never do.
    pub pictures_unmetered_only: bool,
}

/// Half of the usual 300 KiB. The project's own figure, as that is.
pub const LOW_DATA_BYTES: u64 = 150 * 1024;

const PICTURE_BYTES: &str = "picture_bytes";
const PICTURE_EDGE: &str = "picture_edge";
const PICTURE_THREADS: &str = "picture_threads";
const LOW_DATA: &str = "low_data";
/// Below this nothing can be seen on a picture, bytes and pixels.
const LEAST: (u64, u32) = (20 * 1024, 320);

impl Default for Settings {
    fn default() -> Self {
        let photo = PhotoSettings::default();
        Self {
            picture_bytes: photo.max_bytes,
            picture_edge: photo.max_edge,
            picture_threads: PictureThreads::default(),
            low_data: false,
            pictures_unmetered_only: false,
        }
    }
}

impl Settings {
    /// Bytes that the next picture may take.
    pub(super) fn budget(&self) -> u64 {
        match self.low_data {
            true => self.picture_bytes.min(LOW_DATA_BYTES),
            false => self.picture_bytes,
        }
    }
}

impl Client {
    pub fn settings(&self) -> Result<Settings, ClientError> {
        let usual = Settings::default();
        let store = self.store();
        let number = |name| kept(&store, name, |text| text.parse::<u64>().ok());
        let bytes = number(PICTURE_BYTES)?.unwrap_or(usual.picture_bytes);
        let edge = number(PICTURE_EDGE)?.and_then(|edge| u32::try_from(edge).ok());
        let threads = kept(&store, PICTURE_THREADS, |text| {
            let all = [
                PictureThreads::ByPhone,
                PictureThreads::One,
                PictureThreads::Two,
            ];
            all.into_iter().find(|threads| threads.word() == text)
        })?;
        let low_data = kept(&store, LOW_DATA, |text| text.parse().ok())?;
        Ok(Settings {
            picture_bytes: bytes.max(LEAST.0),
            picture_edge: edge.unwrap_or(usual.picture_edge).max(LEAST.1),
            picture_threads: threads.unwrap_or(usual.picture_threads),
            low_data: low_data.unwrap_or(usual.low_data),
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
        store.set_setting(PICTURE_THREADS, settings.picture_threads.word())?;
        store.set_setting(LOW_DATA, &settings.low_data.to_string())?;
        store.set_pictures_unmetered_only(settings.pictures_unmetered_only)?;
        drop(store);
        self.gate.nudge();
        Ok(())
    }
}

/// None where nothing was chosen, or by a newer app that this one does not understand.
fn kept<T>(
    store: &Store,
    name: &str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, StoreError> {
    Ok(store.setting(name)?.and_then(|text| read(&text)))
}
