//! The real transport over real sockets, plain and in TLS, then `judge`.

use std::sync::Arc;

use lapor_core::{
    engine::api::{Outcome, Proof, RequestContext, judge, request},
    net::{HttpTransport, Transport, Unreadable},
};
use url::Url;

use crate::{
    judged::{circumstance, create, decides, every_action},
    recorded::{Expected, all},
    wire::{Authority, Portal},
};

fn heard_by(tls: bool) {
    let authority = Authority::new();
    let authority = tls.then_some(&authority);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for recorded in all() {
        let portal = Portal::saying(&recorded, authority);
        let scheme = if tls { "https" } else { "http" };
        let base = Url::parse(&format!("{scheme}://{}/", portal.address)).unwrap();
        let pem = authority.map(|authority| authority.pem.as_bytes());
        let mut asked = 0;
        for action in every_action() {
            // Each one a fresh connection, as most portals want it.
            let transport = HttpTransport::new(pem, Arc::new(|| circumstance().now)).unwrap();
            let context = RequestContext {
                base: &base,
                token: None,
                nonce: [7; 12],
                skew: None,
            };
            let wire = request(&action, &context).unwrap();
            let exchange =
                runtime.block_on(transport.exchange(&wire, Arc::new(|_, _, _| Err(Unreadable))));
            let outcome = judge(&action, &wire.nonce, &exchange, &circumstance());
            assert!(
                !decides(&outcome),
                "{} {action:?}: {outcome:?}",
                recorded.name
            );
            asked += 1;
            if action == create() {
                let fits = match recorded.expected {
                    Expected::NotLapor => matches!(outcome, Outcome::NotLapor { .. }),
                    Expected::Busy => matches!(outcome, Outcome::Busy { .. }),
                    Expected::Unknown => outcome == Outcome::Unknown,
                };
                assert!(fits, "{}: {outcome:?} {:?}", recorded.name, exchange.end);
            }
            if wire.proof == Proof::Tus {
                assert!(exchange.header("tus-resumable").is_none());
            }
        }
        assert_eq!(
            portal.asked(),
            asked,
            "{}: every request reached it, once",
            recorded.name
        );
    }
}

#[test]
fn no_recorded_answer_decides_anything_over_a_plain_line() {
    heard_by(false);
}

#[test]
fn no_recorded_answer_decides_anything_in_tls() {
    heard_by(true);
}
