use lapor_engine::{
    api::{self, Action, Answer, Circumstance, Outcome, RequestContext, Secret},
    sync::{OriginTrouble, Reason, RunId},
};

use super::{Changed, Client, ClientError, SignInError};
use crate::{
    net::{self, Unreadable},
    store::AccountRow,
};

impl Client {
    /// Who is signed in; the guest when nobody is.
    pub fn account(&self) -> Result<AccountRow, ClientError> {
        Ok(self.store().current_account()?)
    }

    /// Signs a person in. Needs the network; whatever waited for this person goes on.
    pub fn sign_in(&self, user: &str, password: Secret) -> Result<AccountRow, SignInError> {
        let action = Action::SignIn {
            user: user.to_owned(),
            password,
        };
        match self.ask(&action, None)? {
            Outcome::Done(Answer::Session(session)) => {
                let at = self.now();
                let tokens = (&session.access_token, &session.refresh_token);
                self.store()
                    .signed_in(&session.account, tokens.0, tokens.1, at)
                    .map_err(ClientError::from)?;
                self.tell(Changed::Account);
                self.tell_accepted();
                Ok(self.account()?)
            }
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
        let token = self
            .store()
            .work(&RunId(String::new()))?
            .account
            .map(|account| account.access_token)
            // Of a session that is over none is kept.
            .filter(|token| !token.reveal().is_empty());
        self.store().signed_out()?;
        self.tell(Changed::Account);
        self.gate.nudge();
        if let (Some(token), true) = (token, self.gateway.is_some()) {
            // Courtesy: a token that the gateway still holds expires by itself.
            let _outcome = self.ask(&Action::SignOut, Some(&token));
        }
        Ok(())
    }

    /// How many [`Client::claim_guest_reports`] would bring: whoever wrote before signing in must not
    /// think that it is gone.
    pub fn unclaimed_reports(&self) -> Result<u32, ClientError> {
        Ok(self.store().unclaimed()?)
    }

    /// The drafts written before anybody signed in become the current person's, and so do the
    /// reports of which a damaged store no longer told whose they are. Only when asked
    /// for: on a shared phone they may be somebody else's.
    pub fn claim_guest_reports(&self) -> Result<u32, ClientError> {
        let at = self.now();
        let mut store = self.store();
        let current = store.current_account()?.id;
        let claimed = store.claim_guest_reports(current, at)?;
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
