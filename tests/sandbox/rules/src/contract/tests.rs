#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::BTreeSet;

use super::*;

fn checker() -> ContractChecker {
    ContractChecker::load().unwrap()
}

fn walk<'a>(value: &'a Value, place: &str, visit: &mut dyn FnMut(&str, &'a Value)) {
    visit(place, value);
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                walk(inner, &format!("{place}/{name}"), visit);
            }
        }
        Value::Array(items) => {
            for (at, inner) in items.iter().enumerate() {
                walk(inner, &format!("{place}/{at}"), visit);
            }
        }
        _ => {}
    }
}

#[test]
fn it_is_openapi_3_1() {
    assert_eq!(checker().document["openapi"], "3.1.0");
}

#[test]
fn every_reference_resolves() {
    let checker = checker();
    let mut references = 0;
    walk(&checker.document, "", &mut |place, value| {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            references += 1;
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(
                checker.document.pointer(pointer).is_some(),
                "{place}: {reference}"
            );
        }
    });
    assert!(references > 100, "only {references} references were seen");
}

#[test]
fn every_component_is_used() {
    let checker = checker();
    let mut used = BTreeSet::new();
    walk(&checker.document, "", &mut |_, value| {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            used.insert(reference.to_owned());
        }
    });
    for (kind, members) in entries(checker.document.get("components")) {
        if kind == "securitySchemes" {
            continue;
        }
        for (name, _) in entries(Some(members)) {
            let reference = format!("#/components/{kind}/{name}");
            assert!(used.contains(&reference), "{reference} is not used");
        }
    }
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let mut names = BTreeSet::new();
    for (_, item) in entries(checker().document.get("paths")) {
        for (method, operation) in entries(Some(item)) {
            if ["get", "put", "post", "delete", "head", "patch"].contains(&method.as_str()) {
                let name = operation["operationId"].as_str().unwrap().to_owned();
                assert!(names.insert(name.clone()), "{name} is there twice");
            }
        }
    }
    assert_eq!(names.len(), 12, "{names:?}");
}

/// Every media type with a schema, of requests and answers, has examples, and they hold; every
/// `example` of a header or parameter holds.
#[test]
fn every_example_validates() {
    let checker = checker();
    let mut examples = 0;
    walk(&checker.document, "", &mut |place, value| {
        let mut broken = Broken::at(place.to_owned());
        let named = value.get("examples").and_then(Value::as_object);
        if let Some(named) = named.filter(|_| place != "/components") {
            let schema = &value["schema"];
            assert!(schema.is_object(), "{place} has examples without a schema");
            for example in named.values() {
                let example = &checker.resolved(example)["value"];
                assert!(!example.is_null(), "{place}: an example without a value");
                checker.check_value(schema, place, example, "", &mut broken);
                examples += 1;
            }
        }
        if let (Some(schema), Some(example)) = (value.get("schema"), value.get("example")) {
            checker.check_value(schema, place, example, "", &mut broken);
            examples += 1;
        }
        assert!(broken.found.is_empty(), "{:?}", broken.found);
    });
    assert!(examples > 50, "only {examples} examples were seen");
}

#[test]
fn every_json_answer_and_request_has_an_example() {
    let checker = checker();
    walk(&checker.document, "", &mut |place, value| {
        for (media_type, content) in entries(value.get("content")) {
            if media_type.ends_with("json") {
                let named = content.get("examples").and_then(Value::as_object);
                assert!(
                    named.is_some_and(|named| !named.is_empty()),
                    "{place} {media_type}"
                );
            }
        }
    });
}

