//! What the synthetic photos show: sky, hills, foliage, a wall with writing, a broken road, and the
//! noise of a sensor. Seeds from 100 on are nights, dark and full of noise; from 200 on near things
//! like skin, soft light over fine pores; from 300 on easy ones without any noise: sky, hills under it,
//! foliage, soft light. Each pixel is a function of its place, so it can be drawn in any order.

/// Drawn on a canvas of this height, whatever the photo's size, so that a larger photo shows the
/// same scene with finer noise.
const UNITS: f32 = 1000.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Street,
    Night,
    Skin,
    /// All of it sky, none of it, or the horizon somewhere between.
    Calm,
    SoftLight,
}

pub(crate) struct Scene {
    kind: Kind,
    seed: u32,
    scale: f32,
    horizon: f32,
    wall: (f32, f32),
    sky: [f32; 3],
}

impl Scene {
    pub(crate) fn new(seed: u64, width: u32, height: u32) -> Self {
        let kind = match seed {
            100..200 => Kind::Night,
            200..300 => Kind::Skin,
            300..400 if seed % 4 == 3 => Kind::SoftLight,
            300..400 => Kind::Calm,
            _ => Kind::Street,
        };
        let share_of_sky = match (kind, seed % 4) {
            (Kind::Calm, 0) => Some(1.5),
            (Kind::Calm, 2) => Some(-0.5),
            _ => None,
        };
        // The high half counts too.
        let seed = (seed ^ (seed >> 32)) as u32;
        let scale = UNITS / height.max(1) as f32;
        let span = width as f32 * scale;
        let pick = |n: u32| hash(n, 77, seed);
        let left = span * (0.15 + 0.3 * pick(1));
        Self {
            kind,
            seed,
            scale,
            horizon: UNITS * share_of_sky.unwrap_or(0.32 + 0.12 * pick(2)),
            wall: (left, left + span * (0.25 + 0.15 * pick(3))),
            sky: [
                90.0 + 60.0 * pick(4),
                140.0 + 40.0 * pick(5),
                200.0 + 40.0 * pick(6),
            ],
        }
    }

    pub(crate) fn pixel(&self, px: u32, py: u32) -> [u8; 3] {
        let (x, y) = (px as f32 * self.scale, py as f32 * self.scale);
        let ridge = self.horizon + 60.0 * (self.noise(x, 0.0, 90.0, 1) - 0.5);
        let base = match self.kind {
            Kind::Calm => UNITS,
            _ => UNITS * 0.66 + 0.03 * x,
        };
        let on_wall = self.kind != Kind::Calm
            && x > self.wall.0
            && x < self.wall.1
            && y > self.horizon - 60.0
            && y < base;
        let [red, green, blue] = if matches!(self.kind, Kind::Skin | Kind::SoftLight) {
            self.skin_at(x, y)
        } else if on_wall {
            self.wall_at(x, y)
        } else if y < ridge {
            self.sky_at(x, y, ridge)
        } else if y < base {
            self.leaves_at(x, y)
        } else {
            self.road_at(x, y, base)
        };
        // Shot noise: grain of one pixel, stronger in the middle tones; by night of all colours.
        let (light, grain, tint) = match self.kind {
            Kind::Street => (1.0, 15.0, 5.0),
            Kind::Night => (0.3, 34.0, 22.0),
            Kind::Skin => (1.0, 7.0, 3.0),
            Kind::Calm | Kind::SoftLight => (1.0, 0.0, 0.0),
        };
        let grain = (hash(px, py, self.seed) - 0.5) * grain;
        let tint = (hash(px, py, self.seed ^ 0x5bd1) - 0.5) * tint;
        [
            byte(red * light + grain + tint),
            byte(green * light + grain),
            byte(blue * light + grain - tint),
        ]
    }

    fn skin_at(&self, x: f32, y: f32) -> [f32; 3] {
        let round = self.noise(x, y, 420.0, 13);
        let blush = self.noise(x, y, 160.0, 14);
        let pores = match self.kind {
            Kind::SoftLight => 0.0,
            _ => self.noise(x, y, 1.6, 15) - 0.5,
        };
        let hair = (self.noise(x + y * 0.2, y * 0.02, 2.4, 16) - 0.5) * 90.0;
        let in_hair = ((self.noise(x, y, 300.0, 17) - 0.62) * 12.0).clamp(0.0, 1.0);
        let light = 0.55 + 0.6 * round;
        let skin = [
            205.0 * light + 18.0 * blush + 26.0 * pores,
            150.0 * light + 22.0 * pores,
            120.0 * light - 10.0 * blush + 20.0 * pores,
        ];
        let [red, green, blue] = skin;
        [
            mix(red, 62.0 + hair, in_hair),
            mix(green, 48.0 + hair * 0.8, in_hair),
            mix(blue, 40.0 + hair * 0.6, in_hair),
        ]
    }

    fn sky_at(&self, x: f32, y: f32, ridge: f32) -> [f32; 3] {
        let height = y / ridge;
        let cloud = self.noise(x, y * 2.5, 130.0, 2) * 0.6 + self.noise(x, y * 2.0, 37.0, 3) * 0.4;
        let white = ((cloud - 0.5) * 3.0).clamp(0.0, 1.0) * (1.0 - 0.4 * height);
        self.sky
            .map(|colour| mix(mix(colour, 232.0, height * 0.7), 248.0, white))
    }

