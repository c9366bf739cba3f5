#![allow(clippy::unwrap_used)]

use super::{Pair, Ratio};

fn pairs(times: &[(f64, f64)]) -> Vec<Pair> {
    times
        .iter()
        .map(|(ours, theirs)| Pair {
            ours: *ours,
            theirs: *theirs,
        })
        .collect()
}

#[test]
fn a_ratio_is_of_all_the_time_that_each_took() {
    let ratio = Ratio::of(&pairs(&[(10.0, 20.0), (30.0, 20.0), (20.0, 10.0)])).unwrap();
    assert!((ratio.of_means - 60.0 / 50.0).abs() < 1e-9);
    assert!((ratio.of_medians - 20.0 / 20.0).abs() < 1e-9);
    assert_eq!(Ratio::of(&[]), None);
}

#[test]
fn more_rounds_make_it_known_better_and_equal_pairs_make_it_certain() {
    let few = [(8.0, 16.0), (24.0, 12.0), (9.0, 9.0), (15.0, 10.0)];
    let many: Vec<(f64, f64)> = few.iter().copied().cycle().take(64).collect();
    let (few, many) = (
        Ratio::of(&pairs(&few)).unwrap(),
        Ratio::of(&pairs(&many)).unwrap(),
    );
    assert!(few.low < few.of_means && few.of_means < few.high);
    assert!(
        (many.high - many.low) * 3.0 < few.high - few.low,
        "{many} {few}"
    );
    let certain = Ratio::of(&pairs(&[(11.0, 10.0), (22.0, 20.0)])).unwrap();
    assert!(certain.high - certain.low < 1e-9);
    assert!((certain.of_means - 1.1).abs() < 1e-9);
}
