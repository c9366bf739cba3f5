//! Progress, and the wish to stop.

use std::cell::{Cell, RefCell};

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
        }
    }

    pub(crate) fn report(&self, stage: Stage, permille: u16) -> Result<(), PhotoError> {
        let permille = permille.min(1000).max(self.last.get().permille);
        self.last.set(Progress { stage, permille });
        self.ask()
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
        match (self.call.borrow_mut())(self.last.get()) {
            Flow::Continue => Ok(()),
            Flow::Cancel => Err(PhotoError::Cancelled),
        }
    }

    pub(crate) fn fail(&self, error: PhotoError) {
        self.failure.replace(Some(error));
    }

    /// A callback that left no reason was stopped by a panic of the caller's own closure.
    pub(crate) fn failure(&self) -> PhotoError {
        self.failure.take().unwrap_or(PhotoError::Cancelled)
    }
}
