//! What the program said of a state, held against what is true of it. The rules are in `README.md`.

use serde_json::Value;

use super::row::{Effect, Row};

/// One run of `diagnose`, with the browser's token or without any.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) exit: i32,
    pub(super) json: Option<Value>,
}

impl Said {
    pub(super) fn finding(&self) -> Option<&str> {
        self.json.as_ref()?["finding"].as_str()
    }

    /// The ids of everything found, warnings too.
    pub(super) fn all(&self) -> Vec<&str> {
        let steps = self.json.as_ref().and_then(|json| json["steps"].as_array());
        let findings = steps.into_iter().flatten().filter_map(|step| step["findings"].as_array()).flatten();
        findings.filter_map(|finding| finding["id"].as_str()).collect()
    }

    pub(super) fn user_sees(&self) -> Option<&str> {
        self.json.as_ref()?["user_sees"].as_str()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    Agree,
    /// No fault: a "no" for a cause that stops every new login, while this very token still works.
    Stricter,
    CouldNotTell,
    CauseMissed,
    WrongCause,
    FalseAlarm,
    /// Healthy, where LAMB refuses.
    Dangerous,
}

impl Verdict {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Agree => "agree",
            Self::Stricter => "stricter",
            Self::CouldNotTell => "could not tell",
            Self::CauseMissed => "cause missed",
            Self::WrongCause => "wrong cause",
            Self::FalseAlarm => "false alarm",
            Self::Dangerous => "dangerous",
        }
    }

    pub(super) fn is_right(self) -> bool {
        self <= Self::Stricter
    }
}

/// Which of the two runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Run {
    WithToken,
    Without,
}

/// Ids that name a cause where nobody has shown a token: without one, a user who is gone is a user who is missing.
fn also_without(cause: &str) -> &'static [&'static str] {
    match cause {
        "owi-user-gone" => &["owi-user-missing", "owi-user-half", "user-unknown"],
        "email-missing" => &["owi-user-missing"],
        _ => &[],
    }
}

/// What says that LAMB's answer is not understood.
const UNEXPLAINED: [&str; 2] = ["unexplained", "answer-differs"];

/// True for a finding that stops every new login, also where no login was asked when the state was measured.
fn stops_logins(row: &Row, finding: &str) -> bool {
    match finding {
        "owi-schema-drift" => row.owi_version.is_some() && !row.is_native(),
        "password-missing" => row.is_native() && row.causes().contains(&finding),
        "other-user" => row.causes().contains(&finding),
        // No user is stored as the operator typed it.
        "email-spelling" => row.email.is_some() && row.causes().contains(&finding),
        _ => false,
    }
}

/// True where LAMB gives this run's token no data.
fn is_refused(row: &Row, run: Run) -> bool {
    let by_effect = matches!(row.effect, Effect::Refused | Effect::Crashes | Effect::Hangs);
    match (run, row.lamb_fresh) {
        (Run::WithToken, _) | (Run::Without, None) => by_effect,
        // A 200 that something else than LAMB gave is no data, whatever token is sent.
        (Run::Without, Some(200)) => by_effect && row.lamb.status == Some(200),
        (Run::Without, Some(_)) => true,
    }
}

pub(super) fn verdict(row: &Row, run: Run, said: &Said) -> Verdict {
    let mut causes = row.causes();
    if run == Run::Without {
        causes.extend(also_without(&row.cause));
    }
    let names_it = |id: &str| causes.contains(&id);
    let finding = said.finding();
    let any = said.all().into_iter().chain(finding).any(names_it);
    let refused = is_refused(row, run);
    if row.exit == Some(said.exit) {
        return Verdict::Agree;
    }
    if row.hidden.is_some() {
        let is_honest = said.exit != 0 || !refused;
        return if is_honest && finding.is_none_or(|id| UNEXPLAINED.contains(&id) || names_it(id)) {
            Verdict::Agree
        } else {
            Verdict::WrongCause
        };
    }
    if row.only.as_deref() == Some("tool") {
        return match said.exit {
            0 => Verdict::Agree,
            3 if any || row.cause.is_empty() => Verdict::Agree,
            3 => Verdict::CouldNotTell,
            _ if any => Verdict::Agree,
            _ => Verdict::FalseAlarm,
        };
    }
    // What the tool's token file holds is here about its own form, not about what a browser sends.
    if run == Run::WithToken && (row.token_file.is_some() || row.name == "header: raw token") {
        let is_about_form = finding.is_none_or(|id| id == "malformed" || names_it(id));
        return if said.exit <= 1 && is_about_form { Verdict::Agree } else { Verdict::FalseAlarm };
    }
    let login_fails = row.login.as_deref().is_some_and(|login| login != "ok") || row.login_launch.is_some();
    match said.exit {
        // Without a token, and with no way to make one, there is nothing to be told.
        3 if run == Run::Without && !refused => Verdict::Agree,
        3 if refused && finding.is_some() && row.tool_uid.is_some() => Verdict::Agree,
        3 => Verdict::CouldNotTell,
        0 if refused => Verdict::Dangerous,
        0 if row.effect == Effect::Login && !row.cause.is_empty() && !any => Verdict::CauseMissed,
        0 => Verdict::Agree,
        _ if refused => match finding {
            None | Some("unexplained") => Verdict::CauseMissed,
            Some(_) if row.cause == "no-id-yet" && causes.is_empty() => Verdict::CauseMissed,
            Some(id) if names_it(id) => Verdict::Agree,
            Some(_) => Verdict::WrongCause,
        },
        _ => match finding {
            Some(id) if names_it(id) && (login_fails || row.effect == Effect::Login) => Verdict::Stricter,
            Some(id) if stops_logins(row, id) => Verdict::Stricter,
            _ if login_fails && row.effect == Effect::Login => Verdict::WrongCause,
            _ => Verdict::FalseAlarm,
        },
    }
}

