//! What is measured on a line, one file a question.

pub(crate) mod certificates;
pub(crate) mod cold;
pub(crate) mod cuts;
pub(crate) mod pairs;
pub(crate) mod peers;
pub(crate) mod pictures;
pub(crate) mod silence;
pub(crate) mod words;
