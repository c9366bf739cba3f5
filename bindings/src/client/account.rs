//! Who writes on this phone.

use std::sync::Arc;

use lapor_core::{
    client::{Client, Revocation},
    engine::{
        api::Secret,
        sync::{AccountId, SessionState},
    },
    store::AccountRow,
    words,
};

use super::LaporClient;
use crate::{errors::LaporError, lanes::Lane};

/// Who is signed in, or the guest: whoever writes before anybody has signed in.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Account {
    pub is_guest: bool,
    /// Empty for the guest.
    pub user: String,
    pub name: String,
    /// `reporter`, `officer`, or a word that this version does not know.
    pub role: String,
    /// An officer's.
    pub institution: Option<String>,
    pub session: SessionState,
}

/// Reports of somebody who was signed in, of whom a damaged phone does not know any more who that was.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct WithoutWriter {
    pub count: u32,
    /// What they are, and what it means to take them: shown before `claim_reports_without_writer`.
    pub words: String,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        Self {
            is_guest: row.id == AccountId::GUEST,
            user: row.user,
            name: row.name,
            role: row.role,
            institution: row.institution,
            session: row.session,
        }
    }
}

#[uniffi::export]
impl LaporClient {
    pub async fn account(&self) -> Result<Account, LaporError> {
        self.short(|core, _| Ok(core.account()?.into())).await
    }

    /// Signs a person in; needs the network. Whatever waited for this person goes on. Given up
    /// while it runs, it may still succeed: look at `account` then. A `sign_out` or `forget_me` that
    /// comes after it ends it, as `Cancelled`.
    pub async fn sign_in(&self, user: String, password: String) -> Result<Account, LaporError> {
        let password = Secret::new(password);
        let (core, language) = (Arc::clone(&self.core), self.language());
        let asked = core.ask_for_sign_in();
        let farewell = self.farewell();
        let work = move || {
            let (account, before) = core
                .sign_in_asked(asked, &user, password)
                .map_err(|error| LaporError::of_sign_in(error, language))?;
            farewell.says(before);
            Ok(account.into())
        };
        self.lanes.account.run_short(work).await
    }

    /// Signs out on this phone at once, also while a sign-in waits for the network; the gateway is told
    /// after it, if it can be reached. Drafts and what waits stay, unseen by others, until the same person
    /// signs in again.
    pub async fn sign_out(&self) -> Result<(), LaporError> {
        let farewell = self.farewell();
        self.short(move |core, _| {
            farewell.says(core.sign_out_here()?);
            Ok(())
        })
        .await
    }

    /// How many `claim_guest_reports` would bring. Said after a sign-in, so that whoever wrote before it does
    /// not think that it is gone.
    pub async fn unclaimed_reports(&self) -> Result<u32, LaporError> {
        self.short(|core, _| core.unclaimed_reports()).await
    }

    /// The drafts written before anybody signed in become the current person's; how many. Only
    /// when the person says so: on a shared phone they may be somebody else's.
    pub async fn claim_guest_reports(&self) -> Result<u32, LaporError> {
        self.short(|core, _| core.claim_guest_reports()).await
    }

    /// Reports whose writer was signed in and is not known any more; none where there are none. Said after a
    /// sign-in, apart from `unclaimed_reports`.
    pub async fn reports_without_writer(&self) -> Result<Option<WithoutWriter>, LaporError> {
        self.short(|core, lang| {
            let count = core.reports_without_writer()?;
            Ok((count > 0).then(|| WithoutWriter {
                count,
                words: words::without_writer(count, lang),
            }))
        })
        .await
    }

    /// Those become the current person's, and what waits of them goes in that person's name; how many. A
    /// choice of its own, after its words were read.
    pub async fn claim_reports_without_writer(&self) -> Result<u32, LaporError> {
        self.short(|core, _| core.claim_reports_without_writer())
            .await
    }
}

impl LaporClient {
    pub(super) fn farewell(&self) -> Farewell {
        Farewell {
            core: Arc::clone(&self.core),
            lane: Arc::clone(&self.lanes.account),
        }
    }
}

/// What the gateway is to hear of a session that ended here. It goes with the work that ends the session:
/// whoever gives the call up after that takes nothing back.
pub(super) struct Farewell {
    core: Arc<Client>,
    lane: Arc<Lane>,
}

impl Farewell {
    /// Nobody waits for the gateway to hear of it.
    pub(super) fn says(self, revocation: Option<Revocation>) {
        if let Some(revocation) = revocation {
            let core = self.core;
            self.lane.leave(move || core.revoke(revocation));
        }
    }
}
