//! Planning `update-creator`: pure, from what LAMB and Open WebUI have.

use std::sync::Arc;

use super::owi_account::{self, only_account};
use super::references::Owned;
use super::{Change, Guard, Plan};
use crate::clock;
use crate::email::same_address;
use crate::lamb::Edition;
use crate::lamb::model::{Creator, NativePart, Organization, OrganizationRole, UserType};
use crate::lamb::raw_columns::RawColumns;
use crate::owi::api::sign_in_header::header_value;
use crate::owi::file::db::OwiMatches;
use crate::secret::Secret;
use crate::sqlite::python_json::JsonColumn;
use crate::sqlite::value::PasswordHash;

/// So long a token of a native LAMB is valid, in seconds.
const NATIVE_LIFETIME: i64 = 7 * 24 * 60 * 60;

/// Where a native creator's new password comes from.
#[derive(Debug)]
pub(crate) enum NewPassword {
    /// From the account in Open WebUI.
    OpenWebUi(OwiMatches),
    /// The bcrypt hash of a new one.
    Hash(Secret),
}

/// What is to be changed. What is `None` or false stays.
#[derive(Debug, Default)]
pub(crate) struct CreatorUpdate<'a> {
    pub enabled: Option<bool>,
    pub user_type: Option<UserType>,
    pub name: Option<&'a str>,
    pub organization: Option<(&'a Organization, OrganizationRole)>,
    pub resets_config: bool,
    pub password: Option<NewPassword>,
    /// Open WebUI's account, where it gets the new password too. A delegated LAMB stores none itself.
    pub owi_too: Option<OwiMatches>,
}

/// What LAMB has, as the plan needs it.
#[derive(Debug)]
pub(crate) struct UpdateInput<'a> {
    /// Who issues tokens here.
    pub edition: Edition,
    pub creator: &'a Creator,
    /// The creator's columns as they are stored.
    pub stored: &'a RawColumns,
    /// The password hash, if the column is not NULL.
    pub stored_hash: Option<Secret>,
    /// `OWI_ADMIN_EMAIL`, which LAMB and lamb-auth sign in with.
    pub bootstrap_admin: Option<&'a str>,
    /// How many others manage the creator's organization.
    pub other_managers: i64,
    /// Native: how many other enabled system admins there are.
    pub other_system_admins: i64,
    /// What names the creator in other tables.
    pub owned: &'a [Owned],
    /// Unix seconds.
    pub now: i64,
}

/// Plans every requested change that is not so already.
pub(crate) fn plan(update: CreatorUpdate<'_>, facts: &UpdateInput<'_>) -> Plan {
    let mut planner = Planner { facts, plan: Plan::default() };
    if !facts.stored.can_be_put_back {
        planner.plan.guards.push(Guard::hard(
            format!("updated_at of {} is neither a number nor text: undo could not restore it", facts.creator.email),
            "copy lamb_v4.db, then correct the value with sqlite3",
        ));
    }
    if let Some(enabled) = update.enabled {
        planner.enable(enabled);
    }
    if let Some(user_type) = update.user_type {
        planner.set_user_type(user_type);
    }
    if let Some(name) = update.name {
        planner.set_name(name);
    }
    if let Some((organization, role)) = update.organization {
        planner.move_to(organization, role);
    }
    if update.resets_config {
        planner.reset_config();
    }
    if let Some(matches) = &update.owi_too {
        planner.set_owi_password(matches);
    }
    if let Some(password) = update.password.filter(|_| facts.edition == Edition::Native) {
        planner.set_password(password);
    }
    if planner.plan.is_empty() && planner.plan.guards.is_empty() {
        planner.plan.notes.push(format!("{} is so already", facts.creator.email));
    }
    planner.plan
}

struct Planner<'a> {
    facts: &'a UpdateInput<'a>,
    plan: Plan,
}

