//! Each change in a line of words.

use std::fmt;

use super::Change;
use super::rename::{self, Renamed};
use crate::email::one_line;
use crate::secret::Secret;
use crate::sqlite::value::PasswordHash;

/// How many rows name a creator by e-mail.
fn rows(renamed: &[Renamed]) -> String {
    let rows: usize = renamed.iter().map(|of| of.rows.len()).sum();
    if rows == 1 { "1 row that names".to_owned() } else { format!("{rows} rows that name") }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let email = one_line(self.email());
        match self {
            Self::CreateCreator { name, user_type, organization, role, system_role, password_hash, .. } => {
                let name = one_line(name);
                write!(f, "create the {user_type} {email} ({name}) in {}, as {role} there", organization.slug)?;
                if let Some(system_role) = system_role {
                    let password = match PasswordHash::of(password_hash.as_ref().map(Secret::expose)) {
                        PasswordHash::Sound => "with Open WebUI's password",
                        _ => "without a password",
                    };
                    write!(f, ", system role {system_role}, {password}")?;
                }
                Ok(())
            }
            Self::SetOrganizationRole { organization, before: None, after, .. } => {
                write!(f, "make {email} {after} in {}", organization.slug)
            }
            Self::SetOrganizationRole { organization, before: Some(before), after, .. } => {
                write!(f, "change the role of {email} in {} from {before} to {after}", organization.slug)
            }
            Self::SetSystemRole { before, after, .. } => {
                write!(f, "change the system role of {email} from {before} to {after}")
            }
            Self::CopyPasswordHash { .. } => write!(f, "copy Open WebUI's password to {email}"),
            Self::FixUserConfig { before, .. } => {
                write!(f, "replace the user_config of {email} ({} bytes) by {{}}", before.len())
            }
            Self::SetPasswordHash { is_copied: true, .. } => {
                write!(f, "replace the password of {email} by Open WebUI's")
            }
            Self::SetPasswordHash { is_copied: false, .. } => write!(f, "set a new password for {email} in LAMB"),
            Self::DisableCreator { .. } => write!(f, "disable {email}"),
            Self::EnableCreator { .. } => write!(f, "enable {email}"),
            Self::SetUserType { before, after, .. } => {
                write!(f, "change the user type of {email} from {} to {after}", one_line(before))
            }
            Self::SetUserName { before, after, .. } => {
                write!(f, "change the name of {email} from {:?} to {:?}", one_line(before), one_line(after))
            }
            Self::MoveCreator { from, to, role, .. } => {
                let from = from.as_ref().map_or("no organization", |from| from.slug.as_str());
                write!(f, "move {email} from {from} to {}, as {role} there", to.slug)
            }
            Self::RenameCreator { to, renamed, .. } => {
                write!(f, "rename {email} to {}, with {} it", one_line(to), rows(renamed))
            }
            Self::ActivateOrganization { before, .. } => {
                write!(f, "change the status of the organization {email} from {} to active", one_line(before))
            }
            Self::ResetOrganizationConfig { before, .. } => {
                write!(f, "replace the config of the organization {email} ({} bytes) by {{}}", before.len())
            }
            Self::Undo { undone, .. } => {
                if let Some(before) = rename::before(&undone.rows) {
                    return write!(f, "rename {email} back to {}, with {} it", one_line(before), rows(&undone.renamed));
                }
                let made = undone.rows.iter().any(|row| row.before.is_none());
                let what = if made { "remove what was created" } else { "put back what was changed" };
                write!(f, "{what} for {email} ({})", undone.kind_of_old)
            }
        }
    }
}
