//! `verify-token --batch`.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::json::output;
use super::sheet::Style;
use super::token::tone;
use super::{Format, clean, line_with_schema};
use crate::checks::token::Recipient;
use crate::token::inspect::TokenKind;
use crate::verify::batch::{BatchSummary, Row};

/// The verdict on one token of a file, as a line.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct BatchLine<'a> {
    /// The number of its line in the file.
    line: u64,
    /// `valid`, `could-not-tell`, or the id of the finding for which the token is refused.
    verdict: &'a str,
    /// Why, in a sentence.
    reason: &'a str,
    /// Whose token it is.
    email: Option<&'a str>,
    kind: TokenKind,
    /// When it expires.
    expires: Option<Timestamp>,
    /// The ids of what is worth knowing although it did not decide.
    warnings: &'a [&'static str],
}

/// The last line: without it, what was read is not all.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct BatchEnd<'a> {
    summary: Summary<'a>,
}

/// What came of all tokens.
#[derive(Debug, Serialize, JsonSchema)]
struct Summary<'a> {
    /// How many tokens there were.
    tokens: u64,
    valid: u64,
    refused: u64,
    /// How many could not be checked.
    could_not_tell: u64,
    /// How many of each verdict.
    verdicts: &'a BTreeMap<&'static str, u64>,
    /// Who is to accept them.
    door: Recipient,
    /// The id of the finding for which all are refused, where so many are that it has one cause.
    one_cause: Option<&'a str>,
    /// How often Open WebUI was asked again.
    retries: u64,
    /// Why not all lines could be read.
    broke_off: Option<&'a str>,
    took_ms: u64,
}

/// The verdict on one line, as a line that ends. Never the token.
pub(crate) fn judged(format: Format, style: Style, row: &Row) -> String {
    let (verdict, email) = (row.verdict.id(), row.email.as_deref().unwrap_or("-"));
    // Of one line, whatever is in them.
    let flat = |text: &str| clean(text).replace('\n', " ");
    match format {
        Format::Json | Format::Jsonl => {
            let line = BatchLine {
                line: row.line,
                verdict,
                reason: &row.reason,
                email: row.email.as_deref(),
                kind: row.kind,
                expires: row.expires,
                warnings: &row.warnings,
            };
            line_with_schema(&output("verify-token", line))
        }
        Format::Plain => format!("{}\t{verdict}\t{}\t{}\n", row.line, flat(email), flat(&row.reason)),
        Format::Table => {
            let word = style.paint(tone(row.verdict), &format!("{verdict:<18}"));
            format!("{:>6}  {word}  {:<32}  {}\n", row.line, flat(email), flat(&row.reason))
        }
    }
}

/// All of them in a sentence, for stderr.
pub(crate) fn batch_words(summary: &BatchSummary, recipient: Recipient, took: Duration) -> String {
    let mut kinds: Vec<_> = summary.verdicts.iter().map(|(verdict, count)| (*count, *verdict)).collect();
    kinds.sort_by_key(|(count, verdict)| (std::cmp::Reverse(*count), *verdict));
    let kinds: Vec<_> = kinds.iter().map(|(count, verdict)| format!("{count} {verdict}")).collect();
    let again = match summary.retries {
        0 => String::new(),
        n => format!(", {n} requests retried"),
    };
    let (n, seconds) = (summary.tokens, took.as_secs_f64());
    let tokens = if n == 1 { "token" } else { "tokens" };
    let one_cause = summary.one_cause().map_or_else(String::new, |finding| {
        format!("one cause: all {n} tokens are refused as {}\n  {}\n", finding.id, finding.remedy)
    });
    format!("{one_cause}{n} {tokens} for {} in {seconds:.1} s: {}{again}", recipient.describe(), kinds.join(", "))
}

/// The last line of JSON: without it, what was read is not all.
pub(crate) fn batch_summary(summary: &BatchSummary, recipient: Recipient, took: Duration) -> String {
    let summary = Summary {
        tokens: summary.tokens,
        valid: summary.valid(),
        refused: summary.refused(),
        could_not_tell: summary.could_not_tell(),
        verdicts: &summary.verdicts,
        door: recipient,
        one_cause: summary.one_cause().map(|finding| finding.id),
        retries: summary.retries,
        broke_off: summary.broke_off.as_deref(),
        took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
    };
    line_with_schema(&output("verify-token", BatchEnd { summary }))
}
