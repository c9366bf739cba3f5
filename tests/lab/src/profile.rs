use std::time::Duration;

/// A network, as the field has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Profile {
    pub(crate) name: &'static str,
    /// Bits a second.
    pub(crate) down: u64,
    pub(crate) up: u64,
    pub(crate) trip: Trip,
    /// Packets lost each way, of 10,000.
    pub(crate) loss: u32,
}

/// The round trip of an empty line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Trip {
    Even(Duration),
    /// Log-normal by these two points, drawn four times a second.
    Spiky {
        p50: Duration,
        p99: Duration,
    },
}

const fn even(name: &'static str, down: u64, up: u64, ms: u64, loss: u32) -> Profile {
    Profile {
        name,
        down,
        up,
        trip: Trip::Even(Duration::from_millis(ms)),
        loss,
    }
}

pub(crate) const N0: Profile = even("N0", 26_000_000, 11_000_000, 40, 0);
pub(crate) const N1: Profile = even("N1", 1_600_000, 750_000, 150, 0);
pub(crate) const N2: Profile = even("N2", 400_000, 400_000, 400, 0);
pub(crate) const N3: Profile = even("N3", 240_000, 200_000, 840, 100);
pub(crate) const N4: Profile = even("N4", 20_000, 18_000, 1300, 200);
pub(crate) const N5: Profile = Profile {
    name: "N5",
    down: 1_600_000,
    up: 750_000,
    trip: Trip::Spiky {
        p50: Duration::from_millis(350),
        p99: Duration::from_millis(2300),
    },
    loss: 350,
};

impl Profile {
    /// What `bytes` take on the way up and nothing else.
    pub(crate) fn line_time(&self, bytes: u64) -> Duration {
        Duration::from_secs_f64(bytes as f64 * 8.0 / self.up as f64)
    }

    /// Bytes that fit between a phone and its answer.
    pub(crate) fn bandwidth_delay(&self) -> u64 {
        let trip = match self.trip {
            Trip::Even(trip) => trip,
            Trip::Spiky { p50, .. } => p50,
        };
        (self.up as f64 / 8.0 * trip.as_secs_f64()) as u64
    }
}

/// A second of line, as cells and modems hold it, and never less than ten full packets.
pub(crate) fn queue_bytes(bits_a_second: u64) -> u64 {
    (bits_a_second / 8).max(10 * 1514)
}

/// The bucket must hold a packet, and what passes between two ticks of the kernel's clock.
pub(crate) fn bucket_bytes(bits_a_second: u64) -> u64 {
    (bits_a_second / 8 / 200).max(1600)
}
