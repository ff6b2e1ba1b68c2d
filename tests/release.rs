//! The files of a release, which `scripts/release` makes, where they are meant to be used.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

const VERSION: &str = env!("CARGO_PKG_VERSION");

#[test]
#[ignore = "needs the files of `scripts/release`, and builds them again"]
fn the_same_commit_gives_the_same_bytes() {
    let folder = temporary();
    let (clone, again) = (folder.path().join("a clone"), folder.path().join("again"));
    done(Command::new("git").args(["clone", "--quiet"]).arg(root()).arg(&clone));
    done(Command::new(clone.join("scripts/release")).arg(&again).env("CARGO_TARGET_DIR", target()));
    let sums = |folder: &Path| fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
    assert_eq!(sums(&again), sums(&release()));
    let names = names_below(&again);
    assert_eq!(names.len(), 5, "a tar file, a package, an image, an SBOM, the checksums: {names:?}");
}

#[test]
#[ignore = "needs the files of `scripts/release`, root and busybox"]
fn the_tar_file_installs_where_there_is_no_c_library() {
    let tree = temporary();
    for folder in ["bin", "proc", "tmp"] {
        fs::create_dir(tree.path().join(folder)).unwrap();
    }
    fs::copy("/bin/busybox", tree.path().join("bin/busybox"))
        .expect("busybox; on Debian: apt-get install busybox-static");
    let applets = ["cat", "chmod", "cp", "dirname", "env", "gzip", "mkdir", "mv", "rm", "sed", "sh", "tar"];
    for name in applets {
        symlink("busybox", tree.path().join("bin").join(name)).unwrap();
    }
    let name = format!("lamb-auth-{VERSION}-x86_64-linux");
    fs::copy(release().join(format!("{name}.tar.gz")), tree.path().join("lamb-auth.tar.gz")).unwrap();
    let here = |line: &str| within(tree.path(), &["sh", "-c", line]);

    assert_done(&here("tar xzf lamb-auth.tar.gz"));
    let before = names_below(tree.path());
    let told = assert_done(&here(&format!("sh {name}/install.sh")));
    assert!(told.contains("/usr/local/bin/lamb-auth"), "{told}");
    assert_runs(tree.path(), "/usr/local/bin/lamb-auth");
    assert!(tree.path().join("usr/local/share/man/man1/lamb-auth-diagnose.1").is_file());

    // Again, over what is there; then away, without a trace.
    assert_done(&here(&format!("cd {name} && ./install.sh")));
    assert_done(&here(&format!("sh {name}/install.sh --remove")));
    let files = |names: BTreeSet<PathBuf>| names.into_iter().filter(|name| !tree.path().join(name).is_dir()).collect();
    let (left, before): (Vec<_>, Vec<_>) = (files(names_below(tree.path())), files(before));
    assert_eq!(left, before);

    let wrong = here(&format!("sh {name}/install.sh --prefix /opt"));
    assert_eq!(wrong.status.code(), Some(2), "{}", told_of(&wrong));
}

#[test]
#[ignore = "needs the files of `scripts/release`, root, debootstrap and Debian's packages"]
fn the_package_is_installed_upgraded_and_removed_on_debian_12() {
    installed_upgraded_and_removed("bookworm");
}

#[test]
#[ignore = "needs the files of `scripts/release`, root, debootstrap and Debian's packages"]
fn the_package_is_installed_upgraded_and_removed_on_debian_13() {
    installed_upgraded_and_removed("trixie");
}

#[test]
#[ignore = "needs the files of `scripts/release`, and lintian"]
fn lintian_has_nothing_to_say_about_the_package() {
    let mut lintian = Command::new("lintian");
    lintian.args(["--fail-on", "error,warning", "--allow-root", "--tag-display-limit", "0"]).arg(package());
    assert_eq!(done(&mut lintian), "");
}

