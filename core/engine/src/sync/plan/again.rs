//! Whose turn it is while the gateway is in trouble: not always that of those that got it there.

use crate::sync::{Operation, OperationKind, OriginTrouble, Reason, Work};

/// What is due, in the order of work.
pub(super) type Due<'a> = Vec<&'a &'a Operation>;

pub(super) enum Turn<'a> {
    Of(Due<'a>),
    /// Nobody's: a question tells whether it is the line.
    Question,
}

/// While somebody else answers, a gateway is busy or the line is cut, and that twice in a row: what has met
/// that goes behind what has not, and behind the news. Where all have, a question goes first. Else two
/// reports that something in between dislikes would take each turn from the other, for ever, and no reply,
/// no picture and no news would get one.
pub(super) fn whose_turn<'a>(due: Due<'a>, work: &Work, pull: bool) -> Turn<'a> {
    let again = work.origin.trouble.as_ref().filter(|it| it.tries > 1);
    let Some(what) = again.map(|trouble| &trouble.what) else {
        return Turn::Of(due);
    };
    let of_one = matches!(
        what,
        OriginTrouble::NotLapor { .. } | OriginTrouble::Busy { .. } | OriginTrouble::Cut
    );
    if !of_one || mutant!(TheSameAgain) {
        return Turn::Of(due);
    }
    // In a picture's place a question is asked where nobody was reached; on another line words do not
    // wait for its bytes.
    let may_tell = |row: &Operation| is_words(row) || what.is_unreached();
    let others: Due<'a> = due
        .iter()
        .copied()
        .filter(|row| !has_met_it(row) && may_tell(row))
        .collect();
    if pull || !others.is_empty() {
        Turn::Of(others)
    } else if due.iter().filter(|row| is_words(row)).count() > 1 {
        Turn::Question
    } else {
        Turn::Of(due)
    }
}

fn is_words(row: &Operation) -> bool {
    row.kind != OperationKind::UploadAttachment
}

fn has_met_it(row: &Operation) -> bool {
    matches!(
        row.reason,
        Some(
            Reason::NotLapor { .. }
                | Reason::SignInToWifi
                | Reason::Busy { .. }
                | Reason::Poison { .. }
                | Reason::Unknown
        )
    )
}
