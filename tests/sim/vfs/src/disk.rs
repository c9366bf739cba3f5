//! The handle that a simulator holds.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    Fault, Image, Kind, hash,
    registry::{self, Shared},
    state::State,
    tree::Tree,
    vfs,
};

/// One phone's disk. A clone is another handle on the same disk; [`Disk::copy`] is another disk.
#[derive(Clone)]
pub struct Disk(Arc<Shared>);

impl Default for Disk {
    fn default() -> Self {
        Self::new()
    }
}

impl Disk {
    /// An empty one.
    pub fn new() -> Self {
        Self::with(Tree::new())
    }

    /// Another disk with the same content: a restored or cloned phone.
    pub fn of(image: &Image) -> Self {
        Self::with(Tree::of(image))
    }

    fn with(tree: Tree) -> Self {
        vfs::register();
        Self(Shared::new(State::new(tree)))
    }

    /// Another disk, with what is seen on this one now.
    pub fn copy(&self) -> Self {
        Self::of(&self.image())
    }

    /// Where the app's home is. Its name differs from disk to disk.
    pub fn home(&self) -> PathBuf {
        self.0.mount().join("home")
    }

    /// Everything as it is seen now; of a frozen disk, what it starts from.
    pub fn image(&self) -> Image {
        let state = self.0.state();
        state
            .frozen
            .clone()
            .unwrap_or_else(|| state.tree.image(None))
    }

    /// What would be left of it if the power went now.
    pub fn image_after_a_cut(&self, seed: u64) -> Image {
        self.0.state().tree.image(Some(hash(seed, 0, 0)))
    }

    /// Puts other content in place. Who had something open finds it dead, as after a power cut.
    pub fn restore(&self, image: &Image) {
        self.begin_again(|_| Tree::of(image));
    }

    fn begin_again(&self, tree: impl FnOnce(Tree) -> Tree) {
        let mut state = self.0.state();
        let (changes, looks) = (state.changes, state.looks);
        let recorded = state.recorded.take();
        let holder = state.next_holder;
        let before = std::mem::replace(&mut state.tree, Tree::new());
        *state = State::new(tree(before));
        (state.changes, state.looks) = (changes, looks);
        state.recorded = recorded;
        state.next_holder = holder;
        self.0.end_of_life();
    }

    /// Number of the last change; see the crate's page.
    pub fn changes(&self) -> u64 {
        self.0.state().changes
    }

    /// Number of the last look.
    pub fn looks(&self) -> u64 {
        self.0.state().looks
    }

    /// From now on the kinds of changes are kept.
    pub fn record(&self) {
        self.0.state().recorded = Some(Vec::new());
    }

    /// The kinds of the changes since [`Disk::record`].
    pub fn recorded(&self) -> Vec<Kind> {
        self.0.state().recorded.take().unwrap_or_default()
    }

    /// Adds a fault to those that are armed.
    pub fn arm(&self, fault: Fault) {
        self.0.state().faults.push(fault);
    }

    /// Nothing is armed any more, there is room again, the OS gives the files out. A frozen disk
    /// stays frozen.
    pub fn heal(&self) {
        let mut state = self.0.state();
        state.faults.clear();
        state.room = None;
        state.is_locked = false;
    }

    /// How often a fault has struck.
    pub fn struck(&self) -> u64 {
        self.0.state().struck
    }

    /// The OS keeps all files closed: a phone that was not unlocked since it started.
    pub fn lock_storage(&self, locked: bool) {
        self.0.state().is_locked = locked;
    }

    /// No more pages than are in use now.
    pub fn fill(&self) {
        let mut state = self.0.state();
        let used = state.used();
        state.room = Some(used);
    }

    /// The power goes between two operations.
    pub fn freeze(&self, seed: u64) {
        let mut state = self.0.state();
        if state.frozen.is_none() {
            state.frozen = Some(state.tree.image(Some(seed)));
            self.0.end_of_life();
        }
    }

    /// The app is killed between two operations, and the system lives on: what it wrote is there
    /// after the next [`Disk::boot`], synced or not. Nothing is answered until then.
    pub fn stop(&self) {
        let mut state = self.0.state();
        if state.frozen.is_none() {
            state.frozen = Some(state.tree.image(None));
            state.lives_on = true;
            self.0.end_of_life();
        }
    }

    /// How many operations were refused because the phone was dead: since then whoever asked
    /// knows. Counted anew from every restore and boot.
    pub fn refused(&self) -> u64 {
        self.0.state().refused
    }

    /// Nothing is answered any more until [`Disk::boot`].
    pub fn is_frozen(&self) -> bool {
        self.0.state().frozen.is_some()
    }

    /// Another number after every freeze, kill, restore and boot. Whoever acts for the phone
    /// (its line, its listeners) keeps the number it began with and does nothing under another.
    pub fn life(&self) -> u64 {
        self.0.life()
    }

    /// The phone starts again: from what was durable at the freeze, or from what is seen now
    /// when it was only switched off. Faults that were armed are gone. Drop the client first.
    pub fn boot(&self) {
        if self.0.state().lives_on {
            return self.begin_again(|tree| tree);
        }
        let image = self.image();
        self.restore(&image);
    }

    /// The app is killed; the system and its page cache live on. Whatever it had open is dead,
    /// its locks are gone, and all it wrote is seen by the next. Faults stay armed.
    pub fn kill(&self) {
        let mut state = self.0.state();
        state.open.clear();
        state.database_locks.clear();
        state.shared.clear();
        state.lock_files.clear();
        self.0.end_of_life();
    }

    /// A bit of a file at rest changes; false where there is no such byte.
    pub fn flip(&self, path: &Path, offset: u64, bit: u32) -> bool {
        let Some((_, below)) = registry::find(path) else {
            return false;
        };
        let mut state = self.0.state();
        let place = state.tree.place(below).ok().flatten();
        let Some(number) = place.and_then(|place| place.number) else {
            return false;
        };
        let file = state.tree.file(number);
        file.is_ok_and(|file| {
            let there = offset < file.now().length();
            file.flip(offset, bit);
            there
        })
    }

    /// A file's bytes as they are seen; counted nowhere.
    pub fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let (_, below) = registry::find(path).ok_or(io::ErrorKind::NotFound)?;
        let mut state = self.0.state();
        let place = state.tree.place(below)?;
        let number = place.and_then(|place| place.number);
        let file = state.tree.file(number.ok_or(io::ErrorKind::NotFound)?)?;
        Ok(file.now().bytes())
    }

    /// A file's length as it is seen, bytes; counted nowhere.
    pub fn length(&self, path: &Path) -> io::Result<u64> {
        let (_, below) = registry::find(path).ok_or(io::ErrorKind::NotFound)?;
        let mut state = self.0.state();
        let place = state.tree.place(below)?;
        let number = place.and_then(|place| place.number);
        let file = state.tree.file(number.ok_or(io::ErrorKind::NotFound)?)?;
        Ok(file.now().length())
    }

    /// Puts a file there, durable, with the folders above it; counted nowhere.
    pub fn put(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let (_, below) = registry::find(path).ok_or(io::ErrorKind::NotFound)?;
        self.0.state().tree.put(below, bytes)
    }

    /// The names in a folder; counted nowhere.
    pub fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        let (_, below) = registry::find(path).ok_or(io::ErrorKind::NotFound)?;
        let state = self.0.state();
        match state.tree.place(below)? {
            None => state.tree.names(crate::tree::ROOT),
            Some(place) => state
                .tree
                .names(place.number.ok_or(io::ErrorKind::NotFound)?),
        }
    }
}
