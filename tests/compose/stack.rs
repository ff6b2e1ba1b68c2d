//! A compose stack of two services, started and taken down: LAMB's backend in an image of nothing but itself, and a
//! real Open WebUI 0.5.6 beside it.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The user of the backend, as in `docker-compose.yaml`.
pub(super) const OWNER: (u32, u32) = (4242, 4343);

pub(super) const ADMIN: &str = "admin@admin.owi";

/// Makes the admin, as LAMB's first sign-in does, and waits for the server before.
const FIRST_SIGN_IN: &str = r#"
import json, time, urllib.request
base = "http://127.0.0.1:8080"
for _ in range(240):
    try:
        urllib.request.urlopen(base + "/health", timeout=5).read()
        break
    except OSError:
        time.sleep(0.5)
body = json.dumps({"email": "", "password": ""}).encode()
head = {"Content-Type": "application/json", "X-User-Email": "admin@admin.owi", "X-User-Name": "Admin User"}
print(json.load(urllib.request.urlopen(urllib.request.Request(base + "/api/v1/auths/signin", body, head)))["role"])
"#;

/// The repository.
pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The static program, which `cargo static` makes.
pub(super) fn static_program() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or("target".into());
    let program = root().join(target).join("x86_64-unknown-linux-gnu/release/lamb-auth");
    assert!(program.is_file(), "{} is not there: run `cargo static` first", program.display());
    program
}

/// A running stack. Dropped, it is taken down with its network and images.
pub(super) struct Stack {
    folder: TempDir,
    /// Of Open WebUI, at the same place in its container.
    venv: PathBuf,
}

impl Stack {
    pub(super) fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("lamb-auth-stack-").tempdir().unwrap();
        let at = folder.path();
        fs::copy(root().join("tests/compose/docker-compose.yaml"), at.join("docker-compose.yaml")).unwrap();
        let venv = fs::canonicalize(installed()).unwrap();
        let python = Command::new(venv.join("bin/python")).args(["-c", "import sys; print(sys.base_prefix)"]).output();
        let python = text(&python.unwrap().stdout);
        write_machine(at, &venv, &python);
        write_owi_image(&at.join("openwebui"));
        write_backend_image(&at.join("backend"));
        let stack = Self { folder, venv };
        for (name, owner) in [("volume", OWNER), ("volume/lamb", OWNER), ("volume/owi", (0, 0))] {
            fs::create_dir(stack.path(name)).unwrap();
            chown(stack.path(name), Some(owner.0), Some(owner.1)).unwrap();
        }
        // As the folder of a real stack is: everybody may pass.
        fs::set_permissions(stack.path(""), fs::Permissions::from_mode(0o755)).unwrap();
        stack.must(&["build", "-q"]);
        stack.must(&["up", "-d"]);
        let role = stack.python(FIRST_SIGN_IN).unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(role, "admin", "the first user of a real Open WebUI");
        stack.wait_for_backend();
        stack
    }

    pub(super) fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// `docker-compose` in the folder of the stack.
    pub(super) fn compose<A: AsRef<OsStr>>(&self, words: &[A]) -> Command {
        let mut command = self.within("docker-compose");
        command.args(words);
        command
    }

    /// Any program in that folder, with the stack's own project for docker-compose.
    pub(super) fn within(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let project = self.folder.path().file_name().unwrap().to_string_lossy().to_lowercase().replace('.', "");
        let files = ["docker-compose.yaml", "machine.yaml", "docker-compose.override.yml"];
        let files = files.iter().filter(|name| self.path(name).exists()).copied().collect::<Vec<_>>().join(":");
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command.envs([("COMPOSE_PROJECT_NAME", project), ("COMPOSE_FILE", files)]);
        command.env("VENV", &self.venv);
        command
    }

    /// What it prints, where it must not fail.
    pub(super) fn must(&self, words: &[&str]) -> String {
        let output = self.compose(words).output().unwrap();
        assert!(output.status.success(), "docker-compose {words:?}: {}", told(&output));
        text(&output.stdout)
    }

    /// `docker-compose exec -T … lamb-auth …`, with further words for `exec`.
    pub(super) fn lamb_auth(&self, exec: &[&str], words: &[&str]) -> Run {
        let words = [&["exec", "-T"], exec, &["backend", "lamb-auth"], words].concat();
        let output = self.compose(&words).output().unwrap();
        Run { line: words.join(" "), output }
    }

    /// Waits until the backend answers in its container; 403 without a token.
    pub(super) fn wait_for_backend(&self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        let container = self.must(&["ps", "-q", "backend"]);
        let ask = "import urllib.request as r; print(r.urlopen('http://backend:9099/status', timeout=5).status)";
        while let Err(why) = self.python(ask) {
            let log = Command::new("docker").args(["logs", &container]).output().unwrap();
            assert!(Instant::now() < deadline, "{why}\n{}", told(&log));
        }
    }

    /// What a program prints that runs in Open WebUI's container.
    fn python(&self, program: &str) -> Result<String, String> {
        let python = self.venv.join("bin/python");
        let words = ["exec", "-T", "openwebui", &python.to_string_lossy(), "-c", program];
        let output = self.compose(&words).output().unwrap();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(told(&output)) }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let _ = self.compose(&["down", "--volumes", "--rmi", "all", "--timeout", "1"]).output();
    }
}

