//! What an operator of the gateway may set. It lives in the process, not in the store.

/// Limits, lives of tokens and uploads, and switches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Unicode scalar values. LAPOR! publishes no maximum: these three are configuration.
    pub title_chars: usize,
    pub content_chars: usize,
    pub location_chars: usize,
    /// Unicode scalar values of an attachment's name, a user name and a code.
    pub name_chars: usize,
    /// Attachments a report.
    pub attachments: usize,
    /// Bytes an attachment: 2 MiB by LAPOR!'s form.
    pub attachment_bytes: u64,
    /// Bytes of a JSON body.
    pub body_bytes: usize,
    pub media_types: Vec<String>,
    pub access_seconds: i64,
    pub refresh_days: i64,
    /// Days that an upload's address lives after its last byte. The contract asks for 14.
    pub upload_days: i64,
    /// Days that a removal stays in the changes. The contract asks for 180.
    pub removal_days: i64,
    /// `Retry-After` of 429 and 503, in seconds.
    pub retry_after_seconds: u32,
    /// New reports an account may send within an hour; known keys are never counted.
    pub creates_per_hour: Option<u32>,
    /// Refuses what is new with 503; what is known is still answered.
    pub maintenance: bool,
    /// Changes a page.
    pub page: usize,
    /// Whether cuti bersama counts as a working day. Not published; the default is no.
    pub joint_leave_is_working: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            title_chars: 255,
            content_chars: 10_000,
            location_chars: 1_000,
            name_chars: 255,
            attachments: 10,
            attachment_bytes: 2 * 1024 * 1024,
            body_bytes: 256 * 1024,
            media_types: ["image/jpeg", "image/png", "application/pdf"]
                .map(str::to_owned)
                .to_vec(),
            access_seconds: 3_600,
            refresh_days: 90,
            upload_days: 14,
            removal_days: 180,
            retry_after_seconds: 5,
            creates_per_hour: None,
            maintenance: false,
            page: 100,
            joint_leave_is_working: false,
        }
    }
}
