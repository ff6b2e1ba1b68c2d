//! One person on both sides: what each store has of them, side by side, and whether that is enough to log in. Pure.

use schemars::JsonSchema;
use serde::Serialize;

use crate::lamb::Edition;
use crate::lamb::lookup::CreatorEvidence;
use crate::lamb::model::Creator;
use crate::owi::file::db::{OwiMatches, OwiUser};
use crate::secret::Secret;
use crate::sqlite::value::PasswordHash;

/// LAMB's own organization. One LAMB helper requires its admins.
pub(crate) const LAMB: &str = "lamb";

#[derive(Debug)]
pub(crate) struct OwiSide<'a> {
    /// All that it has of the address.
    pub matches: &'a OwiMatches,
    /// True where LAMB's own reader copes with the file.
    pub lambs_columns: bool,
}

/// A role that a token claims, and whether LAMB would believe it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Claim {
    pub role: String,
    /// True where LAMB's own secret signed the token and it is in its time.
    pub believed: bool,
}

/// What is known of both sides.
#[derive(Debug)]
pub(crate) struct PairInput<'a> {
    pub lamb: &'a CreatorEvidence,
    /// True where LAMB finds the creator and can work with it.
    pub usable: bool,
    /// Who issues tokens here.
    pub edition: Option<Edition>,
    /// LAMB's hash of them.
    pub hash: Option<&'a Secret>,
    /// Open WebUI's side; `None` where its file cannot be read.
    pub owi: Option<OwiSide<'a>>,
    /// The role of a token of theirs, where one was handed in.
    pub claim: Option<Claim>,
}

/// How the two password hashes are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Hashes {
    /// The same text: the same password.
    Same,
    /// Other texts. That may be one password, hashed twice.
    Different,
    /// LAMB has none and takes Open WebUI's: always so in the delegated edition.
    OnlyOpenWebUi,
    /// Open WebUI has none.
    OnlyLamb,
    Neither,
    /// One side cannot be looked at, or is not there.
    NotKnown,
}

/// The four notions of who is an admin; `None` where that side says nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Admin {
    /// Open WebUI's role.
    pub open_webui: Option<String>,
    /// LAMB's system role; the delegated edition stores none and goes by Open WebUI's.
    pub system: Option<String>,
    /// The role in the organization `lamb`.
    pub organization_lamb: Option<String>,
    /// What a token claims.
    pub token: Option<Claim>,
}

/// Both sides of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Both {
    /// The thing: a word for people and for awk.
    pub what: &'static str,
    pub lamb: String,
    /// Open WebUI's.
    pub open_webui: String,
    /// Whether they agree; `None` where they need not, or it is not known.
    pub agree: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub rows: Vec<Both>,
    pub hashes: Hashes,
    pub admin: Admin,
    /// Whether they can log in, and be handed on to the chat; `None` where that could not be told.
    pub can_log_in: Option<bool>,
    /// What stands in the way.
    pub obstacles: Vec<String>,
    /// What does not, and is worth knowing.
    pub notes: Vec<String>,
}

pub(crate) fn judge(facts: &PairInput<'_>) -> Pair {
    let creator = facts.lamb.creator.as_ref();
    let matches = facts.owi.as_ref().map(|side| side.matches);
    let user = matches.and_then(|matches| matches.exact.first());
    let hashes = compare(facts, creator, user);
    let admin = admin(facts, creator, user);
    let obstacles = obstacles(facts, creator, user);
    let can_log_in = match (&facts.owi, obstacles.is_empty()) {
        (_, false) => Some(false),
        (None, true) => None,
        (Some(_), true) => Some(true),
    };
    let rows = rows(facts, creator, user, hashes, &admin);
    Pair { rows, notes: notes(facts, hashes, &admin), hashes, admin, can_log_in, obstacles }
}

fn compare(facts: &PairInput<'_>, creator: Option<&Creator>, user: Option<&OwiUser>) -> Hashes {
    let (Some(_), Some(user), Some(_)) = (creator, user, facts.edition) else { return Hashes::NotKnown };
    let theirs = user.auth.as_ref().map(|auth| &auth.hash).filter(|hash| !hash.is_empty());
    match (facts.hash, theirs) {
        (Some(ours), Some(theirs)) if ours == theirs => Hashes::Same,
        (Some(_), Some(_)) => Hashes::Different,
        (None, Some(_)) => Hashes::OnlyOpenWebUi,
        (Some(_), None) => Hashes::OnlyLamb,
        (None, None) => Hashes::Neither,
    }
}

