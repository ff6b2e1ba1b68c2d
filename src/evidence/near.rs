//! Addresses near one that neither side has.

use crate::email::Email;
use crate::email::near::{NearMatch, Nearest, Side};
use crate::lamb::db::LambDb;
use crate::owi::file::db::OwiDb;

/// The nearest addresses of both sides, as far as their files can be read: it is a hint, and says nothing of what is not
/// near. Each file is read once.
pub(crate) fn near(email: &Email, lamb: Option<&LambDb>, owi: Option<&OwiDb>) -> Vec<NearMatch> {
    let mut nearest = Nearest::new(email.as_str());
    let lamb = lamb.map(|db| db.every_email(&mut |stored| nearest.offer(stored, Side::Lamb)));
    if let Some(Err(error)) = lamb {
        trace(&error);
    }
    let owi = owi.map(|db| db.every_email(&mut |stored| nearest.offer(stored, Side::OpenWebUi)));
    if let Some(Err(error)) = owi {
        trace(&error);
    }
    nearest.finish()
}

fn trace(error: &dyn std::error::Error) {
    crate::messages::trace(format_args!("looked for similar e-mails: {error}"));
}
