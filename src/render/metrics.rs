//! `audit -o prometheus`: what an audit found as metrics, in the text format that Prometheus reads.

use std::fmt::Write as _;

use super::clean;
use super::sheet::word;
use crate::audit::LastRuns;
use crate::audit::report::{Audit, PeopleTotals};
use crate::findings::Severity;
use crate::version;

/// How every file of metrics begins: `--out` replaces only such a file.
pub(crate) const A_METRIC: &[u8] = b"# HELP lamb_auth_";

/// The labels of a value, with their names.
type Labels<'a> = Vec<(&'static str, &'a str)>;

/// A gauge: its name without the prefix, what it is, and its values. Without a value it is left out: what could not be
/// read is not 0.
struct Gauge<'a> {
    name: &'static str,
    help: &'static str,
    values: Vec<(Labels<'a>, i64)>,
}

/// All metrics of an audit.
pub(crate) fn metrics(audit: &Audit, last: &LastRuns) -> String {
    let edition = audit.edition.map(|edition| edition.to_string()).unwrap_or_default();
    let info = vec![
        ("version", version::SHORT),
        ("edition", edition.as_str()),
        ("owi_version", audit.owi_version.as_deref().unwrap_or_default()),
    ];
    let single = |value: usize| vec![(Vec::new(), number(value))];
    // What is told of both sides is not known where one of them could not be read.
    let of_both = audit.people.as_ref().filter(|_| !audit.is_one_sided);
    let of_people =
        |count: fn(&PeopleTotals) -> usize| of_both.into_iter().flat_map(move |people| single(count(people)));
    let creators = audit.people.iter().flat_map(|people| single(people.creators));
    let severities = of_both.into_iter().flat_map(|people| {
        let warned = people.addresses - people.sound - people.failing;
        let counts =
            [(word(Severity::Error), people.failing), (word(Severity::Warning), warned), ("none", people.sound)];
        counts.map(|(severity, count)| (vec![("severity", severity)], number(count)))
    });
    let of_users = audit
        .groups
        .iter()
        .filter(|_| of_both.is_some())
        .map(|group| (vec![("finding", group.finding.id)], number(group.count)));
    let platform = audit.platform.findings.iter().map(|hit| hit.finding.id).collect::<std::collections::BTreeSet<_>>();
    let platform = platform.into_iter().map(|id| (vec![("finding", id)], 1));
    let time = |seconds: Option<i64>| seconds.map(|seconds| (Vec::new(), seconds)).into_iter().collect();
    let gauges = [
        gauge("info", "Always 1. The versions are in the labels.", vec![(info, 1)]),
        gauge(
            "finding_people",
            "People who have a finding. A finding that no one has is left out.",
            of_users.collect(),
        ),
        gauge("platform_finding", "1 for a finding about the platform. Others are left out.", platform.collect()),
        gauge("people", "People by their worst finding: error, warning, or none.", severities.collect()),
        gauge("creators", "Creators in LAMB.", creators.collect()),
        gauge("owi_users", "Users in Open WebUI.", of_people(|people| people.owi_users).collect()),
        gauge("students", "Students from the LMS who are no creators.", of_people(|people| people.students).collect()),
        gauge("unchecked", "Checks that could not tell. Findings may be missing.", single(audit.could_not_tell.len())),
        gauge("audit_timestamp_seconds", "When this audit was made.", time(Some(audit.at))),
        gauge("sync_success_timestamp_seconds", "When sync --apply last succeeded.", time(last.sync)),
        gauge("run_success_timestamp_seconds", "When a run in the journal last succeeded.", time(last.run)),
    ];
    let mut text = String::new();
    for Gauge { name, help, values } in gauges.into_iter().filter(|gauge| !gauge.values.is_empty()) {
        // Writing to a String cannot fail.
        let _ = write!(text, "# HELP lamb_auth_{name} {help}\n# TYPE lamb_auth_{name} gauge\n");
        for (labels, value) in values {
            let labels: Vec<String> =
                labels.iter().map(|(name, text)| format!("{name}=\"{}\"", escaped(text))).collect();
            let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
            let _ = writeln!(text, "lamb_auth_{name}{labels} {value}");
        }
    }
    text
}

fn gauge<'a>(name: &'static str, help: &'static str, values: Vec<(Labels<'a>, i64)>) -> Gauge<'a> {
    Gauge { name, help, values }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The value of a label: a server says its version, and may say anything.
fn escaped(text: &str) -> String {
    clean(text).replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::sample::audit as sample;

    #[test]
    fn every_number_has_its_help_and_its_type() {
        let audit = sample();
        let text = metrics(&audit, &LastRuns { sync: Some(1_795_000_000), run: None });
        assert!(text.as_bytes().starts_with(A_METRIC));
        let people = audit.people.unwrap();
        let warned = people.addresses - people.sound - people.failing;
        for line in [
            format!("lamb_auth_people{{severity=\"error\"}} {}", people.failing),
            format!("lamb_auth_people{{severity=\"warning\"}} {warned}"),
            format!("lamb_auth_creators {}", people.creators),
            "lamb_auth_platform_finding{finding=\"bootstrap-admin\"} 1".to_owned(),
            "lamb_auth_sync_success_timestamp_seconds 1795000000".to_owned(),
            format!("lamb_auth_audit_timestamp_seconds {}", audit.at),
        ] {
            assert!(text.lines().any(|other| other == line), "{line} is not in {text}");
        }
        let first = &audit.groups[0];
        assert!(text.contains(&format!("finding_people{{finding=\"{}\"}} {}\n", first.finding.id, first.count)));
        // What is not known is left out, with its help.
        assert!(!text.contains("run_success"), "{text}");
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let name = line.split(['{', ' ']).next().unwrap();
            assert!(text.contains(&format!("# TYPE {name} gauge\n")) && text.contains(&format!("# HELP {name} ")));
        }
    }

    #[test]
    fn people_who_could_not_be_read_are_not_zero() {
        let text = metrics(&Audit { people: None, groups: Vec::new(), ..sample() }, &LastRuns::default());
        for name in ["people{", "creators", "owi_users", "students"] {
            assert!(!text.contains(&format!("lamb_auth_{name}")), "{text}");
        }
    }

    #[test]
    fn of_one_side_only_its_own_number_is_told() {
        let text = metrics(&Audit { is_one_sided: true, ..sample() }, &LastRuns::default());
        assert!(text.contains("\nlamb_auth_creators 2044\n"), "{text}");
        for name in ["people{", "owi_users", "students", "finding_people"] {
            assert!(!text.contains(&format!("lamb_auth_{name}")), "{text}");
        }
    }

    #[test]
    fn a_label_cannot_break_out_of_its_line() {
        let version = Some("1\"} 1\nlamb_auth_people 0 \\".to_owned());
        let text = metrics(&Audit { owi_version: version, ..sample() }, &LastRuns::default());
        let line = text.lines().find(|line| line.starts_with("lamb_auth_info")).unwrap();
        assert!(line.ends_with("owi_version=\"1\\\"} 1\\nlamb_auth_people 0 \\\\\"} 1"), "{line}");
    }
}
