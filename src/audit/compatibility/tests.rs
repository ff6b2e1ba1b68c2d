//! Files and servers that do not agree.

use super::*;

fn schema(head: &str, version: Option<&'static str>, drift: Option<Drift>) -> SchemaFit {
    SchemaFit {
        file: "webui.db".into(),
        columns: 12,
        drift,
        migration: Some(Migration { head: head.into(), version }),
        forbids: false,
        blocking: Blocking::default(),
    }
}

fn judged(server: Option<&str>, identity: Identity, schema: Result<SchemaFit, String>) -> Compatibility {
    judge(&CompatibilityEvidence { edition: None, server, identity, schema }).1
}

#[test]
fn the_version_decides_where_there_is_no_file() {
    let works = |version| judged(version, Identity::Unknown, Err("there is no such file".into())).works;
    assert_eq!(works(Some("0.5.6")), Some(true));
    assert_eq!(works(Some("0.12.4")), Some(false));
    assert_eq!(works(Some("0.7.1")), None);
    assert_eq!(works(None), None);
    let (told, _) = judge(&CompatibilityEvidence {
        edition: None,
        server: None,
        identity: Identity::Unknown,
        schema: Err("gone".into()),
    });
    assert_eq!(told.outcome(), Outcome::CouldNotTell);
}

#[test]
fn a_file_that_is_not_the_servers_does_not_decide_alone() {
    let old = || Ok(schema("3781e22d8b01", Some("0.5.6"), None));
    let drifted = || Ok(schema("c440947495f3", Some("0.6.43"), Some(Drift::default())));
    assert_eq!(judged(Some("0.6.43"), Identity::Other, old()).works, Some(false));
    assert_eq!(judged(Some("0.7.1"), Identity::Other, old()).works, None);
    // LAMB reads this file, even if it is another server's.
    assert_eq!(judged(Some("0.5.6"), Identity::Other, drifted()).works, Some(false));
    assert_eq!(judged(Some("0.6.43"), Identity::Unknown, old()).works, Some(true));
    assert_eq!(judged(None, Identity::Other, old()).upgrade_to_0_12_starts, None);
}

#[test]
fn files_of_another_version_and_half_upgrades_are_told() {
    let because = |server, schema| judged(server, Identity::Same, Ok(schema)).because.join("\n");
    let said = because(Some("0.6.43"), schema("3781e22d8b01", Some("0.5.6"), None));
    assert!(said.contains("the server is Open WebUI 0.6.43, and 0.5.6 wrote webui.db"), "{said}");
    let said = because(None, schema("959eaac8f909", None, Some(Drift::default())));
    assert!(said.contains("has stopped half-way"), "{said}");
    assert!(said.contains("a delegated LAMB keeps") && said.contains("a native LAMB works"), "{said}");
}

#[test]
fn blocking_emails_are_counted_and_some_named() {
    let blocking = Blocking { count: 7, examples: vec![("a@x".into(), 2), ("b@x".into(), 3)] };
    let schema = SchemaFit { blocking, ..schema("3781e22d8b01", Some("0.5.6"), None) };
    let (told, found) =
        judge(&CompatibilityEvidence { edition: None, server: None, identity: Identity::Unknown, schema: Ok(schema) });
    assert_eq!((found.upgrade_to_0_12_starts, found.blocking), (Some(false), 7));
    assert_eq!(found.blocking_examples, ["a@x", "b@x"]);
    assert_eq!(told.hits[0].detail, "webui.db has e-mails more than once (7 in lower case): a@x (2), b@x (3), …");
    assert!(told.hits[0].fix[0].text().starts_with("Before the upgrade"), "{told:?}");
}

#[test]
fn half_an_upgrade_is_not_fixed_in_an_admin_panel_that_is_not_there() {
    let blocking = Blocking { count: 1, examples: vec![("a@x".into(), 2)] };
    let schema = SchemaFit { blocking, ..schema("959eaac8f909", None, Some(Drift::default())) };
    let (told, _) =
        judge(&CompatibilityEvidence { edition: None, server: None, identity: Identity::Unknown, schema: Ok(schema) });
    assert!(told.hits[0].fix[0].text().contains("neither the old nor the new"), "{told:?}");
}
