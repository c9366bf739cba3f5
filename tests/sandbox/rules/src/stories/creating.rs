//! A report is created once, whatever is sent again.

use serde_json::json;

use super::people::*;

#[test]
fn the_same_bytes_are_the_same_report_for_ever() {
    let town = &mut Town::new();
    let siti = town.siti();
    let first = siti.puts(town, &key(1), &lamp()).is(201);
    assert_eq!(first.text("status"), "unverified");
    assert_eq!(
        first.json()["deadlines"],
        json!({ "verify_by": "2026-11-25" })
    );

    let again = siti.puts(town, &key(1), &lamp()).is(200);
    assert_eq!(again.text("tracking_id"), first.text("tracking_id"));

    let now = town.now;
    town.gateway.dispose(now, &key(1), "dpu-badung").unwrap();
    town.gateway
        .edit_published_text(now, &key(1), "Lampu mati di Kerobokan", "Sudah disunting.")
        .unwrap();
    town.gateway.archive(now, &key(1), "ganda").unwrap();
    town.days_pass(700);
    let siti = town.siti();
    let late = siti.puts(town, &key(1), &lamp()).is(200);
    assert_eq!(late.text("tracking_id"), first.text("tracking_id"));
    assert_eq!(late.text("status"), "archived");
    assert_eq!(town.gateway.creates_of(&key(1)).unwrap(), 1);
    assert_eq!(town.gateway.reports().unwrap().len(), 1);
}

#[test]
fn other_bytes_under_a_key_change_nothing() {
    let town = &mut Town::new();
    let siti = town.siti();
    siti.puts(town, &key(1), &lamp()).is(201);
    let other = with(lamp(), "title", json!("Jalan rusak"));
    siti.puts(town, &key(1), &other).refuses(409, "key_taken");
    // Not even valid: the key comes first.
    town.well_formed = false;
    siti.puts(town, &key(1), &json!({}))
        .refuses(409, "key_taken");
    siti.sends(
        town,
        "PUT",
        &format!("/v1/reports/{}", key(1)),
        "no JSON at all",
    )
    .refuses(409, "key_taken");
    assert_eq!(siti.gets(town, &key(1)).json()["submitted"], lamp());
}

#[test]
fn a_foreign_key_tells_nothing() {
    let town = &mut Town::new();
    let (siti, budi) = (town.siti(), town.sign_in("budi"));
    siti.puts(town, &key(1), &lamp()).is(201);
    let refused = budi
        .puts(town, &key(1), &lamp())
        .refuses(409, "key_foreign");
    let fields: Vec<String> = refused
        .json()
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(fields, ["type", "title", "status", "code"]);
    budi.withdraws(town, &key(1)).refuses(409, "key_foreign");
    budi.gets(town, &key(1)).refuses(404, "not_found");
}

#[test]
fn what_was_refused_can_be_corrected_under_the_same_key() {
    let town = &mut Town::new();
    let siti = town.siti();
    let long = with(lamp(), "title", json!("é".repeat(256)));
    let refused = siti.puts(town, &key(1), &long).refuses(422, "invalid");
    assert_eq!(refused.fields(), ["title:too_long"]);
    assert_eq!(refused.json()["fields"][0]["limit"], 255);
    let fits = with(lamp(), "title", json!("é".repeat(255)));
    siti.puts(town, &key(1), &fits).is(201);
}

#[test]
fn every_field_problem_is_named_at_once() {
    let town = &mut Town::new();
    let siti = town.siti();
    town.well_formed = false;
    let (_, picture) = picture(1, 10);
    let body = json!({
        "classification": "praise",
        "title": " \u{3000}",
        "content": 7,
        "incident_date": "2026-02-30",
        "area_code": "51.3",
        "anonymous": "yes",
        "latitude": 90.5,
        "supersedes": "me",
        "extension": [],
        "attachments": [picture, picture, { "sha256": "AB", "bytes": 2_097_153,
            "media_type": "image/heic" }],
    });
    let refused = siti.puts(town, &key(1), &body).refuses(422, "invalid");
    assert_eq!(
        refused.fields(),
        [
            "classification:invalid",
            "title:required",
            "content:invalid",
            "incident_date:invalid",
            "location:required",
            "area_code:invalid",
            "anonymous:invalid",
            "secret:required",
            "latitude:invalid",
            "longitude:required",
            "attachments[1].sha256:invalid",
            "attachments[2].sha256:invalid",
            "attachments[2].bytes:too_large",
            "attachments[2].media_type:unsupported_type",
            "attachments[2].name:required",
            "supersedes:invalid",
            "extension:invalid",
        ]
    );
}

#[test]
fn tomorrow_is_accepted_and_the_day_after_is_not() {
    let town = &mut Town::new();
    let siti = town.siti();
    let on = |day: &str| with(lamp(), "incident_date", json!(day));
    siti.puts(town, &key(1), &on("2026-11-23")).is(201);
    let refused = siti
        .puts(town, &key(2), &on("2026-11-24"))
        .refuses(422, "invalid");
    assert_eq!(refused.fields(), ["incident_date:in_future"]);
}