impl Planner<'_> {
    fn email(&self) -> Box<str> {
        self.facts.creator.email.as_str().into()
    }

    fn is_manager(&self) -> bool {
        self.facts.creator.enabled && matches!(self.facts.creator.organization_role.as_deref(), Some("owner" | "admin"))
    }

    /// What stands against a creator who can no longer manage anything.
    fn guard_admins(&mut self) {
        let creator = self.facts.creator;
        if self.facts.bootstrap_admin.is_some_and(|admin| same_address(admin, creator.email.as_str())) {
            self.plan.guards.push(Guard::hard(
                format!("{} is OWI_ADMIN_EMAIL, the admin that LAMB itself uses", creator.email),
                "set OWI_ADMIN_EMAIL to another admin first, and restart LAMB",
            ));
        }
        self.guard_managers();
        let is_admin = creator.native.as_ref().is_some_and(|native| native.system_role == "admin");
        if self.facts.edition == Edition::Native && is_admin && creator.enabled && self.facts.other_system_admins == 0 {
            self.plan.guards.push(Guard::soft(format!("{} is the last system admin of this LAMB", creator.email)));
        }
    }

    fn guard_managers(&mut self) {
        if let Some(organization) = &self.facts.creator.organization
            && self.is_manager()
            && self.facts.other_managers == 0
        {
            let reason = format!("{} would be left with neither an owner nor an admin", organization.slug);
            self.plan.guards.push(Guard::soft(reason));
        }
    }

    fn enable(&mut self, enabled: bool) {
        let (creator, email) = (self.facts.creator.id, self.email());
        if self.facts.creator.enabled == enabled {
            return;
        }
        if enabled {
            match self.facts.stored.enabled {
                Some(before) => self.plan.changes.push(Change::EnableCreator { creator, email, before }),
                None => self.plan.guards.push(Guard::hard(
                    format!("enabled of {email} is not a number: undo could not restore it"),
                    "copy lamb_v4.db, then set enabled of this creator to 1 with sqlite3",
                )),
            }
            return;
        }
        self.guard_admins();
        let manages = self.facts.creator.organization_id.filter(|_| self.is_manager() && self.facts.other_managers > 0);
        self.plan.changes.push(Change::DisableCreator { creator, email, manages });
        self.plan.notes.push(match self.facts.edition {
            Edition::Native => format!(
                "the next login is refused. Tokens issued before work until {} at the latest. To end them now, set a new \
                 LAMB_JWT_SECRET and restart LAMB: all users must then log in again",
                clock::rfc3339(self.facts.now.saturating_add(NATIVE_LIFETIME))
            ),
            Edition::Delegated => "the next login is refused. Tokens issued before work as long as Open WebUI accepts \
                 them: JWT_EXPIRES_IN says how long. To end them now, set a new WEBUI_SECRET_KEY and restart both \
                 servers: all users must then log in again"
                .to_owned(),
        });
    }

    fn set_user_type(&mut self, after: UserType) {
        let (creator, email, before) = (self.facts.creator.id, self.email(), self.facts.creator.user_type.as_str());
        if before == after.as_str() {
            return;
        }
        if after == UserType::EndUser {
            self.guard_admins();
            self.plan.notes.push("an end user is sent to the chat at the next login".to_owned());
        }
        self.plan.changes.push(Change::SetUserType { creator, email, before: before.into(), after });
    }

    fn set_name(&mut self, after: &str) {
        let (creator, email, before) = (self.facts.creator.id, self.email(), self.facts.creator.name.as_str());
        if before == after {
            return;
        }
        if let Err(why) = header_value(after) {
            self.plan.guards.push(Guard::soft(format!("LAMB cannot send the name {after:?} to Open WebUI: {why}")));
        }
        self.plan.notes.push("Open WebUI keeps its own name of this user".to_owned());
        self.plan.changes.push(Change::SetUserName { creator, email, before: before.into(), after: after.into() });
    }

    fn move_to(&mut self, to: &Organization, role: OrganizationRole) {
        let creator = self.facts.creator;
        if creator.organization_id == Some(to.id) {
            if creator.organization_role.as_deref() != Some(role.as_str()) {
                self.plan.differences.push(format!(
                    "{} is in {} already; to change the role there, run assign-role",
                    creator.email, to.slug
                ));
            }
            return;
        }
        self.guard_managers();
        if self.facts.bootstrap_admin.is_some_and(|admin| same_address(admin, creator.email.as_str())) {
            let reason = format!("{} is OWI_ADMIN_EMAIL, which LAMB expects in the organization lamb", creator.email);
            self.plan.guards.push(Guard::soft(reason));
        }
        if creator.native.as_ref().is_some_and(NativePart::is_from_lms) {
            self.plan.guards.push(Guard::soft(format!(
                "{} signs in through the LMS, and LAMB looks for the creator in the old organization: each launch would fail",
                creator.email
            )));
        }
        let from = creator.organization.as_deref();
        let old = from.map_or("no organization", |from| from.slug.as_str());
        self.plan.notes.push(match creator.organization_role.as_deref() {
            Some(role) => format!("the role {role} in {old} ends, and with it what {old} gives its people"),
            None => format!("{} had no role in {old}", creator.email),
        });
        for owned in self.facts.owned {
            self.plan.notes.push(format!("stays with {}: {owned}", creator.email));
        }
        self.plan.changes.push(Change::MoveCreator {
            creator: creator.id,
            email: self.email(),
            from: from.map(|from| Arc::new(from.into())),
            before: creator.organization_id,
            to: Arc::new(to.into()),
            role,
            is_managed: self.is_manager() && self.facts.other_managers > 0,
        });
    }

    fn reset_config(&mut self) {
        let (creator, email) = (self.facts.creator.id, self.email());
        match &self.facts.stored.user_config {
            Some(config) if config == "{}" => {}
            Some(config) => {
                self.plan.changes.push(Change::FixUserConfig { creator, email, before: config.as_str().into() });
                let note = "the user's LAMB preferences are lost; the journal keeps the old text, and undo restores it";
                self.plan.notes.push(note.to_owned());
            }
            None if self.facts.creator.user_config == JsonColumn::Falsy => {}
            None => self.plan.guards.push(Guard::hard(
                format!("user_config of {email} is not text: the journal could not keep it"),
                "copy lamb_v4.db, then set user_config of this creator to '{}' with sqlite3",
            )),
        }
    }

    fn set_owi_password(&mut self, matches: &OwiMatches) {
        match owi_account::new_password(matches, &self.facts.creator.email) {
            Ok(change) => {
                self.plan.notes.push("undo cannot restore the old password in Open WebUI".to_owned());
                self.plan.in_open_webui = Some(change);
            }
            Err(guard) => self.plan.guards.push(guard),
        }
    }

    fn set_password(&mut self, password: NewPassword) {
        let (creator, email) = (self.facts.creator.id, self.email());
        if self.facts.creator.native.as_ref().is_some_and(NativePart::is_from_lms) {
            self.plan.guards.push(Guard::hard(
                format!("{email} signs in through the LMS: LAMB checks no password"),
                "have the user open LAMB from the LMS",
            ));
            return;
        }
        let (hash, is_copied) = match password {
            NewPassword::Hash(hash) => (hash, false),
            NewPassword::OpenWebUi(matches) => match self.account_hash(&matches) {
                Ok(hash) => (hash, true),
                Err(guard) => return self.plan.guards.push(guard),
            },
        };
        let before = self.facts.stored_hash.clone();
        if before.as_ref().is_some_and(|before| before.expose() == hash.expose()) {
            return;
        }
        if is_copied {
            self.plan.notes.push("the password of Open WebUI then works in LAMB".to_owned());
        } else if self.plan.in_open_webui.is_none() {
            let note = "Open WebUI keeps its own password of this user; --owi-too sets the new one there as well";
            self.plan.notes.push(note.to_owned());
        }
        if before.is_some() {
            self.plan.notes.push("undo cannot restore the old password: the journal keeps no passwords".to_owned());
        } else if is_copied {
            return self.plan.changes.push(Change::CopyPasswordHash { creator, email, hash });
        }
        self.plan.changes.push(Change::SetPasswordHash { creator, email, before, hash, is_copied });
    }

    /// Open WebUI's hash, where the account is one that it lets in.
    fn account_hash(&mut self, matches: &OwiMatches) -> Result<Secret, Guard> {
        let email = &self.facts.creator.email;
        let user = only_account(matches, email)?;
        let auth = user.auth.as_ref().filter(|auth| auth.email == email.as_str());
        let Some(auth) = auth.filter(|auth| auth.password_hash == PasswordHash::Sound) else {
            let reason = format!("Open WebUI has no valid password hash of {email}");
            return Err(Guard::hard(reason, "set a new password with --set-password"));
        };
        if !user.is_sound() || !matches!(user.role.as_str(), "user" | "admin") {
            let reason = format!("{email} is pending or inactive in Open WebUI, but the password would work in LAMB");
            self.plan.guards.push(Guard::soft(reason));
        }
        Ok(auth.hash.clone())
    }
}
