//! SQLite's view of the disks: the C interface, and nothing but it.
//!
//! Errors are those that SQLite's own VFS for unix gives for the same trouble. No callback panics:
//! nothing is indexed or unwrapped, and a panic would abort the process at the `extern "C"` border
//! instead of unwinding through C.

use std::{
    ffi::{CStr, c_char, c_int, c_void},
    path::Path,
    ptr,
    sync::{
        Arc, Once,
        atomic::{Ordering, fence},
    },
};

use libsqlite3_sys as ffi;

use crate::{
    open::{Open, delete, exists, lock_codes},
    state::Refusal,
};

/// The name below the cipher layer; that one prefixes it.
const NAME: &CStr = c"lapor-sim";

/// What SQLite's VFS for unix declares; see the crate's page.
const DECLARED_SECTOR: c_int = 4096;
const CHARACTERISTICS: c_int = ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE | SQLITE_IOCAP_SUBPAGE_READ;
/// Newer than the bindings.
const SQLITE_IOCAP_SUBPAGE_READ: c_int = 0x8000;
const PATH_MAX: c_int = 512;

unsafe extern "C" {
    /// Of SQLite3 Multiple Ciphers: puts the cipher layer over a VFS.
    fn sqlite3mc_vfs_create(real: *const c_char, make_default: c_int) -> c_int;
}

/// What SQLite allocates for an open file: its own part first, then the pointer to ours.
#[repr(C)]
struct SimFile {
    base: ffi::sqlite3_file,
    open: *mut Open,
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Makes the VFS known to SQLite and the plain files to the store; once in a process.
pub(crate) fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        lapor_sqlite3mc::link();
        lapor_core::store::keep_elsewhere(crate::plain::PLAIN);
        let vfs = Box::new(ffi::sqlite3_vfs {
            iVersion: 2,
            szOsFile: c_int::try_from(size_of::<SimFile>()).unwrap_or(c_int::MAX),
            mxPathname: PATH_MAX,
            pNext: ptr::null_mut(),
            zName: NAME.as_ptr(),
            pAppData: ptr::null_mut(),
            xOpen: Some(open),
            xDelete: Some(remove),
            xAccess: Some(access),
            xFullPathname: Some(full_pathname),
            xDlOpen: None,
            xDlError: None,
            xDlSym: None,
            xDlClose: None,
            xRandomness: Some(randomness),
            xSleep: Some(sleep),
            xCurrentTime: Some(current_time),
            xGetLastError: Some(last_error),
            xCurrentTimeInt64: Some(current_time_int),
            xSetSystemCall: None,
            xGetSystemCall: None,
            xNextSystemCall: None,
        });
        // SAFETY: the VFS is leaked, so it outlives every use; its name is static; all its
        // callbacks are functions of this file with the signatures that the bindings demand.
        let registered = unsafe { ffi::sqlite3_vfs_register(Box::leak(vfs), 0) };
        // SAFETY: the name is static and names the VFS that was registered just now.
        let covered = unsafe { sqlite3mc_vfs_create(NAME.as_ptr(), 0) };
        // Without it every open fails with "no such vfs": loud enough.
        debug_assert_eq!((registered, covered), (ffi::SQLITE_OK, ffi::SQLITE_OK));
    });
}

fn code(done: Result<(), Refusal>, trouble: c_int) -> c_int {
    match done {
        Ok(()) => ffi::SQLITE_OK,
        Err(Refusal::Full) => ffi::SQLITE_FULL,
        Err(_) => trouble,
    }
}

/// The path of a C string; None for null or what is not UTF-8.
///
/// SAFETY: `name` is null or a string that ends with NUL and lives as long as the result is used.
unsafe fn path<'a>(name: *const c_char) -> Option<&'a Path> {
    if name.is_null() {
        return None;
    }
    // SAFETY: not null; the rest is the caller's promise.
    unsafe { CStr::from_ptr(name) }.to_str().ok().map(Path::new)
}

