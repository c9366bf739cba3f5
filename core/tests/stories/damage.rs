//! A damaged page, whichever it is: what was saved arrives, once.

mod background;

use std::{
    env, fs,
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    process::Command,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use lapor_core::{
    client::{ClientError, SyncEvent, SyncLimits, Until},
    engine::{
        api::Secret,
        report::{Edit, ReportKey},
        sync::{OperationKind, Reason},
    },
    store::{Filter, Loss, LossKind, Notice},
};

use crate::world::*;

const PAGE: u64 = 4096;
/// A busy machine takes its time.
const PATIENCE: Duration = Duration::from_secs(20);

/// Pages are counted from 0.
fn damage(database: &Path, page: u64) {
    let mut file = fs::File::options().write(true).open(database).unwrap();
    file.seek(SeekFrom::Start(page * PAGE + 100)).unwrap();
    file.write_all(&[0xEE; 900]).unwrap();
}

/// Three reports, accepted and not sent; the app is closed.
fn written(world: &World) -> (PathBuf, Vec<ReportKey>) {
    let phone = world.phone_of("siti");
    let keys = ["Lampu", "Jalan", "Sampah"].map(|title| submits(&phone, title));
    drop(phone);
    let database = world.home("siti").join("store").join("lapor.db");
    (database, keys.to_vec())
}

/// What a person does with a damaged store: opens the app, signs in, sends; and once more when
/// something was in the way. Gives what was said of losses; None when nothing was noticed.
fn opens_and_sends(world: &World, keys: &[ReportKey]) -> Option<Vec<Loss>> {
    let mut said = Vec::new();
    for _ in 0..3 {
        let (phone, notices) = world.phone_with("siti", 7);
        said.extend(notices);
        let _met = phone.list(Filter::All, 50, None);
        let _met: Vec<_> = keys.iter().map(|key| phone.show(key)).collect();
        let _met = phone.outbox(None);
        let _met = phone.sign_in("siti", Secret::new("rahasia123".to_owned()));
        let _met = phone.sync(SyncLimits::until(Until::NothingDue), &mut |_| {});
        drop(phone);
        if !world.home("siti").join("store").join("damaged").exists() {
            break;
        }
    }
    world.drains(&world.phone("siti"));
    match &said[..] {
        [] => None,
        [Notice::SetAside { losses, .. }] => Some(losses.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn whichever_page_is_damaged_what_is_not_named_as_lost_arrives_once() {
    let world = World::new();
    let (database, _) = written(&world);
    let pages = fs::metadata(database).unwrap().len() / PAGE;
    let (mut signed_out, mut all_arrived) = (0, 0);
    for page in 1..pages {
        let world = World::new();
        let (database, keys) = written(&world);
        damage(&database, page);
        let losses = opens_and_sends(&world, &keys);
        let phone = world.phone("siti");
        let told: Vec<_> = losses
            .iter()
            .flatten()
            .map(|loss| (loss.what, loss.report, loss.row))
            .collect();
        for (at, one) in told.iter().enumerate() {
            assert!(
                !told[..at].contains(one),
                "page {page}, said twice: {told:?}"
            );
        }
        let everything = told.iter().any(|(what, ..)| *what == LossKind::Everything);
        let mut arrived = 0;
        for key in &keys {
            let creates = world.gateway().creates_of(&key.to_string()).unwrap();
            assert!(creates <= 1, "page {page}");
            if everything || told.iter().any(|(_, named, _)| *named == Some(*key)) {
                continue;
            }
            assert!(tracking(&phone, key).is_some(), "page {page}: {told:?}");
            assert_eq!(creates, 1, "page {page}");
            arrived += 1;
        }
        if told.iter().any(|(what, ..)| *what == LossKind::Account) {
            assert_eq!(
                arrived,
                keys.len(),
                "page {page}: a sign-in brings them back"
            );
            signed_out += 1;
        }
        all_arrived += u64::from(arrived == keys.len());
    }
    assert_eq!(
        signed_out, 2,
        "the pages of the accounts and of the settings"
    );
    assert!(all_arrived > pages / 2, "{all_arrived} of {pages}");
}

/// The page of a picture that waits is met while it is sent. Nobody is asked to free space, nothing else is
/// held back, and the next opening names what is lost.
#[test]
fn a_picture_on_a_damaged_page_does_not_wait_for_ever() {
    let prepared = |world: &World| {
        let phone = world.phone_of("siti");
        let key = drafts(&phone, "Lampu");
        attaches(world, &phone, &key, 60_000);
        phone.submit(&key).unwrap();
        let other = submits(&phone, "Jalan");
        drop(phone);
        (
            world.home("siti").join("store").join("lapor.db"),
            key,
            other,
        )
    };
    let pages = fs::metadata(prepared(&World::new()).0).unwrap().len() / PAGE;
    let mut met = 0;
    for page in 1..pages {
        let world = World::new();
        let (database, key, other) = prepared(&world);
        damage(&database, page);
        let (phone, notices) = world.phone_with("siti", 7);
        let listed = phone.list(Filter::All, 50, None).is_ok();
        let damaged = world.home("siti").join("store").join("damaged");
        if !notices.is_empty() || !listed || damaged.exists() {
            continue;
        }
        let sent = phone.sync(SyncLimits::until(Until::NothingDue), &mut |_| {});
        let Ok(shown) = phone.show(&key) else {
            // A page of words: what becomes of those is the story above.
            continue;
        };
        if shown.row.tracking_id.is_none() || shown.attachments.iter().all(|it| it.stored) {
            continue;
        }
        assert_eq!(sent.unwrap_err(), ClientError::Corrupt, "page {page}");
        assert!(tracking(&phone, &other).is_some(), "page {page}");
        drop(phone);
        let (phone, notices) = world.phone_with("siti", 7);
        let [Notice::SetAside { losses, .. }] = &notices[..] else {
            panic!("page {page}: {notices:?}")
        };
        let told: Vec<_> = losses.iter().map(|loss| (loss.what, loss.report)).collect();
        world.drains(&phone);
        let shown = phone.show(&key).unwrap();
        let is_stored = shown.attachments.iter().all(|it| it.stored);
        if told.is_empty() {
            // A page that only helps to find the picture's own.
            assert!(is_stored, "page {page}");
            continue;
        }
        met += 1;
        assert_eq!(told, [(LossKind::Attachment, Some(key))], "page {page}");
        assert!(!is_stored, "page {page}");
        // Also when the notice has been read, the report says what became of its picture.
        assert_eq!((shown.row.pictures.total, shown.row.pictures.lost), (1, 1));
        let why: Vec<_> = shown
            .operations
            .iter()
            .filter(|one| one.kind == OperationKind::UploadAttachment)
            .map(|one| one.reason.clone())
            .collect();
        assert_eq!(why, [Some(Reason::Lost)], "page {page}");
        assert_eq!(phone.resend(&key), Ok(0), "nothing of it can be tried");
        assert_eq!(
            phone.picture(&key, 0).unwrap_err(),
            ClientError::PictureLost
        );
    }
    assert!(met > 10, "60,000 bytes lie on fifteen pages: {met}");
}

/// Of reports that were sent nothing is lost: what damage took, the service has, and it is here again when
/// the feed was asked. The list of losses says so.
#[test]
fn what_the_service_has_comes_back_with_the_next_sync() {
    let world = World::new();
    let phone = world.phone_of("siti");
    let keys: Vec<ReportKey> = (0..20)
        .map(|number| submits(&phone, &format!("Lampu {number}")))
        .collect();
    world.drains(&phone);
    let numbers: Vec<_> = keys.iter().map(|key| tracking(&phone, key)).collect();
    drop(phone);
    let database = world.home("siti").join("store").join("lapor.db");
    let pages = fs::metadata(&database).unwrap().len() / PAGE;
    // One page, every fourth for the sake of time; then half of them, and all but the first.
    let one = (1..pages).step_by(4).map(|page| vec![page]);
    let many = [(1..pages).step_by(2).collect(), (5..pages).collect()];
    let mut most = 0;
    for (number, damaged) in one.chain(many).enumerate() {
        let name = format!("siti-{number}");
        world.copies_folder("siti", &name);
        let database = world.home(&name).join("store").join("lapor.db");
        damaged.iter().for_each(|page| damage(&database, *page));
        let mut named = Vec::new();
        for _ in 0..3 {
            let (phone, notices) = world.phone_with(&name, 7);
            for notice in notices {
                if let Notice::SetAside { losses, .. } = notice {
                    named.extend(losses);
                }
            }
            let _met = phone.list(Filter::All, 50, None);
            let _met: Vec<_> = keys.iter().map(|key| phone.show(key)).collect();
            let _met = phone.losses();
            let _met = phone.sign_in("siti", Secret::new("rahasia123".to_owned()));
            let _met = phone.sync(SyncLimits::until(Until::NothingDue), &mut |_| {});
            drop(phone);
            if !world.home(&name).join("store").join("damaged").exists() {
                break;
            }
        }
        let is_report = |loss: &&Loss| loss.what == LossKind::Report && loss.report.is_some();
        most = most.max(named.iter().filter(is_report).count());
        let phone = world.phone(&name);
        sign_in(&phone, "siti");
        world.syncs(&phone);
        let again: Vec<_> = keys.iter().map(|key| tracking(&phone, key)).collect();
        assert_eq!(again, numbers, "{damaged:?}");
        for loss in phone.losses().unwrap().iter().filter(is_report) {
            assert!(loss.is_at_service, "{damaged:?}: {loss:?}");
        }
    }
    assert!(most > 3, "{most} named");
}

/// Another process has met a damaged page. Whoever opens the store next saves what can be read, and for
/// that every other process must be out: also one that waits for a network.
#[test]
fn a_run_that_waits_makes_way_for_who_saves_a_damaged_store() {
    let world = World::new();
    let phone = world.phone_of("siti");
    submits(&phone, "Lampu");
    world.always("*", Fault::Offline);
    let (waits, waiting) = mpsc::channel();
    let ended = thread::scope(|scope| {
        let run = scope.spawn(|| {
            phone.sync(SyncLimits::until(Until::Cancelled), &mut |event| {
                if matches!(event, SyncEvent::Waiting(_)) {
                    let _ = waits.send(());
                }
            })
        });
        waiting.recv_timeout(PATIENCE).unwrap();
        let mark = world.home("siti").join("store").join("damaged");
        fs::write(mark, b"").unwrap();
        let begun = Instant::now();
        while !run.is_finished() && begun.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(20));
        }
        phone.cancel();
        run.join().unwrap()
    });
    assert_eq!(ended.unwrap_err(), ClientError::Corrupt);
}

/// The frozen words of one report lie on a damaged page, and the disk is full: the store is opened as it is,
/// and that report waits while the others go.
#[test]
fn on_a_full_disk_a_damaged_report_keeps_back_no_other() {
    on_a_small_disk("damage::on_the_full_disk");
}

/// On a disk of its own, of 3 MiB.
fn on_a_small_disk(test: &str) {
    let disk = tempfile::tempdir().unwrap();
    let mount = "mount -t tmpfs -o size=3m tmpfs \"$0\" && exec \"$@\"";
    let output = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", mount])
        .arg(disk.path())
        .arg(env::current_exe().unwrap())
        .args([test, "--exact", "--ignored", "--nocapture"])
        .env("TMPDIR", disk.path())
        .env(FULL_DISK, disk.path())
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) => return eprintln!("not tried: no unshare here ({error})"),
    };
    let (told, errors) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    if errors.contains("Operation not permitted") {
        return eprintln!("not tried: this machine allows no mount namespaces");
    }
    assert!(told.contains("1 passed"), "{told}\n{errors}");
}

