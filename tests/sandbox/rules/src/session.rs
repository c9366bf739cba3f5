//! Accounts and sessions. Passwords and tokens are stored only as hashes.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::exchange::{Answer, Entropy, Request};
use crate::gateway::{Gateway, hex};
use crate::instant::Instant;
use crate::problem::Code;
use crate::route::{Outcome, Refusal, object};
use crate::statements;
use crate::validate::text_field;

/// The people of the sandbox; all share one password, because a sandbox guards nothing.
const SEEDED: [(&str, &str, &str, &str, Option<&str>); 4] = [
    ("a-siti", "siti", "Siti Rahayu", "reporter", None),
    ("a-budi", "budi", "Budi Santoso", "reporter", None),
    ("a-ayu", "ayu", "Ayu Lestari", "reporter", None),
    (
        "a-made",
        "made",
        "I Made Wirawan",
        "officer",
        Some("dpu-badung"),
    ),
];
const SEEDED_PASSWORD: &str = "rahasia123";

/// Rounds of SHA-256 over a password: enough for made-up people, cheap for a simulator.
const ROUNDS: u32 = 256;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) user: String,
    pub(crate) name: String,
    pub(crate) role: Role,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Role {
    Reporter,
    Officer { institution: String },
}

impl Account {
    fn read(row: &Row<'_>) -> Result<Self, rusqlite::Error> {
        let role: String = row.get("role")?;
        let institution: Option<String> = row.get("institution")?;
        Ok(Self {
            id: row.get("id")?,
            user: row.get("user")?,
            name: row.get("name")?,
            role: match institution {
                Some(institution) if role == "officer" => Role::Officer { institution },
                _ => Role::Reporter,
            },
        })
    }

    /// Whose changes this account sees.
    pub(crate) fn audience(&self) -> String {
        match &self.role {
            Role::Reporter => audience_of_account(&self.id),
            Role::Officer { institution } => audience_of_institution(institution),
        }
    }

    pub(crate) const fn role_name(&self) -> &'static str {
        match self.role {
            Role::Reporter => "reporter",
            Role::Officer { .. } => "officer",
        }
    }

    fn json(&self) -> Value {
        let mut value = json!({
            "id": self.id,
            "user": self.user,
            "name": self.name,
            "role": self.role_name(),
        });
        if let (Role::Officer { institution }, Some(map)) = (&self.role, value.as_object_mut()) {
            map.insert("institution".to_owned(), json!(institution));
        }
        value
    }
}

pub(crate) fn audience_of_account(id: &str) -> String {
    format!("account:{id}")
}

pub(crate) fn audience_of_institution(id: &str) -> String {
    format!("institution:{id}")
}

pub(crate) fn seed_accounts(tx: &Connection, entropy: Entropy<'_>) -> Result<(), rusqlite::Error> {
    for (id, user, name, role, institution) in SEEDED {
        let mut salt = [0_u8; 16];
        entropy(&mut salt);
        statements::execute(
            tx,
            "INSERT INTO account (id, user, name, role, institution, salt, password)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                id,
                user,
                name,
                role,
                institution,
                salt,
                stretched(&salt, SEEDED_PASSWORD)
            ],
        )?;
    }
    Ok(())
}

impl Gateway {
    pub(crate) fn sign_in(
        &mut self,
        now: Instant,
        entropy: Entropy<'_>,
        request: &Request,
    ) -> Outcome {
        let body = object(request, &self.settings)?;
        let mut wrong = Vec::new();
        let user = text_field(&body, "user", self.settings.name_chars, &mut wrong);
        let password = text_field(&body, "password", self.settings.name_chars, &mut wrong);
        let (Some(user), Some(password)) = (user, password) else {
            return Err(Refusal::invalid(wrong));
        };
        let lives = Lives::of(self, now);
        let tx = self.write()?;
        let found = tx
            .prepare_cached("SELECT * FROM account WHERE user = ?1")?
            .query_row([user], |row| {
                Ok((
                    Account::read(row)?,
                    row.get::<_, Vec<u8>>("salt")?,
                    row.get::<_, Vec<u8>>("password")?,
                ))
            })
            .optional()?;
        let Some((account, salt, stored)) = found else {
            return Err(Code::BadCredentials.into());
        };
        if stretched(&salt, password) != stored {
            return Err(Code::BadCredentials.into());
        }
        let session = token(entropy);
        let answer = issue(&tx, entropy, &account, &session, 0, &lives)?;
        statements::execute(
            &tx,
            "DELETE FROM token WHERE expires_at <= ?1",
            [now.millis()],
        )?;
        tx.commit()?;
        Ok(answer)
    }

