//! A few reports with pictures in different states, sent to a running sandbox over the real
//! contract: something to look at, and a proof that the sandbox is one.

mod picture;

use anyhow::Context as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::plain_http::{PlainAnswer, exchange};

/// The accounts' password, as the sandbox's README says.
const PASSWORD: &str = "rahasia123";

/// Sends them; a sandbox that has them already answers 200 to each.
pub(crate) fn run(url: &str) -> anyhow::Result<()> {
    let address = url
        .trim_end_matches('/')
        .strip_prefix("http://")
        .context("the address begins with http://; over HTTPS nothing is seeded")?;
    let siti = Reporter::signs_in(address, "siti")?;
    let budi = Reporter::signs_in(address, "budi")?;

    let road = picture::street(960, 640, 0);
    let closer = picture::street(720, 960, 1);
    let flood = picture::street(960, 640, 2);
    budi.sends(
        "0a6c1f5e-58d7-4d0c-9a55-0e1d6d0f5a02",
        &json!({
            "classification": "information_request",
            "title": "Jadwal perbaikan jembatan Tukad Mati",
            "content": "Kapan jembatan ditutup, dan lewat mana bus sekolah berputar?",
            "location": "Jembatan Tukad Mati",
        }),
        &[],
    )?;
    budi.sends(
        "0a6c1f5e-58d7-4d0c-9a55-0e1d6d0f5a01",
        &json!({
            "classification": "complaint",
            "title": "Pungutan di loket pelayanan",
            "content": "Diminta membayar tanpa kuitansi untuk surat yang seharusnya gratis.",
            "location": "Kantor kelurahan",
            "secret": true,
        }),
        &[(&road, "loket.png")],
    )?;

    let second = siti.sends(
        "0a6c1f5e-58d7-4d0c-9a55-0e1d6d0f5a03",
        &json!({
            "classification": "complaint",
            "title": "Drainase tersumbat, air masuk ke rumah",
            "content": "Saluran di gang kami tersumbat sejak dua minggu. Setiap hujan air masuk ke enam rumah.",
            "location": "Gang Melati, Kerobokan",
            "anonymous": true,
        }),
        &[(&flood, "banjir.png"), (&closer, "saluran.png")],
    )?;
    siti.uploads(&second, &flood, flood.len() * 2 / 3)?;

    let first = siti.sends(
        "0a6c1f5e-58d7-4d0c-9a55-0e1d6d0f5a04",
        &json!({
            "classification": "complaint",
            "title": "Jalan berlubang di Jalan Raya Kuta",
            "content": "Lubang sedalam sejengkal di depan pasar. Dua motor jatuh minggu ini, dan saat hujan tidak terlihat.",
            "location": "Jalan Raya Kuta, depan pasar",
            "area_code": "51.03.01",
        }),
        &[(&road, "lubang.png"), (&closer, "lubang-dekat.png")],
    )?;
    siti.uploads(&first, &road, road.len())?;
    siti.uploads(&first, &closer, closer.len())?;

    let desk = |report: &Value, action: &str, said: Value| -> anyhow::Result<()> {
        let key = text(report, "key")?;
        let answer = exchange(
            address,
            "POST",
            &format!("/sandbox/report/{key}/{action}"),
            &[("Content-Type", "application/json")],
            said.to_string().as_bytes(),
        )?;
        // 409: an earlier seed has brought the report there already.
        expect(&answer, &[200, 409])?;
        Ok(())
    };
    desk(&first, "verify", json!({}))?;
    desk(&first, "dispose", json!({ "institution": "dpu-badung" }))?;
    desk(
        &first,
        "follow-up",
        json!({ "text": "Tim kami menambal lubang besok pagi." }),
    )?;
    desk(&second, "verify", json!({}))?;
    println!("seeded 4 reports");
    Ok(())
}

struct Reporter<'a> {
    address: &'a str,
    authorization: String,
}

