use std::{fs, time::Duration};

use lapor_core::{
    client::{
        BackgroundImport, BackgroundResult, BackgroundUpload, Client, ClientError, SyncLimits,
        Until, Withdrawal,
    },
    engine::{
        report::{Edit, Phase, ReportKey},
        sync::{OperationState, Reason},
    },
};
use lapor_sandbox_rules::{Answer, Request};

use crate::world::*;

/// What the OS does with a job: sends the file as it is told to.
fn os_sends(world: &World, upload: &BackgroundUpload) -> Answer {
    let path = upload.url.strip_prefix("http://127.0.0.1:1").unwrap();
    let mut request = Request::new(upload.method, path);
    for (name, value) in &upload.headers {
        request = request.header(name, value);
    }
    world
        .line
        .ask(&request.body(fs::read(&upload.body_path).unwrap()))
}

fn tells(client: &Client, job: &str, answer: &Answer) -> Result<BackgroundImport, ClientError> {
    client.import_background_result(
        job,
        BackgroundResult {
            status: Some(answer.status),
            headers: &answer.headers,
            body: &answer.body,
        },
    )
}

fn prepared(client: &Client) -> BackgroundUpload {
    client.prepare_background_upload(None).unwrap().unwrap()
}

/// A report whose words are there and of whose picture some bytes are.
fn half_a_picture(world: &World, client: &Client) -> ReportKey {
    let key = drafts(client, "Jembatan");
    attaches(world, client, &key, 700_000);
    client.submit(&key).unwrap();
    client
        .sync_step(Duration::from_secs(25), Some(20_000))
        .unwrap();
    key
}

fn spool(world: &World, name: &str) -> usize {
    fs::read_dir(world.home(name).join("spool")).map_or(0, Iterator::count)
}

#[test]
fn words_arrive_while_the_app_is_gone_and_are_told_twice() {
    let world = World::new();
    let siti = world.phone_of("siti");
    world.always("*", Fault::Offline);
    let key = submits(&siti, "Lampu padam");
    world.syncs(&siti);
    let upload = prepared(&siti);
    assert_eq!((upload.method, upload.report), ("PUT", key));
    assert_eq!(
        siti.prepare_background_upload(None).unwrap(),
        None,
        "one job for one body"
    );
    drop(siti);

    let answer = os_sends(&world, &upload);
    let siti = world.phone("siti");
    assert_eq!(
        siti.pending_background_jobs().unwrap(),
        std::slice::from_ref(&upload.job_id)
    );
    assert_eq!(phase(&siti, &key), Phase::Queued, "nobody has told yet");
    assert_eq!(
        tells(&siti, &upload.job_id, &answer),
        Ok(BackgroundImport::Settled)
    );
    let number = tracking(&siti, &key);
    assert!(number.is_some());
    assert_eq!(
        tells(&siti, &upload.job_id, &answer),
        Ok(BackgroundImport::Late)
    );
    assert_eq!(
        (phase(&siti, &key), tracking(&siti, &key)),
        (Phase::Sent, number)
    );
    assert_eq!(
        siti.pending_background_jobs().unwrap(),
        Vec::<String>::new()
    );
    assert_eq!(spool(&world, "siti"), 0);
    world.heal();
    world.drains(&siti);
    assert_eq!(world.gateway().creates_of(&key.to_string()).unwrap(), 1);
}

#[test]
fn the_rest_of_a_picture_goes_in_one_piece() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = half_a_picture(&world, &siti);
    let upload = prepared(&siti);
    assert_eq!(upload.method, "PATCH");
    let bearer = |(name, _): &&(String, String)| name == "authorization";
    assert_eq!(
        upload.headers.iter().find(bearer),
        None,
        "the address is the right"
    );
    let arrived = show(&siti, &key).row.pictures.bytes_uploaded;
    let rest = fs::metadata(&upload.body_path).unwrap().len();
    assert_eq!((arrived > 0, arrived + rest), (true, 700_000));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&upload.body_path) & 0o777, 0o600);
        assert_eq!(mode(upload.body_path.parent().unwrap()) & 0o777, 0o700);
    }
    drop(siti);
    let answer = os_sends(&world, &upload);
    let siti = world.phone("siti");
    tells(&siti, &upload.job_id, &answer).unwrap();
    world.seen();
    world.drains(&siti);
    assert!(!world.seen().contains(&"PATCH upload"), "not a byte again");
    let shown = show(&siti, &key);
    assert_eq!(shown.row.pictures.stored, 1);
    let there = world
        .gateway()
        .attachment(&key.to_string(), &shown.attachments[0].sha256.to_string())
        .unwrap();
    assert_eq!(there.unwrap(), siti.picture(&key, 0).unwrap());
}

