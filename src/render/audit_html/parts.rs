//! The parts of the page: badges, groups, the platform, duplicates.

use maud::{Markup, html};

use super::super::diagnosis::mark;
use super::super::sheet::word;
use super::time;
use crate::audit::report::{Compatibility, Duplicate, Example, Group, PlatformReport};
use crate::findings::{Fact, Outcome};
use crate::findings::{FixStep, Hit, Severity};
use crate::lamb::Edition;

/// A sign, a word and a color: any of the three tells.
pub(super) fn severity_badge(severity: Severity) -> Markup {
    let sign = match severity {
        Severity::Error => "✗",
        Severity::Warning => "▲",
        Severity::Info => "●",
    };
    html! { span class={ "badge " (word(severity)) } { span aria-hidden="true" { (sign) } " " (word(severity)) } }
}

/// What the bars are filled with: full, or hatched.
pub(super) fn patterns() -> Markup {
    html! {
        svg.patterns aria-hidden="true" {
            defs {
                pattern id="ink-error" width="8" height="8" patternUnits="userSpaceOnUse" {
                    rect.ink-error width="8" height="8" {}
                }
                pattern id="ink-warning" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                    rect.ink-warning width="4.5" height="7" {}
                }
            }
        }
    }
}

fn outcome_badge(outcome: Outcome) -> Markup {
    let (sign, words, _) = mark(outcome);
    html! { span class={ "badge " (words.replace(' ', "-")) } { span aria-hidden="true" { (sign) } " " (words) } }
}

fn mail(email: &str) -> Markup {
    html! { span.said.mail { (email) } }
}

fn fixes(fix: &[FixStep]) -> Markup {
    html! {
        ul {
            @for step in fix {
                @match step {
                    FixStep::Command(_) => li { code.said.command title="A click selects the whole command" { (step.text()) } },
                    FixStep::Advice(advice) => li { (advice) },
                }
            }
        }
    }
}

/// The groups, each with those who have it folded away below it.
pub(super) fn group_table(groups: &[Group]) -> Markup {
    html! {
        h3 id="by-finding" { "By finding" }
        table id="groups" {
            caption { "Each finding, the number of affected users, who they are, and the fix." }
            thead {
                tr {
                    th scope="col" data-numbers aria-sort="descending" { "Severity" }
                    th scope="col" { "Finding" }
                    th.about scope="col" { "About" }
                    th.number scope="col" data-numbers { "People" }
                }
            }
            @for group in groups { (group_rows(group)) }
        }
    }
}

fn group_rows(group: &Group) -> Markup {
    let Group { finding, severity, count, examples, fix } = group;
    html! {
        tbody id={ "finding-" (finding.id) } {
            tr {
                td data-key=(*severity as u8) { (severity_badge(*severity)) }
                th scope="row" data-key=(finding.title) { (finding.title) " " span.id { (finding.id) } }
                td.about data-key=(finding.about.title()) { (finding.about.title()) }
                td.number data-key=(count) { (count) }
            }
            tr {
                td colspan="4" {
                    details {
                        summary { "Affected users and the fix" }
                        p { (finding.meaning) }
                        (examples_table(examples))
                        @if *count > examples.len() {
                            p { "and " (count - examples.len()) " more:" }
                            (fixes(&[FixStep::command(&["audit", "--finding", finding.id])]))
                        }
                        h4 { "Fix" }
                        // Where no command does, the catalogue has advice.
                        @if fix.is_empty() { p { (finding.remedy) } } @else { (fixes(fix)) }
                    }
                }
            }
        }
    }
}

fn examples_table(examples: &[Example]) -> Markup {
    html! {
        @if !examples.is_empty() {
            table.cards {
                thead { tr { th scope="col" { "Who" } th scope="col" { "What was seen" } } }
                tbody {
                    @for Example { email, detail, command } in examples {
                        tr {
                            th scope="row" { (mail(email)) }
                            td { (detail) @if let Some(command) = command { br; code { (command) } } }
                        }
                    }
                }
            }
        }
    }
}

/// What was looked at, what was found, and whether the two servers go together.
pub(super) fn platform(platform: &PlatformReport, edition: Option<Edition>) -> Markup {
    html! {
        @if !platform.checks.is_empty() {
            table.cards {
                caption { "What was looked at." }
                thead { tr { th scope="col" { "Outcome" } th scope="col" { "Check" } th scope="col" { "What was seen" } } }
                tbody {
                    @for check in &platform.checks {
                        tr {
                            td { (outcome_badge(check.outcome)) }
                            th scope="row" { (check.title) }
                            td {
                                (check.note)
                                @for id in &check.findings { " " a href={ "#platform-" (id) } { (id) } }
                                (evidence(&check.evidence))
                            }
                        }
                    }
                }
            }
        }
        @for (at, hit) in platform.findings.iter().enumerate() {
            // Several organizations may have the same finding: a link leads to the first.
            @let is_first = platform.findings[..at].iter().all(|earlier| earlier.finding != hit.finding);
            (finding(hit, edition, is_first))
        }
        (compatibility(&platform.compatibility))
    }
}

