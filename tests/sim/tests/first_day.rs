//! The power goes on the first day: the folder that the store lies in was only just made.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use lapor_core::client::{Client, Options};
use lapor_core::store::StoreKey;
use lapor_sim_vfs::{Disk, VFS};

fn open(disk: &Disk) -> Client {
    let mut options = Options::new(disk.home(), Some(StoreKey::new([7; 32], [1; 16])));
    options.vfs = Some(VFS);
    Client::open(options).unwrap().0
}

#[test]
fn a_draft_of_the_first_minute_survives_a_power_cut() {
    for seed in 0..20 {
        let disk = Disk::new();
        let app = open(&disk);
        let key = app.new_draft().unwrap();
        disk.freeze(seed);
        drop(app);
        disk.boot();
        assert!(open(&disk).show(&key).is_ok(), "gone, with seed {seed}");
    }
}
