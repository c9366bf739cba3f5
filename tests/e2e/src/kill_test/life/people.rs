//! Who is signed in, and the second process on the same store.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use lapor_e2e::exit;

use super::Life;
use crate::{
    broken::{Kind, hold},
    ledger::{Intent, text},
    victim::strike,
};

/// The seeded accounts' password, as typed.
const PASSWORD: &str = "rahasia123\n";

impl Life<'_> {
    pub(super) fn signs_out(&mut self) -> Result<()> {
        self.ends_background()?;
        let end = self.strike("sign-out", &["sign-out"])?;
        self.expect(&end, &[exit::DONE])?;
        let before = self.person;
        self.who()?;
        let fits = self.person.is_none() || (self.person == before && end.told().is_none());
        hold!(
            Kind::Other,
            fits,
            "signed out, and {:?} is signed in",
            self.person
        );
        Ok(())
    }

    /// The service may be in trouble: then nobody is signed in, and it is tried again.
    pub(super) fn signs_in(&mut self) -> Result<()> {
        let user = self
            .dice
            .one_of(self.people)
            .copied()
            .context("nobody has this phone")?;
        self.last = format!("sign-in {user}");
        let words = ["sign-in", user, "--password-stdin"];
        let end = strike(
            &self.phone,
            "sign-in",
            &words,
            Some(PASSWORD),
            self.lives,
            &mut self.dice,
        )?;
        hold!(
            Kind::Other,
            end.killed || end.ran.code != exit::SIGN_IN,
            "a right password was refused: {}",
            end.ran.out
        );
        self.who()?;
        let fits = match end.told() {
            Some(_) => self.person == Some(user),
            None => self.person.is_none() || self.person == Some(user),
        };
        hold!(
            Kind::Other,
            fits,
            "{user} signed in, and {:?} is",
            self.person
        );
        Ok(())
    }

    pub(super) fn who(&mut self) -> Result<()> {
        let who = self.does(&["whoami"])?;
        let user = text(&who, "user");
        let signed_in = who.get("signed_in") == Some(&true.into());
        self.person = self
            .people
            .iter()
            .copied()
            .find(|one| signed_in && *one == user);
        Ok(())
    }

    /// Syncs beside the other commands until it is killed.
    pub(super) fn watches(&mut self) -> Result<()> {
        if !self.background.is_there() {
            self.passes_time();
            self.background.begin(&self.phone, &self.folder)?;
        }
        Ok(())
    }

    /// Kills the background's process, and looks at what that may bring to light.
    ///
    /// A command can be killed when its commit is in the write-ahead log and not yet in the shared
    /// index. While another process has the store open nobody sees that commit, and the next write
    /// goes over it; when that process dies too, the next one reads the log anew and finds it. So an
    /// unconfirmed command may show its effect late, though never over something newer.
    pub(super) fn ends_background(&mut self) -> Result<()> {
        self.background.end(self.lives)?;
        let late = std::mem::take(&mut self.late);
        if late.iter().any(|(key, _)| key.is_empty()) {
            self.finds_drafts()?;
        }
        let keys: BTreeSet<&str> = late.iter().map(|(key, _)| key.as_str()).collect();
        for key in keys.into_iter().filter(|key| !key.is_empty()) {
            let shown = self.does(&["show", key])?;
            let told = self.ledger.get_mut(key).context("a report of the ledger")?;
            // As it was told; else as one of the killed commands would have it, of which only the
            // last that wrote can still be there.
            let candidates = late.iter().filter(|(report, _)| report == key);
            let before = told.clone();
            let mut looked = told.look(key, &shown, &Intent::Nothing, false);
            for (_, intent) in candidates {
                if looked.is_ok() {
                    break;
                }
                let mut other = before.clone();
                if let Ok(news) = other.look(key, &shown, intent, false) {
                    self.came_late += 1;
                    *told = other;
                    looked = Ok(news);
                }
            }
            let news = looked?;
            self.is_true(key, &news)?;
        }
        Ok(())
    }

    /// A command that was carried out wrote over whatever came to nothing before it.
    pub(super) fn may_come_late(&mut self, key: &str, intent: &Intent, promised: bool) {
        if promised {
            self.late.clear();
        } else if self.background.is_there() {
            self.late.push((key.to_owned(), intent.clone()));
        }
    }
}
