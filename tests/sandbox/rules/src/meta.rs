//! What a client may know before it signs in: versions, limits, deadlines.

use serde_json::json;

use crate::calendar::DEADLINES;
use crate::exchange::Answer;
use crate::gateway::Gateway;
use crate::instant::Instant;
use crate::route::{CONTRACT, Outcome};

impl Gateway {
    pub(crate) fn meta(&self, now: Instant) -> Outcome {
        let settings = &self.settings;
        Ok(Answer::json(
            200,
            &json!({
                "contract": { "supported": [CONTRACT] },
                "server_time": now.rfc3339(),
                "limits": {
                    "title_chars": settings.title_chars,
                    "content_chars": settings.content_chars,
                    "location_chars": settings.location_chars,
                    "attachments": settings.attachments,
                    "attachment_bytes": settings.attachment_bytes,
                    "media_types": settings.media_types,
                    "body_bytes": settings.body_bytes,
                },
                "deadlines": {
                    "version": DEADLINES.version,
                    "effective": DEADLINES.effective,
                    "verify_working_days": DEADLINES.verify,
                    "follow_up_working_days": DEADLINES.follow_up,
                    "close_working_days": DEADLINES.close,
                },
            }),
        ))
    }
}
