//! Compiles the C side of the JPEG library's wrapper, and refuses to build a slow library.

use std::process::Command;

fn main() -> Result<(), String> {
    println!("cargo:rerun-if-changed=c");
    println!("cargo:rerun-if-changed=build.rs");

    // Without nasm, mozjpeg-sys builds plain C with no more than a warning: twice the time a photo.
    let arch = std::env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    let wanted = std::env::var_os("CARGO_FEATURE_SIMD").is_some();
    if wanted && matches!(arch.as_str(), "x86" | "x86_64") {
        let runs = Command::new("nasm").arg("-v").output();
        if !runs.is_ok_and(|output| output.status.success()) {
            return Err(
                "the assembler `nasm` cannot be run, and without it photos would be \
                 compressed at half the speed: install it (Debian: apt-get install nasm, \
                 macOS: brew install nasm) and build again"
                    .to_owned(),
            );
        }
    }

    let include = std::env::var_os("DEP_JPEG_INCLUDE")
        .ok_or("mozjpeg-sys did not say where its headers are")?;
    let mut build = cc::Build::new();
    build.file("c/decoder.c");
    if std::env::var_os("CARGO_FEATURE_SYNTH").is_some() {
        build.file("c/encoder.c");
    }
    // A fault on purpose, which `make asan` must see; in no app.
    println!("cargo:rerun-if-env-changed=LAPOR_PLANTED_OVERFLOW");
    let fuzzed = std::env::var_os("CARGO_FEATURE_FUZZ").is_some();
    if fuzzed && std::env::var_os("LAPOR_PLANTED_OVERFLOW").is_some() {
        build.define("LAPOR_PLANTED_OVERFLOW", None);
    }
    build.warnings(true).extra_warnings(true);
    for folder in std::env::split_paths(&include) {
        // As system headers, so that the library's own warnings stay its own.
        build.flag("-isystem");
        build.flag(folder);
    }
    build.flag_if_supported("-Wno-clobbered");
    build.compile("lapor_jpeg");
    Ok(())
}
