//! Doing a step, as often as it takes, and keeping what was acknowledged.

use std::sync::atomic::Ordering;

use lapor_core::{
    client::{AttachOptions, BackgroundResult, Client, ClientError, SyncLimits, Until},
    engine::{
        api::{EventKind, Secret},
        report::{Classification, Edit, Phase},
    },
    photo::Flow,
};
use lapor_sandbox_rules::Request;

use crate::{
    scene::{Known, Scene, Trouble, Violation, broken},
    stories::{Paper, Step},
};

const PASSWORD: &str = "rahasia123";

fn form(slot: &str) -> [Edit; 5] {
    [
        Edit::Classification(Some(Classification::Complaint)),
        Edit::Title(format!("Laporan {slot}")),
        Edit::Content("Lampu jalan di depan balai banjar padam.".to_owned()),
        Edit::IncidentDate("2026-11-20".to_owned()),
        Edit::Location("Kuta Utara".to_owned()),
    ]
}

impl Scene {
    pub(crate) fn does(&mut self, step: Step) -> Result<(), Trouble> {
        match step {
            Step::Close => {
                self.close();
                Ok(())
            }
            Step::SignIn(user) => self.signs_in(user),
            Step::SignOut => {
                let app = self.app()?;
                self.knows.user = None;
                app.sign_out()?;
                self.knows.user = Some("");
                Ok(())
            }
            Step::Write(slot) => self.writes(slot),
            Step::Edit(slot, title) => self.edits(slot, Edit::Title(title.to_owned())),
            Step::Attach(slot, paper) => self.attaches(slot, paper),
            Step::Submit(slot) => self.submits(slot),
            Step::Sync => self.syncs(),
            Step::FollowUp(slot) => {
                let key = self.known(slot)?.key;
                self.office.follow_up(&key.to_string());
                Ok(())
            }
            Step::Reply(slot) => self.replies(slot),
            Step::Withdraw(slot) => self.withdraws(slot),
            Step::Background => self.background(),
            Step::Erase(_) | Step::Forget => {
                self.is_erasing.store(true, Ordering::SeqCst);
                let done = match step {
                    Step::Erase(slot) => self.erases(slot),
                    _ => self.forgets(),
                };
                self.is_erasing.store(false, Ordering::SeqCst);
                done
            }
        }
    }

    pub(crate) fn known(&mut self, slot: &str) -> Result<&mut Known, Violation> {
        self.knows
            .reports
            .get_mut(slot)
            .ok_or_else(|| Violation(format!("the story has no report {slot}")))
    }

    pub(crate) fn signs_in(&mut self, user: &'static str) -> Result<(), Trouble> {
        let app = self.app()?;
        self.knows.user = None;
        app.sign_in(user, Secret::new(PASSWORD.to_owned()))?;
        self.knows.user = Some(user);
        if !self.knows.people.contains(&user) {
            self.knows.people.push(user);
        }
        Ok(())
    }

    fn writes(&mut self, slot: &'static str) -> Result<(), Trouble> {
        let app = self.app()?;
        if !self.knows.reports.contains_key(slot) {
            let key = app.new_draft()?;
            let known = Known {
                key,
                owner: self.knows.user.unwrap_or_default(),
                edits: Vec::new(),
                trying: None,
                pictures: Vec::new(),
                accepted: false,
                maybe_accepted: false,
                taken_back: false,
                elsewhere: false,
                replies: Vec::new(),
                maybe_replies: 0,
            };
            self.knows.reports.insert(slot, known);
        }
        for edit in form(slot) {
            if !self.known(slot)?.edits.contains(&edit) {
                self.edits(slot, edit)?;
            }
        }
        Ok(())
    }

    fn edits(&mut self, slot: &str, edit: Edit) -> Result<(), Trouble> {
        let app = self.app()?;
        let known = self.known(slot)?;
        known.trying = Some(edit.clone());
        app.edit(&known.key, edit.clone())?;
        known.trying = None;
        known.edits.push(edit);
        Ok(())
    }

    fn attaches(&mut self, slot: &str, paper: Paper) -> Result<(), Trouble> {
        let app = self.app()?;
        let path = match paper {
            Paper::Photo => self.papers.photo(),
            Paper::Document(length) => self
                .papers
                .document(length)
                .map_err(|_| Violation("no paper".to_owned()))?,
        };
        let known = self.known(slot)?;
        match app.attach(&known.key, &path, AttachOptions::default(), &mut |_| {
            Flow::Continue
        }) {
            Ok(attached) => known.pictures.push(attached.attachment.sha256),
            // Kept, and not acknowledged.
            Err(ClientError::AlreadyAttached) => {
                let shown = app.show(&known.key)?;
                known.pictures = shown.attachments.iter().map(|one| one.sha256).collect();
            }
            Err(other) => return Err(other.into()),
        }
        Ok(())
    }

    fn submits(&mut self, slot: &str) -> Result<(), Trouble> {
        let app = self.app()?;
        let known = self.known(slot)?;
        known.maybe_accepted = true;
        match app.submit(&known.key) {
            Ok(()) => {}
            // Accepted, and not acknowledged.
            Err(ClientError::NotPossible { phase }) if phase != Phase::Draft => {}
            Err(other) => return Err(other.into()),
        }
        known.accepted = true;
        Ok(())
    }

