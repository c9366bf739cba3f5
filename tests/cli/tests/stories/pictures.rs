use std::{fs, path::Path, process::Command};

use lapor_core::engine::sync::Change;
use lapor_photo::synth;

use crate::phone::{Phone, now};

/// A photo as a phone's camera writes it: place, time and thumbnail beside the picture.
pub(crate) fn photo(path: &Path, seed: u64) {
    synth::camera_photo(path, seed, 1200, 900, 6).unwrap();
}

pub(crate) fn made(phone: &Phone, name: &str, seed: u64) -> String {
    let path = phone.folder().join(name);
    photo(&path, seed);
    path.to_str().unwrap().to_owned()
}

#[test]
fn place_and_time_of_a_photo_are_offered_and_not_told() {
    let phone = Phone::of("siti");
    let key = phone.draft("Jalan rusak");
    let file = made(&phone, "IMG_0001.jpg", 1);
    let ran = phone.run(["attach", &key, &file]).ends(0);
    assert!(
        ran.out
            .contains("lokasi foto ditemukan; tidak dikirim kecuali Anda menambahkannya"),
        "{ran:?}"
    );
    let offer = ran
        .out
        .split("lapor draft edit ")
        .find(|part| part.contains("--place"))
        .unwrap()
        .trim();

    let shown = phone.json(&["show", &key]);
    assert_eq!(shown["latitude"], serde_json::Value::Null);
    let picture = &shown["pictures"][0];
    assert_eq!(
        (&picture["name"], &picture["number"]),
        (&"foto-1.jpg".into(), &1.into()),
        "not the file's own name"
    );
    assert!(picture["bytes"].as_u64().unwrap() <= 300 * 1024);
    assert_eq!(
        picture["original_bytes"].as_u64().unwrap(),
        fs::metadata(&file).unwrap().len()
    );
    assert_eq!(
        (picture["width"].as_u64(), picture["height"].as_u64()),
        (Some(900), Some(1200)),
        "upright"
    );

    // The offer is a command that works.
    let words: Vec<&str> = ["draft", "edit"]
        .into_iter()
        .chain(offer.split(' '))
        .collect();
    phone.run(words).ends(0);
    let latitude = phone.json(&["show", &key])["latitude"].as_f64().unwrap();
    assert!(
        (latitude - synth::PLACE.latitude).abs() < 1e-4,
        "{latitude}"
    );
}

#[test]
fn what_is_kept_tells_nothing_of_camera_and_place() {
    let phone = Phone::of("siti");
    let key = phone.draft("Jalan rusak");
    let file = made(&phone, "IMG_0001.jpg", 2);
    phone
        .run(["attach", &key, &file, "--budget", "60k"])
        .ends(0);
    let folder = phone.folder().join("keluar");
    let exported = phone.json(&["export", folder.to_str().unwrap()]);
    assert_eq!(
        (&exported["reports"], &exported["attachments"]),
        (&1.into(), &1.into())
    );
    let bytes = fs::read(folder.join(&key).join("foto-1.jpg")).unwrap();
    assert!(bytes.len() <= 60 * 1024);
    for secret in [synth::CANARY, "Exif", "IMG_0001"] {
        assert!(
            !bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes()),
            "{secret}"
        );
    }
    phone.run(["export", folder.to_str().unwrap()]).ends(2);
}

