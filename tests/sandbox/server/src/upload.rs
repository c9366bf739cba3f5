//! Request bodies: JSON bodies whole and bounded, pieces of uploads as they come.

use axum::body::Body;
use http_body_util::BodyExt as _;
use hyper::body::Bytes;
use lapor_sandbox_rules::{Answer, Code, Request};

use crate::sandbox::Sandbox;

/// How much of a body that nobody wants is read, so that its sender gets to read the answer.
const DRAINED: u64 = 4 * 1024 * 1024;

/// How taking a request ended.
#[derive(Debug)]
pub(crate) enum Taken {
    /// The gateway has an answer.
    Answered(Answer),
    /// The body stopped at the place where a switch cuts.
    CutHere,
    /// The client or its network went away in the middle.
    Gone,
}

/// The bytes of a body, up to the place where a switch cuts it.
struct Pieces {
    body: Body,
    taken: u64,
    cut_after: Option<u64>,
}

enum Piece {
    Bytes(Bytes),
    End,
    Cut,
    Gone,
}

impl Pieces {
    async fn next(&mut self) -> Piece {
        if self.cut_after == Some(self.taken) {
            return Piece::Cut;
        }
        loop {
            match self.body.frame().await {
                None => return Piece::End,
                Some(Err(_)) => return Piece::Gone,
                Some(Ok(frame)) => {
                    let Ok(mut bytes) = frame.into_data() else {
                        continue;
                    };
                    if bytes.is_empty() {
                        continue;
                    }
                    if let Some(cut) = self.cut_after {
                        let left = usize::try_from(cut.saturating_sub(self.taken));
                        bytes.truncate(left.unwrap_or(usize::MAX));
                    }
                    self.taken += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                    return Piece::Bytes(bytes);
                }
            }
        }
    }
}

/// A request whose body is still coming.
pub(crate) struct Incoming {
    pub(crate) request: Request,
    pub(crate) body: Body,
    pub(crate) length: Option<u64>,
    pub(crate) cut_after: Option<u64>,
}

impl Incoming {
    fn pieces(&mut self) -> Pieces {
        Pieces {
            body: std::mem::take(&mut self.body),
            taken: 0,
            cut_after: self.cut_after,
        }
    }

    /// Whether the cut comes after the last byte: then nothing is missing but the answer.
    fn cut_takes_nothing(&self) -> bool {
        self.length.is_some() && self.length == self.cut_after
    }

    /// Reads a piece of an upload; each part that arrives is kept at once, so that a cut loses
    /// nothing that was received. Returns the bytes read as well.
    pub(crate) async fn into_upload(mut self, sandbox: &Sandbox) -> (Taken, u64) {
        let mut pieces = self.pieces();
        let begun = sandbox.with(|gateway, now| gateway.upload_begin(now, &self.request));
        let mut upload = match begun {
            Ok(upload) => upload,
            Err(answer) => {
                let drained = drain(pieces.body).await;
                return (Taken::Answered(answer), drained);
            }
        };
        loop {
            let end = match pieces.next().await {
                Piece::Bytes(bytes) => {
                    let kept = sandbox
                        .with(|gateway, now| gateway.upload_append(now, &mut upload, &bytes));
                    match kept {
                        Ok(()) => continue,
                        Err(answer) => {
                            let drained = drain(pieces.body).await;
                            return (Taken::Answered(answer), pieces.taken + drained);
                        }
                    }
                }
                Piece::End => true,
                Piece::Cut if self.cut_takes_nothing() => true,
                Piece::Cut => false,
                Piece::Gone => return (Taken::Gone, pieces.taken),
            };
            if !end {
                return (Taken::CutHere, pieces.taken);
            }
            let answer = sandbox.with(|gateway, now| gateway.upload_finish(now, upload));
            return (self.unless_cut(answer), pieces.taken);
        }
    }

    /// Reads a whole body into the request. `Err` is how it ended otherwise.
    pub(crate) async fn read(&mut self, sandbox: &Sandbox) -> (Result<(), Taken>, u64) {
        let limit = sandbox.with(|gateway, _| gateway.settings().body_bytes);
        let mut pieces = self.pieces();
        let mut body = Vec::new();
        loop {
            match pieces.next().await {
                Piece::Bytes(bytes) => body.extend_from_slice(&bytes),
                Piece::End => break,
                Piece::Cut if self.cut_takes_nothing() => break,
                Piece::Cut => return (Err(Taken::CutHere), pieces.taken),
                Piece::Gone => return (Err(Taken::Gone), pieces.taken),
            }
            if body.len() > limit {
                let answer = sandbox.with(|gateway, now| {
                    gateway.problem(now, &self.request, Code::BodyTooLarge, None)
                });
                let drained = drain(pieces.body).await;
                return (Err(Taken::Answered(answer)), pieces.taken + drained);
            }
        }
        self.request.body = body;
        (Ok(()), pieces.taken)
    }

    /// The answer is lost when the cut came with the last byte.
    pub(crate) fn unless_cut(&self, answer: Answer) -> Taken {
        if self.cut_takes_nothing() {
            Taken::CutHere
        } else {
            Taken::Answered(answer)
        }
    }
}

/// Reads and forgets, within a bound.
pub(crate) async fn drain(mut body: Body) -> u64 {
    let mut drained = 0;
    while drained < DRAINED {
        match body.frame().await {
            Some(Ok(frame)) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                drained += u64::try_from(bytes).unwrap_or(u64::MAX);
            }
            Some(Err(_)) | None => break,
        }
    }
    drained
}
