//! A line that cannot be trusted, and a phone that does not know the year: what it says, that
//! nothing goes, and that all of it goes once the trouble is over.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{authority::Kind, gateway::Gateway, world::World};

struct Case {
    name: &'static str,
    certificate: Kind,
    clock: Option<&'static str>,
    /// The reason's stable word.
    reason: &'static str,
}

const CASES: [Case; 6] = [
    Case {
        name: "wrong_host",
        certificate: Kind::WrongHost,
        clock: None,
        reason: "untrusted",
    },
    Case {
        name: "self_signed",
        certificate: Kind::SelfSigned,
        clock: None,
        reason: "untrusted",
    },
    Case {
        name: "expired",
        certificate: Kind::Expired,
        clock: None,
        reason: "untrusted",
    },
    Case {
        name: "not_yet_valid",
        certificate: Kind::NotYetValid,
        clock: None,
        reason: "untrusted",
    },
    Case {
        name: "phone_clock_1970",
        certificate: Kind::Good,
        clock: Some("1970-01-01T00:00:30Z"),
        reason: "clock_wrong",
    },
    Case {
        name: "phone_clock_ten_years_ahead",
        certificate: Kind::Good,
        clock: Some("+10y"),
        reason: "clock_wrong",
    },
];

pub(crate) fn measure(world: &mut World<'_>) -> Result<()> {
    for case in CASES {
        let stranger = Gateway::start(&world.line, &world.authority, case.certificate)?;
        let key = world.submits(case.name)?;
        world.line.leads_to(stranger.port)?;
        world.phone.options = case
            .clock
            .map(|clock| vec!["--now".to_owned(), clock.to_owned()])
            .unwrap_or_default();
        let ran = world.phone.run(&world.line, &["sync", "--once"])?;
        let shown = world.phone.shows(&world.line, &key)?;
        let waiting = shown.get("waiting").context("no waiting")?;
        let journal = stranger.see(&world.line, "journal")?;
        let asked = journal.as_array().map_or(usize::MAX, Vec::len);
        let reason = word(waiting, "/reason/code");
        let attempts = waiting.get("attempts").and_then(Value::as_u64);
        let quiet = asked == 0 && attempts == Some(0);
        let kept = shown.get("phase").and_then(Value::as_str) == Some("queued");

        world.phone.options.clear();
        world.line.leads_to(world.gateway.port)?;
        let words = ["sync", "--until-idle", "--timeout", "60"];
        world.phone.run(&world.line, &words)?;
        let after = world.phone.shows(&world.line, &key)?;
        let drained = after.get("phase").and_then(Value::as_str) == Some("sent");
        let holds = ran.code == 4 && reason == case.reason && quiet && kept && drained;
        world.figures.promise(
            "TLS",
            &format!(
                "{} says=\"{}\" reason={reason} requests={asked} attempts={} exit={} drained_after={drained}",
                case.name,
                word(waiting, "/words"),
                attempts.map_or_else(|| "?".to_owned(), |attempts| attempts.to_string()),
                ran.code,
            ),
            holds,
        );
    }
    Ok(())
}

fn word<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}
