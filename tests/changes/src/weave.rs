//! Puts every change behind its number. Text is only ever inserted, so that a change within
//! another's expression stands where it stood: `a < b` becomes
//! `(if crate::changed(7) { a <= b } else { a < b })`, and only the second half is woven further.

use std::{
    collections::BTreeMap,
    fs,
    ops::Range,
    path::{Path, PathBuf},
    process::Command,
};

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
    /// Those that do not.
    pub(crate) left: Vec<Change>,
    /// Names of those of which the compiler's word there holds everywhere.
    pub(crate) unviable: Vec<String>,
    /// The files as they were.
    originals: BTreeMap<PathBuf, String>,
}

impl Woven {
    /// Puts the files back as they were.
    pub(crate) fn unweave(&self) -> Result<()> {
        for (path, text) in &self.originals {
            fs::write(path, text).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }
}

/// What the compiler says of a function's value wherever that stands: a type has no such trait or
/// function, or there is no such name.
const ANYWHERE: [&str; 4] = ["E0277", "E0425", "E0433", "E0599"];

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
            None => left.push(change),
        }
    }
    let mut unviable = Vec::new();
    let mut originals: BTreeMap<PathBuf, String> = files
        .iter()
        .map(|(file, (text, _))| (tree.join(file), text.clone()))
        .collect();
    originals.extend(add_switch(tree, package, &files)?);
    for round in 0.. {
        let mut written = BTreeMap::new();
        for (file, (text, insertions)) in &files {
            let (woven, ranges) = insert(text, insertions);
            fs::write(tree.join(file), woven)?;
            written.insert(file.clone(), Written { insertions, ranges });
        }
        let refused = refused(tree, package, &written)?;
        if refused.is_empty() {
            break;
        }
        if round > 20 {
            bail!("{package}: the changes do not compile after {round} rounds");
        }
        for (_, insertions) in files.values_mut() {
            insertions.retain(|one| !refused.contains_key(&one.number));
        }
        for (number, anywhere) in refused {
            match numbered.remove(&number) {
                Some(change) if anywhere && change.genre == Genre::FnValue => {
                    unviable.push(change.name)
                }
                change => left.extend(change),
            }
        }
    }
    let switched = numbered.into_iter().collect();
    Ok(Woven {
        switched,
        left,
        unviable,
        originals,
    })
}

/// The switch itself, at the root of the package. Gives the root as it was.
fn add_switch(
    tree: &Path,
    package: &str,
    files: &BTreeMap<String, (String, Vec<Insertion>)>,
) -> Result<Option<(PathBuf, String)>> {
    let Some((folder, _)) = files.keys().next().and_then(|file| file.split_once("src/")) else {
        return Ok(None);
    };
    let root = tree.join(folder).join("src/lib.rs");
    let before = fs::read_to_string(&root)?;
    let mut text = before.clone();
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
    Ok(Some((root, before)))
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

/// The changes that the compiler points at, and whether what it says of one holds anywhere.
fn refused(
    tree: &Path,
    package: &str,
    written: &BTreeMap<String, Written<'_>>,
) -> Result<BTreeMap<usize, bool>> {
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
        return Ok(BTreeMap::new());
    }
    let mut numbers = BTreeMap::new();
    let mut elsewhere = Vec::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Ok(message) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        if message.pointer("/message/level").and_then(Value::as_str) != Some("error") {
            continue;
        }
        let spans = message.pointer("/message/spans").and_then(Value::as_array);
        let code = message
            .pointer("/message/code/code")
            .and_then(Value::as_str);
        let anywhere = code.is_some_and(|code| ANYWHERE.contains(&code));
        let pointed: Vec<usize> = spans
            .into_iter()
            .flatten()
            .flat_map(|span| pointed_at(span, written).unwrap_or_default())
            .collect();
        for number in &pointed {
            *numbers.entry(*number).or_default() |= anywhere;
        }
        if pointed.is_empty() {
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
