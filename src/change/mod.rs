//! What every writing command is made of: a change as a value, the plan that holds them, guards, the one transaction
//! that applies them, the journal of it, and the undo. A plan without consent cannot be applied: the types do not allow
//! it.

mod apply;
pub(crate) mod assign_role;
pub(crate) mod backup;
mod check;
pub(crate) mod create_creator;
mod current_rows;
pub(crate) mod half_done;
pub(crate) mod journal;
pub(crate) mod lock;
mod managers;
mod owi_account;
mod read_back;
mod references;
pub(crate) mod rename;
pub(crate) mod rows;
mod stop;
pub(crate) mod undo;
pub(crate) mod update_creator;
pub(crate) mod update_organization;
mod words;
mod writer;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::findings::FixStep;
use crate::lamb::model::{Organization, OrganizationRole, SystemRole, UserType};
use crate::owi::api::change::OwiChange;
use crate::secret::Secret;
use rename::Renamed;
use rows::RowChange;

pub(crate) use apply::{Applied, ApplyError, apply};
pub(crate) use journal::Journal;
pub(crate) use references::owned;

/// An organization that a change names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct OrganizationRef {
    /// The id in LAMB's table.
    pub id: i64,
    /// The slug, as LAMB stores it.
    pub slug: String,
}

impl From<&Organization> for OrganizationRef {
    fn from(organization: &Organization) -> Self {
        Self { id: organization.id, slug: organization.slug.clone() }
    }
}

/// One change to LAMB's database. Small: a plan may hold a million.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub(crate) enum Change {
    /// A creator that is not there yet, with its role.
    CreateCreator {
        /// Open WebUI's spelling, byte for byte.
        email: Box<str>,
        /// The display name in LAMB.
        name: Box<str>,
        /// Creator, or end user.
        user_type: UserType,
        /// The organization that the creator belongs to.
        organization: Arc<OrganizationRef>,
        /// The role in that organization.
        role: OrganizationRole,
        /// The role in LAMB as a whole; native edition only.
        system_role: Option<SystemRole>,
        /// Native only: Open WebUI's bcrypt hash, so that the same password works.
        #[serde(serialize_with = "hash_as_word")]
        #[schemars(with = "Option<String>")]
        password_hash: Option<Secret>,
        /// True where LAMB has no creator yet: a delegated one takes the first for its admin.
        is_first: bool,
        /// True where it is meant for a student who came in through the LMS.
        #[serde(skip)]
        is_student: bool,
    },
    /// A role in an organization: set, or changed in place.
    SetOrganizationRole {
        /// The id of the creator.
        creator: i64,
        /// The e-mail of the creator, which is shown and checked.
        email: Box<str>,
        /// The organization of the role.
        organization: Arc<OrganizationRef>,
        /// What it was; `None` where there was no row.
        before: Option<Box<str>>,
        /// The new role.
        after: OrganizationRole,
        /// How many others manage the organization: if there were some, there must be some left.
        other_managers: i64,
    },
    /// The system role of a native LAMB.
    SetSystemRole {
        /// The id of the creator.
        creator: i64,
        /// The e-mail of the creator, which is shown and checked.
        email: Box<str>,
        /// The role before.
        before: Box<str>,
        /// The new role.
        after: SystemRole,
        /// How many other system admins there are.
        other_admins: i64,
    },
    /// Open WebUI's password hash for a creator of a native LAMB that has none.
    CopyPasswordHash {
        /// The id of the creator.
        creator: i64,
        /// The e-mail of the creator, which is shown and checked.
        email: Box<str>,
        /// The hash. Neither the plan nor the journal shows it.
        #[serde(serialize_with = "secret_as_word")]
        #[schemars(with = "String")]
        hash: Secret,
    },
    /// Another password hash in the place of the one that is there, in a native LAMB.
    SetPasswordHash {
        /// The id of the creator.
        creator: i64,
        /// The e-mail of the creator, which is shown and checked.
        email: Box<str>,
        /// The hash that is there; `None` for NULL. The journal keeps no hash: this cannot be undone.
        #[serde(skip)]
        before: Option<Secret>,
        /// The new hash.
        #[serde(skip)]
        hash: Secret,
        /// True where it is Open WebUI's, false for a new password.
        is_copied: bool,
    },
    /// An empty `user_config` in the place of the one that is there.
    FixUserConfig {
        /// The id of the creator.
        creator: i64,
        /// The e-mail of the creator, which is shown and checked.
        email: Box<str>,
        /// The old text. It may say anything: only the journal keeps it.
        #[serde(skip)]
        before: Box<str>,
    },
    /// A creator who can log in no longer.
    DisableCreator {
        /// The id of the creator.
        creator: i64,
        /// The e-mail of the creator, which is shown and checked.
        email: Box<str>,
        /// The organization that the creator manages: it must not be left without a manager.
        manages: Option<i64>,
    },
    /// A creator who can log in again.
    EnableCreator {
        /// The id of the creator.
        creator: i64,
        /// The e-mail of the creator, which is shown and checked.
        email: Box<str>,
        /// What the column `enabled` holds.
        #[serde(skip)]
        before: i64,
    },
    /// What a creator is for.
    SetUserType {
        /// The id of the creator.
        creator: i64,
        /// The e-mail of the creator, which is shown and checked.
        email: Box<str>,
        /// The type before.
        before: Box<str>,
        /// The new type.
        after: UserType,
    },
    /// The display name in LAMB.
    SetUserName {
        /// The id of the creator.
        creator: i64,
        /// The e-mail of the creator, which is shown and checked.
        email: Box<str>,
        /// The name before.
        before: Box<str>,
        /// The new name.
        after: Box<str>,
    },
    /// Another organization for a creator, with a role in it.
    MoveCreator {
        /// The id of the creator.
        creator: i64,
        /// The e-mail of the creator, which is shown and checked.
        email: Box<str>,
        /// The organization before; `None` where there is none of that id.
        from: Option<Arc<OrganizationRef>>,
        /// What the column `organization_id` holds; `None` for NULL.
        #[serde(skip)]
        before: Option<i64>,
        /// The new organization.
        to: Arc<OrganizationRef>,
        /// The role in the new organization.
        role: OrganizationRole,
        /// True where the old organization has other managers: it must have some left.
        #[serde(skip)]
        is_managed: bool,
    },
    /// Another e-mail, for the creator and for all that names it by e-mail.
    RenameCreator {
        /// The id of the creator.
        creator: i64,
        /// The old e-mail, which is checked.
        email: Box<str>,
        /// The new one.
        to: Box<str>,
        /// What has the old e-mail: no other row is changed.
        #[serde(serialize_with = "rename::counts")]
        #[schemars(with = "Vec<rename::Count>")]
        renamed: Box<[Renamed]>,
    },
    /// An organization that works again.
    ActivateOrganization {
        /// Its slug, which is shown and checked.
        #[serde(rename = "organization")]
        slug: Box<str>,
        /// Its id.
        id: i64,
        /// The status before.
        before: Box<str>,
    },
    /// An empty `config` in the place of an organization's.
    ResetOrganizationConfig {
        /// Its slug, which is shown and checked.
        #[serde(rename = "organization")]
        slug: Box<str>,
        /// Its id.
        id: i64,
        /// The old text, which may hold keys of other servers: only the journal keeps it.
        #[serde(skip)]
        before: Box<str>,
    },
    /// The undo of what an earlier run did to a creator.
    Undo {
        /// The e-mail of the creator.
        email: Box<str>,
        /// What the run did. Boxed, to keep the other changes small.
        #[serde(flatten)]
        undone: Box<Undone>,
    },
}

