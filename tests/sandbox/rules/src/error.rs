use thiserror::Error;

/// What can go wrong inside the gateway. No variant carries what a person wrote.
#[derive(Debug, Error)]
pub enum GatewayError {
    #[error("the gateway's storage: {0}")]
    Storage(#[from] rusqlite::Error),
    #[error("the gateway's storage has version {found}, this gateway speaks {known}")]
    StorageVersion { found: i64, known: i64 },
    #[error("a stored body is no longer the JSON that was accepted")]
    StoredBody,
    #[error("the backup's place already exists")]
    BackupExists,
    #[error("there is no backup at that place")]
    BackupMissing,
    #[error("the backup's path is not UTF-8")]
    BackupPath,
}
