//! The real `lapor` behind each of them: what it says meanwhile, and that it goes on afterwards.

use lapor_e2e::{Gateway, Phone, exit};
use serde_json::{Value, json};

use crate::{
    recorded::{Expected, Recorded, all},
    wire::Portal,
};

struct World {
    gateway: Gateway,
    phone: Phone,
    /// Seconds by which the phone's clock is on: every pause has passed.
    now: u64,
    _folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let gateway = Gateway::start(&folder.path().join("gateway.db")).unwrap();
        let phone = Phone::new(folder.path(), "siti", gateway.url());
        phone.signs_in("siti").unwrap();
        Self {
            gateway,
            phone,
            now: 0,
            _folder: folder,
        }
    }

    fn passes(&mut self) {
        self.now += 7_200;
        self.phone.options = vec!["--now".to_owned(), format!("+{}s", self.now)];
    }

    fn waits_behind(&mut self, recorded: &Recorded) {
        let name = &recorded.name;
        let report = self.phone.drafts(name, "Sejak tiga hari.").unwrap();
        self.phone.submits(&report).unwrap();
        let portal = Portal::saying(recorded, None);
        let there = Phone {
            server: format!("http://{}", portal.address),
            ..self.phone.clone()
        };
        let ran = there.run(&["sync", "--once"]).unwrap();
        assert_eq!(ran.code, exit::STILL_WAITING, "{name}: {ran:?}");
        assert!(portal.asked() > 0, "{name}: nobody was asked");

        let shown = self.phone.shows(&report).unwrap();
        let waiting = &shown["waiting"];
        assert_eq!(
            (&shown["phase"], &shown["tracking_id"], &shown["problems"]),
            (&json!("queued"), &Value::Null, &json!([])),
            "{name}: called sent or rejected: {shown}"
        );
        assert_eq!(
            waiting["reason"]["code"],
            recorded.expected.code(),
            "{name}: {shown}"
        );
        assert!(
            waiting["next_try_ms"].is_u64(),
            "{name}: it does not say when: {shown}"
        );
        let words = waiting["words"].as_str().unwrap().to_lowercase();
        assert!(
            !words.contains("wi-fi") && !words.contains("wifi"),
            "{name}: only the phone's OS knows of a sign-in page: {words}"
        );
        if recorded.expected == Expected::NotLapor {
            assert_eq!(waiting["attempts"], 0, "{name}: {shown}");
            // Where the OS does know of one, that is what is said.
            let captive = ["--captive", "yes", "show", &report];
            let shown = self.phone.does(&captive).unwrap();
            assert_eq!(
                shown["waiting"]["reason"]["code"], "sign_in_to_wifi",
                "{name}"
            );
        }
        drop(portal);

        // The portal is gone: the next try is the gateway's.
        self.passes();
        let words = ["sync", "--once"];
        self.phone.run(&words).unwrap().expect(exit::DONE).unwrap();
        let shown = self.phone.shows(&report).unwrap();
        assert_eq!(shown["phase"], "sent", "{name}: {shown}");
        let counts = self.gateway.see("counts").unwrap();
        assert_eq!(counts["creates"][&report], 1, "{name}: {counts}");
    }

    fn waits_behind_all(share: usize) {
        let mut world = Self::new();
        let recorded = all();
        for one in recorded.iter().skip(share).step_by(2) {
            world.waits_behind(one);
        }
        let seen = world.gateway.see("violations").unwrap();
        assert_eq!(seen["violations"], json!([]));
    }
}

#[test]
fn every_second_recorded_answer_makes_a_phone_wait_and_nothing_else() {
    World::waits_behind_all(0);
}

#[test]
fn every_other_recorded_answer_makes_a_phone_wait_and_nothing_else() {
    World::waits_behind_all(1);
}
