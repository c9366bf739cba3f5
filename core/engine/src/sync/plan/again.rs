//! Whose turn it is while the gateway is in trouble: not always that of those that got it there.

use crate::sync::{Operation, OperationKind, OriginTrouble, Reason, Work, backoff::Trouble};

#[cfg(test)]
mod tests;

/// What is due, in the order of work.
pub(super) type Due<'a> = Vec<&'a &'a Operation>;

pub(super) enum Turn<'a> {
    Of(Due<'a>),
    /// Nobody's: a question tells whether it is the line.
    Question,
}

/// Tries in a row until each has had its turn, from the second one on.
const TURNS: u32 = 3;
const OF_THE_NEWS: u32 = 2;
const OF_THE_REST: u32 = 1;

/// While somebody else answers, a gateway is busy or too new or the line is cut, after two failures in a row of whatever
/// kind: what has met any of that goes behind what has not. Where all have, the news, a question and they themselves go in turn: it may
/// be any of these that something in between dislikes, and not the others. Else two reports that it dislikes
/// would take each turn from the other, for ever, and no reply, no picture and no news would get one; or the
/// news would take all of them.
pub(super) fn whose_turn<'a>(due: Due<'a>, work: &Work, pull: bool) -> Turn<'a> {
    let again = work.origin.trouble.as_ref().filter(|it| it.failed > 1);
    let Some(Trouble { what, failed, .. }) = again else {
        return Turn::Of(due);
    };
    let of_one = matches!(
        what,
        OriginTrouble::NotLapor { .. }
            | OriginTrouble::Busy { .. }
            | OriginTrouble::Cut
            | OriginTrouble::Incompatible
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
    match failed % TURNS {
        // Where nobody was reached a question goes in the place of what was never on the wire, and may be
        // all that is disliked.
        OF_THE_REST if what.is_unreached() => Turn::Of(rest(due)),
        _ if !others.is_empty() => Turn::Of(others),
        OF_THE_NEWS if pull => Turn::Of(others),
        OF_THE_REST => Turn::Of(due),
        _ if due.iter().filter(|row| is_words(row)).count() > 1 => Turn::Question,
        _ => Turn::Of(due),
    }
}

/// Behind others of its kind: what failed while somebody got through, in trouble only what did so twice. In a
/// short window of background work there may be time for one request. And a picture that has met that trouble:
/// two that their host dislikes would take each turn from the others. Of words [`whose_turn`] sees to that.
pub(super) fn stands_behind(row: &Operation, work: &Work) -> bool {
    match &work.origin.trouble {
        None => row.streak > 0,
        Some(trouble) => {
            row.streak > 1 || (trouble.failed > 1 && !is_words(row) && has_met_it(row))
        }
    }
}

/// Those that have met it; all where none has.
fn rest(due: Due<'_>) -> Due<'_> {
    let met: Due<'_> = due.iter().copied().filter(|row| has_met_it(row)).collect();
    if met.is_empty() { due } else { met }
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
                | Reason::UpdateApp
        )
    )
}
