//! Everybody in Open WebUI, one after the other, as little of each as is needed to keep creators in step.

use std::sync::Arc;

use crate::secret::Secret;

/// A user of Open WebUI. Small: there may be a million.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The e-mail, byte for byte.
    pub email: Box<str>,
    /// The display name.
    pub name: Box<str>,
    /// `admin`, `user`, `pending` or any other text; shared by all who have it.
    pub role: Arc<str>,
    /// Whether they can sign in.
    pub standing: Standing,
    /// A sound bcrypt hash of the password, where hashes were asked for and there is one.
    pub hash: Option<Secret>,
}

/// Whether somebody can sign in to Open WebUI, by their `auth` row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Yes.
    Active,
    /// `auth.active` is not 1.
    SwitchedOff,
    /// There is no `auth` row of their id.
    NoAuthRow,
    /// The `auth` row of their id has another e-mail.
    OtherEmail,
    /// Not told: the admin API does not say.
    Unknown,
}
