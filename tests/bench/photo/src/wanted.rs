//! What is wanted of the figures that do not follow how busy the machine is: memory, fill and look. With
//! `BENCH_CHECK=1` a figure that misses it is a failure.

use std::sync::{Mutex, PoisonError};

use anyhow::{Result, bail};

#[derive(Default)]
pub(crate) struct Wanted(Mutex<Vec<String>>);

impl Wanted {
    pub(crate) fn at_least(&self, figure: &str, is: f64, least: f64) {
        // What is no number is not reached either.
        if is < least || is.is_nan() {
            self.missed(format!("{figure}={is:.3}, wanted at least {least}"));
        }
    }

    pub(crate) fn at_most(&self, figure: &str, is: f64, most: f64) {
        if is > most || is.is_nan() {
            self.missed(format!("{figure}={is:.3}, wanted at most {most}"));
        }
    }

    fn missed(&self, what: String) {
        println!("missed {what}");
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(what);
    }

    /// After all figures.
    pub(crate) fn judge(&self, strictly: bool) -> Result<()> {
        let missed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if strictly && !missed.is_empty() {
            bail!("{} figures missed: {}", missed.len(), missed.join("; "));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_that_is_missed_fails_where_it_is_asked_for() {
        let wanted = Wanted::default();
        wanted.at_least("fill", 0.95, 0.95);
        wanted.at_most("rss_mb", 12.0, 12.0);
        assert!(wanted.judge(true).is_ok());
        wanted.at_most("rss_mb", 12.1, 12.0);
        assert!(wanted.judge(false).is_ok());
        assert!(wanted.judge(true).is_err());
    }

    #[test]
    fn what_is_no_number_is_missed() {
        for check in [Wanted::at_least, Wanted::at_most] {
            let wanted = Wanted::default();
            check(&wanted, "look", f64::NAN, 0.0);
            assert!(wanted.judge(true).is_err());
        }
    }
}
