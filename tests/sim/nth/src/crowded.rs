//! The same flip on a disk that is full and stays so: there is no room to save the rest, and what can be sent is
//! sent all the same.

use std::{sync::Arc, time::Instant};

use lapor_core::client::{ClientError, SyncLimits, Until};

use crate::{
    flips::{self, lived_in},
    scene::{Papers, Run, Scene, Start, Trouble, Violation, broken},
    steps::drain,
};

pub(crate) const NAME: &str = "flips-full";
const QUEUED: [&str; 2] = ["queued", "queued too"];
/// For so many hours nobody makes room.
const HOURS: u32 = 12;
const HOUR: i64 = 3_600_000;

/// What became of the queued reports before there was room again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// Both are there.
    Sent,
    /// One, and the app goes on as if nothing were wrong: the other's words lie on the page.
    One,
    /// A table that every look goes through is damaged: nothing is sent, and the app says why.
    Nothing,
}

/// Flips a bit in every page, one at a time. Gives how many pages went well and badly.
pub(crate) fn every_page(papers: &Arc<Papers>, seed: u64, only: Option<u64>) -> (u64, u64) {
    let began = Instant::now();
    let (start, pages) = match lived_in(papers) {
        Ok(ready) => ready,
        Err(violation) => {
            println!("nth: {NAME}: VIOLATION without a fault: {violation}");
            return (0, 1);
        }
    };
    let (mut sent, mut one, mut nothing, mut failed) = (0, 0, 0, 0);
    for page in (1..=pages).filter(|page| only.is_none_or(|only| only == *page)) {
        match flip(&start, page, seed) {
            Ok(Ended::Sent) => sent += 1,
            Ok(Ended::One) => one += 1,
            Ok(Ended::Nothing) => nothing += 1,
            Err(violation) => {
                failed += 1;
                println!("nth: {NAME}: page {page}: VIOLATION: {violation}");
                println!("  replay: make nth STORY={NAME} PAGE={page} SEED={seed}");
            }
        }
    }
    println!(
        "nth: {NAME}: {pages} pages, {sent} let all be sent, {one} kept one report, {nothing} let nothing be sent; \
         {failed} violations, {:.1} s",
        began.elapsed().as_secs_f64()
    );
    (sent + one + nothing, failed)
}

fn flip(start: &Start, page: u64, seed: u64) -> Run<Ended> {
    let mut scene = Scene::begin(start)?;
    flips::damage(&scene, page, seed);
    scene.disk.fill();
    let mut last = Ok(());
    for hour in 0..HOURS {
        // Every other hour somebody pulls the list down.
        last = sends(&mut scene, hour.is_multiple_of(2));
        match &last {
            Ok(()) => {}
            Err(Trouble::Call(ClientError::Corrupt)) => scene.close(),
            Err(trouble) if trouble.is_the_disks() => scene.close(),
            Err(trouble) => return broken(format!("on a full disk: {trouble}")),
        }
        scene.office.pass(HOUR);
    }
    let arrived = arrived(&mut scene)?;
    let ended = match (arrived, &last) {
        (2, _) => Ended::Sent,
        (1, Ok(())) => Ended::One,
        (0, _) => Ended::Nothing,
        (_, why) => {
            let why = why.as_ref().err().map(ToString::to_string);
            return broken(format!(
                "what could not be stored of one report holds back another: {}",
                why.unwrap_or_default()
            ));
        }
    };
    scene.disk.heal();
    scene.close();
    let lost = flips::looks(&mut scene)?;
    // What only sending reads may meet the damage then.
    let mut drained = drains(&mut scene);
    if let Err(Trouble::Call(ClientError::Corrupt)) = drained {
        scene.close();
        drained = drains(&mut scene);
    }
    drained.map_err(|trouble| Violation(format!("with room again: {trouble}")))?;
    scene.gateway_is_true()?;
    if lost == 0 && self::arrived(&mut scene)? < QUEUED.len() {
        return broken("with room again, a report did not arrive");
    }
    Ok(ended)
}

fn sends(scene: &mut Scene, pull: bool) -> Result<(), Trouble> {
    let limits = SyncLimits {
        pull,
        ..SyncLimits::until(Until::NothingDue)
    };
    scene.app()?.sync(limits, &mut |_| {})?;
    Ok(())
}

fn drains(scene: &mut Scene) -> Result<(), Trouble> {
    let app = scene.app()?;
    drain(scene, &app)
}

fn arrived(scene: &mut Scene) -> Run<usize> {
    let mut count = 0;
    for slot in QUEUED {
        let key = scene.known(slot)?.key.to_string();
        let creates = scene.office.look(|gateway| gateway.creates_of(&key));
        count += usize::from(creates.is_ok_and(|times| times > 0));
    }
    Ok(count)
}
