#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use proptest::prelude::*;

use super::*;

fn sound(counts: &[u32; SYMBOLS]) {
    let code = Code::for_counts(counts);
    let used: Vec<u8> = (0..=255).filter(|s| counts[usize::from(*s)] > 0).collect();
    assert_eq!(code.symbols.len(), used.len());
    assert_eq!(
        code.lengths.iter().map(|n| usize::from(*n)).sum::<usize>(),
        used.len()
    );
    let mut codes: Vec<(u32, u32)> = used
        .iter()
        .map(|symbol| {
            let (code, bits) = code.of(*symbol);
            assert!((1..=16).contains(&bits), "symbol {symbol} has {bits} bits");
            assert!(
                u32::from(code) < (1 << bits) - 1,
                "symbol {symbol} is all ones or too long"
            );
            // The part of all 16-bit numbers that begin with it.
            let from = u32::from(code) << (16 - bits);
            (from, from + (1 << (16 - bits)))
        })
        .collect();
    codes.sort_unstable();
    assert!(
        codes.windows(2).all(|two| two[0].1 <= two[1].0),
        "no code begins another"
    );
}

#[test]
fn common_symbols_have_short_codes() {
    let mut counts = [0; SYMBOLS];
    counts[7] = 1000;
    counts[9] = 10;
    counts[200] = 1;
    sound(&counts);
    let code = Code::for_counts(&counts);
    assert_eq!((code.of(7).1, code.of(9).1, code.of(200).1), (1, 2, 3));
    assert_eq!(code.bits(&counts), 1000 + 20 + 3);
}

#[test]
fn codes_that_would_be_too_long_are_cut_to_sixteen_bits() {
    let mut counts = [0; SYMBOLS];
    let (mut last, mut next) = (1_u32, 1_u32);
    for count in counts.iter_mut().take(40) {
        *count = last;
        (last, next) = (next, last + next);
    }
    sound(&counts);
    sound(&[1; SYMBOLS]);
    sound(&[0; SYMBOLS]);
}

proptest! {
    #[test]
    fn any_counts_have_a_code_near_their_entropy(
        some in prop::collection::vec((any::<u8>(), 1..100_000_u32), 2..200),
    ) {
        let mut counts = [0; SYMBOLS];
        some.iter().for_each(|(symbol, count)| counts[usize::from(*symbol)] = *count);
        sound(&counts);
        let total: f64 = counts.iter().map(|count| f64::from(*count)).sum();
        let ideal: f64 = counts
            .iter()
            .filter(|count| **count > 0)
            .map(|count| f64::from(*count) * (total / f64::from(*count)).log2())
            .sum();
        let bits = Code::for_counts(&counts).bits(&counts) as f64;
        prop_assert!(bits >= ideal - 1.0 && bits <= ideal + total + 16.0, "{bits} for {ideal}");
    }
}
