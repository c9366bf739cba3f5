use lapor_core::client::Settings;

use super::LaporClient;
use crate::errors::LaporError;

#[uniffi::export]
impl LaporClient {
    /// What was chosen on this phone, or the usual.
    pub async fn settings(&self) -> Result<Settings, LaporError> {
        self.short(|core, _| core.settings()).await
    }

    /// Holds for pictures attached from now on, and for those that still wait.
    pub async fn set_settings(&self, settings: Settings) -> Result<(), LaporError> {
        self.short(move |core, _| core.set_settings(settings)).await
    }
}
