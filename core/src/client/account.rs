use std::sync::atomic::Ordering;

use lapor_engine::{
    api::{self, Action, Answer, Circumstance, Outcome, RequestContext, Secret},
    calendar::Instant,
    sync::{AccountId, OriginTrouble, Reason},
};

use super::{Changed, Client, ClientError, SignInError};
use crate::{
    net::{self, Unreadable},
    store::{AccountRow, Store, StoreError, Tokens},
};

/// A sign-in that somebody asked for ([`Client::ask_for_sign_in`]). Whoever signs out later, or has
/// themselves erased, has ended it, whether it has begun or not.
#[derive(Debug, Clone, Copy)]
pub struct AskedSignIn {
    sign_outs: u64,
}

/// A session that is of no use on this phone any more, and that the gateway still takes.
#[derive(Debug)]
pub struct Revocation(pub(super) Tokens);

impl Client {
    /// Who is signed in; the guest when nobody is.
    pub fn account(&self) -> Result<AccountRow, ClientError> {
        Ok(self.store().current_account()?)
    }

    /// Signs a person in. Needs the network; whatever waited for this person goes on.
    pub fn sign_in(&self, user: &str, password: Secret) -> Result<AccountRow, SignInError> {
        let (account, before) = self.sign_in_asked(self.ask_for_sign_in(), user, password)?;
        if let Some(before) = before {
            self.revoke(before);
        }
        Ok(account)
    }

    /// For a shell that signs in on another thread: asked for when the person does. Waits for nothing.
    pub fn ask_for_sign_in(&self) -> AskedSignIn {
        AskedSignIn {
            sign_outs: self.sign_outs.load(Ordering::Acquire),
        }
    }

    /// [`Client::sign_in`], asked for before. Somebody else's session that was open here is for
    /// [`Client::revoke`].
    pub fn sign_in_asked(
        &self,
        asked: AskedSignIn,
        user: &str,
        password: Secret,
    ) -> Result<(AccountRow, Option<Revocation>), SignInError> {
        if user.trim().is_empty() || password.reveal().is_empty() {
            return Err(SignInError::Incomplete);
        }
        if self.is_ended(asked) {
            return Err(ClientError::Cancelled.into());
        }
        let action = Action::SignIn {
            user: user.to_owned(),
            password,
        };
        match self.ask(&action, None)? {
            Outcome::Done(Answer::Session(session)) => {
                let at = self.now();
                let mut store = self.store();
                // Whoever left while the answer was on its way stays away.
                if self.is_ended(asked) {
                    drop(store);
                    self.revoke(Revocation(Tokens {
                        access: session.access_token,
                        refresh: session.refresh_token,
                    }));
                    return Err(ClientError::Cancelled.into());
                }
                let before = self.token_of_another(&store, &session.account.id);
                store
                    .signed_in(
                        &session.account,
                        &session.access_token,
                        &session.refresh_token,
                        at,
                    )
                    .map_err(ClientError::from)?;
                drop(store);
                self.tell(Changed::Account);
                self.tell_accepted();
                Ok((self.account()?, before))
            }
            _ if self.is_ended(asked) => Err(ClientError::Cancelled.into()),
            Outcome::BadCredentials => Err(SignInError::BadCredentials),
            other => Err(SignInError::NotReached {
                reason: self.reason_of(&other),
                retry_after: match other {
                    Outcome::Busy { retry_after, .. } => retry_after,
                    _ => None,
                },
            }),
        }
    }

    /// Signs out on this phone, at once, and at the gateway if it can be reached. Drafts and what
    /// waits stay, unseen by others, until the same person signs in again.
    pub fn sign_out(&self) -> Result<(), ClientError> {
        if let Some(revocation) = self.sign_out_here()? {
            self.revoke(revocation);
        }
        Ok(())
    }

    /// The part of [`Client::sign_out`] that waits for no network. What it gives is for
    /// [`Client::revoke`], in the shell's own time.
    pub fn sign_out_here(&self) -> Result<Option<Revocation>, ClientError> {
        let mut store = self.store();
        // Without it they are signed out all the same.
        let tokens = store.tokens().ok().flatten();
        store.signed_out()?;
        self.end_sign_ins();
        drop(store);
        self.tell(Changed::Account);
        self.gate.nudge();
        Ok(tokens.map(Revocation))
    }

    fn token_of_another(&self, store: &Store, than: &str) -> Option<Revocation> {
        let current = store.current_account().ok()?;
        let tokens = (current.server_id != than).then(|| store.tokens().ok().flatten())?;
        tokens.map(Revocation)
    }