/// What a command in the container ended with.
#[derive(Debug)]
pub(super) struct Run {
    line: String,
    output: Output,
}

impl Run {
    /// The JSON on stdout, of a run that must end with this code.
    pub(super) fn json(&self, code: i32) -> serde_json::Value {
        assert_eq!(self.output.status.code(), Some(code), "{}: {}", self.line, told(&self.output));
        let json = serde_json::from_slice(&self.output.stdout)
            .unwrap_or_else(|e| panic!("{}: {e}: {}", self.line, told(&self.output)));
        crate::cli::schemas::check(&json);
        json
    }
}

/// The installed 0.5.6, as `scripts/open-webui/open-webui install-all` leaves it.
fn installed() -> PathBuf {
    let venv = root().join(std::env::var_os("LAMB_AUTH_OWI_DIR").unwrap_or(".open-webui".into())).join("0.5.6");
    let there = venv.join(".installed").is_file();
    assert!(there, "{} is not there: run `scripts/open-webui/open-webui install-all` first", venv.display());
    venv
}

/// What a container of the machine's own programs needs of the machine, read-only.
fn write_machine(at: &Path, venv: &Path, python: &str) {
    let mount = |from: &str, to: &str| format!("{from}:{to}:ro");
    let mut volumes = vec![
        mount("/usr", "/usr"),
        mount(&root().join("scripts/open-webui").to_string_lossy(), "/open-webui"),
        // The programs of the virtual environment name it by its path here, and by that Python finds it.
        mount(&venv.to_string_lossy(), &venv.to_string_lossy()),
    ];
    if !python.starts_with("/usr") {
        volumes.push(mount(python, python));
    }
    let machine = serde_json::json!({"version": "3.8", "services": {"openwebui": {"volumes": volumes}}});
    fs::write(at.join("machine.yaml"), machine.to_string()).unwrap();
}

/// An image of links and empty folders: the programs come with the machine's `/usr`.
fn write_owi_image(context: &Path) {
    for folder in ["root/data", "root/etc", "root/usr", "root/tmp"] {
        fs::create_dir_all(context.join(folder)).unwrap();
    }
    for name in ["bin", "lib", "lib64"] {
        symlink(format!("usr/{name}"), context.join("root").join(name)).unwrap();
    }
    fs::write(context.join("Dockerfile"), "FROM scratch\nCOPY root /\n").unwrap();
}

/// An image of LAMB's stand-in and the four libraries that it loads: no shell, no plug-in of the C library.
fn write_backend_image(context: &Path) {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_lamb-auth")).with_file_name("examples").join("lamb-stand-in");
    assert!(program.is_file(), "{} is not there: run `cargo build --example lamb-stand-in`", program.display());
    let bin = context.join("root/usr/local/bin");
    for folder in [&bin, &context.join("root/tmp")] {
        fs::create_dir_all(folder).unwrap();
    }
    fs::copy(&program, bin.join("lamb-stand-in")).unwrap();
    let loaded = Command::new("ldd").arg(&program).output().unwrap();
    for library in text(&loaded.stdout).split_whitespace().filter(|word| word.starts_with('/')) {
        let to = context.join("root").join(library.trim_start_matches('/'));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(library, to).unwrap();
    }
    fs::write(context.join("Dockerfile"), "FROM scratch\nCOPY root /\nCMD [\"lamb-stand-in\"]\n").unwrap();
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}

pub(super) fn told(output: &Output) -> String {
    format!("{}\n{}\n{}", output.status, text(&output.stdout), text(&output.stderr))
}
