//! `audit -o prometheus`: metrics that Prometheus' own `promtool` accepts, and the alert rules of the documentation.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use lamb_auth::lamb::Edition;

use super::run::World;

const METRICS: &str = "audit -o prometheus";

/// What `promtool check` says of a text; `None` without promtool, which is said past the test harness.
fn promtool(what: &str, text: &str) -> Option<(bool, String)> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rules.yml");
    std::fs::write(&file, text).unwrap();
    let mut command = Command::new("promtool");
    command.args(["check", what]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if what == "rules" {
        command.arg(&file);
    }
    let Ok(mut child) = command.spawn() else {
        let _ =
            writeln!(std::io::stderr(), "!! NOT CHECKED: promtool check {what}: Debian's package prometheus has it");
        return None;
    };
    let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
    let output = child.wait_with_output().unwrap();
    Some((output.status.success(), [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap()).concat()))
}

#[test]
fn are_accepted_by_promtool_and_agree_with_the_json() {
    let world = World::plain(Edition::Delegated);
    let run = world.run(METRICS);
    run.expect(1).never_says("sync_success");
    let json = world.json("audit").1;
    for group in json["groups"].as_array().unwrap() {
        let (id, count) = (group["id"].as_str().unwrap(), &group["count"]);
        assert!(run.stdout.contains(&format!("lamb_auth_finding_people{{finding=\"{id}\"}} {count}\n")), "{run}");
    }
    assert!(run.stdout.contains(&format!("lamb_auth_creators {}\n", json["people"]["creators"])), "{run}");
    world.run("sync --apply --yes --force").expect(0);
    let synced = world.run(METRICS);
    synced
        .expect(1)
        .says("lamb_auth_sync_success_timestamp_seconds 1")
        .says("lamb_auth_run_success_timestamp_seconds 1");
    for run in [run, synced] {
        if let Some((is_fine, said)) = promtool("metrics", &run.stdout) {
            assert!(is_fine && said.is_empty(), "{said}{run}");
        }
    }
}

/// node_exporter runs as another user, and may read at any moment.
#[test]
fn a_file_of_metrics_is_whole_readable_and_the_only_kind_that_is_replaced() {
    let world = World::plain(Edition::Native);
    let file = world.cwd.path().join("lamb-auth.prom");
    let line = format!("{METRICS} --out lamb-auth.prom");
    for _ in 0..2 {
        let run = world.run(&line);
        assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{run}");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o644);
        assert!(std::fs::read_to_string(&file).unwrap().starts_with("# HELP lamb_auth_"));
    }
    // No half of a file is left beside it.
    assert_eq!(std::fs::read_dir(world.cwd.path()).unwrap().count(), 2);
    std::fs::write(&file, "something else\n").unwrap();
    world.run(&line).expect(2).says("of another kind");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "something else\n");
}

#[test]
fn are_of_an_audit_of_everything_and_of_nothing_else() {
    let world = World::plain(Edition::Delegated);
    for flag in ["--finding creator-missing", "--email '*@x.example'", "--org physics", "--platform", "--fix --dry-run"]
    {
        world.run(&format!("{METRICS} {flag}")).expect(2).says("leave out");
    }
    world.run("audit --out lamb-auth.prom").expect(2).says("-o prometheus");
    world.run("check-user --email teacher@sandbox.test -o prometheus").expect(2).says("audit only");
}

#[test]
fn the_alert_rules_of_the_page_are_rules() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/monitoring.md")).unwrap();
    let rules = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let world = World::plain(Edition::Delegated);
    world.run("sync --apply --yes --force").expect(0);
    let metrics = world.run(METRICS).stdout;
    let words = rules.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    for name in words.filter(|word| word.starts_with("lamb_auth_")) {
        assert!(metrics.contains(&format!("# TYPE {name} gauge\n")), "there is no metric {name}");
    }
    if let Some((is_fine, said)) = promtool("rules", rules) {
        assert!(is_fine, "{said}");
    }
}
