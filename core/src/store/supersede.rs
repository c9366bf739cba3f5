//! "Send as another report": a new draft takes the place of a report whose key the service knows with
//! other words, or that was taken back. The old one needs no decision as soon as the new one is submitted, and
//! as long as that is not put away.

use lapor_engine::{
    calendar::Instant,
    report::{Phase, ReportKey},
    sync::Reason,
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{Store, StoreError, copy, drafts, erase, rows};

#[cfg(test)]
mod tests;

impl Store {
    /// A new draft with the same words and pictures, which takes the place of `key`. A report has one such
    /// successor at a time.
    pub fn supersede(
        &mut self,
        key: ReportKey,
        new_key: ReportKey,
        now: Instant,
    ) -> Result<(), StoreError> {
        self.write(|db| {
            let head = rows::own_head(db, key)?;
            if let Some((by, _)) = successor(db, head.id)? {
                return Err(StoreError::Superseded { by });
            }
            if !head.own || !matches!(head.phase, Phase::KeyTaken | Phase::Withdrawn) {
                return Err(StoreError::NotPossible { phase: head.phase });
            }
            let new = drafts::insert_draft(db, new_key, head.account, Some(key), now)?;
            let columns = rows::FORM;
            db.prepare_cached(&format!(
                "UPDATE report SET ({columns}) = (SELECT {columns} FROM report WHERE id = ?1) WHERE id = ?2"
            ))?
            .execute([head.id, new])?;
            // The bytes are shared, not copied: the WAL stays small and so does the store.
            db.prepare_cached(
                "INSERT INTO attachment (report, position, sha256, media_type, name, bytes, width, height,
                     original_bytes, quality, pieces)
                 SELECT ?2, position, sha256, media_type, name, bytes, width, height, original_bytes, quality,
                     iif(pieces = 0, id, pieces)
                 FROM attachment WHERE report = ?1 AND present = 1 ORDER BY position, id",
            )?
            .execute([head.id, new])?;
            Ok(())
        })
    }
}

/// The report that takes the place of this one, also while it is still being written, and how it stands: of
/// several, which only copies of a phone and damage can leave, one that goes on.
fn successor(db: &Connection, report: i64) -> Result<Option<(ReportKey, Phase)>, StoreError> {
    let found: Option<(Vec<u8>, String)> = db
        .prepare_cached(
            "SELECT s.key, s.phase FROM report r JOIN report s ON s.account = r.account AND s.supersedes = r.key
             WHERE r.id = ?1 AND s.supersedes <> x'' AND s.phase <> 'discarded'
             ORDER BY s.phase = 'draft', s.id LIMIT 1",
        )?
        .query_row([report], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    found
        .map(|(key, phase)| Ok((rows::report_key(&key)?, rows::phase(&phase)?)))
        .transpose()
}

/// A report that was put away comes back. Where another has taken its place meanwhile it does so on its own, and
/// not at all where that one says the same: sent both, it would be there twice.
pub(super) fn comes_back(db: &Connection, report: i64) -> Result<(), StoreError> {
    let found: Option<(i64, Vec<u8>)> = db
        .prepare_cached(
            "SELECT s.id, s.key FROM report r JOIN report s ON s.account = r.account AND s.supersedes = r.supersedes
             WHERE r.id = ?1 AND s.id <> r.id AND s.supersedes <> x'' AND s.phase <> 'discarded'
             ORDER BY s.phase = 'draft', s.id LIMIT 1",
        )?
        .query_row([report], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((other, key)) = found else {
        return Ok(());
    };
    if !says_more_than(db, report, other)? {
        return Err(StoreError::Superseded {
            by: rows::report_key(&key)?,
        });
    }
    db.prepare_cached("UPDATE report SET supersedes = x'' WHERE id = ?1")?
        .execute([report])?;
    Ok(())
}

/// It says, to the last picture, what the report says whose place it was to take, and that one arrived after
/// all: sent too, it would be there twice. With other words it is another report.
pub(super) fn is_more_than_what_arrived(db: &Connection, report: i64) -> Result<(), StoreError> {
    let Some(before) = predecessor(db, report)? else {
        return Ok(());
    };
    let arrived: Option<Vec<u8>> = db
        .prepare_cached("SELECT key FROM report WHERE id = ?1 AND phase = 'sent' AND removed = 0")?
        .query_row([before], |row| row.get(0))
        .optional()?;
    match arrived {
        Some(key) if !says_more_than(db, report, before)? => Err(StoreError::Superseded {
            by: rows::report_key(&key)?,
        }),
        _ => Ok(()),
    }
}

/// Other words, or a picture that the other has not.
fn says_more_than(db: &Connection, report: i64, other: i64) -> Result<bool, StoreError> {
    let form = rows::FORM;
    Ok(db
        .prepare_cached(&format!(
            "SELECT NOT EXISTS (SELECT {form} FROM report WHERE id = ?1
                                INTERSECT SELECT {form} FROM report WHERE id = ?2)
                 OR EXISTS (SELECT sha256 FROM attachment WHERE report = ?1
                            EXCEPT SELECT sha256 FROM attachment WHERE report = ?2)"
        ))?
        .query_row([report, other], |row| row.get(0))?)
}

/// The report whose place this one takes.
pub(super) fn predecessor(db: &Connection, report: i64) -> Result<Option<i64>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT p.id FROM report r JOIN report p ON p.account = r.account AND p.key = r.supersedes
             WHERE r.id = ?1 AND r.supersedes <> x''",
        )?
        .query_row([report], |row| row.get(0))
        .optional()?)
}