const FULL_DISK: &str = "LAPOR_TEST_FULL_DISK";

#[test]
#[ignore = "child of another test"]
fn on_the_full_disk() {
    let Some(disk) = env::var_os(FULL_DISK).map(PathBuf::from) else {
        return;
    };
    let world = World::new();
    let pages = fs::metadata(written_at_length(&world).0).unwrap().len() / PAGE;
    let mut gone = Vec::new();
    for page in 1..pages {
        let world = World::new();
        let (database, keys) = written_at_length(&world);
        damage(&database, page);
        let filler = disk.join("filler");
        fill(&filler);
        gone.extend(meets_while_sending(&world, &keys, page));
        fs::remove_file(&filler).unwrap();
    }
    // The frozen words of the long one end on pages of their own. What stops everything is a page of
    // SQLite's map of pages, or of a table or an index that every run writes to.
    let count = |which: [bool; 3]| gone.iter().filter(|gone| **gone == which).count();
    assert!(count([false, true, true]) >= 2, "{gone:?}");
    assert!(count([false; 3]) <= 8, "{gone:?}");
}

/// Three reports of which the first is too long for one page.
fn written_at_length(world: &World) -> (PathBuf, Vec<ReportKey>) {
    let phone = world.phone_of("siti");
    let long = drafts(&phone, "Lampu");
    let words = "Sudah tiga malam gelap di depan sekolah. ".repeat(200);
    phone.edit(&long, Edit::Content(words)).unwrap();
    phone.submit(&long).unwrap();
    let keys = vec![long, submits(&phone, "Jalan"), submits(&phone, "Sampah")];
    drop(phone);
    (world.home("siti").join("store").join("lapor.db"), keys)
}

