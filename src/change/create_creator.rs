//! Planning `create-creator`: pure, from what both sides have.

use std::sync::Arc;

use super::{Change, Guard, Plan, owi_account};
use crate::email::{self, Email, Unfit};
use crate::findings::FixStep;
use crate::lamb::Edition;
use crate::lamb::lms::LmsUser;
use crate::lamb::lookup::Unfound;
use crate::lamb::model::{Creator, Organization, OrganizationRole, SystemRole, UserType};
use crate::owi::api::change::OwiChange;
use crate::owi::file::db::{OwiMatches, OwiUser};
use crate::sqlite::value::PasswordHash;

/// What the caller asks for. `None` takes the default, and is compared with nothing.
#[derive(Clone, Debug)]
pub(crate) struct NewCreator {
    /// The e-mail of the new creator.
    pub email: Email,
    /// The display name; Open WebUI's where it is not said.
    pub name: Option<String>,
    /// The organization's slug; `lamb` where it is not said.
    pub organization: Option<String>,
    /// The role there; `member` where it is not said.
    pub role: Option<OrganizationRole>,
    /// `creator` where it is not said.
    pub user_type: Option<UserType>,
    /// Native: `user` where it is not said; never raised by itself.
    pub system_role: Option<SystemRole>,
    /// True where a missing Open WebUI account is to be made first.
    pub create_owi_user: bool,
}

impl NewCreator {
    /// A request with nothing but an e-mail.
    pub(crate) fn of(email: Email) -> Self {
        Self {
            email,
            name: None,
            organization: None,
            role: None,
            user_type: None,
            system_role: None,
            create_owi_user: false,
        }
    }
}

/// True for `OWI_ADMIN_EMAIL` with an admin's account: LAMB makes it an admin of its organization, and so does this
/// program. The address alone is not enough, because anyone may have registered it.
pub(crate) fn is_owi_admin(email: &str, owi_admin: Option<&str>, owi_role: &str) -> bool {
    owi_admin == Some(email) && owi_role == "admin"
}

/// The organization for requests that name none.
pub(crate) const DEFAULT_ORGANIZATION: &str = "lamb";

/// What LAMB and Open WebUI have, as the plan needs it.
#[derive(Debug)]
pub(crate) struct CreatorInput<'a> {
    /// Who issues tokens here.
    pub edition: Edition,
    /// The creator of exactly this spelling.
    pub existing: Option<&'a Creator>,
    /// Other spellings among the creators.
    pub other_spellings: &'a [String],
    /// Why LAMB misses a creator's row that has exactly this e-mail.
    pub unfound: Option<Unfound>,
    /// What the address is to the LMS.
    pub lms: Option<&'a LmsUser>,
    /// True where LAMB has no creator at all.
    pub no_creators_yet: bool,
    /// `OWI_ADMIN_EMAIL`: the first creator may be this one.
    pub bootstrap_admin: Option<&'a str>,
    /// The prefix of other tables in the file that have this creator.
    pub elsewhere: Option<&'a str>,
    /// The Open WebUI accounts of this address.
    pub owi: &'a OwiMatches,
    /// The organization that is meant.
    pub organization: &'a Organization,
}

