//! One phone, its gateway, and what the people who use it know.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use lapor_core::{
    client::{Client, ClientError, OpenClientError, Options, SignInError},
    engine::{
        calendar::{Clock, Instant},
        report::{Edit, EventKey, ReportKey, Sha256Hash},
    },
    net::GatewayUrl,
    store::{LossKind, Notice, OpenError, StoreKey},
};
use lapor_sim_vfs::{Disk, Image, VFS};

use crate::office::{Line, Office};

/// A promise that was broken, in words.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Violation(pub(crate) String);

pub(crate) type Run<T> = Result<T, Violation>;

pub(crate) fn broken<T>(what: impl Into<String>) -> Run<T> {
    Err(Violation(what.into()))
}

/// Why a step was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("opening: {0}")]
    Open(#[from] OpenClientError),
    #[error("{0}")]
    Call(#[from] ClientError),
    #[error("signing in: {0}")]
    SignIn(#[from] SignInError),
    #[error("{0}")]
    Broken(#[from] Violation),
}

/// Codes of SQLite that say "the disk", by their first byte.
const DISK_CODES: [i32; 3] = [10, 13, 14];

impl Trouble {
    /// Is this what an app may be told when its disk fails or is full, and nothing worse?
    pub(crate) fn is_the_disks(&self) -> bool {
        let call = |error: &ClientError| match error {
            ClientError::DiskFull | ClientError::InUse { .. } => true,
            ClientError::Storage { kind } => match kind.strip_prefix("sqlite ") {
                Some(code) => code
                    .parse::<i32>()
                    .is_ok_and(|code| DISK_CODES.contains(&(code & 0xff))),
                None => kind == "other error" || kind == "uncategorized error",
            },
            _ => false,
        };
        match self {
            Self::Open(OpenClientError::Store(error)) => match error {
                OpenError::DiskFull
                | OpenError::NeedsSpace { .. }
                | OpenError::SalvageNeedsSpace { .. }
                | OpenError::Io { .. } => true,
                OpenError::Database { code } => DISK_CODES.contains(&(code & 0xff)),
                _ => false,
            },
            Self::Call(error) | Self::SignIn(SignInError::Client(error)) => call(error),
            _ => false,
        }
    }
}

/// What is known of one report by the one who writes it.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) key: ReportKey,
    pub(crate) owner: &'static str,
    /// Edits that were acknowledged, in order.
    pub(crate) edits: Vec<Edit>,
    /// One that was tried last and may have been kept.
    pub(crate) trying: Option<Edit>,
    pub(crate) pictures: Vec<Sha256Hash>,
    pub(crate) accepted: bool,
    /// Submitting was tried and may have been done.
    pub(crate) maybe_accepted: bool,
    pub(crate) taken_back: bool,
    /// The gateway has never heard of it although it is called sent: of the fixture.
    pub(crate) elsewhere: bool,
    /// Replies that were acknowledged.
    pub(crate) replies: Vec<EventKey>,
    /// Replies that failed and may have been kept.
    pub(crate) maybe_replies: u32,
}

/// What the people know.
#[derive(Debug, Clone, Default)]
pub(crate) struct Knows {
    pub(crate) reports: BTreeMap<&'static str, Known>,
    /// Who is signed in; none while that is not certain.
    pub(crate) user: Option<&'static str>,
    pub(crate) people: Vec<&'static str>,
    pub(crate) is_forgetting: Option<&'static str>,
    /// A draft that is being erased: whether it is, only the phone knows.
    pub(crate) erasing: Option<ReportKey>,
    /// It said that it is.
    pub(crate) erased: Option<ReportKey>,
}

/// Files that are attached, on the real disk: the camera's, not the store's.
pub(crate) struct Papers {
    folder: tempfile::TempDir,
}

impl Papers {
    pub(crate) fn new() -> std::io::Result<Self> {
        let papers = Self {
            folder: tempfile::tempdir()?,
        };
        std::fs::write(papers.photo(), photo()?)?;
        Ok(papers)
    }

    pub(crate) fn photo(&self) -> PathBuf {
        self.folder.path().join("photo.png")
    }

    pub(crate) fn document(&self, length: usize) -> std::io::Result<PathBuf> {
        let path = self.folder.path().join(format!("document-{length}.pdf"));
        if !path.exists() {
            let mut bytes = b"%PDF-1.4\n%%EOF\n".to_vec();
            let mut word = length as u64;
            while bytes.len() < length {
                word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                bytes.push((word >> 56) as u8);
            }
            // In one step: another thread may ask for the same.
            let fresh = self
                .folder
                .path()
                .join(format!("{:?}", std::thread::current().id()));
            std::fs::write(&fresh, bytes)?;
            std::fs::rename(fresh, &path)?;
        }
        Ok(path)
    }
}

/// A small picture of nothing.
fn photo() -> std::io::Result<Vec<u8>> {
    const SIDE: u32 = 48;
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, SIDE, SIDE);
    encoder.set_color(png::ColorType::Rgb);
    let pixels: Vec<u8> = (0..SIDE * SIDE * 3)
        .map(|at| (at * 7 % 251) as u8)
        .collect();
    encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&pixels))
        .map_err(std::io::Error::other)?;
    Ok(bytes)
}

