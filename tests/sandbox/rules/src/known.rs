//! After an epoch change a client asks which of its keys the gateway still has.

use serde_json::{Value, json};

use crate::exchange::{Answer, Request};
use crate::gateway::Gateway;
use crate::instant::Instant;
use crate::problem::FieldCode;
use crate::report::{self, Known};
use crate::route::{Outcome, Refusal, object};
use crate::statements::Transaction;
use crate::validate::{is_key, wrong};

/// Keys a question.
const BATCH: usize = 100;

impl Gateway {
    pub(crate) fn known(&mut self, now: Instant, request: &Request) -> Outcome {
        let account = self.account(now, request)?;
        let body = object(request, &self.settings)?;
        let refused = |code, limit| Err(Refusal::invalid(vec![wrong("keys", code, limit)]));
        let keys = match body.get("keys") {
            None => return refused(FieldCode::Required, None),
            Some(Value::Array(keys)) if keys.len() > BATCH => {
                return refused(FieldCode::TooMany, Some(BATCH as u64));
            }
            Some(Value::Array(keys)) => keys,
            Some(_) => return refused(FieldCode::Invalid, None),
        };
        let mut found = (Vec::new(), Vec::new(), Vec::new());
        let tx = Transaction::to_read(&self.db)?;
        for key in keys {
            let Some(key) = key.as_str().filter(|key| is_key(key)) else {
                return refused(FieldCode::Invalid, None);
            };
            match report::known(&tx, &account, key)? {
                Known::Report(stored) => {
                    found
                        .0
                        .push(json!({ "key": key, "tracking_id": stored.tracking_id() }));
                }
                Known::Withdrawn => found.1.push(key),
                // Whose key it is, is nobody else's matter.
                Known::Nothing | Known::Foreign => found.2.push(key),
            }
        }
        let (known, withdrawn, unknown) = found;
        Ok(Answer::json(
            200,
            &json!({ "known": known, "withdrawn": withdrawn, "unknown": unknown }),
        ))
    }
}
