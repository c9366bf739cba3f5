use super::*;

#[test]
fn a_cancel_ends_what_was_asked_for_before_it_begun_or_not() {
    let gate = Gate::default();
    let (running, queued) = (gate.ask(0), gate.ask(0));
    assert!(!gate.is_over(&running) && !gate.is_over(&queued));
    gate.cancel();
    let later = gate.ask(0);
    assert!(gate.is_over(&running) && gate.is_over(&queued));
    assert!(!gate.is_over(&later));
    // Somebody who asks again takes no cancel back.
    assert!(gate.is_over(&running));
}

#[test]
fn an_app_that_sleeps_and_wakes_at_once_has_ended_what_ran() {
    let gate = Gate::default();
    let running = gate.ask(0);
    gate.suspend();
    assert!(
        gate.is_over(&gate.ask(0)),
        "nothing begins in an app asleep"
    );
    gate.resume();
    assert!(gate.is_over(&running));
    assert!(!gate.is_over(&gate.ask(0)));
}

#[test]
fn whoever_gives_up_a_sync_ends_no_other() {
    let gate = Gate::default();
    let (given_up, other) = (gate.ask(0), gate.ask(0));
    gate.give_up(&given_up);
    assert!(gate.is_over(&given_up));
    assert!(!gate.is_over(&other));
}
