//! Changes to Open WebUI's users, made by its own HTTP API with an admin's token. `webui.db` is never written.
//!
//! Measured on 0.5.6, 0.6.43 and 0.12.4. The role has its own endpoint in 0.5.6 only; the later ones answer 405 to
//! it and take the role in `users/{id}/update`, which 0.5.6 takes for all but the role. That one wants name, e-mail and
//! picture in 0.5.6, the role too in 0.6.43, and in 0.12.4 only what changes; a field that is missing is answered
//! with 422, and nothing is changed then. It stores the e-mail in lower case, in `user` and in `auth`.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answers::Account;
use super::client::OwiClient;
use crate::email::{Email, one_line};
use crate::http::{Answer, Failure};
use crate::secret::Secret;

/// The role of users who are not admins.
const APPROVED: &str = "user";

/// One change to Open WebUI's users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum OwiChange {
    /// A pending account gets the role `user`.
    ApproveOwiUser {
        /// The id of the account.
        id: String,
        /// Its e-mail, as Open WebUI spells it.
        email: String,
    },
    /// One e-mail, in lower case, in both halves of an account.
    SetOwiEmail {
        /// The id of the account.
        id: String,
        /// The new e-mail.
        email: String,
        /// What the `user` row has.
        before: String,
        /// What the `auth` row has.
        auth_before: String,
    },
    /// Another password. Neither the plan nor the journal has it.
    SetOwiPassword {
        /// The id of the account.
        id: String,
        /// Its e-mail, as Open WebUI spells it.
        email: String,
    },
    /// An account that is not there yet.
    CreateOwiUser {
        /// Its e-mail, in lower case.
        email: String,
        /// Its display name.
        name: String,
    },
    /// An account that owns nothing goes for good.
    DeleteOwiUser {
        /// The id of the account.
        id: String,
        /// Its e-mail, which another account has too.
        email: String,
    },
}

