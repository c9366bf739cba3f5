//! A bit of the store flips at rest, and the app looks closely.

use lapor_core::client::ClientError;
use lapor_core::store::Loss;

use super::Phone;
use crate::dice::Dice;
use crate::story::{Run, Violation};

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
        self.was_set_aside = false;
        Some(format!("page {} of {name}", at / 4096 + 1))
    }

    /// Opens the app and lets it read everything, until it finds nothing wrong. What was lost;
    /// nothing where no store was set aside.
    pub(crate) fn looks_closely(&mut self) -> Run<Option<Vec<Loss>>> {
        for _ in 0..OPENINGS {
            let app = self.app()?;
            match app.doctor() {
                Ok(found) if found.sound => {
                    let losses = self.damage.take().unwrap_or_default();
                    return Ok(self.was_set_aside.then_some(losses));
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