    pub(crate) fn refresh(
        &mut self,
        now: Instant,
        entropy: Entropy<'_>,
        request: &Request,
    ) -> Outcome {
        let body = object(request, &self.settings)?;
        let mut wrong = Vec::new();
        let Some(refresh) =
            text_field(&body, "refresh_token", self.settings.name_chars, &mut wrong)
        else {
            return Err(Refusal::invalid(wrong));
        };
        let lives = Lives::of(self, now);
        let tx = self.write()?;
        let hash = hashed(refresh);
        let found = tx
            .prepare_cached(
                "SELECT account.*, token.session, token.generation
                 FROM token JOIN account ON account.id = token.account
                 WHERE token.hash = ?1 AND token.kind = 'refresh' AND token.expires_at > ?2",
            )?
            .query_row(params![hash, now.millis()], |row| {
                Ok((
                    Account::read(row)?,
                    row.get::<_, String>("session")?,
                    row.get::<_, i64>("generation")?,
                ))
            })
            .optional()?;
        let Some((account, session, generation)) = found else {
            return Err(Code::SessionEnded.into());
        };
        // Whoever shows this token has received it: its predecessor, and its siblings from
        // answers that were lost, are done.
        statements::execute(
            &tx,
            "DELETE FROM token WHERE session = ?1 AND kind = 'refresh'
               AND (generation < ?2 OR (generation = ?2 AND hash <> ?3))",
            params![session, generation, hash],
        )?;
        if mutant!(RefreshDiesAtOnce) {
            statements::execute(&tx, "DELETE FROM token WHERE hash = ?1", [&hash])?;
        }
        let answer = issue(&tx, entropy, &account, &session, generation + 1, &lives)?;
        tx.commit()?;
        Ok(answer)
    }

    pub(crate) fn sign_out(&mut self, now: Instant, request: &Request) -> Outcome {
        let hash = bearer(request).map(hashed);
        self.account(now, request)?;
        let tx = self.write()?;
        statements::execute(
            &tx,
            "DELETE FROM token WHERE session = (SELECT session FROM token WHERE hash = ?1)",
            params![hash],
        )?;
        tx.commit()?;
        Ok(Answer::empty(204))
    }

    /// The account that the request's access token speaks for.
    pub(crate) fn account(&self, now: Instant, request: &Request) -> Result<Account, Refusal> {
        let Some(token) = bearer(request) else {
            return Err(Code::Unauthorized.into());
        };
        self.db
            .prepare_cached(
                "SELECT account.* FROM token JOIN account ON account.id = token.account
                 WHERE token.hash = ?1 AND token.kind = 'access' AND token.expires_at > ?2",
            )?
            .query_row(params![hashed(token), now.millis()], Account::read)
            .optional()?
            .ok_or_else(|| Code::Unauthorized.into())
    }
}

struct Lives {
    access_seconds: i64,
    access_until: Instant,
    refresh_until: Instant,
}

impl Lives {
    fn of(gateway: &Gateway, now: Instant) -> Self {
        let access_seconds = gateway.settings.access_seconds;
        Self {
            access_seconds,
            access_until: now.plus_seconds(access_seconds),
            refresh_until: now.plus_days(gateway.settings.refresh_days),
        }
    }
}

fn issue(
    tx: &Connection,
    entropy: Entropy<'_>,
    account: &Account,
    session: &str,
    generation: i64,
    lives: &Lives,
) -> Result<Answer, rusqlite::Error> {
    let access = token(entropy);
    let refresh = token(entropy);
    let mut insert = tx.prepare_cached(
        "INSERT INTO token (hash, account, session, generation, kind, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (text, kind, until) in [
        (&access, "access", lives.access_until),
        (&refresh, "refresh", lives.refresh_until),
    ] {
        insert.execute(params![
            hashed(text),
            account.id,
            session,
            generation,
            kind,
            until.millis()
        ])?;
    }
    Ok(Answer::json(
        200,
        &json!({
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": lives.access_seconds,
            "account": account.json(),
        }),
    )
    .with("Cache-Control", "no-store"))
}

/// 48 characters: the contract allows 64 bytes, and every request pays for them.
fn token(entropy: Entropy<'_>) -> String {
    let mut bytes = [0_u8; 24];
    entropy(&mut bytes);
    hex(&bytes)
}

fn bearer(request: &Request) -> Option<&str> {
    let (scheme, token) = request.find("Authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn hashed(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

fn stretched(salt: &[u8], password: &str) -> Vec<u8> {
    let mut held = Sha256::digest([salt, password.as_bytes()].concat());
    for _ in 1..ROUNDS {
        held = Sha256::digest(held);
    }
    held.to_vec()
}
