//! What one phone was told, and whether it still holds.
//!
//! A ledger believes a command only when it said so: its JSON is on stdout. What a killed command
//! may or may not have done is read off the phone right after, and from then on it must stay.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::Value;

use crate::broken::{Kind, hold};

/// What a command was about to change in a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Intent {
    Nothing,
    Edit { title: String, content: String },
    Attach,
    Submit,
    Discard,
    Restore,
    Say(String),
    Withdraw,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Stage {
    #[default]
    Draft,
    Discarded,
    /// Submitted: it arrives, once.
    Accepted,
}

#[derive(Debug, Clone)]
pub(crate) struct Picture {
    pub(crate) sha256: String,
    pub(crate) stored: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Word {
    pub(crate) event_key: String,
    pub(crate) text: String,
    pub(crate) done: bool,
}

/// One report as this phone has told it so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    pub(crate) person: String,
    /// Written here; else another's, that an officer works on.
    pub(crate) own: bool,
    pub(crate) title: String,
    pub(crate) content: String,
    pub(crate) stage: Stage,
    pub(crate) pictures: Vec<Picture>,
    pub(crate) words: Vec<Word>,
    pub(crate) tracking_id: Option<String>,
    /// Its person asked for it back, and the phone took note.
    pub(crate) asked_back: bool,
    pub(crate) withdrawn: bool,
}

/// What a look at the phone showed for the first time: the gateway is asked whether it is true.
#[derive(Debug, Default)]
pub(crate) struct News {
    pub(crate) tracking_id: bool,
    pub(crate) stored: Vec<String>,
    pub(crate) done: Vec<String>,
    pub(crate) withdrawn: bool,
}

pub(crate) type Ledger = BTreeMap<String, Told>;

pub(crate) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

pub(crate) fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value
        .get(field)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

impl Told {
    /// Holds the report as the phone shows it now against all it has told before. `promised`: the
    /// command said that it had done what it intended.
    pub(crate) fn look(
        &mut self,
        key: &str,
        shown: &Value,
        intent: &Intent,
        promised: bool,
    ) -> Result<News> {
        let mut news = News::default();
        if self.own {
            self.words_of_the_report(key, shown, intent, promised)?;
            self.pictures(key, shown, intent, promised, &mut news)?;
        }
        self.stage(key, shown, intent, promised, &mut news)?;
        self.events(key, shown, intent, promised, &mut news)?;
        Ok(news)
    }

    fn words_of_the_report(
        &mut self,
        key: &str,
        shown: &Value,
        intent: &Intent,
        promised: bool,
    ) -> Result<()> {
        let (title, content) = (text(shown, "title"), text(shown, "content"));
        let (old, older) = (self.title.as_str(), self.content.as_str());
        let fits = match intent {
            Intent::Edit {
                title: new,
                content: newer,
            } if promised => title == new && content == newer,
            Intent::Edit {
                title: new,
                content: newer,
            } => (title == new || title == old) && (content == newer || content == older),
            _ => title == old && content == older,
        };
        hold!(
            Kind::Lost,
            fits,
            "{key}: its words are not those that were kept"
        );
        self.title = title.to_owned();
        self.content = content.to_owned();
        Ok(())
    }

    fn pictures(
        &mut self,
        key: &str,
        shown: &Value,
        intent: &Intent,
        promised: bool,
        news: &mut News,
    ) -> Result<()> {
        let there = list(shown, "pictures");
        let known = self.pictures.len();
        let may_grow = *intent == Intent::Attach;
        let (least, most) = match (may_grow, promised) {
            (true, true) => (known + 1, known + 1),
            (true, false) => (known, known + 1),
            _ => (known, known),
        };
        hold!(
            Kind::Lost,
            there.len() >= least,
            "{key}: {} pictures, {least} were kept",
            there.len()
        );
        hold!(
            Kind::Twice,
            there.len() <= most,
            "{key}: {} pictures, {most} were given",
            there.len()
        );
        for (at, one) in there.iter().enumerate() {
            let sha256 = text(one, "sha256");
            let stored = one
                .get("stored")
                .and_then(Value::as_bool)
                .unwrap_or_default();
            match self.pictures.get_mut(at) {
                Some(before) => {
                    hold!(
                        Kind::Lost,
                        before.sha256 == sha256,
                        "{key}: picture {at} is another one"
                    );
                    hold!(
                        Kind::FalseSuccess,
                        stored || !before.stored,
                        "{key}: picture {at} was called stored"
                    );
                    if stored && !before.stored {
                        before.stored = true;
                        news.stored.push(sha256.to_owned());
                    }
                }
                None => self.pictures.push(Picture {
                    sha256: sha256.to_owned(),
                    stored: false,
                }),
            }
        }
        Ok(())
    }

