//! The policy on the command line: the keys of the file, as flags.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::max_changes::MaxChanges;
use super::rule::{Rule, Slug, organization_role};
use crate::email::Email;
use crate::email::pattern::Pattern;
use crate::lamb::model::OrganizationRole;

/// The flags of a policy. A flag beats the file's key; `--rule` and `--exclude` are put before what the file has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub(crate) struct PolicyFlags {
    /// TOML file with the policy
    ///
    /// Flags override its keys. The keys have the names of these flags. include, exclude and service-accounts are lists. rule is an array of
    /// tables with email, org and role. owi-role is a table with one line per Open WebUI role. Rules and exclusions of
    /// the flags come first, then those of the file.
    #[arg(long, value_name = "FILE", help_heading = "Policy")]
    pub policy: Option<PathBuf>,
    /// Organization of new creators [default: lamb]
    ///
    /// Used unless a rule selects another.
    #[arg(long, value_name = "SLUG", help_heading = "Policy")]
    pub org: Option<Slug>,
    /// Role of new creators there [default: member]
    ///
    /// Used unless a rule or --owi-role says otherwise.
    #[arg(long, value_enum, help_heading = "Policy", hide_short_help = true)]
    pub role: Option<OrganizationRole>,
    /// Organization for matching e-mails; repeatable
    ///
    /// The first match counts; the flags come before the file's rules. PATTERN is a domain (physics.example), or a glob
    /// over the whole address (*@physics.example). Without :ROLE, the role is that of --owi-role or --role.
    #[arg(long, value_name = "PATTERN=ORG[:ROLE]", help_heading = "Policy")]
    pub rule: Vec<Rule>,
    /// Role for an Open WebUI role, such as admin=admin; repeatable
    #[arg(long, value_name = "OWIROLE=ROLE", help_heading = "Policy", hide_short_help = true)]
    pub owi_role: Vec<OwiRole>,
    /// Only matching e-mails [default: all users]
    ///
    /// Repeatable. Replaces the file's list. A whole address without a wildcard is included even if it looks like a
    /// program's account.
    #[arg(long, value_name = "PATTERN", conflicts_with = "all", help_heading = "Policy")]
    pub include: Vec<Pattern>,
    /// Not matching e-mails; overrides --include
    ///
    /// Repeatable. Adds to the file's list.
    #[arg(long, value_name = "PATTERN", help_heading = "Policy")]
    pub exclude: Vec<Pattern>,
    /// All users (must be requested explicitly)
    #[arg(long, help_heading = "Policy")]
    pub all: bool,
    /// Also users who are pending in Open WebUI
    #[arg(long, help_heading = "Policy", hide_short_help = true)]
    pub with_pending: bool,
    /// Also users who cannot sign in to Open WebUI
    #[arg(long, help_heading = "Policy", hide_short_help = true)]
    pub with_inactive: bool,
    /// E-mail pattern of programs, never synced; repeatable
    ///
    /// Replaces the file's list and the built-in one: noreply@*, no-reply@*, donotreply@*, bot@*, *-bot@*, svc-*@*,
    /// service-*@*, admin@localhost.
    #[arg(long, value_name = "PATTERN", help_heading = "Policy", hide_short_help = true)]
    pub service_account: Vec<Pattern>,
    /// A newcomer, though like a creator of another address
    ///
    /// Repeatable. sync creates no creator for an Open WebUI user who is probably a creator with another e-mail: it
    /// lists both as a conflict. EMAIL is the one in Open WebUI. Adds to the file's list.
    #[arg(long, value_name = "EMAIL", help_heading = "Policy", hide_short_help = true)]
    pub assume_new: Vec<Email>,
    /// Create this creator again, though it was removed in LAMB
    ///
    /// Repeatable. Adds to the file's list; recreate = true in the file is for all users.
    #[arg(long, value_name = "EMAIL", help_heading = "Policy", hide_short_help = true)]
    pub recreate: Vec<Email>,
    /// Move creators to the organization of their rule
    ///
    /// Without it, sync only lists creators that a rule would put elsewhere. Their assistants stay theirs.
    #[arg(long = "move", help_heading = "Policy", hide_short_help = true)]
    pub moves: bool,
    /// Disable creators missing in Open WebUI
    #[arg(long, help_heading = "Policy")]
    pub disable_missing: bool,
    /// Most changes in one run [default: 10% of users, at least 100]
    #[arg(long, value_name = "N|P%", help_heading = "Policy", hide_short_help = true)]
    pub max_changes: Option<MaxChanges>,
}

