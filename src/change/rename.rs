//! Another e-mail for a creator. LAMB's tables name an owner by e-mail, most without a foreign key: every column that
//! names the creator by its text changes in the same transaction, or none does.

use rusqlite::{Connection, Transaction, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::owi_account;
use super::references::{Reference, quoted, reference_columns};
use super::rows::{Cell, RowChange, Table};
use super::stop::Stop;
use super::{Change, Guard, Plan};
use crate::email::{self, Email, Unfit, same_address};
use crate::findings::FixStep;
use crate::lamb::Edition;
use crate::lamb::db::{LambDb, LookAlikes};
use crate::lamb::lms::LmsUser;
use crate::lamb::model::Creator;
use crate::lamb::schema::TableSet;
use crate::owi::file::db::OwiMatches;
use crate::sqlite::DbError;

/// A column that names a creator by e-mail, and its rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Renamed {
    /// The table, with its prefix.
    pub table: String,
    pub column: String,
    /// The rowids.
    pub rows: Vec<i64>,
}

impl Renamed {
    fn in_words(&self) -> String {
        let rows = if self.rows.len() == 1 { "row" } else { "rows" };
        format!("{} {rows} of {}, by {}", self.rows.len(), self.table, self.column)
    }
}

/// How many rows of a column name a creator by e-mail.
#[derive(Serialize, JsonSchema)]
pub(super) struct Count<'a> {
    /// The table, with its prefix.
    table: &'a str,
    column: &'a str,
    /// How many rows.
    rows: usize,
}

impl<'a> Count<'a> {
    fn of(renamed: &'a Renamed) -> Self {
        Self { table: &renamed.table, column: &renamed.column, rows: renamed.rows.len() }
    }
}

/// A plan shows how many, the journal which.
pub(super) fn counts<S: serde::Serializer>(renamed: &[Renamed], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(renamed.iter().map(Count::of))
}

/// What a rename changes: LAMB's own names of an owner. What the LMS says of a person stays.
fn is_lambs(reference: &Reference) -> bool {
    let column = reference.column.to_ascii_lowercase();
    let is_of_the_lms = column.starts_with("lms_") || (reference.of_students && column == "user_email");
    !is_of_the_lms
}

/// Every column that has exactly this text. `all`: also what a rename leaves alone.
fn naming(conn: &Connection, set: &TableSet, email: &str, all: bool) -> rusqlite::Result<Vec<Renamed>> {
    let mut found = Vec::new();
    for reference in reference_columns(conn, set)? {
        if reference.own.is_none() && reference.by_email && (all || is_lambs(&reference)) {
            let rows = rows_of(conn, &reference.table, &reference.column, email)?;
            if !rows.is_empty() {
                found.push(Renamed { table: reference.table, column: reference.column, rows });
            }
        }
    }
    Ok(found)
}

fn rows_of(conn: &Connection, table: &str, column: &str, email: &str) -> rusqlite::Result<Vec<i64>> {
    let (table, column) = (quoted(table), quoted(column));
    let sql = format!(
        "SELECT rowid FROM {table} WHERE {column} = ?1 COLLATE BINARY AND typeof({column}) = 'text' ORDER BY 1"
    );
    conn.prepare(&sql)?.query_map([email], |row| row.get(0))?.collect()
}

/// Changes the text in every column that has it, and says which rows it changed. `may`: the only rows that may be; an
/// undo must not take along what another program gave to the new e-mail.
pub(super) fn rename(
    tx: &Transaction<'_>,
    set: &TableSet,
    from: &str,
    to: &str,
    may: &[Renamed],
) -> Result<Vec<Renamed>, Stop> {
    // Until the creator's own row has the new e-mail, a foreign key to it leads nowhere.
    tx.pragma_update(None, "defer_foreign_keys", true)?;
    let found = naming(tx, set, from, false)?;
    if let Some(more) = gained(&found, may) {
        return Err(Stop::Moved(format!("{more} came to name {from}")));
    }
    for Renamed { table, column, rows } in &found {
        let (name, of) = (quoted(column), quoted(table));
        let sql = format!("UPDATE {of} SET {name} = ?2 WHERE {name} = ?1 COLLATE BINARY AND typeof({name}) = 'text'");
        let written = tx.execute(&sql, params![from, to])?;
        let now = rows_of(tx, table, column, to)?;
        if written != rows.len() || !rows.iter().all(|row| now.contains(row)) {
            return Err(Stop::Differs(format!("{table}.{column} does not hold what was written for {to}")));
        }
    }
    Ok(found)
}