pub(crate) struct Scene {
    pub(crate) disk: Disk,
    pub(crate) office: Arc<Office>,
    pub(crate) knows: Knows,
    pub(crate) papers: Arc<Papers>,
    /// The store was made by version 1, or is damaged: opening may say so.
    pub(crate) tells_migrated: bool,
    pub(crate) tells_set_aside: bool,
    pub(crate) old_ids: bool,
    /// The report of which nothing may be left.
    pub(crate) goes: Option<&'static str>,
    drawn: Arc<AtomicU64>,
    client: Option<Arc<Client>>,
    /// This app has said that it forgot nobody, or erased nothing.
    pub(crate) has_refused: bool,
    pub(crate) is_erasing: Arc<AtomicBool>,
    /// Losses that an opening has named.
    pub(crate) named: Vec<Option<ReportKey>>,
    /// An opening has said that whole reports are lost, of which not even the key is known.
    pub(crate) told_of_nameless: bool,
    /// An opening has set a store aside.
    pub(crate) heard_set_aside: bool,
}

/// Where a story begins, and where a recovery does: cheap to begin again from.
pub(crate) struct Start {
    image: Image,
    office: Office,
    knows: Knows,
    papers: Arc<Papers>,
    tells_migrated: bool,
    tells_set_aside: bool,
    old_ids: bool,
    goes: Option<&'static str>,
    drawn: u64,
}

impl Start {
    /// The gateway has seen nothing of what it took to learn what is on the phone.
    pub(crate) fn forget_the_gateway(&mut self) -> Run<()> {
        self.office = Office::new().map_err(|_| Violation("no gateway".to_owned()))?;
        Ok(())
    }
}

impl Scene {
    pub(crate) fn new(papers: Arc<Papers>) -> Run<Self> {
        let office = Office::new().map_err(|_| Violation("no gateway".to_owned()))?;
        let disk = Disk::new();
        Ok(Self {
            disk,
            office: Arc::new(office),
            knows: Knows::default(),
            papers,
            tells_migrated: false,
            tells_set_aside: false,
            old_ids: false,
            goes: None,
            drawn: Arc::default(),
            client: None,
            has_refused: false,
            is_erasing: Arc::default(),
            named: Vec::new(),
            told_of_nameless: false,
            heard_set_aside: false,
        })
    }

    /// Closes the app and keeps everything.
    pub(crate) fn start(mut self) -> Run<Start> {
        self.close();
        self.keep(self.disk.image())
    }

    /// Everything as it is, with another disk.
    pub(crate) fn keep(&self, image: Image) -> Run<Start> {
        let office = self.office.fork();
        Ok(Start {
            image,
            office: office.map_err(|_| Violation("no gateway".to_owned()))?,
            knows: self.knows.clone(),
            papers: Arc::clone(&self.papers),
            tells_migrated: self.tells_migrated,
            tells_set_aside: self.tells_set_aside,
            old_ids: self.old_ids,
            goes: self.goes,
            drawn: self.drawn.load(Ordering::SeqCst),
        })
    }

    pub(crate) fn begin(start: &Start) -> Run<Self> {
        Self::begin_on(start, Disk::of(&start.image))
    }

