//! The guards of the real request: it must not freeze the backend, make LAMB write, or put a user's token in a log.

use super::side_effects;
use crate::checks::token_case::TokenCase;
use crate::evidence::Evidence;
use crate::lamb::Edition;
use crate::owi::api::answers::SessionAnswer;
use crate::owi::file::db::OwiDb;
use crate::token::inspect::TokenKind;

/// The secret that only LAMB has; without it, LAMB takes one of Open WebUI's settings.
const LAMB_JWT_SECRET: &str = "LAMB_JWT_SECRET";

/// What bears on whether the real request may be made.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReplayCase<'a> {
    /// Who issues tokens here.
    pub(super) edition: Option<Edition>,
    /// True where LAMB's secret, as far as is known, decodes the token.
    pub(super) lamb_decodes: bool,
    /// True where nothing says LAMB's secret, and the built-in one was taken for it.
    pub(super) secret_is_guess: bool,
    /// True for a test token: no user's session may end up in a log.
    pub(super) is_test_token: bool,
    /// Open WebUI's answer to this token.
    pub(super) answer: Option<&'a SessionAnswer>,
    /// True where Open WebUI answered anything in time.
    pub(super) owi_answers: bool,
    /// True where `webui.db` has the columns that LAMB's own reader copes with.
    pub(super) owi_has_lambs_columns: bool,
    /// True where LAMB would insert its admin into `webui.db` when it turns to Open WebUI.
    pub(super) inserts_admin: bool,
    /// True where a native LAMB would copy a password hash from `webui.db`.
    pub(super) copies_hashes: bool,
    /// True where Open WebUI was slow to answer just now.
    pub(super) waits: bool,
    /// True where only LAMB can tell whether the token is its own: its secret is not at hand.
    pub(super) only_lamb_can_tell: bool,
}

impl<'a> ReplayCase<'a> {
    /// What bears on it here.
    pub(super) fn of(evidence: &'a Evidence, case: &TokenCase) -> Self {
        let start = &evidence.start;
        let only_lamb_can_tell = only_lamb_can_tell(evidence);
        Self {
            edition: start.edition,
            lamb_decodes: start.lamb_decodes(case) && !only_lamb_can_tell,
            secret_is_guess: evidence.base.lamb_secret_is_guess,
            is_test_token: case.is_test_token(),
            answer: evidence.answer(),
            owi_answers: evidence.info().is_some(),
            owi_has_lambs_columns: start.owi.as_ref().is_ok_and(OwiDb::has_lambs_columns),
            inserts_admin: side_effects::inserts_admin(evidence),
            copies_hashes: side_effects::copies_hashes(evidence),
            waits: side_effects::waits(evidence),
            only_lamb_can_tell,
        }
    }
}

