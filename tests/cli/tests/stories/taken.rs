//! The service knows other words under the key of a report.

use lapor_core::{
    engine::{
        api::ReportAnswer,
        report::{ReportKey, Status, TrackingId},
        sync::{Change, OperationState, OperationUpdate, Reason},
    },
    store::Store,
};

use crate::phone::{Phone, now};

/// The create is answered: the key is taken.
fn taken(store: &mut Store, key: &ReportKey) {
    let create = store.outbox(Some(*key)).unwrap()[0].0.clone();
    let update = OperationUpdate {
        id: create.id,
        state: OperationState::Paused,
        attempts: 1,
        streak: 0,
        due: create.due,
        reason: Some(Reason::KeyTaken { foreign: false }),
        tried_at: Some(now()),
    };
    let taken = Change::KeyTaken {
        report: *key,
        foreign: false,
    };
    store
        .apply(&[Change::Operation(update), taken], now())
        .unwrap();
}

/// What the service has is here: the same but for the place.
fn copied(store: &mut Store, key: &ReportKey) {
    let own = String::from_utf8(store.read_body(*key).unwrap()).unwrap();
    let mut words: serde_json::Value = serde_json::from_str(&own).unwrap();
    words["location"] = "Pasar Badung".into();
    let copied = Change::Copied {
        report: *key,
        answer: Box::new(ReportAnswer {
            tracking_id: TrackingId("1916449".to_owned()),
            revision: 1,
            status: Status::Unverified,
            deadlines: lapor_core::engine::api::Deadlines::default(),
            attachments: Vec::new(),
            missing: Vec::new(),
            text: serde_json::json!({ "submitted": words }).to_string(),
        }),
        at: now(),
    };
    store.apply(&[copied], now()).unwrap();
}

#[test]
fn both_are_shown_to_be_compared() {
    let phone = Phone::of("siti");
    let key = phone.submitted("Lampu padam");
    let report: ReportKey = key.parse().unwrap();
    taken(&mut phone.store(), &report);
    let words = phone.run(["show", &key]).ends(0).out;
    assert!(words.contains("belum ada di ponsel ini"), "{words}");
    let step = phone.json(&["outbox", &key])[1].clone();
    assert_eq!(
        (&step["operation"], &step["reason"]["code"]),
        (&"fetch_copy".into(), &"not_fetched".into())
    );
    copied(&mut phone.store(), &report);
    let words = phone.run(["show", &key]).ends(0).out;
    assert!(
        words.contains("Isi yang ada di LAPOR! berbeda") && words.contains("Pasar Badung"),
        "{words}"
    );
    let shown = phone.json(&["show", &key]);
    assert_eq!(shown["service_copy"]["standing"], "other");
    assert_eq!(shown["server"]["submitted"]["location"], "Pasar Badung");
}

#[test]
fn who_has_sent_it_as_another_is_shown_where_it_goes_on() {
    let phone = Phone::of("siti");
    let key = phone.submitted("Lampu padam");
    taken(&mut phone.store(), &key.parse().unwrap());
    let another = phone.json(&["send-as-another", &key])["key"].clone();
    let another = another.as_str().unwrap();
    let list = phone.run(["list"]).ends(0).out;
    assert!(
        list.contains("Perlu keputusan")
            && list.contains(&format!("Laporan penggantinya: {}", &another[..8])),
        "a draft has decided nothing: {list}"
    );
    phone.run(["submit", another]).ends(0);
    let list = phone.run(["list"]).ends(0).out;
    assert!(
        list.contains("Dilanjutkan sebagai laporan lain")
            && list.contains(&format!("Laporan penggantinya: {}", &another[..8]))
            && !list.contains("Perlu keputusan"),
        "{list}"
    );
    let once_more = phone.run(["send-as-another", &key, "--json"]).ends(1);
    assert_eq!(once_more.json()["error"]["code"], "sent_as_another");
    assert!(once_more.err.contains(another), "{once_more:?}");
    let steps = phone.run(["show", &key, "--why"]).ends(0).out;
    assert!(!steps.contains("Bandingkan"), "{steps}");
}
