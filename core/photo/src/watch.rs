//! Progress, and the wish to stop.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::PhotoError;

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Reading and shrinking the file.
    Decoding,
    /// Searching for the quality that fits.
    Encoding,
}

/// How far the work is; `permille` runs over both stages, from 0 to 1000, and never back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub stage: Stage,
    pub permille: u16,
}

/// The answer to each report of progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    Continue,
    /// Ends the work with [`PhotoError::Cancelled`] within some rows of the picture.
    Cancel,
}

/// Shared by all who report, also from within the library's callbacks.
pub(crate) struct Watch<'a> {
    call: RefCell<&'a mut dyn FnMut(Progress) -> Flow>,
    last: Cell<Progress>,
    ticks: Cell<u32>,
    /// Why a callback stopped the library, which itself can only say that one did.
    failure: RefCell<Option<PhotoError>>,
    /// Of the caller's closure: not the file's fault, and not for the library to unwind through.
    panic: RefCell<Option<Box<dyn Any + Send>>>,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(call: &'a mut dyn FnMut(Progress) -> Flow) -> Self {
        Self {
            call: RefCell::new(call),
            last: Cell::new(Progress {
                stage: Stage::Decoding,
                permille: 0,
            }),
            ticks: Cell::new(0),
            failure: RefCell::new(None),
            panic: RefCell::new(None),
        }
    }

    pub(crate) fn report(&self, stage: Stage, permille: u16) -> Result<(), PhotoError> {
        let permille = permille.min(1000).max(self.last.get().permille);
        self.last.set(Progress { stage, permille });
        self.ask()
    }

    /// The same, where it is news.
    pub(crate) fn reached(&self, stage: Stage, permille: u16) -> Result<(), PhotoError> {
        if permille <= self.last.get().permille {
            return Ok(());
        }
        self.report(stage, permille)
    }

    /// For callbacks that come with every row: asks now and then, because the answer may have to
    /// come from another language.
    pub(crate) fn tick(&self) -> Result<(), PhotoError> {
        const EVERY: u32 = 32;
        self.ticks.set(self.ticks.get().wrapping_add(1));
        if self.ticks.get().is_multiple_of(EVERY) {
            self.ask()
        } else {
            Ok(())
        }
    }

    /// Nothing new, but an occasion to stop.
    fn ask(&self) -> Result<(), PhotoError> {
        let call = || (self.call.borrow_mut())(self.last.get());
        match catch_unwind(AssertUnwindSafe(call)) {
            Ok(Flow::Continue) => Ok(()),
            Ok(Flow::Cancel) => Err(PhotoError::Cancelled),
            Err(panic) => {
                self.panic.replace(Some(panic));
                Err(PhotoError::Cancelled)
            }
        }
    }

    pub(crate) fn fail(&self, error: PhotoError) {
        self.failure.replace(Some(error));
    }

    /// What the caller's closure ended with, if that was no answer.
    pub(crate) fn panicked(&self) -> Option<Box<dyn Any + Send>> {
        self.panic.take()
    }

    /// Every callback that stops leaves a reason.
    pub(crate) fn failure(&self) -> PhotoError {
        self.failure.take().unwrap_or(PhotoError::Cancelled)
    }
}
