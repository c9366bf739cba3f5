//! The way of one request of the contract: journal, switches, the rules, the answer.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request as HttpRequest, State};
use axum::response::Response;
use hyper::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method};
use lapor_sandbox_rules::{Answer, Code, Gateway, Request};
use serde_json::Value;

use crate::answer::Outgoing;
use crate::fault::{Fault, Plan};
use crate::journal::{End, Entry};
use crate::route::Route;
use crate::sandbox::{Sandbox, unpredictable};
use crate::upload::{Incoming, Taken, drain};
use crate::wire::Wire;

/// How long a stalled request keeps its connection.
const STALL: Duration = Duration::from_secs(120);
/// How long a connection that is being cut may still look alive.
const CUTTING: Duration = Duration::from_secs(10);
const GARBAGE_BYTES: usize = 700;

/// Answers any request that is not the sandbox's own.
pub(crate) async fn serve(
    State(sandbox): State<Arc<Sandbox>>,
    Extension(wire): Extension<Arc<Wire>>,
    request: HttpRequest,
) -> Response {
    let (parts, body) = request.into_parts();
    let route = Route::of(&parts.method, parts.uri.path());
    let plan = sandbox.faults.plan(route);
    let number = sandbox.journal.begin(entry(&sandbox, &parts, route, &plan));
    let ending = plan.ending.as_ref();
    wire.begin(
        number,
        plan.bandwidth,
        ending.and_then(|fault| fault.cut_answer_after),
    );
    wire.will_reset(ending.is_some_and(|fault| fault.reset));
    if plan.latency_ms > 0 {
        tokio::time::sleep(Duration::from_millis(plan.latency_ms)).await;
    }
    let visit = Visit {
        number,
        route,
        fault: plan.ending,
        accept_encoding: header(&parts.headers, ACCEPT_ENCODING.as_str()),
        head_only: parts.method == Method::HEAD,
    };
    let incoming = Incoming {
        length: header(&parts.headers, CONTENT_LENGTH.as_str()).and_then(|text| text.parse().ok()),
        cut_after: visit
            .fault
            .as_ref()
            .and_then(|fault| fault.cut_request_after),
        request: plain(parts),
        body,
    };
    match visit.outgoing(&sandbox, &wire, incoming).await {
        Some(outgoing) => {
            sandbox.journal.note(number, |entry| {
                entry.status = Some(outgoing.status.as_u16())
            });
            let compressed = outgoing.compressed_for(visit.accept_encoding.as_deref());
            compressed.into_response(wire)
        }
        None => {
            wire.cut(false);
            // The connection is dropped under this very call; a while later it may not hang on.
            tokio::time::sleep(CUTTING).await;
            Response::new(Body::empty())
        }
    }
}

/// One request with the switch that ends it.
struct Visit {
    number: u64,
    route: Route,
    fault: Option<Fault>,
    accept_encoding: Option<String>,
    head_only: bool,
}

impl Visit {
    /// What goes out; `None` ends the connection.
    async fn outgoing(
        &self,
        sandbox: &Arc<Sandbox>,
        wire: &Arc<Wire>,
        incoming: Incoming,
    ) -> Option<Outgoing> {
        let Some(fault) = &self.fault else {
            return self.true_answer(sandbox, incoming).await;
        };
        if fault.upload_forgotten {
            forget_upload(sandbox, &incoming.request);
        }
        let instead = fault.portal || fault.garbage || fault.stall || fault.status.is_some();
        if !instead {
            let outgoing = self.true_answer(sandbox, incoming).await?;
            return match fault {
                Fault {
                    lose_answer: true, ..
                } => None,
                Fault {
                    wrong_content_type: true,
                    ..
                } => Some(outgoing.called_html()),
                Fault {
                    truncated_gzip: true,
                    ..
                } => Some(outgoing.broken_gzip()),
                _ => Some(outgoing),
            };
        }

        let request = bare(&incoming.request);
        if fault.commit {
            self.true_answer(sandbox, incoming).await?;
        } else if !fault.stall {
            let drained = drain(incoming.body).await;
            self.count_body(sandbox, drained);
        }
        if fault.stall {
            tokio::time::sleep(STALL).await;
            wire.cut(false);
            return None;
        }
        let date = sandbox.clock.http_date();
        if fault.portal {
            return Some(Outgoing::portal(&date));
        }
        if fault.garbage {
            let mut bytes = vec![0; GARBAGE_BYTES];
            unpredictable(&mut bytes);
            return Some(Outgoing::garbage(&date, bytes));
        }
        let status = fault.status.unwrap_or(500);
        if fault.marked == Some(false) {
            return Some(Outgoing::front_end(&date, status, fault.retry_after));
        }
        let problem = sandbox.with(|gateway, now| {
            let code = usual_code(self.route, status);
            let answer = gateway.problem(now, &request, code, fault.retry_after);
            restated(answer, status, fault.code.as_deref())
        });
        Some(self.without_body_for_head(Outgoing::from_rules(problem)))
    }

    /// What the gateway itself says. A task of its own: a connection that ends in the middle does
    /// not stop the gateway from keeping what it has already received.
    async fn true_answer(&self, sandbox: &Arc<Sandbox>, incoming: Incoming) -> Option<Outgoing> {
        let (number, route) = (self.number, self.route);
        let shared = Arc::clone(sandbox);
        let work = tokio::spawn(async move {
            let taken = take(&shared, number, route, incoming).await;
            match taken {
                Taken::Answered(answer) => Some(answer),
                Taken::CutHere | Taken::Gone => None,
            }
        });
        let answer = work.await.ok().flatten()?;
        sandbox
            .journal
            .note(number, |entry| entry.status = Some(answer.status));
        Some(self.without_body_for_head(Outgoing::from_rules(answer)))
    }

