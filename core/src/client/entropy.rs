use std::sync::Arc;

/// Fills a buffer with random bytes.
pub type EntropySource = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// The randomness of the OS.
pub fn system_entropy() -> EntropySource {
    Arc::new(|bytes| {
        // Where the OS has no randomness no key may be made: two reports would share one.
        if getrandom::fill(bytes).is_err() {
            std::process::abort();
        }
    })
}