    fn leaves_at(&self, x: f32, y: f32) -> [f32; 3] {
        let clump = self.noise(x, y, 45.0, 4);
        let leaf = self.noise(x, y, 6.0, 5);
        let vein = self.noise(x + y * 0.6, y - x * 0.3, 2.2, 6);
        // Leaf over leaf: hard edges, lit and shaded sides.
        let edge = if leaf > 0.55 { 1.0 } else { 0.42 };
        let light = 16.0 + 170.0 * clump * (0.3 + 0.7 * leaf) * edge + 110.0 * (vein - 0.5) * edge;
        [light * 0.62, light, light * 0.38 + 8.0 * clump]
    }

    fn wall_at(&self, x: f32, y: f32) -> [f32; 3] {
        let across = (x - self.wall.0) / (self.wall.1 - self.wall.0);
        // A board with lines of writing takes the upper middle.
        let (top, bottom) = (self.horizon, self.horizon + 170.0);
        if across > 0.15 && across < 0.85 && y > top && y < bottom {
            return self.writing_at(x, y - top);
        }
        let row = (y / 14.0).floor();
        let shifted = x + if row % 2.0 == 0.0 { 0.0 } else { 17.0 };
        let mortar = y % 14.0 < 1.4 || shifted % 34.0 < 1.4;
        let brick = hash((shifted / 34.0) as u32, row as u32, self.seed ^ 9);
        let rough = 26.0 * (self.noise(x, y, 3.0, 7) - 0.5);
        if mortar {
            [172.0 + rough, 165.0 + rough, 155.0 + rough]
        } else {
            [
                150.0 + 50.0 * brick + rough,
                78.0 + 24.0 * brick + rough,
                60.0 + 14.0 * brick + rough,
            ]
        }
    }

    /// Strokes like letters, smaller from line to line, as on a public notice.
    fn writing_at(&self, x: f32, y: f32) -> [f32; 3] {
        let line = (y / 28.0).floor();
        let size = (18.0 - 2.6 * line).max(3.0);
        let inside = y - line * 28.0 - 4.0;
        let letter = (x / (size * 0.7)).floor();
        let (u, v) = ((x / (size * 0.7)).fract(), inside / size);
        let ink = if (0.0..1.0).contains(&v) && u < 0.82 {
            let kind = hash(letter as u32, line as u32, self.seed ^ 21);
            let stem = u < 0.2;
            let bar = (v - kind).abs() < 0.11;
            let slope = (u * 1.2 - v).abs() < 0.13 && kind > 0.55;
            let space = kind < 0.12;
            (stem || bar || slope) && !space
        } else {
            false
        };
        if ink {
            [28.0, 30.0, 52.0]
        } else {
            [236.0, 232.0, 214.0]
        }
    }

    fn road_at(&self, x: f32, y: f32, base: f32) -> [f32; 3] {
        let depth = ((y - base) / (UNITS - base)).clamp(0.02, 1.0);
        let stone = 4.0 * depth + 1.0;
        let asphalt = 78.0
            + 30.0 * depth
            + 60.0 * (self.noise(x, y, stone, 8) - 0.5)
            + 70.0 * (self.noise(x, y, 0.9, 12) - 0.5);
        let crack = (self.noise(x, y, 60.0, 10) - 0.5).abs() < 0.012;
        let hole = self.noise(x, y * 2.0, 150.0, 11) > 0.74;
        let paint = ((x - 600.0 - (y - base) * 0.8).abs() < 8.0 + 14.0 * depth) && !hole;
        let light = match (paint, crack || hole) {
            (true, _) => asphalt * 0.35 + 150.0,
            (_, true) => asphalt * 0.42,
            _ => asphalt,
        };
        [light, light * 0.99, light * 0.95]
    }

    /// Smooth noise between 0 and 1 with features of about `size` units.
    fn noise(&self, x: f32, y: f32, size: f32, layer: u32) -> f32 {
        let (x, y) = (x / size + 4096.0, y / size + 4096.0);
        let (left, top) = (x.floor(), y.floor());
        let (u, v) = (smooth(x - left), smooth(y - top));
        let at = |dx: u32, dy: u32| {
            hash(
                left as u32 + dx,
                top as u32 + dy,
                self.seed.wrapping_add(layer * 0x9e37),
            )
        };
        mix(mix(at(0, 0), at(1, 0), u), mix(at(0, 1), at(1, 1), u), v)
    }
}

fn smooth(t: f32) -> f32 {
    t * t * (3.0 - 2.0 * t)
}

fn mix(a: f32, b: f32, share: f32) -> f32 {
    a + (b - a) * share
}

fn byte(value: f32) -> u8 {
    // Saturates.
    value as u8
}

/// Evenly between 0 and 1, the same for the same three numbers.
fn hash(x: u32, y: u32, seed: u32) -> f32 {
    let mut h = x.wrapping_mul(0x85eb_ca6b) ^ y.wrapping_mul(0xc2b2_ae35) ^ seed;
    h ^= h >> 15;
    h = h.wrapping_mul(0x2c1b_3c6d);
    h ^= h >> 12;
    h = h.wrapping_mul(0x297a_2d39);
    h ^= h >> 15;
    (h >> 8) as f32 / 16_777_216.0
}