#[test]
fn a_bad_file_keeps_no_other_from_being_attached() {
    let phone = Phone::of("siti");
    let key = phone.draft("Jalan rusak");
    let path = |name: &str| phone.folder().join(name).to_str().unwrap().to_owned();
    let good = made(&phone, "baik.jpg", 3);
    fs::write(path("kosong.jpg"), "").unwrap();
    fs::write(path("kata.jpg"), "hanya kata-kata").unwrap();
    fs::write(path("surat.jpg"), "%PDF-1.4\n1 0 obj\nendobj\n%%EOF\n").unwrap();
    fs::write(path("iphone.jpg"), b"\0\0\0\x18ftypheic\0\0\0\0mif1heic").unwrap();
    fs::write(path("potong.jpg"), &fs::read(&good).unwrap()[..20_000]).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(path("pipa.jpg"))
            .status()
            .unwrap()
            .success()
    );
    std::os::unix::fs::symlink(&good, path("tautan.jpg")).unwrap();

    let names = [
        "kosong.jpg",
        "kata.jpg",
        "iphone.jpg",
        "pipa.jpg",
        "hilang.jpg",
        ".",
        "potong.jpg",
        "baik.jpg",
        "tautan.jpg",
        "surat.jpg",
    ];
    let files: Vec<String> = names.iter().map(|name| path(name)).collect();
    let line: Vec<&str> = ["attach", &key, "--json"]
        .into_iter()
        .chain(files.iter().map(String::as_str))
        .collect();
    let ran = phone.run(line).ends(1);
    let results = ran.json()["attachments"].as_array().unwrap().clone();
    let told: Vec<&str> = results
        .iter()
        .map(|one| {
            one["error"]["code"]
                .as_str()
                .or(one["media_type"].as_str())
                .unwrap()
        })
        .collect();
    assert_eq!(
        told,
        [
            "file_empty",
            "unknown_format",
            "convert_heic",
            "not_a_file",
            "file_not_found",
            "not_a_file",
            "truncated",
            "image/jpeg",
            "already_attached",
            "application/pdf",
        ]
    );
    assert!(
        ran.err.contains("kosong.jpg: ") && ran.err.contains("HEIC"),
        "{ran:?}"
    );
    let kept = phone.json(&["show", &key]);
    assert_eq!(kept["attachments"]["total"], 2);
    assert_eq!(
        kept["pictures"][1]["name"]
            .as_str()
            .unwrap()
            .rsplit('.')
            .next(),
        Some("pdf"),
        "named for what it is"
    );
    phone.run(["submit", &key]).ends(0);
}

#[test]
fn the_eleventh_attachment_is_one_too_many() {
    let phone = Phone::of("siti");
    let key = phone.draft("Jalan rusak");
    let files: Vec<String> = (0..11)
        .map(|number| {
            let path = phone.folder().join(format!("{number}.pdf"));
            fs::write(&path, format!("%PDF-1.4\n% {number}\n%%EOF\n")).unwrap();
            path.to_str().unwrap().to_owned()
        })
        .collect();
    let line: Vec<&str> = ["attach", &key, "--json"]
        .into_iter()
        .chain(files.iter().map(String::as_str))
        .collect();
    let results = phone.run(line).ends(1).json()["attachments"].clone();
    assert_eq!(results[9]["number"], 10);
    assert_eq!(results[10]["error"]["code"], "too_many_attachments");

    phone.run(["detach", &key, "11"]).ends(1);
    phone.run(["detach", &key, "3"]).ends(0);
    phone.run(["attach", &key, &files[10]]).ends(0);
    assert_eq!(phone.json(&["show", &key])["attachments"]["total"], 10);
    phone.run(["submit", &key]).ends(0);
    phone.run(["attach", &key, &files[2]]).ends(1);
    phone.run(["detach", &key, "1"]).ends(1);
}

#[test]
fn a_files_name_never_steers_the_terminal() {
    let phone = Phone::new();
    let key = phone.draft("Jalan rusak");
    let file = made(&phone, "a\x1b[2J\u{202e}b.jpg", 4);
    let missing = phone.folder().join("\x1b[31mc.jpg");
    let ran = phone
        .run(["attach", &key, &file, missing.to_str().unwrap()])
        .ends(1);
    assert!(
        !ran.out.contains(['\x1b', '\u{202e}']) && !ran.err.contains('\x1b'),
        "{ran:?}"
    );
}

/// Rows of a plain PNG in which the upper left quarter is `hidden` and the rest is not.
fn with_plate(path: &Path, hidden: [u8; 3]) {
    let (width, height) = (320_u32, 240_u32);
    let mut encoder = png::Encoder::new(fs::File::create(path).unwrap(), width, height);
    encoder.set_color(png::ColorType::Rgb);
    let pixel = |x: u32, y: u32| {
        if x < width / 2 && y < height / 2 {
            hidden
        } else {
            [90, (x / 2) as u8, y as u8]
        }
    };
    let pixels: Vec<u8> = (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| pixel(x, y)))
        .collect();
    encoder
        .write_header()
        .unwrap()
        .write_image_data(&pixels)
        .unwrap();
}

