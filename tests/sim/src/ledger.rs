//! What the simulator knows to be true: who wrote what, what was accepted, what was taken back.

use std::collections::{BTreeMap, BTreeSet};

use lapor_core::engine::report::{EventKey, ReportKey};

/// A report that somebody began to write on a phone.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) key: ReportKey,
    pub(crate) name: String,
    pub(crate) phone: usize,
    /// Whose it is; the guest's while empty.
    pub(crate) owner: String,
    pub(crate) accepted: bool,
    /// Its writer has asked for it back.
    pub(crate) asked_back: bool,
    /// Taken back before a byte of it had left the phone.
    pub(crate) never_left: bool,
    /// The service knows other words under its key; its writer has sent it as another.
    pub(crate) superseded: bool,
    /// The service refused it, or its pictures may be those of an earlier text.
    pub(crate) was_refused: bool,
    /// SHA-256 of the pictures that were accepted with it, in hex.
    pub(crate) pictures: Vec<String>,
    pub(crate) tracking: Option<String>,
    /// Restores of the gateway when the phone first called it withdrawn.
    pub(crate) withdrawn_at: Option<u64>,
}

#[derive(Debug, Clone)]
pub(crate) struct Deed {
    pub(crate) key: EventKey,
    pub(crate) report: ReportKey,
    pub(crate) phone: usize,
    pub(crate) user: String,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) cases: Vec<Case>,
    pub(crate) deeds: Vec<Deed>,
    /// Bytes of every document by its SHA-256 in hex.
    pub(crate) documents: BTreeMap<String, Vec<u8>>,
    /// Operations that were once perhaps sent, by phone.
    pub(crate) perhaps_sent: BTreeSet<(usize, i64)>,
    pub(crate) restores: u64,
}

impl Ledger {
    pub(crate) fn case(&mut self, key: &ReportKey) -> Option<&mut Case> {
        self.cases.iter_mut().find(|case| case.key == *key)
    }

    pub(crate) fn begin(&mut self, key: ReportKey, phone: usize, owner: String) -> String {
        let name = format!("report {}", self.cases.len() + 1);
        self.cases.push(Case {
            key,
            name: name.clone(),
            phone,
            owner,
            accepted: false,
            asked_back: false,
            never_left: false,
            superseded: false,
            was_refused: false,
            pictures: Vec::new(),
            tracking: None,
            withdrawn_at: None,
        });
        name
    }
}
