//! The switch itself: every name of the list is used once, and nothing that ships has it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lapor_engine::mutants::Mutant;

const ROOMS: [&str; 3] = ["core/engine/src", "core/src", "tests/sandbox/rules/src"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// How often each name is switched on somewhere.
fn uses() -> BTreeMap<String, usize> {
    let mut files = Vec::new();
    for room in ROOMS {
        sources(&root().join(room), &mut files);
    }
    let mut uses = BTreeMap::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        for rest in text.split("mutant!(").skip(1) {
            let name = rest.split(')').next().unwrap();
            if name.chars().all(char::is_alphanumeric) {
                *uses.entry(name.to_owned()).or_default() += 1;
            }
        }
    }
    uses
}

#[test]
fn every_name_of_the_list_is_used_exactly_once() {
    let listed: BTreeMap<String, usize> = Mutant::ALL
        .iter()
        .map(|mutant| (mutant.name().to_owned(), 1))
        .collect();
    assert_eq!(listed.len(), Mutant::ALL.len(), "a name stands twice");
    assert_eq!(uses(), listed);
}

#[test]
fn there_are_enough_of_them_and_enough_in_the_gateway() {
    assert!(Mutant::ALL.len() >= 40);
    let gateway = Mutant::ALL
        .iter()
        .filter(|mutant| mutant.room() == "gateway")
        .count();
    assert!(gateway >= 8, "{gateway}");
}

#[test]
fn one_at_a_time_and_none_unless_asked_for() {
    use lapor_engine::mutants::{is_on, set};
    let on = || Mutant::ALL.iter().filter(|one| is_on(**one)).count();
    assert_eq!(on(), 0);
    for mutant in Mutant::ALL {
        set(Some(*mutant));
        assert!(is_on(*mutant));
        assert_eq!(on(), 1);
    }
    set(None);
    assert_eq!(on(), 0);
}

/// What cargo would build for an app and for the command line, feature by feature.
#[test]
fn nothing_that_ships_has_the_switch() {
    let features = |package: &str| {
        let tree = Command::new(env!("CARGO"))
            .current_dir(root())
            .args([
                "tree",
                "--locked",
                "--offline",
                "--edges",
                "normal,features",
            ])
            .args(["--package", package, "--prefix", "none"])
            .output()
            .unwrap();
        assert!(tree.status.success(), "{tree:?}");
        String::from_utf8(tree.stdout).unwrap()
    };
    for (shipped, with) in [
        ("lapor-ffi", "lapor-engine"),
        ("lapor-cli", "lapor-engine"),
        ("lapor-sandbox", "lapor-sandbox-rules"),
    ] {
        let tree = features(shipped);
        assert!(tree.contains(with), "{shipped}: {tree}");
        assert!(
            !tree.contains("mutants"),
            "{shipped} has the switch: {tree}"
        );
    }
    assert!(features("lapor-mutants").contains("lapor-engine feature \"mutants\""));
}
