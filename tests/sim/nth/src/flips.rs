//! A bit flips in a page of a store that was lived in: for every page. What is lost is at most the
//! report on that page, and it is named.

use std::{sync::Arc, time::Instant};

use lapor_core::client::ClientError;

use crate::{
    books::is_there,
    scene::{Papers, Run, Scene, Start, Trouble, Violation, broken},
    stories::{Paper, Step},
};

pub(crate) const NAME: &str = "flips";
const PAGE: u64 = 4096;

/// Drafts, accepted reports with and without pictures, sent ones.
const LIVED_IN: &[Step] = &[
    Step::SignIn("siti"),
    Step::Write("sent"),
    Step::Attach("sent", Paper::Document(5_000)),
    Step::Submit("sent"),
    Step::Write("sent too"),
    Step::Submit("sent too"),
    Step::Sync,
    Step::Reply("sent"),
    Step::Write("draft"),
    Step::Attach("draft", Paper::Photo),
    Step::Write("other draft"),
    Step::Edit("other draft", "Lubang di jalan"),
    Step::Write("queued"),
    Step::Attach("queued", Paper::Document(30_000)),
    Step::Submit("queued"),
    Step::Write("queued too"),
    Step::Submit("queued too"),
    Step::Write("third draft"),
    Step::Close,
];

/// What a page cost.
struct Cost {
    is_noticed: bool,
    reports: usize,
}

/// Flips a bit in every page, one at a time. Gives how many pages went well and badly.
pub(crate) fn every_page(papers: &Arc<Papers>, seed: u64, only: Option<u64>) -> (u64, u64) {
    let began = Instant::now();
    let (start, pages) = match lived_in(papers) {
        Ok(ready) => ready,
        Err(violation) => {
            println!("nth: flips: VIOLATION without a fault: {violation}");
            return (0, 1);
        }
    };
    let (mut noticed, mut free, mut one) = (0, 0, 0);
    let (mut more, mut failed) = (Vec::new(), 0);
    for page in (1..=pages).filter(|page| only.is_none_or(|only| only == *page)) {
        match flip(&start, page, seed) {
            Ok(cost) => {
                noticed += u64::from(cost.is_noticed);
                match cost.reports {
                    0 => free += 1,
                    1 => one += 1,
                    count => more.push(format!("{page} ({count})")),
                }
            }
            Err(violation) => {
                failed += 1;
                println!("nth: flips: page {page}: VIOLATION: {violation}");
                println!("  replay: make nth STORY=flips PAGE={page} SEED={seed}");
            }
        }
    }
    println!(
        "nth: flips: {pages} pages, {noticed} noticed, {free} cost no report, {one} cost one, {} cost more: {}; \
         {failed} violations, {:.1} s",
        more.len(),
        if more.is_empty() {
            "none".to_owned()
        } else {
            more.join(", ")
        },
        began.elapsed().as_secs_f64()
    );
    (free + one + more.len() as u64, failed)
}

pub(crate) fn lived_in(papers: &Arc<Papers>) -> Run<(Start, u64)> {
    let mut scene = Scene::new(Arc::clone(papers))?;
    for step in LIVED_IN {
        scene
            .does(*step)
            .map_err(|trouble| Violation(trouble.to_string()))?;
    }
    scene.tells_set_aside = true;
    let bytes = scene.disk.read(&scene.database()).unwrap_or_default();
    Ok((scene.start()?, bytes.len() as u64 / PAGE))
}

fn flip(start: &Start, page: u64, seed: u64) -> Run<Cost> {
    let mut scene = Scene::begin(start)?;
    damage(&scene, page, seed);
    let reports = looks(&mut scene)?;
    Ok(Cost {
        is_noticed: scene.heard_set_aside,
        reports,
    })
}

pub(crate) fn damage(scene: &Scene, page: u64, seed: u64) {
    let dice = seed.wrapping_add(page).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    let at = (page - 1) * PAGE + dice % PAGE;
    scene.disk.flip(&scene.database(), at, (dice >> 12) as u32);
}

/// How many reports are lost. The first look may meet the damage, the second opening mends it.
pub(crate) fn looks(scene: &mut Scene) -> Run<usize> {
    let mut tries = 0;
    loop {
        tries += 1;
        match look(scene) {
            Ok(lost) => return Ok(lost),
            Err(Trouble::Call(ClientError::Corrupt)) if tries < 3 => scene.close(),
            Err(trouble) => return broken(trouble.to_string()),
        }
    }
}

/// One that is gone in silence is a violation.
fn look(scene: &mut Scene) -> Result<usize, Trouble> {
    let app = scene.app()?;
    if app.account()?.user != "siti" {
        scene.signs_in("siti")?;
    }
    app.claim_guest_reports()?;
    app.claim_reports_without_writer()?;
    let mut lost = 0;
    for (slot, known) in &scene.knows.reports {
        match is_there(slot, known, &app) {
            Ok(()) => {}
            Err(Trouble::Broken(violation)) => {
                let is_named = scene.named.contains(&Some(known.key));
                if !is_named && !scene.told_of_nameless {
                    return Err(Violation(format!("nobody is told, and {violation}")).into());
                }
                lost += 1;
            }
            Err(other) => return Err(other),
        }
    }
    Ok(lost)
}