/// What is wrong with "user sees": another status than the one that LAMB answers, or none where it refuses.
pub(super) fn user_sees(row: &Row, run: Run, said: &Said) -> Option<String> {
    let is_about_form = row.token_file.is_some() || row.name == "header: raw token";
    if row.only.is_some() || is_about_form || row.hidden.is_some() || said.exit > 1 {
        return None;
    }
    let (status, is_known) = match run {
        Run::WithToken => (row.lamb.status, true),
        Run::Without => (row.lamb_fresh, row.lamb_fresh.is_some()),
    };
    if !is_known {
        return None;
    }
    let told = said.user_sees().and_then(status_in);
    match (said.user_sees(), told, status) {
        (_, Some(told), Some(status)) if told != status => Some(format!("it says {told}, LAMB answers {status}")),
        (_, Some(told), None) => Some(format!("it says {told}, LAMB gives no answer")),
        (None, _, _) if said.exit == 1 && is_refused(row, run) => Some("it says nothing, LAMB refuses".to_owned()),
        _ => None,
    }
}

/// What is wrong with what the flow `login` predicts: another end than LAMB's login had, or another sentence.
pub(super) fn login(row: &Row, wanted: &str, said: &Said) -> Option<String> {
    let (step, finding) = (said.json.as_ref()?["first_failing_step"].as_str(), said.finding().unwrap_or("nothing"));
    // Where the program may read less than LAMB, or refuses a setting, it says so.
    let is_honest =
        (said.exit == 3 && (row.tool_uid.is_some() || finding == "lamb-db-garbage")) || row.exit == Some(said.exit);
    if row.only.is_some() || row.hidden.is_some() || is_honest {
        return None;
    }
    let sees = said.user_sees().unwrap_or("nothing");
    // After these, LAMB's login has answered.
    let is_later = step.is_none_or(|step| matches!(step, "login-hand-off" | "login-landing"));
    let told = format!("exit {}, {} ({finding}), {sees:?}; LAMB {wanted:?}", said.exit, step.unwrap_or("no step"));
    let is_right = match (wanted, said.exit) {
        ("ok", 1) if finding == "other-account" => sees.contains("as another user"),
        (status, 1) if status.parse::<u16>().is_ok() => step == Some("login-call"),
        ("ok", _) if row.login_launch.is_some() => is_later && said.exit != 3 && sees.contains("token=None"),
        ("ok", _) => is_later && said.exit != 3 && !sees.contains("token=None"),
        (no_answer, _) if no_answer.starts_with("no answer") => said.exit != 0,
        (invalid, 1) if invalid.starts_with("value_error") => sees == "[object Object]",
        (error, 1) => !is_later && sees.contains(error),
        _ => false,
    };
    (!is_right).then_some(told)
}

/// The first number of three digits that can be a status.
fn status_in(text: &str) -> Option<u16> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.filter(|word| word.len() == 3).filter_map(|word| word.parse().ok()).find(|status| (200..600).contains(status))
}

#[test]
fn a_status_is_found_in_words() {
    assert_eq!(status_in(r#""Invalid" (401) on /assistants"#), Some(401));
    assert_eq!(status_in("nothing: the page loads (200)"), Some(200));
    assert_eq!(status_in("the page of 1000 users waits"), None);
}