#[test]
fn a_sync_meanwhile_sends_everything_else_and_leaves_the_job_alone() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let with_picture = half_a_picture(&world, &siti);
    let upload = prepared(&siti);
    let other = submits(&siti, "Yang lain");
    world.seen();
    // Returns although the picture is under way: nothing is left for this run to do.
    siti.sync(SyncLimits::until(Until::Idle), &mut |_| {})
        .unwrap();
    let seen = world.seen();
    assert!(seen.contains(&"PUT report"), "{seen:?}");
    assert!(
        !seen.contains(&"PATCH upload") && !seen.contains(&"HEAD upload"),
        "{seen:?}"
    );
    assert!(tracking(&siti, &other).is_some());
    let picture = siti.outbox(Some(&with_picture)).unwrap().pop().unwrap().0;
    assert_eq!(picture.state, OperationState::InFlight);
    let answer = os_sends(&world, &upload);
    tells(&siti, &upload.job_id, &answer).unwrap();
    world.drains(&siti);
    assert_eq!(show(&siti, &with_picture).row.pictures.stored, 1);
}

#[test]
fn what_the_os_lost_goes_again_and_arrives_once() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Pohon tumbang");
    let upload = prepared(&siti);
    // It arrived, and the OS forgot to tell.
    os_sends(&world, &upload);
    siti.drop_background_job(&upload.job_id).unwrap();
    siti.drop_background_job(&upload.job_id).unwrap();
    assert_eq!(why(&siti, &key), Some(Reason::Unknown));
    assert_eq!(spool(&world, "siti"), 0);
    world.drains(&siti);
    assert_eq!(world.gateway().creates_of(&key.to_string()).unwrap(), 1);
    assert!(tracking(&siti, &key).is_some());

    let picture = half_a_picture(&world, &siti);
    let upload = prepared(&siti);
    siti.drop_background_job(&upload.job_id).unwrap();
    world.seen();
    world.drains(&siti);
    assert!(
        world.seen().contains(&"HEAD upload"),
        "the offset is asked for"
    );
    assert_eq!(show(&siti, &picture).row.pictures.stored, 1);
}

#[test]
fn a_job_that_is_never_heard_of_again_holds_nothing_for_more_than_a_week() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Got mampet");
    let upload = prepared(&siti);
    world.pass(Duration::from_secs(6 * 86_400));
    world.syncs(&siti);
    assert_eq!(phase(&siti, &key), Phase::Queued);
    world.pass(Duration::from_secs(2 * 86_400));
    world.drains(&siti);
    assert_eq!(phase(&siti, &key), Phase::Sent);
    assert_eq!(spool(&world, "siti"), 0);
    let answer = Answer {
        status: 500,
        headers: Vec::new(),
        body: Vec::new(),
    };
    assert_eq!(
        tells(&siti, &upload.job_id, &answer),
        Ok(BackgroundImport::Late)
    );
    assert_eq!(phase(&siti, &key), Phase::Sent);
}

#[test]
fn an_answer_of_somebody_else_is_neither_success_nor_rejection() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Sampah");
    for (status, headers) in [(200, Vec::new()), (422, Vec::new())] {
        let upload = prepared(&siti);
        let portal = Answer {
            status,
            headers,
            body: b"<html>wifi gratis</html>".to_vec(),
        };
        tells(&siti, &upload.job_id, &portal).unwrap();
        assert_eq!(why(&siti, &key), Some(Reason::NotLapor { status }));
        assert_eq!(phase(&siti, &key), Phase::Queued);
        assert_eq!(
            siti.prepare_background_upload(None).unwrap(),
            None,
            "not now"
        );
        world.pass(Duration::from_secs(900));
    }
    let upload = prepared(&siti);
    let none = BackgroundResult {
        status: None,
        headers: &[],
        body: &[],
    };
    siti.import_background_result(&upload.job_id, none).unwrap();
    assert_eq!(why(&siti, &key), Some(Reason::Unknown));
    world.drains(&siti);
    assert_eq!(world.gateway().creates_of(&key.to_string()).unwrap(), 1);
}

#[test]
fn a_token_that_grew_old_on_the_way_ends_no_session() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Trotoar");
    let upload = prepared(&siti);
    siti.sign_out().unwrap();
    let answer = os_sends(&world, &upload);
    assert_eq!(answer.status, 401);
    sign_in(&siti, "siti");
    tells(&siti, &upload.job_id, &answer).unwrap();
    world.seen();
    world.drains(&siti);
    assert!(!world.seen().contains(&"POST refresh"));
    assert!(tracking(&siti, &key).is_some());
}

