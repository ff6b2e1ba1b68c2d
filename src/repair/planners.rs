//! Plans the repair of each fixable finding.

use super::{Answer, Doing, PlannerInput, Repair};
use crate::change::{Change, assign_role, create_creator};
use crate::checks::account::PENDING_AGAIN;
use crate::clock;
use crate::findings::{
    CREATOR_MISSING, EMAIL_SPELLING, FixStep, OWI_PENDING, OWI_USER_HALF, OWI_USER_MISSING, PASSWORD_MISSING,
    ROLE_ELSEWHERE, ROLE_MISSING, USER_CONFIG_BROKEN,
};
use crate::lamb::Edition;
use crate::lamb::model::{Creator, OrganizationRole, SystemRole};
use crate::owi::api::change::OwiChange;
use crate::owi::file::db::{OwiMatches, OwiUser};
use crate::owi::same_file::Identity;
use crate::sqlite::value::PasswordHash;

fn by_hand(advice: &str) -> Option<FixStep> {
    Some(FixStep::advice(advice))
}

/// An account that a request may be about: its row can be read, its id is one, and its e-mail is as the server stores
/// it. For another spelling the update of a role would change the e-mail too (measured on 0.6.43).
fn is_plain(user: &OwiUser) -> bool {
    is_id(&user.id) && user.unreadable.is_empty() && user.email.is_canonical()
}

pub(super) fn is_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// An account that Open WebUI itself lets in: approved, active, and readable. A user that Open WebUI refuses gets no access
/// to LAMB from a repair.
fn is_let_in(user: &OwiUser) -> bool {
    user.is_sound() && matches!(user.role.as_str(), "user" | "admin")
}

/// A pending account of one's own, which nothing else holds back: switched off, or under two e-mails, it is a person's to
/// decide.
pub(super) fn approve(case: &PlannerInput<'_>) -> Answer {
    let is_whole = |user: &&OwiUser| is_plain(user) && user.is_sound() && user.halves_disagree().is_none();
    let user = case.person.only_account().filter(is_whole).filter(|user| user.role == "pending").ok_or(None)?;
    let change = OwiChange::ApproveOwiUser { id: user.id.clone(), email: user.email.to_string() };
    let mut repair = Repair::of(&OWI_PENDING, Doing::OpenWebUi(change));
    repair.notes.extend(user.signs_in_by_sso().then(|| PENDING_AGAIN.to_owned()));
    Ok(repair)
}

/// An `auth` row that has another e-mail than the `user` row. What LAMB has decides which of the two is right.
pub(super) fn auth_email(case: &PlannerInput<'_>) -> Answer {
    let user = case.person.only_account().filter(|user| is_plain(user)).ok_or(None)?;
    let auth = user.auth.as_ref().filter(|auth| auth.email != user.email.as_str()).ok_or(None)?;
    let Some(creator) = &case.person.lamb.creator else {
        return Err(by_hand(
            "decide which of the two e-mails is right: LAMB has no creator with either. Then set the e-mail of this \
             user in Open WebUI's admin panel",
        ));
    };
    hand_over(case, user, creator, &auth.email, &OWI_USER_HALF)
}

