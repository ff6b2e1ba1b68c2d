//! The admin account that LAMB uses in Open WebUI: it exists once, and is admin in both.

use crate::checks::creator::create_owi_admin;
use crate::checks::halves;
use crate::checks::pair::{self, LAMB};
use crate::email::Email;
use crate::findings::{BOOTSTRAP_ADMIN, CREATOR_DISABLED, FixStep, Hit, OWI_ADMINS_MULTIPLIED, OWI_INACTIVE};
use crate::findings::{Judged, Outcome};
use crate::lamb::Edition;
use crate::lamb::lookup::CreatorEvidence;
use crate::lamb::model::Creator;
use crate::owi::file::db::OwiMatches;

/// How many ids are named.
const NAMED: usize = 5;

#[derive(Debug)]
pub(super) struct OwiAdmins {
    /// All of the address.
    pub(super) matches: OwiMatches,
    /// How many rows `auth` has of it.
    pub(super) auth_rows: usize,
    pub(super) file: String,
    /// False where no account that can sign in is an admin: then no user can open Open WebUI's admin panel.
    pub(super) has_admin: bool,
    /// False where the file is not the server's: then it tells who is multiplied, but not who is admin.
    pub(super) is_the_servers: bool,
}

#[derive(Debug)]
pub(super) struct LambAdmins<'a> {
    pub(super) evidence: &'a CreatorEvidence,
    /// True where there is an organization `lamb`.
    pub(super) has_lamb: bool,
    /// The e-mail of creator 1.
    pub(super) first: Option<String>,
    pub(super) file: String,
}

/// What the judge needs. A side that cannot be looked at says what stands in the way.
#[derive(Debug)]
pub(super) struct AdminEvidence<'a> {
    pub(super) email: &'a Email,
    pub(super) edition: Option<Edition>,
    pub(super) owi: Result<OwiAdmins, Judged>,
    pub(super) lamb: Result<LambAdmins<'a>, Judged>,
}

/// The problems found, and how to fix them.
#[derive(Default)]
struct Problems {
    what: Vec<String>,
    fix: Vec<FixStep>,
}

impl Problems {
    fn add(&mut self, what: String, fix: FixStep) {
        self.what.push(what);
        self.fix.push(fix);
    }
}

pub(super) fn judge(evidence: &AdminEvidence<'_>) -> Judged {
    let email = evidence.email;
    let mut problems = Problems::default();
    let mut judged = Judged::default();
    let mut unseen: Vec<&str> = Vec::new();
    match &evidence.owi {
        Ok(side) => {
            judged.hits.extend(multiplied(email, side));
            let roles: Vec<_> = side.matches.exact.iter().map(|user| user.role.as_str()).collect();
            let roles = if roles.is_empty() { "none".to_owned() } else { roles.join(", ") };
            judged = judged.fact("role in Open WebUI", roles, &side.file);
            if side.is_the_servers {
                in_open_webui(email, side, &mut problems);
            } else {
                judged.instead = Some(Outcome::NotReached);
                unseen.push("webui.db is not the server's own");
            }
        }
        Err(why) => {
            judged.instead = why.instead;
            unseen.push(&why.note);
        }
    }
    match &evidence.lamb {
        Ok(side) => {
            let creator = side.evidence.creator.as_ref();
            let told = |role: Option<String>| role.unwrap_or_else(|| "none".to_owned());
            judged = judged.fact("creator", told(creator.map(|creator| creator.id.to_string())), &side.file);
            judged = judged.fact("role in lamb", told(creator.and_then(pair::role_in_lamb)), &side.file);
            if let Some(native) = creator.and_then(|creator| creator.native.as_ref()) {
                judged = judged.fact("system role", &native.system_role, &side.file);
            }
            in_lamb(email, side, evidence.edition, &mut problems);
        }
        Err(why) => {
            judged.instead = why.instead;
            unseen.push(&why.note);
        }
    }
    let note = match (problems.what.is_empty(), unseen.as_slice()) {
        (true, []) => format!("{email} is admin in LAMB and Open WebUI"),
        (true, unseen) => format!("whether {email} is admin in LAMB and Open WebUI: {}", unseen.join(", ")),
        (false, _) => format!("{email} is not admin everywhere"),
    };
    let first = evidence.lamb.as_ref().ok().and_then(|side| first_creator(email, side, evidence.edition));
    judged.note = [Some(note), first].into_iter().flatten().collect::<Vec<_>>().join("; ");
    if !problems.what.is_empty() {
        let hit = Hit::new(&BOOTSTRAP_ADMIN, problems.what.join("; ")).fixed_by(problems.fix);
        judged.hits.push(hit);
    }
    judged
}

