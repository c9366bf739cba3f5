//! The encoder: any picture, any budget.
#![no_main]

#[derive(Debug, arbitrary::Arbitrary)]
struct Case {
    size: [u8; 2],
    /// Small pictures have small budgets: most of this range lies between too little and enough.
    budget: u16,
    quality: u8,
    /// Black and white alone: the strongest edges there are.
    hard: bool,
    pixels: Vec<u8>,
}

libfuzzer_sys::fuzz_target!(|case: Case| {
    let size = case.size.map(|side| u32::from(side).max(1));
    let pixels = if case.hard {
        let bits = case
            .pixels
            .iter()
            .flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1));
        bits.flat_map(|bit| [bit * 255; 3]).collect()
    } else {
        case.pixels
    };
    lapor_photo::fuzz::encode_plainly(size, &pixels, case.quality);
    lapor_photo::fuzz::encode(size, &pixels, u64::from(case.budget), case.quality);
});
