/// One report as the demo ends.
pub(crate) struct Row {
    pub(crate) title: String,
    pub(crate) tracking_id: String,
    pub(crate) state: String,
    /// Bytes of the camera's files.
    pub(crate) original: u64,
    /// Bytes of the pictures as they arrived.
    pub(crate) sent: u64,
    /// HTTP bytes both ways, every try included.
    pub(crate) wire: u64,
    pub(crate) cuts: u64,
}

pub(crate) fn print(rows: &[Row]) {
    let head = [
        "report",
        "tracking id",
        "state",
        "photo",
        "sent",
        "on the wire",
        "cuts survived",
    ];
    let lines: Vec<[String; 7]> = rows
        .iter()
        .map(|row| {
            [
                row.title.clone(),
                format!("#{}", row.tracking_id),
                row.state.clone(),
                kilobytes(row.original),
                kilobytes(row.sent),
                kilobytes(row.wire),
                row.cuts.to_string(),
            ]
        })
        .collect();
    let width = |at: usize| {
        let cells = lines
            .iter()
            .filter_map(|line| line.get(at))
            .map(|cell| cell.chars().count());
        cells
            .chain(head.get(at).map(|cell| cell.len()))
            .max()
            .unwrap_or(0)
    };
    let line = |cells: &[&str]| {
        let padded: Vec<String> = cells
            .iter()
            .enumerate()
            .map(|(at, cell)| format!("{cell:<width$}", width = width(at)))
            .collect();
        println!("  {}", padded.join("  ").trim_end());
    };
    println!();
    line(&head);
    for cells in &lines {
        line(&cells.iter().map(String::as_str).collect::<Vec<_>>());
    }
    println!();
}

fn kilobytes(bytes: u64) -> String {
    format!("{:.1} kB", bytes as f64 / 1000.0)
}