#[test]
fn a_token_that_was_refused_to_the_os_is_not_handed_out_again() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Trotoar");
    let upload = prepared(&siti);
    world.gateway().expire_access_tokens().unwrap();
    let answer = os_sends(&world, &upload);
    assert_eq!(answer.status, 401);
    tells(&siti, &upload.job_id, &answer).unwrap();
    assert_eq!(siti.prepare_background_upload(None).unwrap(), None);
    world.seen();
    siti.sync_step(Duration::from_secs(25), None).unwrap();
    assert_eq!(world.seen()[0], "POST refresh");
    assert!(tracking(&siti, &key).is_some());
}

#[test]
fn a_report_that_is_taken_back_meanwhile_stays_taken_back() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Pungutan liar");
    let upload = prepared(&siti);
    let body = fs::read(&upload.body_path).unwrap();
    assert_eq!(siti.withdraw(&key).unwrap(), Withdrawal::Asked);
    assert_eq!(spool(&world, "siti"), 0, "nothing of it in a plain file");
    assert_eq!(
        siti.pending_background_jobs().unwrap(),
        Vec::<String>::new()
    );
    world.drains(&siti);
    assert_eq!(phase(&siti, &key), Phase::Withdrawn);
    // The OS had opened the file before.
    fs::write(&upload.body_path, body).unwrap();
    let answer = os_sends(&world, &upload);
    assert_eq!(answer.status, 410);
    assert_eq!(
        tells(&siti, &upload.job_id, &answer),
        Ok(BackgroundImport::Late)
    );
    assert_eq!(phase(&siti, &key), Phase::Withdrawn);
    assert_eq!(world.gateway().creates_of(&key.to_string()).unwrap(), 0);
    assert_eq!(spool(&world, "siti"), 0);
}

#[test]
fn a_secret_report_never_lies_in_a_plain_file() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let secret = drafts(&siti, "Rahasia");
    siti.edit(&secret, Edit::Secret(true)).unwrap();
    attaches(&world, &siti, &secret, 60_000);
    siti.submit(&secret).unwrap();
    assert_eq!(siti.prepare_background_upload(None).unwrap(), None);
    siti.sync_step(Duration::from_secs(25), Some(10_000))
        .unwrap();
    assert_eq!(siti.prepare_background_upload(Some(&secret)).unwrap(), None);
    assert_eq!(spool(&world, "siti"), 0);
    let open = submits(&siti, "Terbuka");
    assert_eq!(siti.prepare_background_upload(Some(&secret)).unwrap(), None);
    assert_eq!(prepared(&siti).report, open, "others do not wait for it");
}

#[test]
fn forgetting_a_person_leaves_nothing_in_the_spool() {
    let world = World::new();
    let siti = world.phone_of("siti");
    submits(&siti, "Lampu");
    let upload = prepared(&siti);
    // Left by a kill between file and job.
    fs::write(upload.body_path.with_file_name("orphan"), "x").unwrap();
    assert_eq!(spool(&world, "siti"), 2);
    siti.forget_me().unwrap();
    assert_eq!(spool(&world, "siti"), 0);
    let none = BackgroundResult {
        status: None,
        headers: &[],
        body: &[],
    };
    assert_eq!(
        siti.import_background_result(&upload.job_id, none),
        Err(ClientError::NoSuchJob)
    );
    assert_eq!(
        siti.drop_background_job("../store/lapor.db"),
        Err(ClientError::NoSuchJob)
    );
}

#[test]
fn a_result_finds_its_owner_when_somebody_else_is_signed_in() {
    let world = World::new();
    let siti = world.phone_of("siti");
    let key = submits(&siti, "Milik Siti");
    let upload = prepared(&siti);
    let answer = os_sends(&world, &upload);
    sign_in(&siti, "budi");
    assert_eq!(siti.prepare_background_upload(None).unwrap(), None);
    tells(&siti, &upload.job_id, &answer).unwrap();
    not_found(siti.show(&key));
    sign_in(&siti, "siti");
    assert!(tracking(&siti, &key).is_some());
}

#[test]
fn words_of_somebody_who_does_not_want_to_be_known_are_not_given_to_the_os() {
    let world = World::new();
    let phone = world.phone_of("siti");
    world.always("PUT report", Fault::Offline);
    let key = drafts(&phone, "Pungutan liar");
    phone.edit(&key, Edit::Anonymous(true)).unwrap();
    phone.submit(&key).unwrap();
    assert_eq!(phone.prepare_background_upload(None).unwrap(), None);
}
