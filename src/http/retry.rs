//! Sending a request again where that may help: to a server that is overloaded or restarts, after a broken connection.

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
    /// The time passes.
    Slept,
    /// The pause is only noted.
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

/// How often a request is sent, and how long the pauses are. Only for requests that change nothing.
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    tries: u32,
    pauses: Pauses,
}

impl RetryPolicy {
    /// At most so many tries, from 1 to 10; a number outside is replaced by the nearest inside.
    pub fn new(tries: u32) -> Self {
        Self { tries: tries.clamp(1, 10), pauses: Pauses::Slept }
    }

    /// The same, but it notes its pauses instead of waiting.
    #[cfg(test)]
    pub(crate) fn noting(tries: u32, notes: Arc<Mutex<Vec<Duration>>>) -> Self {
        Self { pauses: Pauses::Noted(notes), ..Self::new(tries) }
    }

    /// Sends until the answer is not [transient](is_transient), or no tries are left; returns the last answer and the
    /// number of tries. With `twice`, a first 500 is sent for once more.
    pub async fn send<F: Future<Output = Result<Answer, Failure>>>(
        &self,
        twice: bool,
        request: impl Fn() -> F,
    ) -> (Result<Answer, Failure>, u32) {
        let (mut tries, mut crashes) = (0, 0);
        loop {
            let came = request().await;
            // A server that waits for a lock for too long answers 500 as well, and that goes away.
            if twice && crashes == 0 && came.as_ref().is_ok_and(|answer| answer.status == 500) {
                crashes += 1;
                self.pauses.take(pause(1, None)).await;
                continue;
            }
            tries += 1;
            if tries >= self.tries || !is_transient(&came) {
                return (came, tries);
            }
            let told = came.ok().and_then(|answer| answer.retry_after);
            self.pauses.take(pause(tries, told)).await;
        }
    }
}

/// True for an answer of a server that restarts or has too much to do: a later try may succeed.
pub fn is_transient(came: &Result<Answer, Failure>) -> bool {
    use FailureKind::{Broken, ConnectTimeout, Hangs, Refused};
    match came {
        Ok(answer) => matches!(answer.status, 429 | 502..=504),
        Err(failure) => matches!(failure.kind, Broken | ConnectTimeout | Hangs | Refused) && !failure.is_too_long(),
    }
}

/// How long to wait after so many tries: twice as long each time, or as the server says, never more than
/// [`LONGEST_PAUSE`]. Up to a half more is random, so that requests that failed together do not return together.
fn pause(tries: u32, retry_after: Option<u64>) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1 << tries.saturating_sub(1).min(8));
    let chance = f64::from(u32::try_from(RandomState::new().hash_one(tries) >> 32).unwrap_or_default());
    let part = 1.0 + chance / f64::from(u32::MAX) / 2.0;
    // A pause that the server asks for is never cut short.
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
    fn retry_after_is_obeyed_up_to_the_longest_pause() {
        assert!(pause(1, Some(3)) >= Duration::from_secs(3));
        assert_eq!(pause(1, Some(u64::MAX)), LONGEST_PAUSE);
        assert!(pause(3, Some(0)) >= Duration::from_secs(1));
    }

    #[test]
    fn pauses_differ_at_random() {
        let pauses: std::collections::BTreeSet<_> = (0..20).map(|_| pause(1, None)).collect();
        assert!(pauses.len() > 10, "{pauses:?}");
    }
}
