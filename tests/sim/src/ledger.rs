//! What the simulator knows to be true: who wrote what, what was accepted, what was taken back.

use std::collections::{BTreeMap, BTreeSet};

use lapor_core::engine::api::EventKind;
use lapor_core::engine::report::{EventKey, ReportKey};

use crate::invariants::PhoneSeen;

/// A report that somebody began to write on a phone.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) key: ReportKey,
    /// The key as it is written on the line.
    pub(crate) text: String,
    pub(crate) name: String,
    pub(crate) phone: usize,
    /// Copies of that phone which have it too.
    pub(crate) copies: BTreeSet<usize>,
    /// Whose it is; the guest's while empty.
    pub(crate) owner: String,
    /// Phones on which it was accepted.
    pub(crate) accepted: BTreeSet<usize>,
    /// Its writer has asked for it back.
    pub(crate) asked_back: bool,
    /// Phones on which it was taken back before a byte of it had left them.
    pub(crate) never_left: BTreeSet<usize>,
    /// Phones on which its writer has put it away, after the service had refused it or before it was sent.
    pub(crate) put_away: BTreeSet<usize>,
    /// The service knows other words under its key; its writer has sent it as another.
    pub(crate) superseded: bool,
    /// The service refused it, or its pictures may be those of an earlier text.
    pub(crate) was_refused: bool,
    /// Phones on which its writer had everything erased, or on which it was lost by a limit that
    /// is stated.
    pub(crate) gone: BTreeSet<usize>,
    /// Phones on which its writer had everything erased, or this one draft: nothing brings it back but the
    /// service's own feed.
    pub(crate) forgotten: BTreeSet<usize>,
    /// Phones from which its writer has erased it after the service had it: not even the feed brings it back.
    pub(crate) erased_alone: BTreeSet<usize>,
    /// How often its text was written anew, and the word that stands only in the present one.
    texts: u32,
    pub(crate) mark: String,
    /// SHA-256 of the pictures that were accepted with it on each phone, in hex.
    pub(crate) pictures: BTreeMap<usize, Vec<String>>,
    /// Tracking ids that each phone has shown, in order.
    pub(crate) tracking: BTreeMap<usize, Vec<String>>,
    /// Restores of the gateway when the phone first called it withdrawn.
    pub(crate) withdrawn_at: Option<u64>,
}

impl Case {
    pub(crate) fn is_on(&self, phone: usize) -> bool {
        self.phone == phone || self.copies.contains(&phone)
    }

    pub(crate) fn is_gone(&self, phone: usize) -> bool {
        self.gone.contains(&phone)
    }

    /// Accepted there, and neither erased there nor lost by a limit that is stated.
    pub(crate) fn is_due_on(&self, phone: usize) -> bool {
        self.accepted.contains(&phone) && !self.is_gone(phone)
    }

    /// A phone was copied: from now on there are two of it, and neither knows of the other.
    pub(crate) fn copy(&mut self, from: usize, to: usize) {
        if !self.is_on(from) {
            return;
        }
        self.copies.insert(to);
        // What was named as lost may still be there in part, and go on from there.
        if self.is_gone(from) {
            self.gone.insert(to);
        }
        for phones in [
            &mut self.accepted,
            &mut self.never_left,
            &mut self.put_away,
            &mut self.erased_alone,
        ] {
            if phones.contains(&from) {
                phones.insert(to);
            }
        }
        if let Some(pictures) = self.pictures.get(&from).cloned() {
            self.pictures.insert(to, pictures);
        }
        if let Some(ids) = self.tracking.get(&from).cloned() {
            self.tracking.insert(to, ids);
        }
    }

    /// Its text is written anew: gives the word that stands in no other.
    pub(crate) fn write(&mut self) -> String {
        let number = self.name.trim_start_matches("report ");
        self.texts += 1;
        self.mark = format!("{}{number}.{};", crate::tap::MARK, self.texts);
        self.mark.clone()
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Deed {
    pub(crate) key: EventKey,
    pub(crate) kind: EventKind,
    /// The key as it is written on the line.
    pub(crate) text: String,
    pub(crate) report: ReportKey,
    pub(crate) phone: usize,
    pub(crate) user: String,
    /// Erased with all of its person's, or lost by a limit that is stated.
    pub(crate) gone: bool,
    /// It was seen to wait no more, and that was held against what the gateway said.
    pub(crate) at_rest: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) cases: Vec<Case>,
    pub(crate) deeds: Vec<Deed>,
    pub(crate) restores: u64,
    /// Phones whose store was damaged: why something had ended may lie on the page that is gone.
    pub(crate) salvaged: BTreeSet<usize>,
    seen: BTreeMap<usize, PhoneSeen>,
}

impl Ledger {
    pub(crate) fn case(&mut self, key: &ReportKey) -> Option<&mut Case> {
        self.cases.iter_mut().find(|case| case.key == *key)
    }

    pub(crate) fn seen(&mut self, phone: usize) -> &mut PhoneSeen {
        self.seen.entry(phone).or_default()
    }

    pub(crate) fn copy(&mut self, from: usize, to: usize) {
        for case in &mut self.cases {
            case.copy(from, to);
        }
        if self.salvaged.contains(&from) {
            self.salvaged.insert(to);
        }
        let seen = self.seen(from).clone();
        self.seen.insert(to, seen);
    }

    pub(crate) fn begin(&mut self, key: ReportKey, phone: usize, owner: String) -> String {
        let name = format!("report {}", self.cases.len() + 1);
        self.cases.push(Case {
            key,
            text: key.to_string(),
            name: name.clone(),
            phone,
            copies: BTreeSet::new(),
            owner,
            accepted: BTreeSet::new(),
            asked_back: false,
            never_left: BTreeSet::new(),
            put_away: BTreeSet::new(),
            superseded: false,
            was_refused: false,
            gone: BTreeSet::new(),
            forgotten: BTreeSet::new(),
            erased_alone: BTreeSet::new(),
            texts: 0,
            mark: String::new(),
            pictures: BTreeMap::new(),
            tracking: BTreeMap::new(),
            withdrawn_at: None,
        });
        name
    }
}
