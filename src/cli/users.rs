//! The users that a command line names: by a flag, in their places, or in a list on stdin.

use std::str::FromStr;

use clap::Args;

use super::exit::{Exit, exit_with};
use crate::email::{Email, EmailError};
use crate::files;

/// The longest list that is read, in bytes.
const LONGEST_LIST: u64 = 16 << 20;

/// One user, by the flag that every command has or by its place.
#[derive(Debug, Args)]
pub(super) struct OneUser {
    /// The user's e-mail
    #[arg(short, long, required_unless_present = "user")]
    email: Option<Email>,
    /// The same as --email
    #[arg(value_name = "EMAIL", conflicts_with = "email")]
    user: Option<Email>,
}

impl OneUser {
    /// The e-mail. The command line is refused without one.
    pub(super) fn email(&self) -> anyhow::Result<&Email> {
        let email = self.email.as_ref().or(self.user.as_ref());
        email.ok_or_else(|| exit_with(Exit::Usage, "which user? pass an e-mail"))
    }
}

/// Any number of users.
#[derive(Debug, Args)]
pub(super) struct Users {
    /// The user's e-mail
    #[arg(short, long)]
    email: Option<Email>,
    /// E-mails of users, or - for a list on stdin
    ///
    /// Each user gets a separate report, in this order. The list has one e-mail a line.
    #[arg(value_name = "EMAIL", conflicts_with = "email", hide_short_help = true)]
    users: Vec<Named>,
}

/// An e-mail, or the list on stdin.
#[derive(Clone, Debug)]
enum Named {
    User(Email),
    Stdin,
}

impl FromStr for Named {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        if text == "-" { Ok(Self::Stdin) } else { text.parse().map(Self::User) }
    }
}

impl Users {
    /// True where the list is read from stdin, which has one use.
    pub(super) fn use_stdin(&self) -> bool {
        self.users.iter().any(|user| matches!(user, Named::Stdin))
    }

    /// All of them, in their order.
    ///
    /// # Errors
    /// Exit code 2: for a list that cannot be read, is empty, or has a line that is no e-mail.
    pub(super) fn read(&self) -> anyhow::Result<Vec<Email>> {
        let mut all: Vec<Email> = self.email.iter().cloned().collect();
        let mut has_read = false;
        for user in &self.users {
            match user {
                Named::User(email) => all.push(email.clone()),
                Named::Stdin if has_read => {
                    return Err(exit_with(Exit::Usage, "stdin can be read once: pass - once"));
                }
                Named::Stdin => {
                    has_read = true;
                    all.extend(listed()?);
                }
            }
        }
        Ok(all)
    }
}

/// The e-mails on stdin, one a line. Empty lines mean nothing.
fn listed() -> anyhow::Result<Vec<Email>> {
    let usage = |why: String| exit_with(Exit::Usage, format!("cannot use the list on stdin: {why}"));
    let bytes = files::stdin::read_up_to(LONGEST_LIST + 1).map_err(|error| usage(error.to_string()))?;
    if bytes.len() as u64 > LONGEST_LIST {
        return Err(usage(format!("it has more than {} MB", LONGEST_LIST >> 20)));
    }
    let text = String::from_utf8(bytes).map_err(|_| usage("it is not UTF-8".to_owned()))?;
    let lines = (1..).zip(text.lines().map(str::trim)).filter(|(_, line)| !line.is_empty());
    let email =
        |(number, line): (usize, &str)| line.parse::<Email>().map_err(|error| usage(format!("line {number}: {error}")));
    let all = lines.map(email).collect::<anyhow::Result<Vec<Email>>>()?;
    if all.is_empty() { Err(usage("it has no e-mail".to_owned())) } else { Ok(all) }
}
