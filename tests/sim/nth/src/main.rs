//! Every disk operation of a few stories fails once, for ever, or is the last.

fn main() {}