    fn stage(
        &mut self,
        key: &str,
        shown: &Value,
        intent: &Intent,
        promised: bool,
        news: &mut News,
    ) -> Result<()> {
        let phase = text(shown, "phase");
        let now = match phase {
            "draft" => Stage::Draft,
            "discarded" => Stage::Discarded,
            _ => Stage::Accepted,
        };
        let goal = match intent {
            Intent::Submit => Stage::Accepted,
            Intent::Discard => Stage::Discarded,
            Intent::Restore => Stage::Draft,
            _ => self.stage,
        };
        let fits = now == goal || (!promised && now == self.stage);
        hold!(
            Kind::Lost,
            fits,
            "{key}: {phase}, and was {:?} ({intent:?} promised: {promised})",
            self.stage
        );
        self.stage = now;
        hold!(
            Kind::Other,
            !matches!(phase, "rejected" | "key_taken"),
            "{key}: {phase}, although nothing is wrong with it"
        );
        let going_back = matches!(phase, "withdrawing" | "withdrawn");
        let too_late = list(shown, "operations").iter().any(|one| {
            text(one, "operation") == "withdraw"
                && one.pointer("/reason/code") == Some(&"too_late".into())
        });
        if *intent == Intent::Withdraw {
            self.asked_back |= promised || going_back || too_late;
        }
        hold!(
            Kind::Lost,
            !going_back || self.asked_back,
            "{key}: {phase}, and nobody asked for it"
        );
        hold!(
            Kind::Lost,
            !self.asked_back || going_back || too_late,
            "{key}: {phase}, and its person asked for it back"
        );
        hold!(
            Kind::FalseSuccess,
            phase == "withdrawn" || !self.withdrawn,
            "{key}: {phase}, and was withdrawn"
        );
        news.withdrawn = phase == "withdrawn" && !self.withdrawn;
        self.withdrawn |= news.withdrawn;

        let id = shown.get("tracking_id").and_then(Value::as_str);
        hold!(
            Kind::FalseSuccess,
            phase != "sent" || id.is_some(),
            "{key}: sent without a tracking id"
        );
        match (&self.tracking_id, id) {
            (Some(before), now) => {
                hold!(
                    Kind::Lost,
                    Some(before.as_str()) == now,
                    "{key}: tracking id {before} became {now:?}"
                );
            }
            (None, Some(id)) => {
                self.tracking_id = Some(id.to_owned());
                news.tracking_id = true;
            }
            (None, None) => {}
        }
        Ok(())
    }

    fn events(
        &mut self,
        key: &str,
        shown: &Value,
        intent: &Intent,
        promised: bool,
        news: &mut News,
    ) -> Result<()> {
        let there = list(shown, "events");
        let known = self.words.len();
        let said = match intent {
            Intent::Say(said) => Some(said.as_str()),
            _ => None,
        };
        let least = known + usize::from(promised && said.is_some());
        let most = known + usize::from(said.is_some());
        hold!(
            Kind::Lost,
            there.len() >= least,
            "{key}: {} replies, {least} were kept",
            there.len()
        );
        hold!(
            Kind::Twice,
            there.len() <= most,
            "{key}: {} replies, {most} were given",
            there.len()
        );
        for (at, one) in there.iter().enumerate() {
            let event_key = text(one, "event_key");
            let done = text(one, "state") == "done";
            match self.words.get_mut(at) {
                Some(before) => {
                    let same = before.event_key == event_key && before.text == text(one, "text");
                    hold!(Kind::Lost, same, "{key}: reply {at} is another one");
                    hold!(
                        Kind::FalseSuccess,
                        done || !before.done,
                        "{key}: reply {at} was called done"
                    );
                    if done && !before.done {
                        before.done = true;
                        news.done.push(event_key.to_owned());
                    }
                }
                None => {
                    hold!(
                        Kind::Lost,
                        Some(text(one, "text")) == said,
                        "{key}: a reply that nobody wrote"
                    );
                    self.words.push(Word {
                        event_key: event_key.to_owned(),
                        text: text(one, "text").to_owned(),
                        done: false,
                    });
                }
            }
        }
        Ok(())
    }
}
