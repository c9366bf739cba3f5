//! Why a file did not become a picture, and what of one is covered.

use lapor_engine::words::Lang;
use lapor_photo::{FileKind, Format, MemoryReason, PhotoError, Region};

use super::{pick, size};

/// What is wrong with the file, and what helps.
pub fn photo(error: &PhotoError, lang: Lang) -> String {
    match lang {
        Lang::Id => id(error),
        Lang::En => en(error),
    }
}

/// What is covered of a picture: who gave a part that reaches beyond it, or pixels in the place of
/// parts, sees what became of that.
pub fn covered(region: &Region, lang: Lang) -> String {
    let edges = region.edges();
    let whole = if edges == [0.0, 0.0, 1.0, 1.0] {
        pick(lang, ", seluruh gambar", ", the whole picture")
    } else {
        String::new()
    };
    let [left, top, right, bottom] = edges.map(|part| (part * 100.0).round());
    match lang {
        Lang::Id => format!(
            "Ditutup hitam: {left} sampai {right} % dari kiri, {top} sampai {bottom} % dari atas{whole}."
        ),
        Lang::En => format!(
            "Covered in black: {left} to {right} % from the left, {top} to {bottom} % from the top{whole}."
        ),
    }
}

fn id(error: &PhotoError) -> String {
    let size = |bytes: &u64| size(*bytes, Lang::Id);
    match error {
        PhotoError::NotFound => "Berkas tidak ada di tempat itu. Pilih lagi fotonya.".to_owned(),
        PhotoError::Vanished { read, expected } => format!(
            "Berkas berakhir setelah {read} dari {expected} byte ketika sedang dibaca. Pilih lagi fotonya."
        ),
        PhotoError::Changed => {
            "Berkas berubah ketika sedang dibaca. Pilih lagi fotonya setelah selesai.".to_owned()
        }
        PhotoError::NotAFile { kind } => {
            format!(
                "Ini {}, bukan berkas. Pilih foto.",
                file_kind(*kind, Lang::Id)
            )
        }
        PhotoError::Empty => "Berkas ini kosong. Pilih lagi fotonya.".to_owned(),
        PhotoError::FileTooLarge { bytes, limit } => format!(
            "Berkas ini {} dan paling banyak {} dibaca. Pilih foto yang lebih kecil.",
            size(bytes),
            size(limit)
        ),
        PhotoError::UnknownFormat => {
            "Ini bukan jenis gambar yang dikenal. Pilih JPEG, PNG, atau PDF.".to_owned()
        }
        PhotoError::ConvertHeic => {
            "Ini foto HEIC. Ubah dulu ke JPEG, atau atur kamera ke format yang paling umum."
                .to_owned()
        }
        PhotoError::Convert { format } => {
            format!("Ini {}. Ubah dulu ke JPEG.", format_name(*format, Lang::Id))
        }
        PhotoError::TooManyPixels {
            width,
            height,
            limit,
        } => format!(
            "Gambar ini {width} x {height} piksel dan paling banyak {limit} diterima, satu sisi paling panjang 65500. \
             Pilih yang lebih kecil."
        ),
        PhotoError::TooMuchMemory {
            reason,
            width,
            height,
            needed,
            limit,
        } => format!(
            "{} berukuran {width} x {height} piksel perlu memori {} dan paling banyak {} dipakai. Simpan sebagai JPEG \
             biasa, atau lebih kecil.",
            memory_reason(*reason, Lang::Id),
            size(needed),
            size(limit)
        ),
        PhotoError::OutOfMemory => {
            "Memori ponsel habis. Tutup aplikasi lain lalu coba lagi.".to_owned()
        }
        PhotoError::Truncated => {
            "Berkas terpotong, sebagian isinya tidak ada. Pilih lagi aslinya.".to_owned()
        }
        PhotoError::Damaged => "Berkas rusak. Pilih lagi foto aslinya.".to_owned(),
        PhotoError::Unsupported { format } => format!(
            "Ragam {} ini tidak dapat dibaca. Simpan sebagai JPEG biasa.",
            format_name(*format, Lang::Id)
        ),
        PhotoError::BeforeDocument { bytes } => format!(
            "Sebelum dokumennya ada {bytes} byte yang bukan bagiannya, dan itu akan ikut terkirim. Simpan lagi sebagai PDF."
        ),
        PhotoError::DocumentTooLarge { bytes, limit } => format!(
            "Dokumen ini {} dan paling banyak {} diterima. Perkecil dulu.",
            size(bytes),
            size(limit)
        ),
        PhotoError::CannotFit { smallest, limit } => format!(
            "Gambar ini tidak muat dalam {}, yang terkecil {}.",
            size(limit),
            size(smallest)
        ),
        PhotoError::RegionOutside => {
            "Bagian yang ditutup harus berada di dalam gambar. Tandai lagi bagiannya.".to_owned()
        }
        PhotoError::TooManyRegions { regions, limit } => format!(
            "Ada {regions} bagian untuk ditutup dan paling banyak {limit} dapat ditutup. Gabungkan beberapa."
        ),
        PhotoError::CannotCover { format } => format!(
            "Bagian dari {} tidak dapat ditutup. Ambil fotonya, atau jangan dilampirkan.",
            format_name(*format, Lang::Id)
        ),
        PhotoError::Cancelled => "Dibatalkan.".to_owned(),
        PhotoError::Io { kind } => {
            format!("Berkas tidak dapat dibaca ({kind}). Pastikan aplikasi ini boleh membacanya.")
        }
    }
}

