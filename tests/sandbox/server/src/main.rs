//! `lapor-sandbox`: see `--help` and the README beside this crate.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    lapor_sandbox::run()
}
