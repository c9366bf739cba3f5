//! From arguments to an open client: where the store lies, its key, the gateway, the clock.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use lapor_core::{
    client::{Client, ClockSource, OpenClientError, Options, system_clock},
    engine::sync::Surroundings,
    net::GatewayUrl,
    store::{Notice, OpenError, StoreKey},
};

use crate::{
    args::Args,
    exit::{Failure, FileRole, Usage},
    key_file::{self, KeyFileError},
    print::Printer,
    view::Moment,
    words,
};

#[cfg(test)]
mod tests;

/// An open client and the clock that it goes by: what it says of times is read by no other.
pub(crate) struct Phone {
    pub(crate) client: Client,
    clock: ClockSource,
    is_full: bool,
}

impl Phone {
    /// Taken after a snapshot, never before: what is due later than the snapshot is not due now.
    pub(crate) fn moment(&self, printer: &Printer) -> Moment {
        Moment {
            now: (self.clock)().wall,
            lang: printer.lang(),
            is_full: self.is_full,
        }
    }
}

/// Opens the store that the arguments name and tells its notices.
pub(crate) fn open(args: &Args, printer: &Printer) -> Result<Phone, Failure> {
    let home = home(args)?;
    let key_path = args
        .key_file
        .clone()
        .unwrap_or_else(|| key_file::beside(&home));
    let key = key_file::read(&key_path)?;
    let gateway = gateway(args)?;
    let authority = authority(args)?;
    let clock = clock(args);
    let options = |key| {
        let mut options = Options::new(&home, key);
        options.gateway.clone_from(&gateway);
        options.authority.clone_from(&authority);
        options.clock = Arc::clone(&clock);
        options.guarded = vec![key_path.clone()];
        #[cfg(feature = "qa")]
        {
            options.crash_at = args.qa.crash_at;
        }
        options
    };
    let opened = match key {
        Some(key) => Client::open(options(Some(key)))?,
        None => first_use(&key_path, options)?,
    };
    let (client, notices) = opened;
    for notice in &notices {
        printer.note(words::notice(notice, printer.lang()));
    }
    let around = Surroundings {
        network: args.around.network,
        metered: args.around.metered,
        captive: args.around.captive,
    };
    if around != Surroundings::default() {
        client.set_surroundings(around)?;
    }
    Ok(Phone {
        client,
        clock,
        is_full: notices.contains(&Notice::ReserveMissing),
    })
}

fn clock(args: &Args) -> ClockSource {
    #[cfg(feature = "qa")]
    if let Some(moment) = args.qa.now {
        return moment.clock();
    }
    #[cfg(not(feature = "qa"))]
    let _ = args;
    system_clock()
}

/// No key file: the core knows whether a store is there, and only where none is one may be made.
fn first_use(
    key_path: &Path,
    options: impl Fn(Option<StoreKey>) -> Options,
) -> Result<(Client, Vec<Notice>), Failure> {
    match Client::open(options(None)) {
        Err(OpenClientError::Store(OpenError::KeyMissing {
            store_exists: false,
        })) => Ok(Client::open(options(Some(key_file::make(key_path)?)))?),
        // Another process may have made both since the key was looked for.
        Err(OpenClientError::Store(OpenError::KeyMissing { store_exists: true })) => {
            let key = key_file::read(key_path)?.ok_or(KeyFileError::Missing)?;
            Ok(Client::open(options(Some(key)))?)
        }
        opened => Ok(opened?),
    }
}

pub(crate) fn home(args: &Args) -> Result<PathBuf, Failure> {
    let home = match &args.home {
        Some(home) if !home.as_os_str().is_empty() => home.clone(),
        Some(_) => return Err(Failure::Usage(Usage::NoHome)),
        None => default_home().ok_or(Failure::Usage(Usage::NoHome))?,
    };
    // `.` and `..` have no name to put a key file beside.
    let home = match home.file_name() {
        Some(_) => home,
        None => fs::canonicalize(&home).map_err(|_| Failure::Usage(Usage::NoHome))?,
    };
    if home.file_name().is_none() {
        return Err(Failure::Usage(Usage::NoHome));
    }
    Ok(home)
}

/// XDG Base Directory: an empty or relative `XDG_DATA_HOME` counts as none.
fn default_home() -> Option<PathBuf> {
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute("XDG_DATA_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local").join("share")))
        .map(|data| data.join("lapor"))
}

fn gateway(args: &Args) -> Result<Option<GatewayUrl>, Failure> {
    let server = args
        .server
        .as_deref()
        .filter(|server| !server.trim().is_empty());
    server
        .map(|server| GatewayUrl::parse(server, false))
        .transpose()
        .map_err(|error| Failure::Usage(Usage::BadServer(error)))
}

/// Certificates are small; a file that is not is something else.
const AUTHORITY_MAX: u64 = 1 << 20;

fn authority(args: &Args) -> Result<Option<Vec<u8>>, Failure> {
    let Some(path) = args
        .ca
        .as_deref()
        .filter(|path| !path.as_os_str().is_empty())
    else {
        return Ok(None);
    };
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        io::Read::read_to_end(
            &mut io::Read::take(fs::File::open(path)?, AUTHORITY_MAX),
            &mut bytes,
        )?;
        Ok(bytes)
    };
    read().map(Some).map_err(|error| Failure::File {
        what: FileRole::Authority,
        kind: error.kind(),
    })
}
