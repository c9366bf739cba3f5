//! Uploads that the OS carries while the app is gone: late, twice, or never told.

use lapor_core::client::{BackgroundResult, ClientError};
use lapor_core::engine::api::Exchange;
use lapor_sandbox_rules::Request;

use crate::dice::{Actor, Dice};
use crate::fate::{plain, reaches};
use crate::faults::Fault;
use crate::people::allowed;
use crate::story::{Run, Violation, needed};
use crate::world::World;

/// A request that the OS was given.
pub(crate) struct Job {
    pub(crate) phone: usize,
    pub(crate) id: String,
    request: Request,
}

impl World {
    /// The app is about to be put to sleep, and hands the OS what is ready.
    pub(crate) fn hands_over(&mut self, number: usize) -> Run<()> {
        let app = self.app(number)?;
        let Some(job) = allowed(app.prepare_background_upload(None))?.flatten() else {
            return Ok(());
        };
        let disk = self.phone(number)?.disk().clone();
        let body = needed(disk.read(&job.body_path), "the body for the OS")?;
        let path = match job.url.strip_prefix("https://lapor.test") {
            Some(path) => path.to_owned(),
            None => return Err(Violation("the OS is sent to another host".to_owned())),
        };
        let mut request = Request::new(job.method, &path);
        for (name, value) in &job.headers {
            request = request.header(name, value);
        }
        // Unheard of for a week it counts as unknown.
        self.ledger.seen(number).is_told_by_the_os();
        self.tell(format!(
            "phone {number}: the OS is to carry a {}",
            job.method
        ));
        self.jobs.push(Job {
            phone: number,
            id: job.job_id,
            request: request.body(body),
        });
        Ok(())
    }

    /// The OS gets round to it, and tells how it went: once, twice or never.
    pub(crate) fn the_os_works(&mut self, dice: &mut Dice) -> Run<()> {
        if self.jobs.is_empty() {
            return Ok(());
        }
        let which = dice.index(self.jobs.len());
        // Where no page can be written the shell has nothing to tell.
        if self
            .jobs
            .get(which)
            .is_some_and(|job| self.is_stuck(job.phone))
        {
            return Ok(());
        }
        let job = self.jobs.remove(which);
        let app = self.app(job.phone)?;
        // What the core does not know any more the shell has cancelled.
        if !needed(app.pending_background_jobs(), "jobs")?.contains(&job.id) {
            return Ok(());
        }
        let answer = self.carry(&job)?;
        self.ledger.seen(job.phone).is_told_by_the_os();
        for _ in 0..dice.below(3) {
            let (status, headers, body) = match &answer {
                Some(one) => (one.status, one.headers.as_slice(), one.body.as_slice()),
                None => (None, &[][..], &[][..]),
            };
            let result = BackgroundResult {
                status,
                headers,
                body,
            };
            match app.import_background_result(&job.id, result) {
                Ok(_) | Err(ClientError::NoSuchJob) => {}
                Err(other) => return Err(Violation(format!("the OS is not heard: {other}"))),
            }
        }
        Ok(())
    }

    /// All is well: what the OS has not done by now it gives up.
    pub(crate) fn the_os_gives_up(&mut self) -> Run<()> {
        self.jobs.clear();
        for number in 0..self.phones.len() {
            let app = self.app(number)?;
            for id in needed(app.pending_background_jobs(), "jobs")? {
                needed(app.drop_background_job(&id), "a lost job")?;
            }
            self.ledger.seen(number).is_told_by_the_os();
        }
        Ok(())
    }

    /// The answer, as far as the OS has one.
    fn carry(&mut self, job: &Job) -> Run<Option<Exchange>> {
        let mut wire = self.line.wire();
        let (chance, mut dice) = wire.chance(Actor::Line(job.phone));
        let weather = wire.airs.get(job.phone).map(|air| air.weather);
        let mut fault = weather.map_or(Fault::Pass, |weather| weather.fault(&mut dice));
        fault = wire.temper.allows(fault);
        if fault != Fault::Pass && !wire.happens(chance) {
            fault = Fault::Pass;
        }
        if fault == Fault::Pass
            && let Some(status) = wire.is_stopped(&job.request)
        {
            fault = Fault::Stopped { status };
        }
        if !reaches(&fault) {
            return Ok(None);
        }
        if let Some(what) = wire.tap.leaves(job.phone, &job.request) {
            return Err(Violation(what));
        }
        wire.sent.push(job.request.clone());
        wire.tell(format!("phone {}: the OS sends: {fault:?}", job.phone));
        let answer = match fault {
            Fault::Pass => {
                let sent = job.request.body.len() as u64;
                Some(wire.ask(&job.request).into_exchange(sent))
            }
            Fault::CutAfter(bytes) | Fault::Silence(bytes) => {
                wire.part(&job.request, bytes);
                None
            }
            Fault::Unmarked {
                status,
                retry_after,
            } => Some(plain(status, retry_after, b"-")),
            Fault::Stopped { status } => Some(plain(status, None, b"-")),
            Fault::CutBefore | Fault::Kill { done: false } => None,
            // Done, and nobody hears of it.
            _ => {
                wire.ask(&job.request);
                None
            }
        };
        let asks = |answer: &Exchange| answer.header("retry-after").is_some();
        if answer.as_ref().is_some_and(asks)
            && let Some(air) = wire.airs.get_mut(job.phone)
        {
            air.was_asked = true;
        }
        Ok(answer)
    }
}
