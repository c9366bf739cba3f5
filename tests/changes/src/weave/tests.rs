#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
use super::*;
use crate::list::{Place, Span};

/// The text with these changes woven in: what is replaced, as it stands there first, and by what.
fn woven(text: &str, changes: &[(Genre, &str, &str)]) -> String {
    let sites = site::find(text).unwrap();
    let place = |byte: usize| Place {
        line: 1,
        column: text[..byte].chars().count() + 1,
    };
    let insertions: Vec<Insertion> = changes
        .iter()
        .enumerate()
        .map(|(index, (genre, what, replacement))| {
            let start = text.find(what).unwrap();
            let change = Change {
                file: String::new(),
                genre: *genre,
                name: String::new(),
                package: String::new(),
                replacement: (*replacement).to_owned(),
                span: Span {
                    start: place(start),
                    end: place(start + what.len()),
                },
            };
            insertion(index + 1, &change, text, &sites).expect(what)
        })
        .collect();
    insert(text, &insertions).0
}

#[test]
fn an_operator_stands_beside_what_it_would_be() {
    assert_eq!(
        woven(
            "fn f(é: i32) -> bool { é + 1 < 2 }",
            &[
                (Genre::BinaryOperator, "<", "<="),
                (Genre::BinaryOperator, "<", ">"),
                (Genre::BinaryOperator, "+", "-")
            ]
        ),
        "fn f(é: i32) -> bool { (if crate::changed(1) { é + 1  <=  2 } else { \
         (if crate::changed(2) { é + 1  >  2 } else { \
         (if crate::changed(3) { é  -  1 } else { é + 1 }) < 2 }) }) }"
    );
}

#[test]
fn a_function_answers_before_its_first_line() {
    assert_eq!(
        woven(
            "fn f(x: bool) -> bool { !x }",
            &[
                (Genre::FnValue, "!x", "true"),
                (Genre::FnValue, "!x", "false"),
                (Genre::UnaryOperator, "!", "")
            ]
        ),
        "fn f(x: bool) -> bool { if crate::changed(1) { return true; } \
         if crate::changed(2) { return false; } (if crate::changed(3) {   x } else { !x }) }"
    );
}

#[test]
fn an_arm_that_is_deleted_is_one_whose_guard_says_no() {
    assert_eq!(
        woven(
            "fn f() { match x { A | B => 1, C if d => 2, _ => 3 } }",
            &[
                (Genre::MatchArm, "A | B => 1,", ""),
                (Genre::MatchArm, "C if d => 2,", ""),
                (Genre::MatchArmGuard, "d", "true"),
                (Genre::MatchArmGuard, "d", "false"),
            ]
        ),
        "fn f() { match x { A | B if !crate::changed(1) => 1, \
         C if !crate::changed(2) && ((crate::changed(3) || ((!crate::changed(4) && (d))))) => 2, _ => 3 } }"
    );
}

#[test]
fn a_field_that_is_deleted_is_the_one_of_the_struct_it_builds_upon() {
    assert_eq!(
        woven(
            "fn f() -> S { S { a: 1, ..s } }",
            &[(Genre::StructField, "a: 1,", "")]
        ),
        "fn f() -> S { (if crate::changed(1) { S {    ..s } } else { S { a: 1, ..s } }) }"
    );
}

#[test]
fn a_chain_with_let_is_no_expression() {
    let sites = site::find("fn f() { if let Some(x) = y && x == 1 && z {} }").unwrap();
    assert_eq!(sites.binary.len(), 1, "only the comparison");
}
