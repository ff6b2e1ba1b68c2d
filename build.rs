//! Puts the commit into `--version`, makes the table of the letters that look the same, packs the schemas, and tells the
//! linker which functions come first.
//!
//! The commit: this is own code because the crates for it need a newer Rust than the program, or
//! do not know the file that `cargo package` writes in place of git.
//!
//! If the commit is unknown, `--version` shows none: a build never fails for it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use unicode_normalization::UnicodeNormalization;

/// The sources of the program. If one of them differs from the commit, the commit is marked as `-dirty`.
pub(crate) const SOURCES: [&str; 5] = ["src", SCHEMAS, "build.rs", "Cargo.toml", "Cargo.lock"];

/// The folder of the JSON Schemas, which `schema` prints.
const SCHEMAS: &str = "docs/schemas";

/// The number of digits shown of a commit. The length that git chooses differs from clone to clone.
const DIGITS: usize = 10;

fn main() -> std::io::Result<()> {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    std::fs::write(out.join("confusables.rs"), confusables())?;
    let folder = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    for file in std::fs::read_dir(folder.join(SCHEMAS))? {
        let file = file?;
        let packed = std::fs::File::create(out.join(file.file_name()).with_extension("json.gz"))?;
        let mut packed = GzEncoder::new(packed, Compression::best());
        packed.write_all(&std::fs::read(file.path())?)?;
        packed.finish()?;
    }
    // Both GNU's linker and LLVM's read this script.
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("PROFILE", "release") {
        println!("cargo::rustc-link-arg-bins=-T{}", folder.join("src/start.ld").display());
    }
    let given = std::env::var("LAMB_AUTH_COMMIT").unwrap_or_default();
    let commit = builder_commit(&given).or_else(|| packaged_commit(&folder)).or_else(|| git_commit(&folder));
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let long = commit.as_ref().map_or_else(|| version.clone(), |commit| format!("{version} ({commit})"));
    println!("cargo::rustc-env=LAMB_AUTH_LONG_VERSION={long}");
    println!("cargo::rustc-env=LAMB_AUTH_BUILT_FROM={}", commit.unwrap_or_default());
    println!("cargo::rerun-if-env-changed=LAMB_AUTH_COMMIT");
    for path in SOURCES.iter().map(|name| folder.join(name)).chain(files_of_the_commit(&folder)) {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    Ok(())
}

/// The characters that have a prototype, and the prototypes, as `src/email/skeleton.rs` reads them.
pub(crate) fn confusables() -> String {
    let (mut characters, mut ends, mut prototypes) = (Vec::new(), Vec::new(), String::new());
    for c in '\0'..=char::MAX {
        let text = c.to_string();
        let prototype: String = unicode_security::skeleton(&text).collect();
        // What is composed is taken apart first, and what is invisible is left out first.
        if !prototype.is_empty() && prototype != text && text.nfd().eq([c]) {
            prototypes.push_str(&prototype);
            characters.push(c);
            ends.push(prototypes.len());
        }
    }
    format!(
        "static CHARACTERS: [char; {}] = {characters:?};\nstatic ENDS: [u16; {}] = {ends:?};\n\
         static PROTOTYPES: &str = {prototypes:?};\n",
        characters.len(),
        ends.len()
    )
}

/// The commit that the builder passes, and its date if there is one. For builds that have no `.git`.
pub(crate) fn builder_commit(given: &str) -> Option<String> {
    let words: Vec<&str> = given.split_whitespace().collect();
    let plain =
        |word: &&str| word.len() <= 64 && word.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_+".contains(&b));
    let (first, rest) = words.split_first()?;
    let is_plain = words.len() <= 2 && words.iter().all(plain);
    is_plain.then(|| [&[shortened(first).as_str()], rest].concat().join(" "))
}

/// The commit that `cargo package` recorded, without a date.
pub(crate) fn packaged_commit(folder: &Path) -> Option<String> {
    let text = std::fs::read_to_string(folder.join(".cargo_vcs_info.json")).ok()?;
    let hash: String = text.split_once("\"sha1\"")?.1.split('"').nth(1)?.to_owned();
    let is_hash = hash.len() >= DIGITS && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    let changed = if text.contains("\"dirty\": true") { "-dirty" } else { "" };
    is_hash.then(|| shortened(&hash) + changed)
}

/// The commit that git reports for this folder, if it is the top of a work tree. (In a folder of another repository, it
/// would be that repository's commit.)
pub(crate) fn git_commit(folder: &Path) -> Option<String> {
    folder.join(".git").exists().then_some(())?;
    let line = git(folder, &["log", "-1", "--no-show-signature", "--format=%H %cs"])?;
    let (hash, date) = line.trim().split_once(' ')?;
    let status: Vec<&str> = ["status", "--porcelain", "--"].into_iter().chain(SOURCES).collect();
    let changed = if git(folder, &status)?.is_empty() { "" } else { "-dirty" };
    Some(format!("{}{changed} {date}", shortened(hash)))
}

/// The files that git writes when the commit changes. In a linked work tree, `.git` is a file. Files that do not exist
/// are left out: cargo would treat them as changed at each build.
pub(crate) fn files_of_the_commit(folder: &Path) -> Vec<PathBuf> {
    if !folder.join(".git").exists() {
        return Vec::new();
    }
    let path = |name: &str| Some(folder.join(git(folder, &["rev-parse", "--git-path", name])?.trim_end()));
    let head = path("HEAD");
    // Each commit and checkout adds a line to this log. If git keeps none, watch the branches.
    let log = path("logs/HEAD").filter(|log| log.exists());
    let instead = if log.is_some() { &[][..] } else { &["refs/heads", "packed-refs", "reftable/tables.list"] };
    let moving = instead.iter().filter_map(|name| path(name));
    head.into_iter().chain(log).chain(moving).filter(|path| path.exists()).collect()
}

/// The output of git, or `None` if git is missing or fails.
fn git(folder: &Path, words: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    // The owner of the folder does not matter: this script comes from it. A hook's variables would name another folder.
    command.args(["-c", "safe.directory=*", "--no-optional-locks", "-C"]).arg(folder).args(words);
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX"] {
        command.env_remove(variable);
    }
    let output = command.output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}

fn shortened(hash: &str) -> String {
    let is_hash = hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash { hash.chars().take(DIGITS).collect() } else { hash.to_owned() }
}