/// Was the report in its place submitted? A draft that is forgotten would otherwise be all that is left of what
/// a person wanted to report.
fn goes_on(db: &Connection, report: i64) -> Result<bool, StoreError> {
    match successor(db, report)? {
        Some((_, phase)) => Ok(phase != Phase::Draft),
        None => erase::went_on_as_an_erased_one(db, report),
    }
}

/// It goes on in the place of another report, or does so no more.
pub(super) fn look_again_before(db: &Connection, report: i64) -> Result<(), StoreError> {
    match predecessor(db, report)? {
        Some(before) => look_again(db, before),
        None => Ok(()),
    }
}

/// Whether it needs its writer's decision, by whether another goes on in its place: after that was submitted,
/// put away, brought back or erased, and after its key was found taken once more.
pub(super) fn look_again(db: &Connection, report: i64) -> Result<(), StoreError> {
    let phase: String = db
        .prepare_cached("SELECT phase FROM report WHERE id = ?1")?
        .query_row([report], |row| row.get(0))?;
    let goes_on = goes_on(db, report)?;
    let [taken, foreign] =
        [false, true].map(|foreign| rows::reason_text(Some(&Reason::KeyTaken { foreign })));
    match (rows::phase(&phase)?, goes_on) {
        (Phase::KeyTaken, true) => {
            rows::set_phase(db, report, Phase::Superseded)?;
            // Whose the other words are stays said.
            db.prepare_cached(
                "UPDATE operation SET state = 'ended', owner = '' WHERE report = ?1 AND state = 'paused'
                   AND reason IN (?2, ?3)",
            )?
            .execute(params![report, taken, foreign])?;
            drafts::end_operations(db, report, &Reason::KeyTaken { foreign: false })
        }
        (Phase::Superseded, false) => {
            rows::set_phase(db, report, Phase::KeyTaken)?;
            db.prepare_cached(
                "UPDATE operation SET state = 'paused' WHERE report = ?1 AND state = 'ended' AND reason IN (?2, ?3)
                   AND kind IN ('create_report', 'withdraw')",
            )?
            .execute(params![report, taken, foreign])?;
            // What had not been fetched by then.
            db.prepare_cached(
                "UPDATE operation SET state = 'waiting', reason = ?3 WHERE report = ?1 AND state = 'ended'
                   AND reason = ?2 AND kind = 'fetch_copy'",
            )?
            .execute(params![
                report,
                taken,
                rows::reason_text(Some(&Reason::NotTried))
            ])?;
            copy::ask_again_where_same(db, report)
        }
        (Phase::Withdrawn, true) => drafts::end_operations(db, report, &Reason::Withdrawn),
        _ => Ok(()),
    }
}

/// After a salvage, which may have lost either of them.
pub(super) fn look_again_at_all(db: &Connection) -> Result<(), StoreError> {
    let all: Vec<i64> = db
        .prepare("SELECT id FROM report WHERE phase IN ('key_taken', 'superseded') ORDER BY id")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    all.into_iter()
        .try_for_each(|report| look_again(db, report))
}
