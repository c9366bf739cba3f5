//! Where a covered region lies, however the camera was held and however the file is coded.
#![no_main]

#[derive(Debug, arbitrary::Arbitrary)]
struct Case {
    region: [f64; 4],
    /// Most floats lie nowhere near a picture.
    shares: Option<[u16; 4]>,
    orientation: u8,
    full: [u16; 2],
    group: [u8; 2],
    edge: u16,
}

libfuzzer_sys::fuzz_target!(|case: Case| {
    let region = case.shares.map_or(case.region, |shares| {
        shares.map(|share| f64::from(share) / 40_000.0 - 0.1)
    });
    lapor_photo::fuzz::cover(
        region,
        case.orientation % 9,
        case.full,
        case.group,
        case.edge,
    );
});
