//! Completion as the shells themselves do it: bash, zsh and fish load a script, and are asked what may follow.

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use lamb_auth::lamb::Edition;

use super::run::{self, Run, World};

/// No shell takes longer, in seconds.
const BOUND: &str = "30";

/// The shells.
const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];

/// Calls the function that is registered, as readline does. `$1` is what loads, `$2` the line.
const BASH: &str = r#"
eval "$1"
complete=$(complete -p lamb-auth); function=${complete#* -F }; function=${function%% *}
read -ra COMP_WORDS <<<"${2//=/ = }"
[[ $2 == *' ' ]] && COMP_WORDS+=("")
COMP_LINE=$2 COMP_POINT=${#2} COMP_TYPE=9 COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
"$function" lamb-auth "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" 2>/dev/null
printf '%s\n' "${COMPREPLY[@]}"
"#;

const FISH: &str = "eval $argv[1]; complete -C $argv[2]";

/// zsh completes only in its line editor: a second one at a terminal of its own, which writes down what is added.
const ZSH: &str = r#"
zmodload zsh/zpty
export HITS=$HOME/hits LOAD=$1
print -r -- '
  PROMPT="READY>"
  autoload -Uz compinit && compinit -u -D
  eval "$LOAD"
  compadd() {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
    local -a hits
    builtin compadd -A hits "$@"
    (( $#hits )) && print -rl -- $hits >> $HITS
    builtin compadd "$@"
  }
  bindkey "^I" complete-word
  the_end() { exit }
  comppostfuncs=(the_end)
' > $HOME/setup
: > $HITS
zpty z zsh -f -i
zpty -w z 'source $HOME/setup'
zpty -r z seen '*READY>*'
zpty -w -n z "$2"$'\t'
while zpty -r z seen; do :; done
cat $HITS
"#;

/// True where there is this shell. Where not, says so past the test harness, which would swallow it.
fn is_there(shell: &str) -> bool {
    let there = Command::new(shell).args(["-c", "true"]).status().is_ok_and(|status| status.success());
    if !there {
        let _ = writeln!(std::io::stderr(), "!! NOT CHECKED: completion in {shell}, which is not installed");
    }
    there
}

/// What the shell offers for the line, descriptions left out. `like` has the environment and the folder.
fn offered(shell: &str, load: &str, line: &str, like: &Run) -> Vec<String> {
    let (flags, script): (&[&str], &str) = match shell {
        "bash" => (&["--norc", "--noprofile", "-c"], BASH),
        "zsh" => (&["-f", "-c"], ZSH),
        _ => (&["--no-config", "-c"], FISH),
    };
    let told = like.process();
    let environment = told.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
    let program = Path::new(env!("CARGO_BIN_EXE_lamb-auth")).parent().unwrap().display().to_string();
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("timeout");
    command.args([BOUND, shell]).args(flags).arg(script);
    if shell != "fish" {
        command.arg(shell);
    }
    command
        .args([load, line])
        .env_clear()
        .envs(environment)
        .current_dir(told.get_current_dir().unwrap())
        .env("TERM", "xterm");
    command.env("HOME", folder.path()).env("PATH", format!("{program}:{}", std::env::var("PATH").unwrap()));
    let done = command.output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.code() != Some(124), "{shell} took longer than {BOUND} s: {line}");
    assert!(stderr.is_empty(), "{shell} says to {line:?}: {stderr}");
    stdout.lines().map(|line| line.split('\t').next().unwrap_or_default().trim().to_owned()).collect()
}

/// How a shell loads the script that is printed.
fn printed(shell: &str) -> String {
    match shell {
        "fish" => "lamb-auth completions fish | source".to_owned(),
        _ => format!("source <(lamb-auth completions {shell})"),
    }
}

#[test]
fn commands_flags_and_values_are_completed() {
    let world = World::plain(Edition::Delegated);
    std::fs::write(world.cwd.path().join("token.txt"), "").unwrap();
    let run = world.command("config");
    for shell in SHELLS.into_iter().filter(|shell| is_there(shell)) {
        for (line, all) in [
            ("lamb-auth aud", &["audit"][..]),
            ("lamb-auth audit --fail", &["--fail-on"]),
            ("lamb-auth audit --fail-on ", &["error", "never", "warning"]),
            ("lamb-auth audit -o ", &["json", "jsonl", "plain", "prometheus", "table"]),
            ("lamb-auth sandbox --trouble owi-h", &["owi-hangs"]),
            ("lamb-auth verify-token --token-file tok", &["token.txt"]),
            // No file is a slug.
            ("lamb-auth audit --org tok", &[]),
        ] {
            let mut told = offered(shell, &printed(shell), line, &run);
            // bash's way of offering nothing is the word as it stands.
            told.retain(|word| all.contains(&word.as_str()) || !line.ends_with(word.as_str()));
            told.sort_unstable();
            assert_eq!(told, all, "{shell}: {line}");
        }
    }
}

/// How a shell loads the script by which it asks the program itself.
fn asking(shell: &str) -> String {
    match shell {
        "fish" => "COMPLETE=fish lamb-auth | source".to_owned(),
        _ => format!("source <(COMPLETE={shell} lamb-auth)"),
    }
}

#[test]
fn what_is_there_is_completed() {
    let world = World::plain(Edition::Delegated);
    world.lamb_sql(
        "INSERT INTO {p}organizations (slug, name, config, created_at, updated_at) VALUES ('$(touch box/obeyed)', 'x', '{}', 0, 0)",
    );
    world.run("create-creator --email admin@admin.owi --yes").expect(0);
    let run = world.journal_lines()[0]["run"].as_str().unwrap().to_owned();
    let files = || {
        let entries = std::fs::read_dir(world.sandbox.dir().join("lamb")).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort_unstable();
        names
    };
    let (before, contents) = (files(), world.lamb_contents());
    for shell in SHELLS.into_iter().filter(|shell| is_there(shell)) {
        for (line, value) in [
            ("lamb-auth aud", "audit"),
            ("lamb-auth audit --fail-on ", "never"),
            ("lamb-auth audit --org ", "lamb"),
            ("lamb-auth sync --org ", "lamb"),
            ("lamb-auth --lamb-db=box/lamb audit --org=la", if shell == "bash" { "lamb" } else { "--org=lamb" }),
            ("lamb-auth audit --finding creator-mis", "creator-missing"),
            ("lamb-auth explain creator-mis", "creator-missing"),
            ("lamb-auth undo ", "last"),
            ("lamb-auth history ", &run),
        ] {
            let told = offered(shell, &asking(shell), line, &world.command("config"));
            let told: Vec<_> = told.iter().flat_map(|line| line.split('\u{b}')).map(str::trim).collect();
            assert!(told.contains(&value), "{shell}: {line}: {told:?}");
            assert!(!told.iter().any(|value| value.contains("touch")), "{shell}: {told:?}");
        }
    }
    assert_eq!((files(), world.lamb_contents()), (before, contents));
}

/// At most 200 are offered, and none but those that fit; a large file is read where it lies.
#[test]
fn many_organizations_are_searched() {
    let world = World::plain(Edition::Delegated);
    world.lamb_sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
         INSERT INTO {p}organizations (slug, name, config, created_at, updated_at)
         SELECT 'many-' || i, 'x', printf('{\"a\": \"%.20000c\"}', 'a'), 0, 0 FROM n",
    );
    assert!(world.sandbox.dir().join("lamb/lamb_v4.db").metadata().unwrap().len() > 16 << 20);
    let offered = |begun: &str| {
        let run = world.command("-- lamb-auth audit --org").arg(begun).env("COMPLETE", "bash");
        let run = run.env("_CLAP_COMPLETE_INDEX", "3").run();
        run.expect(0).stdout.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    // A shell waits half a second at most, in which a busy machine may offer nothing.
    let offered_at_last = |begun: &str| {
        let began = Instant::now();
        loop {
            let offered = offered(begun);
            if !offered.is_empty() {
                return offered;
            }
            assert!(began.elapsed() < 4 * run::BOUND, "{begun}");
        }
    };
    assert_eq!(offered_at_last("many-99").len(), 11);
    assert_eq!(offered_at_last("phys"), ["physics"]);
    assert_eq!(offered_at_last("").len(), 200);
    // With a second name, beside which another process may have it open, it could only be read from a copy.
    world.lamb().pragma_update(None, "journal_mode", "wal").unwrap();
    let (file, other) = (world.sandbox.dir().join("lamb/lamb_v4.db"), world.sandbox.dir().join("lamb/other.db"));
    std::fs::hard_link(&file, &other).unwrap();
    assert!(offered("phys").is_empty());
    // Without one, it is read in place once it has rested.
    std::fs::remove_file(other).unwrap();
    assert_eq!(offered_at_last("phys"), ["physics"]);
}

#[test]
fn a_shell_hears_of_no_trouble() {
    let world = World::plain(Edition::Delegated);
    let ask = |line: &str| world.command(line).arg("").env("COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", "3");
    let silent = |run: Run| {
        let output = run.run();
        output.expect(0);
        assert_eq!(output.all(), "", "{output}");
    };
    let line = "-- lamb-auth audit --org";
    assert_eq!(ask(line).run().expect(0).stderr, "");
    silent(ask(line).env("LAMB_DB_PATH", "/nowhere"));
    silent(ask("-- lamb-auth undo --force").env("LAMB_DB_PATH", "/nowhere").env("_CLAP_COMPLETE_INDEX", "9"));
    let lock = world.lamb();
    lock.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
    silent(ask(line));
    drop(lock);
    std::fs::write(world.sandbox.dir().join("lamb/lamb_v4.db"), "no database").unwrap();
    silent(ask(line));
}

/// The variable may be somebody else's, or be exported for good.
#[test]
fn the_completion_variable_does_not_change_a_normal_run() {
    let world = World::plain(Edition::Delegated);
    let plain = world.run("explain creator-missing");
    for value in ["bash", "/bin/zsh", "1", "", "yes"] {
        let run = world.command("explain creator-missing").env("COMPLETE", value).run();
        assert_eq!((run.code, &run.stdout), (0, &plain.stdout), "COMPLETE={value}");
    }
    Run::new(Vec::new()).env("COMPLETE", "1").run().expect(2).says("Usage");
    let boxed = ["sandbox", "--", "explain", "creator-missing"].map(str::to_owned).to_vec();
    Run::new(boxed).env("COMPLETE", "bash").run().expect(0).says("creator-missing");
}
