//! `--version` tells the commit, wherever it can be known, and the build asks again when there is another.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use super::crowd::skipped;
use super::run::Run;

/// What the build does, asked about folders that are made here.
#[path = "../../build.rs"]
#[expect(dead_code, reason = "the build script's own beginning is not called")]
mod build;

const VERSION: &str = env!("CARGO_PKG_VERSION");

#[test]
fn it_is_told_short_and_long() {
    let told = |line: &[&str]| {
        let output = Run::new(line.iter().map(|word| (*word).to_owned()).collect()).run();
        output.expect(0);
        output.stdout
    };
    assert_eq!(told(&["-V"]), format!("lamb-auth {VERSION}\n"));
    assert_eq!(told(&["--version"]), format!("lamb-auth {}\n", lamb_auth::version::LONG));
    assert_eq!(told(&["version"]), told(&["--version"]));
    assert!(told(&["--version", "-o", "json"]).contains(&format!(r#""version": "{VERSION}""#)));
    assert_eq!(told(&["audit", "--version"]), format!("lamb-auth-audit {}\n", lamb_auth::version::LONG));
    let long = match lamb_auth::version::built_from() {
        Some(commit) => format!("{VERSION} ({commit})"),
        None => VERSION.to_owned(),
    };
    assert_eq!(lamb_auth::version::LONG, long);
}

/// The heading of what is not released stands there, for the next change; below it is what this program is.
#[test]
fn the_newest_release_in_the_changelog_is_this_version() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("CHANGELOG.md")).unwrap();
    let mut headings = text.lines().filter_map(|line| line.strip_prefix("## "));
    assert_eq!(headings.next(), Some("[Unreleased]"));
    let (version, date) = headings.next().and_then(|heading| heading.split_once(" - ")).unwrap();
    assert_eq!(version, format!("[{VERSION}]"));
    assert!(date.parse::<jiff::civil::Date>().is_ok(), "{date}");
}

/// The files of a release carry the version in their names.
#[test]
fn the_documentation_names_the_files_of_this_version() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["README.md", "docs/container.md"] {
        let text = fs::read_to_string(root.join(name)).unwrap();
        let starts = ["lamb-auth-", "lamb-auth_", "lamb-auth:"];
        let named: Vec<&str> = (starts.iter().flat_map(|start| text.split(start).skip(1)))
            .filter(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit()))
            .collect();
        assert!(!named.is_empty(), "{name}");
        for rest in named {
            assert!(rest.starts_with(VERSION), "{name}: {}", rest.lines().next().unwrap_or_default());
        }
    }
}

#[test]
fn a_builder_may_say_the_commit() {
    for (told, commit) in [
        ("", None),
        (" ", None),
        ("0123456789abcdef0123456789abcdef01234567", Some("0123456789")),
        ("0123456 2026-11-23\n", Some("0123456 2026-11-23")),
        ("v0.1.0-3-gabc1234", Some("v0.1.0-3-gabc1234")),
        ("one two three", None),
        ("\"quoted\"", None),
        ("a\ncargo::rustc-env=X=y", None),
    ] {
        assert_eq!(build::builder_commit(told).as_deref(), commit, "{told:?}");
    }
}

