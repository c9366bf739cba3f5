//! What erasing one report means, before it is done.

use lapor_engine::words::Lang;

use super::pick;
use crate::store::Erasing;

/// What becomes of the report, and what this phone cannot do for it any more.
pub fn erasing(what: Erasing, lang: Lang) -> String {
    match what {
        Erasing::OnlyHere => pick(
            lang,
            "Laporan ini dan lampirannya dihapus dari ponsel ini dan tidak dapat dikembalikan.",
            "This report and its attachments are erased from this phone, and nothing brings them back.",
        ),
        Erasing::AtService => pick(
            lang,
            "Laporan ini dihapus dari ponsel ini saja. LAPOR! tetap menyimpannya, tetapi ponsel ini tidak menampilkannya \
             lagi dan tidak dapat menariknya. Bila LAPOR! kehilangan laporan ini karena dipulihkan dari cadangan, ponsel \
             ini tidak dapat mengirimnya lagi.",
            "This report is erased from this phone alone. LAPOR! keeps it, but this phone shows it no more and cannot take \
             it back. Should LAPOR! lose it because it was restored from a backup, this phone cannot send it again.",
        ),
        Erasing::TakenBack => pick(
            lang,
            "Laporan yang sudah ditarik ini dihapus dari ponsel ini. Bila LAPOR! dipulihkan dari cadangan yang masih \
             memuatnya, ponsel ini tidak dapat menariknya lagi.",
            "This report, which was taken back, is erased from this phone. Should LAPOR! be restored from a backup that \
             still has it, this phone cannot take it back again.",
        ),
    }
}
