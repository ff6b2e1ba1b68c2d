//! `config`, `explain` and `--version`.

use schemars::JsonSchema;
use serde::Serialize;

use super::View;
use super::json::output;
use super::sheet::{Sheet, Tone, tone, word};
use crate::findings::{About, Finding, FixProof, catalogue};
use crate::version;

/// A setting with what it points at.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SettingRow {
    /// The environment variable.
    pub name: &'static str,
    /// The flag that beats it.
    pub flag: Option<&'static str>,
    /// The value, secrets masked; `None` where it is not set.
    pub value: Option<String>,
    /// Where it came from.
    pub origin: Option<String>,
    /// Whether what it points at is there; `None` where it points at nothing.
    pub there: Option<bool>,
    /// In a sentence.
    pub state: String,
}

/// The version of the program.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Version {
    version: &'static str,
    /// The commit and its date; null where the builder did not tell it.
    built_from: Option<&'static str>,
}

/// Every setting.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Config<'a> {
    settings: &'a [SettingRow],
}

/// The whole catalogue.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Catalogue {
    findings: Vec<CatalogueEntry>,
}

/// One finding of the catalogue.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Explained {
    finding: CatalogueEntry,
}

/// An entry of the catalogue.
#[derive(Debug, Serialize, JsonSchema)]
struct CatalogueEntry {
    #[serde(flatten)]
    finding: &'static Finding,
    /// The test that makes the fix beside real servers; null where the fix is advice.
    proven_by: Option<&'static str>,
}

impl CatalogueEntry {
    fn new(finding: &'static Finding) -> Self {
        Self { finding, proven_by: finding.proof().test() }
    }
}

/// Which program this is.
pub(crate) fn version() -> View {
    let json = output("version", Version { version: version::SHORT, built_from: version::built_from() });
    View { json, sheet: Sheet::default().text(format!("lamb-auth {}", version::LONG)) }
}

pub(crate) fn config(settings: &[SettingRow]) -> View {
    let rows = settings.iter().map(|row| {
        let tone = match row.there {
            Some(true) => Tone::Good,
            Some(false) => Tone::Bad,
            None => Tone::Faint,
        };
        let shown = match row.value.as_deref() {
            None => "-".to_owned(),
            Some("") => "(empty)".to_owned(),
            Some(text) => text.to_owned(),
        };
        let value = if row.value.is_some() { Tone::Plain } else { Tone::Faint };
        vec![
            (row.name.to_owned(), Tone::Plain),
            (shown, value),
            (row.origin.clone().unwrap_or_else(|| "not set".to_owned()), Tone::Faint),
            (row.state.clone(), tone),
        ]
    });
    let sheet = Sheet::default().grid(&["SETTING", "VALUE", "FROM", "STATE"], rows.collect());
    View { json: output("config", Config { settings }), sheet }
}

/// The whole catalogue, a line each, by what it is about.
pub(crate) fn findings() -> View {
    let mut sheet = Sheet::default();
    let mut rows = Vec::new();
    for about in About::ALL {
        let heading = [(about.title().to_owned(), Tone::Faint), (String::new(), Tone::Faint)];
        rows.push(heading.to_vec());
        for finding in catalogue().iter().filter(|finding| finding.about == about) {
            sheet = sheet.plain_row(&[finding.id, word(finding.severity), finding.title]);
            rows.push(vec![
                (format!("  {}", finding.id), Tone::Plain),
                (word(finding.severity).to_owned(), tone(finding.severity)),
                (finding.title.to_owned(), Tone::Plain),
            ]);
        }
    }
    View {
        json: output(
            "explain",
            Catalogue { findings: catalogue().iter().map(|finding| CatalogueEntry::new(finding)).collect() },
        ),
        sheet: sheet.people_grid(rows),
    }
}

/// One finding, at length.
pub(crate) fn finding(finding: &'static Finding) -> View {
    let tried = match finding.proof() {
        FixProof::Proven(test) => format!("yes, beside real Open WebUI servers: {test}"),
        FixProof::Advice => "no: this is advice".to_owned(),
    };
    let sheet = Sheet::default().title(tone(finding.severity), format!("{}: {}", finding.id, finding.title)).fields([
        ("Severity", word(finding.severity).to_owned(), tone(finding.severity)),
        ("Means", finding.meaning.to_owned(), Tone::Plain),
        ("How to tell", finding.how_to_tell.to_owned(), Tone::Plain),
        ("User sees", finding.effect.seen(None), Tone::Plain),
        ("Fix", finding.remedy.to_owned(), Tone::Plain),
        ("Tried", tried, Tone::Plain),
    ]);
    View { json: output("explain", Explained { finding: CatalogueEntry::new(finding) }), sheet }
}
