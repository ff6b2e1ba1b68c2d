//! The help of the whole program, on one screen. clap lists all commands under one heading and tells every flag in
//! full; here the commands stand in groups, and the flags that every command has are named only: each command's own
//! help tells them.

use std::fmt::Write as _;

use clap::Command;

/// Every command in the group where one looks for it.
const GROUPS: [(&str, &[&str]); 4] = [
    ("Find out", &["diagnose", "check-user", "check-owi-user", "verify-token", "explain"]),
    ("Mend", &["create-creator", "assign-role", "refresh-token", "history", "undo"]),
    ("Look after many", &["audit", "sync"]),
    ("About this program", &["config", "sandbox", "support-bundle", "completions", "help"]),
];

/// clap makes this command later than the template is needed, and without a short word for it.
const HELP: &str = "Tell all of a command: lamb-auth help COMMAND";

/// What stands below the commands, in help and manual.
pub(super) const AFTER: &str = "\
Exit codes:
  0  yes, healthy, done, or nothing to do
  1  no: a user is missing, a token refused, a step fails, changes are pending
  2  wrong usage or settings
  3  could not tell: what the answer needed was out of reach
  4  refused: a guard stopped the change, or it was not confirmed
  5  partly done; 130  interrupted

Examples:
  lamb-auth diagnose --email teacher@uni.example
  lamb-auth create-creator --email teacher@uni.example --dry-run
  lamb-auth verify-token --token-file - < token.txt
  lamb-auth sandbox -- diagnose --email admin@admin.owi";

/// A terminal's usual width, in columns.
const WIDTH: usize = 80;

/// The tree with its commands in groups where its own help is shown; nothing else of it changes.
pub(super) fn grouped(tree: Command) -> Command {
    let template = template(&tree);
    tree.help_template(template)
}

fn template(tree: &Command) -> String {
    let (header, literal) = (tree.get_styles().get_header(), tree.get_styles().get_literal());
    let mut text = "{about-with-newline}\n{usage-heading} {usage}\n\n".to_owned();
    let names = || GROUPS.iter().flat_map(|(_, names)| *names);
    let widest = names().map(|name| name.len()).max().unwrap_or(0);
    for (title, names) in GROUPS {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "{header}{title}:{header:#}");
        for name in names {
            let about = tree.find_subcommand(name).and_then(Command::get_about);
            let about = about.map_or_else(|| HELP.to_owned(), ToString::to_string);
            let _ = writeln!(text, "  {literal}{name:widest$}{literal:#}  {about}");
        }
    }
    let _ =
        write!(text, "\n{header}Options{header:#} (lamb-auth COMMAND --help tells them, and each command's own):\n");
    for (heading, flags) in flags(tree) {
        let mut line = format!("  {heading:8}");
        for flag in flags {
            if line.len() + 2 + flag.len() > WIDTH {
                let _ = writeln!(text, "{line}");
                line = " ".repeat(10);
            }
            line += "  ";
            line += &flag;
        }
        let _ = writeln!(text, "{line}");
    }
    // clap puts a blank line before it.
    text.truncate(text.trim_end().len());
    text + "{after-help}"
}

/// The flags of every command under their headings, as they are typed; `-h` and `-V` are everywhere and need no word.
fn flags(tree: &Command) -> Vec<(&str, Vec<String>)> {
    let mut all: Vec<(&str, Vec<String>)> = Vec::new();
    for flag in tree.get_arguments() {
        let (Some(heading), Some(long)) = (flag.get_help_heading(), flag.get_long()) else { continue };
        let short = flag.get_short().map_or_else(String::new, |short| format!("-{short}, "));
        let takes_value = flag.get_action().takes_values();
        let value = flag.get_value_names().filter(|_| takes_value).and_then(<[_]>::first);
        let value = value.map_or_else(String::new, |name| format!(" <{name}>"));
        let typed = format!("{short}--{long}{value}");
        match all.iter_mut().find(|(known, _)| *known == heading) {
            Some((_, flags)) => flags.push(typed),
            None => all.push((heading, vec![typed])),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built() -> Command {
        let mut tree = crate::cli::tree();
        tree.build();
        tree
    }

    #[test]
    fn every_command_is_in_one_group() {
        let tree = built();
        let mut there: Vec<_> =
            tree.get_subcommands().filter(|command| !command.is_hide_set()).map(Command::get_name).collect();
        let mut grouped: Vec<_> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        there.sort_unstable();
        grouped.sort_unstable();
        assert_eq!(there, grouped);
    }

    #[test]
    fn every_flag_of_all_commands_is_named() {
        let tree = built();
        let help = built().term_width(WIDTH).render_long_help().to_string();
        for flag in tree.get_arguments().filter(|flag| flag.is_global_set()) {
            let long = flag.get_long().unwrap();
            assert!(help.contains(&format!("--{long}")), "--{long} is not in {help}");
        }
    }

    #[test]
    fn it_fits_a_screen() {
        let help = built().term_width(WIDTH).render_long_help().to_string();
        // Of fifty lines, one is for the prompt.
        assert!(help.lines().count() < 50, "{} lines:\n{help}", help.lines().count());
        let widest = help.lines().max_by_key(|line| line.chars().count()).unwrap();
        assert!(widest.chars().count() <= WIDTH, "{widest}");
        assert!(help.trim_end().ends_with("lamb-auth sandbox -- diagnose --email admin@admin.owi"), "{help}");
    }

    #[test]
    fn every_command_has_an_example() {
        let tree = built();
        for command in tree.get_subcommands().filter(|command| command.get_name() != "help") {
            let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let (_, examples) = after.split_once("Example").unwrap_or_default();
            let name = command.get_name();
            assert!(examples.contains(&format!("lamb-auth {name}")), "{name} has no example of itself: {after}");
        }
    }
}
