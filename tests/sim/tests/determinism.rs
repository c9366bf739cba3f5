//! The same seed is the same schedule, to the last event.

#[test]
fn the_same_seed_gives_the_same_trace_twice() {
    for seed in 0..3 {
        let (one, two) = (lapor_sim::run(seed, 60), lapor_sim::run(seed, 60));
        assert_eq!(one.story, two.story, "seed {seed}");
        assert_eq!(one.trace, two.trace, "seed {seed}");
        assert_ne!(one.trace, lapor_sim::run(seed + 100, 60).trace);
    }
}