fn installed_upgraded_and_removed(release: &str) {
    let folder = temporary();
    let tree = folder.path().join("tree");
    let mut debootstrap = Command::new("debootstrap");
    debootstrap.args(["--variant=minbase", "--include=systemd", release]).arg(&tree).arg(mirror());
    done(&mut debootstrap);
    let before = names_below(&tree);

    fs::copy(package(), tree.join("lamb-auth.deb")).unwrap();
    assert_done(&within(&tree, &["dpkg", "-i", "/lamb-auth.deb"]));
    assert_runs(&tree, "/usr/bin/lamb-auth");
    let placed = [
        "usr/share/bash-completion/completions/lamb-auth",
        "usr/share/zsh/vendor-completions/_lamb-auth",
        "usr/share/fish/vendor_completions.d/lamb-auth.fish",
        "usr/share/doc/lamb-auth/examples/env",
        "usr/share/doc/lamb-auth/docs/schemas/audit.json",
    ];
    for name in placed {
        assert!(tree.join(name).is_file(), "{name}");
    }
    for unit in ["lamb-auth-sync.service", "lamb-auth-sync.timer", "lamb-auth-audit.service", "lamb-auth-audit.timer"] {
        let verified = within(&tree, &["systemd-analyze", "verify", "--man=no", unit]);
        let told = assert_done(&verified);
        assert!(!told.contains("lamb-auth"), "{told}");
        let enabled = within(&tree, &["systemctl", "is-enabled", unit]);
        let state = String::from_utf8_lossy(&enabled.stdout).trim().to_owned();
        let expected = if unit.ends_with(".timer") { "disabled" } else { "static" };
        assert_eq!(state, expected, "{unit}");
    }
    // What the units run: with the settings of a deployment, and the policy that comes as an example.
    assert_done(&within(
        &tree,
        &["install", "-D", "-m", "600", "/usr/share/doc/lamb-auth/examples/policy.toml", POLICY],
    ));
    for (unit, code) in [("lamb-auth-sync.service", 0), ("lamb-auth-audit.service", 1)] {
        let text = fs::read_to_string(tree.join("usr/lib/systemd/system").join(unit))
            .or_else(|_| fs::read_to_string(tree.join("lib/systemd/system").join(unit)))
            .unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/bin/lamb-auth ")).unwrap();
        let words: Vec<&str> = line.split(' ').collect();
        let run = within(&tree, &[&["lamb-auth", "sandbox", "--"], words.as_slice()].concat());
        assert_eq!(run.status.code(), Some(code), "{unit}: {}", told_of(&run));
    }

    // The next version is the same package under a higher number.
    let unpacked = folder.path().join("next");
    done(Command::new("dpkg-deb").arg("-R").arg(package()).arg(&unpacked));
    let control = unpacked.join("DEBIAN/control");
    let text = fs::read_to_string(&control).unwrap();
    let next = text.replace(&format!("Version: {VERSION}-1"), &format!("Version: {VERSION}-2"));
    assert_ne!(text, next, "{text}");
    fs::write(&control, next).unwrap();
    done(Command::new("dpkg-deb").arg("-b").arg(&unpacked).arg(tree.join("next.deb")));
    assert_done(&within(&tree, &["dpkg", "-i", "/next.deb"]));
    assert_runs(&tree, "/usr/bin/lamb-auth");
    assert!(tree.join(POLICY.trim_start_matches('/')).is_file(), "an upgrade leaves the settings");

    assert_done(&within(&tree, &["dpkg", "-r", "lamb-auth"]));
    assert!(tree.join(POLICY.trim_start_matches('/')).is_file(), "a removal leaves the settings");
    assert_done(&within(&tree, &["dpkg", "-P", "lamb-auth"]));
    let left: Vec<_> = names_below(&tree).difference(&before).cloned().collect();
    let ours: Vec<_> = left
        .iter()
        .filter(|name| name.to_string_lossy().contains("lamb-auth") && !name.starts_with("etc/lamb-auth"))
        .filter(|name| !name.ends_with("lamb-auth.deb"))
        .collect();
    assert!(ours.is_empty(), "{ours:?}");
}

const POLICY: &str = "/etc/lamb-auth/policy.toml";

/// The program of this version runs in the tree: the main job, on the sandbox.
#[track_caller]
fn assert_runs(tree: &Path, program: &str) {
    let version = assert_done(&within(tree, &[program, "--version"]));
    assert!(version.starts_with(&format!("lamb-auth {VERSION} (")), "{version}");
    let sick = within(tree, &[program, "sandbox", "--", "diagnose", "--email", "admin@admin.owi", "-o", "plain"]);
    assert_eq!(sick.status.code(), Some(1), "{}", told_of(&sick));
    assert!(String::from_utf8_lossy(&sick.stdout).contains("creator-missing"), "{}", told_of(&sick));
    // An error takes a backtrace then, which needs the unwinder's own table.
    let failed =
        within(tree, &["env", "RUST_BACKTRACE=1", program, "check-user", "--email", "a@b.c", "--lamb-db", "/none"]);
    assert_eq!(failed.status.code(), Some(3), "{}", told_of(&failed));
}

/// Runs a program with the tree as its root, its own `/proc`, and nothing of this machine's environment.
fn within(tree: &Path, words: &[&str]) -> Output {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--pid", "--fork"]).arg(format!("--mount-proc={}", tree.join("proc").display()));
    command.arg("chroot").arg(tree).args(words).env_clear().env("PATH", "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    command.env("DEBIAN_FRONTEND", "noninteractive").output().expect("unshare")
}

/// Where this machine gets Debian's packages from.
fn mirror() -> String {
    let sites = done(Command::new("apt-get").args(["indextargets", "--format", "$(SITE)", "Created-By: Packages"]));
    let site = sites.lines().find(|site| !site.contains("security")).expect("apt-get knows no source of packages");
    site.to_owned()
}

/// The package of the release.
fn package() -> PathBuf {
    let names = names_below(&release());
    let packages: Vec<_> = names.iter().filter(|name| name.extension().is_some_and(|kind| kind == "deb")).collect();
    let [package] = packages.as_slice() else { panic!("not one package: {names:?}") };
    release().join(package)
}

/// The folder that `scripts/release` fills.
fn release() -> PathBuf {
    let folder = target().join("release-files");
    assert!(folder.join("SHA256SUMS").is_file(), "{} is empty: run scripts/release first", folder.display());
    folder
}

fn target() -> PathBuf {
    root().join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or("target".into()))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn temporary() -> TempDir {
    tempfile::Builder::new().prefix("lamb-auth-release-").tempdir().unwrap()
}

/// Every name below a folder, relative to it. What a process or a device shows is left out.
fn names_below(folder: &Path) -> BTreeSet<PathBuf> {
    let mut names = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() && !path.ends_with("proc") && !path.ends_with("dev") {
                folders.push(path.clone());
            }
            names.insert(path.strip_prefix(folder).unwrap().to_owned());
        }
    }
    names
}

/// What a command prints that must succeed.
#[track_caller]
fn done(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert_done(&output)
}

#[track_caller]
fn assert_done(output: &Output) -> String {
    assert!(output.status.success(), "{}", told_of(output));
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn told_of(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}\n{}\n{}", output.status, text(&output.stdout), text(&output.stderr))
}
