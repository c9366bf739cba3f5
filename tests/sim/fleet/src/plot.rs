//! Requests a second over time, three policies in one picture, as SVG.

use std::fmt::Write;

use crate::{phone::Policy, scenario::Scenario, world::BUCKET};

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 50.0;
const BOTTOM: f64 = 50.0;
/// Colours that are told apart without red and green.
const COLOURS: [&str; 3] = ["#0072b2", "#e69f00", "#666666"];

/// Lines of requests in each bucket from time 0.
pub(crate) fn svg(scenario: &Scenario, lines: &[(Policy, Vec<u64>)]) -> String {
    // A minute before the heal to ten minutes after; an overload from its start.
    let from = scenario.heal.saturating_sub(60_000) / BUCKET;
    let until = scenario.end.min(scenario.heal + 600_000) / BUCKET;
    let per_second = |count: u64| count as f64 * 1_000.0 / BUCKET as f64;
    let cut = |all: &[u64]| -> Vec<f64> {
        (from..until)
            .map(|at| all.get(at as usize).copied().map_or(0.0, per_second))
            .collect()
    };
    let lines: Vec<(Policy, Vec<f64>)> = lines
        .iter()
        .map(|(policy, all)| (*policy, cut(all)))
        .collect();
    let top = lines
        .iter()
        .flat_map(|(_, values)| values.iter().copied())
        .fold(scenario.capacity * 1.2, f64::max);
    let steps = (until - from).max(1) as f64;
    let x = |step: f64| LEFT + step / steps * (WIDTH - LEFT - RIGHT);
    let y = |value: f64| HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"20\" font-size=\"15\">{} phones: {}</text>\n",
        scenario.phones, scenario.title
    );
    let mut put = |text: std::fmt::Arguments<'_>| {
        let _written = writeln!(out, "{text}");
    };
    for mark in 0..=4 {
        let value = top * f64::from(mark) / 4.0;
        let line = y(value);
        put(format_args!(
            "<line x1=\"{LEFT}\" x2=\"{}\" y1=\"{line:.1}\" y2=\"{line:.1}\" stroke=\"#dddddd\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{value:.0}</text>",
            WIDTH - RIGHT,
            LEFT - 6.0,
            line + 4.0
        ));
    }
    let seconds =
        |step: f64| (from as f64 + step) * BUCKET as f64 / 1_000.0 - scenario.heal as f64 / 1_000.0;
    for mark in 0..=10 {
        let step = steps * f64::from(mark) / 10.0;
        put(format_args!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{:.0} s</text>",
            x(step),
            HEIGHT - BOTTOM + 18.0,
            seconds(step)
        ));
    }
    put(format_args!(
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">seconds after the heal, buckets of 10 s</text>",
        WIDTH / 2.0,
        HEIGHT - 10.0
    ));
    let limit = y(scenario.capacity);
    put(format_args!(
        "<line x1=\"{LEFT}\" x2=\"{}\" y1=\"{limit:.1}\" y2=\"{limit:.1}\" stroke=\"#cc0000\" stroke-dasharray=\"6 4\"/>",
        WIDTH - RIGHT
    ));
    for (number, ((policy, values), colour)) in lines.iter().zip(COLOURS).enumerate() {
        let points: Vec<String> = values
            .iter()
            .enumerate()
            .map(|(step, value)| format!("{:.1},{:.1}", x(step as f64 + 0.5), y(*value)))
            .collect();
        put(format_args!(
            "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" points=\"{}\"/>",
            points.join(" ")
        ));
        put(format_args!(
            "<text x=\"{:.1}\" y=\"40\" fill=\"{colour}\">{}</text>",
            LEFT + 110.0 * number as f64,
            policy.name()
        ));
    }
    put(format_args!(
        "<text x=\"{:.1}\" y=\"40\" fill=\"#cc0000\">capacity; requests a second</text>\n</svg>",
        LEFT + 330.0
    ));
    out
}
