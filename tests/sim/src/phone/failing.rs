//! How a phone's disk fails during a call.

use lapor_sim_vfs::{Failure, Fault, Lasts};

use super::Phone;
use crate::dice::{Actor, Dice};

/// An act makes rarely more changes than this.
const CHANGES: u32 = 7;

impl Phone {
    /// What is to go wrong with the disk during the next call. May that be a sync?
    pub(super) fn arm(&self) -> bool {
        let mut wire = self.line.wire();
        if wire.healed {
            return false;
        }
        if self.is_full {
            self.disk.fill();
        }
        let (chance, mut dice) = wire.chance(Actor::Disk(self.number));
        let Some((fault, words)) = self.fault(&mut dice) else {
            return false;
        };
        let (dies, fails) = (wire.temper.has_deaths(), wire.temper.has_failing_disks());
        let allowed = match fault {
            Fault::Freeze { .. } => dies,
            _ => fails,
        };
        if !allowed || !wire.happens(chance) {
            return false;
        }
        let is_an_error = matches!(
            fault,
            Fault::Fail {
                how: Failure::Error,
                ..
            }
        );
        self.disk.arm(fault);
        wire.tell(format!(
            "phone {}: {words}, if it comes to that",
            self.number
        ));
        is_an_error && !self.is_full
    }

    fn fault(&self, dice: &mut Dice) -> Option<(Fault, String)> {
        let kind = dice.below(if self.at_risk { 14 } else { 100 });
        let bits = 1 + dice.below(u64::from(CHANGES));
        let nth = 1 + dice.below(1 << bits);
        let at = self.disk.changes() + nth;
        let lasts = if dice.percent(50) {
            Lasts::Once
        } else {
            Lasts::ForEver
        };
        let long = match lasts {
            Lasts::Once => "fails once",
            Lasts::ForEver => "fails from then on",
        };
        Some(match kind {
            0..=3 => {
                let seed = dice.next();
                let words = format!("the power goes at write {nth}");
                (Fault::Freeze { at, seed }, words)
            }
            4 => {
                let how = Failure::Error;
                let words = format!("write {nth} {long}");
                (Fault::Fail { at, how, lasts }, words)
            }
            5 if !self.needs_room => {
                let how = Failure::Full;
                let words = format!("the disk is full at write {nth}");
                (Fault::Fail { at, how, lasts }, words)
            }
            6 => {
                let at = self.disk.looks() + nth;
                (Fault::FailLook { at, lasts }, format!("read {nth} {long}"))
            }
            _ => return None,
        })
    }
}
