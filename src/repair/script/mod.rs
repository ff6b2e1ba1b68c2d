//! What only SQL on `webui.db` fixes: one Python script for a person to run while Open WebUI is stopped. This program
//! itself never writes the file.
//!
//! Every Open WebUI has Python, and its `sqlite3` stops at the first failed check. The command-line `sqlite3` goes on
//! behind one, and commits.

mod python;

use serde_json::{Value, json};

use crate::email::Email;
use crate::findings::{BOOTSTRAP_ADMIN, Finding, OWI_ROW_UNREADABLE, OWI_USER_HALF};
use crate::owi::file::db::{AuthRow, OwiDb, OwiDbError, OwiUser};
use crate::owi::file::sql_fixes::BrokenValue;

pub(crate) use python::{BEGINNING, around, text};

/// The most changes that one script makes.
pub(crate) const MOST: usize = 1_000;

/// An account that can sign in as an admin.
const ADMINS: &str =
    "SELECT count(*) FROM \"user\" u JOIN auth a ON a.id = u.id WHERE u.role = 'admin' AND a.active = 1";

/// SQL with its values.
pub(crate) type Statement = (String, Vec<Value>);

/// A query that gives one number, its values, and what the number must be.
pub(crate) type Check = (String, Vec<Value>, i64);

/// One change of the script.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ScriptStep {
    /// The finding that it fixes.
    pub finding: &'static str,
    /// Whose row it is.
    pub email: String,
    /// What it does, in a sentence.
    pub what: String,
    pub before: Vec<Check>,
    pub change: Statement,
    /// How many rows the statement changes.
    pub rows: usize,
    pub after: Vec<Check>,
}

/// A script's contents.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Script {
    /// The file that it changes.
    pub database: String,
    /// The tables that it touches, with their columns in order.
    pub columns: Vec<(&'static str, Vec<String>)>,
    pub steps: Vec<ScriptStep>,
    /// True where there is more to do than one script does.
    pub is_cut: bool,
    /// What it leaves to a person, and why.
    pub left: Vec<String>,
}

/// Which rows are fixed.
pub(crate) struct ScriptScope<'a> {
    /// Those of these e-mails.
    pub wanted: &'a dyn Fn(&str) -> bool,
    /// Those of this finding; `None` for all.
    pub finding: Option<&'static Finding>,
    /// `OWI_ADMIN_EMAIL`: it becomes an admin where no account is one.
    pub admin: Option<&'a str>,
}

impl ScriptScope<'_> {
    fn wants(&self, finding: &'static Finding) -> bool {
        self.finding.is_none_or(|wanted| wanted == finding)
    }
}

/// Plans what the file needs. Changes nothing.
///
/// # Errors
/// Where SQLite fails.
pub(crate) fn plan(db: &OwiDb, scope: &ScriptScope<'_>) -> Result<Script, OwiDbError> {
    let mut planner = Planner { db, steps: Vec::new(), left: Vec::new() };
    if scope.wants(&OWI_USER_HALF) {
        planner.halves(scope)?;
    }
    if scope.wants(&OWI_ROW_UNREADABLE) {
        planner.unreadable(scope)?;
    }
    if scope.wants(&BOOTSTRAP_ADMIN) {
        planner.no_admin(scope)?;
    }
    let Planner { mut steps, left, .. } = planner;
    let is_cut = steps.len() > MOST;
    steps.truncate(MOST);
    let columns = vec![("user", db.user_columns().to_vec()), ("auth", db.auth_columns().to_vec())];
    // The script may be run from another folder.
    let path = std::path::absolute(db.path()).unwrap_or_else(|_| db.path().to_owned());
    Ok(Script { database: path.display().to_string(), columns, steps, is_cut, left })
}

struct Planner<'a> {
    db: &'a OwiDb,
    steps: Vec<ScriptStep>,
    left: Vec<String>,
}

const LEFTOVER: &str = "auth WHERE id = ? AND email = ? AND NOT EXISTS (SELECT 1 FROM \"user\" u WHERE u.id = auth.id)";