impl OwiChange {
    /// Its kind, as the journal and JSON name it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ApproveOwiUser { .. } => "approve-owi-user",
            Self::SetOwiEmail { .. } => "set-owi-email",
            Self::SetOwiPassword { .. } => "set-owi-password",
            Self::CreateOwiUser { .. } => "create-owi-user",
            Self::DeleteOwiUser { .. } => "delete-owi-user",
        }
    }

    /// The e-mail that the account has when it is made.
    pub fn email(&self) -> &str {
        match self {
            Self::ApproveOwiUser { email, .. }
            | Self::SetOwiEmail { email, .. }
            | Self::SetOwiPassword { email, .. }
            | Self::CreateOwiUser { email, .. }
            | Self::DeleteOwiUser { email, .. } => email,
        }
    }

    /// The account that is there already: its id, and its e-mail as the server should know it.
    pub fn account(&self) -> Option<(&str, &str)> {
        match self {
            Self::ApproveOwiUser { id, email }
            | Self::SetOwiPassword { id, email }
            | Self::DeleteOwiUser { id, email } => Some((id, email)),
            Self::SetOwiEmail { id, before, .. } => Some((id, before)),
            Self::CreateOwiUser { .. } => None,
        }
    }

    /// The change that restores what was before, where Open WebUI's API can: `undo` makes it.
    pub fn reversed(&self) -> Option<Self> {
        match self {
            // One request sets both halves, in lower case: the old e-mail must have been the same in both.
            Self::SetOwiEmail { id, email, before, auth_before }
                if before == auth_before && before != email && Email::stored(before.as_str()).is_canonical() =>
            {
                let (email, before) = (before.clone(), email.clone());
                Some(Self::SetOwiEmail { id: id.clone(), email, auth_before: before.clone(), before })
            }
            _ => None,
        }
    }

    /// How a person undoes it.
    pub fn how_to_undo(&self) -> String {
        match self {
            Self::ApproveOwiUser { .. } => {
                "in Open WebUI's admin panel (Users) set the role to pending again".to_owned()
            }
            // One request sets both halves: no other puts the old one back into `auth` alone.
            Self::SetOwiEmail { email, before, auth_before, .. } if before == email => {
                format!("Open WebUI itself does not put {:?} back into its table auth alone", one_line(auth_before))
            }
            Self::SetOwiEmail { before, .. } => {
                format!("in Open WebUI's admin panel (Users) set the e-mail; it was {:?}", one_line(before))
            }
            Self::SetOwiPassword { .. } => "nothing restores the old password; set a new one".to_owned(),
            Self::CreateOwiUser { .. } => "remove it in Open WebUI's admin panel if it is not wanted".to_owned(),
            Self::DeleteOwiUser { .. } => {
                "nothing restores a deleted account; only a copy of webui.db has it".to_owned()
            }
        }
    }

    /// Sends the change. `password`: the new one, where it sets one.
    ///
    /// # Errors
    /// [`OwiChangeError`].
    pub async fn make(&self, client: &OwiClient, admin: &Secret, password: &Secret) -> Result<(), OwiChangeError> {
        let answer = match self {
            Self::CreateOwiUser { email, name } => client.add_user(admin, name, email, password).await?,
            Self::ApproveOwiUser { id, email } => {
                let answer = client.update_role(admin, id, APPROVED).await?;
                match answer.status {
                    404 | 405 => update(client, admin, id, json!({"role": APPROVED}), email).await?,
                    _ => answer,
                }
            }
            Self::SetOwiEmail { id, email, .. } => update(client, admin, id, json!({"email": email}), email).await?,
            Self::SetOwiPassword { id, email } => {
                whole_update(client, admin, id, json!({"password": password.expose()}), email).await?
            }
            Self::DeleteOwiUser { id, .. } => client.delete_user(admin, id).await?,
        };
        self.judge(&answer)
    }

    /// What an answer to it means. Only what a server is known to say where it did nothing is a refusal; what a proxy
    /// says in its place is unclear.
    fn judge(&self, answer: &Answer) -> Result<(), OwiChangeError> {
        let told = format!("{} answers {}", answer.url, answer.summary());
        match answer.status {
            200 => {}
            // A proxy may have given up on a server that still works on it.
            408 => return Err(OwiChangeError::Unclear(told)),
            400..500 => return Err(OwiChangeError::Refused(told)),
            _ => return Err(OwiChangeError::Unclear(told)),
        }
        let json = answer.json();
        let now = json.as_ref().and_then(Account::from_json);
        let is_made = match (self, &now) {
            // All three versions answer so (measured).
            (Self::DeleteOwiUser { .. }, _) => json == Some(Value::Bool(true)),
            // 0.5.6 answers so for an id that it does not know.
            (Self::ApproveOwiUser { .. } | Self::SetOwiEmail { .. } | Self::SetOwiPassword { .. }, None)
                if json == Some(Value::Null) =>
            {
                return Err(OwiChangeError::Refused(format!("{told}: it knows no such user")));
            }
            (_, None) => false,
            (Self::ApproveOwiUser { id, .. }, Some(now)) => now.id == *id && now.role == APPROVED,
            (Self::SetOwiEmail { id, email, .. } | Self::SetOwiPassword { id, email }, Some(now)) => {
                now.id == *id && now.email == *email
            }
            (Self::CreateOwiUser { email, .. }, Some(now)) => now.email == *email,
        };
        if is_made { Ok(()) } else { Err(OwiChangeError::Unclear(format!("{told}, which is not what was asked for"))) }
    }
}

/// Sends the fields that change. If this version wants more fields, sends them as the server has them now.
async fn update(
    client: &OwiClient,
    admin: &Secret,
    id: &str,
    change: Value,
    email: &str,
) -> Result<Answer, OwiChangeError> {
    let answer = client.update_user(admin, id, change.clone()).await?;
    if answer.status != 422 {
        return Ok(answer);
    }
    whole_update(client, admin, id, change, email).await
}

/// Sends all fields, as the server has them now, with those that change. Every version accepts that. Where fields are
/// missing, the answer repeats those that were sent (measured), so a password is sent in this way only.
async fn whole_update(
    client: &OwiClient,
    admin: &Secret,
    id: &str,
    change: Value,
    email: &str,
) -> Result<Answer, OwiChangeError> {
    let now = client.user(admin, id).await?;
    let Some(Value::Object(now)) = now.json().filter(|_| now.status == 200) else {
        return Err(OwiChangeError::Refused(format!("{} answers {}", now.url, now.summary())));
    };
    let mut fields = json!({"email": email});
    // 0.5.6 shows no role here, and accepts none.
    let kept = ["name", "profile_image_url", "role"].into_iter().filter_map(|name| Some((name, now.get(name)?)));
    for (name, value) in kept.chain(change.as_object().into_iter().flatten().map(|(name, value)| (&**name, value))) {
        fields[name] = value.clone();
    }
    Ok(client.update_user(admin, id, fields).await?)
}

