//! Threads for calls that block.
//!
//! The core's calls block; on the other side of the bridge everything that touches disk or network
//! is `async`. Each kind of work has one thread of its own, so that a list never waits behind a
//! picture, nor a sign-in behind a running sync. One thread for slow work means one picture in
//! memory at a time, which is what a phone of 2 GB can bear.
//!
//! A [`Running`] call that is dropped is given up: it never starts if it has not, else it is told
//! to stop at its next safe point and its result is thrown away. A panic is carried to whoever
//! awaits, where UniFFI turns it into an error; the thread lives on.

use std::{
    any::Any,
    future::Future,
    io,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    task::{Context, Poll, Waker},
    thread,
};

#[cfg(test)]
mod tests;

type Job = Box<dyn FnOnce() + Send>;

/// One thread and the calls that wait for it. The thread ends when the lane is dropped and the
/// calls before that are done.
pub(crate) struct Lane {
    jobs: mpsc::Sender<Job>,
}

impl Lane {
    pub(crate) fn start(name: &str) -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job>();
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                for job in queue {
                    job();
                }
            })?;
        Ok(Self { jobs })
    }

    /// Runs `work` after what was asked for before. `stop` is called at most once, when the
    /// returned future is dropped while the work runs.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&GivenUp) -> T + Send + 'static,
        stop: impl FnOnce() + Send + 'static,
    ) -> Running<T> {
        let call = Arc::new(Call {
            state: Mutex::new(State::Queued(None)),
            given_up: GivenUp::default(),
        });
        let running = Running {
            call: Arc::clone(&call),
            stop: Some(Box::new(stop)),
        };
        let job = Box::new(move || {
            if !call.begin() {
                return;
            }
            let result = catch_unwind(AssertUnwindSafe(|| work(&call.given_up)));
            call.end(result);
        });
        if let Err(mpsc::SendError(job)) = self.jobs.send(job) {
            // The thread cannot be gone before the lane; better late than never, all the same.
            job();
        }
        running
    }

    /// Runs `work` after what was asked for before; nobody waits for it.
    pub(crate) fn leave(&self, work: impl FnOnce() + Send + 'static) {
        let job = Box::new(move || {
            // A panic is its own affair.
            let _ = catch_unwind(AssertUnwindSafe(work));
        });
        // The thread cannot be gone before the lane.
        let _ = self.jobs.send(job);
    }

    /// [`Lane::run`] for short work that nobody can stop once it has begun.
    pub(crate) fn run_short<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Running<T> {
        self.run(move |_| work(), || {})
    }
}

/// Nobody waits for the call any more.
#[derive(Default)]
pub(crate) struct GivenUp(AtomicBool);

impl GivenUp {
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

struct Call<T> {
    state: Mutex<State<T>>,
    given_up: GivenUp,
}

enum State<T> {
    Queued(Option<Waker>),
    Running(Option<Waker>),
    Ended(Result<T, Box<dyn Any + Send>>),
    /// Its result was taken, or nobody wants it.
    Over,
}

impl<T> Call<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self) -> bool {
        let mut state = self.state();
        match &mut *state {
            State::Queued(waker) => {
                let waker = waker.take();
                *state = State::Running(waker);
                true
            }
            _ => false,
        }
    }

    fn end(&self, result: Result<T, Box<dyn Any + Send>>) {
        let mut state = self.state();
        let State::Running(waker) = &mut *state else {
            return;
        };
        let waker = waker.take();
        *state = State::Ended(result);
        // Whoever is woken may poll at once, on this very thread.
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// A call that somebody awaits.
pub(crate) struct Running<T> {
    call: Arc<Call<T>>,
    stop: Option<Box<dyn FnOnce() + Send>>,
}

impl<T> Future for Running<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let mut state = self.call.state();
        match &mut *state {
            State::Queued(waker) | State::Running(waker) => {
                *waker = Some(context.waker().clone());
                return Poll::Pending;
            }
            State::Ended(_) | State::Over => {}
        }
        let ended = std::mem::replace(&mut *state, State::Over);
        drop(state);
        match ended {
            State::Ended(Ok(value)) => Poll::Ready(value),
            State::Ended(Err(panic)) => resume_unwind(panic),
            // Polled after it was ready: against the rules of futures, and not worth a panic.
            State::Queued(_) | State::Running(_) | State::Over => Poll::Pending,
        }
    }
}

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        let before = std::mem::replace(&mut *self.call.state(), State::Over);
        if let State::Running(_) = before {
            self.call.given_up.0.store(true, Ordering::Release);
            if let Some(stop) = self.stop.take() {
                stop();
            }
        }
    }
}