fn admin(facts: &PairInput<'_>, creator: Option<&Creator>, user: Option<&OwiUser>) -> Admin {
    Admin {
        open_webui: user.map(|user| user.role.clone()),
        system: creator.and_then(|creator| Some(creator.native.as_ref()?.system_role.clone())),
        organization_lamb: creator.and_then(role_in_lamb),
        token: facts.claim.clone(),
    }
}

/// A creator's role in the organization `lamb`, which may not be their own.
pub(crate) fn role_in_lamb(creator: &Creator) -> Option<String> {
    let own = creator.organization.as_ref().filter(|organization| organization.slug == LAMB);
    let elsewhere = || creator.roles_elsewhere.iter().find(|role| role.organization == LAMB);
    own.and(creator.organization_role.clone()).or_else(|| Some(elsewhere()?.role.clone()))
}

fn obstacles(facts: &PairInput<'_>, creator: Option<&Creator>, user: Option<&OwiUser>) -> Vec<String> {
    let mut found = Vec::new();
    let email = &facts.lamb.email;
    match (creator, facts.lamb.other_spellings.first()) {
        (None, Some(other)) => found.push(format!("LAMB spells them {other:?}, not {:?}", email.as_str())),
        (None, None) => found.push(format!("LAMB has no creator {email}")),
        (Some(_), _) if !facts.usable => found.push("LAMB has a row for them, and treats it as not found".to_owned()),
        (Some(creator), _) if !creator.enabled => found.push("LAMB has switched them off (enabled = 0)".to_owned()),
        (Some(_), _) => {}
    }
    let native = creator.and_then(|creator| creator.native.as_ref());
    if native.is_some_and(|native| native.password_hash == PasswordHash::Unsound) {
        found.push("LAMB's password_hash of them is not bcrypt: no password fits".to_owned());
    }
    let Some(side) = &facts.owi else { return found };
    let Some(user) = user else {
        found.push(match side.matches.other_spellings.first() {
            Some(other) => format!("Open WebUI spells them {:?}, not {:?}", other.email.as_str(), email.as_str()),
            None => format!("Open WebUI has no user {email}"),
        });
        return found;
    };
    found.extend(user.halves_disagree().map(|why| format!("Open WebUI has half an account: {why}")));
    found.extend((!user.unreadable.is_empty()).then(|| "Open WebUI cannot read their row".to_owned()));
    if let Some(auth) = &user.auth {
        if !auth.active {
            found.push("Open WebUI has switched them off (auth.active = 0)".to_owned());
        }
        // A native LAMB that has a hash, or takes them from the LMS, does not look at this one.
        let looked_at =
            native.is_none_or(|native| native.password_hash == PasswordHash::Missing && !native.is_from_lms());
        if looked_at && auth.password_hash != PasswordHash::Sound {
            found.push("Open WebUI has no sound password hash of them: no password fits".to_owned());
        }
    }
    if facts.edition == Some(Edition::Delegated) && !side.lambs_columns {
        found.push("LAMB cannot read this version's user table, and refuses every login (owi-schema-drift)".to_owned());
    }
    found
}

fn notes(facts: &PairInput<'_>, hashes: Hashes, admin: &Admin) -> Vec<String> {
    let mut notes = Vec::new();
    let native = facts.lamb.creator.as_ref().and_then(|creator| creator.native.as_ref());
    let sound = native.is_some_and(|native| native.password_hash == PasswordHash::Sound);
    if hashes == Hashes::Different && sound {
        let why = "the hashes differ: two passwords, or one that was hashed twice; LAMB goes by its own";
        notes.push(why.to_owned());
    }
    let is_admin = |role: &Option<String>| role.as_deref().map(|role| role == "admin");
    if let (Some(ours), Some(theirs)) = (is_admin(&admin.system), is_admin(&admin.open_webui))
        && ours != theirs
    {
        let side = if ours { "LAMB, not in Open WebUI" } else { "Open WebUI, not in LAMB" };
        notes.push(format!("they are an admin in {side}"));
    }
    if facts.edition == Some(Edition::Delegated) && facts.lamb.creator.as_ref().is_some_and(|c| c.id == 1) {
        notes.push("a delegated LAMB always treats creator 1 as an admin".to_owned());
    }
    if let (Some(claim), Some(system)) = (&admin.token, &admin.system)
        && claim.role != *system
        && claim.believed
    {
        notes.push(format!("LAMB believes the token's role {}, until it ends", claim.role));
    }
    if admin.open_webui.as_deref() == Some("pending") {
        notes.push("Open WebUI has them wait for an admin's approval: the chat does not open".to_owned());
    }
    if facts.owi.as_ref().is_some_and(|side| side.matches.exact.len() > 1) {
        notes.push("Open WebUI has several accounts of this e-mail; shown is the first".to_owned());
    }
    notes
}