/// Where sending meets the damage, and nothing before it: which of them go when the store is open as it is?
fn meets_while_sending(world: &World, keys: &[ReportKey], page: u64) -> Option<[bool; 3]> {
    let limits = SyncLimits::until(Until::NothingDue);
    let (phone, notices) = world.phone_that_may_not_open("siti").ok()?;
    let is_shown = phone.outbox(None).is_ok() && keys.iter().all(|key| phone.show(key).is_ok());
    if notices.iter().any(waits) || !is_shown {
        return None;
    }
    let first = phone.sync(limits, &mut |_| {});
    drop(phone);
    if first != Err(ClientError::Corrupt) {
        return None;
    }
    let mut gone = [false; 3];
    for _ in 0..2 {
        let (phone, notices) = world.phone_that_may_not_open("siti").unwrap();
        assert!(notices.iter().any(waits), "page {page}: {notices:?}");
        let sent = phone.sync(limits, &mut |_| {});
        gone = [0, 1, 2].map(|at| tracking(&phone, &keys[at]).is_some());
        if gone != [false, true, true] {
            continue;
        }
        assert!(sent.is_ok(), "page {page}: {sent:?}");
        assert_eq!(why(&phone, &keys[0]), Some(Reason::Local), "page {page}");
    }
    Some(gone)
}

fn waits(notice: &Notice) -> bool {
    matches!(notice, Notice::SalvageWaits { .. })
}

fn fill(path: &Path) {
    let mut file = fs::File::create(path).unwrap();
    for size in [65_536, 4_096] {
        while file.write_all(&vec![1; size]).is_ok() {}
    }
}
