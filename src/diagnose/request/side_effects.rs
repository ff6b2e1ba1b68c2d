//! What the real request would make LAMB write, or wait for: then it is not replayed (all measured).

use std::collections::HashSet;
use std::time::Duration;

use crate::evidence::Evidence;
use crate::findings::{BOOTSTRAP_ADMIN, Effect, FixStep, Hit, Severity};

/// From so many creators without a password hash on, they are not compared with Open WebUI one by one.
const COMPARED: u32 = 10_000;

/// An Open WebUI that took so long just now would keep LAMB's worker waiting as long.
const LONG: Duration = Duration::from_secs(3);

/// True unless `webui.db` is known to have LAMB's admin, which LAMB otherwise inserts whenever it turns to Open WebUI.
pub(super) fn inserts_admin(evidence: &Evidence) -> bool {
    !admin_is_there(evidence).unwrap_or(false)
}

/// Whether `webui.db` has OWI_ADMIN_EMAIL in exactly this spelling; `None` where that is not known.
fn admin_is_there(evidence: &Evidence) -> Option<bool> {
    let email = evidence.base.owi_admin.as_ref().filter(|email| !email.is_empty())?;
    evidence.start.owi.as_ref().ok()?.has_user(email).ok()
}

/// The finding for an admin who is missing.
pub(in crate::diagnose) fn judge_admin(evidence: &Evidence) -> Option<Hit> {
    if admin_is_there(evidence)? {
        return None;
    }
    let email = evidence.base.owi_admin.as_deref()?;
    let file = evidence.start.owi.as_ref().ok()?.path().display();
    let detail =
        format!("{file} has no user {email:?} in exactly this spelling; LAMB inserts one when it next needs it");
    let advice = "create OWI_ADMIN_EMAIL in Open WebUI's admin panel with the role admin, in lowercase, or set \
                  OWI_ADMIN_EMAIL to an admin that Open WebUI has";
    let hit = Hit::new(&BOOTSTRAP_ADMIN, detail).severity(Severity::Warning, Effect::Nothing);
    Some(hit.fixed_by([FixStep::advice(advice)]))
}

/// False only where a native LAMB is known to have no creator whose missing hash `webui.db` has. It copies
/// that hash on most requests, from any client.
pub(super) fn copies_hashes(evidence: &Evidence) -> bool {
    let Ok(lamb) = &evidence.start.lamb.db else { return false };
    let Ok(emails) = lamb.creators_without_hash(COMPARED) else { return true };
    if emails.is_empty() {
        return false;
    }
    let is_cut = emails.len() >= COMPARED as usize;
    let emails: HashSet<String> = emails.into_iter().collect();
    let found = evidence.start.owi.as_ref().ok().and_then(|owi| owi.has_auth_of_any(&emails).ok());
    is_cut || found.unwrap_or(true)
}

/// True where Open WebUI was slow to answer a token just now: its database is locked, or it is.
pub(super) fn waits(evidence: &Evidence) -> bool {
    let session = evidence.token.session.as_ref().map(|session| &session.raw);
    let probed = evidence.probed.as_ref().and_then(|asked| asked.answer.as_ref());
    session.into_iter().chain(probed).flatten().any(|answer| answer.took >= LONG)
}
