//! All points of a story, on several threads, and what they came to.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use lapor_sim_vfs::{Failure, Lasts};

use crate::{
    point::Point,
    run::{self, Extent},
    scene::{Papers, Start, Violation},
    stories::Story,
};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) one_in: u64,
    pub(crate) deep_one_in: u64,
    pub(crate) threads: usize,
    pub(crate) only: Option<Point>,
}

/// Failures of one kind are printed up to this number.
const TOLD: usize = 12;

/// A sample takes some second cuts at many points, not all at a few: no one point takes most of the time.
const SECOND_ONE_IN: u64 = 16;

#[derive(Default)]
struct Figures {
    failures: u64,
    reads: u64,
    freezes: u64,
    second: u64,
    new: u64,
    violations: Vec<(Point, Violation)>,
}

impl Plan {
    /// Of the second cuts at one point.
    fn second_one_in(self) -> u64 {
        self.deep_one_in.min(SECOND_ONE_IN)
    }
}

/// Every kind of failure at every operation, or one in so many.
fn points(extent: &Extent, plan: Plan) -> Vec<Point> {
    if let Some(point) = plan.only {
        return vec![point];
    }
    let takes = |at: u64, one_in: u64, kind: u64| {
        at.wrapping_add(plan.seed)
            .wrapping_add(kind)
            .is_multiple_of(one_in)
    };
    let mut points = Vec::new();
    for (at, kind) in (1..).zip(&extent.kinds) {
        if takes(at, plan.one_in, 0) {
            points.push(Point::Freeze { at });
        }
        if takes(at, (plan.deep_one_in / plan.second_one_in()).max(1), 1) {
            // Stands for all second cuts that are taken.
            points.push(Point::FreezeTwice { at, then: 0 });
        }
        for (number, lasts) in (2..).zip([Lasts::Once, Lasts::ForEver]) {
            for (how, applies) in [(Failure::Error, true), (Failure::Full, kind.takes_room())] {
                if applies && takes(at, plan.one_in, number) {
                    points.push(Point::Fails { at, how, lasts });
                }
            }
        }
    }
    for at in 1..=extent.looks {
        for (number, lasts) in (4..).zip([Lasts::Once, Lasts::ForEver]) {
            if takes(at, plan.deep_one_in, number) {
                points.push(Point::Unread { at, lasts });
            }
        }
    }
    points
}

/// Runs a story at all its points. Gives how many passed and failed.
pub(crate) fn story(story: &Story, papers: &Arc<Papers>, plan: Plan) -> (u64, u64) {
    let began = Instant::now();
    let ready = run::prepare(story, papers)
        .and_then(|start| run::measure(&start, story).map(|extent| (start, extent)));
    let (start, extent) = match ready {
        Ok(ready) => ready,
        Err(violation) => {
            println!(
                "nth: {}: VIOLATION without a fault: {violation}",
                story.name
            );
            return (0, 1);
        }
    };
    let points = points(&extent, plan);
    let figures = Mutex::new(Figures::default());
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(point) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
            one(&start, story, *point, plan, &figures);
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..plan.threads).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            if thread.join().is_err() {
                let panic = Violation("the core panics".to_owned());
                let mut figures = figures.lock().unwrap_or_else(PoisonError::into_inner);
                figures.violations.push((Point::Freeze { at: 0 }, panic));
            }
        }
    });
    let figures = figures.into_inner().unwrap_or_else(PoisonError::into_inner);
    tell(story, &extent, &figures, plan, began);
    let failed = figures.violations.len() as u64;
    let all = figures.failures + figures.reads + figures.freezes + figures.second;
    (all.saturating_sub(failed), failed)
}

fn one(start: &Start, story: &Story, point: Point, plan: Plan, figures: &Mutex<Figures>) {
    let seed = plan.seed;
    let add = |change: &dyn Fn(&mut Figures)| {
        change(&mut figures.lock().unwrap_or_else(PoisonError::into_inner));
    };
    if let Point::FreezeTwice { at, then: 0 } = point {
        match run::freeze_twice(start, story, at, seed, plan.second_one_in()) {
            Ok((cuts, new)) => add(&|figures| {
                figures.second += cuts;
                figures.new += new;
            }),
            Err((then, violation)) => add(&|figures| {
                let point = Point::FreezeTwice { at, then };
                figures.second += 1;
                figures.violations.push((point, violation.clone()));
            }),
        }
        return;
    }
    let done = run::run(start, story, point, seed);
    add(&|figures| {
        match point {
            Point::Fails { .. } => figures.failures += 1,
            Point::Unread { .. } => figures.reads += 1,
            Point::Freeze { .. } => figures.freezes += 1,
            Point::FreezeTwice { .. } => figures.second += 1,
        }
        match &done {
            // A fault that the story never meets would prove nothing. (A disk may be full while
            // nothing takes room any more.)
            Ok(0)
                if !matches!(
                    point,
                    Point::Fails {
                        how: Failure::Full,
                        lasts: Lasts::ForEver,
                        ..
                    }
                ) =>
            {
                let missed = Violation("the fault did not strike".to_owned());
                figures.violations.push((point, missed));
            }
            Ok(_) => {}
            Err(violation) => figures.violations.push((point, violation.clone())),
        }
    });
}

fn tell(story: &Story, extent: &Extent, figures: &Figures, plan: Plan, began: Instant) {
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for (point, violation) in &figures.violations {
        let times = told.entry(violation.to_string()).or_default();
        *times += 1;
        if *times <= 2 && told.len() <= TOLD {
            println!("nth: {} {point}: VIOLATION: {violation}", story.name);
            println!(
                "  replay: make nth STORY={} POINT={point} SEED={}",
                story.name, plan.seed
            );
        }
    }
    for (violation, times) in told.iter().filter(|(_, times)| **times > 2) {
        println!("nth: {}: {times} times: {violation}", story.name);
    }
    println!(
        "nth: {}: {} operations and {} reads, {} failures, {} failed reads, {} freezes, \
         {} freezes of the recovery ({} of them left something new), {} violations, {:.1} s",
        story.name,
        extent.kinds.len(),
        extent.looks,
        figures.failures,
        figures.reads,
        figures.freezes,
        figures.second,
        figures.new,
        figures.violations.len(),
        began.elapsed().as_secs_f64()
    );
}
