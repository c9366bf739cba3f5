//! `lapor-bindgen python|kotlin|swift --out DIR`: the foreign side of `lapor-ffi`, read from the
//! built library. Run it inside the project's folder: cargo says where `uniffi.toml` lies.
//!
//! Files are only touched when their content changes, so that nothing behind them is rebuilt.

use std::{
    env::{self, consts},
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use uniffi::{GenerateOptions, SwiftBindingsOptions, TargetLanguage};

/// The C module beneath the Swift one; `uniffi.toml` and `Package.swift` name it too.
const SWIFT_C_MODULE: &str = "LaporFFI";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    /// One module, and the library beside it
    Python,
    /// One file in the folder of its package
    Kotlin,
    /// One file, a header, a module map
    Swift,
}

/// Generates the foreign bindings of lapor-ffi
#[derive(Debug, Parser)]
#[command(name = "lapor-bindgen", version)]
struct Arguments {
    language: Language,
    /// Folder for the generated files; made when absent
    #[arg(long)]
    out: PathBuf,
    /// The built library [default: the one beside this program]
    #[arg(long)]
    library: Option<PathBuf>,
}

fn main() -> Result<()> {
    let Arguments {
        language,
        out,
        library,
    } = Arguments::parse();
    let library = match library {
        Some(library) => library,
        None => beside_this_program()?,
    };
    anyhow::ensure!(
        library.is_file(),
        "there is no {}: build it with `cargo build -p lapor-ffi`",
        library.display()
    );

    let fresh = fresh_folder(&out)?;
    let generated = generate(language, &library, &fresh).and_then(|()| {
        if language == Language::Python {
            // The module looks for the library beside itself.
            let name = library.file_name().context("the library has no name")?;
            fs::copy(&library, fresh.join(name)).context("copying the library")?;
        }
        move_changed(&fresh, &out)
    });
    fs::remove_dir_all(&fresh).context("removing what is left of the work")?;
    generated
}

fn generate(language: Language, library: &Path, out: &Path) -> Result<()> {
    let source = text(library)?;
    let out_dir = text(out)?;
    let languages = match language {
        Language::Python => vec![TargetLanguage::Python],
        Language::Kotlin => vec![TargetLanguage::Kotlin],
        Language::Swift => {
            return uniffi::generate_swift_bindings(SwiftBindingsOptions {
                generate_swift_sources: true,
                generate_headers: true,
                generate_modulemap: true,
                source: source.into(),
                out_dir: out_dir.into(),
                // A plain `module`: `framework module` is wrong for a static library.
                xcframework: false,
                module_name: Some(SWIFT_C_MODULE.to_owned()),
                modulemap_filename: Some("module.modulemap".to_owned()),
                metadata_no_deps: false,
                link_frameworks: Vec::new(),
                config: None,
            })
            .context("generating Swift");
        }
    };
    let options = GenerateOptions {
        languages,
        source: source.into(),
        out_dir: out_dir.into(),
        ..GenerateOptions::default()
    };
    uniffi::generate(options).context("generating; is this folder inside the project?")
}

fn text(path: &Path) -> Result<String> {
    let text = path
        .to_str()
        .with_context(|| format!("{} is not UTF-8", path.display()))?;
    Ok(text.to_owned())
}

fn beside_this_program() -> Result<PathBuf> {
    let program = env::current_exe().context("finding this program")?;
    let folder = program.parent().context("this program lies nowhere")?;
    Ok(folder.join(format!(
        "{}lapor_ffi{}",
        consts::DLL_PREFIX,
        consts::DLL_SUFFIX
    )))
}

/// Beside `out`, so that a file can be moved instead of copied; two runs do not meet in it.
fn fresh_folder(out: &Path) -> Result<PathBuf> {
    let mut name = out
        .file_name()
        .map_or_else(|| OsString::from("out"), OsString::from);
    name.push(format!(".{}", std::process::id()));
    let fresh = out.with_file_name(name);
    fs::create_dir_all(&fresh).with_context(|| format!("making {}", fresh.display()))?;
    Ok(fresh)
}

fn move_changed(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("making {}", to.display()))?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (old, new) = (to.join(entry.file_name()), entry.path());
        if entry.file_type()?.is_dir() {
            move_changed(&new, &old)?;
        } else if !is_same(&new, &old)? {
            fs::rename(&new, &old).with_context(|| format!("writing {}", old.display()))?;
        }
    }
    Ok(())
}

fn is_same(one: &Path, other: &Path) -> Result<bool> {
    match fs::read(other) {
        Ok(bytes) => Ok(bytes == fs::read(one)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).with_context(|| format!("reading {}", other.display())),
    }
}
