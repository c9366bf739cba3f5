use super::{Lang, pick};
use crate::report::AsItIs;

/// A document is sent as it is. Never that one is clean: that nothing was seen in it says nothing.
pub(super) fn as_it_is(note: AsItIs, lang: Lang) -> String {
    let promised = match (note.anonymous, note.secret) {
        (false, false) => None,
        (true, false) => Some(pick(lang, "anonim", "anonymous")),
        (false, true) => Some(pick(lang, "rahasia", "secret")),
        (true, true) => Some(pick(lang, "anonim dan rahasia", "anonymous and secret")),
    };
    let mut said = match (promised, lang) {
        (None, Lang::Id) => {
            "Dokumen dikirim apa adanya: di dalamnya mungkin ada nama pembuatnya, waktu, dan keterangan lain yang \
             tidak terlihat di halamannya."
                .to_owned()
        }
        (None, Lang::En) => {
            "A document is sent as it is: it may carry its author's name, times and other details that its pages do \
             not show."
                .to_owned()
        }
        (Some(word), Lang::Id) => format!(
            "Awas: laporan ini {word}, tetapi dokumen dikirim apa adanya. Nama Anda mungkin ada di dalamnya, juga \
             yang tidak terlihat di halamannya. Foto halamannya dikirim tanpa keterangan seperti itu."
        ),
        (Some(word), Lang::En) => format!(
            "Take care: this report is {word}, but a document is sent as it is. It may carry your name, also where its \
             pages do not show it. A photo of the page goes without such details."
        ),
    };
    if note.details_seen {
        said.push_str(pick(
            lang,
            " Keterangan tersembunyi terlihat ada di dokumen ini.",
            " Hidden details were seen in this one.",
        ));
    }
    said
}
