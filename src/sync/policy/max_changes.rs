//! How much one run may change before it is taken for a mistake.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

const USUAL_PERCENT: u32 = 10;
const USUAL_FLOOR: usize = 100;

/// The most changes that one run may make.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "NumberOrText", into = "String")]
pub enum MaxChanges {
    Number(usize),
    /// This part of the people, in percent.
    Percent(u32),
    /// Nothing was said: 10 % of the people, and never less than 100, so that a small LAMB can be filled at once.
    #[default]
    Usual,
}

impl MaxChanges {
    /// How many changes are allowed among so many people (those of the larger side). A percentage is rounded down, but
    /// one above 0 allows 1 at least.
    pub fn allowed(self, people: usize) -> usize {
        match self {
            Self::Number(number) => number,
            Self::Percent(0) => 0,
            Self::Percent(percent) => part(people, percent).max(1),
            Self::Usual => part(people, USUAL_PERCENT).max(USUAL_FLOOR),
        }
    }
}

fn part(people: usize, percent: u32) -> usize {
    usize::try_from(people as u128 * u128::from(percent) / 100).unwrap_or(usize::MAX)
}

impl fmt::Display for MaxChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
            Self::Usual => write!(f, "{USUAL_PERCENT}%, at least {USUAL_FLOOR}"),
        }
    }
}

/// Why a text is no [`MaxChanges`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither a number of changes, like 250, nor a whole percentage, like 10%")]
pub struct MaxChangesError(String);

impl FromStr for MaxChanges {
    type Err = MaxChangesError;

    fn from_str(text: &str) -> Result<Self, MaxChangesError> {
        let error = || MaxChangesError(text.to_owned());
        let digits = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
        match text.trim().strip_suffix('%').map(str::trim_end) {
            Some(percent) if digits(percent) => percent.parse().map(Self::Percent).map_err(|_| error()),
            None if digits(text.trim()) => text.trim().parse().map(Self::Number).map_err(|_| error()),
            // Not for people: what is written into a saved plan must be readable again.
            None if text == Self::Usual.to_string() => Ok(Self::Usual),
            _ => Err(error()),
        }
    }
}

impl From<MaxChanges> for String {
    fn from(max: MaxChanges) -> Self {
        max.to_string()
    }
}

/// As a file has it: `250` or `"10%"`.
#[derive(Deserialize)]
#[serde(untagged, expecting = "neither a number of changes, like 250, nor a whole percentage, like \"10%\"")]
enum NumberOrText {
    Number(usize),
    Text(String),
}

impl TryFrom<NumberOrText> for MaxChanges {
    type Error = MaxChangesError;

    fn try_from(value: NumberOrText) -> Result<Self, MaxChangesError> {
        match value {
            NumberOrText::Number(number) => Ok(Self::Number(number)),
            NumberOrText::Text(text) => text.parse(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn allowed(text: &str, people: usize) -> usize {
        text.parse::<MaxChanges>().unwrap().allowed(people)
    }

    #[test]
    fn what_is_said_is_taken_exactly() {
        assert_eq!((allowed("0", 50), allowed("7", 50), allowed(" 7 ", 0)), (0, 7, 7));
        assert_eq!((allowed("10%", 59), allowed(" 10 % ", 9), allowed("1%", 0)), (5, 1, 1));
        assert_eq!((allowed("0%", 1_000_000), allowed("200%", 3)), (0, 6));
        assert_eq!(allowed("4294967295%", usize::MAX), usize::MAX);
    }

    #[test]
    fn by_itself_it_lets_a_small_lamb_be_filled() {
        let usual = MaxChanges::default();
        assert_eq!((usual.allowed(0), usual.allowed(999), usual.allowed(1_009)), (100, 100, 100));
        assert_eq!(usual.allowed(1_000_000), 100_000);
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "%", "-1", "+1", "ten", "1.5%", "10%%", "99999999999999999999", "1e3"] {
            assert_eq!(text.parse::<MaxChanges>(), Err(MaxChangesError(text.to_owned())));
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_read(number: usize, percent: u32) {
            for max in [MaxChanges::Number(number), MaxChanges::Percent(percent), MaxChanges::Usual] {
                prop_assert_eq!(max.to_string().parse::<MaxChanges>(), Ok(max));
                let json = serde_json::to_value(max).unwrap();
                prop_assert_eq!(serde_json::from_value::<MaxChanges>(json).unwrap(), max);
            }
        }
    }
}
