//! Compiles the amalgamation of SQLite3 Multiple Ciphers into one static archive.
//!
//! `opt-level` comes from the profile of this package, so that the database can be fast in a
//! program that is otherwise built small.

/// Every switch with its reason; a switch that nobody can explain is not set.
const SWITCHES: &[(&str, &str)] = &[
    // The core is the only caller: no extension API, no plug-ins, no configuration from a file name.
    ("SQLITE_CORE", "1"),
    ("SQLITE_OMIT_LOAD_EXTENSION", "1"),
    ("SQLITE_USE_URI", "0"),
    // "x" is a column or an error, never silently a string.
    ("SQLITE_DQS", "0"),
    ("SQLITE_DEFAULT_FOREIGN_KEYS", "1"),
    // A misused handle is an error code instead of undefined behaviour.
    ("SQLITE_ENABLE_API_ARMOR", "1"),
    // Serialized: rusqlite moves connections between threads.
    ("SQLITE_THREADSAFE", "1"),
    // Temporary tables and sorters live in memory: a file of theirs would hold plaintext.
    ("SQLITE_TEMP_STORE", "2"),
    // What is accepted is on the disk, also where somebody forgets the pragma.
    ("SQLITE_DEFAULT_SYNCHRONOUS", "2"),
    ("SQLITE_DEFAULT_WAL_SYNCHRONOUS", "2"),
    // Page counts by table.
    ("SQLITE_ENABLE_DBSTAT_VTAB", "1"),
    // Pages by their numbers, decrypted: leaves of a damaged store to which no way leads.
    ("SQLITE_ENABLE_DBPAGE_VTAB", "1"),
    // The core's own statements are the only ones: none is too deep, and nobody need count.
    ("SQLITE_MAX_EXPR_DEPTH", "0"),
    // No connection shares its cache with another: nothing to lock within a process.
    ("SQLITE_OMIT_SHARED_CACHE", "1"),
    // Work space of a page or so lies on the stack.
    ("SQLITE_USE_ALLOCA", "1"),
    // No global lock around every allocation; nobody reads the counters.
    ("SQLITE_DEFAULT_MEMSTATUS", "0"),
    ("SQLITE_LIKE_DOESNT_MATCH_BLOBS", "1"),
    ("HAVE_USLEEP", "1"),
    ("HAVE_ISNAN", "1"),
    ("HAVE_LOCALTIME_R", "1"),
    // One cipher. The others are size, and another way to open a file wrongly.
    ("CODEC_TYPE", "CODEC_TYPE_CHACHA20"),
    ("HAVE_CIPHER_CHACHA20", "1"),
    ("HAVE_CIPHER_AES_128_CBC", "0"),
    ("HAVE_CIPHER_AES_256_CBC", "0"),
    ("HAVE_CIPHER_SQLCIPHER", "0"),
    ("HAVE_CIPHER_RC4", "0"),
    ("HAVE_CIPHER_ASCON128", "0"),
    ("HAVE_CIPHER_AEGIS", "0"),
    ("SQLITE3MC_OMIT_AES_HARDWARE_SUPPORT", "1"),
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=RUSTC_WORKSPACE_WRAPPER");
    // Clippy links nothing, and cargo keeps its results apart: no need for a minute of C.
    let wrapper = std::env::var("RUSTC_WORKSPACE_WRAPPER").unwrap_or_default();
    if wrapper.ends_with("clippy-driver") {
        return;
    }
    let source = sqlite3mc_src::source_dir();

    let mut build = cc::Build::new();
    build
        .file(source.join(sqlite3mc_src::SOURCE_FILE))
        .include(source)
        .warnings(false)
        // Lets the linker drop what the core never calls.
        .flag_if_supported("-ffunction-sections")
        .flag_if_supported("-fdata-sections")
        .flag_if_supported("-fvisibility=hidden");
    for (name, value) in SWITCHES {
        build.define(name, *value);
    }
    // Linux and Android have a real fdatasync; elsewhere SQLite knows better what to call.
    let system = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if matches!(system.as_str(), "linux" | "android") {
        build.define("HAVE_FDATASYNC", "1");
    }
    build.compile("sqlite3mc");
}
