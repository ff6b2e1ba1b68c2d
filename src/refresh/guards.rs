//! Guards against creating an account by accident.

use super::{Ready, RefreshError};
use crate::checks::sign_in;
use crate::findings::FixStep;
use crate::lamb::Edition;
use crate::owi::admin_token;
use crate::owi::api::answers::ServerInfo;
use crate::owi::api::sign_in_header::{KnownEmail, why_unsendable};
use crate::owi::api::users;
use crate::owi::file::db::OwiDb;
use crate::owi::same_file::{self, Identity};
use crate::owi::trusted_header;

impl Ready<'_> {
    /// Whether a login makes LAMB write what it should not.
    pub(super) async fn login_is_harmless(
        &self,
        info: Option<&ServerInfo>,
        lambs_columns: bool,
        db: Option<&OwiDb>,
    ) -> Result<(), RefreshError> {
        let forced = "--force lets LAMB log in all the same";
        let one_each = match db {
            Some(db) => db.forbids_second_email().unwrap_or(false),
            None => info.and_then(ServerInfo::release) >= Some((0, 12)),
        };
        if self.edition == Some(Edition::Native) && !lambs_columns && !one_each {
            let why = "each login makes this LAMB insert another admin into Open WebUI's database, whose columns it \
                       does not know (owi-schema-drift)";
            return Err(RefreshError::Guarded(format!("refused: {why}\n  {forced}")));
        }
        // LAMB sends the header for them, as it would for their browser.
        let Some(info) = info.filter(|info| info.trusted_header != Some(false)) else { return Ok(()) };
        if let Some(why) = self.creator.as_ref().and_then(sign_in::unsendable) {
            return match self.edition {
                Some(Edition::Native) => Ok(()),
                _ => Err(RefreshError::No(format!("LAMB's login has no token to give: {why}"))),
            };
        }
        if info.trusted_sign_in_makes_no_account() {
            return Ok(());
        }
        self.server_has_them(info).await.map(drop).map_err(|error| match error {
            RefreshError::Guarded(why) => RefreshError::Guarded(format!(
                "{why}: LAMB's login, which signs in to Open WebUI by the header, could make an account\n  {forced}"
            )),
            other => other,
        })
    }

    /// Whether the trusted header may be sent for them. Stricter than for the admin: that the server would refuse an
    /// unknown e-mail is not enough, it must be known to have this one.
    pub(super) async fn trusted_is_open(&self, info: &ServerInfo) -> Result<KnownEmail, RefreshError> {
        if info.trusted_header == Some(false) {
            let why = "trusted sign-in is off at this Open WebUI";
            return Err(RefreshError::No(format!("{why}\n  --by password, or --by login with a native LAMB")));
        }
        self.server_has_them(info).await.map_err(|error| match error {
            RefreshError::Guarded(why) => {
                RefreshError::Guarded(format!("{why}: trusted sign-in could make another account"))
            }
            other => other,
        })
    }

    /// That this very server finds the e-mail in exactly this spelling: it is in a `webui.db` that is the server's own, by
    /// a token of that account or by the server's admin API; or the API has it, and the server makes no account.
    async fn server_has_them(&self, info: &ServerInfo) -> Result<KnownEmail, RefreshError> {
        let email = self.email;
        let guarded = |why: String| RefreshError::Guarded(format!("refused: {why}"));
        let file = self.matches.as_ref();
        let prove = |identity| trusted_header::prove(email, info, file, identity).map_err(guarded);
        let in_file = file.and_then(|matches| matches.exact.first());
        if why_unsendable(email.as_str()).is_some() || !email.is_canonical() {
            return prove(Identity::Unknown);
        }
        if let Some(user) = in_file
            && same_file::by_user(self.settings, &self.owi, Some(info), user).await == Identity::Same
        {
            return prove(Identity::Same);
        }
        let admin = admin_token::token(self.settings, &self.owi, info, None, self.limits.lock_timeout).await;
        let found = match admin {
            Ok(admin) => users::find(&self.owi, &admin.token, email).await.map_err(|why| why.to_string()),
            Err(why) => Err(why),
        };
        let found = found.map_err(|why| guarded(format!("nothing proves that this Open WebUI has {email} ({why})")))?;
        let Some(account) = found.accounts.iter().find(|account| account.email == email.as_str()) else {
            let looked = FixStep::command(&["check-owi-user", "--email", email.as_str()]);
            let maybe = match found.unreadable_rows {
                0 => String::new(),
                rows => format!(" among those that it can show ({rows} it cannot)"),
            };
            return Err(guarded(format!("Open WebUI has no user {email}{maybe} ({})", looked.text())));
        };
        prove(if in_file.is_some_and(|user| user.id == account.id) { Identity::Same } else { Identity::Other })
    }
}