fn multiplied(email: &Email, side: &OwiAdmins) -> Option<Hit> {
    let users: Vec<_> = side.matches.exact.iter().chain(&side.matches.other_spellings).collect();
    if users.len() < 2 && side.auth_rows < 2 {
        return None;
    }
    let mut ids: Vec<_> = users.iter().take(NAMED).map(|user| user.id.as_str()).collect();
    if users.len() > NAMED {
        ids.push("…");
    }
    let (file, users, auth) = (&side.file, users.len(), side.auth_rows);
    let detail = format!("{file} has {email} {users} times in user and {auth} times in auth: ids {}", ids.join(", "));
    Some(Hit::new(&OWI_ADMINS_MULTIPLIED, detail))
}

fn in_open_webui(email: &Email, side: &OwiAdmins, problems: &mut Problems) {
    let file = &side.file;
    let Some(user) = side.matches.exact.first() else {
        let what = match side.matches.other_spellings.first() {
            Some(other) => format!("{file} has {:?}, not {email}", other.email.as_str()),
            None => format!("{file} has no user {email}"),
        };
        let fix =
            format!("create {email} in Open WebUI's admin panel with the role admin, or set OWI_ADMIN_EMAIL to one");
        return problems.add(what, FixStep::advice(fix));
    };
    // Of several, LAMB may get any.
    if side.matches.exact.iter().all(|user| user.role != "admin") {
        let what = format!("{email} has the role {} in Open WebUI", user.role);
        if side.has_admin {
            problems.add(what, FixStep::advice(format!("in Open WebUI's admin panel, give {email} the role admin")));
        } else {
            problems.what.push(format!("{what}, and no account is an admin, so no user can open its admin panel"));
            let sql = format!("UPDATE user SET role = 'admin' WHERE id = {};", halves::literal(&user.id));
            problems.fix.extend(halves::by_hand(file, &[sql]));
        }
    }
    let active = |user: &crate::owi::file::db::OwiUser| user.auth.as_ref().is_some_and(|auth| auth.active);
    if !side.matches.exact.iter().any(active) {
        problems.add(
            format!("{email} cannot sign in to Open WebUI: no active auth row"),
            FixStep::advice(OWI_INACTIVE.remedy),
        );
    }
}

fn in_lamb(email: &Email, side: &LambAdmins<'_>, edition: Option<Edition>, problems: &mut Problems) {
    let file = &side.file;
    let address = email.as_str();
    let Some(creator) = &side.evidence.creator else {
        let what = match side.evidence.other_spellings.first() {
            Some(other) => format!("{file} has the creator {other:?}, not {email}"),
            None => format!("{file} has no creator {email}"),
        };
        return problems.add(what, create_owi_admin(email, edition));
    };
    if !creator.enabled {
        problems.add(format!("the creator {email} has enabled = 0"), FixStep::advice(CREATOR_DISABLED.remedy));
    }
    if side.has_lamb {
        in_organization(email, creator, problems);
    }
    if let Some(native) = creator.native.as_ref().filter(|native| native.system_role != "admin") {
        let what = format!("{email} has the system role {} in LAMB", native.system_role);
        problems.add(what, FixStep::command(&["assign-role", "--email", address, "--system-role", "admin"]));
    }
}

fn in_organization(email: &Email, creator: &Creator, problems: &mut Problems) {
    let role = pair::role_in_lamb(creator);
    if matches!(role.as_deref(), Some("admin" | "owner")) {
        return;
    }
    let role = role.map_or_else(|| "no role".to_owned(), |role| format!("the role {role}"));
    let what = format!("{email} has {role} in the organization {LAMB}");
    let own = creator.organization.as_ref().is_some_and(|organization| organization.slug == LAMB);
    let fix = match own {
        true => FixStep::command(&["assign-role", "--email", email.as_str(), "--org", LAMB, "--role", "admin"]),
        false => FixStep::advice(format!("in LAMB, move {email} into the organization {LAMB} as an admin")),
    };
    problems.add(what, fix);
}

/// A delegated LAMB always treats creator 1 as an admin. That is worth a note, but no problem.
fn first_creator(email: &Email, side: &LambAdmins<'_>, edition: Option<Edition>) -> Option<String> {
    let first = side.first.as_ref().filter(|first| !email.same_address(first))?;
    (edition == Some(Edition::Delegated)).then(|| format!("creator 1, {first}, is an admin of a delegated LAMB too"))
}

#[cfg(test)]
mod tests;
