//! Several processes on one phone: words before pictures, one that sends, many that write.

use std::time::Duration;

use lapor_e2e::{exit, wait_until};
use serde_json::json;

use crate::stage::{Stage, word};

const WATCH: [&str; 5] = ["--network", "up", "sync", "--watch", "--timeout"];

#[test]
fn words_do_not_wait_for_a_chunk_that_is_under_way() {
    let stage = Stage::new();
    let document = stage.document("a.pdf", 900_000);
    let picture = stage.submits_with("Dengan gambar", &[document]);
    stage.line.set_rate(60_000);
    let watch = [&WATCH[..], &["60"]].concat();
    let mut watcher = stage.siti.starts(&watch).unwrap();
    // A chunk of more than two seconds is on the line.
    stage.until("a chunk under way", || {
        let open = stage
            .journal()
            .into_iter()
            .any(|entry| entry["route"] == "upload_patch" && entry["end"] == "open");
        open && stage.arrived()[0].0 > 150_000
    });
    let words = stage.submits("Mendesak");
    let mut journal = Vec::new();
    stage.until("the words to arrive", || {
        journal = stage.journal();
        let creates = journal.iter().filter(|entry| entry["route"] == "create");
        creates.filter(|entry| entry["end"] == "answered").count() == 2
    });
    // The chunk before them was still under way on the line: the words did not wait for its end.
    let words_at = journal.iter().rposition(|entry| entry["route"] == "create");
    let before = &journal[..words_at.unwrap()];
    let patch = before
        .iter()
        .rfind(|entry| entry["route"] == "upload_patch");
    assert_ne!(patch.unwrap()["end"], "answered", "{journal:?}");
    let (have, of) = stage.arrived().into_iter().max_by_key(|one| one.1).unwrap();
    assert!(have < of, "the picture was first: {have} of {of}");
    assert_eq!(stage.siti.shows(&words).unwrap()["phase"], "sent");
    stage.line.set_rate(0);
    stage.until("the picture", || {
        stage.arrived().iter().all(|(have, of)| have == of)
    });
    watcher.kill().unwrap();
    watcher.wait().unwrap();
    stage.drains(&stage.siti);
    // What had arrived was kept. How much went twice is not asserted: what the kernel had been
    // handed of the chunk still travels, beside the next one.
    let shown = stage.siti.shows(&picture).unwrap();
    assert_eq!(shown["pictures"][0]["restarts"], 0, "{shown}");
    stage.expect_arrived_once(&[picture, words]);
}

#[test]
fn a_second_sync_is_told_who_sends_and_writing_goes_on() {
    let stage = Stage::new();
    let document = stage.document("a.pdf", 150_000);
    let first = stage.submits_with("Pertama", &[document]);
    stage
        .gateway
        .faults(&[json!({ "route": "upload_patch", "latency_ms": 1500 })])
        .unwrap();
    let watch = [&WATCH[..], &["60"]].concat();
    let mut watcher = stage.siti.starts(&watch).unwrap();
    stage.until("the first create", || {
        stage.gateway.see("counts").unwrap()["reports"] == 1
    });
    let ran = stage.syncs_once().expect(exit::IN_USE).unwrap();
    let told = ran.json().unwrap();
    assert_eq!(told["error"]["code"], "in_use", "{told}");
    let pid = watcher.id().to_string();
    assert!(
        told["error"]["words"].as_str().unwrap().contains(&pid),
        "names the process {pid}: {told}"
    );
    // Everything that is not sending works meanwhile.
    let mut reports = vec![first];
    for number in 0..3 {
        let key = stage.siti.drafts(&format!("Sambil {number}"), "Ditulis.");
        let key = key.unwrap();
        let photo = stage.photo(&format!("{number}.jpg"), number);
        stage.siti.attaches(&key, &photo).unwrap();
        stage
            .siti
            .does(&["draft", "edit", &key, "--location", "Kuta"])
            .unwrap();
        stage.siti.submits(&key).unwrap();
        reports.push(key);
    }
    stage.siti.does(&["list"]).unwrap();
    stage.gateway.faults(&[]).unwrap();
    stage.until("the watcher to send them all", || {
        let open = stage.siti.does(&["outbox"]).unwrap();
        open.as_array().unwrap().is_empty()
    });
    watcher.kill().unwrap();
    watcher.wait().unwrap();
    stage.expect_arrived_once(&reports);
}

#[test]
fn many_writers_at_once_keep_every_word() {
    let stage = Stage::new();
    let children: Vec<_> = (0..6)
        .map(|number| {
            let title = format!("Serentak {number}");
            let command = stage.siti.command(&["draft", "new", "--title", &title]);
            command.unwrap().spawn().unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    let rows = stage.siti.does(&["list"]).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 6, "{rows}");
}

#[test]
fn a_watcher_that_is_killed_leaves_the_place_free() {
    let stage = Stage::new();
    stage.line.set_up(false);
    let report = stage.submits("Lampu");
    let trace = stage.folder.path().join("trace");
    let named = word(&trace);
    let watch = [&["--trace", named.as_str()], &WATCH[..], &["60"]].concat();
    let mut watcher = stage.siti.starts(&watch).unwrap();
    wait_until("a first try", Duration::from_secs(10), || {
        Ok(trace.metadata().is_ok_and(|file| file.len() > 0))
    })
    .unwrap();
    watcher.kill().unwrap();
    watcher.wait().unwrap();
    stage.line.set_up(true);
    stage.drains(&stage.siti);
    stage.expect_arrived_once(&[report]);
}
