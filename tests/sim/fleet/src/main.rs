//! Ten thousand phones and more after an outage, with the real policy.

fn main() {}
