use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::{Context, Result};

const PIECE: usize = 4096;

/// The line between a phone and the gateway: a relay on loopback that can be down (connections
/// are refused), slow, or cut at a byte; it counts what really passed.
///
/// It shows stories and counts bytes. It is no model of a radio link: handshakes and loss are
/// hidden by a relay.
pub struct Line {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    here: SocketAddr,
    there: Mutex<SocketAddr>,
    up: AtomicBool,
    stop: AtomicBool,
    to_gateway: AtomicU64,
    to_phone: AtomicU64,
    /// Totals of bytes to the gateway at which the connection is dropped, ascending.
    cuts: Mutex<Vec<u64>>,
    cuts_made: AtomicU64,
    /// Bytes a second towards the gateway; 0 is as fast as it goes.
    rate: AtomicU64,
    open: Mutex<Vec<TcpStream>>,
}

impl Line {
    /// A line to `there`, up.
    pub fn to(there: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("a free loopback port")?;
        let shared = Arc::new(Shared {
            here: listener.local_addr()?,
            there: Mutex::new(there),
            up: AtomicBool::new(true),
            stop: AtomicBool::new(false),
            to_gateway: AtomicU64::new(0),
            to_phone: AtomicU64::new(0),
            cuts: Mutex::default(),
            cuts_made: AtomicU64::new(0),
            rate: AtomicU64::new(0),
            open: Mutex::default(),
        });
        let thread = thread::spawn({
            let shared = Arc::clone(&shared);
            move || shared.accept(Some(listener))
        });
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.shared.here
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.shared.here)
    }

    /// From now on new connections go to another gateway; open ones end.
    pub fn leads_to(&self, there: SocketAddr) {
        *self
            .shared
            .there
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = there;
        self.shared.drop_all();
    }

    /// Down: connections end, new ones are refused.
    pub fn set_up(&self, up: bool) {
        self.shared.up.store(up, Ordering::SeqCst);
        if !up {
            self.shared.drop_all();
        }
        // The accepting thread looks every 5 ms; a story must not run ahead of it.
        thread::sleep(Duration::from_millis(30));
    }

    pub fn set_rate(&self, bytes_a_second: u64) {
        self.shared.rate.store(bytes_a_second, Ordering::SeqCst);
    }

    /// Cuts when the total towards the gateway reaches each of these numbers.
    pub fn cut_at(&self, mut totals: Vec<u64>) {
        totals.sort_unstable();
        *self
            .shared
            .cuts
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = totals;
    }

    pub fn cuts_made(&self) -> u64 {
        self.shared.cuts_made.load(Ordering::SeqCst)
    }

    /// Bytes that passed (to the gateway, to the phone).
    pub fn passed(&self) -> (u64, u64) {
        (
            self.shared.to_gateway.load(Ordering::SeqCst),
            self.shared.to_phone.load(Ordering::SeqCst),
        )
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        self.shared.drop_all();
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

impl Shared {
    fn accept(self: &Arc<Self>, mut listener: Option<TcpListener>) {
        while !self.stop.load(Ordering::SeqCst) {
            if self.up.load(Ordering::SeqCst) {
                if listener.is_none() {
                    listener = TcpListener::bind(self.here).ok();
                }
                if let Some(open) = &listener {
                    let _set = open.set_nonblocking(true);
                    match open.accept() {
                        Ok((phone, _)) => self.join(phone),
                        Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                        Err(_) => listener = None,
                    }
                }
            } else {
                listener = None;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn join(self: &Arc<Self>, phone: TcpStream) {
        let there = *self.there.lock().unwrap_or_else(PoisonError::into_inner);
        let Ok(gateway) = TcpStream::connect(there) else {
            return;
        };
        let _set = (
            phone.set_nonblocking(false),
            phone.set_nodelay(true),
            gateway.set_nodelay(true),
        );
        let (Ok(phone_again), Ok(gateway_again)) = (phone.try_clone(), gateway.try_clone()) else {
            return;
        };
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.extend(
            [phone.try_clone(), gateway.try_clone()]
                .into_iter()
                .flatten(),
        );
        drop(open);
        let shared = Arc::clone(self);
        thread::spawn(move || shared.relay(phone, gateway, true));
        let shared = Arc::clone(self);
        thread::spawn(move || shared.relay(gateway_again, phone_again, false));
    }

    fn relay(&self, mut from: TcpStream, mut to: TcpStream, to_gateway: bool) {
        let mut piece = [0; PIECE];
        while let Ok(count) = from.read(&mut piece) {
            let Some(bytes) = piece.get(..count).filter(|bytes| !bytes.is_empty()) else {
                break;
            };
            let pass = if to_gateway {
                self.pass(bytes.len())
            } else {
                bytes.len()
            };
            let counter = if to_gateway {
                &self.to_gateway
            } else {
                &self.to_phone
            };
            counter.fetch_add(pass as u64, Ordering::SeqCst);
            if to.write_all(bytes.get(..pass).unwrap_or_default()).is_err() || pass < bytes.len() {
                break;
            }
            let rate = self.rate.load(Ordering::SeqCst);
            if to_gateway && rate > 0 {
                thread::sleep(Duration::from_micros(pass as u64 * 1_000_000 / rate));
            }
        }
        // The gateway gets what passed before it sees the end.
        let _closed = (to.shutdown(Shutdown::Write), from.shutdown(Shutdown::Both));
        if to_gateway {
            thread::sleep(Duration::from_millis(5));
            let _closed = to.shutdown(Shutdown::Both);
        }
    }

    /// How many of these bytes pass before the next cut.
    fn pass(&self, count: usize) -> usize {
        let total = self.to_gateway.load(Ordering::SeqCst);
        let mut cuts = self.cuts.lock().unwrap_or_else(PoisonError::into_inner);
        match cuts.first() {
            Some(cut) if *cut < total + count as u64 => {
                let pass = usize::try_from(cut.saturating_sub(total)).unwrap_or(0);
                cuts.remove(0);
                self.cuts_made.fetch_add(1, Ordering::SeqCst);
                pass
            }
            _ => count,
        }
    }

    fn drop_all(&self) {
        for stream in self
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain(..)
        {
            let _closed = stream.shutdown(Shutdown::Both);
        }
    }
}
