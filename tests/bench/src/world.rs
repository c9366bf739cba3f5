//! A phone in this process.

use std::path::Path;

use anyhow::Result;
use lapor_core::{
    client::{Client, Options},
    engine::{
        api::Secret,
        report::{Classification, Edit, ReportKey},
    },
    net::GatewayUrl,
    store::StoreKey,
};

const KEY: [u8; 32] = [0x42; 32];
const INSTALL: [u8; 16] = [7; 16];

pub(crate) fn open(
    home: &Path,
    gateway: Option<&str>,
    authority: Option<Vec<u8>>,
    plain: bool,
) -> Result<Client> {
    let mut options = Options::new(home, Some(StoreKey::new(KEY, INSTALL)));
    options.gateway = gateway
        .map(|url| GatewayUrl::parse(url, false))
        .transpose()?;
    options.authority = authority;
    options.plain = plain;
    Ok(Client::open(options)?.0)
}

pub(crate) fn signs_in(client: &Client) -> Result<()> {
    client.sign_in("siti", Secret::new("rahasia123".to_owned()))?;
    Ok(())
}

/// A complete draft of the usual length.
pub(crate) fn drafts(client: &Client, number: usize) -> Result<ReportKey> {
    let key = client.new_draft()?;
    for edit in [
        Edit::Classification(Some(Classification::Complaint)),
        Edit::Title(format!("Lampu jalan padam di banjar {number}")),
        Edit::Content(
            format!("Lampu jalan di depan balai banjar {number} padam sejak tiga hari. ").repeat(5),
        ),
        Edit::IncidentDate("2026-01-15".to_owned()),
        Edit::Location("Jalan Raya Kerobokan, Kuta Utara".to_owned()),
    ] {
        client.edit(&key, edit)?;
    }
    Ok(key)
}
