//! Puts the commit into `--version`. Own code, and little of it: the crates for this need a newer Rust than the
//! program, or do not know what `cargo package` leaves in the place of git.
//!
//! Where nothing says the commit, there is none: a build never fails for it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What the program is made of: a commit is only told as it is where these are as they were committed.
const MADE_OF: [&str; 4] = ["src", "build.rs", "Cargo.toml", "Cargo.lock"];

/// So many digits of a commit are shown. The form that git shortens to differs from clone to clone.
const DIGITS: usize = 10;

fn main() {
    let folder = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let told = std::env::var("LAMB_AUTH_COMMIT").unwrap_or_default();
    let commit = told_commit(&told).or_else(|| packaged_commit(&folder)).or_else(|| git_commit(&folder));
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let long = commit.as_ref().map_or_else(|| version.clone(), |commit| format!("{version} ({commit})"));
    println!("cargo::rustc-env=LAMB_AUTH_LONG_VERSION={long}");
    println!("cargo::rustc-env=LAMB_AUTH_BUILT_FROM={}", commit.unwrap_or_default());
    println!("cargo::rerun-if-env-changed=LAMB_AUTH_COMMIT");
    for path in MADE_OF.iter().map(|name| folder.join(name)).chain(moves_with_commits(&folder)) {
        println!("cargo::rerun-if-changed={}", path.display());
    }
}

/// What the builder says: a commit, and its date where there is one. For builds that have no `.git`.
pub(crate) fn told_commit(told: &str) -> Option<String> {
    let words: Vec<&str> = told.split_whitespace().collect();
    let plain =
        |word: &&str| word.len() <= 64 && word.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_+".contains(&b));
    let (first, rest) = words.split_first()?;
    let is_plain = words.len() <= 2 && words.iter().all(plain);
    is_plain.then(|| [&[shortened(first).as_str()], rest].concat().join(" "))
}

/// What `cargo package` wrote down. No date is in it.
pub(crate) fn packaged_commit(folder: &Path) -> Option<String> {
    let text = std::fs::read_to_string(folder.join(".cargo_vcs_info.json")).ok()?;
    let hash: String = text.split_once("\"sha1\"")?.1.split('"').nth(1)?.to_owned();
    let is_hash = hash.len() >= DIGITS && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    let changed = if text.contains("\"dirty\": true") { "-dirty" } else { "" };
    is_hash.then(|| shortened(&hash) + changed)
}

/// What git knows of this folder, if it is a work tree's top. (Inside somebody else's, it would be their commit.)
pub(crate) fn git_commit(folder: &Path) -> Option<String> {
    folder.join(".git").exists().then_some(())?;
    let told = git(folder, &["log", "-1", "--no-show-signature", "--format=%H %cs"])?;
    let (hash, date) = told.trim().split_once(' ')?;
    let status: Vec<&str> = ["status", "--porcelain", "--"].into_iter().chain(MADE_OF).collect();
    let changed = if git(folder, &status)?.is_empty() { "" } else { "-dirty" };
    Some(format!("{}{changed} {date}", shortened(hash)))
}

/// What git writes to when another commit is there. In a work tree beside the first, `.git` is a file. What does not exist
/// is left out: cargo would take it for changed each time.
pub(crate) fn moves_with_commits(folder: &Path) -> Vec<PathBuf> {
    if !folder.join(".git").exists() {
        return Vec::new();
    }
    let path = |name: &str| Some(folder.join(git(folder, &["rev-parse", "--git-path", name])?.trim_end()));
    let head = path("HEAD");
    // Every commit and every checkout is a line of it; where it is not kept, the branches themselves are looked at.
    let log = path("logs/HEAD").filter(|log| log.exists());
    let instead = if log.is_some() { &[][..] } else { &["refs/heads", "packed-refs", "reftable/tables.list"] };
    let moving = instead.iter().filter_map(|name| path(name));
    head.into_iter().chain(log).chain(moving).filter(|path| path.exists()).collect()
}

/// What git says, or nothing where it is not there or refuses.
fn git(folder: &Path, words: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    // Whose folder it is does not matter: this very script is out of it. A hook's variables would name another one.
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
