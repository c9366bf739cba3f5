//! Puts every change behind its number. Text is only ever inserted, so that a change within
//! another's expression stands where it stood: `a < b` becomes
//! `(if crate::changed(7) { a <= b } else { a < b })`, and only the second half is woven further.

use std::{collections::BTreeMap, fs, ops::Range, path::Path, process::Command};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{
    list::{Change, Genre},
    site::{self, Sites},
};

#[cfg(test)]
mod tests;

pub(crate) struct Woven {
    /// Number and name of each change that stands behind its switch.
    pub(crate) switched: Vec<(usize, Change)>,
    /// Names of those that do not.
    pub(crate) left: Vec<String>,
}

/// Text to be inserted before and after some bytes of the file.
struct Insertion {
    number: usize,
    around: Range<usize>,
    open: String,
    close: String,
    /// What the match of this arm matches: with a guard on every arm it may not be exhaustive any more.
    matched: Option<Range<usize>>,
}

/// A file as written, and which of its bytes are whose.
struct Written<'a> {
    insertions: &'a [Insertion],
    ranges: Vec<(Range<usize>, usize)>,
}

/// The environment's word for the number that is switched on.
pub(crate) fn variable(package: &str) -> String {
    format!("CHANGE_IN_{}", package.replace('-', "_"))
}

/// Weaves all changes of a package, and takes out what does not compile until the rest does.
pub(crate) fn weave(tree: &Path, package: &str, changes: Vec<Change>) -> Result<Woven> {
    let mut files: BTreeMap<String, (String, Vec<Insertion>)> = BTreeMap::new();
    let mut numbered = BTreeMap::new();
    let mut left = Vec::new();
    let mut sites = BTreeMap::new();
    for (index, change) in changes.into_iter().enumerate() {
        let number = index + 1;
        let (text, insertions) = match files.entry(change.file.clone()) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                let text = fs::read_to_string(tree.join(&change.file))
                    .with_context(|| change.file.clone())?;
                sites.insert(change.file.clone(), site::find(&text)?);
                entry.insert((text, Vec::new()))
            }
        };
        let placed = sites
            .get(&change.file)
            .and_then(|sites| insertion(number, &change, text, sites));
        match placed {
            Some(placed) => {
                insertions.push(placed);
                numbered.insert(number, change);
            }
            None => left.push(change.name),
        }
    }
    add_switch(tree, package, &files)?;
    for round in 0.. {
        let mut written = BTreeMap::new();
        for (file, (text, insertions)) in &files {
            let (woven, ranges) = insert(text, insertions);
            fs::write(tree.join(file), woven)?;
            written.insert(file.clone(), Written { insertions, ranges });
        }
        let mut refused = refused(tree, package, &written)?;
        refused.sort_unstable();
        refused.dedup();
        if refused.is_empty() {
            break;
        }
        if round > 20 {
            bail!("{package}: the changes do not compile after {round} rounds");
        }
        for (_, insertions) in files.values_mut() {
            insertions.retain(|one| !refused.contains(&one.number));
        }
        for number in refused {
            left.extend(numbered.remove(&number).map(|change| change.name));
        }
    }
    let switched = numbered.into_iter().collect();
    Ok(Woven { switched, left })
}