fn rows(
    facts: &PairInput<'_>,
    creator: Option<&Creator>,
    user: Option<&OwiUser>,
    hashes: Hashes,
    admin: &Admin,
) -> Vec<Both> {
    let readable = facts.owi.is_some();
    let none = |there: bool| if there { "none".to_owned() } else { "-".to_owned() };
    let unread = || if readable { "-".to_owned() } else { "not readable".to_owned() };
    let word = |yes: bool, there: &str, not: &str| (if yes { there } else { not }).to_owned();
    let ours = |of: &dyn Fn(&Creator) -> String| creator.map_or_else(|| "-".to_owned(), of);
    let theirs = |of: &dyn Fn(&OwiUser) -> String| user.map_or_else(unread, of);
    let both = |of: Option<(bool, bool)>| of.map(|(ours, theirs)| ours == theirs);
    let pair = creator.zip(user);
    let other = facts.owi.as_ref().and_then(|side| side.matches.other_spellings.first());
    let spelled = |there: bool, exact: &str, other: Option<&str>| match (there, other) {
        (true, _) => exact.to_owned(),
        (false, Some(other)) => other.to_owned(),
        (false, None) => "-".to_owned(),
    };
    let asked = facts.lamb.email.as_str();
    let our_spelling = spelled(creator.is_some(), asked, facts.lamb.other_spellings.first().map(String::as_str));
    let their_spelling = spelled(user.is_some(), asked, other.map(|user| user.email.as_str()));
    let known = our_spelling != "-" && their_spelling != "-";
    let switched = |user: &OwiUser| user.auth.as_ref().is_some_and(|auth| auth.active);
    let hash = |hash: PasswordHash| match hash {
        PasswordHash::Missing => "none".to_owned(),
        PasswordHash::Empty => "empty".to_owned(),
        PasswordHash::Sound => "bcrypt, sound".to_owned(),
        PasswordHash::Unsound => "not a bcrypt hash".to_owned(),
    };
    let claim = |claim: &Claim| format!("{}{}", claim.role, if claim.believed { "" } else { " (not believed)" });
    let row = |what, lamb, open_webui, agree| Both { what, lamb, open_webui, agree };
    vec![
        row(
            "exists",
            word(creator.is_some(), "yes", "no"),
            if readable { word(user.is_some(), "yes", "no") } else { unread() },
            both(readable.then_some((creator.is_some(), user.is_some()))),
        ),
        row("spelling", our_spelling.clone(), their_spelling.clone(), known.then(|| our_spelling == their_spelling)),
        row("id", ours(&|c| c.id.to_string()), theirs(&|u| u.id.clone()), None),
        row("name", ours(&|c| c.name.clone()), theirs(&|u| u.name.clone()), pair.map(|(c, u)| c.name == u.name)),
        row(
            "switched-on",
            ours(&|c| word(c.enabled, "yes", "no")),
            theirs(&|u| word(switched(u), "yes", "no")),
            pair.map(|(c, u)| c.enabled == switched(u)),
        ),
        row(
            "role",
            admin.system.clone().unwrap_or_else(|| ours(&|_| "Open WebUI's".to_owned())),
            theirs(&|u| u.role.clone()),
            admin.system.as_deref().zip(user).map(|(role, u)| (role == "admin") == (u.role == "admin")),
        ),
        row(
            "role-in-lamb",
            admin.organization_lamb.clone().unwrap_or_else(|| none(creator.is_some())),
            "-".to_owned(),
            None,
        ),
        row("token-role", admin.token.as_ref().map_or_else(|| "-".to_owned(), claim), "-".to_owned(), None),
        row(
            "password-hash",
            ours(&|c| c.native.as_ref().map_or_else(|| "Open WebUI's".to_owned(), |n| hash(n.password_hash))),
            theirs(&|u| u.auth.as_ref().map_or_else(|| "no auth row".to_owned(), |auth| hash(auth.password_hash))),
            match hashes {
                Hashes::Same => Some(true),
                Hashes::Different | Hashes::OnlyLamb | Hashes::Neither => Some(false),
                Hashes::OnlyOpenWebUi | Hashes::NotKnown => None,
            },
        ),
    ]
}
