//! Time against look, as a picture.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;

pub(crate) struct Dot {
    pub(crate) who: &'static str,
    pub(crate) what: String,
    pub(crate) ms: f64,
    pub(crate) look: f64,
}

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 520.0;
const EDGE: f64 = 70.0;

/// Time runs by its logarithm: from 30 ms to 3 s.
const TIMES: [f64; 5] = [30.0, 100.0, 300.0, 1000.0, 3000.0];

pub(crate) fn draw(path: &Path, dots: &[Dot]) -> Result<()> {
    let low = dots.iter().map(|dot| dot.look).fold(100.0, f64::min);
    let high = dots.iter().map(|dot| dot.look).fold(0.0, f64::max);
    let (low, high) = ((low / 5.0).floor() * 5.0, (high / 5.0).ceil() * 5.0);
    let x = |ms: f64| EDGE + (ms / 30.0).log10() / 2.0 * (WIDTH - 2.0 * EDGE);
    let y =
        |look: f64| HEIGHT - EDGE - (look - low) / (high - low).max(1.0) * (HEIGHT - 2.0 * EDGE);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"14\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    for time in TIMES {
        writeln!(
            svg,
            "<path d=\"M{0:.1} {EDGE}V{1}\" stroke=\"#ddd\"/><text x=\"{0:.1}\" y=\"{2}\" text-anchor=\"middle\">{time} ms</text>",
            x(time),
            HEIGHT - EDGE,
            HEIGHT - EDGE + 22.0
        )?;
    }
    let mut look = low;
    while look <= high {
        writeln!(
            svg,
            "<path d=\"M{EDGE} {0:.1}H{1}\" stroke=\"#ddd\"/><text x=\"{2}\" y=\"{0:.1}\" text-anchor=\"end\">{look}</text>",
            y(look),
            WIDTH - EDGE,
            EDGE - 8.0
        )?;
        look += 5.0;
    }
    for dot in dots {
        let colour = match dot.who {
            "lapor" => "#0a7",
            "lapor, two threads" => "#057",
            "sharp" => "#c80",
            _ => "#c33",
        };
        writeln!(
            svg,
            "<circle cx=\"{0:.1}\" cy=\"{1:.1}\" r=\"6\" fill=\"{colour}\"/><text x=\"{2:.1}\" y=\"{3:.1}\">{4}</text>",
            x(dot.ms),
            y(dot.look),
            x(dot.ms) + 9.0,
            y(dot.look) - 6.0,
            dot.what
        )?;
    }
    writeln!(
        svg,
        "<text x=\"{}\" y=\"30\" text-anchor=\"middle\" font-size=\"17\">Camera photo to a JPEG of at most N KB: \
         time in process, look (SSIMULACRA2, higher is better)</text>\n</svg>",
        WIDTH / 2.0
    )?;
    std::fs::write(path, svg)?;
    println!("chart {}", path.display());
    Ok(())
}