impl<'a> Reporter<'a> {
    fn signs_in(address: &'a str, user: &str) -> anyhow::Result<Self> {
        let body = json!({ "user": user, "password": PASSWORD }).to_string();
        let headers = [
            ("Lapor-Contract", "1"),
            ("Lapor-Request", "seed-sign-in"),
            ("Content-Type", "application/json"),
        ];
        let answer = exchange(address, "POST", "/v1/session", &headers, body.as_bytes())?;
        expect_marked(&answer, &[200])?;
        let session = answer.json();
        Ok(Self {
            address,
            authorization: format!("Bearer {}", text(&session, "access_token")?),
        })
    }

    fn sends(
        &self,
        key: &str,
        words: &Value,
        pictures: &[(&Vec<u8>, &str)],
    ) -> anyhow::Result<Value> {
        let attachments: Vec<Value> = pictures
            .iter()
            .map(|(bytes, name)| {
                json!({
                    "sha256": sha256(bytes),
                    "bytes": bytes.len(),
                    "media_type": "image/png",
                    "name": name,
                })
            })
            .collect();
        let mut body = json!({
            "incident_date": "2026-01-15",
            "anonymous": false,
            "secret": false,
            "attachments": attachments,
        });
        if let (Value::Object(body), Value::Object(words)) = (&mut body, words) {
            body.extend(words.clone());
        }
        let headers = [
            ("Lapor-Contract", "1"),
            ("Lapor-Request", "seed-create"),
            ("Content-Type", "application/json"),
            ("Authorization", &self.authorization),
        ];
        let target = format!("/v1/reports/{key}");
        let bytes = body.to_string();
        let answer = exchange(self.address, "PUT", &target, &headers, bytes.as_bytes())?;
        expect_marked(&answer, &[200, 201])?;
        Ok(answer.json())
    }

    /// Sends the first `part` bytes of a picture, unless the gateway has more already.
    fn uploads(&self, report: &Value, bytes: &[u8], part: usize) -> anyhow::Result<()> {
        let hash = sha256(bytes);
        let missing = report.get("missing").and_then(Value::as_array);
        let wanted = missing
            .into_iter()
            .flatten()
            .find(|missing| missing.get("sha256").and_then(Value::as_str) == Some(hash.as_str()));
        let Some(wanted) = wanted else {
            return Ok(());
        };
        let have = wanted.get("offset").and_then(Value::as_u64).unwrap_or(0);
        let Some(rest) = bytes
            .get(usize::try_from(have)?..part)
            .filter(|rest| !rest.is_empty())
        else {
            return Ok(());
        };
        let offset = have.to_string();
        let headers = [
            ("Tus-Resumable", "1.0.0"),
            ("Upload-Offset", offset.as_str()),
            ("Content-Type", "application/offset+octet-stream"),
        ];
        let target = text(wanted, "upload_url")?;
        let answer = exchange(self.address, "PATCH", target, &headers, rest)?;
        expect(&answer, &[204])
    }
}

/// An answer of the gateway itself, with the contract's mark.
fn expect_marked(answer: &PlainAnswer, statuses: &[u16]) -> anyhow::Result<()> {
    anyhow::ensure!(
        answer.find("Lapor-Contract").is_some(),
        "something else than the gateway answered {}",
        answer.status
    );
    expect(answer, statuses)
}

fn expect(answer: &PlainAnswer, statuses: &[u16]) -> anyhow::Result<()> {
    anyhow::ensure!(
        statuses.contains(&answer.status),
        "the sandbox answered {} {}",
        answer.status,
        answer.json().get("code").unwrap_or(&Value::Null)
    );
    Ok(())
}

fn text<'a>(value: &'a Value, name: &str) -> anyhow::Result<&'a str> {
    value
        .get(name)
        .and_then(Value::as_str)
        .with_context(|| format!("the answer has no {name}"))
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
