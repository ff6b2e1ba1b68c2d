//! `check-user`.

use clap::Args;

use super::context::Context;
use super::exit::{Exit, exit_with};
use super::users::OneUser;
use super::verify_token::TokenSource;
use crate::checks::pair::{self, Claim, OwiSide};
use crate::checks::token_case::{TokenCase, TokenOrigin};
use crate::checks::{account, creator, tables};
use crate::email::Email;
use crate::email::near::NearMatch;
use crate::evidence::near;
use crate::findings::{CREATOR_MISSING, Effect, Hit, Severity};
use crate::lamb::Edition;
use crate::lamb::lookup;
use crate::render;
use crate::settings::SettingValue;
use crate::{messages, sqlite};

/// Show a creator as LAMB sees it
///
/// Exit codes: 0 if LAMB has a creator with exactly this e-mail. 1 if it has none, or a row that it cannot use. Other
/// spellings are listed.
///
/// With --with-owi, shows LAMB and Open WebUI side by side. Compares existence, spelling, active or disabled, and the
/// four places that can make a user an admin. If you pass a token, its role is one of them. Compares the password
/// hashes too, and never shows them. Exit codes: 0 if both have the user and the user can log in, 1 if not, 3 if
/// webui.db cannot be read.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lamb-auth check-user teacher@uni.example\n  lamb-auth check-user --email teacher@uni.example --with-owi"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    user: OneUser,
    /// Also show Open WebUI's side, and whether both agree
    #[arg(long)]
    with_owi: bool,
    #[command(flatten)]
    token: TokenSource,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    if arguments.with_owi {
        return both_sides(arguments, context);
    }
    if arguments.token.token_file.is_some() {
        return Err(exit_with(Exit::Usage, "--token-file needs --with-owi, which shows the role in the token"));
    }
    let email = arguments.user.email()?;
    let (path, schema, evidence, near) = sqlite::in_place(|| -> anyhow::Result<_> {
        let db = context.lamb()?;
        let evidence = db.at_once(|db| lookup::look_up(db, email))?;
        let is_unknown =
            evidence.creator.is_none() && evidence.other_spellings.is_empty() && evidence.unfound.is_none();
        let near = if is_unknown { near_on_both_sides(email, context) } else { Vec::new() };
        Ok((db.path().display().to_string(), db.schema().clone(), evidence, near))
    })?;
    let mut hits = tables::judge_tables(&path, &schema);
    let judged = creator::judge_creator(&evidence, schema.edition(), None, None, &path);
    // That there is none is what was asked, and no finding; nor is that it may be wanted.
    hits.extend(judged.into_iter().filter(|hit| hit.finding != &CREATOR_MISSING));
    let usable = evidence.creator.is_some() && !hits.iter().any(unusable);
    context.show(&render::creator(&evidence, usable, &hits, schema.edition(), &path, &near))?;
    Ok(if usable { Exit::Yes } else { Exit::No })
}

fn unusable(hit: &Hit) -> bool {
    hit.severity == Severity::Error && matches!(hit.effect, Effect::Refused | Effect::Crashes)
}

/// Addresses near one that is unknown. A side that cannot be read has none: they are only a hint.
pub(super) fn near_on_both_sides(email: &Email, context: &Context) -> Vec<NearMatch> {
    near(email, context.lamb().ok().as_ref(), context.owi_db().ok().as_ref())
}

fn both_sides(arguments: &Arguments, context: &Context) -> anyhow::Result<Exit> {
    let email = arguments.user.email()?;
    let token = arguments.token.read(&context.settings)?;
    let (path, schema, evidence, hash, owi, near) = sqlite::in_place(|| -> anyhow::Result<_> {
        let db = context.lamb()?;
        let (evidence, hash) = db.at_once(|db| Ok((lookup::gather(db, email)?, db.password_hash(email.as_str())?)))?;
        let owi = || -> anyhow::Result<_> {
            let owi = context.owi_db()?;
            Ok((owi.find(email)?, owi.has_lambs_columns()))
        };
        let owi = owi();
        let is_unknown = evidence.creator.is_none()
            && evidence.other_spellings.is_empty()
            && owi.as_ref().is_ok_and(|(matches, _)| matches.is_empty());
        let near = if is_unknown { near_on_both_sides(email, context) } else { Vec::new() };
        Ok((db.path().display().to_string(), db.schema().clone(), evidence, hash, owi, near))
    })?;
    let edition = schema.edition();
    let case = token.map(|(presented, by)| TokenCase::new(TokenOrigin::Given(by), presented, &context.settings));
    let claim = case.as_ref().and_then(|case| claim(case, email, edition));
    let owi_path = context.settings.owi_db()?.0.display().to_string();
    let owi_error = owi.as_ref().err().map(|error| format!("{error:#}")).unwrap_or_default();
    let mut hits = tables::judge_tables(&path, &schema);
    let role = claim.as_ref().filter(|claim| claim.believed).map(|claim| claim.role.as_str());
    let owi_role = owi.as_ref().ok().map(|(matches, _)| matches.exact.first().map(|user| user.role.as_str()));
    hits.extend(creator::judge_creator(&evidence, edition, owi_role, role, &path));
    let owi_admin = context.settings.get("OWI_ADMIN_EMAIL").map(SettingValue::text);
    creator::weigh_owi_admin(&mut hits, email, owi_admin, owi_role, edition);
    let usable = evidence.creator.is_some() && !hits.iter().any(unusable);
    if let Ok((matches, _)) = &owi {
        hits.extend(account::judge_user(email, matches, &owi_path, None));
    }
    let found = pair::judge(&pair::PairInput {
        lamb: &evidence,
        usable,
        edition,
        hash: hash.as_ref(),
        owi: owi.as_ref().ok().map(|(matches, columns)| OwiSide { matches, lambs_columns: *columns }),
        claim,
    });
    let side = owi.as_ref().map(|(matches, _)| matches).map_err(|_| owi_error.as_str());
    context.show(&render::pair(&evidence, usable, &hits, edition, &path, (side, &owi_path), (&found, &near)))?;
    Ok(match found.can_log_in {
        Some(true) => Exit::Yes,
        Some(false) => Exit::No,
        None => Exit::CouldNotTell,
    })
}

/// The role that a token of theirs claims. Only LAMB's own tokens claim one, and only a native LAMB believes it.
fn claim(case: &TokenCase, email: &Email, edition: Option<Edition>) -> Option<Claim> {
    let whose = case.inspection.claim("email")?;
    if whose != email.as_str() {
        messages::note(format_args!(
            "ignored the role in the token: the token belongs to {}, not to {email}",
            render::clean(whose)
        ));
        return None;
    }
    let believed = edition == Some(Edition::Native) && case.lamb_decodes(0);
    Some(Claim { role: case.inspection.claim("role")?.to_owned(), believed })
}
