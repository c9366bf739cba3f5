//! One key sent a hundred times at once, through two processes on one store: it happens once.

use std::sync::Barrier;

use lapor_sandbox::plain_http::PlainAnswer;
use serde_json::{Value, json};

use crate::phone::{Phone, key, report};
use crate::process::{Folder, Sandbox};

/// Two gateway processes on one store, and Siti's phone on each of them.
struct Service {
    processes: [Sandbox; 2],
    phones: [Phone; 2],
}

impl Service {
    fn over(folder: &Folder) -> Self {
        let processes = [(), ()].map(|()| Sandbox::over(folder.clone(), &[]));
        let [one, two] = &processes;
        assert_ne!(one.pid(), two.pid(), "two processes");
        assert_ne!(one.address, two.address);
        assert_eq!(one.store(), two.store(), "one store");
        let siti = Phone::signs_in(&one.address, "siti");
        let phones = [siti.over(&one.address), siti.over(&two.address)];
        Self { processes, phones }
    }

    /// A hundred requests that begin in the same instant, every other one at the other process.
    fn at_once(&self, send: impl Fn(&Phone) -> PlainAnswer + Sync) -> Vec<(u16, Value)> {
        let together = Barrier::new(100);
        std::thread::scope(|scope| {
            let sendings: Vec<_> = (0..100)
                .map(|number| {
                    let (phone, together, send) = (&self.phones[number % 2], &together, &send);
                    scope.spawn(move || {
                        together.wait();
                        let answer = send(phone);
                        (answer.status, answer.json())
                    })
                })
                .collect();
            sendings
                .into_iter()
                .map(|sending| sending.join().unwrap())
                .collect()
        })
    }

    fn counts(&self) -> [Value; 2] {
        [0, 1].map(|at| self.processes[at].get("/sandbox/counts"))
    }
}

/// Exactly one 201, and 99 times 200.
#[track_caller]
fn one_of_a_hundred(answers: &[(u16, Value)]) {
    let of = |wanted: u16| {
        answers
            .iter()
            .filter(|(status, _)| *status == wanted)
            .count()
    };
    assert_eq!((of(201), of(200)), (1, 99), "{answers:?}");
}

#[test]
fn a_hundred_sendings_through_two_processes_create_one_report_for_ever() {
    let folder = Folder::new();
    let service = Service::over(&folder);
    let (key, body) = (key(2), report("Dikirim seratus kali", &[]));
    let answers = service.at_once(|phone| phone.sends(&key, &body));
    one_of_a_hundred(&answers);
    let id = answers[0].1["tracking_id"].clone();
    assert!(
        answers
            .iter()
            .all(|(_, answer)| answer["tracking_id"] == id)
    );
    for counts in service.counts() {
        assert_eq!(
            (&counts["created"], &counts["creates"][&key]),
            (&json!(1), &json!(1))
        );
    }

    // Both are killed, ten years pass, and a hundred copies come out of proxies.
    for process in service.processes {
        process.killed();
    }
    let later = Sandbox::over(folder.clone(), &[]);
    later.does("/sandbox/tick", json!({}));
    let moved = later.desk("PUT", "/sandbox/clock", json!({ "advance_days": 3_653 }));
    assert_eq!(moved.status, 200, "{}", moved.json());
    later.does("/sandbox/tick", json!({}));
    drop(later);
    let service = Service::over(&folder);
    let answers = service.at_once(|phone| phone.sends(&key, &body));
    assert!(
        answers
            .iter()
            .all(|(status, answer)| *status == 200 && answer["tracking_id"] == id)
    );
    for counts in service.counts() {
        assert_eq!(
            (&counts["created"], &counts["creates"][&key]),
            (&json!(1), &json!(1))
        );
    }
}

#[test]
fn a_hundred_sendings_of_one_reply_through_two_processes_are_one_event() {
    let service = Service::over(&Folder::new());
    let (report_key, event_key) = (key(3), key(4));
    let body = report("Dibalas seratus kali", &[]);
    assert_eq!(service.phones[0].sends(&report_key, &body).status, 201);
    let path = format!("/v1/reports/{report_key}/events/{event_key}");
    let reply = json!({ "type": "reply", "text": "Masih begitu.", "seen_revision": 1 }).to_string();
    let say = |phone: &Phone, said: &str| {
        let headers = [("Content-Type", "application/json")];
        phone.asks("PUT", &path, &headers, said.as_bytes()).unwrap()
    };
    let answers = service.at_once(|phone| say(phone, &reply));
    one_of_a_hundred(&answers);
    assert!(
        answers
            .iter()
            .all(|(_, answer)| answer["event_key"] == json!(event_key))
    );
    for counts in service.counts() {
        assert_eq!(counts["events"], json!({ &event_key: 1 }));
    }
    let there = service.processes[1].get(&format!("/sandbox/report/{report_key}"));
    let said: Vec<&Value> = there["events"].as_array().unwrap().iter().collect();
    let texts: Vec<&Value> = said
        .iter()
        .map(|event| &event["text"])
        .filter(|text| text.is_string())
        .collect();
    assert_eq!(texts, [&json!("Masih begitu.")], "{there}");
    // Other words under the same key are another thing, and change nothing.
    let other = say(&service.phones[1], &reply.replace("Masih", "Sudah tidak"));
    assert_eq!(
        (other.status, &other.json()["code"]),
        (409, &json!("key_taken"))
    );
}

#[test]
fn a_hundred_reports_and_a_hundred_withdrawals_of_one_key_leave_one_truth() {
    let service = Service::over(&Folder::new());
    let (key, body) = (key(5), report("Dikirim dan ditarik", &[]));
    let path = format!("/v1/reports/{key}");
    let number = std::sync::atomic::AtomicUsize::new(0);
    let answers = service.at_once(|phone| {
        let turn = number.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        if turn % 4 < 2 {
            phone.sends(&key, &body)
        } else {
            phone.asks("DELETE", &path, &[], b"").unwrap()
        }
    });
    let of = |wanted: u16| {
        answers
            .iter()
            .filter(|(status, _)| *status == wanted)
            .count()
    };
    assert!(of(201) <= 1, "{answers:?}");
    assert_eq!(
        of(204),
        50,
        "it can be taken back as long as nobody took it up: {answers:?}"
    );
    assert_eq!(of(201) + of(200) + of(204) + of(410), 100, "{answers:?}");
    // Whatever came first: it is withdrawn, and a late copy does not bring it back.
    for phone in &service.phones {
        let late = phone.sends(&key, &body);
        assert_eq!(
            (late.status, &late.json()["code"]),
            (410, &json!("withdrawn"))
        );
    }
    for counts in service.counts() {
        assert_eq!(counts["published"], json!([]));
        assert!(counts["created"].as_u64().unwrap() <= 1, "{counts}");
    }
}
