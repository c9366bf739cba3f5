#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod reading;
mod wrong;

use super::super::scans::tests::{Bytes, SAMPLINGS, Script, Seen, Writing, by_library, far};
use super::super::scans::{Depth, tests};
use super::*;

const COLOURS: Script = &[(&[0, 1, 2], [0, 63, 0, 0])];
const GRAY: Script = &[(&[0], [0, 63, 0, 0])];
const INKS: Script = &[(&[0, 1, 2, 3], [0, 63, 0, 0])];

/// One stretch, and many that are read ahead or not.
const ONE: Pieces = Pieces {
    bytes: 1 << 20,
    ahead: 1,
    always: false,
};
const CUT: Pieces = Pieces {
    bytes: 700,
    ahead: 1,
    always: false,
};
const AHEAD: Pieces = Pieces {
    bytes: 700,
    ahead: 4,
    always: true,
};
const SHORT: Pieces = Pieces {
    bytes: 90,
    ahead: 3,
    always: true,
};

fn usual() -> Writing {
    Writing {
        script: COLOURS,
        size: [260, 190],
        grain: 120,
        ..Writing::usual()
    }
}

/// Files of every kind that is decoded here.
fn all() -> Vec<Writing> {
    let mut all = Vec::new();
    for (number, factors) in SAMPLINGS.into_iter().enumerate() {
        for restart_interval in [0, [1, 5, 17][number % 3]] {
            all.push(Writing {
                factors,
                restart_interval,
                ..usual()
            });
        }
    }
    for factors in [&[[1, 1]], &[[2, 2]]] {
        for restart_interval in [0, 9] {
            all.push(Writing {
                factors,
                script: GRAY,
                restart_interval,
                ..usual()
            });
        }
    }
    let inks: [&[[i32; 2]]; 2] = [&[[1, 1]; 4], &[[2, 2], [1, 1], [1, 1], [2, 2]]];
    for factors in inks {
        for mixed in [false, true] {
            all.push(Writing {
                factors,
                script: INKS,
                mixed,
                ..usual()
            });
        }
    }
    all
}

fn seen(bytes: &[u8], eighths: u8, pieces: Pieces) -> Result<Seen, Failure> {
    let mut picture = Picture::open_in(Bytes(bytes), eighths, pieces)?;
    let stride = picture.width as usize * picture.rows.channels();
    let mut rows = vec![0; stride * picture.height as usize];
    for row in rows.chunks_exact_mut(stride) {
        picture.row(row).map_err(Failure::Trouble)?;
    }
    let size = [picture.width, picture.height];
    picture.finish().map_err(Failure::Trouble)?;
    Ok(Seen { size, rows })
}

/// The same file by the reader that keeps all of it.
fn kept(bytes: &[u8], eighths: u8) -> Result<Seen, Failure> {
    tests::by_us(bytes, eighths, Depth::Two)
}
