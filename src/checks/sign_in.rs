//! Whether LAMB can sign a creator in to Open WebUI at all: the e-mail and the name go there in two headers.

use crate::findings::{HEADER_UNSENDABLE, Hit, Severity};
use crate::lamb::Edition;
use crate::lamb::model::Creator;
use crate::owi::api::sign_in_header::header_value;

/// What of this creator fits into no header, in a sentence; `None` where LAMB can send both.
pub fn unsendable(creator: &Creator) -> Option<String> {
    let email = creator.email.as_str();
    let problem = |what: &str, text: &str| header_value(text).err().map(|why| format!("the {what} {text:?}: {why}"));
    let what = problem("e-mail", email).or_else(|| problem("name", &creator.name))?;
    Some(format!("LAMB cannot put {what}"))
}

/// The finding, where there is one. A native LAMB logs this creator in, but cannot open the chat for them.
pub fn judge(creator: &Creator, edition: Option<Edition>) -> Option<Hit> {
    // What LAMB cannot read is not known here either.
    if !creator.unreadable.is_empty() {
        return None;
    }
    let hit = Hit::new(&HEADER_UNSENDABLE, unsendable(creator)?);
    Some(match edition {
        Some(Edition::Native) => hit.severity(Severity::Warning, HEADER_UNSENDABLE.effect),
        _ => hit,
    })
}
