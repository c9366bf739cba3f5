use lapor_engine::words::Lang;

/// `1 report`, `2 reports`, `2 laporan`: Indonesian has one form for both.
pub fn counted(count: u32, id: &str, one: &str, more: &str, lang: Lang) -> String {
    match (lang, count) {
        (Lang::Id, _) => format!("{count} {id}"),
        (Lang::En, 1) => format!("1 {one}"),
        (Lang::En, _) => format!("{count} {more}"),
    }
}
