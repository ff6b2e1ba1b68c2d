//! What the times of a token decide, by the clock of the server that judges them.

use super::TokenVerdict;
use crate::clock;
use crate::findings::{EXPIRED, Finding, NOT_YET_VALID};
use crate::token::inspect::{Inspection, Lifetime};

/// Below this, in seconds, two clocks are the same: the `Date` header counts whole seconds, and servers keep it for one.
pub(super) const SAME_CLOCK: i64 = 5;

/// A token that begins so few seconds ahead has just been made: a `Date` header tells up to two seconds less than the clock
/// of its server, and clocks that count as the same differ by less than five.
const SAME_MOMENT: i64 = 7;

/// What the times of a token say by a clock that is `ahead` of ours by so many seconds.
pub(crate) fn lifetime_by(inspection: &Inspection, ahead: i64) -> Lifetime {
    match inspection.lifetime_in(ahead) {
        Lifetime::NotYet { valid_in } if valid_in <= SAME_MOMENT => {
            inspection.lifetime_in(ahead.saturating_add(valid_in))
        }
        lifetime => lifetime,
    }
}

/// What the times decide. `ahead`: by how many seconds the clock of the server that judges them is ahead of ours.
pub(crate) fn by_lifetime(inspection: &Inspection, ahead: i64) -> Option<TokenVerdict> {
    if ahead.abs() >= SAME_CLOCK {
        let (finding, _) = refusal(lifetime_by(inspection, ahead))?;
        let side = if ahead > 0 { "ahead of" } else { "behind" };
        let clocks = format!("{} {side} this machine's", clock::in_words(ahead));
        let reason = format!("by the server's clock, which is {clocks}, it is {}", finding.id);
        return Some(TokenVerdict::refused(finding, reason));
    }
    let (finding, reason) = refusal(lifetime_by(inspection, 0))?;
    let at = inspection.expires.filter(|_| *finding == EXPIRED).map_or_else(String::new, |time| format!(" ({time})"));
    Some(TokenVerdict::refused(finding, format!("{reason}{at}")))
}

fn refusal(lifetime: Lifetime) -> Option<(&'static Finding, String)> {
    match lifetime {
        Lifetime::Expired { expired_since } => {
            Some((&EXPIRED, format!("it expired {} ago", clock::in_words(expired_since))))
        }
        Lifetime::NotYet { valid_in } => {
            let wait = clock::in_words(valid_in);
            Some((&NOT_YET_VALID, format!("it is valid only in {wait}, by this machine's clock")))
        }
        Lifetime::Running { .. } | Lifetime::Endless => None,
    }
}