/// Whether the real request may be made with this token: it must not freeze the backend, make LAMB write, or put
/// the token in a log (all measured).
///
/// # Errors
/// The reason why not.
pub(super) fn may_replay(case: ReplayCase<'_>) -> Result<(), &'static str> {
    let taken = matches!(case.answer, Some(SessionAnswer::Accepted(_) | SessionAnswer::NoEmail));
    let refused = case.answer.is_some_and(SessionAnswer::is_an_answer) && !taken;
    let log = "Open WebUI refuses this token, and LAMB would write it into its log";
    let freeze = "nothing shows that Open WebUI answers this token in time, and the request could freeze the backend's whole worker";
    let wait = "Open WebUI was slow to answer just now, and the request would block the backend's whole worker as long";
    match case.edition {
        None => Err("the edition is unknown, and so is the effect of the request"),
        Some(Edition::Native) if case.copies_hashes => Err(
            "LAMB would copy a missing password hash from Open WebUI; the next page that a user opens does that, too",
        ),
        Some(Edition::Delegated) if taken && case.waits => Err(wait),
        Some(Edition::Delegated) if taken => Ok(()),
        Some(Edition::Delegated) if refused => Err(log),
        Some(Edition::Delegated) => Err(freeze),
        Some(Edition::Native) if case.lamb_decodes && !case.secret_is_guess => Ok(()),
        // From here on LAMB may turn to Open WebUI about it.
        Some(Edition::Native) if !case.owi_answers => Err(freeze),
        Some(Edition::Native) if case.waits => Err(wait),
        Some(Edition::Native) if case.inserts_admin => {
            Err("LAMB would insert OWI_ADMIN_EMAIL into Open WebUI's database, which is not known to have it")
        }
        Some(Edition::Native) if !case.owi_has_lambs_columns => {
            Err("LAMB would read Open WebUI's database, whose columns it does not know, and may insert admins")
        }
        Some(Edition::Native) if taken || (case.lamb_decodes && case.is_test_token) => Ok(()),
        // If LAMB refuses the token, it stands in LAMB's log already, by the browser's own request.
        Some(Edition::Native) if case.only_lamb_can_tell => Ok(()),
        Some(Edition::Native) => Err(log),
    }
}

/// True where a native LAMB was given a token that only LAMB itself can tell to be its own: no secret at hand that is
/// said to be LAMB's signed it. Or it is Open WebUI's, and signed with the secret that LAMB has only if it has no other.
pub(super) fn only_lamb_can_tell(evidence: &Evidence) -> bool {
    let is_unknown = |case: &TokenCase| match case.inspection.kind {
        TokenKind::Lamb => !case.lamb_signed,
        TokenKind::OpenWebUi => case.lamb_signed && evidence.base.lamb_secret != LAMB_JWT_SECRET,
        _ => false,
    };
    let is_native = evidence.start.edition == Some(Edition::Native);
    is_native && evidence.case().is_some_and(|case| !case.is_test_token() && is_unknown(case))
}

/// Why a native LAMB must not be made to turn to Open WebUI: without the row of its admin there, it inserts one.
///
/// # Errors
/// The reason.
pub(super) fn may_fall_back(evidence: &Evidence) -> Result<(), &'static str> {
    if side_effects::inserts_admin(evidence) {
        return Err("LAMB would ask Open WebUI, and may insert its admin: OWI_ADMIN_EMAIL has no row in webui.db");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::owi::api::answers::Account;

    #[test]
    fn a_replay_is_made_only_where_it_is_harmless() {
        let taken = SessionAnswer::Accepted(Account {
            id: "u".into(),
            email: "a@b".into(),
            name: String::new(),
            role: "user".into(),
            last_active_at: None,
        });
        let none = ReplayCase {
            edition: Some(Edition::Delegated),
            lamb_decodes: false,
            secret_is_guess: false,
            is_test_token: false,
            answer: None,
            owi_answers: true,
            owi_has_lambs_columns: true,
            inserts_admin: false,
            copies_hashes: false,
            waits: false,
            only_lamb_can_tell: false,
        };
        let (taken, gone) = (Some(&taken), Some(&SessionAnswer::RowNotHad));
        let native = ReplayCase { edition: Some(Edition::Native), ..none };
        let decoded = ReplayCase { lamb_decodes: true, ..native };
        let guess = ReplayCase { secret_is_guess: true, is_test_token: true, ..decoded };
        let table = [
            (ReplayCase { answer: taken, ..none }, true),
            (ReplayCase { answer: gone, ..none }, false),
            (none, false),
            (decoded, true),
            (ReplayCase { owi_answers: false, owi_has_lambs_columns: false, ..decoded }, true),
            (guess, true),
            (ReplayCase { is_test_token: false, ..guess }, false),
            (ReplayCase { owi_answers: false, ..guess }, false),
            (ReplayCase { owi_has_lambs_columns: false, ..guess }, false),
            (ReplayCase { answer: taken, ..native }, true),
            (ReplayCase { answer: taken, owi_has_lambs_columns: false, ..native }, false),
            (ReplayCase { answer: gone, ..native }, false),
            (native, false),
            (ReplayCase { only_lamb_can_tell: true, ..native }, true),
            (ReplayCase { only_lamb_can_tell: true, owi_answers: false, ..native }, false),
            (ReplayCase { only_lamb_can_tell: true, owi_has_lambs_columns: false, ..native }, false),
            (ReplayCase { inserts_admin: true, answer: taken, ..native }, false),
            (ReplayCase { inserts_admin: true, ..guess }, false),
            (ReplayCase { inserts_admin: true, ..decoded }, true),
            (ReplayCase { inserts_admin: true, answer: taken, ..none }, true),
            (ReplayCase { copies_hashes: true, ..decoded }, false),
            (ReplayCase { copies_hashes: true, answer: taken, ..native }, false),
            (ReplayCase { waits: true, answer: taken, ..none }, false),
            (ReplayCase { waits: true, answer: taken, ..native }, false),
            (ReplayCase { waits: true, ..decoded }, true),
            (ReplayCase { edition: None, answer: taken, ..decoded }, false),
        ];
        for (case, allowed) in table {
            let found = may_replay(case);
            assert_eq!(found.is_ok(), allowed, "{case:?}: {found:?}");
        }
        // Where Open WebUI was not asked, it is not said to have given no answer.
        assert!(!may_replay(none).unwrap_err().contains("gave no answer"));
    }
}
