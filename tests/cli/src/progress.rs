//! Bars on a terminal; elsewhere the commands' own lines say what happened.

use std::{collections::BTreeMap, time::Duration};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use lapor_core::photo::{Flow, Progress};

use crate::print::Printer;

/// One picture being made.
pub(crate) struct PhotoBar(Option<ProgressBar>);

impl PhotoBar {
    pub(crate) fn new(printer: &Printer, name: &str) -> Self {
        Self(printer.has_bars().then(|| {
            let bar = ProgressBar::with_draw_target(Some(1000), ProgressDrawTarget::stderr());
            bar.set_style(style("{bar:30} {percent:>3}% {wide_msg}"));
            bar.set_message(name.to_owned());
            bar
        }))
    }

    pub(crate) fn tell(&self, progress: Progress) -> Flow {
        if let Some(bar) = &self.0 {
            bar.set_position(u64::from(progress.permille));
        }
        Flow::Continue
    }

    pub(crate) fn end(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// The pictures of a sync, a bar each, and a line for what is going on.
pub(crate) struct SyncBars {
    all: MultiProgress,
    line: ProgressBar,
    pictures: BTreeMap<i64, ProgressBar>,
}

impl SyncBars {
    pub(crate) fn new(printer: &Printer) -> Option<Self> {
        printer.has_bars().then(|| {
            let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
            let line = all.add(ProgressBar::new_spinner());
            line.enable_steady_tick(Duration::from_millis(120));
            Self {
                all,
                line,
                pictures: BTreeMap::new(),
            }
        })
    }

    pub(crate) fn say(&self, text: String) {
        self.line.set_message(text);
    }

    pub(crate) fn picture(&mut self, attachment: i64, name: String, arrived: u64, total: u64) {
        let bar = self.pictures.entry(attachment).or_insert_with(|| {
            let bar = self.all.add(ProgressBar::new(total));
            bar.set_style(style(
                "{bar:30} {percent:>3}% {bytes}/{total_bytes} {wide_msg}",
            ));
            bar.set_message(name);
            bar
        });
        bar.set_position(arrived);
        if arrived >= total {
            bar.finish_and_clear();
        }
    }

    /// A line that stays, above the bars.
    pub(crate) fn keep(&self, text: &str) {
        // Only a closed stderr fails here.
        let _ = self.all.println(text);
    }

    pub(crate) fn end(&self) {
        self.line.finish_and_clear();
        self.pictures
            .values()
            .for_each(ProgressBar::finish_and_clear);
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
