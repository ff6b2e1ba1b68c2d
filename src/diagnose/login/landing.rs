//! The two ends of a login: the call, and the page that the browser goes to.

use super::LoginEvidence;
use super::account::{broken_link, hanging, if_right};
use super::creator::hits_of;
use crate::checks::server;
use crate::diagnose::request::judge_admin;
use crate::findings::{
    ASSISTANT_UNREADABLE, BOOTSTRAP_ADMIN, END_USER, Effect, FixStep, Hit, Judged, ORGANIZATION_CONFIG_BROKEN,
    ORGANIZATION_MISSING, ORGANIZATION_SUSPENDED, Outcome, ROLE_ELSEWHERE, ROLE_MISSING, Severity,
};
use crate::flow::{Earlier, Judgment};
use crate::lamb::model::Creator;

/// The browser's call, and what it makes LAMB write before anything else.
pub(super) fn judge_call(login: &LoginEvidence) -> Judged {
    let frontend = &login.shared.start.frontend;
    let judged = server::judge_backend(frontend).hits(judge_admin(&login.shared));
    // A native LAMB asks Open WebUI before it looks at the e-mail.
    if let (Ok(_), true, Some(hit)) = (frontend, login.is_native(), hanging(login)) {
        return judged.seen(Effect::Hangs.seen(None)).hits([hit]);
    }
    match frontend {
        Ok(answer) if answer.status == 200 => judged.seen("Login failed. Please check credentials."),
        Ok(_) => judged,
        Err(_) if login.is_native() => judged.seen("the browser's own words, such as Failed to fetch"),
        // The browser may reach LAMB by another address than LAMB reaches itself.
        Err(_) => judged.seen("server_error, or the browser's own words, such as Failed to fetch"),
    }
}

/// The page after the login.
pub(super) fn judge(login: &LoginEvidence, earlier: Earlier<'_>) -> Judged {
    let Some(creator) = login.creator() else {
        return match login.makes_its_admin() {
            true => Judged::instead(Outcome::Skipped, "LAMB makes this creator at the login"),
            false => earlier.blocked_by("login-creator"),
        };
    };
    let wanted = [
        &END_USER,
        &ORGANIZATION_CONFIG_BROKEN,
        &ORGANIZATION_MISSING,
        &ORGANIZATION_SUSPENDED,
        &ROLE_MISSING,
        &ROLE_ELSEWHERE,
        &ASSISTANT_UNREADABLE,
    ];
    let mut hits = hits_of(login, &wanted);
    let is_admin = Some(creator.email.as_str()) == login.shared.base.owi_admin.as_deref();
    let role = creator.native.as_ref().filter(|_| login.is_native()).map(|native| native.system_role.as_str());
    if let (true, Some(role)) = (is_admin, role.filter(|role| *role != "admin")) {
        let detail = format!("{} is OWI_ADMIN_EMAIL, and has the role {role} in LAMB", creator.email);
        let fix = "restart LAMB's backend: at its start it gives OWI_ADMIN_EMAIL the role admin";
        let hit = Hit::new(&BOOTSTRAP_ADMIN, detail).severity(Severity::Warning, Effect::Nothing);
        hits.push(hit.fixed_by([FixStep::advice(fix)]));
    }
    let page = if creator.is_end_user() { "the chat of Open WebUI, at once" } else { "LAMB's own pages" };
    Judged::note(page).hits(hits)
}

/// What the user sees where no step fails.
pub(super) fn seen(login: &LoginEvidence, judged: &Judgment) -> Option<String> {
    let knows = |id: &str| judged.get(id).is_some_and(Judged::lets_pass);
    if !["login-creator", "login-password", "login-token"].into_iter().all(knows) {
        return None;
    }
    let is_end_user = login.creator().is_some_and(Creator::is_end_user);
    Some(match (is_end_user, broken_link(login)) {
        (false, None) => format!("LAMB's pages{}", if_right(login)),
        (false, Some(link)) => {
            let (right, what) = (if_right(login), link.launch_url);
            format!("LAMB's pages{right}; the link to Open WebUI does not work (launch_url {what})")
        }
        (true, None) => format!("the chat of Open WebUI{}", if_right(login)),
        (true, Some(link)) => link.seen(login),
    })
}
