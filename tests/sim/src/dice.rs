//! Randomness by hash: what is drawn depends on the seed, on who draws, in which round, and on how
//! often that one has drawn in it, and on nothing else. Leaving out a round shifts nothing in another.

/// Splitmix64's finaliser over a running sum.
pub(crate) fn mix(words: &[u64]) -> u64 {
    words.iter().fold(0x9E37_79B9_7F4A_7C15, |sum, word| {
        let mut z = sum
            .rotate_left(23)
            .wrapping_add(*word)
            .wrapping_add(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    })
}

/// Who draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Actor {
    World,
    Phone(usize),
    Line(usize),
    Watch(usize),
    Disk(usize),
    Late(usize),
    Gateway,
    Replay,
}

impl Actor {
    pub(crate) fn number(self) -> u64 {
        match self {
            Self::World => 1,
            Self::Gateway => 2,
            Self::Replay => 3,
            Self::Phone(at) => 1_000 + at as u64,
            Self::Line(at) => 2_000 + at as u64,
            Self::Watch(at) => 3_000 + at as u64,
            Self::Disk(at) => 4_000 + at as u64,
            Self::Late(at) => 5_000 + at as u64,
        }
    }
}

/// A handful of draws for one occasion.
#[derive(Debug, Clone)]
pub(crate) struct Dice {
    key: u64,
    drawn: u64,
}

impl Dice {
    /// The `nth` occasion of an actor in a round.
    pub(crate) fn of(seed: u64, actor: Actor, round: u64, nth: u64) -> Self {
        Self {
            key: mix(&[seed, actor.number(), round, nth]),
            drawn: 0,
        }
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.drawn += 1;
        mix(&[self.key, self.drawn])
    }

    /// Below `end`; 0 when that is 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    pub(crate) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.index(from.len()))
    }

    /// One of those that come and go with what happened before: the others' absence does not
    /// change who is chosen. `name` ([`name_of`]) must tell them apart.
    pub(crate) fn choose<'a, T>(
        &mut self,
        from: &'a [T],
        name: impl Fn(&'a T) -> u64,
    ) -> Option<&'a T> {
        let draw = self.next();
        from.iter().min_by_key(|one| mix(&[draw, name(one)]))
    }

    pub(crate) fn fill(&mut self, bytes: &mut [u8]) {
        for piece in bytes.chunks_mut(8) {
            let word = self.next().to_le_bytes();
            for (byte, drawn) in piece.iter_mut().zip(word) {
                *byte = drawn;
            }
        }
    }
}

/// A name for [`Dice::choose`].
pub(crate) fn name_of(name: &(impl ToString + ?Sized)) -> u64 {
    name.to_string()
        .bytes()
        .fold(0xCBF2_9CE4_8422_2325, |sum, byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        })
}