/// Plans the creator, or says what stands against it.
pub(crate) fn plan(request: &NewCreator, facts: &CreatorInput<'_>) -> Plan {
    if let Some(creator) = facts.existing {
        let mut plan = compare(request, creator);
        if request.create_owi_user && facts.owi.exact.is_empty() {
            plan.guards.push(Guard::hard(
                format!(
                    "LAMB has {} already; --create-owi-user makes an account for a new creator only",
                    request.email
                ),
                "create the account in Open WebUI's admin panel (Admin Panel, Users, +)",
            ));
        }
        return plan;
    }
    let mut plan = Plan::default();
    if let Some(why) = email::unfit(request.email.as_str()) {
        let reason = format!("{:?} is not an address to create a creator for: {why}", request.email.as_str());
        plan.guards.push(match why {
            Unfit::Invisible(_) => Guard::hard(reason, "give the user an address without it in Open WebUI"),
            Unfit::TooLong | Unfit::NotOneAt => Guard::soft(reason),
        });
    }
    if facts.unfound.is_some() {
        plan.guards.push(Guard::hard(
            format!("LAMB has a creator {} already, in a row that it cannot find", request.email),
            FixStep::command(&["check-user", "--email", request.email.as_str()]),
        ));
    }
    if let [other, ..] = facts.other_spellings {
        plan.guards.push(Guard::hard(
            format!("LAMB has this address already, spelled {other:?}"),
            FixStep::command(&["check-user", "--email", other]),
        ));
    }
    if let Some(prefix) = facts.elsewhere {
        plan.guards.push(Guard::hard(
            format!("the tables with the prefix {prefix} have {} already, and LAMB does not read those", request.email),
            "lamb-auth explain prefix-wrong",
        ));
    }
    plan.guards.extend(guards(request, facts));
    let user = match owi_user(request, facts.owi) {
        Ok(user) => user,
        Err(guard) => {
            plan.guards.push(guard);
            return plan;
        }
    };
    let unfit = owi_account::unfit_to_log_in(request.email.as_str(), facts.edition);
    // An account that is there may be given another address later; a new one must not get such an address unnoticed.
    match user {
        Some(_) => plan.notes.extend(unfit.map(|guard| guard.reason)),
        None => plan.guards.extend(unfit),
    }
    if let Some(user) = user {
        plan.guards.extend(owi_guards(user, facts));
        plan.notes.extend(notes(request, facts.edition, user));
    }
    let native = facts.edition == Edition::Native;
    let hash = user.and_then(|user| user.auth.as_ref()).filter(|auth| auth.password_hash == PasswordHash::Sound);
    if native && user.is_some() && hash.is_none() {
        plan.notes.push("Open WebUI has no sound password hash to copy: login falls back to Open WebUI".to_owned());
    }
    let name = request.name.clone().or_else(|| user.map(|user| user.name.clone())).unwrap_or_default();
    let name = display_name(name.into(), request.email.as_str());
    if user.is_none() {
        plan.in_open_webui =
            Some(OwiChange::CreateOwiUser { email: request.email.to_string(), name: name.to_string() });
    }
    plan.changes.push(Change::CreateCreator {
        email: request.email.as_str().into(),
        name,
        user_type: request.user_type.unwrap_or(UserType::Creator),
        organization: Arc::new(facts.organization.into()),
        role: request.role.unwrap_or(OrganizationRole::Member),
        system_role: native.then(|| request.system_role.unwrap_or(SystemRole::User)),
        password_hash: hash.filter(|_| native).map(|auth| auth.hash.clone()),
        is_first: facts.no_creators_yet,
        is_student: matches!(facts.lms, Some(LmsUser::Student(_))),
    });
    plan
}

/// The name, or the part of the e-mail before the @ if the name is blank.
pub(crate) fn display_name(name: Box<str>, email: &str) -> Box<str> {
    if name.trim().is_empty() { email.split('@').next().unwrap_or_default().into() } else { name }
}

/// The creator exists: differences from the request are reported, not changed.
fn compare(request: &NewCreator, creator: &Creator) -> Plan {
    let slug = creator.organization.as_ref().map_or("", |o| o.slug.as_str());
    let role = creator.organization_role.as_deref().unwrap_or("");
    let system_role = creator.native.as_ref().map_or("", |native| native.system_role.as_str());
    let asked = [
        ("name", request.name.as_deref(), creator.name.as_str()),
        ("organization", request.organization.as_deref(), slug),
        ("role", request.role.map(OrganizationRole::as_str), role),
        ("user type", request.user_type.map(UserType::as_str), creator.user_type.as_str()),
        ("system role", request.system_role.map(SystemRole::as_str), system_role),
    ];
    let different = asked.into_iter().filter_map(|(what, asked, is)| {
        let asked = asked.filter(|asked| *asked != is)?;
        let is = if is.is_empty() { "none" } else { is };
        Some(format!("the {what} is {is}, not {asked}"))
    });
    let differences: Vec<String> = different.collect();
    let mut notes = vec![format!("{} is there already (creator {})", creator.email, creator.id)];
    if let Some(asked) = request.role.filter(|asked| asked.as_str() != role && !slug.is_empty()) {
        let command = ["assign-role", "--email", creator.email.as_str(), "--org", slug, "--role", asked.as_str()];
        notes.push(format!("to change the role: {}", FixStep::command(&command).text()));
    }
    Plan { differences, notes, ..Plan::default() }
}

/// What becomes of a password for a new account, where Open WebUI has the account before the run: an earlier run may have
/// made it with another password.
pub(crate) fn keeps_password(request: &NewCreator, owi: &OwiMatches) -> Option<String> {
    let user = owi.exact.first().filter(|_| request.create_owi_user)?;
    let set = FixStep::command(&["update-creator", "--email", user.email.as_str()]);
    let set = set.switched(&["--set-password", "--owi-too"]);
    Some(format!("Open WebUI has the account already, and it keeps its password. To set another: {}", set.text()))
}