impl PolicyFlags {
    /// The flags as they are typed: those with a value, and those without one.
    pub(crate) fn typed(&self) -> (Vec<String>, Vec<&'static str>) {
        // Each by its name: a flag that is new is not left out.
        let Self {
            policy,
            org,
            role,
            rule,
            owi_role,
            include,
            exclude,
            all,
            with_pending,
            with_inactive,
            service_account,
            assume_new,
            recreate,
            moves,
            disable_missing,
            max_changes,
        } = self;
        fn each<T: ToString>(flag: &str, values: impl IntoIterator<Item = T>) -> impl Iterator<Item = String> {
            values.into_iter().flat_map(move |value| [flag.to_owned(), value.to_string()])
        }
        let mut words: Vec<String> = each("--policy", policy.iter().map(|path| path.display())).collect();
        words.extend(each("--org", org));
        words.extend(each("--role", role));
        words.extend(each("--rule", rule));
        words.extend(each("--owi-role", owi_role));
        words.extend(each("--include", include));
        words.extend(each("--exclude", exclude));
        words.extend(each("--service-account", service_account));
        words.extend(each("--assume-new", assume_new));
        words.extend(each("--recreate", recreate));
        words.extend(each("--max-changes", max_changes));
        let switches = [
            ("--all", all),
            ("--with-pending", with_pending),
            ("--with-inactive", with_inactive),
            ("--move", moves),
            ("--disable-missing", disable_missing),
        ];
        (words, switches.into_iter().filter(|(_, is_set)| **is_set).map(|(flag, _)| flag).collect())
    }
}

/// `OWIROLE=ROLE`: the role in the organization for a role in Open WebUI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwiRole {
    /// Open WebUI's role, byte for byte: `admin`, `user`, `pending`, or what a later version may have.
    pub owi_role: String,
    /// The role in the organization.
    pub role: OrganizationRole,
}

impl fmt::Display for OwiRole {
    /// As it is typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.owi_role, self.role)
    }
}

impl FromStr for OwiRole {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.rsplit_once('=').map(|(owi_role, role)| (owi_role.trim(), role)) {
            Some((owi_role, role)) if !owi_role.is_empty() => {
                Ok(Self { owi_role: owi_role.to_owned(), role: organization_role(role)? })
            }
            _ => Err("not of the form OWIROLE=ROLE, such as admin=admin".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        policy: PolicyFlags,
    }

    fn parse(arguments: &[&str]) -> Result<PolicyFlags, String> {
        let all = ["sync"].iter().chain(arguments);
        Command::try_parse_from(all).map(|command| command.policy).map_err(|error| error.to_string())
    }

    #[test]
    fn the_command_is_well_formed() {
        Command::command().debug_assert();
    }

    #[test]
    fn every_flag_is_read() {
        let flags = parse(&[
            "--policy=p.toml",
            "--org=uni",
            "--role=admin",
            "--rule=*@physics.example=physics:owner",
            "--rule=a=b@x.example = chemistry",
            "--owi-role=admin=owner",
            "--include=x.example",
            "--include=y.example",
            "--exclude=z@x.example",
            "--with-pending",
            "--with-inactive",
            "--service-account=robot@*",
            "--assume-new=new@x.example",
            "--recreate=gone@x.example",
            "--move",
            "--disable-missing",
            "--max-changes=5%",
        ])
        .unwrap();
        let (words, switches) = flags.typed();
        let typed: Vec<&str> = words.iter().map(String::as_str).chain(switches).collect();
        assert_eq!(parse(&typed).unwrap(), flags, "what is typed again is the same");
        assert_eq!(parse(&["--all"]).unwrap().typed().1, ["--all"]);
        assert_eq!(flags.org.unwrap().as_str(), "uni");
        assert_eq!(flags.role, Some(OrganizationRole::Admin));
        assert_eq!((flags.rule[0].org.as_str(), flags.rule[0].role), ("physics", Some(OrganizationRole::Owner)));
        assert_eq!(
            (flags.rule[1].email.to_string(), flags.rule[1].org.as_str()),
            ("a=b@x.example".into(), "chemistry")
        );
        assert_eq!(flags.owi_role, [OwiRole { owi_role: "admin".to_owned(), role: OrganizationRole::Owner }]);
        assert_eq!((flags.include.len(), flags.exclude.len(), flags.service_account.len()), (2, 1, 1));
        assert_eq!(flags.assume_new, [Email::stored("new@x.example")]);
        assert_eq!(flags.recreate, [Email::stored("gone@x.example")]);
        assert!(flags.moves);
        assert!(flags.with_pending && flags.with_inactive && flags.disable_missing && !flags.all);
        assert_eq!(flags.max_changes, Some(MaxChanges::Percent(5)));
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_the_reason() {
        let refused: [(&[&str], &str); 10] = [
            (&["--include="], "the pattern is empty"),
            (&["--exclude=a[b@x.example"], "a literal [ is written [[]"),
            (&["--all", "--include=x.example"], "cannot be used with"),
            (&["--rule=physics.example"], "not of the form PATTERN=ORG[:ROLE]"),
            (&["--rule=physics.example="], "the slug is empty"),
            (&["--rule==physics"], "the pattern is empty"),
            (&["--rule=x.example=physics:boss"], "use owner, admin or member"),
            (&["--owi-role=admin"], "not of the form OWIROLE=ROLE"),
            (&["--owi-role==admin"], "not of the form OWIROLE=ROLE"),
            (&["--max-changes=many"], "whole percentage"),
        ];
        for (arguments, reason) in refused {
            let error = parse(arguments).unwrap_err();
            assert!(error.contains(reason), "{arguments:?}: {error}");
        }
    }
}
