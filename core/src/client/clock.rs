use std::{
    sync::Arc,
    time::{self, SystemTime, UNIX_EPOCH},
};

use lapor_engine::calendar::{Clock, Instant};

/// Reads both clocks of the phone.
pub type ClockSource = Arc<dyn Fn() -> Clock + Send + Sync>;

/// The clocks of this machine. Boot time is counted from the making of this source.
pub fn system_clock() -> ClockSource {
    let start = time::Instant::now();
    Arc::new(move || {
        let wall = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
        };
        let boot = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        Clock {
            wall: Instant(wall),
            boot,
        }
    })
}