impl Planner<'_> {
    /// A user without an `auth` row gets the leftover row of its e-mail, or a new one. Other leftover rows go.
    fn halves(&mut self, scope: &ScriptScope<'_>) -> Result<(), OwiDbError> {
        let mut leftover = self.db.auth_without_user(&mut |row| (scope.wanted)(&row.email))?;
        for user in self.db.users_without_auth(&mut |email| (scope.wanted)(email))? {
            let own = leftover.iter().position(|row| row.email == user.email.as_str());
            let step = match own.map(|at| leftover.remove(at)) {
                Some(row) => give(&user, &row),
                None => insert(&user),
            };
            self.steps.push(step);
        }
        self.steps.extend(leftover.iter().map(remove));
        Ok(())
    }

    /// A value that the server cannot read becomes one that says nothing.
    fn unreadable(&mut self, scope: &ScriptScope<'_>) -> Result<(), OwiDbError> {
        for (user, values) in self.db.broken_values(&mut |email| (scope.wanted)(email))? {
            for value in values {
                match value.harmless.clone() {
                    Some(harmless) => self.steps.push(replace(&user, &value, &harmless)),
                    None => self.left.push(format!(
                        "{}.{} of {} ({}): {}; only a person knows the right value",
                        value.table, value.column, user.email, user.id, value.problem
                    )),
                }
            }
        }
        Ok(())
    }

    /// Where no account that can sign in is an admin, LAMB's own becomes one.
    fn no_admin(&mut self, scope: &ScriptScope<'_>) -> Result<(), OwiDbError> {
        let Some(email) = scope.admin.filter(|email| (scope.wanted)(email)) else { return Ok(()) };
        if self.db.sound_admin()?.is_some() {
            return Ok(());
        }
        let found = self.db.find(&Email::stored(email))?;
        let Some(user) = found.exact.first() else {
            self.left.push(format!("no account is an admin, and there is no account {email} that could become one"));
            return Ok(());
        };
        let id = || vec![json!(user.id)];
        self.steps.push(ScriptStep {
            finding: BOOTSTRAP_ADMIN.id,
            email: email.to_owned(),
            what: format!("make {email} ({}) an admin: no account that can sign in is one", user.id),
            before: vec![
                (ADMINS.to_owned(), Vec::new(), 0),
                (
                    "SELECT count(*) FROM \"user\" WHERE id = ? AND role = ?".to_owned(),
                    vec![json!(user.id), json!(user.role)],
                    1,
                ),
            ],
            change: ("UPDATE \"user\" SET role = 'admin' WHERE id = ?".to_owned(), id()),
            rows: 1,
            after: vec![("SELECT count(*) FROM \"user\" WHERE id = ? AND role = 'admin'".to_owned(), id(), 1)],
        });
        Ok(())
    }
}

fn remove(row: &AuthRow) -> ScriptStep {
    let values = || vec![json!(row.id), json!(row.email)];
    ScriptStep {
        finding: OWI_USER_HALF.id,
        email: row.email.clone(),
        what: format!("remove the auth row {} of {}, which belongs to no user", row.id, row.email),
        before: vec![(format!("SELECT count(*) FROM {LEFTOVER}"), values(), 1)],
        change: (format!("DELETE FROM {LEFTOVER}"), values()),
        rows: 1,
        after: vec![(format!("SELECT count(*) FROM {LEFTOVER}"), values(), 0)],
    }
}

/// What holds of a user without an `auth` row, before and after it has one.
fn halves_of(user: &OwiUser, has_auth: i64) -> [Check; 2] {
    [
        (
            "SELECT count(*) FROM \"user\" WHERE id = ? AND email = ?".to_owned(),
            vec![json!(user.id), json!(user.email.as_str())],
            1,
        ),
        ("SELECT count(*) FROM auth WHERE id = ?".to_owned(), vec![json!(user.id)], has_auth),
    ]
}

fn give(user: &OwiUser, row: &AuthRow) -> ScriptStep {
    let values = vec![json!(row.id), json!(row.email)];
    let mut before = Vec::from(halves_of(user, 0));
    before.push((format!("SELECT count(*) FROM {LEFTOVER}"), values.clone(), 1));
    let change = "UPDATE auth SET id = ? WHERE id = ? AND email = ?";
    ScriptStep {
        finding: OWI_USER_HALF.id,
        email: user.email.to_string(),
        what: format!("give {} ({}) its auth row, which has the id {}", user.email, user.id, row.id),
        before,
        change: (change.to_owned(), [vec![json!(user.id)], values].concat()),
        rows: 1,
        after: Vec::from(halves_of(user, 1)),
    }
}

fn insert(user: &OwiUser) -> ScriptStep {
    let change = "INSERT INTO auth (id, email, password, active) SELECT id, email, '', 1 FROM \"user\" WHERE id = ?";
    ScriptStep {
        finding: OWI_USER_HALF.id,
        email: user.email.to_string(),
        what: format!(
            "make an auth row for {} ({}). It has no password: set one in the admin panel afterwards",
            user.email, user.id
        ),
        before: Vec::from(halves_of(user, 0)),
        change: (change.to_owned(), vec![json!(user.id)]),
        rows: 1,
        after: Vec::from(halves_of(user, 1)),
    }
}

fn replace(user: &OwiUser, broken: &BrokenValue, harmless: &Value) -> ScriptStep {
    let BrokenValue { table, column, kind, length, problem, .. } = broken;
    let is_broken = format!(
        "SELECT count(*) FROM \"{table}\" WHERE id = ? AND typeof(\"{column}\") = ? AND length(CAST(\"{column}\" AS BLOB)) IS ?"
    );
    ScriptStep {
        finding: OWI_ROW_UNREADABLE.id,
        email: user.email.to_string(),
        what: format!("set {table}.{column} of {} ({}) to {harmless}: {problem}", user.email, user.id),
        before: vec![(is_broken, vec![json!(user.id), json!(kind), json!(length)], 1)],
        change: (
            format!("UPDATE \"{table}\" SET \"{column}\" = ? WHERE id = ?"),
            vec![harmless.clone(), json!(user.id)],
        ),
        rows: 1,
        after: vec![(
            format!("SELECT count(*) FROM \"{table}\" WHERE id = ? AND \"{column}\" IS ?"),
            vec![json!(user.id), harmless.clone()],
            1,
        )],
    }
}

#[cfg(test)]
mod tests;
