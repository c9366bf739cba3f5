//! Listens on loopback and gives each connection its wire.

use std::convert::Infallible;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::response::{IntoResponse as _, Response};
use hyper::StatusCode;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::line::{Line, Socket};
use crate::sandbox::Sandbox;
use crate::tls::Secured;
use crate::wire::Wire;
use crate::{admin, console, front, lifetime};

/// How long a connection may be silent, or a TLS handshake take.
const PATIENCE: Duration = Duration::from_secs(60);
/// The first byte of a TLS handshake record.
const TLS_HANDSHAKE: u8 = 0x16;

/// What the command line asks for.
#[derive(Debug)]
pub(crate) struct Serving {
    pub(crate) db: PathBuf,
    pub(crate) listen: SocketAddr,
    pub(crate) secured: Option<Secured>,
    pub(crate) parent: Option<u32>,
    pub(crate) longest: Duration,
    pub(crate) check_contract: bool,
    pub(crate) ready_file: Option<PathBuf>,
}

/// Serves until it is told to stop.
pub(crate) async fn serve(serving: Serving) -> anyhow::Result<()> {
    if !serving.listen.ip().is_loopback() {
        anyhow::bail!(
            "{} is not a loopback address: a sandbox without passwords for its console stays on this machine",
            serving.listen
        );
    }
    let sandbox = Arc::new(Sandbox::open(&serving.db, serving.check_contract)?);
    let tls = serving
        .secured
        .as_ref()
        .map(Secured::acceptor)
        .transpose()?;
    let listener = TcpListener::bind(serving.listen)
        .await
        .with_context(|| format!("cannot listen on {}", serving.listen))?;
    let address = listener.local_addr()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let ready = format!("listening {scheme}://{address} console http://{address}/sandbox");
    let mut out = std::io::stdout().lock();
    writeln!(out, "{ready}")?;
    out.flush()?;
    drop(out);
    if let Some(file) = &serving.ready_file {
        let part = file.with_extension("part");
        std::fs::write(&part, format!("{ready}\n"))?;
        std::fs::rename(&part, file)?;
    }

    let app = Router::new()
        .merge(admin::routes())
        .merge(console::routes())
        .layer(axum::middleware::from_fn(admin::only_from_here))
        .fallback(front::serve)
        .with_state(Arc::clone(&sandbox));
    let doors = Doors { app, tls, sandbox };
    tokio::select! {
        stopped = accept(listener, doors) => stopped,
        reason = lifetime::over(serving.parent, serving.longest) => {
            eprintln!("lapor-sandbox: {reason}");
            Ok(())
        }
    }
}

#[derive(Clone)]
struct Doors {
    app: Router,
    tls: Option<TlsAcceptor>,
    sandbox: Arc<Sandbox>,
}

async fn accept(listener: TcpListener, doors: Doors) -> anyhow::Result<()> {
    loop {
        match listener.accept().await {
            Ok((socket, _)) => {
                tokio::spawn(open(socket, doors.clone()));
            }
            Err(error) => {
                // Too many open files, mostly: it passes.
                eprintln!("lapor-sandbox: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

/// With TLS on, the console stays reachable in the clear on the same port: the first byte tells.
async fn open(socket: TcpStream, doors: Doors) {
    // A socket without the option still works, only slower.
    let _slower = socket.set_nodelay(true);
    let Some(tls) = doors.tls.clone() else {
        return speak(socket, doors, true).await;
    };
    let mut first = [0];
    match tokio::time::timeout(PATIENCE, socket.peek(&mut first)).await {
        Ok(Ok(1)) if first == [TLS_HANDSHAKE] => {
            if let Ok(Ok(secured)) = tokio::time::timeout(PATIENCE, tls.accept(socket)).await {
                speak(secured, doors, true).await;
            }
        }
        Ok(Ok(1)) => speak(socket, doors, false).await,
        _ => {}
    }
}

/// HTTP on one connection, until it ends or a switch ends it.
async fn speak<S: Socket + 'static>(socket: S, doors: Doors, contract: bool) {
    let wire = Arc::new(Wire::new(Arc::clone(&doors.sandbox.journal)));
    let line = Line::new(socket, Arc::clone(&wire));
    let for_requests = Arc::clone(&wire);
    let app = doors.app;
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        let in_the_clear = !contract && !request.uri().path().starts_with("/sandbox");
        request.extensions_mut().insert(Arc::clone(&for_requests));
        let answer = TowerToHyperService::new(app.clone()).call(request);
        async move {
            if in_the_clear {
                return Ok::<Response, Infallible>(StatusCode::MISDIRECTED_REQUEST.into_response());
            }
            answer.await
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(line), service);
    tokio::select! {
        // Whatever ended it, the peer and the journal know already.
        _ended = connection => {}
        () = wire.cut_asked() => {}
    }
}
