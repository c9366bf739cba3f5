//! The bytes of an attachment, in rows of a table of their own.

use std::ops::Range;

use rusqlite::{Connection, OptionalExtension, params};

use crate::store::StoreError;

/// At 2 MB a file beats a single BLOB by far; in pieces of this size they tie. Bytes.
pub(super) const PIECE: usize = 512 * 1024;
/// Numbers that an attachment leaves free for its pieces.
pub(super) const PIECES: i64 = 64;

pub(in crate::store) fn put_pieces(
    db: &Connection,
    attachment: i64,
    bytes: &[u8],
) -> Result<(), StoreError> {
    let mut statement =
        db.prepare_cached("INSERT INTO attachment_piece (id, content) VALUES (?1, ?2)")?;
    for (number, piece) in (0..PIECES).zip(bytes.chunks(PIECE)) {
        statement.execute(params![attachment * PIECES + number, piece])?;
    }
    Ok(())
}

/// The numbers that its pieces may have, in their order.
pub(in crate::store) fn piece_numbers(pieces: i64) -> Range<i64> {
    pieces * PIECES..(pieces + 1) * PIECES
}

/// All bytes under a number, as long as they can be read.
pub(in crate::store) fn read_pieces(db: &Connection, pieces: i64) -> rusqlite::Result<Vec<u8>> {
    let mut statement = db.prepare_cached(
        "SELECT content FROM attachment_piece WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
    )?;
    let mut found = statement.query([pieces * PIECES, pieces * PIECES + PIECES - 1])?;
    let mut bytes = Vec::new();
    while let Some(row) = found.next()? {
        bytes.extend_from_slice(row.get_ref(0)?.as_blob()?);
    }
    Ok(bytes)
}

/// Deletes the bytes of an attachment, unless another one shares them.
pub(in crate::store) fn drop_bytes(db: &Connection, attachment: i64) -> Result<(), StoreError> {
    let pieces: i64 = db
        .prepare_cached("SELECT iif(pieces = 0, id, pieces) FROM attachment WHERE id = ?1")?
        .query_row([attachment], |row| row.get(0))?;
    let shared: bool = db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM attachment
                 WHERE (id = ?1 OR (pieces <> 0 AND pieces = ?1)) AND id <> ?2 AND present = 1)",
        )?
        .query_row([pieces, attachment], |row| row.get(0))?;
    if !shared {
        delete_pieces(db, pieces)?;
    }
    Ok(())
}

pub(in crate::store) fn delete_pieces(db: &Connection, pieces: i64) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM attachment_piece WHERE id BETWEEN ?1 AND ?2")?
        .execute([pieces * PIECES, pieces * PIECES + PIECES - 1])?;
    Ok(())
}

/// A piece of a picture: its number and its length in bytes.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Piece {
    pub(in crate::store) id: i64,
    pub(in crate::store) bytes: usize,
}

pub(in crate::store) fn pieces_of(db: &Connection, pieces: i64) -> Result<Vec<Piece>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT id, length(content) FROM attachment_piece WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
    )?;
    let found = statement
        .query_map([pieces * PIECES, pieces * PIECES + PIECES - 1], |row| {
            Ok(Piece {
                id: row.get(0)?,
                bytes: usize::try_from(row.get::<_, i64>(1)?).unwrap_or(0),
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

/// Overwrites a part of a piece with zeros.
pub(in crate::store) fn blank(
    db: &Connection,
    piece: i64,
    part: Range<usize>,
) -> Result<(), StoreError> {
    let mut blob = db.blob_open("main", "attachment_piece", "content", piece, false)?;
    Ok(blob.write_all_at(&vec![0; part.len()], part.start)?)
}

/// The next number under which bytes lie that no attachment knows any more.
pub(in crate::store) fn next_orphan(
    db: &Connection,
    after: i64,
) -> Result<Option<i64>, StoreError> {
    let found = db
        .prepare_cached(
            "SELECT p.id / 64 FROM attachment_piece p
             WHERE p.id >= ?1
               AND NOT EXISTS (SELECT 1 FROM attachment a WHERE a.id = p.id / 64 AND a.pieces = 0 AND a.present = 1)
               AND NOT EXISTS (SELECT 1 FROM attachment a WHERE a.pieces <> 0 AND a.pieces = p.id / 64 AND a.present = 1)
             ORDER BY p.id LIMIT 1",
        )?
        .query_row([(after + 1) * PIECES], |row| row.get(0))
        .optional()?;
    Ok(found)
}
