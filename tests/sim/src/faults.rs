//! What may happen to one exchange, and how often in which weather.

use crate::dice::Dice;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    Pass,
    Offline,
    Dns,
    Untrusted,
    Portal,
    CutBefore,
    /// So many bytes of the body arrive.
    CutAfter(usize),
    LoseAnswer,
    /// The head arrives, and so many bytes of the body.
    TruncateAnswer(usize),
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
}

impl Weather {
    pub(crate) const ALL: [Self; 10] = [
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
    ];

    pub(crate) fn fault(self, dice: &mut Dice) -> Fault {
        let usual = dice.percent(match self {
            Self::Good => 90,
            Self::Rough => 45,
            Self::Dead | Self::Portal | Self::Untrusted | Self::SickGateway => 95,
        });
        if !usual {
            return any(dice);
        }
        match self {
            Self::Good | Self::Rough => Fault::Pass,
            Self::Dead if dice.percent(50) => Fault::Offline,
            Self::Dead => Fault::Dns,
            Self::Portal => Fault::Portal,
            Self::Untrusted => Fault::Untrusted,
            Self::SickGateway => sick(dice),
        }
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

const ODD: [u16; 14] = [
    202, 302, 400, 401, 403, 404, 404, 404, 409, 410, 413, 418, 422, 451,
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
    match dice.below(24) {
        0 => Fault::Offline,
        1 => Fault::Dns,
        2 => Fault::Untrusted,
        3 => Fault::Portal,
        4 => Fault::CutBefore,
        5 | 6 => Fault::CutAfter(dice.index(40_000)),
        7 | 8 => Fault::LoseAnswer,
        9 => Fault::TruncateAnswer(dice.index(200)),
        10 => Fault::Twice,
        11 | 12 => Fault::Proxy {
            after: dice
                .percent(75)
                .then_some(1_000 + dice.below(3_600_000) as i64),
            again: dice
                .percent(30)
                .then_some(1_000 + dice.below(7_200_000) as i64),
        },
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
        19 => Fault::Stale,
        20 => Fault::Newer,
        21 | 22 => Fault::Unreadable,
        18 => Fault::Words(dice.index(20_000)),
        _ => Fault::Cancel {
            done: dice.percent(50),
        },
    }
}
