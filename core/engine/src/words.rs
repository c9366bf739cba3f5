//! Plain words, Indonesian and English.
pub enum Lang { Id, En }