fn en(error: &PhotoError) -> String {
    let size = |bytes: &u64| size(*bytes, Lang::En);
    match error {
        PhotoError::NotFound => "There is no file in that place. Pick the photo again.".to_owned(),
        PhotoError::Vanished { read, expected } => format!(
            "The file ended after {read} of {expected} bytes while it was being read. Pick the photo again."
        ),
        PhotoError::Changed => {
            "The file was changed while it was being read. Pick the photo again when it is ready."
                .to_owned()
        }
        PhotoError::NotAFile { kind } => {
            format!(
                "This is {}, not a file. Pick a photo.",
                file_kind(*kind, Lang::En)
            )
        }
        PhotoError::Empty => "The file is empty. Pick the photo again.".to_owned(),
        PhotoError::FileTooLarge { bytes, limit } => format!(
            "The file has {} and at most {} are read. Pick a smaller photo.",
            size(bytes),
            size(limit)
        ),
        PhotoError::UnknownFormat => {
            "This is no kind of picture that is known here. Pick a JPEG, a PNG or a PDF.".to_owned()
        }
        PhotoError::ConvertHeic => {
            "This is a HEIC photo. Convert it to JPEG first, or let the camera take the most \
             compatible format."
                .to_owned()
        }
        PhotoError::Convert { format } => format!(
            "This is {}. Convert it to JPEG first.",
            format_name(*format, Lang::En)
        ),
        PhotoError::TooManyPixels {
            width,
            height,
            limit,
        } => format!(
            "The picture has {width} x {height} pixels and at most {limit} are taken, at most 65500 on a side. Pick a \
             smaller one."
        ),
        PhotoError::TooMuchMemory {
            reason,
            width,
            height,
            needed,
            limit,
        } => format!(
            "{} of {width} x {height} pixels needs {} of memory and at most {} are used. Save it as an ordinary JPEG, \
             or smaller.",
            memory_reason(*reason, Lang::En),
            size(needed),
            size(limit)
        ),
        PhotoError::OutOfMemory => {
            "The phone has no memory left. Close other apps and try again.".to_owned()
        }
        PhotoError::Truncated => {
            "The file is cut short, part of it is missing. Pick the original again.".to_owned()
        }
        PhotoError::Damaged => "The file is damaged. Pick the original again.".to_owned(),
        PhotoError::Unsupported { format } => format!(
            "This variety of {} cannot be read. Save it as an ordinary JPEG.",
            format_name(*format, Lang::En)
        ),
        PhotoError::BeforeDocument { bytes } => format!(
            "Before the document there are {bytes} bytes that are no part of it, and they would be sent with it. Save it as a PDF again."
        ),
        PhotoError::DocumentTooLarge { bytes, limit } => format!(
            "The document has {} and at most {} are taken. Make it smaller.",
            size(bytes),
            size(limit)
        ),
        PhotoError::CannotFit { smallest, limit } => format!(
            "The picture does not fit into {}, the smallest takes {}.",
            size(limit),
            size(smallest)
        ),
        PhotoError::RegionOutside => {
            "What is to be covered must lie in the picture. Mark it again.".to_owned()
        }
        PhotoError::TooManyRegions { regions, limit } => format!(
            "{regions} parts are to be covered and at most {limit} can be. Join some of them."
        ),
        PhotoError::CannotCover { format } => format!(
            "No part of a {} can be covered. Take a photo of it, or leave it out.",
            format_name(*format, Lang::En)
        ),
        PhotoError::Cancelled => "Cancelled.".to_owned(),
        PhotoError::Io { kind } => {
            format!("The file cannot be read ({kind}). Check that this app may read it.")
        }
    }
}

fn file_kind(kind: FileKind, lang: Lang) -> String {
    match kind {
        FileKind::Directory => pick(lang, "folder", "a folder"),
        FileKind::Fifo => pick(lang, "pipa", "a pipe"),
        FileKind::Socket => pick(lang, "soket", "a socket"),
        FileKind::Device => pick(lang, "perangkat", "a device"),
        FileKind::Other => pick(lang, "sesuatu yang lain", "something else"),
    }
}

fn format_name(format: Format, lang: Lang) -> String {
    match (format, lang) {
        (Format::Tiff, Lang::Id) => "TIFF atau format mentah kamera".to_owned(),
        (Format::Video, Lang::Id) => "video".to_owned(),
        (named, _) => named.to_string(),
    }
}

fn memory_reason(reason: MemoryReason, lang: Lang) -> String {
    match reason {
        MemoryReason::SeveralScans => pick(
            lang,
            "JPEG berlapis (progresif)",
            "A JPEG of several scans (a progressive one)",
        ),
        MemoryReason::Interlaced => pick(lang, "PNG selang-seling", "An interlaced PNG"),
    }
}
