//! A bit of the store flips at rest, and the app looks closely.

use std::collections::BTreeSet;

use lapor_core::client::ClientError;
use lapor_core::store::Loss;

use super::Phone;
use crate::dice::Dice;
use crate::story::{Run, Violation, needed};

/// Openings until all that can be found is found: the damage is met, mended, and met no more.
const OPENINGS: u32 = 4;

impl Phone {
    /// Gives where; nothing where there is no store yet. The app is closed.
    pub(crate) fn flip(&mut self, dice: &mut Dice) -> Option<String> {
        let name = if dice.percent(95) {
            "lapor.db"
        } else {
            "key-check"
        };
        let path = self.disk.home().join("store").join(name);
        let length = self.disk.length(&path).ok().filter(|bytes| *bytes > 0)?;
        let (at, bit) = (dice.below(length), dice.below(8) as u32);
        self.disk.flip(&path, at, bit);
        self.damage = Some(Vec::new());
        Some(format!("page {} of {name}", at / 4096 + 1))
    }

    /// Opens the app and lets it read everything, until it finds nothing wrong. What was lost;
    /// nothing where no store was set aside.
    pub(crate) fn looks_closely(&mut self) -> Run<Option<Vec<Loss>>> {
        let home = self.disk.home();
        let names = needed(self.disk.names(&home), "home")?;
        let set_aside = names.iter().filter(|name| name.starts_with("set-aside-"));
        let set_aside = u32::try_from(set_aside.count()).unwrap_or(u32::MAX);
        for _ in 0..OPENINGS {
            let app = self.app()?;
            match app.doctor() {
                Ok(found) if found.sound => {
                    // The notice may have died with the app; the list has not.
                    let mut losses = self.damage.take().unwrap_or_default();
                    let listed = needed(app.losses(), "losses")?;
                    let ids: Vec<i64> = listed.iter().map(|loss| loss.id).collect();
                    needed(app.losses_shown(&ids), "losses shown")?;
                    let known: BTreeSet<i64> = losses.iter().map(|loss| loss.id).collect();
                    losses.extend(listed.into_iter().filter(|loss| !known.contains(&loss.id)));
                    let is_new = found.set_aside > set_aside;
                    return Ok(is_new.then_some(losses));
                }
                // As an app does: the next opening looks closely.
                Ok(_) | Err(ClientError::Corrupt) => self.close(),
                Err(other) => {
                    return Err(Violation(format!("a damaged store is told as: {other}")));
                }
            }
        }
        Err(Violation("a damaged store stays damaged".to_owned()))
    }
}
