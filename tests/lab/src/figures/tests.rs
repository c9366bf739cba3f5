#![allow(clippy::indexing_slicing)]

use std::time::Duration;

use super::{Figures, percentile};

#[test]
fn of_twenty_samples_p95_is_the_nineteenth() {
    let samples: Vec<Duration> = (1..=20).rev().map(Duration::from_secs).collect();
    assert_eq!(percentile(&samples, 95), Duration::from_secs(19));
    assert_eq!(percentile(&samples, 50), Duration::from_secs(10));
    assert_eq!(percentile(&samples[..1], 95), Duration::from_secs(20));
    assert_eq!(percentile(&[], 95), Duration::ZERO);
}

#[test]
fn what_is_over_its_limit_is_counted_as_not_reached() {
    let figures = Figures::default();
    figures.at_most("N0", "a", 1.0, 1.0, "");
    figures.at_most("N0", "b", 1.01, 1.0, "");
    figures.promise("N0", "twice=1", false);
    assert_eq!(figures.sums(), (1, 1, 1));
}