    pub(crate) fn begin_on(start: &Start, disk: Disk) -> Run<Self> {
        let office = start.office.fork();
        Ok(Self {
            disk,
            office: Arc::new(office.map_err(|_| Violation("no gateway".to_owned()))?),
            knows: start.knows.clone(),
            papers: Arc::clone(&start.papers),
            tells_migrated: start.tells_migrated,
            tells_set_aside: start.tells_set_aside,
            old_ids: start.old_ids,
            goes: start.goes,
            drawn: Arc::new(AtomicU64::new(start.drawn)),
            client: None,
            has_refused: false,
            is_erasing: Arc::default(),
            named: Vec::new(),
            told_of_nameless: false,
            heard_set_aside: false,
        })
    }

    pub(crate) fn close(&mut self) {
        self.client = None;
        self.has_refused = false;
    }

    /// The running app; opened when it is not.
    pub(crate) fn app(&mut self) -> Result<Arc<Client>, Trouble> {
        if let Some(client) = &self.client {
            return Ok(Arc::clone(client));
        }
        let key = if self.old_ids { [0x5a; 32] } else { [0x42; 32] };
        let mut options = Options::new(self.disk.home(), Some(StoreKey::new(key, [7; 16])));
        options.vfs = Some(VFS);
        options.plain = self.goes.is_some();
        options.gateway = GatewayUrl::parse("https://lapor.test/", false).ok();
        let line = Arc::new(Line {
            office: Arc::clone(&self.office),
            disk: self.disk.clone(),
            life: self.disk.life(),
            old_ids: self.old_ids,
            is_erasing: Arc::clone(&self.is_erasing),
        });
        options.transport = Some(Arc::clone(&line) as _);
        let office = Arc::clone(&self.office);
        options.clock = Arc::new(move || Clock {
            wall: Instant(office.now()),
            boot: u64::try_from(office.now()).unwrap_or(0),
        });
        let drawn = Arc::clone(&self.drawn);
        options.entropy = Arc::new(move |bytes| {
            let mut word = drawn.fetch_add(1, Ordering::SeqCst).wrapping_add(1) << 20;
            for byte in bytes {
                word = word
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                *byte = (word >> 56) as u8;
            }
        });
        let (client, notices) = Client::open(options)?;
        for notice in notices {
            self.hear(notice)?;
        }
        client.listen(Some(line));
        let client = Arc::new(client);
        self.client = Some(Arc::clone(&client));
        Ok(client)
    }

    /// What opening has to tell must be true.
    fn hear(&mut self, notice: Notice) -> Run<()> {
        match notice {
            Notice::Migrated { .. } if self.tells_migrated => Ok(()),
            Notice::SetAside { losses, .. } if self.tells_set_aside => {
                self.heard_set_aside = true;
                self.told_of_nameless |= losses.iter().any(|loss| {
                    matches!(loss.what, LossKind::Report | LossKind::Everything)
                        && loss.report.is_none()
                });
                self.named.extend(losses.iter().map(|loss| loss.report));
                Ok(())
            }
            Notice::ReserveMissing | Notice::SalvageWaits { .. } if self.disk.struck() > 0 => {
                Ok(())
            }
            other => broken(format!("opening says {other:?}")),
        }
    }

    /// Names in the home that nothing but a damaged store may leave there.
    pub(crate) fn folders_are_in_order(&self) -> Run<()> {
        let names = self.disk.names(&self.disk.home()).unwrap_or_default();
        let odd = |name: &&String| {
            name.as_str() == "salvage" || name.starts_with("set-aside-") && !self.tells_set_aside
        };
        match names.iter().find(odd) {
            Some(name) => broken(format!("there is a folder {name}")),
            None => Ok(()),
        }
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.disk.home().join("store").join("lapor.db")
    }
}

/// The old store that is kept with the tests.
pub(crate) fn fixture() -> &'static [(&'static str, Vec<u8>)] {
    static FILES: OnceLock<Vec<(&str, Vec<u8>)>> = OnceLock::new();
    FILES.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/store-v1/store");
        ["lapor.db", "key-check"]
            .into_iter()
            .map(|name| (name, std::fs::read(folder.join(name)).unwrap_or_default()))
            .collect()
    })
}
