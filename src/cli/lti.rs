//! What `diagnose --flow lti` is asked about.

use clap::Args;

use super::exit::{Exit, exit_with};
use crate::diagnose::lti::{KeyRequest, LtiRequest, WhichKey};
use crate::email::Email;
use crate::lamb::lti_people::AskedFor;

/// The flags of launches from an LMS.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Launches from an LMS (--flow lti)")]
pub(super) struct LtiArguments {
    /// The user's id in the LMS
    #[arg(long, hide_short_help = true, value_name = "ID", conflicts_with_all = ["global_key", "old_key"])]
    lms_user: Option<String>,
    /// The organization of the user; without --lms-user, the organization whose key is checked
    #[arg(long, hide_short_help = true, value_name = "SLUG", conflicts_with_all = ["global_key", "old_key"])]
    org: Option<String>,
    /// Check the key of all activities
    #[arg(long, hide_short_help = true, conflicts_with = "old_key")]
    global_key: bool,
    /// Check the secret of published assistants (LTI_SECRET)
    #[arg(long, hide_short_help = true)]
    old_key: bool,
    /// The address that browsers use for LAMB
    ///
    /// Without it, LAMB_PUBLIC_BASE_URL.
    #[arg(long, hide_short_help = true, value_name = "URL", value_parser = url)]
    public_url: Option<String>,
    /// Send a signed launch that writes nothing
    ///
    /// lamb-auth signs it as an LMS does and sends it to the backend and to the public address. It names no user or no
    /// assistant, so LAMB checks the signature and stops. Without this flag, lamb-auth shows what it would send.
    #[arg(long, hide_short_help = true)]
    send_launch: bool,
}

fn url(text: &str) -> Result<String, String> {
    let url = reqwest::Url::parse(text).map_err(|error| format!("is not a URL: {error}"))?;
    let is_plain = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
    match is_plain && url.query().is_none() && url.fragment().is_none() {
        true => Ok(text.trim_end_matches('/').to_owned()),
        false => Err("use http or https, without a password, a query or a fragment".to_owned()),
    }
}

impl LtiArguments {
    /// Fails if a flag of this flow was given for another one.
    pub(super) fn must_be_unused(&self) -> anyhow::Result<()> {
        let used = [
            ("--lms-user", self.lms_user.is_some()),
            ("--org", self.org.is_some()),
            ("--global-key", self.global_key),
            ("--old-key", self.old_key),
            ("--public-url", self.public_url.is_some()),
            ("--send-launch", self.send_launch),
        ];
        match used.iter().find(|(_, is_used)| *is_used) {
            Some((flag, _)) => Err(exit_with(Exit::Usage, format!("{flag} needs --flow lti"))),
            None => Ok(()),
        }
    }

    /// What is asked: one user, or one key.
    pub(super) fn request(&self, email: Option<&Email>, test_token: bool) -> anyhow::Result<LtiRequest> {
        let usage = |text: &str| Err(exit_with(Exit::Usage, text.to_owned()));
        let key = match (&self.org, self.global_key, self.old_key) {
            (_, true, _) => Some(WhichKey::Global),
            (_, _, true) => Some(WhichKey::Old),
            (Some(slug), ..) if self.lms_user.is_none() => Some(WhichKey::Of(slug.clone())),
            _ => None,
        };
        match (email, &self.lms_user, key) {
            (Some(_), None, Some(_)) | (Some(_), Some(_), _) => {
                usage("pass one of --email, --lms-user, --org and the keys")
            }
            (None, None, Some(key)) => {
                let (public_url, send) = (self.public_url.clone(), self.send_launch);
                Ok(LtiRequest::Key(KeyRequest { key, public_url, send, test_token }))
            }
            (_, _, _) if self.send_launch || self.public_url.is_some() => {
                usage("--send-launch and --public-url are for a key: pass --org, --global-key or --old-key")
            }
            (None, Some(id), _) => Ok(LtiRequest::User(AskedFor::Id(id.clone(), self.org.clone()))),
            (Some(email), None, None) => Ok(LtiRequest::User(AskedFor::Address(email.clone()))),
            (None, None, None) => usage("which launch? pass --lms-user, --email, --org, --global-key or --old-key"),
        }
    }
}
