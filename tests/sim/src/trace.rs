//! What happened, in words without any content of reports, and its hash.

/// The story of a schedule.
#[derive(Debug, Clone)]
pub(crate) struct Trace {
    hash: u64,
    lines: Vec<String>,
}

impl Trace {
    pub(crate) fn new() -> Self {
        Self {
            hash: 0xCBF2_9CE4_8422_2325,
            lines: Vec::new(),
        }
    }

    pub(crate) fn tell(&mut self, line: String) {
        // FNV-1a: any change of any word shows.
        for byte in line.bytes().chain([b'\n']) {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
        self.lines.push(line);
    }

    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    pub(crate) fn take_lines(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }
}
