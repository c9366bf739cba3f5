//! What people do with the app.

pub(crate) mod background;
mod copies;
mod damage;
mod events;
mod forgetting;
mod log;
mod reports;
mod stuck;
pub(crate) mod updates;

use lapor_core::client::{Client, ClientError, SignInError, SyncLimits, SyncReport, Until};
use lapor_core::engine::api::Secret;
use lapor_core::engine::report::ReportKey;
use lapor_core::engine::sync::{Captive, Network, Surroundings};
use lapor_core::store::ReportRow;

use crate::dice::Dice;
use crate::story::{Run, Violation, needed};
use crate::world::World;

pub(crate) const OFFICER: &str = "made";
pub(crate) const PASSWORD: &str = "rahasia123";

fn in_words(limits: &SyncLimits) -> String {
    let how = match limits.until {
        Until::NothingDue => "syncs",
        Until::Idle => "syncs until nothing is left",
        Until::Cancelled => "syncs until somebody ends it",
    };
    match limits.deadline {
        Some(time) => format!("{how}, for {} s at most", time.as_secs()),
        None => how.to_owned(),
    }
}

/// Answers that a person may get; anything else means that the phone itself has failed.
pub(crate) fn allowed<T>(result: Result<T, ClientError>) -> Run<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(
            ClientError::NotFound
            | ClientError::NotEditable { .. }
            | ClientError::NotPossible { .. }
            | ClientError::NothingToGiveUp
            | ClientError::StillToSend
            | ClientError::SentAsAnother { .. }
            | ClientError::NotForRole { .. }
            | ClientError::Invalid { .. }
            | ClientError::SignInNeeded
            | ClientError::AlreadyAttached
            | ClientError::NoSuchAttachment
            | ClientError::TooManyAttachments { .. }
            | ClientError::PictureGone
            | ClientError::PictureLost
            | ClientError::TooLarge { .. }
            | ClientError::Suspended
            | ClientError::Cancelled,
        ) => Ok(None),
        Err(other) => Err(Violation(format!("the phone fails: {other}"))),
    }
}

impl World {
    pub(crate) fn tell(&self, line: String) {
        self.line.wire().tell(line);
    }

    pub(crate) fn app(&mut self, number: usize) -> Run<std::sync::Arc<Client>> {
        let phone = self.phones.get_mut(number);
        phone
            .ok_or_else(|| Violation("no such phone".to_owned()))?
            .app()
    }

    pub(crate) fn user(&mut self, number: usize) -> Run<String> {
        Ok(self.phone(number)?.account()?.user)
    }

    pub(crate) fn rows(
        &mut self,
        number: usize,
        of: impl Fn(&ReportRow) -> bool,
    ) -> Run<Vec<ReportKey>> {
        let screen = self.phone(number)?.screen_at_rest()?;
        let put_away = self.phone(number)?.put_away()?;
        Ok(screen
            .rows
            .iter()
            .chain(&put_away)
            .filter(|row| of(row))
            .map(|row| row.key)
            .collect())
    }

    /// One thing that whoever holds this phone does.
    pub(crate) fn person(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        let now = self.line.wire().now;
        if let Some(air) = self.line.wire().airs.get_mut(number) {
            air.asked.push_back(now);
        }
        if self.phone(number)?.is_full && dice.percent(15) {
            return self.runs_out_of_room(number);
        }
        let act = dice.below(120);
        let liked = self.line.wire().temper.act(dice);
        match liked.unwrap_or(act) {
            0..=17 => self.writes(number, dice).map(|_| ()),
            18..=22 => self.changes(number, dice),
            23..=32 => self.submits(number, dice),
            33..=40 => self.takes_back(number, dice),
            41..=44 => self.puts_away(number, dice),
            45..=59 => self.does_something(number, dice),
            60..=63 => self.sends_again(number, dice),
            64..=68 => self.decides(number, dice),
            // To open it again costs as much as twenty acts.
            69 | 70 => {
                self.tell(format!("phone {number}: the app is closed"));
                self.phone(number)?.close();
                Ok(())
            }
            71..=79 => self.changes_person(number, dice),
            80..=84 => self.moves(number, dice),
            85..=87 => {
                let app = self.app(number)?;
                app.suspend();
                let asleep = dice.percent(50);
                if asleep {
                    self.sync(number, dice)?;
                }
                self.app(number)?.resume();
                Ok(())
            }
            88..=90 => {
                let mut settings = needed(self.app(number)?.settings(), "settings")?;
                settings.pictures_unmetered_only = dice.percent(50);
                self.act(number, |app| app.set_settings(settings))
                    .map(|_| ())
            }
            91..=94 => self.hands_over(number),
            95..=99 => self.the_os_works(dice),
            100 => self.opens_twice(number, dice),
            101 | 102 => self.gives_up_an_event(number, dice),
            103 => self.copies(number, dice),
            104 if dice.percent(50) => self.wants_to_be_forgotten(number),
            104 => self.one_of_two_is_forgotten(number, dice),
            112 if dice.percent(25) => self.one_of_two_is_forgotten(number, dice),
            105..=107 => self.gives_up_an_event(number, dice),
            110 if dice.percent(40) => self.a_bit_flips(number, dice),
            111 if dice.percent(90) => self.a_bit_flips_on_a_full_disk(number, dice),
            113 if dice.percent(20) => self.a_bit_flips_in_the_log(number, dice),
            109 => self.updates_the_app(number, dice),
            108 if dice.percent(30) => self.runs_out_of_room(number),
            _ => self.sync(number, dice),
        }
    }

