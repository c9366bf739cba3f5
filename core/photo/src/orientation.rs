//! The eight ways in which a camera may have stored a picture (EXIF 2.32, tag 0x0112).

/// How the stored rows must be turned so that the picture stands upright. Named by the remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Orientation {
    #[default]
    Upright = 1,
    FlipAcross = 2,
    HalfTurn = 3,
    FlipDown = 4,
    /// Mirror along the diagonal from the upper left.
    Transpose = 5,
    QuarterTurnRight = 6,
    /// Mirror along the diagonal from the upper right.
    Transverse = 7,
    QuarterTurnLeft = 8,
}

impl Orientation {
    pub const ALL: [Self; 8] = [
        Self::Upright,
        Self::FlipAcross,
        Self::HalfTurn,
        Self::FlipDown,
        Self::Transpose,
        Self::QuarterTurnRight,
        Self::Transverse,
        Self::QuarterTurnLeft,
    ];

    /// Any number but 1 to 8 says nothing, and is taken as upright.
    pub fn from_exif(number: u32) -> Self {
        Self::ALL
            .into_iter()
            .find(|one| one.number() == number)
            .unwrap_or_default()
    }

    pub const fn number(self) -> u32 {
        self as u32
    }

    /// Whether rows become columns.
    pub const fn turns(self) -> bool {
        self.number() >= 5
    }

    /// The size of the upright picture.
    pub const fn upright_size(self, width: u32, height: u32) -> (u32, u32) {
        if self.turns() {
            (height, width)
        } else {
            (width, height)
        }
    }

    /// Where a stored pixel stands in the upright picture; `width` and `height` are the stored ones.
    pub const fn upright(self, x: u32, y: u32, width: u32, height: u32) -> (u32, u32) {
        let (far_x, far_y) = (width.saturating_sub(1 + x), height.saturating_sub(1 + y));
        match self {
            Self::Upright => (x, y),
            Self::FlipAcross => (far_x, y),
            Self::HalfTurn => (far_x, far_y),
            Self::FlipDown => (x, far_y),
            Self::Transpose => (y, x),
            Self::QuarterTurnRight => (far_y, x),
            Self::Transverse => (far_y, far_x),
            Self::QuarterTurnLeft => (y, far_x),
        }
    }
}