/// Why a change was not made, or may not have been.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OwiChangeError {
    /// The server was not even asked: nothing was changed.
    #[error("nothing was changed: {0}")]
    NotAsked(String),
    /// The server refused it: nothing was changed.
    #[error("refused by Open WebUI: {0}")]
    Refused(String),
    /// The server was asked, and it is not known whether it made the change.
    #[error("Open WebUI may or may not have done it: {0}")]
    Unclear(String),
}

impl From<Failure> for OwiChangeError {
    fn from(failure: Failure) -> Self {
        Self::Unclear(failure.to_string())
    }
}

impl fmt::Display for OwiChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let email = one_line(self.email());
        match self {
            Self::ApproveOwiUser { .. } => write!(f, "approve {email} in Open WebUI: role user instead of pending"),
            Self::SetOwiEmail { before, auth_before, .. } if before == auth_before => {
                write!(f, "change the e-mail of {} in Open WebUI to {email}", one_line(before))
            }
            Self::SetOwiEmail { before, auth_before, .. } => {
                write!(f, "store {email} in both tables of Open WebUI: user has {before:?}, auth has {auth_before:?}")
            }
            Self::SetOwiPassword { .. } => write!(f, "set a new password of {email} in Open WebUI"),
            Self::DeleteOwiUser { id, .. } => {
                write!(f, "delete the empty account {} of {email} in Open WebUI, for good", one_line(id))
            }
            Self::CreateOwiUser { name, .. } => write!(f, "create the Open WebUI account {email} ({})", one_line(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes() -> [OwiChange; 5] {
        let (id, email) = ("1".to_owned(), "a@x".to_owned());
        let before = "A@x".to_owned();
        [
            OwiChange::ApproveOwiUser { id: id.clone(), email: email.clone() },
            OwiChange::SetOwiEmail { id, email: email.clone(), before: before.clone(), auth_before: before },
            OwiChange::CreateOwiUser { email: email.clone(), name: "A".to_owned() },
            OwiChange::DeleteOwiUser { id: "1".to_owned(), email: email.clone() },
            OwiChange::SetOwiPassword { id: "1".to_owned(), email },
        ]
    }

    /// How each of them ends with this answer: done, refused or unclear.
    fn ends(status: u16, body: &str) -> String {
        let answer = Answer::of(status, body);
        let end = |change: OwiChange| match change.judge(&answer) {
            Ok(()) => 'd',
            Err(OwiChangeError::Refused(_)) => 'r',
            Err(OwiChangeError::Unclear(_) | OwiChangeError::NotAsked(_)) => 'u',
        };
        changes().map(end).into_iter().collect()
    }

    #[test]
    fn only_what_was_asked_for_is_done_and_only_a_server_refuses() {
        for (status, body, should) in [
            (200, r#"{"id": "1", "email": "a@x", "role": "user"}"#, "dddud"),
            (200, r#"{"id": "1", "email": "a@x", "role": "pending"}"#, "uddud"),
            (200, r#"{"id": "1", "email": "A@x", "role": "user"}"#, "duuuu"),
            (200, r#"{"id": "2", "email": "a@x", "role": "user"}"#, "uuduu"),
            (200, "true", "uuudu"),
            (200, "null", "rruur"),
            (200, "{}", "uuuuu"),
            (200, "", "uuuuu"),
            (200, "<!doctype html><title>Sign in</title>", "uuuuu"),
            (201, r#"{"id": "1", "email": "a@x", "role": "user"}"#, "uuuuu"),
            (204, "", "uuuuu"),
            (302, "", "uuuuu"),
            (400, r#"{"detail": "taken"}"#, "rrrrr"),
            (401, "", "rrrrr"),
            (408, "", "uuuuu"),
            (422, "", "rrrrr"),
            (502, "null", "uuuuu"),
        ] {
            assert_eq!(ends(status, body), should, "{status} {body}");
        }
    }
}
