//! One story, run with one thing going wrong.

use std::sync::Arc;

use lapor_core::{
    engine::report::{Edit, Phase},
    store::Filter,
};
use lapor_sim_vfs::{Disk, Fault, Image, Kind};

use crate::{
    point::Point,
    scene::{Known, Papers, Run, Scene, Start, Trouble, Violation, broken, fixture},
    stories::{Before, Step, Story},
};

/// A step that fails once may be done again so often.
const TRIES: u32 = 3;

/// What a story does to its disk when nothing goes wrong.
pub(crate) struct Extent {
    pub(crate) kinds: Vec<Kind>,
    pub(crate) looks: u64,
}

fn clean<T>(done: Result<T, Trouble>) -> Run<T> {
    done.map_err(|trouble| Violation(format!("nothing went wrong, and yet: {trouble}")))
}

/// Lives through what comes before the story.
pub(crate) fn prepare(story: &Story, papers: &Arc<Papers>) -> Run<Start> {
    let mut scene = Scene::new(Arc::clone(papers))?;
    scene.goes = story.goes;
    match story.before {
        Before::New => {}
        Before::Done(steps) | Before::Damaged(steps) => {
            for step in steps {
                clean(scene.does(*step))?;
            }
        }
        Before::Fixture => return old_store(scene),
    }
    scene.close();
    if matches!(story.before, Before::Damaged(_)) {
        scene.tells_set_aside = true;
        damage(&mut scene)?;
    }
    scene.start()
}

/// A bit flips where it costs no report: the last page of which that is true.
fn damage(scene: &mut Scene) -> Run<()> {
    let length = scene
        .disk
        .read(&scene.database())
        .map_or(0, |bytes| bytes.len() as u64);
    let whole = scene.keep(scene.disk.image())?;
    for page in (1..length / 4096).rev() {
        let mut trial = Scene::begin(&whole)?;
        trial.disk.flip(&trial.database(), page * 4096 + 1000, 3);
        let opened = trial.app().is_ok();
        let aside = trial.disk.names(&trial.disk.home()).unwrap_or_default();
        if opened
            && trial.named.is_empty()
            && aside.iter().any(|name| name.starts_with("set-aside"))
        {
            scene.disk.flip(&scene.database(), page * 4096 + 1000, 3);
            return Ok(());
        }
    }
    broken("no page can be damaged without a loss")
}

/// The fixture, and what its people know of it.
fn old_store(mut scene: Scene) -> Run<Start> {
    scene.old_ids = true;
    scene.tells_migrated = true;
    for (name, bytes) in fixture() {
        let path = scene.disk.home().join("store").join(name);
        scene
            .disk
            .put(&path, bytes)
            .map_err(|_| Violation("no fixture".to_owned()))?;
    }
    let image = scene.disk.image();
    for user in ["siti", "budi"] {
        clean(scene.signs_in(user))?;
        let app = clean(scene.app())?;
        let rows = app.list(Filter::All, 100, None).map_err(Trouble::from);
        for row in clean(rows)? {
            let shown = clean(app.show(&row.key).map_err(Trouble::from))?;
            let slot = match row.title.as_str() {
                "Konsep Siti" => "draft",
                "Antrean Siti" => "queued",
                "Terkirim Siti" => "sent",
                "Konsep Budi" => "other draft",
                _ => "withdrawn",
            };
            let known = Known {
                key: row.key,
                owner: user,
                edits: vec![Edit::Title(row.title)],
                trying: None,
                pictures: shown.attachments.iter().map(|one| one.sha256).collect(),
                accepted: row.phase != Phase::Draft,
                maybe_accepted: false,
                taken_back: row.phase == Phase::Withdrawing,
                elsewhere: row.phase == Phase::Sent,
                replies: Vec::new(),
                maybe_replies: 0,
            };
            scene.knows.reports.insert(slot, known);
        }
    }
    if scene.knows.reports.len() != 5 {
        return broken("the fixture does not hold what it held");
    }
    scene.close();
    scene.knows.user = Some("budi");
    let mut fresh = scene.keep(image)?;
    fresh.forget_the_gateway()?;
    Ok(fresh)
}

/// The story without a fault.
pub(crate) fn measure(start: &Start, story: &Story) -> Run<Extent> {
    let mut scene = Scene::begin(start)?;
    scene.disk.record();
    let looks = scene.disk.looks();
    for step in story.steps {
        clean(scene.does(*step))?;
    }
    let extent = Extent {
        kinds: scene.disk.recorded(),
        looks: scene.disk.looks() - looks,
    };
    clean(scene.end())?;
    Ok(extent)
}

/// The story with one thing going wrong. Gives how often a fault has struck.
pub(crate) fn run(start: &Start, story: &Story, point: Point, seed: u64) -> Run<u64> {
    let mut scene = Scene::begin(start)?;
    let (changes, looks) = (scene.disk.changes(), scene.disk.looks());
    scene.disk.arm(point.fault(changes, looks, seed));
    let mut struck = 0;
    play(&mut scene, story.steps, point, seed, &mut struck)?;
    struck += scene.disk.struck();
    scene.disk.heal();
    finish(&mut scene)?;
    Ok(struck)
}

fn finish(scene: &mut Scene) -> Run<()> {
    scene
        .end()
        .map_err(|trouble| Violation(format!("at the end: {trouble}")))?;
    match scene.office.broken() {
        Some(what) => broken(what),
        None => Ok(()),
    }
}

