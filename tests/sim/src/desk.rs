//! What the service does by itself: verify, close, edit; end sessions; lose uploads; go back to a
//! backup; tighten its limits for a while.

use std::rc::Rc;

use lapor_sandbox_rules::{AdminError, Settings};

use crate::dice::{Actor, Dice, name_of};
use crate::story::{Run, needed};
use crate::world::World;

/// The officer's.
pub(crate) const INSTITUTION: &str = "dpu-badung";
/// Nobody's who has a phone here.
const ELSEWHERE: &str = "dishub-badung";

/// A phone gives back a picture's bytes a week after the gateway had it: what an older backup lacks then is
/// a loss that is stated.
const OLDEST_BACKUP: i64 = 6 * 86_400_000;

impl World {
    pub(crate) fn desk(&mut self, dice: &mut Dice) -> Run<()> {
        match dice.below(18) {
            16 => self.restore(dice),
            0..=6 => self.work_on_a_report(dice),
            7 | 8 => {
                let mut wire = self.line.wire();
                wire.tell("the gateway: access tokens expire".to_owned());
                needed(wire.gateway.expire_access_tokens(), "tokens")
            }
            9 => {
                let mut wire = self.line.wire();
                wire.tell("the gateway: all sessions end".to_owned());
                wire.pact.sessions_end();
                needed(wire.gateway.end_sessions(), "sessions")
            }
            10 => self.lose_an_upload(dice),
            11 | 12 => self.back_up(),
            13 => self.restore(dice),
            14 => {
                let mut wire = self.line.wire();
                let now = wire.at();
                wire.tell("the gateway: time passes at the desk".to_owned());
                wire.tap.all_dirty = true;
                needed(wire.gateway.tick(now), "tick").map(|_| ())
            }
            // Addresses of pictures expire, sessions do, removals are forgotten.
            15 if dice.percent(25) => {
                let mut wire = self.line.wire();
                let days = 5 + dice.below(200) as i64;
                wire.now += days * 86_400_000;
                wire.deliver();
                let now = wire.at();
                wire.tell(format!("{days} days go by"));
                wire.tap.all_dirty = true;
                // Phones ask for what they sent in the last 30 days: an older backup is a loss
                // that is stated.
                self.backups.clear();
                needed(wire.gateway.tick(now), "tick").map(|_| ())
            }
            _ => {
                self.settings(dice);
                Ok(())
            }
        }
    }

    fn work_on_a_report(&mut self, dice: &mut Dice) -> Run<()> {
        let mut wire = self.line.wire();
        let now = wire.at();
        let rows = needed(wire.gateway.reports(), "reports")?;
        let Some(row) = dice.choose(&rows, |row| name_of(&row.key)) else {
            return Ok(());
        };
        let key = row.key.clone();
        let gateway = &mut wire.gateway;
        let (what, done) = match dice.below(10) {
            9 => ("hands on elsewhere", gateway.dispose(now, &key, ELSEWHERE)),
            0 | 1 => ("verifies", gateway.verify(now, &key)),
            2 => ("hands on", gateway.dispose(now, &key, INSTITUTION)),
            3 => ("answers", gateway.follow_up(now, &key, "-")),
            4 => ("postpones", gateway.postpone(now, &key, "-")),
            5 => ("closes", gateway.close(now, &key)),
            6 => ("files away", gateway.archive(now, &key, "-")),
            7 => ("declines", gateway.not_our_authority(now, &key, "-")),
            _ => ("edits", gateway.edit_published_text(now, &key, "-", "-")),
        };
        let name = wire.name(&key);
        match done {
            Ok(()) => wire.tell(format!("the desk {what} {name}")),
            Err(AdminError::NotPossible { .. }) => {}
            Err(other) => return needed(Err(other), "the desk"),
        }
        wire.tap.dirty.insert(key);
        Ok(())
    }

    fn lose_an_upload(&mut self, dice: &mut Dice) -> Run<()> {
        let mut wire = self.line.wire();
        let rows = needed(wire.gateway.reports(), "reports")?;
        let living: Vec<(String, String)> = rows
            .iter()
            .flat_map(|row| row.missing().into_iter().map(|one| (&row.key, one)))
            .filter_map(|(key, one)| Some((key.clone(), one.capability.clone()?)))
            .collect();
        if let Some((key, capability)) = dice.choose(&living, |(key, _)| name_of(key)) {
            needed(wire.gateway.forget_upload(capability), "forget")?;
            wire.pact.loses(capability);
            let name = wire.name(key);
            wire.tell(format!("the gateway loses an upload of {name}"));
        }
        Ok(())
    }

    fn back_up(&mut self) -> Run<()> {
        let mut wire = self.line.wire();
        let kept = needed(wire.gateway.keep(), "backup")?;
        wire.tell("the gateway is backed up".to_owned());
        let now = wire.now;
        drop(wire);
        self.backups.push((now, Rc::new(kept)));
        Ok(())
    }

    fn restore(&mut self, dice: &mut Dice) -> Run<()> {
        let now = self.line.wire().now;
        self.backups.retain(|(at, _)| now - at < OLDEST_BACKUP);
        let Some((_, kept)) = dice.pick(&self.backups).cloned() else {
            return Ok(());
        };
        let mut wire = self.line.wire();
        let now = wire.at();
        let mut entropy: Dice = Dice::of(self.seed, Actor::Gateway, self.round, u64::MAX);
        needed(
            wire.gateway
                .restore_kept(now, &mut |bytes| entropy.fill(bytes), &kept),
            "restore",
        )?;
        wire.tap.all_dirty = true;
        wire.figures.restores += 1;
        wire.pact.restored();
        wire.tell("the gateway goes back to a backup".to_owned());
        self.ledger.restores += 1;
        Ok(())
    }

    /// Stricter limits, a quota, maintenance; most often everything as usual.
    fn settings(&mut self, dice: &mut Dice) {
        let mut wire = self.line.wire();
        let usual = Settings::default();
        let (what, settings) = match dice.below(6) {
            0 | 4 => (
                "takes short titles only",
                Settings {
                    title_chars: 12,
                    ..usual
                },
            ),
            1 => (
                "has a quota",
                Settings {
                    creates_per_hour: Some(1),
                    ..usual
                },
            ),
            2 => (
                "is in maintenance",
                Settings {
                    maintenance: true,
                    ..usual
                },
            ),
            3 => (
                "asks for patience",
                Settings {
                    creates_per_hour: Some(0),
                    retry_after_seconds: 90_000,
                    ..usual
                },
            ),
            _ => ("is as usual", usual),
        };
        *wire.gateway.settings_mut() = settings;
        wire.tell(format!("the gateway {what}"));
    }
}