/// The account to make a creator from; `None` where it is still to be made.
fn owi_user<'a>(request: &NewCreator, owi: &'a OwiMatches) -> Result<Option<&'a OwiUser>, Guard> {
    let email = request.email.as_str();
    if let Some(user) = owi.exact.first() {
        return Ok(Some(user));
    }
    if let [other, ..] = owi.other_spellings.as_slice() {
        let right = FixStep::command(&["create-creator", "--email", other.email.as_str()]);
        let reason =
            format!("Open WebUI spells this address {:?}, and LAMB must store the same spelling", other.email.as_str());
        return Err(Guard::hard(reason, right));
    }
    if let [auth, ..] = owi.auth_without_user.as_slice() {
        let reason = format!("Open WebUI has half an account of {email}: an auth row (id {}) without a user", auth.id);
        return Err(Guard::hard(reason, "lamb-auth explain owi-user-half"));
    }
    if !request.create_owi_user {
        let right = FixStep::command(&["create-creator", "--email", email, "--create-owi-user"]);
        let reason = format!("Open WebUI has no user {email}: a creator alone could not log in");
        return Err(Guard::hard(reason, right));
    }
    if !request.email.is_canonical() {
        let right = FixStep::command(&["create-creator", "--email", &request.email.canonical(), "--create-owi-user"]);
        let reason = format!("Open WebUI would store {email:?} in lower case, and the two would differ");
        return Err(Guard::hard(reason, right));
    }
    Ok(None)
}

fn guards(request: &NewCreator, facts: &CreatorInput<'_>) -> Vec<Guard> {
    let email = &request.email;
    let mut guards = Vec::new();
    match facts.lms {
        None => {}
        Some(student @ LmsUser::Student(_)) => guards.push(Guard::soft(format!(
            "{email} is {student}; a creator would let them into the creator interface{}",
            if facts.edition == Edition::Delegated { ", with a password that can be guessed" } else { "" }
        ))),
        // Without the LMS's id in it, the next launch finds the address taken, and fails from then on (measured).
        Some(teacher @ LmsUser::Teacher) => guards.push(Guard::hard(
            format!(
                "{email} is {teacher}; with a creator from lamb-auth, LAMB would refuse each launch of the teacher"
            ),
            "have the teacher open LAMB from the LMS: LAMB then creates the creator itself",
        )),
    }
    let is_bootstrap = facts.bootstrap_admin.is_some_and(|admin| admin == email.as_str());
    if facts.edition == Edition::Delegated && facts.no_creators_yet && !is_bootstrap {
        guards.push(Guard::soft(format!(
            "{email} would be the very first creator, and a delegated LAMB treats creator 1 as its admin"
        )));
    }
    guards
}

fn is_switched_off(user: &OwiUser) -> bool {
    user.auth.as_ref().is_some_and(|auth| !auth.active)
}

fn owi_guards(user: &OwiUser, facts: &CreatorInput<'_>) -> Vec<Guard> {
    let owi = facts.owi;
    let mut guards = Vec::new();
    // A native LAMB asks Open WebUI nothing at login: the copied hash would let them in.
    if facts.edition == Edition::Native && is_switched_off(user) {
        guards.push(Guard::soft(format!(
            "{} is switched off in Open WebUI (auth.active is 0), but a creator could still sign in to LAMB",
            user.email
        )));
    }
    if user.role == "pending" {
        guards.push(Guard::soft(format!("{} is pending in Open WebUI: no admin has approved the account", user.email)));
    }
    if owi.exact.len() > 1 {
        guards.push(Guard::soft(format!(
            "Open WebUI has {} {} times; the name and password of the first (id {}) would be taken",
            user.email,
            owi.exact.len(),
            user.id
        )));
    }
    guards
}

/// What to say of an Open WebUI admin who gets a creator. Not every admin of Open WebUI is one of LAMB.
pub(crate) fn admin_becomes_member(email: &str, edition: Option<Edition>) -> FixStep {
    let mut promote = vec!["assign-role", "--email", email, "--org", DEFAULT_ORGANIZATION, "--role", "admin"];
    promote.extend(if edition == Some(Edition::Native) { &["--system-role", "admin"][..] } else { &[] });
    FixStep::advice(format!(
        "the user is an admin in Open WebUI, and becomes a member in LAMB. To make them an admin there, then run: {}",
        FixStep::command(&promote).text()
    ))
}

fn notes(request: &NewCreator, edition: Edition, user: &OwiUser) -> Vec<String> {
    let mut notes = Vec::new();
    if user.role == "admin" && request.role.is_none() {
        notes.push(admin_becomes_member(request.email.as_str(), Some(edition)).text().into_owned());
    }
    if edition == Edition::Delegated && is_switched_off(user) {
        notes.push("the account is switched off in Open WebUI (auth.active is 0): login will be refused".to_owned());
    }
    notes.extend(user.halves_disagree().map(|problem| format!("Open WebUI's account is half broken: {problem}")));
    if !user.unreadable.is_empty() {
        notes.push(format!("Open WebUI cannot read this user's row: {}", user.unreadable.join("; ")));
    }
    notes
}