fn evidence(facts: &[Fact]) -> Markup {
    html! {
        @if !facts.is_empty() {
            details {
                summary { "Evidence" }
                ul { @for Fact { what, value, source } in facts {
                    li { (what) ": " span.said { (value) } " " span.faint { "(" (source) ")" } }
                } }
            }
        }
    }
}

fn finding(hit: &Hit, edition: Option<Edition>, is_first: bool) -> Markup {
    let anchor = is_first.then(|| format!("platform-{}", hit.finding.id));
    html! {
        article class=(word(hit.severity)) id=[anchor] {
            h3 { (severity_badge(hit.severity)) " " (hit.finding.title) " " span.id { (hit.finding.id) } }
            p { (hit.detail) }
            p.faint { "The user sees: " (hit.effect.seen(edition)) "." }
            h4 { "Fix" }
            (fixes(&hit.fix))
        }
    }
}

fn compatibility(all: &Compatibility) -> Markup {
    let works = match all.works {
        Some(true) => (Outcome::Passed, "This LAMB works with this version of Open WebUI."),
        Some(false) => (Outcome::Failed, "This LAMB does not work with this Open WebUI."),
        None => (Outcome::CouldNotTell, "Unknown whether this LAMB works with this version of Open WebUI."),
    };
    let upgrade = match all.upgrade_to_0_12_starts {
        Some(true) => (Outcome::Passed, "Open WebUI 0.12 would start with this database."),
        Some(false) => (Outcome::Warned, "Open WebUI 0.12 would not start with this database."),
        None => (Outcome::CouldNotTell, "Unknown whether Open WebUI 0.12 would start with this database."),
    };
    html! {
        h3 { "LAMB and Open WebUI together" }
        p { (outcome_badge(works.0)) " " (works.1) }
        @if !all.because.is_empty() { ul { @for why in &all.because { li { (why) } } } }
        h3 { "The upgrade to Open WebUI 0.12" }
        p { (outcome_badge(upgrade.0)) " " (upgrade.1) }
        @if all.blocking > 0 {
            p { "E-mails that block it: " (all.blocking) }
            ul {
                @for email in &all.blocking_examples { li { (mail(email)) } }
                @if all.blocking > all.blocking_examples.len() {
                    li { "and " (all.blocking - all.blocking_examples.len()) " more" }
                }
            }
        }
    }
}

const BY_HEADER: &str = "Found by the trusted header";
const BY_PASSWORD: &str = "Found by a password";

fn yes_or_no(told: Option<bool>) -> &'static str {
    match told {
        Some(true) => "yes",
        Some(false) => "no",
        None => "not known",
    }
}

/// The accounts of one e-mail, side by side, with what each one owns.
pub(super) fn duplicate(duplicate: &Duplicate) -> Markup {
    let maybe_time = |seconds: Option<i64>| seconds.map_or_else(|| html! { "not known" }, time);
    html! {
        h3 { (mail(&duplicate.address)) }
        div.wide {
            table.cards {
                thead {
                    tr {
                        th scope="col" { "Account" }
                        @for label in ["E-mail", "Role", "Created", "Last active", "Switched on", BY_HEADER, BY_PASSWORD, "Owns"] {
                            th scope="col" { (label) }
                        }
                    }
                }
                tbody {
                    @for account in &duplicate.accounts {
                        tr {
                            th scope="row" { span.said { (account.id) } }
                            td data-label="E-mail" { (mail(&account.email)) }
                            td data-label="Role" { (account.role) }
                            td data-label="Created" { (maybe_time(account.created_at)) }
                            td data-label="Last active" { (maybe_time(account.last_active_at)) }
                            td data-label="Switched on" { @if account.is_active { "yes" } @else { "no" } }
                            td data-label=(BY_HEADER) { (yes_or_no(account.signs_in)) }
                            td data-label=(BY_PASSWORD) { (yes_or_no(account.signs_in_by_password)) }
                            td data-label="Owns" {
                                @if account.owns.is_empty() { "nothing" }
                                @for (number, owned) in account.owns.iter().enumerate() {
                                    @if number > 0 { ", " } (owned.count) " " (owned.what)
                                }
                            }
                        }
                    }
                }
            }
        }
        @if !duplicate.advice.is_empty() { h4 { "How they are merged" } (fixes(&duplicate.advice)) }
    }
}