#[test]
fn a_package_has_it_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    assert_eq!((build::packaged_commit(path), build::git_commit(path)), (None, None));
    for (text, commit) in [
        (r#"{"git": {"sha1": "0123456789abcdef0123456789abcdef01234567"}, "path_in_vcs": ""}"#, Some("0123456789")),
        (r#"{"git": {"sha1": "0123456789abcdef", "dirty": true}}"#, Some("0123456789-dirty")),
        (r#"{"git": {"sha1": "no hash at all"}}"#, None),
        (r#"{"path_in_vcs": ""}"#, None),
        ("", None),
    ] {
        fs::write(path.join(".cargo_vcs_info.json"), text).unwrap();
        assert_eq!(build::packaged_commit(path).as_deref(), commit, "{text}");
    }
}

/// A command of git's in a folder; what it says.
fn git(folder: &Path, line: &str) -> String {
    let words = shlex::split(line).unwrap();
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["-c", "user.name=N", "-c", "user.email=n@x", "-c", "commit.gpgSign=false"]);
    let output = command.args(words).env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// What cargo looks at.
fn state(paths: &[PathBuf]) -> Vec<SystemTime> {
    paths.iter().map(|path| fs::metadata(path).unwrap().modified().unwrap()).collect()
}

#[test]
fn an_image_is_built_from_all_sources() {
    let ignored = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/.dockerignore")).unwrap();
    let kept: Vec<&str> = ignored.lines().filter_map(|line| line.strip_prefix('!')).collect();
    for source in build::SOURCES {
        assert!(kept.contains(&source), "{source} is not in the Dockerfile's folder");
    }
}

#[test]
fn git_is_asked() {
    if Command::new("git").arg("--version").output().is_err() {
        return skipped("the commit in --version", "git is not installed");
    }
    let within = tempfile::tempdir().unwrap();
    let first = within.path().join("first");
    fs::create_dir_all(first.join("src")).unwrap();
    git(&first, "init -q -b main");
    assert_eq!(build::git_commit(&first), None, "no commit yet");
    let files = [("src/main.rs", "one"), ("Cargo.toml", "one"), ("Cargo.lock", "one"), ("build.rs", "one")];
    files.iter().for_each(|(name, text)| fs::write(first.join(name), text).unwrap());
    git(&first, "add .");
    git(&first, "commit -qm one --date 2026-11-23T12:00:00Z");
    let second = within.path().join("second");
    git(&first, &format!("worktree add -q -b side {}", second.display()));
    // Not the log of moves, which one may switch off.
    let third = within.path().join("third");
    git(within.path(), "-c core.logAllRefUpdates=false clone -q first third");
    git(&third, "config core.logAllRefUpdates false");
    let _ = fs::remove_dir_all(third.join(".git/logs"));

    for folder in [&first, &second, &third] {
        let told = |folder: &Path| build::git_commit(folder).unwrap();
        let expected = |mark: &str| {
            let said = git(folder, "log -1 --format=%H/%cs");
            let (hash, date) = said.split_once('/').unwrap();
            format!("{}{mark} {date}", &hash[..10])
        };
        assert_eq!(told(folder), expected(""), "{}", folder.display());
        // What the program is not made of is no matter.
        fs::write(folder.join("NOTES"), "mine").unwrap();
        assert_eq!(told(folder), expected(""), "{}", folder.display());
        fs::write(folder.join("src/main.rs"), "two").unwrap();
        assert_eq!(told(folder), expected("-dirty"), "{}", folder.display());

        let watched = build::files_of_the_commit(folder);
        let before = (state(&watched), told(folder));
        git(folder, "commit -qam two");
        assert_ne!(told(folder), before.1);
        assert_eq!(told(folder), expected(""), "{}", folder.display());
        assert_ne!(state(&watched), before.0, "{watched:?} would not make the build ask again");
        // Looking at it changes nothing, or the next build would ask again for nothing.
        let now = state(&watched);
        told(folder);
        assert_eq!(state(&watched), now);
    }

    // A folder inside of another's work tree has no commit of its own.
    assert_eq!(build::git_commit(&first.join("src")), None);
    assert_eq!(build::files_of_the_commit(&first.join("src")), [] as [PathBuf; 0]);
    // Nor is a build held up by a `.git` that leads nowhere.
    let broken = within.path().join("broken");
    fs::create_dir(&broken).unwrap();
    fs::write(broken.join(".git"), "gitdir: /nowhere").unwrap();
    assert_eq!((build::git_commit(&broken), build::files_of_the_commit(&broken)), (None, Vec::new()));
    // Somebody else's folder is looked at all the same.
    if std::os::unix::fs::chown(&first, Some(4242), Some(4343)).is_ok() {
        assert!(build::git_commit(&first).is_some());
    } else {
        skipped("the commit of a work tree that is another account's", "this needs root");
    }
}

/// Clippy knows how old a function is, and of syntax nothing: guards with `if let` came with Rust 1.95.
#[test]
fn no_syntax_is_newer_than_the_stated_rust() {
    const STATED: &str = env!("CARGO_PKG_RUST_VERSION");
    let minor = |version: &str| version.split('.').nth(1).and_then(|minor| minor.parse::<u32>().ok());
    assert!(minor(STATED) < Some(95), "{STATED}: this test is over");
    let mut folders = vec!["src", "tests"].into_iter().map(PathBuf::from).collect::<Vec<_>>();
    let (mut files, mut newer) = (0, Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files += 1;
                let text = fs::read_to_string(&path).unwrap();
                newer.extend(if_let_guards(&text).map(|line| format!("{}: {line}", path.display())));
            }
        }
    }
    assert!(files > 200, "{files}");
    assert!(newer.is_empty(), "{newer:#?}");
    let guard = ["Some(x) if", "let Ok(y) = x.get() => y,"].join(" ");
    assert_eq!(if_let_guards(&guard).count(), 1);
}

/// From `if let` to `=>` with no block begun between them.
fn if_let_guards(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(" if let ").skip(1);
    parts.filter(|rest| rest.find("=>").is_some_and(|arm| !rest[..arm].contains(['{', ';', '"'])))
}