/// The switch itself, at the root of the package.
fn add_switch(
    tree: &Path,
    package: &str,
    files: &BTreeMap<String, (String, Vec<Insertion>)>,
) -> Result<()> {
    let Some((folder, _)) = files.keys().next().and_then(|file| file.split_once("src/")) else {
        return Ok(());
    };
    let root = tree.join(folder).join("src/lib.rs");
    let mut text = fs::read_to_string(&root)?;
    text.push_str(&format!(
        "
/// Is the change of this number switched on?
pub(crate) fn changed(number: usize) -> bool {{
    static ON: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
    let word = || std::env::var(\"{}\").ok().and_then(|word| word.parse().ok());
    *ON.get_or_init(|| word().unwrap_or(0)) == number
}}
",
        variable(package)
    ));
    fs::write(&root, text)?;
    Ok(())
}

fn insertion(number: usize, change: &Change, text: &str, sites: &Sites) -> Option<Insertion> {
    let from = change.span.start.byte(text)?;
    let to = change.span.end.byte(text)?;
    // The expression as it would be, beside the expression as it is.
    let either = |around: Range<usize>| {
        let before = text.get(around.start..from)?;
        let after = text.get(to..around.end)?;
        Some(Insertion {
            number,
            open: format!(
                "(if crate::changed({number}) {{ {before} {} {after} }} else {{ ",
                change.replacement
            ),
            close: " })".to_owned(),
            around,
            matched: None,
        })
    };
    match change.genre {
        Genre::BinaryOperator => either(sites.binary.get(&from)?.clone()),
        Genre::UnaryOperator => either(sites.unary.get(&from)?.clone()),
        Genre::StructField => either(sites.fields.get(&from)?.clone()),
        Genre::FnValue => Some(Insertion {
            number,
            around: from..to,
            open: format!(
                "if crate::changed({number}) {{ return {}; }} ",
                change.replacement
            ),
            close: String::new(),
            matched: None,
        }),
        Genre::MatchArm => {
            let arm = sites.arms.get(&from)?;
            Some(match &arm.guard {
                Some(guard) => Insertion {
                    number,
                    around: guard.clone(),
                    open: format!("!crate::changed({number}) && ("),
                    close: ")".to_owned(),
                    matched: None,
                },
                None => Insertion {
                    number,
                    around: arm.pattern_end..arm.pattern_end,
                    open: format!(" if !crate::changed({number})"),
                    close: String::new(),
                    matched: Some(arm.of.clone()),
                },
            })
        }
        Genre::MatchArmGuard => Some(Insertion {
            number,
            around: from..to,
            open: match change.replacement.as_str() {
                "true" => format!("(crate::changed({number}) || "),
                _ => format!("(!crate::changed({number}) && "),
            } + "(",
            close: "))".to_owned(),
            matched: None,
        }),
    }
}

/// The text with all insertions, and which bytes of it came from which of them.
fn insert(text: &str, insertions: &[Insertion]) -> (String, Vec<(Range<usize>, usize)>) {
    // At one byte: first what closes, the innermost first; then what opens, the widest first.
    // `order` is the number, so that of two with the same bytes the first one stands outside.
    let mut pieces: Vec<(usize, bool, (isize, isize), &Insertion)> = Vec::new();
    for one in insertions {
        let width = one.around.len().cast_signed();
        let order = one.number.cast_signed();
        pieces.push((one.around.start, true, (-width, order), one));
        pieces.push((one.around.end, one.around.is_empty(), (width, -order), one));
    }
    pieces.sort_by_key(|(at, opens, order, _)| (*at, *opens, *order));
    let mut woven = String::with_capacity(text.len() * 3);
    let mut ranges = Vec::new();
    let mut done = 0;
    let mut opened = std::collections::BTreeSet::new();
    for (at, _, _, one) in pieces {
        woven.push_str(text.get(done..at).unwrap_or_default());
        done = at;
        let begin = woven.len();
        if opened.insert(one.number) {
            woven.push_str(&one.open);
        } else {
            woven.push_str(&one.close);
        }
        ranges.push((begin..woven.len(), one.number));
    }
    woven.push_str(text.get(done..).unwrap_or_default());
    (woven, ranges)
}

/// The changes that the compiler points at.
fn refused(
    tree: &Path,
    package: &str,
    written: &BTreeMap<String, Written<'_>>,
) -> Result<Vec<usize>> {
    let output = Command::new("cargo")
        .args([
            "test",
            "--lib",
            "--no-run",
            "--locked",
            "--message-format=json",
            "-p",
            package,
        ])
        .current_dir(tree)
        .output()
        .context("cargo test")?;
    if output.status.success() {
        return Ok(Vec::new());
    }
    let mut numbers = Vec::new();
    let mut elsewhere = Vec::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Ok(message) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        if message.pointer("/message/level").and_then(Value::as_str) != Some("error") {
            continue;
        }
        let spans = message.pointer("/message/spans").and_then(Value::as_array);
        let before = numbers.len();
        for span in spans.into_iter().flatten() {
            numbers.extend(pointed_at(span, written).unwrap_or_default());
        }
        let known = numbers.len() > before;
        if !known {
            elsewhere.extend(message.pointer("/message/rendered").map(Value::to_string));
        }
    }
    if numbers.is_empty() {
        bail!(
            "{package} does not compile: {}\n{}",
            elsewhere.join("\n"),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(numbers)
}

/// The insertion that holds a span of the compiler's; or the arms of a match that it finds open.
fn pointed_at(span: &Value, written: &BTreeMap<String, Written<'_>>) -> Option<Vec<usize>> {
    let file = written.get(span.get("file_name")?.as_str()?)?;
    let number = |name: &str| usize::try_from(span.get(name)?.as_u64()?).ok();
    let (start, end) = (number("byte_start")?, number("byte_end")?);
    let holds = |range: &Range<usize>| range.start <= start && end <= range.end;
    let one = file.ranges.iter().find(|(range, _)| holds(range));
    if let Some((_, number)) = one {
        return Some(vec![*number]);
    }
    let before = file.ranges.iter().filter(|(range, _)| range.end <= start);
    let original = start - before.map(|(range, _)| range.len()).sum::<usize>();
    let of_match = |one: &&Insertion| {
        let matched = one.matched.as_ref();
        matched.is_some_and(|matched| matched.contains(&original))
    };
    let arms = file.insertions.iter().filter(of_match);
    Some(arms.map(|one| one.number).collect())
}