#[test]
fn eleven_attachments_are_too_many() {
    let town = &mut Town::new();
    let siti = town.siti();
    let some = |count: u64| {
        let listed: Vec<_> = (0..count).map(|seed| picture(seed, 10).1).collect();
        with(lamp(), "attachments", json!(listed))
    };
    let refused = siti.puts(town, &key(1), &some(11)).refuses(422, "invalid");
    assert_eq!(refused.fields(), ["attachments:too_many"]);
    assert_eq!(
        siti.puts(town, &key(1), &some(10)).is(201).uploads().len(),
        10
    );
}

#[test]
fn what_a_later_app_sends_survives_to_the_digit() {
    let town = &mut Town::new();
    let siti = town.siti();
    let body = lamp().to_string();
    let body = format!(
        "{{ \"from_later\": [1.50, 12345678901234567890123, {{\"a\":null}}], {}",
        body.strip_prefix('{').unwrap()
    );
    siti.sends(
        town,
        "PUT",
        &format!("/v1/reports/{}", key(1)),
        body.clone(),
    )
    .is(201);
    let heard = siti.gets(town, &key(1)).is(200);
    let text = String::from_utf8(heard.0.body).unwrap();
    assert!(text.contains(&format!("\"submitted\":{body}")), "{text}");
}

#[test]
fn a_report_in_any_script_keeps_its_marks() {
    let town = &mut Town::new();
    let siti = town.siti();
    let title = "ᬮᬫ᭄ᬧᬸ \u{202e}مصباح\u{202c} 街灯 \u{1f4a1}";
    siti.puts(town, &key(1), &with(lamp(), "title", json!(title)))
        .is(201);
    assert_eq!(siti.gets(town, &key(1)).json()["published"]["title"], title);
}

#[test]
fn the_quota_counts_new_keys_only() {
    let town = &mut Town::new();
    let siti = town.siti();
    town.gateway.set_quota(Some(2));
    siti.puts(town, &key(1), &lamp()).is(201);
    siti.puts(town, &key(2), &lamp()).is(201);
    let refused = siti
        .puts(town, &key(3), &lamp())
        .refuses(429, "too_many_requests");
    assert_eq!(refused.header("Retry-After"), Some("5"));
    siti.puts(town, &key(1), &lamp()).is(200);
    // The quota is a person's, and an hour's.
    town.sign_in("budi").puts(town, &key(4), &lamp()).is(201);
    town.now = town.now.plus_seconds(3601);
    town.siti().puts(town, &key(3), &lamp()).is(201);
}

#[test]
fn maintenance_refuses_only_what_is_new() {
    let town = &mut Town::new();
    let siti = town.siti();
    siti.puts(town, &key(1), &lamp()).is(201);
    town.gateway.set_maintenance(true);
    let refused = siti
        .puts(town, &key(2), &lamp())
        .refuses(503, "maintenance");
    assert_eq!(refused.header("Retry-After"), Some("5"));
    siti.puts(town, &key(1), &lamp()).is(200);
    town.gateway.set_maintenance(false);
    siti.puts(town, &key(2), &lamp()).is(201);
}

#[test]
fn an_officer_does_not_report() {
    let town = &mut Town::new();
    let made = town.sign_in("made");
    made.puts(town, &key(1), &lamp())
        .refuses(403, "not_allowed");
}

#[test]
fn the_body_is_json_and_bounded() {
    let town = &mut Town::new();
    let siti = town.siti();
    town.well_formed = false;
    let path = format!("/v1/reports/{}", key(1));
    siti.sends(town, "PUT", &path, "[]")
        .refuses(400, "bad_request");
    siti.sends(town, "PUT", &path, "{")
        .refuses(400, "bad_request");
    siti.sends(town, "PUT", &path, vec![b' '; 262_145])
        .refuses(413, "body_too_large");
    let request = siti
        .request(town, "PUT", &path)
        .header("Content-Type", "text/plain")
        .body(lamp().to_string());
    town.exchange(&request)
        .refuses(415, "unsupported_media_type");
    let path = format!("/v1/reports/{}", key(0xA).to_uppercase());
    let refused = siti.puts_at(town, &path).refuses(422, "invalid");
    assert_eq!(refused.fields(), ["key:invalid"]);
    siti.sends(
        town,
        "PUT",
        &format!("/v1/reports/{}", key(1)),
        lamp().to_string(),
    )
    .is(201);
}

impl Phone {
    fn puts_at(&self, town: &mut Town, path: &str) -> Heard {
        self.sends(town, "PUT", path, lamp().to_string())
    }
}

#[test]
fn a_report_may_stand_for_another() {
    let town = &mut Town::new();
    let siti = town.siti();
    siti.puts(town, &key(1), &lamp()).is(201);
    let next = with(lamp(), "supersedes", json!(key(1)));
    siti.puts(town, &key(2), &next).is(201);
    let row = town.gateway.report(&key(2)).unwrap().unwrap();
    assert_eq!(row.supersedes, Some(key(1)));
    assert_eq!(
        siti.gets(town, &key(2)).json()["submitted"]["supersedes"],
        key(1)
    );
}

#[test]
fn optional_fields_are_left_out_never_missing_when_required() {
    let town = &mut Town::new();
    let siti = town.siti();
    town.well_formed = false;
    for field in [
        "title",
        "content",
        "location",
        "incident_date",
        "attachments",
        "secret",
    ] {
        let refused = siti
            .puts(town, &key(1), &without(lamp(), field))
            .refuses(422, "invalid");
        assert_eq!(refused.fields(), [format!("{field}:required")]);
    }
}
