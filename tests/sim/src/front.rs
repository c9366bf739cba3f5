//! A front end before the gateway that will not let some things through, every time and for as long
//! as it stands: by their size, or because it dislikes what is in them. Some worlds have one, from
//! some moment until long after everything else is well again.

use lapor_sandbox_rules::Request;

use crate::dice::{Actor, Dice, mix, name_of};
use crate::tap::Tap;

/// One world in so many has a front end, and in those people attach larger pictures.
const WORLDS: u64 = 16;
/// Which of them.
const THESE: u64 = 5;
/// It stands from one of these rounds on.
const ROUNDS: u64 = 120;
/// One of so many keys or pictures is disliked.
const DISLIKED: u64 = 3;
/// Sizes from which on it lets nothing through, bytes.
const SIZES: [usize; 4] = [8 << 10, 16 << 10, 64 << 10, 100 << 10];

#[derive(Debug, Clone, Copy)]
enum Dislikes {
    Larger(usize),
    /// Reports and events, by their key: their bytes are the same every time.
    Words(u64),
    /// Pictures, by their hash.
    Pictures(u64),
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct FrontEnd {
    status: u16,
    dislikes: Dislikes,
    from: u64,
}

pub(crate) fn has_large_pictures(seed: u64) -> bool {
    seed % WORLDS == THESE
}

impl FrontEnd {
    pub(crate) fn of(seed: u64) -> Option<Self> {
        if !has_large_pictures(seed) {
            return None;
        }
        let mut dice = Dice::of(seed, Actor::Gateway, 0, 1);
        let salt = dice.next();
        let dislikes = match dice.below(4) {
            0 | 1 => Dislikes::Larger(dice.pick(&SIZES).copied().unwrap_or(usize::MAX)),
            2 => Dislikes::Words(salt),
            _ => Dislikes::Pictures(salt),
        };
        Some(Self {
            status: if dice.percent(50) { 413 } else { 403 },
            dislikes,
            from: dice.below(ROUNDS),
        })
    }

    pub(crate) fn stands(&self, round: u64) -> bool {
        round >= self.from
    }

    /// The status with which it answers in the gateway's place.
    pub(crate) fn refuses(&self, request: &Request, tap: &Tap) -> Option<u16> {
        let last = request.path.rsplit('/').next().unwrap_or_default();
        let refused = match (request.method.as_str(), self.dislikes) {
            ("PUT" | "PATCH", Dislikes::Larger(most)) => request.body.len() > most,
            ("PUT", Dislikes::Words(_)) => self.never_lets_words_pass(last),
            ("PATCH", Dislikes::Pictures(_)) => tap
                .picture_at(last)
                .is_some_and(|sha| self.never_lets_a_picture_pass(sha)),
            _ => false,
        };
        refused.then_some(self.status)
    }

    /// Of a report or an event, by its key.
    pub(crate) fn never_lets_words_pass(&self, key: &str) -> bool {
        match self.dislikes {
            Dislikes::Words(salt) => dislikes(salt, key),
            Dislikes::Larger(_) | Dislikes::Pictures(_) => false,
        }
    }

    /// By its hash. What is only too large passes in pieces.
    pub(crate) fn never_lets_a_picture_pass(&self, sha256: &str) -> bool {
        match self.dislikes {
            Dislikes::Pictures(salt) => dislikes(salt, sha256),
            Dislikes::Larger(_) | Dislikes::Words(_) => false,
        }
    }

    /// What it refuses passes in smaller pieces.
    pub(crate) fn is_about_size(&self) -> bool {
        matches!(self.dislikes, Dislikes::Larger(_))
    }

    pub(crate) fn in_words(&self) -> String {
        let what = match self.dislikes {
            Dislikes::Larger(most) => format!("what has more than {most} bytes"),
            Dislikes::Words(_) => "some reports and replies".to_owned(),
            Dislikes::Pictures(_) => "some pictures".to_owned(),
        };
        format!("a front end answers {what} with {}", self.status)
    }
}

fn dislikes(salt: u64, name: &str) -> bool {
    mix(&[salt, name_of(name)]).is_multiple_of(DISLIKED)
}
