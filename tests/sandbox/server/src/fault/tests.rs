#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;

fn fault(json: &str) -> Fault {
    serde_json::from_str(json).unwrap()
}

fn words(faults: &Faults, route: Route) -> Vec<String> {
    faults.plan(route).words
}

#[test]
fn a_list_reads_as_a_story() {
    let faults = Faults::default();
    faults
        .replace(vec![
            fault(r#"{"route":"create","status":503,"times":2}"#),
            fault(r#"{"route":"create","lose_answer":true,"times":1}"#),
        ])
        .unwrap();

    assert_eq!(words(&faults, Route::Create), ["status 503"]);
    assert_eq!(words(&faults, Route::Changes), Vec::<String>::new());
    assert_eq!(words(&faults, Route::Create), ["status 503"]);
    assert_eq!(words(&faults, Route::Create), ["lose_answer"]);
    assert_eq!(words(&faults, Route::Create), Vec::<String>::new());
}

#[test]
fn after_lets_requests_of_the_route_pass() {
    let faults = Faults::default();
    faults
        .add(fault(
            r#"{"route":"upload_patch","cut_request_after":100,"after":2}"#,
        ))
        .unwrap();

    assert!(faults.plan(Route::UploadPatch).ending.is_none());
    assert!(faults.plan(Route::UploadHead).ending.is_none());
    assert!(faults.plan(Route::UploadPatch).ending.is_none());
    assert!(faults.plan(Route::UploadPatch).ending.is_some());
}

#[test]
fn a_slow_line_adds_to_an_ending_and_the_narrowest_part_counts() {
    let faults = Faults::default();
    faults
        .replace(vec![
            fault(r#"{"route":"*","latency_ms":300,"bandwidth":4000}"#),
            fault(r#"{"route":"create","latency_ms":200,"bandwidth":2000}"#),
            fault(r#"{"route":"create","portal":true}"#),
        ])
        .unwrap();

    let plan = faults.plan(Route::Create);
    assert_eq!(plan.latency_ms, 500);
    assert_eq!(plan.bandwidth, Some(2000));
    assert!(plan.ending.unwrap().portal);
}

#[test]
fn a_switch_that_makes_no_sense_is_refused_and_changes_nothing() {
    let faults = Faults::default();
    faults.add(fault(r#"{"route":"*","portal":true}"#)).unwrap();

    let wrong = [
        (r#"{"route":"meta"}"#, FaultError::Nothing { route: "meta" }),
        (
            r#"{"route":"meta","portal":true,"stall":true}"#,
            FaultError::Several {
                route: "meta",
                count: 2,
            },
        ),
        (
            r#"{"route":"meta","status":204}"#,
            FaultError::Status { status: 204 },
        ),
        (r#"{"route":"meta","bandwidth":0}"#, FaultError::NoBandwidth),
    ];
    for (json, error) in wrong {
        assert_eq!(faults.replace(vec![fault(json)]), Err(error));
    }
    assert!(serde_json::from_str::<Fault>(r#"{"route":"creates","portal":true}"#).is_err());
    assert!(serde_json::from_str::<Fault>(r#"{"route":"create","portall":true}"#).is_err());
    assert_eq!(faults.switches().len(), 1);
}