/// What an earlier run did to a creator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Undone {
    /// What the run had done, as it journalled it.
    pub kind_of_old: Box<str>,
    /// True where they were a student before they were made a creator.
    #[serde(skip)]
    pub was_student: bool,
    /// True where the plan says that an organization loses its last admin. Otherwise that must not happen unnoticed.
    #[serde(skip)]
    pub is_guarded: bool,
    /// Rows that have the new e-mail of a creator since the run.
    #[serde(serialize_with = "rename::counts", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<rename::Count>")]
    pub renamed: Vec<Renamed>,
    /// Its rows, as the run left them.
    #[serde(serialize_with = "rows_without_keys")]
    pub rows: Vec<RowChange<'static>>,
}

const COPIED: &str = "copied from Open WebUI";

fn hash_as_word<S: serde::Serializer>(hash: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    match hash {
        Some(hash) => secret_as_word(hash, serializer),
        None => serializer.serialize_none(),
    }
}

fn secret_as_word<S: serde::Serializer>(_: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(COPIED)
}

/// The journal must keep an organization's old config, which may hold keys of other servers. A plan need not show it.
fn rows_without_keys<S: Serializer>(rows: &[RowChange<'static>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(rows.iter().map(RowChange::without_keys))
}

impl Change {
    /// Every [`kind`](Self::kind) that a journal may have.
    pub(crate) const KINDS: &[&'static str] = &[
        "create-creator",
        "set-organization-role",
        "set-system-role",
        "copy-password-hash",
        "fix-user-config",
        "set-password-hash",
        "disable-creator",
        "enable-creator",
        "set-user-type",
        "set-user-name",
        "move-creator",
        "rename-creator",
        "activate-organization",
        "reset-organization-config",
        "undo",
        // As version 0.1.0 wrote them into the journal.
        "mend-user-config",
        "take-back",
    ];

    /// Its kind, as the journal and JSON name it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::CreateCreator { .. } => "create-creator",
            Self::SetOrganizationRole { .. } => "set-organization-role",
            Self::SetSystemRole { .. } => "set-system-role",
            Self::CopyPasswordHash { .. } => "copy-password-hash",
            Self::FixUserConfig { .. } => "fix-user-config",
            Self::SetPasswordHash { .. } => "set-password-hash",
            Self::DisableCreator { .. } => "disable-creator",
            Self::EnableCreator { .. } => "enable-creator",
            Self::SetUserType { .. } => "set-user-type",
            Self::SetUserName { .. } => "set-user-name",
            Self::MoveCreator { .. } => "move-creator",
            Self::RenameCreator { .. } => rename::KIND,
            Self::ActivateOrganization { .. } => "activate-organization",
            Self::ResetOrganizationConfig { .. } => "reset-organization-config",
            Self::Undo { .. } => "undo",
        }
    }

    /// Whose rows it changes: a creator's e-mail, or an organization's slug.
    pub(crate) fn email(&self) -> &str {
        match self {
            Self::CreateCreator { email, .. }
            | Self::SetOrganizationRole { email, .. }
            | Self::SetSystemRole { email, .. }
            | Self::CopyPasswordHash { email, .. }
            | Self::FixUserConfig { email, .. }
            | Self::SetPasswordHash { email, .. }
            | Self::DisableCreator { email, .. }
            | Self::EnableCreator { email, .. }
            | Self::SetUserType { email, .. }
            | Self::SetUserName { email, .. }
            | Self::MoveCreator { email, .. }
            | Self::RenameCreator { email, .. }
            | Self::ActivateOrganization { slug: email, .. }
            | Self::ResetOrganizationConfig { slug: email, .. }
            | Self::Undo { email, .. } => email,
        }
    }

    /// As [`email`](Self::email), after the change.
    pub(crate) fn email_after(&self) -> &str {
        match self {
            Self::RenameCreator { to, .. } => to,
            other => other.email(),
        }
    }
}

