use super::Task;
use crate::api::{Answer, Outcome};

#[cfg(test)]
mod tests;

/// The cursors that the pull under way has asked with, in this run. A feed that leads back to one of them goes
/// in a circle.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pages(Vec<String>);

impl Pages {
    pub const NONE: &'static Self = &Self(Vec::new());

    /// Whatever is asked and answered in a run, in order.
    pub fn turned(&mut self, task: &Task, outcome: &Outcome) {
        let Task::Pull { after } = task else {
            return;
        };
        match outcome {
            Outcome::Done(Answer::Changes(page)) if !page.complete && !page.changes.is_empty() => {
                if after.is_none() || self.holds(&page.cursor) {
                    self.0.clear();
                }
                self.0.extend(after.clone());
            }
            Outcome::Done(_) | Outcome::CursorGone => self.0.clear(),
            _ => {}
        }
    }

    pub(super) fn holds(&self, cursor: &str) -> bool {
        self.0.iter().any(|asked| asked == cursor)
    }
}
