//! A token with all that is known of it before anyone is asked.

use crate::checks;
use crate::clock;
use crate::secret::Secret;
use crate::settings::Settings;
use crate::token::inspect::Inspection;
use crate::token::mint;
use crate::token::presented::Presented;

/// Where a token comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TokenOrigin {
    /// Handed in, and by which way.
    Given(String),
    /// Made for this walk, and how.
    TestToken(String),
}

/// A token with all that is known of it.
#[derive(Clone, Debug)]
pub(crate) struct TokenCase {
    /// Where it comes from.
    pub origin: TokenOrigin,
    /// As it is sent.
    pub presented: Presented,
    /// What it says by itself.
    pub inspection: Inspection,
    /// True where the secret that a native LAMB signs with, as far as is known, signed it.
    pub lamb_signed: bool,
}

impl TokenCase {
    pub(crate) fn new(origin: TokenOrigin, presented: Presented, settings: &Settings) -> Self {
        let bearer = settings.secret("LAMB_BEARER_TOKEN");
        let inspection = Inspection::of(&presented, &settings.known_secrets(), bearer, clock::now());
        let lamb_signed =
            inspection.claims.is_some() && mint::signed_by(presented.token.expose(), &settings.lamb_secret().secret);
        Self { origin, presented, inspection, lamb_signed }
    }

    /// True where a native LAMB decodes it by itself: its signature fits, its claims are not refused, and its time has
    /// come and is not over. `ahead`: by how many seconds LAMB's clock is ahead of ours.
    pub(crate) fn lamb_decodes(&self, ahead: i64) -> bool {
        let Inspection { refused_claim, is_strict_base64, .. } = &self.inspection;
        self.lamb_signed
            && refused_claim.is_none()
            && *is_strict_base64
            && checks::token::by_lifetime(&self.inspection, ahead).is_none()
    }

    pub(crate) fn test_token(how: String, token: Secret, settings: &Settings) -> Self {
        Self::new(TokenOrigin::TestToken(how), Presented::bare(token), settings)
    }

    /// True where it was made for this walk.
    pub(crate) fn is_test_token(&self) -> bool {
        matches!(self.origin, TokenOrigin::TestToken(_))
    }
}
