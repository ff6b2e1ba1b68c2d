//! The help of the program on one screen, and of each command on less. Commands are listed in groups. The flags that
//! every command has are explained once, by `lamb-auth help options`; the help of a command shows only its own.

use std::fmt::Write as _;

use clap::{Arg, Command};

/// Every command, in the group where a reader looks for it.
const GROUPS: [(&str, &[&str]); 4] = [
    ("Find out", &["diagnose", "check-user", "check-owi-user", "verify-token", "explain"]),
    (
        "Fix",
        &["create-creator", "update-creator", "update-organization", "assign-role", "refresh-token", "history", "undo"],
    ),
    ("All users", &["list-users", "list-organizations", "audit", "sync"]),
    ("About lamb-auth", &["config", "sandbox", "support-bundle", "schema", "completions", "help"]),
];

/// clap adds this command after the template is made, and with a longer description.
const HELP: &str = "Show help for a command";

/// The command whose help explains the flags of every command.
pub(super) const OPTIONS: &str = "options";

/// Shown below the help of every command.
const POINTER: &str = "Options of every command: lamb-auth help options";

/// Shown below the commands, in the help and in the manual.
pub(super) const AFTER: &str = "\
Exit codes:
  0  yes, or done; 1  no, failing, or changes pending; 2  wrong usage, settings
  3  could not tell: out of reach; 4  refused, or not confirmed; 5  partly done
  6  done, but the report is lost; 70  a bug of lamb-auth; 130  interrupted

Examples:
  lamb-auth diagnose --email teacher@uni.example
  lamb-auth sandbox -- diagnose --email admin@admin.owi";

/// The usual width of a terminal, in columns.
const WIDTH: usize = 80;

/// The tree with the help described above; nothing else of it changes.
pub(super) fn grouped(tree: Command) -> Command {
    let template = template(&tree);
    let common: Vec<Arg> = tree.get_arguments().filter(|flag| flag.is_global_set()).cloned().collect();
    tree.help_template(template)
        .mut_args(|flag| if flag.is_global_set() { flag.hide_short_help(true).hide_long_help(true) } else { flag })
        .mut_subcommands(with_pointer)
        // Its own copies are not hidden, and clap keeps them.
        .mut_subcommand(OPTIONS, |command| command.args(common).after_help(None::<&str>))
}

/// A command whose help says where the other flags are. Where its short help has no room for examples, the long one
/// has them.
fn with_pointer(command: Command) -> Command {
    let below = |text: Option<&clap::builder::StyledStr>| {
        text.map_or_else(|| POINTER.to_owned(), |text| format!("{text}\n\n{POINTER}"))
    };
    let (short, long) = (below(command.get_after_help()), command.get_after_long_help().map(|text| below(Some(text))));
    let command = command.after_help(short);
    match long {
        Some(long) => command.after_long_help(long),
        None => command,
    }
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
    let _ = write!(text, "\n{header}Options of every command{header:#} (details: lamb-auth help options):\n");
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
    // clap adds a blank line before the text below.
    text.truncate(text.trim_end().len());
    text + "{after-help}"
}

/// The flags of every command under their headings, as a user types them, without `-h` and `-V`.
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
    use crate::findings::tests::assert_plain;

    fn built() -> Command {
        let mut tree = crate::cli::tree();
        tree.build();
        tree
    }

    fn commands(tree: &Command) -> impl Iterator<Item = &Command> {
        // A hidden one is typed from habit, such as `version`, and explained nowhere.
        tree.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help")
    }

    #[test]
    fn the_short_help_of_every_command_fits_thirty_lines() {
        for command in commands(&built()) {
            let help = command.clone().term_width(WIDTH).render_help().to_string();
            let widest = help.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(help.lines().count() <= 30 && widest <= WIDTH, "{} lines:\n{help}", help.lines().count());
            assert!(help.trim_end().ends_with(POINTER), "{help}");
        }
    }

    #[test]
    fn a_command_shows_all_its_own_flags_and_none_that_every_command_has() {
        for command in commands(&built()) {
            let help = command.clone().render_long_help().to_string();
            for flag in command.get_arguments().filter(|flag| !flag.is_hide_set()) {
                let Some(long) = flag.get_long() else { continue };
                let shown = help.lines().any(|line| {
                    line.split([' ', ',']).any(|word| word.strip_prefix("--") == Some(long))
                        && line.trim_start().starts_with('-')
                });
                assert_eq!(shown, !flag.is_global_set(), "{}, --{long}:\n{help}", command.get_name());
            }
        }
    }

    #[test]
    fn the_options_explain_every_flag_of_all_commands() {
        let tree = built();
        let help = tree.find_subcommand(OPTIONS).unwrap().clone().render_long_help().to_string();
        for flag in tree.get_arguments().filter(|flag| flag.is_global_set()) {
            let about = flag.get_help().unwrap().to_string();
            assert!(help.contains(&about), "{about:?} is not in {help}");
        }
    }

    #[test]
    fn every_help_text_is_plain() {
        for command in built().get_subcommands().filter(|command| command.get_name() != "help") {
            let about = command.get_long_about().or(command.get_about()).unwrap().to_string();
            let flags = command.get_arguments().filter_map(|flag| flag.get_long_help().or(flag.get_help()));
            flags.map(ToString::to_string).chain([about]).for_each(|text| assert_plain(&text));
        }
    }

    #[test]
    fn an_old_spelling_of_a_flag_is_accepted_and_not_shown() {
        for line in ["diagnose --email a@x.example", "audit", "support-bundle --out a.tar.gz"] {
            let words = format!("lamb-auth {line} --no-probe");
            let parsed = crate::cli::tree().try_get_matches_from(words.split(' ')).unwrap();
            assert!(parsed.subcommand().unwrap().1.get_flag("no_test_token"), "{line}");
        }
        let shown = |command: &Command| command.clone().render_long_help().to_string().contains("no-probe");
        assert!(!built().get_subcommands().any(shown));
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
    fn the_help_names_every_flag_of_all_commands() {
        let tree = built();
        let help = built().term_width(WIDTH).render_long_help().to_string();
        for flag in tree.get_arguments().filter(|flag| flag.is_global_set()) {
            let long = flag.get_long().unwrap();
            assert!(help.contains(&format!("--{long}")), "--{long} is not in {help}");
        }
    }

    #[test]
    fn the_help_fits_a_screen() {
        let help = built().term_width(WIDTH).render_long_help().to_string();
        // The fiftieth line is for the prompt.
        assert!(help.lines().count() < 50, "{} lines:\n{help}", help.lines().count());
        let widest = help.lines().max_by_key(|line| line.chars().count()).unwrap();
        assert!(widest.chars().count() <= WIDTH, "{widest}");
        assert!(help.trim_end().ends_with("lamb-auth sandbox -- diagnose --email admin@admin.owi"), "{help}");
    }

    #[test]
    fn every_command_has_an_example() {
        let tree = built();
        for command in commands(&tree) {
            let after = command.get_after_long_help().or(command.get_after_help());
            let after = after.map(ToString::to_string).unwrap_or_default();
            let (_, examples) = after.split_once("Example").unwrap_or_default();
            let name = command.get_name();
            assert!(examples.contains(&format!("lamb-auth {name}")), "{name} has no example of itself: {after}");
        }
    }
}