/// Open WebUI has the creator's address in upper case, and LAMB's is the one that sign-in finds.
///
/// Upper case of ASCII only. With sign-up on, anyone can register an address with a blank or a letter that is merely
/// folded to the same (K U+212A): that account would get another user's creator.
pub(super) fn spelling(case: &PlannerInput<'_>) -> Answer {
    let creator = case.person.lamb.creator.as_ref().ok_or(None)?;
    let Some(OwiMatches { exact, other_spellings, auth_without_user }) = case.person.owi else { return Err(None) };
    let ([], [user], []) = (exact.as_slice(), other_spellings.as_slice(), auth_without_user.as_slice()) else {
        return Err(None);
    };
    if !creator.email.is_canonical() || !case.person.lamb.other_spellings.is_empty() {
        return Err(None);
    }
    let auth = user.auth.as_ref().filter(|_| is_id(&user.id) && user.unreadable.is_empty()).ok_or(None)?;
    let is_same = |spelled: &str| spelled.eq_ignore_ascii_case(creator.email.as_str());
    if !is_same(user.email.as_str()) || !is_same(&auth.email) {
        return Err(by_hand(&format!(
            "find out who made this account ({}) before you give it this e-mail in Open WebUI's admin panel. The two \
             spellings differ by more than upper case. With sign-up on, anyone can register one, and its password \
             would give access to this creator",
            user.id
        )));
    }
    // The index of 0.12 is over the lower case of the e-mail: it finds the account itself, and calls it taken (measured).
    if !matches!(case.platform.release, Some((0, 5 | 6))) {
        return Err(by_hand(
            "in Open WebUI's admin panel (Users) give the account another e-mail, save, then give it this one in lower \
             case: this version rejects a second spelling of an e-mail as already taken",
        ));
    }
    hand_over(case, user, creator, &auth.email, &EMAIL_SPELLING)
}

/// The account gets the creator's e-mail, and its password gives access to the creator.
fn hand_over(
    case: &PlannerInput<'_>,
    user: &OwiUser,
    creator: &Creator,
    auth: &str,
    finding: &'static crate::findings::Finding,
) -> Answer {
    if !is_let_in(user) {
        return Err(by_hand(
            "decide first whether to allow this account: it is pending or inactive in Open WebUI. With this e-mail \
             it would give access to the creator",
        ));
    }
    if let Some(other) = case.person.claimed {
        return Err(by_hand(&format!("find out whose account this is: {other}")));
    }
    let change = OwiChange::SetOwiEmail {
        id: user.id.clone(),
        email: creator.email.to_string(),
        before: user.email.to_string(),
        auth_before: auth.to_owned(),
    };
    let mut repair = Repair::of(finding, Doing::OpenWebUi(change));
    let made = user.created_at.map_or_else(|| "at a time unknown".to_owned(), clock::rfc3339);
    repair.notes.push(format!(
        "the account {}, made {made}, gets this e-mail. Its password will then give access to creator {}",
        user.id, creator.id
    ));
    Ok(repair)
}

/// A creator of a delegated LAMB without any Open WebUI account.
pub(super) fn account(case: &PlannerInput<'_>) -> Answer {
    let creator = case.person.lamb.creator.as_ref().ok_or(None)?;
    let nothing = case.person.owi.is_some_and(OwiMatches::is_empty);
    if case.platform.edition != Edition::Delegated || !nothing || !creator.email.is_canonical() || !creator.enabled {
        return Err(None);
    }
    if !case.platform.has_password {
        let command = FixStep::command(&["diagnose", "--email", creator.email.as_str()]);
        return Err(Some(command.switched(&["--fix", "--new-password-stdin"])));
    }
    let name = create_creator::display_name(creator.name.as_str().into(), creator.email.as_str());
    let change = OwiChange::CreateOwiUser { email: creator.email.to_string(), name: name.into() };
    Ok(Repair::of(&OWI_USER_MISSING, Doing::OpenWebUi(change)))
}

/// The creator that LAMB lacks.
pub(super) fn creator(case: &PlannerInput<'_>) -> Answer {
    let (person, platform) = (case.person, case.platform);
    let (Some(owi), Some(organization)) = (person.owi, platform.organization) else { return Err(None) };
    let mut request = create_creator::NewCreator::of(person.lamb.email.clone());
    let email = person.lamb.email.as_str();
    if owi.exact.first().is_some_and(|user| create_creator::is_owi_admin(email, platform.bootstrap_admin, &user.role)) {
        request.role = Some(OrganizationRole::Admin);
        request.system_role = (platform.edition == Edition::Native).then_some(SystemRole::Admin);
    }
    let mut owi = owi.clone();
    if case.approved {
        owi.exact.iter_mut().for_each(|user| "user".clone_into(&mut user.role));
    }
    let facts = create_creator::CreatorInput {
        edition: platform.edition,
        existing: None,
        other_spellings: &person.lamb.other_spellings,
        unfound: person.lamb.unfound,
        lms: person.lms,
        no_creators_yet: platform.no_creators_yet,
        bootstrap_admin: platform.bootstrap_admin,
        elsewhere: person.lamb.elsewhere.as_deref(),
        owi: &owi,
        organization,
    };
    let plan = create_creator::plan(&request, &facts);
    let change = plan.changes.into_iter().next().ok_or(None)?;
    let mut repair = Repair::of(&CREATOR_MISSING, Doing::Lamb(change));
    (repair.guards, repair.notes) = (plan.guards, plan.notes);
    repair.notes.extend(unproven(case));
    repair.after = case.approved.then_some("approve-owi-user");
    Ok(repair)
}

