//! Whether a creator's e-mail and name let them log in at all: LAMB's login checks the e-mail, and both go to Open WebUI
//! in two headers.

use crate::email::{self, Email};
use crate::findings::{EMAIL_INVALID, EMAIL_SPELLING, Effect, FixStep, HEADER_UNSENDABLE, Hit, Severity};
use crate::lamb::Edition;
use crate::lamb::model::Creator;
use crate::owi::api::sign_in_header::why_unsendable;

/// What of this creator fits into no header, in a sentence; `None` where LAMB can send both.
pub(crate) fn unsendable(creator: &Creator) -> Option<String> {
    let email = creator.email.as_str();
    let problem = |what: &str, text: &str| why_unsendable(text).map(|why| format!("the {what} {text:?}: {why}"));
    let what = problem("e-mail", email).or_else(|| problem("name", &creator.name))?;
    Some(format!("LAMB cannot put {what}"))
}

/// The command that gives a creator another e-mail; `None` where no creator should have it.
pub(crate) fn rename(stored: &str, new: &str) -> Option<FixStep> {
    let is_fit = email::unfit(new).is_none() && Email::stored(new).is_canonical();
    is_fit.then(|| FixStep::command(&["update-creator", "--email", stored, "--rename", new]))
}

/// The same on both servers, where a person must choose the e-mail.
fn rename_by_choice(stored: &str) -> FixStep {
    FixStep::command(&["update-creator", "--email", stored, "--rename", "NEW"]).switched(&["--owi-too"])
}

/// What stops the creator's login, or their sign-in to Open WebUI.
pub(crate) fn judge(creator: &Creator, edition: Option<Edition>) -> Vec<Hit> {
    // What LAMB cannot read is not known here either.
    if !creator.unreadable.is_empty() {
        return Vec::new();
    }
    let hit = unsendable(creator).map(|why| Hit::new(&HEADER_UNSENDABLE, why).fixed_by(fix_of_unsendable(creator)));
    match edition {
        // A native LAMB logs this creator in, but cannot open the chat for them.
        Some(Edition::Native) => {
            hit.map(|hit| hit.severity(Severity::Warning, HEADER_UNSENDABLE.effect)).into_iter().collect()
        }
        Some(Edition::Delegated) => hit.into_iter().chain(refused_at_login(&creator.email)).collect(),
        None => hit.into_iter().collect(),
    }
}

/// LAMB's own command, for the name or for the e-mail.
fn fix_of_unsendable(creator: &Creator) -> Vec<FixStep> {
    let email = creator.email.as_str();
    if why_unsendable(email).is_none() {
        return vec![FixStep::command(&["update-creator", "--email", email, "--name", "NAME"])];
    }
    vec![rename_by_choice(email)]
}

/// A delegated LAMB looks for what its check of e-mails makes of a typed one. Where that is not the stored one, no login
/// works, whatever is typed.
fn refused_at_login(email: &Email) -> Option<Hit> {
    let stored = email.as_str();
    if let Some(why) = email::unfit_for_login(stored) {
        let detail = format!("LAMB's login does not accept {stored:?} as an e-mail: {why}");
        return Some(Hit::new(&EMAIL_INVALID, detail).fixed_by([rename_by_choice(stored)]));
    }
    let read = email.as_delegated_login();
    (read != stored).then(|| {
        let detail = format!("LAMB's login changes {stored:?} to {read:?}, and finds no creator with that");
        let hit = Hit::new(&EMAIL_SPELLING, detail).severity(Severity::Error, Effect::Login);
        match rename(stored, &Email::stored(read).canonical()) {
            Some(command) => hit.fixed_by([command.switched(&["--owi-too"])]),
            None => hit,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All typed into the login of a real delegated LAMB, with a creator of this e-mail.
    #[test]
    fn the_login_of_a_delegated_lamb_accepts_what_is_an_address() {
        for accepted in [
            "a@campus.edu",
            "a+b/c=d@campus.edu",
            "a@campus.example",
            "a@campus.internal",
            "a@campüs.edu",
            "a@sandbox.test",
        ] {
            assert_eq!(refused_at_login(&Email::stored(accepted)), None, "{accepted}");
        }
        let refused = "alice|@campus.edu|a@b@campus.edu|a..b@campus.edu|.a@campus.edu|a.@campus.edu|a b@campus.edu|\
                       a\"b@campus.edu|a(b@campus.edu|a@campus_x.edu|a@-campus.edu|a@campus.local|a@localhost|\
                       a@campus.edu.|a@[1.2.3.4]|a@campus.1|a@campus.invalid|a@campus.onion|a@b.arpa|a@sub.localhost|a@campus.test|a@test|a@xsandbox.test|\
                       a@campus..edu|al\u{200b}ice@campus.edu|al\u{ad}ice@campus.edu|al\u{a0}ice@campus.edu";
        for refused in refused.split('|') {
            let hit = refused_at_login(&Email::stored(refused));
            assert_eq!(hit.map(|hit| hit.finding.id), Some("email-invalid"), "{refused:?}");
        }
        for changed in ["a@Campus.edu", " a@campus.edu", "jose\u{301}@campus.edu"] {
            let hit = refused_at_login(&Email::stored(changed));
            assert_eq!(hit.map(|hit| hit.finding.id), Some("email-spelling"), "{changed:?}");
        }
    }
}
