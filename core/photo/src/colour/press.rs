//! Inks on paper and glass over paper, on the numbers of a file.

/// Printing colours to screen colours where no profile tells better: what ink and black leave of
/// white. Adobe's programs, which write nearly all such files, store the complement of the ink and
/// say so by a marker.
pub(crate) fn from_inks([cyan, magenta, yellow, black]: [u8; 4], complement: bool) -> [u8; 3] {
    let paper = |ink: u8| u16::from(if complement { ink } else { 255 - ink });
    let key = paper(black);
    let mix = |ink: u8| {
        let product = (paper(ink) * key + 127) / 255;
        u8::try_from(product).unwrap_or(u8::MAX)
    };
    [mix(cyan), mix(magenta), mix(yellow)]
}

/// Over white, on the numbers and not in light: as browsers and galleries show it.
pub(crate) fn over_white(value: u8, alpha: u8) -> u8 {
    let (value, alpha) = (u16::from(value), u16::from(alpha));
    let product = (value * alpha + 255 * (255 - alpha) + 127) / 255;
    u8::try_from(product).unwrap_or(u8::MAX)
}

/// The same for 16 bits a channel.
pub(crate) fn over_white_deep(value: u16, alpha: u16) -> u16 {
    let (value, alpha) = (u32::from(value), u32::from(alpha));
    // At most 65,535 squared and a little: it fits 32 bits.
    let product = (value * alpha + 65_535 * (65_535 - alpha) + 32_767) / 65_535;
    u16::try_from(product).unwrap_or(u16::MAX)
}