    fn without_body_for_head(&self, mut outgoing: Outgoing) -> Outgoing {
        if self.head_only {
            outgoing.body.clear();
        }
        outgoing
    }

    fn count_body(&self, sandbox: &Sandbox, bytes: u64) {
        sandbox
            .journal
            .note(self.number, |entry| entry.body_in = bytes);
    }
}

async fn take(sandbox: &Sandbox, number: u64, route: Route, mut incoming: Incoming) -> Taken {
    let request = bare(&incoming.request);
    if Gateway::is_upload(&request) {
        sandbox.check_request(number, route, &request);
        let (taken, bytes) = incoming.into_upload(sandbox).await;
        sandbox.journal.note(number, |entry| entry.body_in = bytes);
        if let Taken::Answered(answer) = &taken {
            sandbox.check_answer(number, route, &request, answer);
        }
        return taken;
    }
    let (read, bytes) = incoming.read(sandbox).await;
    sandbox.journal.note(number, |entry| entry.body_in = bytes);
    let answer = match read {
        Ok(()) => {
            sandbox.check_request(number, route, &incoming.request);
            let answer = sandbox.answer(&incoming.request);
            if matches!(route, Route::Session | Route::Refresh) {
                let user = sandbox.learn_account(&answer);
                sandbox.journal.note(number, |entry| entry.account = user);
            }
            answer
        }
        Err(Taken::Answered(answer)) => answer,
        Err(cut) => return cut,
    };
    sandbox.check_answer(number, route, &request, &answer);
    incoming.unless_cut(answer)
}

fn entry(sandbox: &Sandbox, parts: &Parts, route: Route, plan: &Plan) -> Entry {
    let authorization = parts
        .headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    Entry {
        number: 0,
        at: sandbox.clock.now().rfc3339(),
        method: parts.method.to_string(),
        route,
        report: report_of(sandbox, parts, route),
        status: None,
        end: End::Open,
        head_in: head_bytes(parts),
        body_in: 0,
        head_out: 0,
        body_out: 0,
        took_ms: 0,
        fault: plan.words.clone(),
        account: sandbox.account_of(authorization),
        began: std::time::Instant::now(),
    }
}

/// The report that a request is about, by its path; for an upload, by what the gateway knows.
fn report_of(sandbox: &Sandbox, parts: &Parts, route: Route) -> Option<String> {
    let last = parts.uri.path().split('/').nth(3)?;
    match route {
        Route::Create | Route::Withdraw | Route::Report | Route::Event => Some(last.to_owned()),
        Route::UploadHead | Route::UploadPatch => sandbox
            .with(|gateway, _| gateway.report_of_upload(last))
            .ok()?,
        _ => None,
    }
}

/// Bytes of a request's head as HTTP/1.1 writes it.
fn head_bytes(parts: &Parts) -> u64 {
    let target = parts
        .uri
        .path_and_query()
        .map_or(1, |target| target.as_str().len());
    let mut bytes = parts.method.as_str().len() + 1 + target + " HTTP/1.1\r\n".len();
    for (name, value) in &parts.headers {
        bytes += name.as_str().len() + 2 + value.len() + 2;
    }
    u64::try_from(bytes + 2).unwrap_or(u64::MAX)
}

/// The request without its body, as the rules see it.
fn plain(parts: Parts) -> Request {
    let target = parts
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let mut request = Request::new(parts.method.as_str(), target);
    for (name, value) in &parts.headers {
        let text = String::from_utf8_lossy(value.as_bytes());
        request = request.header(name.as_str(), &text);
    }
    request
}

fn bare(request: &Request) -> Request {
    Request {
        body: Vec::new(),
        ..request.clone()
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(value.to_owned())
}

fn forget_upload(sandbox: &Sandbox, request: &Request) {
    let path = request.path.split('?').next().unwrap_or_default();
    if let Some(capability) = path.strip_prefix("/v1/uploads/")
        && let Err(error) = sandbox.with(|gateway, _| gateway.forget_upload(capability))
    {
        eprintln!("lapor-sandbox: {error}");
    }
}

/// The code that goes with a status when a switch does not name one.
fn usual_code(route: Route, status: u16) -> Code {
    match (status, route) {
        (401, Route::Session) => Code::BadCredentials,
        (401, Route::Refresh) => Code::SessionEnded,
        (401, _) => Code::Unauthorized,
        (403, _) => Code::NotAllowed,
        (404, _) => Code::NotFound,
        (405, _) => Code::MethodNotAllowed,
        (409, Route::Withdraw) => Code::TooLate,
        (409, Route::Event) => Code::NotPossible,
        (409, _) => Code::KeyTaken,
        (410, Route::Changes) => Code::CursorGone,
        (410, _) => Code::Withdrawn,
        (413, _) => Code::BodyTooLarge,
        (415, _) => Code::UnsupportedMediaType,
        (422, _) => Code::Invalid,
        (429, _) => Code::TooManyRequests,
        (503, _) => Code::Maintenance,
        (400..=499, _) => Code::BadRequest,
        _ => Code::Internal,
    }
}

/// The problem under another status or code than the rules have for it.
fn restated(mut answer: Answer, status: u16, code: Option<&str>) -> Answer {
    if answer.status == status && code.is_none() {
        return answer;
    }
    answer.status = status;
    if let Ok(Value::Object(mut body)) = serde_json::from_slice(&answer.body) {
        body.insert("status".to_owned(), status.into());
        if let Some(code) = code {
            body.insert("code".to_owned(), code.into());
        }
        answer.body = Value::Object(body).to_string().into_bytes();
    }
    answer
}
