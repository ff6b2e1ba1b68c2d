//! The verdict on a token: by its form, by its times, by LAMB's own secret, and by Open WebUI's answer.

mod form;
mod native;
mod open_webui;
#[cfg(test)]
mod tests;
mod times;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::findings::Finding;
use crate::lamb::Edition;

pub(crate) use form::by_form;
pub(crate) use native::by_native_lamb;
pub(crate) use open_webui::{RowEvidence, by_open_webui};
pub(crate) use times::{by_lifetime, lifetime_by};

/// How a token fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The recipient accepts it.
    Valid,
    /// The recipient refuses it, or its user, for the reason that this finding names.
    Refused(&'static Finding),
    /// What the answer needed was out of reach.
    CouldNotTell,
}

impl Verdict {
    /// The finding that names why the token is refused.
    pub(crate) fn finding(self) -> Option<&'static Finding> {
        match self {
            Self::Refused(finding) => Some(finding),
            Self::Valid | Self::CouldNotTell => None,
        }
    }

    /// The stable word for it in every output.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Refused(finding) => finding.id,
            Self::CouldNotTell => "could-not-tell",
        }
    }

    /// True where this finding is why the token is refused.
    pub(crate) fn is(self, finding: &Finding) -> bool {
        self.finding() == Some(finding)
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

/// A verdict with its reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct TokenVerdict {
    /// `valid`, `could-not-tell`, or the id of the finding for which the token is refused.
    #[schemars(with = "String")]
    pub verdict: Verdict,
    /// Why, in a sentence.
    pub reason: String,
}

impl TokenVerdict {
    /// The recipient accepts the token.
    pub(crate) fn valid(reason: impl Into<String>) -> Self {
        Self { verdict: Verdict::Valid, reason: reason.into() }
    }

    /// The recipient refuses the token.
    pub(crate) fn refused(finding: &'static Finding, reason: impl Into<String>) -> Self {
        Self { verdict: Verdict::Refused(finding), reason: reason.into() }
    }

    /// What the answer needed was out of reach.
    pub(crate) fn could_not_tell(reason: impl Into<String>) -> Self {
        Self { verdict: Verdict::CouldNotTell, reason: reason.into() }
    }
}

/// Who is to accept the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Recipient {
    /// A LAMB of this edition.
    Lamb(Edition),
    /// A LAMB whose edition is not known.
    SomeLamb,
    /// Open WebUI itself.
    OpenWebUi,
}

impl Recipient {
    /// A LAMB whose edition may not be known.
    pub(crate) fn lamb(edition: Option<Edition>) -> Self {
        edition.map_or(Self::SomeLamb, Self::Lamb)
    }

    /// Its name, for people.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Lamb(Edition::Delegated) => "this LAMB (delegated)",
            Self::Lamb(Edition::Native) => "this LAMB (native)",
            Self::SomeLamb => "this LAMB (edition not known)",
            Self::OpenWebUi => "Open WebUI",
        }
    }
}