fn as_text<S: Serializer>(step: &FixStep, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&step.text())
}

/// Why a change is not made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Guard {
    /// Why, as a sentence.
    pub reason: String,
    /// What to do instead.
    #[serde(serialize_with = "as_text")]
    #[schemars(with = "String")]
    pub way_out: FixStep,
    /// True where `--force` overrides it.
    pub can_be_forced: bool,
}

impl Guard {
    /// One that nothing overrides.
    pub(crate) fn hard(reason: impl Into<String>, way_out: impl Into<FixStep>) -> Self {
        Self { reason: reason.into(), way_out: way_out.into(), can_be_forced: false }
    }

    /// One that `--force` overrides.
    pub(crate) fn soft(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), way_out: FixStep::advice("to override, add --force"), can_be_forced: true }
    }
}

/// What is to be changed, and what stands against it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Plan {
    /// What Open WebUI's API does first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_open_webui: Option<OwiChange>,
    /// In the order in which they are applied.
    pub changes: Vec<Change>,
    /// What stands against it.
    pub guards: Vec<Guard>,
    /// What is worth knowing.
    pub notes: Vec<String>,
    /// What exists already, but not as requested: reported, not changed.
    pub differences: Vec<String>,
}

/// Leave to apply a plan: given at a prompt, or by `--yes`.
#[derive(Debug)]
pub(crate) struct Consent(());

impl Consent {
    /// Only for the code that asked a person, or that was given `--yes`.
    pub(crate) fn given() -> Self {
        Self(())
    }
}

/// A plan against which nothing stands, and with consent.
#[derive(Debug)]
pub(crate) struct Confirmed(Vec<Change>);

impl Plan {
    /// True where it changes nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.in_open_webui.is_none()
    }

    /// False where all that it changes is what the journal does not keep: passwords, and what Open WebUI cannot restore.
    pub(crate) fn can_be_undone(&self) -> bool {
        self.changes.iter().any(|change| !matches!(change, Change::SetPasswordHash { .. }))
            || self.in_open_webui.as_ref().is_some_and(|change| change.reversed().is_some())
    }

    /// Its changes in words, in the order in which they are made.
    pub(crate) fn in_words(&self) -> impl Iterator<Item = String> {
        let first = self.in_open_webui.iter().map(ToString::to_string);
        first.chain(self.changes.iter().map(ToString::to_string))
    }

    /// The guards that stand against it: all, or with `force` those that cannot be forced.
    pub(crate) fn standing(&self, force: bool) -> Vec<&Guard> {
        self.guards.iter().filter(|guard| !(force && guard.can_be_forced)).collect()
    }

    /// Makes the plan applicable.
    ///
    /// # Errors
    /// The guards that stand against it.
    pub(crate) fn confirm(self, force: bool, _consent: &Consent) -> Result<Confirmed, Vec<Guard>> {
        if self.standing(force).is_empty() { Ok(Confirmed(self.changes)) } else { Err(self.guards) }
    }
}

#[cfg(test)]
mod tests;