fn play(scene: &mut Scene, steps: &[Step], point: Point, seed: u64, struck: &mut u64) -> Run<()> {
    let mut tries = 0;
    let mut left = steps.iter();
    let mut step = left.next();
    while let Some(now) = step {
        let done = scene.does(*now);
        if let Some(what) = scene.office.broken() {
            return broken(what);
        }
        let at_power_cut = scene.disk.is_frozen();
        if at_power_cut {
            if let Err(trouble) = &done
                && !trouble.is_the_disks()
                && !matches!(now, Step::SignIn(_))
            {
                return broken(format!("the power goes, and {now:?} says: {trouble}"));
            }
            *struck += scene.disk.struck();
            power_cut(scene, point, seed, struck)?;
        }
        match done {
            Ok(()) => {
                step = left.next();
                tries = 0;
            }
            // Nobody can sign in on a dead phone.
            Err(Trouble::SignIn(_)) if at_power_cut => {}
            Err(Trouble::Broken(violation)) => return Err(violation),
            Err(trouble) => {
                if !trouble.is_the_disks() {
                    return broken(format!("{now:?} says: {trouble}"));
                }
                tries += 1;
                if tries > TRIES {
                    return broken(format!("{now:?} still fails: {trouble}"));
                }
                if point.is_for_ever() {
                    *struck += scene.disk.struck();
                    scene.disk.heal();
                }
                // Every other time the app lives on, else it is opened again.
                if (seed ^ at(point)).is_multiple_of(2) {
                    scene.close();
                }
                look(scene)?;
            }
        }
    }
    Ok(())
}

fn at(point: Point) -> u64 {
    match point {
        Point::Fails { at, .. }
        | Point::Unread { at, .. }
        | Point::Freeze { at }
        | Point::FreezeTwice { at, .. } => at,
    }
}

/// The phone is switched on again. What was being done when the power went is not certain.
fn power_cut(scene: &mut Scene, point: Point, seed: u64, struck: &mut u64) -> Run<()> {
    scene.close();
    scene.disk.boot();
    if let Point::FreezeTwice { then, .. } = point {
        let at = scene.disk.changes() + then;
        scene.disk.arm(Fault::Freeze {
            at,
            seed: again(seed, then),
        });
        let opened = scene.look_back();
        if scene.disk.is_frozen() {
            *struck += scene.disk.struck();
            scene.close();
            scene.disk.boot();
        } else if let Err(trouble) = opened {
            return broken(format!("after a power cut: {trouble}"));
        }
        scene.disk.heal();
    }
    look(scene)
}

fn again(seed: u64, then: u64) -> u64 {
    seed.wrapping_mul(31).wrapping_add(then)
}

fn look(scene: &mut Scene) -> Run<()> {
    match scene.look_back() {
        Err(trouble) if scene.disk.struck() == 0 || !trouble.is_the_disks() => {
            broken(format!("looking back: {trouble}"))
        }
        _ => Ok(()),
    }
}

/// The story frozen at an operation, and again at every operation of the recovery, or one in so many. Only
/// what a second cut leaves that no cut before it left is lived through to its end. Gives the number of
/// second cuts, and of those that left something new.
pub(crate) fn freeze_twice(
    start: &Start,
    story: &Story,
    at: u64,
    seed: u64,
    one_in: u64,
) -> Result<(u64, u64), (u64, Violation)> {
    let first = || -> Run<Option<(Scene, usize)>> {
        let mut scene = Scene::begin(start)?;
        let fault = Point::Freeze { at }.fault(scene.disk.changes(), scene.disk.looks(), seed);
        scene.disk.arm(fault);
        for (number, step) in story.steps.iter().enumerate() {
            let done = scene.does(*step);
            if scene.disk.is_frozen() {
                scene.close();
                return Ok(Some((scene, number + usize::from(done.is_ok()))));
            }
            clean(done)?;
        }
        Ok(None)
    };
    let found = first().map_err(|violation| (0, violation))?;
    let Some((scene, from)) = found else {
        return Ok((0, 0));
    };
    let image = scene.disk.image();
    let left = story.steps.get(from..).unwrap_or_default();
    let kept = scene
        .keep(image.clone())
        .map_err(|violation| (0, violation))?;
    let mut seen: Vec<Image> = vec![image.clone()];
    let (mut cuts, mut new) = (0, 0);
    // Another one at every point.
    let first_cut = 1 + (seed ^ at) % one_in;
    for then in (first_cut..).step_by(usize::try_from(one_in).unwrap_or(usize::MAX)) {
        let mut second = || -> Run<bool> {
            let disk = Disk::of(&image);
            disk.arm(Fault::Freeze {
                at: then,
                seed: again(seed, then),
            });
            let mut scene = Scene::begin_on(&kept, disk)?;
            let opened = scene.look_back();
            if !scene.disk.is_frozen() {
                return opened
                    .map(|()| false)
                    .map_err(|trouble| Violation(format!("after a power cut: {trouble}")));
            }
            scene.close();
            cuts += 1;
            scene.disk.boot();
            let after = scene.disk.image();
            if seen.contains(&after) {
                return Ok(true);
            }
            new += 1;
            seen.push(after);
            look(&mut scene)?;
            let mut struck = 0;
            play(&mut scene, left, Point::Freeze { at }, seed, &mut struck)?;
            finish(&mut scene)?;
            Ok(true)
        };
        match second() {
            Ok(true) => {}
            Ok(false) => break,
            Err(violation) => return Err((then, violation)),
        }
    }
    Ok((cuts, new))
}
