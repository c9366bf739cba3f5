//! A test authority and the certificates of the lab, made on the spot and trusted by nobody else.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};

pub(crate) const GATEWAY: &str = "gateway.lapor.test";
pub(crate) const PEER: &str = "peer.lapor.test";

/// What may be wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Good,
    WrongHost,
    SelfSigned,
    Expired,
    NotYetValid,
}

impl Kind {
    pub(crate) const ALL: [Self; 5] = [
        Self::Good,
        Self::WrongHost,
        Self::SelfSigned,
        Self::Expired,
        Self::NotYetValid,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::WrongHost => "wrong-host",
            Self::SelfSigned => "self-signed",
            Self::Expired => "expired",
            Self::NotYetValid => "not-yet-valid",
        }
    }
}

/// The folder with `ca.pem` and, for each kind, `KIND.pem` (with its chain) and `KIND.key`.
#[derive(Debug, Clone)]
pub(crate) struct Authority {
    folder: PathBuf,
}

impl Authority {
    /// A root, and an intermediate that signs, as on the web: the chain costs bytes on every cold
    /// start.
    pub(crate) fn make(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let (root, root_key) = authority("LAPOR lab root", BasicConstraints::Unconstrained)?;
        let root_pem = root.self_signed(&root_key)?.pem();
        let root = Issuer::new(root, root_key);
        let (middle, middle_key) =
            authority("LAPOR lab authority", BasicConstraints::Constrained(0))?;
        let middle_pem = middle.signed_by(&middle_key, &root)?.pem();
        let middle = Issuer::new(middle, middle_key);
        fs::write(folder.join("ca.pem"), root_pem)?;
        for kind in Kind::ALL {
            let key = KeyPair::generate()?;
            let params = params(kind)?;
            let chain = if kind == Kind::SelfSigned {
                params.self_signed(&key)?.pem()
            } else {
                params.signed_by(&key, &middle)?.pem() + &middle_pem
            };
            fs::write(folder.join(format!("{}.pem", kind.name())), chain)?;
            fs::write(
                folder.join(format!("{}.key", kind.name())),
                key.serialize_pem(),
            )?;
        }
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    pub(crate) fn chain(&self, kind: Kind) -> PathBuf {
        self.folder.join(format!("{}.pem", kind.name()))
    }

    pub(crate) fn key(&self, kind: Kind) -> PathBuf {
        self.folder.join(format!("{}.key", kind.name()))
    }
}

fn authority(name: &str, path: BasicConstraints) -> Result<(CertificateParams, KeyPair)> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(path);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok((params, KeyPair::generate()?))
}

fn params(kind: Kind) -> Result<CertificateParams> {
    let names: &[&str] = match kind {
        Kind::WrongHost => &["elsewhere.lapor.test"],
        _ => &[GATEWAY, PEER],
    };
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names)?;
    params
        .distinguished_name
        .push(DnType::CommonName, "LAPOR lab");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    (params.not_before, params.not_after) = match kind {
        Kind::Expired => (date_time_ymd(2020, 1, 1), date_time_ymd(2020, 12, 31)),
        Kind::NotYetValid => (date_time_ymd(2090, 1, 1), date_time_ymd(2090, 12, 31)),
        // As short as public ones are: a clock ten years ahead finds it expired.
        _ => (date_time_ymd(2026, 1, 1), date_time_ymd(2028, 12, 31)),
    };
    Ok(params)
}
