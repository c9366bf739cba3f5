//! A disk at rest. A copy costs no bytes: pages are shared until one is written.

use std::{collections::BTreeMap, fmt};

use crate::{
    content::Content,
    tree::{Number, ROOT},
};

#[derive(Clone)]
pub(crate) enum Still {
    File(Content),
    Folder(BTreeMap<String, Number>),
}

/// Everything on a disk, durable. Two are equal when the same names lead to the same bytes.
#[derive(Clone)]
pub struct Image {
    pub(crate) nodes: BTreeMap<Number, Still>,
    pub(crate) next: Number,
    pub(crate) torn: bool,
}

impl Image {
    /// Did a write survive in part?
    pub fn is_torn(&self) -> bool {
        self.torn
    }
}

impl Image {
    fn same(&self, mine: Number, other: &Self, theirs: Number) -> bool {
        match (self.nodes.get(&mine), other.nodes.get(&theirs)) {
            (Some(Still::File(one)), Some(Still::File(two))) => one == two,
            (Some(Still::Folder(one)), Some(Still::Folder(two))) => {
                one.len() == two.len()
                    && one.iter().zip(two).all(|((name, mine), (named, theirs))| {
                        name == named && self.same(*mine, other, *theirs)
                    })
            }
            (one, two) => one.is_none() && two.is_none(),
        }
    }
}

impl PartialEq for Image {
    fn eq(&self, other: &Self) -> bool {
        self.same(ROOT, other, ROOT)
    }
}

impl Eq for Image {}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image({} nodes)", self.nodes.len())
    }
}
