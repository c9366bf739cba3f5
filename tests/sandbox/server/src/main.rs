//! `lapor-sandbox`: see `--help` and the README beside this crate.

fn main() -> std::process::ExitCode {
    lapor_sandbox::run()
}
