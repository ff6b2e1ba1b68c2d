//! Completion as the shells themselves do it: bash, zsh and fish load a script, and are asked what may follow.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use super::run::Run;

/// No shell takes longer, in seconds.
const BOUND: &str = "30";

/// The shells.
const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];

/// Calls the function that is registered, as readline does. `$1` is what loads, `$2` the line.
const BASH: &str = r#"
eval "$1"
complete=$(complete -p lamb-auth); function=${complete#* -F }; function=${function%% *}
read -ra COMP_WORDS <<<"$2"
[[ $2 == *' ' ]] && COMP_WORDS+=("")
COMP_LINE=$2 COMP_POINT=${#2} COMP_TYPE=9 COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
"$function" lamb-auth "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" 2>/dev/null
printf '%s\n' "${COMPREPLY[@]}"
"#;

const FISH: &str = "eval $argv[1]; complete -C $argv[2]";

/// zsh completes only in its line editor: a second one at a terminal of its own, which writes down what is added.
const ZSH: &str = r#"
zmodload zsh/zpty
export HITS=$PWD/hits LOAD=$1
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
' > setup
: > $HITS
zpty z zsh -f -i
zpty -w z 'source ./setup'
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
    command.args([load, line]).env_clear().envs(environment).current_dir(folder.path()).env("TERM", "xterm");
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
    let run = Run::new(Vec::new());
    for shell in SHELLS.into_iter().filter(|shell| is_there(shell)) {
        for (line, all) in [
            ("lamb-auth aud", &["audit"][..]),
            ("lamb-auth audit --fail", &["--fail-on"]),
            ("lamb-auth audit --fail-on ", &["error", "never", "warning"]),
            ("lamb-auth audit -o ", &["json", "plain", "table"]),
        ] {
            let mut told = offered(shell, &printed(shell), line, &run);
            told.sort_unstable();
            assert_eq!(told, all, "{shell}: {line}");
        }
    }
}
