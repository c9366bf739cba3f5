//! A damaged page, whichever it is: what was saved arrives, once.

use std::{fs, path::Path};

use lapor_core::{
    engine::{report::ReportKey, sync::Reason},
    store::{LossKind, Notice, StoreError},
};

use crate::world::*;

const PAGE: usize = 4096;

fn damage(database: &Path, whole: &[u8], page: usize) {
    let mut bytes = whole.to_vec();
    bytes[page * PAGE + 100..page * PAGE + 1000].fill(0xEE);
    fs::write(database, bytes).unwrap();
}

/// What a person does after a page was damaged: opens the app, opens it again when it was in the
/// way, signs in, sends. Gives the keys that are named as lost; none when nothing was noticed.
fn opens_and_sends(world: &World, keys: &[ReportKey]) -> Option<Vec<ReportKey>> {
    let mut said = Vec::new();
    for _ in 0..2 {
        let (phone, notices) = world.phone_with("siti", 7);
        said.extend(notices);
        if !said.is_empty() {
            break;
        }
        // Everything is read once; what is damaged is met.
        let _met = keys.iter().map(|key| phone.show(key)).collect::<Vec<_>>();
        let _met = phone.outbox(None);
        let _met = phone.account();
    }
    let phone = world.phone_of("siti");
    world.drains(&phone);
    let losses = match &said[..] {
        [] => return None,
        [Notice::SetAside { losses, .. }] => losses,
        other => panic!("{other:?}"),
    };
    let told: Vec<_> = losses
        .iter()
        .map(|loss| (loss.what, loss.report, loss.row))
        .collect();
    for (at, one) in told.iter().enumerate() {
        assert!(!told[..at].contains(one), "said twice: {told:?}");
    }
    if losses.iter().any(|loss| loss.what == LossKind::Everything) {
        return Some(keys.to_vec());
    }
    Some(losses.iter().filter_map(|loss| loss.report).collect())
}

#[test]
fn whichever_page_is_damaged_what_is_not_named_as_lost_arrives_once() {
    let mut arrived_after_account = 0;
    let pages = {
        let world = World::new();
        fs::metadata(written(&world).0).unwrap().len() as usize / PAGE
    };
    for page in 1..pages {
        let world = World::new();
        let (database, keys) = written(&world);
        let whole = fs::read(&database).unwrap();
        damage(&database, &whole, page);
        let named = opens_and_sends(&world, &keys);
        let phone = world.phone("siti");
        for key in &keys {
            let creates = world.gateway().creates_of(&key.to_string()).unwrap();
            if named.as_ref().is_some_and(|named| named.contains(key)) {
                assert!(creates <= 1, "page {page}");
                continue;
            }
            assert!(tracking(&phone, key).is_some(), "page {page}: {named:?}");
            assert_eq!(creates, 1, "page {page}");
        }
        arrived_after_account += usize::from(named.as_ref().is_some_and(Vec::is_empty));
    }
    assert!(arrived_after_account > 3, "{arrived_after_account}");
}