    fn syncs(&mut self) -> Result<(), Trouble> {
        let app = self.app()?;
        let limits = SyncLimits {
            pull: true,
            ..SyncLimits::until(Until::NothingDue)
        };
        app.sync(limits, &mut |_| {})?;
        Ok(())
    }

    fn replies(&mut self, slot: &str) -> Result<(), Trouble> {
        let app = self.app()?;
        let known = self.known(slot)?;
        known.maybe_replies += 1;
        let text = Some(format!("Masih begitu, {}.", known.maybe_replies));
        let event = app.add_event(&known.key, EventKind::Reply, text, None, None)?;
        known.maybe_replies -= 1;
        known.replies.push(event);
        Ok(())
    }

    fn withdraws(&mut self, slot: &str) -> Result<(), Trouble> {
        let app = self.app()?;
        let known = self.known(slot)?;
        known.taken_back = true;
        match app.withdraw(&known.key) {
            Ok(_) => Ok(()),
            Err(ClientError::NotPossible {
                phase: Phase::Withdrawing | Phase::Withdrawn,
            }) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }

    /// The OS takes one upload after another, sends its file and tells the result.
    fn background(&mut self) -> Result<(), Trouble> {
        let app = self.app()?;
        for _ in 0..8 {
            let Some(upload) = app.prepare_background_upload(None)? else {
                return Ok(());
            };
            let path = upload
                .url
                .split_once("lapor.test")
                .map_or("", |(_, path)| path);
            let mut request = Request::new(upload.method, path);
            for (name, value) in &upload.headers {
                request = request.header(name, value);
            }
            let Ok(body) = self.disk.read(&upload.body_path) else {
                return Err(Violation("the OS got no file".to_owned()).into());
            };
            let answer = self.office.ask(&request.body(body));
            let headers = answer.wire_headers();
            let result = BackgroundResult {
                status: Some(answer.status),
                headers: &headers,
                body: &answer.body,
            };
            app.import_background_result(&upload.job_id, result)?;
        }
        Err(Violation("the OS gets the same uploads again and again".to_owned()).into())
    }

    /// Done again where it failed: that it is not there any more is then what was wanted.
    fn erases(&mut self, slot: &str) -> Result<(), Trouble> {
        let app = self.app()?;
        if let Some(known) = self.knows.reports.remove(slot) {
            self.knows.erasing = Some(known.key);
        }
        let Some(key) = self.knows.erasing else {
            return Err(Violation(format!("the story has no report {slot}")).into());
        };
        match app.erase_draft(&key) {
            Ok(erased) if erased.is_overwritten => self.nothing_is_left()?,
            Ok(_) => {}
            Err(ClientError::NotFound) if !self.has_refused => {}
            Err(ClientError::NotFound) => broken("erasing was refused, and it is done")?,
            Err(error) => {
                self.has_refused = true;
                return Err(error.into());
            }
        }
        self.knows.erased = Some(key);
        Ok(())
    }

    /// Done again at once where it was refused. Whoever opens the app anew sees who is signed in first.
    fn forgets(&mut self) -> Result<(), Trouble> {
        let app = self.app()?;
        let is_again = self.knows.is_forgetting.is_some();
        if is_again && !self.has_refused && app.account()?.user.is_empty() {
            self.forgot();
            return Ok(());
        }
        let user = self.knows.user.or(self.knows.is_forgetting);
        self.knows.is_forgetting = user;
        self.knows.user = None;
        let erased = app.forget_me().inspect_err(|_| self.has_refused = true)?;
        self.forgot();
        if erased.is_overwritten {
            self.nothing_is_left()?;
        }
        Ok(())
    }

    /// Whoever was to be forgotten is.
    pub(crate) fn forgot(&mut self) {
        let Some(user) = self.knows.is_forgetting.take() else {
            return;
        };
        self.knows.reports.retain(|_, known| known.owner != user);
        self.knows.people.retain(|known| *known != user);
        self.knows.user = Some("");
    }
}

/// Everything of a person that is on its way, sent. Time passes.
pub(crate) fn drain(scene: &Scene, app: &Client) -> Result<(), Trouble> {
    const ROUNDS: u32 = 80;
    const LONGEST: u64 = 86_400_000;
    // What the OS was to carry it does not know any more: so the app says when it comes back.
    for job in app.pending_background_jobs()? {
        app.drop_background_job(&job)?;
    }
    for round in 0..ROUNDS {
        let limits = SyncLimits {
            pull: round == 0,
            ..SyncLimits::until(Until::NothingDue)
        };
        let report = app.sync(limits, &mut |_| {})?;
        if app.outbox(None)?.is_empty() {
            return Ok(());
        }
        let wake = report.next_wake.map_or(1_000, |wake| wake.in_ms);
        let wake = wake.clamp(1_000, LONGEST);
        scene.office.pass(i64::try_from(wake).unwrap_or(1_000));
    }
    let waits: Vec<String> = app
        .outbox(None)?
        .iter()
        .map(|(row, _)| {
            let why = row.reason.as_ref().map_or("-", |reason| reason.code());
            format!("{} {} ({why})", row.kind.as_str(), row.state.as_str())
        })
        .collect();
    Err(Violation(format!("the outbox does not drain: {}", waits.join(", "))).into())
}
