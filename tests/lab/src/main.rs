//! Slow, lossy and lying networks in network namespaces.

fn main() {}
