//! The shortest codes for what a scan holds (ITU-T T.81, annex K.2): at most 16 bits, none all ones.

const SYMBOLS: usize = 256;

pub(super) struct Code {
    /// Codes of each length, 1 to 16.
    pub(super) lengths: [u8; 16],
    /// Symbols in the order of their codes.
    pub(super) symbols: Vec<u8>,
    /// Of each symbol: its code and the bits of it.
    by_symbol: [(u16, u8); SYMBOLS],
}

impl Code {
    #[inline(always)]
    pub(super) fn of(&self, symbol: u8) -> (u16, u8) {
        self.by_symbol
            .get(usize::from(symbol))
            .copied()
            .unwrap_or_default()
    }

    pub(super) fn for_counts(counts: &[u32; SYMBOLS]) -> Self {
        let depths = depths(counts);
        let mut lengths = limited(&depths);
        // The longest code is the made-up symbol's, so that no real one is all ones.
        if let Some(longest) = lengths.iter_mut().rev().find(|count| **count > 0) {
            *longest -= 1;
        }
        // By length, then by value.
        let mut symbols: Vec<u8> = (0..=255_u8)
            .filter(|symbol| {
                depths
                    .get(usize::from(*symbol))
                    .is_some_and(|depth| *depth > 0)
            })
            .collect();
        symbols.sort_by_key(|symbol| depths.get(usize::from(*symbol)).copied());
        let mut by_symbol = [(0, 0); SYMBOLS];
        let mut code = 0_u16;
        let mut next = symbols.iter();
        for (bits, count) in (1_u8..).zip(lengths) {
            for symbol in next.by_ref().take(usize::from(count)) {
                if let Some(entry) = by_symbol.get_mut(usize::from(*symbol)) {
                    *entry = (code, bits);
                }
                code = code.wrapping_add(1);
            }
            code = code.wrapping_shl(1);
        }
        Self {
            lengths,
            symbols,
            by_symbol,
        }
    }

    /// Bits that so many symbols take, without what follows them.
    pub(super) fn bits(&self, counts: &[u32; SYMBOLS]) -> u64 {
        counts
            .iter()
            .zip(&self.by_symbol)
            .map(|(count, (_, bits))| u64::from(*count) * u64::from(*bits))
            .sum()
    }
}

/// Depth of each symbol in the best tree; the last one is made up and comes once.
fn depths(counts: &[u32; SYMBOLS]) -> [u8; SYMBOLS + 1] {
    // A tree as its leaves: the lightest two are joined until one is left.
    let mut trees: Vec<(u64, Vec<usize>)> = counts
        .iter()
        .enumerate()
        .filter(|(_, count)| **count > 0)
        .map(|(symbol, count)| (u64::from(*count), vec![symbol]))
        .collect();
    trees.push((1, vec![SYMBOLS]));
    let mut depths = [0_u8; SYMBOLS + 1];
    if let [(_, only)] = trees.as_slice() {
        // A scan without any symbol does not come; one code of one bit would do.
        only.iter().for_each(|leaf| {
            if let Some(depth) = depths.get_mut(*leaf) {
                *depth = 1;
            }
        });
        return depths;
    }
    // Descending, so that the lightest two stand at the end; ties by the leaf, for the same result
    // everywhere.
    trees.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    while let (Some((light, mut leaves)), Some((weight, more))) = (trees.pop(), trees.pop()) {
        leaves.extend(more);
        for leaf in &leaves {
            if let Some(depth) = depths.get_mut(*leaf) {
                *depth += 1;
            }
        }
        let weight = light + weight;
        if trees.is_empty() {
            break;
        }
        let at = trees.partition_point(|(other, _)| *other > weight);
        trees.insert(at, (weight, leaves));
    }
    depths
}

/// Codes of each length, none longer than 16 bits.
fn limited(depths: &[u8; SYMBOLS + 1]) -> [u8; 16] {
    let mut lengths = [0_u16; SYMBOLS + 2];
    for depth in depths.iter().filter(|depth| **depth > 0) {
        if let Some(count) = lengths.get_mut(usize::from(*depth)) {
            *count += 1;
        }
    }
    // T.81 figure K.3: two of the longest give one of a bit less, and a shorter one becomes two.
    for bits in (17..lengths.len()).rev() {
        while lengths.get(bits).is_some_and(|count| *count > 0) {
            let shorter = (1..bits - 1)
                .rev()
                .find(|bits| lengths.get(*bits).is_some_and(|count| *count > 0));
            let Some(shorter) = shorter else { break };
            let mut change = |bits: usize, by: i16| {
                if let Some(count) = lengths.get_mut(bits) {
                    *count = count.saturating_add_signed(by);
                }
            };
            change(bits, -2);
            change(bits - 1, 1);
            change(shorter, -1);
            change(shorter + 1, 2);
        }
    }
    let mut short = [0; 16];
    for (to, from) in short.iter_mut().zip(lengths.iter().skip(1)) {
        // At most 257 codes; of one length at most 255, since others have a shorter or longer one.
        *to = u8::try_from(*from).unwrap_or(u8::MAX);
    }
    short
}

#[cfg(test)]
mod tests;