/// Nothing names the new e-mail: it was free when the plan was made.
pub(super) fn is_free(tx: &Transaction<'_>, set: &TableSet, email: &str) -> Result<(), Stop> {
    match naming(tx, set, email, true)?.first() {
        None => Ok(()),
        Some(named) => Err(Stop::Moved(format!("{}.{} came to name {email}", named.table, named.column))),
    }
}

/// The first column that has rows beside those that it may have.
fn gained(found: &[Renamed], may: &[Renamed]) -> Option<String> {
    let is_known = |one: &&Renamed| {
        let known = may.iter().find(|other| other.table == one.table && other.column == one.column);
        known.is_some_and(|known| one.rows.iter().all(|row| known.rows.contains(row)))
    };
    found.iter().find(|one| !is_known(one)).map(|one| format!("{}.{}", one.table, one.column))
}

/// The kind of this change in JSON and in the journal.
pub(super) const KIND: &str = "rename-creator";

/// The old e-mail of a creator that these rows rename.
pub(super) fn before<'a>(rows: &'a [RowChange<'_>]) -> Option<&'a str> {
    let row = rows.iter().find(|row| row.table == Table::CreatorUsers && row.after.is_some())?;
    match row.before.as_ref()?.get("user_email")? {
        Cell::Text(email) => Some(email),
        _ => None,
    }
}

/// Why a rename is not undone: what has gained rows of the new e-mail since.
pub(super) fn gained_since(
    conn: &Connection,
    set: &TableSet,
    email: &str,
    renamed: &[Renamed],
) -> rusqlite::Result<Option<String>> {
    Ok(gained(&naming(conn, set, email, false)?, renamed))
}

/// How many rows have a foreign key that leads nowhere.
pub(super) fn violations(tx: &Transaction<'_>) -> rusqlite::Result<i64> {
    tx.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))
}

/// What LAMB and Open WebUI have, as the plan needs it.
#[derive(Debug)]
pub(crate) struct RenameInput<'a> {
    /// Who issues tokens here.
    pub edition: Edition,
    pub creator: &'a Creator,
    /// What names the creator in LAMB's tables.
    pub old: Vec<Renamed>,
    /// What names the new e-mail already.
    pub new: Vec<Renamed>,
    /// The creators that look like the new e-mail.
    pub creators: LookAlikes,
    /// What the new e-mail is to the LMS.
    pub lms: Option<LmsUser>,
    /// The Open WebUI accounts of the new e-mail.
    pub owi: OwiMatches,
    /// Those of the old e-mail.
    pub owi_before: OwiMatches,
    /// True where the account gets the new e-mail too.
    pub owi_too: bool,
    /// `OWI_ADMIN_EMAIL`.
    pub bootstrap_admin: Option<&'a str>,
}

/// Reads what names the old and the new e-mail.
///
/// # Errors
/// Where SQLite fails.
pub(crate) fn names(db: &LambDb, old: &Email, new: &Email) -> Result<(Vec<Renamed>, Vec<Renamed>), DbError> {
    let Some(set) = &db.schema().tables else { return Ok((Vec::new(), Vec::new())) };
    db.at_once(|db| {
        let read = |email: &Email, all| naming(db.reading(), set, email.as_str(), all).map_err(|error| db.error(error));
        Ok((read(old, false)?, read(new, true)?))
    })
}

/// Plans the rename, or says what stands against it.
pub(crate) fn plan(new: &Email, facts: RenameInput<'_>) -> Plan {
    let mut plan = Plan::default();
    let old = &facts.creator.email;
    if old == new {
        plan.notes.push(format!("{old} is so already"));
        return plan;
    }
    plan.guards = guards(new, &facts);
    // An account of the new e-mail is what an earlier run may have left.
    if facts.owi_too && facts.owi.exact.is_empty() {
        match owi_account::new_email(&facts.owi_before, old, new) {
            Ok(change) => {
                if change.reversed().is_none() {
                    plan.notes.push(format!("undo does not restore it in Open WebUI: {}", change.how_to_undo()));
                }
                plan.in_open_webui = Some(change);
            }
            Err(guard) => plan.guards.push(guard),
        }
    }
    plan.notes.extend(facts.old.iter().map(|renamed| format!("changes with it: {}", renamed.in_words())));
    plan.notes.push("the knowledge base server keeps the old e-mail as the owner of what it stores".to_owned());
    if facts.edition == Edition::Native {
        plan.notes.push("tokens with the old e-mail stop working: the user logs in again".to_owned());
        if facts.owi.exact.is_empty() && plan.in_open_webui.is_none() {
            plan.notes.push(format!(
                "Open WebUI has no account {new}: the next login creates an empty one, and the chats stay with {old}. To \
                 keep them, add --owi-too"
            ));
        }
    }
    plan.changes.push(Change::RenameCreator {
        creator: facts.creator.id,
        email: old.as_str().into(),
        to: new.as_str().into(),
        renamed: facts.old.into(),
    });
    plan
}

