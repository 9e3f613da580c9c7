//! Lays the built pages (`web/dist`, by `make web`) into the program. Runs no other tool: where they are not built, the
//! program serves a page that says so.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

const BUILT: &str = "web/dist";
/// Beside a file, the same packed.
const PACKED: &str = ".gz";

fn main() -> io::Result<()> {
    let built = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("Cargo sets it")).join(BUILT);
    // A folder that is there is watched; one that is not would make every build a new one.
    fs::create_dir_all(&built)?;
    println!("cargo::rerun-if-changed={BUILT}");
    let mut files = Vec::new();
    collect(&built, &mut files)?;
    // As text, as they are looked up: the order of paths goes by folders first.
    files.sort_by(|a, b| a.as_os_str().cmp(b.as_os_str()));
    let mut table = String::from("&[\n");
    for file in files.iter().filter(|file| !is_packed(file)) {
        let name = file.strip_prefix(&built).expect("it lies there").to_str().expect("names are ASCII");
        let packed = PathBuf::from(format!("{}{PACKED}", file.display()));
        let gzip = if packed.exists() { format!("Some(include_bytes!({packed:?}))") } else { "None".to_owned() };
        writeln!(table, "File {{ path: {name:?}, bytes: include_bytes!({file:?}), gzip: {gzip} }},")
            .expect("a String takes everything");
    }
    table.push(']');
    let out = env::var("OUT_DIR").expect("Cargo sets it");
    fs::write(Path::new(&out).join("pages.rs"), table)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { collect(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

fn is_packed(file: &Path) -> bool {
    file.to_str().is_some_and(|name| name.ends_with(PACKED))
}
