//! The Dockerfile, as far as it can be checked where no image can be pulled: its first stage is built on a stand-in for
//! Rust's image whose `cargo` looks at what it was given and hands out the static program that is there.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::stack::{root, static_program, text, told};

/// Says what is missing of what the real one would build from.
const CARGO: &str = r#"#!/bin/busybox sh
set -eu
[ "$*" = "static --locked" ] || { echo "cargo $*"; exit 1; }
for needed in Cargo.toml Cargo.lock README.md build.rs .cargo/config.toml src/lib.rs docs/schemas/diagnose.json tests/suite.rs \
  tests/compose/lamb.rs; do
  [ -f "$needed" ] || { echo "$needed is not in the image"; exit 1; }
done
for extra in target .git .open-webui; do
  [ ! -e "$extra" ] || { echo "$extra is in the image"; exit 1; }
done
/bin/busybox mkdir -p target/x86_64-unknown-linux-gnu/release
/bin/busybox cp /lamb-auth-static target/x86_64-unknown-linux-gnu/release/lamb-auth
"#;

#[test]
#[ignore = "needs a Docker engine, busybox and `cargo static`; .ci/run has them"]
fn the_dockerfile_makes_an_image_of_the_program_alone() {
    let folder = tempfile::Builder::new().prefix("lamb-auth-image-").tempdir().unwrap();
    let name = folder.path().file_name().unwrap().to_string_lossy().to_lowercase();
    let (rust, product) = (Image(format!("{name}-rust")), Image(format!("{name}-product")));
    write_rusts_image(folder.path());
    rust.build(&[&folder.path().to_string_lossy()], "");

    // By another name than the real one's, which may be there.
    let dockerfile = fs::read_to_string(root().join("Dockerfile")).unwrap();
    assert!(dockerfile.contains(RUST), "the first stage is of another image");
    let root = root().to_string_lossy();
    product.build(&["-f", "-", "--network", "none", &root], &dockerfile.replace(RUST, &format!("FROM {} ", rust.0)));

    let version = product.run(&["--version"]);
    assert!(text(&version.stdout).starts_with(concat!("lamb-auth ", env!("CARGO_PKG_VERSION"))), "{}", told(&version));
    let sick = product.run(&["sandbox", "--", "diagnose", "--email", "admin@admin.owi", "-o", "plain"]);
    assert!(text(&sick.stdout).contains("creator-missing"), "{}", told(&sick));
    let files = product.run(&["config", "--env-file", "/bin/sh"]);
    assert_eq!(files.status.code(), Some(2), "there is no shell: {}", told(&files));
}

/// How the Dockerfile's first stage begins.
const RUST: &str = "FROM rust:1-slim-bookworm ";

/// An image of a test, removed when dropped.
struct Image(String);

impl Image {
    fn build(&self, words: &[&str], stdin: &str) {
        let mut command = Command::new("docker");
        command.args(["build", "--quiet", "--tag", &self.0]).args(words).env("DOCKER_BUILDKIT", "0");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
        let built = child.wait_with_output().unwrap();
        assert!(built.status.success(), "{}", told(&built));
    }

    fn run(&self, words: &[&str]) -> Output {
        Command::new("docker").args(["run", "--rm", "--network", "none", &self.0]).args(words).output().unwrap()
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        let _ = Command::new("docker").args(["image", "rm", "--force", &self.0]).output();
    }
}

fn write_rusts_image(context: &Path) {
    let bin = context.join("bin");
    fs::create_dir(&bin).unwrap();
    fs::copy("/bin/busybox", bin.join("busybox")).expect("busybox; on Debian: apt-get install busybox-static");
    symlink("busybox", bin.join("sh")).unwrap();
    fs::write(bin.join("cargo"), CARGO).unwrap();
    fs::set_permissions(bin.join("cargo"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::copy(static_program(), context.join("lamb-auth-static")).unwrap();
    fs::write(context.join("Dockerfile"), "FROM scratch\nCOPY bin /bin\nCOPY lamb-auth-static /\n").unwrap();
}
