use lapor_engine::words::Lang;

use super::{call, pick};
use crate::client::{Advice, ClientError};

/// What helps against what an examination found.
pub fn advice(advice: Advice, lang: Lang) -> String {
    match advice {
        Advice::OpenAgain => call(&ClientError::Corrupt, lang),
        Advice::ReadLosses => pick(
            lang,
            "Pernah ada penyimpanan rusak yang disisihkan. Lihat daftar yang hilang; simpan folder itu bila masih perlu \
             bantuan.",
            "A damaged store was set aside. Look at the list of what is missing; keep that folder as long as you may \
             need help.",
        ),
        Advice::SignIn => pick(
            lang,
            "Masuk dulu: tanpa itu tidak ada yang dikirim.",
            "Sign in: nothing is sent without that.",
        ),
        Advice::SetClock => pick(
            lang,
            "Jam ponsel ini tertinggal dari jam LAPOR!. Betulkan tanggal dan jamnya.",
            "The clock of this phone is behind that of LAPOR!. Set date and time.",
        ),
        Advice::Decide => pick(
            lang,
            "Ada laporan yang menunggu perbaikan atau keputusan Anda.",
            "There are reports that wait for your correction or decision.",
        ),
    }
}