/// The open file behind SQLite's pointer.
///
/// SAFETY: `file` was filled by [`open`] and not yet closed, and SQLite makes one call at a time
/// on one file: the result is the only reference while a callback runs.
unsafe fn opened<'a>(file: *mut ffi::sqlite3_file) -> Option<&'a mut Open> {
    // SAFETY: SQLite hands in memory of szOsFile bytes, in which `open` has put a SimFile; its
    // pointer came from Box::into_raw and is freed in `close` alone.
    unsafe { file.cast::<SimFile>().as_ref()?.open.as_mut() }
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite hands in writable memory of szOsFile bytes, aligned for a pointer. Without
    // methods it will not call xClose on what failed to open.
    unsafe {
        file.cast::<SimFile>().write(SimFile {
            base: ffi::sqlite3_file {
                pMethods: ptr::null(),
            },
            open: ptr::null_mut(),
        });
    }
    // SAFETY: null or a name that SQLite keeps while the file is open.
    let path = unsafe { path(name) };
    match Open::at(path, flags) {
        Err(_) => ffi::SQLITE_CANTOPEN,
        Ok(opened) => {
            // SAFETY: as above; the box is given to SQLite until `close`.
            unsafe {
                file.cast::<SimFile>().write(SimFile {
                    base: ffi::sqlite3_file {
                        pMethods: &raw const METHODS,
                    },
                    open: Box::into_raw(Box::new(opened)),
                });
                if !out.is_null() {
                    *out = flags;
                }
            }
            ffi::SQLITE_OK
        }
    }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file once; the pointer came from Box::into_raw in `open` and is
    // taken away here, so that nobody frees it twice.
    unsafe {
        if let Some(file) = file.cast::<SimFile>().as_mut()
            && !file.open.is_null()
        {
            let open = Box::from_raw(std::mem::replace(&mut file.open, ptr::null_mut()));
            open.close();
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    into: *mut c_void,
    count: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    let (Ok(count), Ok(offset)) = (usize::try_from(count), u64::try_from(offset)) else {
        return ffi::SQLITE_IOERR_READ;
    };
    // SAFETY: an open file; SQLite's buffer has `count` writable bytes that nobody else uses.
    let (open, into) = unsafe {
        let Some(open) = opened(file) else {
            return ffi::SQLITE_IOERR_READ;
        };
        (
            open,
            std::slice::from_raw_parts_mut(into.cast::<u8>(), count),
        )
    };
    match open.read(offset, into) {
        Ok(read) if read == count => ffi::SQLITE_OK,
        Ok(read) => {
            // SQLite counts on zeros behind the end.
            into.get_mut(read..).unwrap_or_default().fill(0);
            ffi::SQLITE_IOERR_SHORT_READ
        }
        Err(_) => ffi::SQLITE_IOERR_READ,
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    count: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    let (Ok(count), Ok(offset)) = (usize::try_from(count), u64::try_from(offset)) else {
        return ffi::SQLITE_IOERR_WRITE;
    };
    // SAFETY: an open file; SQLite's buffer has `count` readable bytes.
    let (open, from) = unsafe {
        let Some(open) = opened(file) else {
            return ffi::SQLITE_IOERR_WRITE;
        };
        (open, std::slice::from_raw_parts(from.cast::<u8>(), count))
    };
    code(open.write(offset, from), ffi::SQLITE_IOERR_WRITE)
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: ffi::sqlite3_int64) -> c_int {
    // SAFETY: an open file.
    let open = unsafe { opened(file) };
    match open.zip(u64::try_from(size).ok()) {
        Some((open, size)) => code(open.truncate(size), ffi::SQLITE_IOERR_TRUNCATE),
        None => ffi::SQLITE_IOERR_TRUNCATE,
    }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: an open file.
    let open = unsafe { opened(file) };
    open.map_or(ffi::SQLITE_IOERR_FSYNC, |open| {
        code(open.sync(), ffi::SQLITE_IOERR_FSYNC)
    })
}

unsafe extern "C" fn file_size(
    file: *mut ffi::sqlite3_file,
    size: *mut ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: an open file, and a number that SQLite wants filled.
    let (Some(open), Some(size)) = (unsafe { opened(file) }, unsafe { size.as_mut() }) else {
        return ffi::SQLITE_IOERR_FSTAT;
    };
    match open.length() {
        Ok(length) => {
            *size = i64::try_from(length).unwrap_or(i64::MAX);
            ffi::SQLITE_OK
        }
        Err(_) => ffi::SQLITE_IOERR_FSTAT,
    }
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: an open file.
    let open = unsafe { opened(file) };
    open.map_or(ffi::SQLITE_IOERR_LOCK, |open| {
        lock_codes(open.lock(level), ffi::SQLITE_IOERR_LOCK)
    })
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: an open file.
    if let Some(open) = unsafe { opened(file) } {
        open.unlock(level);
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved_lock(
    file: *mut ffi::sqlite3_file,
    reserved: *mut c_int,
) -> c_int {
    // SAFETY: an open file, and a number that SQLite wants filled.
    let (Some(open), Some(reserved)) = (unsafe { opened(file) }, unsafe { reserved.as_mut() })
    else {
        return ffi::SQLITE_IOERR_CHECKRESERVEDLOCK;
    };
    match open.is_reserved() {
        Ok(is) => {
            *reserved = c_int::from(is);
            ffi::SQLITE_OK
        }
        Err(_) => ffi::SQLITE_IOERR_CHECKRESERVEDLOCK,
    }
}

unsafe extern "C" fn file_control(
    file: *mut ffi::sqlite3_file,
    op: c_int,
    argument: *mut c_void,
) -> c_int {
    if op != ffi::SQLITE_FCNTL_HAS_MOVED {
        return ffi::SQLITE_NOTFOUND;
    }
    // SAFETY: an open file; the argument of this operation is an int to be filled.
    let (Some(open), Some(moved)) = (unsafe { opened(file) }, unsafe {
        argument.cast::<c_int>().as_mut()
    }) else {
        return ffi::SQLITE_NOTFOUND;
    };
    *moved = c_int::from(open.has_moved());
    ffi::SQLITE_OK
}

unsafe extern "C" fn sector_size(_: *mut ffi::sqlite3_file) -> c_int {
    DECLARED_SECTOR
}

unsafe extern "C" fn characteristics(_: *mut ffi::sqlite3_file) -> c_int {
    CHARACTERISTICS
}

unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    number: c_int,
    size: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: an open file, and a pointer that SQLite wants filled.
    let (Some(open), Some(out)) = (unsafe { opened(file) }, unsafe { out.as_mut() }) else {
        return ffi::SQLITE_IOERR_SHMMAP;
    };
    *out = ptr::null_mut();
    let (Ok(number), Ok(size)) = (usize::try_from(number), usize::try_from(size)) else {
        return ffi::SQLITE_IOERR_SHMMAP;
    };
    match open.map(number, size, extend != 0) {
        // The memory is of atomics, may be written through a shared pointer, and lives until this
        // connection unmaps: `Open` keeps it.
        Ok(Some(region)) => {
            *out = Arc::as_ptr(&region).cast_mut().cast();
            ffi::SQLITE_OK
        }
        Ok(None) => ffi::SQLITE_OK,
        Err(Refusal::Full) => ffi::SQLITE_IOERR_SHMSIZE,
        Err(_) => ffi::SQLITE_IOERR_SHMMAP,
    }
}

unsafe extern "C" fn shm_lock(
    file: *mut ffi::sqlite3_file,
    offset: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    // SAFETY: an open file.
    let open = unsafe { opened(file) };
    let (Some(open), Ok(offset), Ok(count)) =
        (open, usize::try_from(offset), usize::try_from(count))
    else {
        return ffi::SQLITE_IOERR_SHMLOCK;
    };
    let alone = flags & ffi::SQLITE_SHM_EXCLUSIVE != 0;
    if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
        open.shm_unlock(offset, count, alone);
        return ffi::SQLITE_OK;
    }
    lock_codes(
        open.shm_lock(offset, count, alone),
        ffi::SQLITE_IOERR_SHMLOCK,
    )
}

unsafe extern "C" fn shm_barrier(_: *mut ffi::sqlite3_file) {
    fence(Ordering::SeqCst);
}

unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, _delete: c_int) -> c_int {
    // SAFETY: an open file.
    if let Some(open) = unsafe { opened(file) } {
        open.unmap();
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn remove(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    sync_folder: c_int,
) -> c_int {
    // SAFETY: a string of SQLite's that lives during the call.
    unsafe { path(name) }.map_or(ffi::SQLITE_IOERR_DELETE, |path| {
        delete(path, sync_folder & 1 != 0)
    })
}

unsafe extern "C" fn access(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: a string of SQLite's that lives during the call, and a number to be filled.
    let (Some(path), Some(out)) = (unsafe { path(name) }, unsafe { out.as_mut() }) else {
        return ffi::SQLITE_IOERR_ACCESS;
    };
    // As unix does: what cannot be looked at is not there, and an empty file is not there.
    *out = c_int::from(exists(path, flags == ffi::SQLITE_ACCESS_EXISTS));
    ffi::SQLITE_OK
}

unsafe extern "C" fn full_pathname(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    room: c_int,
    out: *mut c_char,
) -> c_int {
    if name.is_null() {
        return ffi::SQLITE_CANTOPEN;
    }
    // SAFETY: a string of SQLite's that lives during the call.
    let bytes = unsafe { CStr::from_ptr(name) }.to_bytes_with_nul();
    if usize::try_from(room).is_ok_and(|room| bytes.len() > room) {
        return ffi::SQLITE_CANTOPEN;
    }
    // SAFETY: `out` has `room` bytes, which is enough, and is not the string that is copied.
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr().cast(), out, bytes.len()) };
    ffi::SQLITE_OK
}

/// Not asked: SQLite's random numbers come from the default VFS.
unsafe extern "C" fn randomness(_: *mut ffi::sqlite3_vfs, count: c_int, out: *mut c_char) -> c_int {
    if let Ok(count) = usize::try_from(count) {
        // SAFETY: `out` has `count` writable bytes.
        unsafe { ptr::write_bytes(out, 0x5a, count) };
    }
    count
}

/// Virtual time stands still while SQLite waits.
unsafe extern "C" fn sleep(_: *mut ffi::sqlite3_vfs, microseconds: c_int) -> c_int {
    microseconds
}

/// 2026-11-22T08:00:00Z in milliseconds of the Julian day. The store asks no clock of SQLite's.
const NOW: i64 = 1_795_334_400_000 + 210_866_760_000_000;

unsafe extern "C" fn current_time(_: *mut ffi::sqlite3_vfs, out: *mut f64) -> c_int {
    // SAFETY: a number that SQLite wants filled, or null.
    if let Some(out) = unsafe { out.as_mut() } {
        *out = NOW as f64 / 86_400_000.0;
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn current_time_int(
    _: *mut ffi::sqlite3_vfs,
    out: *mut ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: a number that SQLite wants filled, or null.
    if let Some(out) = unsafe { out.as_mut() } {
        *out = NOW;
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn last_error(_: *mut ffi::sqlite3_vfs, _: c_int, _: *mut c_char) -> c_int {
    0
}
