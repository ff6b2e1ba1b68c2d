//! The main screens at 80 and 120 columns, and at a real terminal.

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{OwiVersion, Trouble};

use super::run::{World, snapshot};

const SCREENS: [&str; 6] = [
    "audit",
    "diagnose admin@admin.owi",
    "diagnose half@sandbox.test",
    "check-user other-role@sandbox.test",
    "config",
    "sync",
];

#[test]
fn screens_keep_to_the_width_and_break_no_command() {
    let world = World::plain(Edition::Delegated);
    for columns in [80, 120] {
        let pages = SCREENS.map(|line| world.command(line).env("COLUMNS", &columns.to_string()).run());
        for page in &pages {
            for line in page.stdout.lines().filter(|line| line.chars().count() > columns) {
                // What is too wide is one command, path or id.
                let text = line.trim().trim_start_matches("→ ");
                assert!(
                    text.starts_with("lamb-auth ") || text.starts_with("sqlite3 ") || !text.contains(' '),
                    "{line}"
                );
            }
        }
        snapshot(&format!("screens_{columns}"), &pages);
    }
    // As narrow as a phone: each command that is suggested is there in one piece.
    for line in ["audit --details", "diagnose half@sandbox.test", "diagnose admin@admin.owi"] {
        let [narrow, wide] = ["40", "160"].map(|columns| world.command(line).env("COLUMNS", columns).run().stdout);
        let commands = wide.lines().map(|line| line.trim().trim_start_matches("→ "));
        let commands = commands.filter(|line| line.starts_with("lamb-auth ") || line.starts_with("sqlite3 "));
        // With a sentence behind it, it is advice.
        let commands: Vec<&str> = commands.filter(|command| !command.contains(", ")).collect();
        assert!(!commands.is_empty(), "{wide}");
        for command in commands {
            assert!(narrow.contains(command), "{command} is broken:\n{narrow}");
        }
    }
}

#[test]
fn a_terminal_shows_the_wait_and_then_the_answer_last() {
    let world = World::start(Edition::Delegated, OwiVersion::V0_5_6, Some(Trouble::OwiHangs));
    let line = "diagnose teacher@sandbox.test --timeout 1";
    let output = world.command(line).env("TERM", "xterm").at_a_terminal("");
    assert!(output.stdout.contains("waiting for "), "{output}");
    // The line is cleared before the report, which is in color.
    let (_, report) = output.stdout.rsplit_once("waiting for ").unwrap();
    assert!(report.contains("\u{1b}[2K") && report.contains("Fails at step 4"), "{output}");
    let last = report.trim_end().lines().last().unwrap_or_default();
    assert!(last.contains("lamb-auth explain owi-hangs") && last.contains("\u{1b}[1m"), "{output}");
    // The steps end in place while another one waits.
    let steps = output.stdout.split("Fails at step 4").next().unwrap();
    assert!(steps.contains("owi-request") && steps.contains("creator-entry         0."), "{output}");
    for quiet in ["-q", "-v", "-o json"] {
        world.command(&format!("{line} {quiet}")).env("TERM", "xterm").at_a_terminal("").never_says("waiting for ");
    }
    // Nothing of it where stderr is no terminal.
    world.run(line).expect(1).never_says("waiting for ");
}

#[test]
fn ctrl_c_outside_a_question_ends_the_line_first() {
    let world = World::start(Edition::Delegated, OwiVersion::V0_5_6, Some(Trouble::OwiHangs));
    let run = world.command("diagnose teacher@sandbox.test --timeout 20").env("TERM", "xterm");
    let output = run.at_a_terminal_after("creator-entry", "\u{3}");
    output.expect(130);
    let last = output.stdout.lines().last().unwrap_or_default();
    assert_eq!(last.trim_end(), "interrupted", "{output}");
}
