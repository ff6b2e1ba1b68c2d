//! Asking again where that may help: servers that are overloaded or start anew, connections that break.

use std::hash::{BuildHasher as _, RandomState};
#[cfg(test)]
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Answer, Failure, FailureKind};

/// The first pause, which doubles from try to try.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause, whatever `Retry-After` says.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What happens between two tries.
#[derive(Clone, Debug)]
enum Pauses {
    /// Time goes by.
    Slept,
    /// Nothing but a note of it.
    #[cfg(test)]
    Noted(Arc<Mutex<Vec<Duration>>>),
}

impl Pauses {
    async fn take(&self, length: Duration) {
        match self {
            Self::Slept => tokio::time::sleep(length).await,
            #[cfg(test)]
            Self::Noted(notes) => notes.lock().unwrap().push(length),
        }
    }
}

/// How often one thing is asked for, and how long is waited in between. For requests that change nothing only.
#[derive(Clone, Debug)]
pub struct Patience {
    tries: u32,
    pauses: Pauses,
}

impl Patience {
    /// At most so many tries, from 1 to 10; what is outside is taken for the nearest.
    pub fn new(tries: u32) -> Self {
        Self { tries: tries.clamp(1, 10), pauses: Pauses::Slept }
    }

    /// The same, which notes its pauses and takes none.
    #[cfg(test)]
    pub(crate) fn noting(tries: u32, notes: Arc<Mutex<Vec<Duration>>>) -> Self {
        Self { pauses: Pauses::Noted(notes), ..Self::new(tries) }
    }

    /// Asks until there is an answer that asking again would not change; it, and the tries that it took. With `twice`,
    /// a 500 is not believed at once.
    pub async fn ask<F: Future<Output = Result<Answer, Failure>>>(
        &self,
        twice: bool,
        request: impl Fn() -> F,
    ) -> (Result<Answer, Failure>, u32) {
        let (mut tries, mut crashes) = (0, 0);
        loop {
            let came = request().await;
            // A lock that is held for long answers 500 as well, and goes away.
            if twice && crashes == 0 && came.as_ref().is_ok_and(|answer| answer.status == 500) {
                crashes += 1;
                self.pauses.take(pause(1, None)).await;
                continue;
            }
            tries += 1;
            if tries >= self.tries || !may_pass(&came) {
                return (came, tries);
            }
            let told = came.ok().and_then(|answer| answer.retry_after);
            self.pauses.take(pause(tries, told)).await;
        }
    }
}

/// True for what a server that starts anew, or has too much to do, makes of a request.
pub fn may_pass(came: &Result<Answer, Failure>) -> bool {
    use FailureKind::{Broken, ConnectTimeout, Hangs, Refused};
    match came {
        Ok(answer) => matches!(answer.status, 429 | 502..=504),
        Err(failure) => matches!(failure.kind, Broken | ConnectTimeout | Hangs | Refused) && !failure.is_too_long(),
    }
}

/// How long to wait after so many tries: twice as long each time, or as the server says, never more than
/// [`LONGEST_PAUSE`]. Up to a half is left to chance, so that requests that failed together do not return together.
fn pause(tries: u32, retry_after: Option<u64>) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1 << tries.saturating_sub(1).min(8));
    let chance = f64::from(u32::try_from(RandomState::new().hash_one(tries) >> 32).unwrap_or_default());
    let part = 1.0 + chance / f64::from(u32::MAX) / 2.0;
    // What the server asks for is waited for in full.
    let least = retry_after.map_or(doubled, |seconds| doubled.max(Duration::from_secs(seconds)));
    least.min(LONGEST_PAUSE).mul_f64(part).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_five_seconds() {
        for (tries, least) in [(1, 250), (2, 500), (3, 1000), (4, 2000), (5, 4000), (6, 5000), (u32::MAX, 5000)] {
            let least = Duration::from_millis(least);
            let is = pause(tries, None);
            assert!(is >= least && is <= least.mul_f64(1.5).min(LONGEST_PAUSE), "{tries}: {is:?}");
        }
    }

    #[test]
    fn a_server_that_says_when_is_obeyed_within_reason() {
        assert!(pause(1, Some(3)) >= Duration::from_secs(3));
        assert_eq!(pause(1, Some(u64::MAX)), LONGEST_PAUSE);
        assert!(pause(3, Some(0)) >= Duration::from_secs(1));
    }

    #[test]
    fn no_two_pauses_are_alike() {
        let pauses: std::collections::BTreeSet<_> = (0..20).map(|_| pause(1, None)).collect();
        assert!(pauses.len() > 10, "{pauses:?}");
    }
}
