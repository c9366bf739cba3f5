#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use proptest::prelude::*;

use super::*;

/// A picture whose size follows the coarseness in a known way.
struct Model {
    quick_at_100: f64,
    power: f64,
    best_to_quick: f64,
    best_tried: usize,
    tried: usize,
}

impl Model {
    fn new(quick_at_100: f64, power: f64, best_to_quick: f64) -> Self {
        Self {
            quick_at_100,
            power,
            best_to_quick,
            best_tried: 0,
            tried: 0,
        }
    }

    fn size(&self, coarseness: Coarseness, effort: Effort) -> usize {
        let quick = self.quick_at_100 * (100.0 / f64::from(coarseness.percent())).powf(self.power);
        (if effort == Effort::Best {
            quick * self.best_to_quick
        } else {
            quick
        }) as usize
    }

    fn fit(&mut self, budget: u64) -> Fit {
        fit(budget, |coarseness, effort| {
            self.tried += 1;
            self.best_tried += usize::from(effort == Effort::Best);
            Ok(vec![0; self.size(coarseness, effort)])
        })
        .unwrap()
    }
}

#[test]
fn an_easy_photo_stops_at_the_finest_quality() {
    let mut model = Model::new(20_000.0, 0.7, 0.87);
    let Fit::Fits { coarseness, .. } = model.fit(300_000) else {
        panic!("it fits")
    };
    assert_eq!(coarseness, Coarseness::FINEST);
    assert_eq!(coarseness.quality(), 92);
    assert_eq!(model.best_tried, 1);
}

#[test]
fn a_photo_that_is_too_big_even_at_the_lowest_quality_says_so_soon() {
    let mut model = Model::new(900_000.0, 0.7, 0.87);
    let Fit::TooBig { smallest } = model.fit(300_000) else {
        panic!("it does not fit")
    };
    assert_eq!(
        smallest as usize,
        model.size(Coarseness::COARSEST, Effort::Best)
    );
    assert!(model.tried <= 4, "{}", model.tried);
}

#[test]
fn a_budget_of_nothing_is_too_small_and_no_trouble() {
    assert!(matches!(
        Model::new(9_000.0, 0.7, 0.87).fit(0),
        Fit::TooBig { .. }
    ));
    assert!(matches!(
        Model::new(9_000.0, 0.7, 0.87).fit(u64::MAX),
        Fit::Fits { .. }
    ));
}

#[test]
fn cancelling_ends_the_search() {
    let stopped = fit(1000, |_, _| Err(PhotoError::Cancelled));
    assert_eq!(stopped, Err(PhotoError::Cancelled));
}

proptest! {
    /// Whatever the picture is like: never over, and full unless the finest quality is reached.
    #[test]
    fn the_budget_is_kept_and_used(
        at_100 in 60_000.0..340_000.0_f64,
        power in 0.45..1.1_f64,
        best_to_quick in 0.75..1.02_f64,
    ) {
        let budget = 300_000;
        let mut model = Model::new(at_100, power, best_to_quick);
        match model.fit(budget) {
            Fit::Fits { coarseness, bytes } => {
                prop_assert!(bytes.len() as u64 <= budget);
                let full = bytes.len() as f64 >= 0.95 * budget as f64;
                // At the fine end one step of coarseness is worth more than the tolerance.
                let finer = Coarseness(coarseness.0 - 1);
                let no_finer = model.size(finer, Effort::Best) as u64 > budget;
                prop_assert!(full || coarseness == Coarseness::FINEST || no_finer);
            }
            Fit::TooBig { .. } => {
                let smallest = model.size(Coarseness::COARSEST, Effort::Best) as u64;
                prop_assert!(smallest > budget);
            }
        }
        prop_assert!(model.best_tried <= 4, "{} encodings", model.best_tried);
    }

    /// Sizes that follow no rule at all: the search ends, and what it gives fits.
    #[test]
    fn a_picture_that_follows_no_rule_ends_too(sizes in prop::collection::vec(1..2000_usize, 256)) {
        let mut asked = 0;
        let outcome = fit(1000, |coarseness, _| {
            asked += 1;
            Ok(vec![0; sizes[usize::from(coarseness.percent())]])
        });
        if let Fit::Fits { bytes, .. } = outcome.unwrap() {
            prop_assert!(bytes.len() <= 1000);
        }
        prop_assert!(asked <= 2 + BEST_TRIES + 1);
    }
}
