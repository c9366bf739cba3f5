//! One picture by lapor and by curl over the very same spikes: how the two compare, and how well that
//! is known. Of 6 to 30 s that one picture takes on a spiky line most is where losses and spikes fall,
//! so rounds are many, and for both of a pair the line's schedule begins anew.

use std::fmt;

use anyhow::Result;

use super::{
    peers::Peers,
    pictures::{Sent, send},
};
use crate::{dice::Dice, phone::is, profile::Profile, world::World};

#[cfg(test)]
mod tests;

/// Seconds that the same took on the same line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pair {
    pub(crate) ours: f64,
    pub(crate) theirs: f64,
}

/// Rounds of one report with one picture. Kept with the figures, which tell of all lines at the end.
pub(crate) fn measure(
    world: &mut World<'_>,
    profile: &Profile,
    rounds: u64,
    budget: u64,
) -> Result<()> {
    let mut peers: Option<Peers> = None;
    for round in 0..rounds {
        let spikes = world.dice.number();
        world.line.begins_anew(profile, spikes)?;
        let first_ours = round.is_multiple_of(2) || peers.is_none();
        let mut ours = None;
        if first_ours {
            ours = Some(sent_by_us(world, budget)?);
        }
        let peers = match (&mut peers, &ours) {
            (Some(peers), _) => peers,
            (none, sent) => {
                // Of exactly the size that the phone's own picture came to.
                let bytes = sent.as_ref().map_or(budget, |(sent, _)| sent.ideal);
                none.insert(Peers::start(world, bytes, None)?)
            }
        };
        world.line.begins_anew(profile, spikes)?;
        let (theirs, posts) = peers.curl(world)?;
        let (ours, what) = match ours {
            Some(ours) => ours,
            None => {
                world.line.begins_anew(profile, spikes)?;
                sent_by_us(world, budget)?
            }
        };
        let pair = Pair {
            ours: ours.took.as_secs_f64(),
            theirs: theirs.took.as_secs_f64(),
        };
        world.figures.tell(
            profile.name,
            &format!(
                "pair lapor={:.2} s ({what}) curl={:.2} s (posts={posts}) bytes={}/{} spikes={spikes:016x}",
                pair.ours, pair.theirs, ours.crossed, theirs.crossed,
            ),
        );
        world.figures.pair(profile.name, pair);
    }
    Ok(())
}

/// What it took, and what the phone's trace says of it.
fn sent_by_us(world: &mut World<'_>, budget: u64) -> Result<(Sent, String)> {
    let sent = send(world, 1, budget)?;
    let traced = world.phone.traced();
    let ended = |task: &str| {
        let all = traced
            .iter()
            .filter(|one| is(one, "event", "ended") && is(one, "task", task));
        let each: Vec<String> = all
            .map(|one| {
                let ms = one.get("took_ms").and_then(serde_json::Value::as_u64);
                let outcome = one.get("outcome").and_then(serde_json::Value::as_str);
                let seconds = ms.unwrap_or(0) as f64 / 1000.0;
                match outcome {
                    Some("done") => format!("{seconds:.2}"),
                    other => format!("{seconds:.2} {}", other.unwrap_or("?")),
                }
            })
            .collect();
        each.join("+")
    };
    let what = format!(
        "create {}, chunks {}",
        ended("create"),
        ended("upload_chunk")
    );
    Ok((sent, what))
}

/// The time of all ours over the time of all theirs, and where 95 of 100 such measurements would lie
/// (bootstrap over pairs). Beside it the ratio of the medians, which a few long ones do not move.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ratio {
    pub(crate) of_means: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) of_medians: f64,
}

impl Ratio {
    /// Nothing of no pairs.
    pub(crate) fn of(pairs: &[Pair]) -> Option<Self> {
        const DRAWS: usize = 4_000;
        if pairs.is_empty() {
            return None;
        }
        let mut dice = Dice::new(1);
        let mut ratios: Vec<f64> = (0..DRAWS)
            .map(|_| {
                let drawn = (0..pairs.len()).filter_map(|_| {
                    let which = dice.number() % pairs.len() as u64;
                    pairs.get(usize::try_from(which).unwrap_or(0)).copied()
                });
                of_means(drawn)
            })
            .collect();
        ratios.sort_by(f64::total_cmp);
        let at = |share: usize| ratios.get(DRAWS * share / 1000).copied();
        Some(Self {
            of_means: of_means(pairs.iter().copied()),
            low: at(25)?,
            high: at(975)?,
            of_medians: median(pairs.iter().map(|pair| pair.ours))
                / median(pairs.iter().map(|pair| pair.theirs)),
        })
    }
}

fn of_means(pairs: impl Iterator<Item = Pair>) -> f64 {
    let (ours, theirs) = pairs.fold((0.0, 0.0), |(ours, theirs), pair| {
        (ours + pair.ours, theirs + pair.theirs)
    });
    ours / theirs
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let (upper, lower) = (sorted.get(middle), sorted.get((sorted.len() - 1) / 2));
    upper.zip(lower).map_or(f64::NAN, |(a, b)| (a + b) / 2.0)
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "95_of_100={:.2}..{:.2} of_medians={:.2}",
            self.low, self.high, self.of_medians
        )
    }
}