/// The status in a problem's example is the status it is an example of, and its code is one that
/// the answer may carry; every code that an answer may carry has an example.
#[test]
fn problems_fit_their_answers() {
    let checker = checker();
    let mut seen = BTreeSet::new();
    for (path, item) in entries(checker.document.get("paths")) {
        for (method, operation) in entries(Some(item)) {
            for (status, described) in entries(operation.get("responses")) {
                let described = checker.resolved(described);
                let Some(content) = described.pointer("/content/application~1problem+json") else {
                    continue;
                };
                let code = &content["schema"]["allOf"][1]["properties"]["code"];
                let codes: Vec<&str> = match (code.get("const"), code.get("enum")) {
                    (Some(one), None) => vec![one.as_str().unwrap()],
                    (None, Some(some)) => some
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|code| code.as_str().unwrap())
                        .collect(),
                    _ => panic!("{method} {path} {status} names no codes"),
                };
                for code in codes {
                    let example = &content["examples"][code];
                    let value = &checker.resolved(example)["value"];
                    assert_eq!(value["code"], code, "{method} {path} {status}");
                    assert_eq!(
                        value["status"].to_string(),
                        *status,
                        "{method} {path} {code}"
                    );
                    seen.insert(code.to_owned());
                }
            }
        }
    }
    for code in crate::Code::ALL {
        let named = seen.contains(code.as_str());
        // An address that the contract does not have has no operation to list it.
        assert!(
            named || code == crate::Code::MethodNotAllowed,
            "{} is in no answer",
            code.as_str()
        );
    }
}

#[test]
fn what_breaks_the_contract_is_found() {
    let checker = checker();
    let key = "3d6c1a52-5f0e-4f4b-9a5c-0d8a4e0b7c11";
    let path = format!("/v1/reports/{key}");
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let marks = [
        header("lapor-contract", "1"),
        header("Lapor-Request", "n1"),
        header("Lapor-Epoch", "e1"),
        header("Date", "Sun, 22 Nov 2026 08:00:00 GMT"),
        header("Content-Type", "application/json"),
    ];
    let body = json!({ "key": key, "tracking_id": 7, "revision": 1, "status": "unverified",
        "deadlines": {}, "missing": [] });
    let text = body.to_string();
    let found = checker.check_answer("PUT", &path, 201, &marks, text.as_bytes());
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].place.ends_with("body /tracking_id"), "{found:?}");

    let text = text.replace("\"tracking_id\":7", "\"tracking_id\":\"7\"");
    assert_eq!(
        checker.check_answer("PUT", &path, 201, &marks, text.as_bytes()),
        []
    );
    let unmarked = checker.check_answer("PUT", &path, 201, &marks[3..], text.as_bytes());
    assert_eq!(unmarked.len(), 3, "{unmarked:?}");
    assert_eq!(
        checker.check_answer("PUT", &path, 418, &marks, b"").len(),
        1
    );

    let silent = checker.check_request("DELETE", &path, &[], b"");
    assert_eq!(silent.len(), 3, "contract, nonce and token: {silent:?}");
    assert_eq!(
        checker.check_request("GET", "/v1/nowhere", &[], b"").len(),
        1
    );
}

#[test]
fn a_client_keeps_to_the_form_of_optional_headers() {
    let checker = checker();
    let sent = |value: &str| {
        let headers = [("Lapor-Skew".to_owned(), value.to_owned())];
        checker.check_request("GET", "/v1/changes", &headers, b"")
    };
    let silent = checker.check_request("GET", "/v1/changes", &[], b"").len();
    assert_eq!(sent("-42").len(), silent);
    assert_eq!(sent("soon").len(), silent + 1);
}

#[test]
fn a_violation_does_not_repeat_what_a_person_wrote() {
    let checker = checker();
    let path = "/v1/reports/3d6c1a52-5f0e-4f4b-9a5c-0d8a4e0b7c11";
    let body = json!({ "classification": "my secret words", "title": 7 }).to_string();
    let headers = [("Content-Type".to_owned(), "application/json".to_owned())];
    let found = checker.check_request("PUT", path, &headers, body.as_bytes());
    assert!(!found.is_empty());
    assert!(!format!("{found:?}").contains("secret words"), "{found:?}");
}
