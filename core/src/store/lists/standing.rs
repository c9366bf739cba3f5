//! Where a report stands: its attachments and the most important thing that is left to do for it.

use lapor_engine::{
    calendar::{Due, Instant},
    sync::{OperationId, OperationKind, OperationState, Reason, RunId},
};
use rusqlite::{Connection, Row};

use super::{ReportRow, Standing, Tally};
use crate::store::{StoreError, rows};

/// Attachments and operations of a page, by row: both are found through an index.
pub(super) fn complete(db: &Connection, page: &mut [ReportRow]) -> Result<(), StoreError> {
    if page.is_empty() {
        return Ok(());
    }
    let mut pictures = db.prepare_cached(
        "SELECT count(*), coalesce(sum(stored), 0), coalesce(sum(bytes), 0),
             coalesce(sum(iif(stored, bytes, upload_offset)), 0), coalesce(sum(stored = 0 AND present = 0), 0)
         FROM attachment WHERE report = ?1",
    )?;
    // Chosen among them here: ORDER BY with LIMIT, and IN over three, make a table each, every time.
    let mut open = db.prepare_cached(
        "SELECT id, kind, state, attempts, due_set_at, due_delay, maybe_sent, reason, tried_at, owner FROM operation
         WHERE report = ?1 AND (state NOT IN ('done', 'ended') OR state = 'ended' AND kind = 'withdraw')
         ORDER BY id",
    )?;
    for report in page {
        report.pictures = pictures.query_row([report.cursor.id], |row| {
            Ok(Tally {
                total: rows::small(row.get(0)?),
                stored: rows::small(row.get(1)?),
                bytes: rows::natural(row.get(2)?),
                bytes_uploaded: rows::natural(row.get(3)?),
                lost: rows::small(row.get(4)?),
            })
        })?;
        let mut first: Option<Standing> = None;
        let mut found = open.query([report.cursor.id])?;
        while let Some(row) = found.next()? {
            let kind: String = row.get(1)?;
            let kind = OperationKind::parse(&kind).ok_or(StoreError::Row {
                what: "operation kind",
            })?;
            let one = standing(row, kind)?;
            if one.state == OperationState::Ended {
                report.too_late = one.reason == Some(Reason::TooLate);
            } else if first
                .as_ref()
                .is_none_or(|first| urgency(kind) < urgency(first.kind))
            {
                first = Some(one);
            }
        }
        report.standing = first;
    }
    Ok(())
}

/// Which of a report's operations its line on a list tells of: the lowest, then the oldest.
fn urgency(kind: OperationKind) -> u8 {
    match kind {
        OperationKind::Withdraw => 0,
        OperationKind::CreateReport => 1,
        OperationKind::AddEvent => 2,
        OperationKind::UploadAttachment => 3,
        OperationKind::FetchCopy => 4,
    }
}

fn standing(row: &Row<'_>, kind: OperationKind) -> Result<Standing, StoreError> {
    let state: String = row.get(2)?;
    let reason: String = row.get(7)?;
    Ok(Standing {
        operation: OperationId(row.get(0)?),
        kind,
        state: OperationState::parse(&state).ok_or(StoreError::Row {
            what: "operation state",
        })?,
        attempts: rows::small(row.get(3)?),
        due: Due {
            set_at: Instant(row.get(4)?),
            delay: rows::natural(row.get(5)?),
        },
        maybe_sent: row.get(6)?,
        reason: rows::reason(&reason),
        tried_at: rows::instant(row.get(8)?),
        owner: rows::some(row.get(9)?).map(RunId),
    })
}
