//! What the standard says of a block of 8 x 8 numbers, for those who read files and those who write them.

/// Row and column, as `row * 8 + column`, of the numbers in the order of the file (T.81, figure A.6).
pub(crate) const ORDER: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// Along each side, what the fast transform of eight (Arai, Agui and Nakajima) leaves to be divided by,
/// and its inverse expects to be multiplied with: of frequency k > 0 the root of two times the cosine of
/// k sixteenths of a half turn.
pub(crate) const SCALE: [f32; 8] = [
    1.0,
    1.387_039_8,
    1.306_563,
    1.175_875_6,
    1.0,
    0.785_694_96,
    0.541_196_1,
    0.275_899_38,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// From the lower left to the upper right and back, diagonal by diagonal.
    #[test]
    fn the_order_is_that_of_the_diagonals() {
        let mut places: Vec<u8> = (0..64).collect();
        places.sort_by_key(|place| {
            let (row, column) = (place / 8, place % 8);
            let diagonal = row + column;
            (diagonal, if diagonal % 2 == 0 { column } else { row })
        });
        assert_eq!(places, ORDER);
    }

    #[test]
    fn the_scale_is_that_of_the_cosines() {
        for (frequency, scale) in (0_u8..).zip(SCALE).skip(1) {
            let angle = f64::from(frequency) * std::f64::consts::PI / 16.0;
            let exact = std::f64::consts::SQRT_2 * angle.cos();
            assert!((f64::from(scale) - exact).abs() < 1e-6, "{frequency}");
        }
    }
}
