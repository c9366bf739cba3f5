//! Three lights into three others: the mixtures between spaces of colour.

/// Rows of the result, columns of what goes in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Mix([[f64; 3]; 3]);

/// Red, green and blue of sRGB as XYZ under D50, as its ICC profiles give them (IEC 61966-2-1,
/// brought from D65 by Bradford).
const SRGB_D50: Mix = Mix([
    [0.436_066, 0.385_147, 0.143_066],
    [0.222_488, 0.716_873, 0.060_608],
    [0.013_916, 0.097_076, 0.714_096],
]);

/// ICC.1:2022, 6.3.4.3: the white of the connection space.
const D50: [f64; 3] = [0.964_2, 1.0, 0.824_9];

/// Bradford's cones (ICC.1:2022, annex E.3).
const CONES: Mix = Mix([
    [0.895_1, 0.266_4, -0.161_4],
    [-0.750_2, 1.713_5, 0.036_7],
    [0.038_9, -0.068_5, 1.029_6],
]);

/// Places on the plane of colours (CIE 1931 x and y): white, red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Corners(pub(crate) [[f64; 2]; 4]);

impl Mix {
    /// From colours whose XYZ under D50 are the columns, to sRGB's. `None` for what no display or
    /// camera has.
    pub(super) fn from_colorants(colorants: [[f64; 3]; 3]) -> Option<Self> {
        Self(colorants).into_srgb()
    }

    pub(super) fn from_corners(Corners(corners): Corners) -> Option<Self> {
        let [white, red, green, blue] = corners;
        let white = xyz(white)?;
        let [red, green, blue] = [xyz(red)?, xyz(green)?, xyz(blue)?];
        let columns = Self::of_columns([red, green, blue]);
        // So much of each that they make white together.
        let [r, g, b] = columns.inverse()?.times(white);
        let native = Self::of_columns([
            red.map(|v| v * r),
            green.map(|v| v * g),
            blue.map(|v| v * b),
        ]);
        let (from, to) = (CONES.times(white), CONES.times(D50));
        let mut scale = [[0.0; 3]; 3];
        for (index, (row, (from, to))) in scale.iter_mut().zip(from.into_iter().zip(to)).enumerate()
        {
            if let Some(cell) = row.get_mut(index) {
                *cell = to / from;
            }
        }
        let adapt = CONES.inverse()?.after(Self(scale)).after(CONES);
        adapt.after(native).into_srgb()
    }

    fn into_srgb(self) -> Option<Self> {
        let mix = SRGB_D50.inverse()?.after(self);
        // The widest spaces in use stay below 3; beyond, rounding and ringing would be all one sees.
        let sound = mix
            .0
            .iter()
            .flatten()
            .all(|cell| cell.is_finite() && cell.abs() <= 8.0);
        sound.then_some(mix)
    }

    /// Whether nobody could tell it from no mixture: under half a step of 255.
    pub(super) fn changes_nothing(&self) -> bool {
        self.0.iter().enumerate().all(|(row, cells)| {
            cells.iter().enumerate().all(|(column, cell)| {
                let alone = if row == column { 1.0 } else { 0.0 };
                (cell - alone).abs() < 0.001
            })
        })
    }

    pub(super) fn cells(&self) -> [[f32; 3]; 3] {
        self.0.map(|row| row.map(|cell| cell as f32))
    }

    fn of_columns([a, b, c]: [[f64; 3]; 3]) -> Self {
        let [[a0, a1, a2], [b0, b1, b2], [c0, c1, c2]] = [a, b, c];
        Self([[a0, b0, c0], [a1, b1, c1], [a2, b2, c2]])
    }

    fn times(&self, [x, y, z]: [f64; 3]) -> [f64; 3] {
        self.0.map(|[a, b, c]| a * x + b * y + c * z)
    }

    /// This one applied to what `first` gives.
    fn after(&self, first: Self) -> Self {
        let [[a, b, c], [d, e, f], [g, h, i]] = first.0;
        Self::of_columns([[a, d, g], [b, e, h], [c, f, i]].map(|column| self.times(column)))
    }

    fn inverse(&self) -> Option<Self> {
        let [[a, b, c], [d, e, f], [g, h, i]] = self.0;
        let whole = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
        if !whole.is_finite() || whole.abs() < 1e-9 {
            return None;
        }
        let cofactors = [
            [e * i - f * h, c * h - b * i, b * f - c * e],
            [f * g - d * i, a * i - c * g, c * d - a * f],
            [d * h - e * g, b * g - a * h, a * e - b * d],
        ];
        Some(Self(cofactors.map(|row| row.map(|cell| cell / whole))))
    }
}

fn xyz([x, y]: [f64; 2]) -> Option<[f64; 3]> {
    let sound = (0.0..=1.0).contains(&x) && (1e-4..=1.0).contains(&y);
    sound.then(|| [x / y, 1.0, (1.0 - x - y) / y])
}
