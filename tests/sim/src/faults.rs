//! What may happen to one exchange, and how often in which weather.

mod words;

use crate::dice::Dice;
use crate::portals::PORTALS;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    Pass,
    Offline,
    Dns,
    Untrusted,
    /// The wall clock is right, and the certificate is outside its dates all the same.
    Dates,
    /// One of many kinds of page that are not LAPOR!'s.
    Portal(usize),
    CutBefore,
    /// So many bytes of the body arrive.
    CutAfter(usize),
    LoseAnswer,
    /// The head arrives, and so many bytes of the body.
    TruncateAnswer(usize),
    /// So many bytes of the body arrive, and then nothing more moves.
    Silence(usize),
    /// The head of the answer arrives, so many bytes of the body, and then nothing more moves.
    StalledAnswer(usize),
    /// The answer's gzip ends in the middle.
    Undecodable,
    /// The answer never ends.
    TooLarge,
    /// A script stands in the answer.
    Injected,
    /// A replica that lags behind answers what only reads.
    Lagging,
    /// The cursor is gone.
    CursorGone,
    /// Nothing new, and there is.
    NothingNew,
    /// The gateway does it twice; the second answer comes back.
    Twice,
    /// Sits in a proxy for so long, milliseconds; `again` later once more, or never at all.
    Proxy {
        after: Option<i64>,
        again: Option<i64>,
    },
    Marked {
        status: u16,
        retry_after: Option<&'static str>,
    },
    Unmarked {
        status: u16,
        retry_after: Option<&'static str>,
    },
    Garbage {
        marked: bool,
    },
    /// A front end answers this one so every time.
    Stopped {
        status: u16,
    },
    /// A status that the contract does not have there, or has not with this code.
    Odd {
        status: u16,
        marked: bool,
    },
    /// What an earlier request of this kind was answered: of another report, with its nonce.
    Stale,
    /// The same as a gateway of a later contract would say it, with the right nonce.
    Newer,
    /// The store cannot give a picture's bytes this once.
    Unreadable,
    /// The app dies before or after the gateway has done it.
    Kill {
        done: bool,
    },
    /// A person sends words while this picture's chunk is under way; so many bytes had arrived.
    Words(usize),
    /// Somebody cancels the sync while the exchange runs.
    Cancel {
        done: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weather {
    Good,
    Rough,
    Dead,
    Portal,
    Untrusted,
    SickGateway,
    /// Connections come up and are torn down before anything gets through.
    Cutting,
}

impl Weather {
    pub(crate) const ALL: [Self; 11] = [
        Self::Good,
        Self::Good,
        Self::Good,
        Self::Rough,
        Self::Rough,
        Self::Rough,
        Self::Dead,
        Self::Portal,
        Self::Untrusted,
        Self::SickGateway,
        Self::Cutting,
    ];

    pub(crate) fn fault(self, dice: &mut Dice) -> Fault {
        let usual = dice.percent(match self {
            Self::Good => 90,
            Self::Rough => 45,
            Self::Dead | Self::Portal | Self::Untrusted => 95,
            Self::SickGateway | Self::Cutting => 95,
        });
        if !usual {
            return any(dice);
        }
        match self {
            Self::Good | Self::Rough => Fault::Pass,
            Self::Dead if dice.percent(50) => Fault::Offline,
            Self::Dead => Fault::Dns,
            Self::Portal => Fault::Portal(dice.index(PORTALS)),
            Self::Untrusted => Fault::Untrusted,
            Self::SickGateway => sick(dice),
            Self::Cutting if dice.percent(80) => Fault::CutBefore,
            Self::Cutting => Fault::LoseAnswer,
        }
    }

    /// How long a request and its answer of so many bytes take, milliseconds: from a good fourth
    /// generation to a rural second one, never below the rate at which a stall begins.
    pub(crate) fn takes(self, bytes: usize, dice: &mut Dice) -> i64 {
        let (round_trip, rate) = match self {
            Self::Good => (40 + dice.below(360), 200 + dice.below(1_200)),
            _ if dice.percent(3) => (40_000, 2),
            _ => (150 + dice.below(1_150), 2 + dice.below(48)),
        };
        // Bytes by thousands of bytes a second are milliseconds.
        i64::try_from(round_trip + bytes as u64 / rate).unwrap_or(i64::MAX)
    }
}

/// Absurd ones too: the engine clamps them.
const RETRY_AFTER: [Option<&str>; 9] = [
    None,
    None,
    Some("5"),
    Some("0"),
    Some("120"),
    Some("8640000"),
    Some("99999999999999999999"),
    Some("-3"),
    Some("soon"),
];

const ODD: [u16; 17] = [
    202, 206, 302, 400, 401, 403, 404, 404, 404, 409, 410, 412, 413, 418, 422, 451, 460,
];

fn sick(dice: &mut Dice) -> Fault {
    let status = dice
        .pick(&[429, 500, 502, 503, 504])
        .copied()
        .unwrap_or(503);
    let retry_after = dice.pick(&RETRY_AFTER).copied().flatten();
    if dice.percent(50) {
        Fault::Marked {
            status,
            retry_after,
        }
    } else {
        Fault::Unmarked {
            status,
            retry_after,
        }
    }
}

fn any(dice: &mut Dice) -> Fault {
    match dice.below(33) {
        0 => Fault::Offline,
        1 => Fault::Dns,
        2 => Fault::Untrusted,
        3 => Fault::Portal(dice.index(PORTALS)),
        4 => Fault::CutBefore,
        5 | 6 => Fault::CutAfter(dice.index(40_000)),
        7 | 8 => Fault::LoseAnswer,
        9 => Fault::TruncateAnswer(dice.index(200)),
        10 => Fault::Twice,
        11 | 12 => proxy(dice),
        13 => sick(dice),
        14 => Fault::Garbage {
            marked: dice.percent(50),
        },
        15 => Fault::Kill {
            done: dice.percent(50),
        },
        16 | 17 => {
            let status = dice.pick(&ODD).copied().unwrap_or(404);
            // What is marked and says 422 is a gateway's own word: it comes from nobody else.
            let marked = dice.percent(50) && status != 422;
            Fault::Odd { status, marked }
        }
        18 => Fault::Words(dice.index(20_000)),
        19 => Fault::Dates,
        20 | 21 => Fault::Silence(dice.index(40_000)),
        22 => Fault::StalledAnswer(dice.index(200)),
        23 => Fault::Undecodable,
        24 => Fault::TooLarge,
        25 => Fault::Injected,
        26 => Fault::Stale,
        27 | 28 => Fault::Lagging,
        29 => Fault::CursorGone,
        30 => Fault::NothingNew,
        31 if dice.percent(10) => Fault::Newer,
        31 => Fault::Unreadable,
        _ => Fault::Cancel {
            done: dice.percent(50),
        },
    }
}

/// Minutes mostly, days now and then.
fn proxy(dice: &mut Dice) -> Fault {
    let most = if dice.percent(10) { 72 } else { 1 } * 3_600_000;
    Fault::Proxy {
        after: dice.percent(75).then_some(1_000 + dice.below(most) as i64),
        again: dice
            .percent(30)
            .then_some(1_000 + dice.below(2 * most) as i64),
    }
}
