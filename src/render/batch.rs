//! `verify-token --batch`.

use std::time::Duration;

use serde_json::json;

use super::sheet::Style;
use super::token::tone;
use super::{Format, SCHEMA, clean, json_line};
use crate::checks::token::Recipient;
use crate::verify::batch::{BatchSummary, Row};

/// The verdict on one line, as a line that ends. Never the token.
pub(crate) fn judged(format: Format, style: Style, row: &Row) -> String {
    let (verdict, email) = (row.verdict.id(), row.email.as_deref().unwrap_or("-"));
    // Of one line, whatever is in them.
    let flat = |text: &str| clean(text).replace('\n', " ");
    match format {
        Format::Json | Format::Jsonl => {
            let line = json_line(json!({
                "schema": SCHEMA, "command": "verify-token", "line": row.line, "verdict": row.verdict,
                "reason": row.reason, "email": row.email, "kind": row.kind, "expires": row.expires,
                "warnings": row.warnings,
            }));
            format!("{line}\n")
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
    let line = json!({
        "schema": SCHEMA, "command": "verify-token", "summary": {
            "tokens": summary.tokens, "valid": summary.valid(), "refused": summary.refused(),
            "could_not_tell": summary.could_not_tell(), "verdicts": summary.verdicts, "door": recipient,
            "one_cause": summary.one_cause().map(|finding| finding.id), "retries": summary.retries, "broke_off": summary.broke_off,
            "took_ms": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        },
    });
    format!("{line}\n")
}