#[test]
fn what_is_covered_is_in_no_byte_that_is_kept() {
    let phone = Phone::of("siti");
    let folder = phone.folder().to_owned();
    let digest = |hidden: [u8; 3], cover: &[&str]| {
        let key = phone.draft("Parkir liar");
        let path = folder.join("plate.png");
        with_plate(&path, hidden);
        let path = path.to_str().unwrap().to_owned();
        let words: Vec<&str> = ["attach", &key, &path]
            .into_iter()
            .chain(cover.iter().copied())
            .collect();
        phone.json(&words)["attachments"][0]["sha256"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let cover = ["--cover", "0,0,0.25,0.5", "--cover", "0.25,0,0.25,0.5"];
    let (white, red) = ([255; 3], [255, 0, 0]);
    assert_eq!(digest(white, &cover), digest(red, &cover));
    assert_ne!(digest(white, &[]), digest(red, &[]));
    // Half of it is not all of it.
    assert_ne!(digest(white, &cover[..2]), digest(red, &cover[..2]));
}

#[test]
fn what_is_covered_is_told_as_it_came_out() {
    let phone = Phone::of("siti");
    let key = phone.draft("Parkir liar");
    let path = phone.folder().join("plate.png");
    with_plate(&path, [255; 3]);
    let path = path.to_str().unwrap();
    // Pixels in the place of parts: that all of it is black is not found out by whoever reads it.
    let ran = phone
        .run(["attach", &key, path, "--cover", "0,0,200,100"])
        .ends(0);
    assert!(
        ran.out
            .contains("0 sampai 100 % dari kiri, 0 sampai 100 % dari atas, seluruh gambar"),
        "{ran:?}"
    );
    let out = phone.folder().join("out.jpg");
    let shrunk = phone.json(&[
        "photo",
        path,
        out.to_str().unwrap(),
        "--cover",
        "0.5,0.25,2,2",
    ]);
    assert_eq!(
        shrunk["covered"],
        serde_json::json!([[0.5, 0.25, 1.0, 1.0]])
    );
}

#[test]
fn what_cannot_be_covered_is_not_kept_uncovered() {
    let phone = Phone::of("siti");
    let key = phone.draft("Surat");
    let pdf = phone.folder().join("surat.pdf");
    fs::write(&pdf, "%PDF-1.4\n%%EOF\n").unwrap();
    let pdf = pdf.to_str().unwrap();
    let ran = phone
        .run(["attach", &key, pdf, "--cover", "0,0,0.5,0.5", "--json"])
        .ends(1);
    assert_eq!(
        ran.json()["attachments"][0]["error"]["code"],
        "cannot_cover"
    );
    phone
        .run(["attach", &key, pdf, "--cover", "2,0,0.5,0.5"])
        .ends(2);
    phone
        .run(["attach", &key, pdf, "--cover", "0,0,0.5"])
        .ends(2);
    assert_eq!(
        phone.json(&["show", &key])["pictures"],
        serde_json::json!([])
    );
}

#[test]
fn a_picture_and_its_small_one_can_be_looked_at() {
    let phone = Phone::of("siti");
    let key = phone.draft("Jalan rusak");
    let file = made(&phone, "IMG_0001.jpg", 1);
    let attached = phone.json(&["attach", &key, &file]);
    let out = phone.folder().join("out.jpg").to_str().unwrap().to_owned();
    let whole = phone.json(&["picture", &key, "1", &out]);
    assert_eq!(whole["bytes"], attached["attachments"][0]["bytes"]);
    let out = phone
        .folder()
        .join("small.jpg")
        .to_str()
        .unwrap()
        .to_owned();
    let small = phone.json(&["picture", &key, "1", &out, "--thumbnail"]);
    assert!(
        (2_000..=24 * 1024).contains(&small["bytes"].as_u64().unwrap()),
        "{small}"
    );
    let bytes = fs::read(&out).unwrap();
    assert!(bytes.starts_with(&[0xff, 0xd8]));
    let canary = synth::CANARY.as_bytes();
    assert!(!bytes.windows(canary.len()).any(|window| window == canary));
    phone
        .run(["picture", &key, "2", &out, "--thumbnail"])
        .ends(1);
    phone.run(["detach", &key, "1"]).ends(0);
    phone.run(["picture", &key, "1", &out]).ends(1);
}

#[test]
fn a_document_has_no_pixels_to_tell_of() {
    let phone = Phone::of("siti");
    let key = phone.draft("Surat");
    let pdf = phone.folder().join("surat.pdf");
    fs::write(&pdf, "%PDF-1.4\n%%EOF\n").unwrap();
    let ran = phone.run(["attach", &key, pdf.to_str().unwrap()]).ends(0);
    assert!(
        ran.out.contains("surat.pdf") && !ran.out.contains("0 x 0"),
        "{ran:?}"
    );
}

#[test]
fn what_is_chosen_for_pictures_is_kept_and_holds_for_the_next_one() {
    let phone = Phone::of("siti");
    let usual = phone.json(&["settings"]);
    assert_eq!(usual["picture_bytes"], 300 * 1024);
    assert_eq!(usual["picture_threads"], "by-phone");
    assert_eq!(usual["low_data"], false);
    phone
        .run(["settings", "--low-data", "true", "--picture-threads", "two"])
        .ends(0);
    let chosen = phone.json(&["settings"]);
    assert_eq!(chosen["low_data"], true);
    assert_eq!(chosen["picture_threads"], "two");
    assert_eq!(chosen["picture_bytes"], usual["picture_bytes"], "as it was");

    let key = phone.draft("Jalan rusak");
    let path = phone.folder().join("jalan.jpg");
    synth::camera_photo(&path, 5, 2400, 1800, 1).unwrap();
    let attach = |words: &[&str]| -> u64 {
        let file = path.to_str().unwrap();
        let made = phone.json(&[&["attach", &key, file], words].concat());
        made["attachments"][0]["bytes"].as_u64().unwrap()
    };
    let bytes = attach(&[]);
    assert!((120 * 1024..=150 * 1024).contains(&bytes), "{bytes}");
    // Another picture of the same street.
    synth::camera_photo(&path, 6, 2400, 1800, 1).unwrap();
    let bytes = attach(&["--budget", "200k"]);
    assert!((150 * 1024..=200 * 1024).contains(&bytes), "{bytes}");

    let least = phone.json(&["settings", "--picture-edge", "1"]);
    assert_eq!(least["picture_edge"], 320, "what can still be seen");
    let least = phone.run(["settings", "--picture-edge", "1", "--picture-bytes", "1k"]);
    let said = least.ends(0).err;
    assert!(
        said.contains("paling kecil 320 px") && said.contains("paling kecil 20 KB"),
        "{said}"
    );
    let said = phone
        .run(["settings", "--picture-edge", "1600"])
        .ends(0)
        .err;
    assert!(!said.contains("paling kecil"), "{said}");
    let ran = phone.run(["settings"]).ends(0);
    assert!(ran.out.contains("Hemat data (150 KB): ya"), "{ran:?}");
}

#[test]
fn a_picture_that_waits_for_a_free_network_is_not_promised_for_a_time() {
    let phone = Phone::of("siti");
    phone.run(["settings", "--unmetered-only", "true"]).ends(0);
    let key = phone.draft("Jalan rusak");
    let file = made(&phone, "IMG_0001.jpg", 1);
    phone.run(["attach", &key, &file]).ends(0);
    phone.run(["submit", &key]).ends(0);
    let mut store = phone.store();
    let created = Change::Created {
        report: key.parse().unwrap(),
        answer: serde_json::from_value(serde_json::json!({
            "tracking_id": "1916449", "revision": 1, "status": "unverified", "missing": [{
                "sha256": phone.json(&["show", &key])["pictures"][0]["sha256"],
                "upload_url": "/v1/uploads/7", "offset": 0
            }]
        }))
        .unwrap(),
        at: now(),
    };
    store.apply(&[created], now()).unwrap();
    drop(store);
    for command in [&["list", "--metered"][..], &["outbox", "--metered"]] {
        let words = phone.run(command).ends(0).out;
        assert!(
            words.contains("menunggu jaringan") && !words.contains("sebentar lagi"),
            "{words}"
        );
    }
    let row = phone.json(&["list", "--metered"])[0]["waiting"].clone();
    assert_eq!(
        (&row["reason"]["code"], &row["next_try_ms"]),
        (&"metered".into(), &serde_json::Value::Null)
    );
    assert_ne!(
        phone.json(&["list"])[0]["waiting"]["reason"]["code"],
        "metered"
    );
}
