//! Times: unix seconds inside, RFC 3339 in UTC outside, lifetimes in words.

use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};
use serde::{Serialize as _, Serializer};

/// Now, in unix seconds.
pub fn now() -> i64 {
    Timestamp::now().as_second()
}

/// Sees whether the machine's clock can be read at all. Called once, at the start.
///
/// # Errors
/// If it is outside the years -9999 to 9999: no time could be computed or written down.
pub fn check() -> Result<(), jiff::Error> {
    check_at(SystemTime::now())
}

fn check_at(now: SystemTime) -> Result<(), jiff::Error> {
    Timestamp::try_from(now).map(drop)
}

/// `2026-11-23T10:38:52Z`; the number itself where it is no time.
pub fn rfc3339(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string())
}

/// For a member of JSON that is unix seconds inside.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(seconds: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(*seconds))
}

/// The same for a time that may be missing.
///
/// # Errors
/// Those of the serializer.
pub fn serialize_some<S: Serializer>(seconds: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    seconds.map(rfc3339).serialize(serializer)
}

/// A span in its two largest units: `3d 4h`, `5m 1s`, `0s`. Days are 24 hours.
pub fn in_words(seconds: i64) -> String {
    let hours = SignedDuration::from_secs(seconds.saturating_abs());
    let (days, rest) = (hours.as_hours() / 24, hours.as_secs() % 86_400);
    let units = [(days, "d"), (rest / 3600, "h"), (rest / 60 % 60, "m"), (rest % 60, "s")];
    let first = units.iter().position(|(n, _)| *n > 0).unwrap_or(3);
    let shown = units.iter().skip(first).take(2).filter(|(n, _)| *n > 0);
    let words: Vec<_> = shown.map(|(n, unit)| format!("{n}{unit}")).collect();
    if words.is_empty() { "0s".to_owned() } else { words.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_after_the_year_9999_is_an_error() {
        let year_10_000 = std::time::Duration::from_secs(253_402_300_800);
        assert!(check_at(SystemTime::UNIX_EPOCH + year_10_000).is_err());
        assert!(check_at(SystemTime::UNIX_EPOCH).is_ok() && check().is_ok());
    }

    #[test]
    fn times_and_durations_are_readable() {
        assert_eq!(rfc3339(1_795_393_110), "2026-11-23T00:18:30Z");
        assert_eq!(rfc3339(i64::MAX), i64::MAX.to_string());
        assert_eq!(in_words(0), "0s");
        assert_eq!(in_words(-59), "59s");
        assert_eq!(in_words(3600), "1h");
        assert_eq!(in_words(3 * 86_400 + 4 * 3600 + 59), "3d 4h");
        assert!(in_words(i64::MIN).ends_with('h'));
    }
}
