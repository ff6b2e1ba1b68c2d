//! What a creator was before, who was removed in LAMB and is to be created again: the policy says what it is now.

use std::path::Path;

use super::plan::SyncPlan;
use crate::change::Change;
use crate::change::journal::{LastPlace, last_places};
use crate::email::{key, one_line, same_address};
use crate::findings::FixStep;
use crate::lamb::db::LambDb;
use crate::lamb::model::Organization;
use crate::sqlite::DbError;

/// At most so many creators get a note.
const NAMED: usize = 20;

/// A note for each creator who is to be created again: what it was before, as far as the journal knows.
///
/// # Errors
/// Where LAMB's organizations cannot be read.
pub(crate) fn notes(found: &SyncPlan, db: &LambDb, journal: &Path) -> Result<Vec<String>, DbError> {
    let asked = || found.recreated.iter().take(NAMED);
    if found.recreated.is_empty() {
        return Ok(Vec::new());
    }
    let is_asked = |email: &str| asked().any(|one| same_address(one, email));
    let places = match last_places(journal, db, &is_asked) {
        Ok(places) => places,
        Err(error) => return Ok(vec![format!("could not read what the creators were who are created again: {error}")]),
    };
    let organizations = db.organizations()?;
    let again = found.plan.changes.iter().filter(|change| is_asked(change.email()));
    let mut notes: Vec<String> =
        again.filter_map(|change| note(change, places.get(&*key(change.email())), &organizations)).collect();
    let more = found.recreated.len().saturating_sub(NAMED);
    notes.extend((more > 0).then(|| format!("{more} more are created again, where the policy puts them")));
    Ok(notes)
}

fn note(change: &Change, before: Option<&LastPlace>, organizations: &[Organization]) -> Option<String> {
    let Change::CreateCreator { email, user_type, organization, role, .. } = change else { return None };
    let shown = one_line(email);
    let known = before.and_then(|before| {
        let id = before.organization?;
        let slug = organizations.iter().find(|organization| organization.id == id)?.slug.as_str();
        Some((slug, before.user_type.as_deref()?, before.role.as_deref()?))
    });
    let Some((slug, was, had)) = known else {
        return Some(format!(
            "{shown}: the journal does not know the organization, type and role that this creator had before"
        ));
    };
    let moved = ["update-creator", "--email", email, "--org", slug, "--role", had];
    let appointed = ["assign-role", "--email", email, "--org", slug, "--role", had];
    let retyped = ["update-creator", "--email", email, "--user-type", was];
    let is_same = (slug == organization.slug, had == role.as_str(), was == user_type.as_str());
    let restore: Vec<Vec<&str>> = match is_same {
        (true, true, true) => return Some(format!("{shown}: the same organization, type and role as before")),
        (false, _, true) => vec![moved.to_vec()],
        (false, _, false) => vec![[&moved[..], &["--user-type", was]].concat()],
        (true, false, true) => vec![appointed.to_vec()],
        (true, false, false) => vec![appointed.to_vec(), retyped.to_vec()],
        (true, true, false) => vec![retyped.to_vec()],
    };
    let restore: Vec<String> = restore.iter().map(|words| FixStep::command(words).text().into_owned()).collect();
    let restore = restore.join("; then ");
    Some(format!("{shown}: before, type {was} in {slug}, role {had}. To restore that later: {restore}"))
}
