//! Gateways that go from world to world. A new one parses its schema and every statement of the
//! rules, which took a tenth of a schedule; one that begins anew has nothing of the world before.

use lapor_sandbox_rules::{Entropy, Gateway, GatewayError, Instant, Kept};

/// What one worker has of them, between its worlds and for a restart within one.
#[derive(Debug, Default)]
pub struct Gateways(Vec<Gateway>);

impl Gateways {
    /// One that is as if it had just been made.
    pub(crate) fn begin(
        &mut self,
        now: Instant,
        entropy: Entropy<'_>,
    ) -> Result<Gateway, GatewayError> {
        let Some(mut used) = self.0.pop() else {
            return Gateway::in_memory(now, entropy);
        };
        used.begin_anew(now, entropy)?;
        Ok(used)
    }

    /// One that finds what another had stored, and nothing else.
    pub(crate) fn open(&mut self, now: Instant, kept: &Kept) -> Result<Gateway, GatewayError> {
        let mut opened = match self.0.pop() {
            Some(used) => used,
            None => Gateway::in_memory(now, &mut |bytes| bytes.fill(0))?,
        };
        opened.open_kept(kept)?;
        Ok(opened)
    }

    pub(crate) fn give_back(&mut self, gateway: Gateway) {
        self.0.push(gateway);
    }
}
