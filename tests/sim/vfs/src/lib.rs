//! A disk of the simulator's own under the real encrypted store.