fn guards(new: &Email, facts: &RenameInput<'_>) -> Vec<Guard> {
    let (old, mut guards) = (&facts.creator.email, Vec::new());
    if let Some(why) = email::unfit(new.as_str()) {
        let reason = format!("{:?} is not an address for a creator: {why}", new.as_str());
        guards.push(match why {
            Unfit::Invisible(_) => Guard::hard(reason, "type the address without it"),
            Unfit::TooLong | Unfit::NotOneAt => Guard::soft(reason),
        });
    }
    let LookAlikes { spellings, as_text, as_bytes } = &facts.creators;
    let other = spellings.iter().find(|other| other.as_str() != old.as_str());
    let taken = (*as_text || *as_bytes).then(|| new.to_string()).or_else(|| other.cloned());
    guards.extend(taken.map(|taken| {
        let look = FixStep::command(&["check-user", "--email", taken.as_str()]);
        Guard::hard(format!("LAMB has a creator {taken:?} already"), look)
    }));
    // Another spelling of the same address is the same person, whatever the LMS has of it.
    guards.extend(
        facts
            .lms
            .as_ref()
            .filter(|_| !old.same_address(new.as_str()))
            .map(|lms| Guard::hard(format!("{new} is {lms}"), "choose an address that no user of the LMS has")),
    );
    guards.extend(facts.new.first().map(|named| {
        let reason = format!("{new} has {} already, which the creator would get", named.in_words());
        Guard::hard(reason, "find out first whose they are")
    }));
    // The account of the new e-mail is then another one, and its password would give access to the creator.
    if !facts.owi.exact.is_empty() && !facts.owi_before.exact.is_empty() {
        let reason = format!("Open WebUI has an account of {old}, and another of {new}");
        let look = FixStep::command(&["check-owi-user", "--email", new.as_str()]);
        guards.push(if facts.owi_too { Guard::hard(reason, look) } else { Guard::soft(reason) });
    }
    if facts.bootstrap_admin.is_some_and(|admin| same_address(admin, new.as_str()) && !old.same_address(admin)) {
        let reason = format!("{new} is OWI_ADMIN_EMAIL, the admin that LAMB itself uses");
        guards.push(Guard::hard(reason, "choose the address of the person"));
    }
    guards.extend(owi_account::unfit_to_log_in(new.as_str(), facts.edition));
    if facts.bootstrap_admin.is_some_and(|admin| same_address(admin, old.as_str())) {
        let reason = format!("{old} is OWI_ADMIN_EMAIL: LAMB creates that admin again when it starts");
        guards.push(Guard::hard(reason, "set OWI_ADMIN_EMAIL to another admin first, and restart LAMB"));
    }
    if let ([], [other, ..]) = (facts.owi.exact.as_slice(), facts.owi.other_spellings.as_slice()) {
        let reason = format!("Open WebUI spells this address {:?}, and LAMB must store the same", other.email.as_str());
        guards.push(Guard::hard(reason, "pass --rename with that spelling, if it is lower case"));
    } else if let ([], [auth, ..]) = (facts.owi.exact.as_slice(), facts.owi.auth_without_user.as_slice()) {
        let reason = format!("Open WebUI has half an account of {new}: an auth row (id {}) without a user", auth.id);
        guards.push(Guard::hard(reason, FixStep::command(&["explain", "owi-user-half"])));
    } else if facts.edition == Edition::Delegated && facts.owi.exact.is_empty() && !facts.owi_too {
        let reason = format!("Open WebUI has no user {new}: the creator could not log in");
        guards.push(Guard::hard(reason, "to change the e-mail in Open WebUI too, add --owi-too"));
    }
    guards
}
