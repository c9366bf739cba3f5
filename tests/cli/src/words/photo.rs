//! Why a file did not become a picture. English is the photo room's own message.

use lapor_core::{
    engine::words::Lang,
    photo::{FileKind, Format, MemoryReason, PhotoError},
};

use super::size;

pub(crate) fn photo(error: &PhotoError, lang: Lang) -> String {
    match lang {
        Lang::Id => id(error),
        Lang::En => error.to_string(),
    }
}

fn id(error: &PhotoError) -> String {
    let size = |bytes: &u64| size(*bytes, Lang::Id);
    match error {
        PhotoError::NotFound => "berkas tidak ada di tempat itu: pilih lagi fotonya".to_owned(),
        PhotoError::Vanished { read, expected } => format!(
            "berkas berakhir setelah {read} dari {expected} byte ketika sedang dibaca: pilih lagi fotonya"
        ),
        PhotoError::Changed => {
            "berkas berubah ketika sedang dibaca: pilih lagi fotonya setelah selesai".to_owned()
        }
        PhotoError::NotAFile { kind } => {
            format!("ini {}, bukan berkas: pilih foto", file_kind(*kind))
        }
        PhotoError::Empty => "berkas ini kosong: pilih lagi fotonya".to_owned(),
        PhotoError::FileTooLarge { bytes, limit } => {
            format!(
                "berkas ini {} dan paling banyak {} dibaca: pilih foto yang lebih kecil",
                size(bytes),
                size(limit)
            )
        }
        PhotoError::UnknownFormat => {
            "ini bukan jenis gambar yang dikenal: pilih JPEG, PNG, atau PDF".to_owned()
        }
        PhotoError::ConvertHeic => {
            "ini foto HEIC: ubah dulu ke JPEG, atau atur kamera ke format yang paling umum"
                .to_owned()
        }
        PhotoError::Convert { format } => {
            format!("ini {}: ubah dulu ke JPEG", format_name(*format))
        }
        PhotoError::TooManyPixels {
            width,
            height,
            limit,
        } => format!(
            "gambar ini {width} x {height} piksel dan paling banyak {limit} diterima, satu sisi paling panjang 65500: \
             pilih yang lebih kecil"
        ),
        PhotoError::TooMuchMemory {
            reason,
            width,
            height,
            needed,
            limit,
        } => format!(
            "{} berukuran {width} x {height} piksel perlu memori {} dan paling banyak {} dipakai: simpan sebagai JPEG \
             biasa, atau lebih kecil",
            memory_reason(*reason),
            size(needed),
            size(limit)
        ),
        PhotoError::OutOfMemory => {
            "memori ponsel habis: tutup aplikasi lain lalu coba lagi".to_owned()
        }
        PhotoError::Truncated => {
            "berkas terpotong, sebagian gambar tidak ada: pilih lagi foto aslinya".to_owned()
        }
        PhotoError::Damaged => "berkas rusak: pilih lagi foto aslinya".to_owned(),
        PhotoError::Unsupported { format } => {
            format!(
                "ragam {} ini tidak dapat dibaca: simpan sebagai JPEG biasa",
                format_name(*format)
            )
        }
        PhotoError::DocumentTooLarge { bytes, limit } => {
            format!(
                "dokumen ini {} dan paling banyak {} diterima: perkecil dulu",
                size(bytes),
                size(limit)
            )
        }
        PhotoError::CannotFit { smallest, limit } => {
            format!(
                "gambar ini tidak muat dalam {}, yang terkecil {}",
                size(limit),
                size(smallest)
            )
        }
        PhotoError::Cancelled => "dibatalkan".to_owned(),
        PhotoError::Io { kind } => {
            format!("berkas tidak dapat dibaca ({kind}): pastikan aplikasi ini boleh membacanya")
        }
    }
}

fn file_kind(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Directory => "folder",
        FileKind::Fifo => "pipa",
        FileKind::Socket => "soket",
        FileKind::Device => "perangkat",
        FileKind::Other => "sesuatu yang lain",
    }
}

fn format_name(format: Format) -> String {
    match format {
        Format::Tiff => "TIFF atau format mentah kamera".to_owned(),
        Format::Video => "video".to_owned(),
        named => named.to_string(),
    }
}

fn memory_reason(reason: MemoryReason) -> &'static str {
    match reason {
        MemoryReason::SeveralScans => "JPEG progresif",
        MemoryReason::Interlaced => "PNG selang-seling",
    }
}
