//! The peer's server: takes a whole body by POST over the same TLS authority, writes one line for
//! each into a file, and answers 201. It knows no keys: what comes twice is there twice.

use std::{
    fs::File,
    io::Write,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

const HEAD_MAX: usize = 16 * 1024;
/// A peer that says nothing for so long is gone.
const SILENCE: Duration = Duration::from_secs(120);

pub(crate) fn run(listen: SocketAddr, chain: &Path, key: &Path, log: &Path) -> Result<()> {
    let certificates: Vec<_> =
        CertificateDer::pem_file_iter(chain)?.collect::<std::result::Result<_, _>>()?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(certificates, PrivateKeyDer::from_pem_file(key)?)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let log = Arc::new(Mutex::new(
        File::options().create(true).append(true).open(log)?,
    ));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async move {
        let listener = TcpListener::bind(listen).await?;
        println!("ready");
        loop {
            let (socket, _) = listener.accept().await?;
            let (acceptor, log) = (acceptor.clone(), Arc::clone(&log));
            tokio::task::spawn_local(async move {
                if let Ok(mut secured) = acceptor.accept(socket).await {
                    // A peer that was cut comes again.
                    let _cut = serve(&mut secured, &log).await;
                }
            });
        }
    })
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(line: &mut S, log: &Mutex<File>) -> Result<()> {
    let mut held = Vec::new();
    loop {
        let head = loop {
            if let Some(end) = held.windows(4).position(|four| four == b"\r\n\r\n") {
                let rest = held.split_off(end + 4);
                break std::mem::replace(&mut held, rest);
            }
            if held.len() > HEAD_MAX || more(line, &mut held).await? == 0 {
                return Ok(());
            }
        };
        let head = String::from_utf8_lossy(&head).to_lowercase();
        let length: usize = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .context("no content-length")?
            .trim()
            .parse()?;
        if head.contains("expect: 100-continue") {
            line.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let mut taken = held.len();
        while taken < length {
            held.clear();
            match more(line, &mut held).await? {
                0 => bail!("cut after {taken} of {length}"),
                bytes => taken += bytes,
            }
        }
        held.clear();
        writeln!(
            log.lock().unwrap_or_else(PoisonError::into_inner),
            "{length}"
        )?;
        line.write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
            .await?;
        line.flush().await?;
    }
}

async fn more<S: AsyncRead + Unpin>(line: &mut S, into: &mut Vec<u8>) -> Result<usize> {
    Ok(tokio::time::timeout(SILENCE, line.read_buf(into)).await??)
}