    pub(crate) fn phone(&mut self, number: usize) -> Run<&mut crate::phone::Phone> {
        self.phones
            .get_mut(number)
            .ok_or_else(|| Violation("no such phone".to_owned()))
    }

    pub(crate) fn sync_with(
        &mut self,
        number: usize,
        limits: SyncLimits,
    ) -> Run<Option<SyncReport>> {
        self.tell(format!("phone {number}: {}", in_words(&limits)));
        let began = self.line.wire().now;
        let (ended, outcomes) = self.phone(number)?.sync(limits)?;
        let too_old = outcomes.contains(&"incompatible");
        let submitted = std::mem::take(&mut self.line.wire().submitted);
        for key in &submitted {
            self.accepted(number, key)?;
        }
        for outcome in outcomes {
            self.ledger.seen(number).meets(outcome);
        }
        let (untold, later) = match self.line.wire().airs.get_mut(number) {
            Some(air) => (air.untold.take(), air.met_a_later_contract),
            None => (None, false),
        };
        if let Some(end) = untold {
            self.ledger.seen(number).may_have_met(end, later);
        }
        if self.phone(number)?.had_trouble() {
            // What an exchange came to may have gone untold.
            self.ledger.seen(number).is_told_by_the_os();
        }
        let report = self.settled(number, ended)?;
        if report.is_some() {
            self.ledger.seen(number).has_run();
        }
        let now = self.line.wire().now;
        let wake = report
            .as_ref()
            .and_then(|report| report.next_wake.as_ref())
            .map(|wake| now.saturating_add_unsigned(wake.in_ms));
        self.phone(number)?.wakes_at = wake;
        if let Some(report) = &report
            && !self.phone(number)?.had_trouble()
        {
            self.phone(number)?.has_run = true;
            self.tries_again_after_an_update(number, too_old)?;
            self.nothing_lies_there(number, report)?;
            self.ends_as_asked(number, &limits, began, report)?;
        }
        Ok(report)
    }

    /// Other apps fill the disk, until somebody makes room.
    fn runs_out_of_room(&mut self, number: usize) -> Run<()> {
        let phone = self.phone(number)?;
        phone.is_full = !phone.is_full;
        let what = if phone.is_full {
            "has no room for anything new"
        } else {
            "has room again"
        };
        self.tell(format!("phone {number}: its disk {what}"));
        Ok(())
    }

    fn changes_person(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        let people = self.phone(number)?.people.clone();
        if dice.percent(50) {
            self.tell(format!("phone {number}: signs out"));
            let ended = self.phone(number)?.call(Client::sign_out)?;
            self.settled(number, ended)?;
        }
        match dice.pick(&people) {
            Some(user) => self.signs_in(number, user, dice.percent(60)).map(|_| ()),
            None => Ok(()),
        }
    }

    pub(crate) fn signs_in(&mut self, number: usize, user: &str, claim: bool) -> Run<bool> {
        let ended = self
            .phone(number)?
            .call(|app| app.sign_in(user, Secret::new(PASSWORD.to_owned())))?;
        let good = match ended.value() {
            Ok(_) => true,
            // A line that lies may also say that the password is wrong.
            Err(SignInError::NotReached { .. } | SignInError::BadCredentials) => false,
            Err(_) if self.phone(number)?.had_trouble() => false,
            Err(other) => return Err(Violation(format!("nobody can sign in: {other}"))),
        };
        if good {
            self.line.wire().sessions.begins(number);
            // What damage took while somebody else was here is told now.
            let losses = needed(self.app(number)?.losses(), "losses")?;
            if !losses.is_empty() {
                self.takes_leave(number, &losses);
                let ids: Vec<i64> = losses.iter().map(|loss| loss.id).collect();
                needed(self.app(number)?.losses_shown(&ids), "losses shown")?;
            }
            // Whoever comes wants to see what happened meanwhile.
            self.phone(number)?.wakes_at = None;
        }
        self.tell(format!("phone {number}: {user} signs in: {good}"));
        if good && claim {
            needed(self.app(number)?.claim_guest_reports(), "claim")?;
            for case in &mut self.ledger.cases {
                if case.phone == number && case.owner.is_empty() {
                    case.owner = user.to_owned();
                }
            }
        }
        Ok(good)
    }

    fn moves(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        let network = dice
            .pick(&[Network::Up, Network::Up, Network::None, Network::Unknown])
            .copied()
            .unwrap_or_default();
        let captive = dice
            .pick(&[Captive::Unknown, Captive::No, Captive::Yes])
            .copied()
            .unwrap_or_default();
        let surroundings = Surroundings {
            network,
            metered: dice.percent(30),
            captive,
        };
        if let Some(air) = self.line.wire().airs.get_mut(number) {
            air.was_captive |= captive == Captive::Yes;
        }
        self.tell(format!("phone {number}: network {network:?}"));
        self.phone(number)?.wakes_at = None;
        needed(self.app(number)?.set_surroundings(surroundings), "moves")
    }
}