    /// Courtesy: a session that the gateway still holds expires by itself. Where its access token has done
    /// so before, the refresh token, which lives for weeks, gets one more.
    pub fn revoke(&self, revocation: Revocation) {
        let Revocation(Tokens { access, refresh }) = revocation;
        if self.gateway.is_none() {
            return;
        }
        let Ok(Outcome::Unauthorized) = self.ask(&Action::SignOut, Some(&access)) else {
            return;
        };
        let again = Action::Refresh {
            refresh_token: refresh,
        };
        if let Ok(Outcome::Done(Answer::Session(session))) = self.ask(&again, None) {
            let _outcome = self.ask(&Action::SignOut, Some(&session.access_token));
        }
    }

    /// Sign-ins that were asked for until now come to nothing. The store is held.
    pub(super) fn end_sign_ins(&self) {
        self.sign_outs.fetch_add(1, Ordering::AcqRel);
    }

    fn is_ended(&self, asked: AskedSignIn) -> bool {
        self.sign_outs.load(Ordering::Acquire) != asked.sign_outs
    }

    /// How many [`Client::claim_guest_reports`] would bring: whoever wrote before signing in must not
    /// think that it is gone.
    pub fn unclaimed_reports(&self) -> Result<u32, ClientError> {
        Ok(self.store().unclaimed()?)
    }

    /// The drafts written before anybody signed in become the current person's. Only when asked
    /// for: on a shared phone they may be somebody else's.
    pub fn claim_guest_reports(&self) -> Result<u32, ClientError> {
        self.claim(Store::claim_guest_reports)
    }

    /// How many [`Client::claim_reports_without_writer`] would bring; [`crate::words::without_writer`] says
    /// what they are.
    pub fn reports_without_writer(&self) -> Result<u32, ClientError> {
        Ok(self.store().without_writer()?)
    }

    /// The reports of somebody who was signed in, of whom a damaged store does not tell any more who that
    /// was, become the current person's, and what waits of them goes in that person's name. Only when
    /// they say that they wrote them, after they were told so: never together with the guest's.
    pub fn claim_reports_without_writer(&self) -> Result<u32, ClientError> {
        self.claim(Store::claim_without_writer)
    }

    fn claim(
        &self,
        which: fn(&mut Store, AccountId, Instant) -> Result<u32, StoreError>,
    ) -> Result<u32, ClientError> {
        let at = self.now();
        let mut store = self.store();
        let current = store.current_account()?.id;
        let claimed = which(&mut store, current, at)?;
        drop(store);
        self.tell_accepted();
        Ok(claimed)
    }

    /// One exchange outside the outbox.
    fn ask(&self, action: &Action, token: Option<&Secret>) -> Result<Outcome, ClientError> {
        let gateway = self.gateway.as_ref().ok_or(ClientError::NoGateway)?;
        let nonce = self.draw();
        let context = RequestContext {
            base: gateway.as_url(),
            token,
            nonce,
            skew: None,
        };
        let request = api::request(action, &context).map_err(|_| ClientError::NoGateway)?;
        let runtime = net::runtime(&*self.transport).map_err(|error| ClientError::Storage {
            kind: error.kind().to_string(),
        })?;
        let no_body = std::sync::Arc::new(|_, _, _| Err(Unreadable));
        let exchange = runtime.block_on(self.transport.exchange(&request, no_body));
        self.transport.close();
        runtime.shutdown_background();
        let last_server_date = self.store().last_server_date()?;
        let circumstance = Circumstance {
            now: self.now(),
            built_at: super::driver::BUILT_AT,
            last_server_date,
        };
        Ok(api::judge(action, &request.nonce, &exchange, &circumstance))
    }

    fn reason_of(&self, outcome: &Outcome) -> Reason {
        let captive = self.surroundings().captive == lapor_engine::sync::Captive::Yes;
        let trouble = match outcome {
            Outcome::Offline => OriginTrouble::Offline,
            Outcome::ClockWrong => OriginTrouble::ClockWrong,
            Outcome::Untrusted => OriginTrouble::Untrusted,
            Outcome::NotLapor { status } => OriginTrouble::NotLapor { status: *status },
            Outcome::Busy { status, .. } => OriginTrouble::Busy { status: *status },
            Outcome::Incompatible => OriginTrouble::Incompatible,
            Outcome::Refused { status, code } => {
                return Reason::Refused {
                    status: *status,
                    code: code.clone(),
                };
            }
            // A whole answer of the gateway's own, which was not cut: it takes no sign-in here.
            Outcome::NotFound => {
                return Reason::Refused {
                    status: 404,
                    code: String::new(),
                };
            }
            _ => OriginTrouble::Cut,
        };
        trouble.reason(captive)
    }
}