/// LAMB must be fixable while Open WebUI is down.
fn unproven(case: &PlannerInput<'_>) -> Option<String> {
    let unknown = case.person.file == Identity::Unknown;
    unknown.then(|| "could not check whether webui.db belongs to the server".to_owned())
}

/// A creator whose row could be put back.
fn fixable<'a>(case: &PlannerInput<'a>) -> Result<&'a Creator, Option<FixStep>> {
    let is_sound = case.person.stored.is_some_and(|stored| stored.can_be_put_back);
    case.person.lamb.creator.as_ref().filter(|_| is_sound).ok_or(None)
}

/// The role `member` in the creator's own organization.
pub(super) fn role(case: &PlannerInput<'_>) -> Answer {
    let creator = case.person.lamb.creator.as_ref().ok_or(None)?;
    let organization = creator.organization.as_ref().ok_or(None)?;
    let facts = assign_role::RoleInput {
        edition: case.platform.edition,
        creator,
        current_role: None,
        // No creator is demoted, so the number of others does not matter.
        other_managers: 0,
        other_system_admins: 0,
    };
    let plan = assign_role::plan(Some((organization, OrganizationRole::Member)), None, &facts);
    let change = plan.changes.into_iter().next().ok_or(None)?;
    let finding = if creator.roles_elsewhere.is_empty() { &ROLE_MISSING } else { &ROLE_ELSEWHERE };
    let mut repair = Repair::of(finding, Doing::Lamb(change));
    (repair.guards, repair.notes) = (plan.guards, plan.notes);
    Ok(repair)
}

/// Open WebUI's password for a creator who has none: LAMB's own login checks nothing else, so no user gets one that
/// Open WebUI refuses.
pub(super) fn password(case: &PlannerInput<'_>) -> Answer {
    let creator = fixable(case)?;
    let is_null = case.person.stored.is_some_and(|stored| stored.hash_is_null);
    let by_password = creator.native.as_ref().is_some_and(|native| native.auth_provider == "password");
    // By Open WebUI's current data: a user approved in this run gets it in the next.
    let auth = case.person.only_account().filter(|user| is_let_in(user)).and_then(|user| user.auth.as_ref());
    let auth = auth.filter(|auth| auth.password_hash == PasswordHash::Sound && auth.email == creator.email.as_str());
    let hash = auth.filter(|_| is_null && by_password).map(|auth| auth.hash.clone()).ok_or(None)?;
    let (id, email) = (creator.id, creator.email.as_str().into());
    let mut repair = Repair::of(&PASSWORD_MISSING, Doing::Lamb(Change::CopyPasswordHash { creator: id, email, hash }));
    repair.notes.extend(unproven(case));
    Ok(repair)
}

/// `{}` in the place of what LAMB cannot read.
pub(super) fn user_config(case: &PlannerInput<'_>) -> Answer {
    let creator = fixable(case)?;
    let before = case.person.stored.and_then(|stored| stored.user_config.as_deref()).ok_or(None)?;
    let (id, email) = (creator.id, creator.email.as_str().into());
    let change = Change::FixUserConfig { creator: id, email, before: before.into() };
    let mut repair = Repair::of(&USER_CONFIG_BROKEN, Doing::Lamb(change));
    repair.notes.push("the user's LAMB preferences are lost; the journal keeps the old text".to_owned());
    Ok(repair)
}
