//! The sign-in itself, and what its answer means.

use super::{Fresh, Ready, RefreshError, Way};
use crate::checks::token::Verdict;
use crate::findings::WRONG_SECRET;
use crate::http::{Answer, Failure};
use crate::lamb::Edition;
use crate::lamb::backend::Login;
use crate::owi::api::answers::{SessionAnswer, SignIn};
use crate::secret::Secret;
use crate::sqlite::value::PasswordHash;
use crate::token::inspect::Signature;
use crate::token::presented::Presented;
use crate::verify::{Audience, TokenReport, VerifyRequest, verify};

impl Ready<'_> {
    /// Signs in, and judges the token. `password` where the way takes one.
    ///
    /// # Errors
    /// [`RefreshError`]; no token that came is handed out then.
    pub(crate) async fn take(mut self, password: Option<&Secret>) -> Result<Fresh, RefreshError> {
        let empty = Secret::default();
        let password = password.unwrap_or(&empty);
        let token = match self.way {
            Way::Login => self.by_login(password).await?,
            Way::Password => self.by_owi(&self.owi.password_sign_in(self.email.as_str(), password).await)?,
            Way::Trusted => {
                let Some(known) = &self.known else {
                    return Err(RefreshError::Guarded("nothing proves that Open WebUI has the account".to_owned()));
                };
                self.by_owi(&self.owi.trusted_sign_in(known).await)?
            }
        };
        let report = self.judge(&token).await?;
        let role = match &report.open_webui {
            Some(SessionAnswer::Accepted(account)) => Some(account.role.as_str()),
            _ => self.in_file().map(|user| user.role.as_str()),
        };
        if role == Some("pending") {
            self.notes.push(format!(
                "{} waits for an admin's approval in Open WebUI: LAMB's pages open, the chat does not",
                self.email
            ));
        }
        Ok(Fresh { token, way: self.way, report, notes: self.notes })
    }

    async fn by_login(&mut self, password: &Secret) -> Result<Secret, RefreshError> {
        let Some(backend) = &self.backend else {
            return Err(RefreshError::OutOfReach("LAMB's address is not known".to_owned()));
        };
        match Login::read(&backend.login(self.email.as_str(), password).await) {
            Login::Token { token, opens_chat } => {
                if !opens_chat {
                    let why = self.owi_reason().map(|why| format!(" ({why})")).unwrap_or_default();
                    self.notes.push(format!("LAMB got no token of Open WebUI for them: the chat will not open{why}"));
                } else if self.matches.as_ref().is_some_and(|matches| matches.exact.is_empty()) {
                    self.notes.push("Open WebUI had no such user: LAMB's login made the account".to_owned());
                }
                Ok(token)
            }
            Login::NoToken => Err(RefreshError::No(format!(
                "LAMB took the password, but could get no token of Open WebUI{}\n  lamb-auth diagnose names the step",
                self.owi_reason().map(|why| format!(": {why}")).unwrap_or_default()
            ))),
            Login::Refused(words) => {
                let why = self.login_reason();
                Err(RefreshError::No(format!("LAMB refuses the login ({words:?}): {why}")))
            }
            Login::TooMany(after) => Err(too_many("LAMB", after)),
            Login::Failed(why) => Err(RefreshError::OutOfReach(why)),
        }
    }

    fn by_owi(&self, answer: &Result<Answer, Failure>) -> Result<Secret, RefreshError> {
        if let Ok(answer) = answer
            && answer.status == 429
        {
            return Err(too_many("Open WebUI", answer.retry_after));
        }
        match SignIn::read(answer) {
            SignIn::Token(token, account) if account.email == self.email.as_str() => Ok(token),
            // In lower case, which LAMB would not find; or a proxy's header for another user.
            SignIn::Token(_, account) if self.email.same_address(&account.email) => Err(RefreshError::No(format!(
                "Open WebUI spells them {:?}, not {:?}: LAMB would not find its creator by this token",
                account.email,
                self.email.as_str()
            ))),
            SignIn::Token(_, account) => {
                Err(RefreshError::No(format!("Open WebUI signed in {} instead of {}", account.email, self.email)))
            }
            SignIn::HeaderRenamed => Err(RefreshError::No(match self.way {
                Way::Trusted => "Open WebUI wants a trusted header of another name than X-User-Email, LAMB's\n  \
                                 lamb-auth explain trusted-header-off"
                    .to_owned(),
                _ => "Open WebUI takes no password here: it wants the trusted header\n  --by trusted".to_owned(),
            })),
            SignIn::Refused(words) => {
                let by_password = self.way == Way::Password;
                let unknown = if by_password { "the password is not theirs, as far as can be seen" } else { "" };
                let why = self.owi_reason().unwrap_or_else(|| unknown.to_owned());
                let why = if why.is_empty() { why } else { format!(": {why}") };
                Err(RefreshError::No(format!("Open WebUI refuses {} ({words:?}){why}", self.way)))
            }
            SignIn::Failed(why) => Err(RefreshError::OutOfReach(format!("{} failed: {why}", self.way))),
        }
    }

    /// The same judge as `verify-token`'s. What it calls bad is not handed out.
    async fn judge(&mut self, token: &Secret) -> Result<TokenReport, RefreshError> {
        let request = VerifyRequest {
            presented: Presented::bare(token.clone()),
            by: self.way.to_string(),
            audience: Audience::Lamb,
            email: Some(self.email.clone()),
            offline: false,
        };
        let report = verify(self.settings, self.limits, request).await?;
        let native = self.edition == Some(Edition::Native);
        let unknown = matches!(report.token.signature, Signature::UnknownSecret);
        match report.judged.verdict {
            Verdict::Valid => {}
            Verdict::CouldNotTell => {
                self.notes.push(format!("whether LAMB takes it could not be told: {}", report.judged.reason));
            }
            // LAMB itself has just issued it.
            verdict if verdict.is(&WRONG_SECRET) && self.way == Way::Login && native && unknown => {
                self.notes.push("LAMB's secret is not at hand here: verify-token will not know the token".to_owned());
            }
            verdict => {
                let reason = &report.judged.reason;
                let message = format!("a token came, and this LAMB does not take it ({}): {reason}", verdict.id());
                return Err(RefreshError::No(format!("{message}\n  lamb-auth explain {}", verdict.id())));
            }
        }
        Ok(report)
    }

    fn in_file(&self) -> Option<&crate::owi::file::db::OwiUser> {
        self.matches.as_ref()?.exact.first()
    }

    /// Why Open WebUI may refuse them, by `webui.db`; `None` where that has no reason or is not at hand.
    fn owi_reason(&self) -> Option<String> {
        let matches = self.matches.as_ref()?;
        let Some(user) = matches.exact.first() else {
            return Some(match matches.other_spellings.first() {
                Some(other) => format!("webui.db spells them {:?}", other.email.as_str()),
                None => "webui.db has no such user".to_owned(),
            });
        };
        if let Some(why) = user.halves_disagree() {
            return Some(format!("the account is half, {why}"));
        }
        let auth = user.auth.as_ref()?;
        if !auth.active {
            return Some("the account is switched off in Open WebUI (auth.active is 0)".to_owned());
        }
        if self.way.takes_password() && auth.password_hash != PasswordHash::Sound {
            return Some("webui.db has no sound password hash for them: no password fits".to_owned());
        }
        (!user.unreadable.is_empty()).then(|| format!("the row cannot be read: {}", user.unreadable.join("; ")))
    }

    /// Why LAMB may refuse their login.
    fn login_reason(&self) -> String {
        let native = self.creator.as_ref().and_then(|creator| creator.native.as_ref());
        let own = match native {
            Some(native) if native.is_from_lms() => {
                Some("they come in through the LMS, and have no password of their own".to_owned())
            }
            Some(native) if native.password_hash == PasswordHash::Unsound => {
                Some("LAMB's password_hash of them is not bcrypt: no password fits".to_owned())
            }
            // It has the password to itself.
            Some(native) if native.password_hash == PasswordHash::Sound => None,
            _ => self.owi_reason(),
        };
        own.unwrap_or_else(|| "the password is not theirs, as far as can be seen".to_owned())
    }
}

fn too_many(who: &str, after: Option<u64>) -> RefreshError {
    let later = after.map_or_else(|| "later".to_owned(), |seconds| format!("in {seconds} s"));
    RefreshError::OutOfReach(format!("{who} answers 429: too many sign-ins; try again {later}"))
}
