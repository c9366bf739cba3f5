//! A disk at rest. A copy costs no bytes: pages are shared until one is written.

use std::{collections::BTreeMap, fmt};

use crate::{content::Content, tree::Number};

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Still {
    File(Content),
    Folder(BTreeMap<String, Number>),
}

/// Everything on a disk, durable.
#[derive(Clone, PartialEq, Eq)]
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

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image({} nodes)", self.nodes.len())
    }
}
