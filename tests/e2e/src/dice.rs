/// The same numbers for the same seed.
#[derive(Debug, Clone)]
pub struct Dice(pub u64);

impl Dice {
    /// From `LAPOR_SEED`, else `usual`; printed, for whoever wants to see it again.
    pub fn new(usual: u64) -> Self {
        let named = std::env::var("LAPOR_SEED").ok();
        let seed = named.and_then(|text| text.parse().ok()).unwrap_or(usual);
        println!("LAPOR_SEED={seed}");
        Self(seed)
    }

    /// SplitMix64.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From `low` to below `high`; `low` where there is nothing between.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.roll() % high.saturating_sub(low).max(1)
    }

    /// Once in `of` throws.
    pub fn once_in(&mut self, of: u64) -> bool {
        self.between(0, of) == 0
    }

    /// One of several; nothing of nothing.
    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let at = usize::try_from(self.between(0, all.len() as u64)).unwrap_or(0);
        all.get(at)
    }
}
