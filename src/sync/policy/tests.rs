use proptest::prelude::*;

use super::rule::Rule;
use super::*;
use OrganizationRole::{Admin, Member, Owner};

fn parsed(toml: &str) -> PolicyFile {
    toml::from_str(toml).unwrap()
}

fn policy(toml: &str) -> Policy {
    parsed(toml).try_into().unwrap()
}

fn patterns(texts: &[&str]) -> Vec<Pattern> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn placed<'a>(policy: &'a Policy, email: &str, owi_role: Option<&str>) -> (&'a str, OrganizationRole) {
    let placement = policy.placement(email, owi_role);
    (placement.organization, placement.role)
}

#[test]
fn any_policy_is_loaded_or_refused() {
    crate::mutated::survives("policies", |bytes| {
        let Ok(file) = toml::from_str::<PolicyFile>(&String::from_utf8_lossy(bytes)) else { return };
        let Ok(policy) = Policy::try_from(file) else { return };
        let scope = policy.scope("ada@physics.example");
        let again: Policy = serde_json::from_value(serde_json::to_value(&policy).unwrap()).unwrap();
        assert_eq!((again.scope("ada@physics.example"), &again), (scope, &policy));
    });
}

#[test]
fn the_example_has_every_key_and_does_what_it_says() {
    let text = include_str!("example.toml");
    let table: toml::Table = text.parse().unwrap();
    let keys = ["org", "role", "include", "exclude", "with-pending", "with-inactive", "service-accounts"];
    for key in
        keys.iter().chain(&["assume-new", "recreate", "move", "disable-missing", "max-changes", "owi-role", "rule"])
    {
        assert!(table.contains_key(*key), "{key}");
    }
    let policy = policy(text);
    assert_eq!(policy.scope("alice@uni.example"), Scope::In);
    assert_eq!(policy.scope("alice@lab.uni.example"), Scope::In);
    assert_eq!(policy.scope("alice@students.uni.example"), Scope::NotIncluded);
    assert_eq!(policy.scope("lab-7@uni.example"), Scope::NotIncluded);
    assert_eq!(policy.scope("svc-backup@uni.example"), Scope::ServiceAccount);
    assert_eq!(policy.scope("alice@elsewhere.example"), Scope::NotIncluded);
    assert_eq!(placed(&policy, "Dean@Physics.uni.example", Some("user")), ("physics", Owner));
    assert_eq!(placed(&policy, "bob@physics.uni.example", Some("admin")), ("physics", Admin));
    assert_eq!(placed(&policy, "bob@uni.example", Some("user")), ("lamb", Member));
    assert_eq!(policy.max_changes(), MaxChanges::Percent(10));
    assert!(policy.disables_missing() && policy.names_its_people());
    assert!(policy.is_new("Anna.Rossi@uni.example ") && !policy.is_new("anna@uni.example"));
    assert!(policy.recreates("Bob@uni.example") && !policy.recreates("anna@uni.example") && !policy.recreates_all());
}

#[test]
fn without_a_word_all_users_becomes_a_member_of_lamb() {
    let policy = Policy::load(&PolicyFlags::default()).unwrap();
    assert_eq!(policy.scope("Anybody"), Scope::In);
    assert_eq!(placed(&policy, "anybody@x.example", Some("admin")), ("lamb", Member));
    assert_eq!(policy.organizations().collect::<Vec<_>>(), ["lamb"]);
    assert_eq!(policy.max_changes(), MaxChanges::Usual);
    assert!(policy.leaves_out_pending() && policy.leaves_out_inactive());
    assert!(!policy.disables_missing() && !policy.names_its_people());
}

#[test]
fn accounts_of_programs_stay_out_unless_they_are_named() {
    let all_users = policy("");
    for email in ["NoReply@x.example", "ci-bot@x.example", "svc-backup@x.example", "service-mail@x", "admin@localhost"]
    {
        assert_eq!(all_users.scope(email), Scope::ServiceAccount, "{email}");
    }
    assert_eq!(all_users.scope("abbot@x.example"), Scope::In);
    let named = policy("include = ['ci-bot@x.example', '*@x.example', 'admin@local[h]ost']");
    assert_eq!(named.scope("CI-bot@x.example"), Scope::In);
    assert_eq!(named.scope("admin@localhost"), Scope::In);
    assert_eq!(named.scope("cd-bot@x.example"), Scope::ServiceAccount);
    let excluded = policy("include = ['ci-bot@x.example']\nexclude = ['*bot*']");
    assert_eq!(excluded.scope("ci-bot@x.example"), Scope::NotIncluded);
    assert_eq!(policy("service-accounts = []").scope("noreply@x.example"), Scope::In);
    assert_eq!(policy("service-accounts = ['robot@*']").scope("noreply@x.example"), Scope::In);
}

#[test]
fn every_built_in_pattern_is_one() {
    let policy = policy("");
    let kept: Vec<_> = policy.source.service_accounts.iter().flatten().map(Pattern::to_string).collect();
    assert_eq!(kept, SERVICE_ACCOUNTS);
}

#[test]
fn the_rule_beats_the_role_in_open_webui_which_beats_the_default() {
    let policy = policy(
        "org = 'uni'\nrole = 'member'\n[owi-role]\nadmin = 'admin'\n\
         [[rule]]\nemail = 'a@x.example'\norg = 'x'\nrole = 'member'\n\
         [[rule]]\nemail = 'x.example'\norg = 'x'\n[[rule]]\nemail = '*'\norg = 'y'\nrole = 'owner'",
    );
    assert_eq!(placed(&policy, "a@x.example", Some("admin")), ("x", Member));
    assert_eq!(placed(&policy, "b@x.example", Some("admin")), ("x", Admin));
    assert_eq!(placed(&policy, "b@x.example", Some("Admin")), ("x", Member));
    assert_eq!(placed(&policy, "b@x.example", None), ("x", Member));
    assert_eq!(placed(&policy, "unlisted", Some("admin")), ("y", Owner));
    assert_eq!(policy.organizations().collect::<Vec<_>>(), ["uni", "x", "y"]);
}

#[test]
fn flags_beat_the_file_and_come_before_its_rules_and_exclusions() {
    let file = parsed(
        "org = 'a'\nrole = 'member'\ninclude = ['x.example']\nexclude = ['e@x.example']\nservice-accounts = []\n\
         max-changes = 3\n[owi-role]\nadmin = 'admin'\nuser = 'member'\n[[rule]]\nemail = '*'\norg = 'file'",
    );
    let flags = PolicyFlags {
        org: "b".parse().ok(),
        role: Some(Admin),
        rule: vec!["x.example=flag".parse().unwrap()],
        owi_role: vec!["admin=owner".parse().unwrap()],
        include: patterns(&["y.example"]),
        exclude: patterns(&["f@x.example"]),
        with_pending: true,
        with_inactive: true,
        service_account: patterns(&["robot@*"]),
        disable_missing: true,
        max_changes: Some(MaxChanges::Number(4)),
        ..PolicyFlags::default()
    };
    let both = file.clone().with_flags(&flags);
    let expected = parsed(
        "org = 'b'\nrole = 'admin'\ninclude = ['y.example']\nexclude = ['f@x.example', 'e@x.example']\n\
         service-accounts = ['robot@*']\nwith-pending = true\nwith-inactive = true\ndisable-missing = true\n\
         max-changes = 4\n[owi-role]\nadmin = 'owner'\nuser = 'member'\n\
         [[rule]]\nemail = 'x.example'\norg = 'flag'\n[[rule]]\nemail = '*'\norg = 'file'",
    );
    assert_eq!(both, expected);
    assert_eq!(file.clone().with_flags(&PolicyFlags::default()), file);
}

#[test]
fn all_and_include_take_each_others_place_but_never_stand_together() {
    let all = PolicyFlags { all: true, ..PolicyFlags::default() };
    let some = PolicyFlags { include: patterns(&["x.example"]), ..PolicyFlags::default() };
    assert_eq!(parsed("include = ['y.example']").with_flags(&all), parsed("all = true"));
    assert_eq!(parsed("all = true").with_flags(&some), parsed("include = ['x.example']"));
    let both = PolicyFlags { all: true, ..some };
    assert!(matches!(Policy::load(&both), Err(PolicyError::AllAndInclude { .. })));
    let json = serde_json::json!({"all": true, "include": ["x.example"]});
    let error = serde_json::from_value::<Policy>(json).unwrap_err();
    assert_eq!(error.to_string(), "the policy: all covers all users, include only some; use one of the two");
}

#[test]
fn the_file_is_read_by_the_flag() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), include_str!("example.toml")).unwrap();
    let flags = PolicyFlags { policy: Some(file.path().to_owned()), ..PolicyFlags::default() };
    assert_eq!(Policy::load(&flags).unwrap(), policy(include_str!("example.toml")));
}

#[test]
fn a_saved_policy_is_complete_and_takes_no_key_that_is_unknown() {
    let json = serde_json::to_value(policy("")).unwrap();
    assert_eq!(json["org"], "lamb");
    assert_eq!(json["role"], "member");
    assert_eq!(json["max-changes"], "10%, at least 100");
    assert_eq!(json["service-accounts"].as_array().map(Vec::len), Some(SERVICE_ACCOUNTS.len()));
    assert!(json.get("include").is_none());
    assert_eq!(serde_json::from_value::<Policy>(json).unwrap(), policy(""));
    assert!(serde_json::from_value::<Policy>(serde_json::json!({"organization": "lamb"})).is_err());
}

fn some_patterns() -> impl Strategy<Value = Vec<Pattern>> {
    let text = "[abé]?[*?]?-?(bot)?@?[ab*]?|a\\[\\[\\]@b|b@a|noreply@\\*";
    prop::collection::vec(text, 0..4).prop_map(|texts| texts.iter().filter_map(|text| text.parse().ok()).collect())
}

prop_compose! {
    fn some_file()(
        include in some_patterns(), exclude in some_patterns(), service in prop::option::of(some_patterns()),
        rules in some_patterns(), flags: [bool; 4], max in prop::option::of(0usize..9),
    ) -> PolicyFile {
        let rule = |(at, email): (usize, Pattern)| {
            let role = [None, Some(Owner), Some(Member)][at % 3];
            Rule { email, org: format!("o{}", at % 2).parse().unwrap(), role }
        };
        PolicyFile {
            all: flags[0] && include.is_empty(),
            include: (!include.is_empty()).then_some(include),
            exclude,
            service_accounts: service,
            rules: rules.into_iter().enumerate().map(rule).collect(),
            owi_role: [("admin".to_owned(), Admin)].into(),
            with_pending: flags[1],
            with_inactive: flags[2],
            disable_missing: flags[3],
            max_changes: max.map(MaxChanges::Number),
            ..PolicyFile::default()
        }
    }
}

const SOME_EMAIL: &str = "[abé]?(-bot)?@?[ab]?|noreply@a|a\\[@b";

proptest! {
    #[test]
    fn spelling_changes_nothing(file in some_file(), email in SOME_EMAIL, blanks in "[ \u{a0}\t]{0,2}") {
        let policy = Policy::try_from(file).unwrap();
        let other = format!("{blanks}{}{blanks}", email.to_uppercase());
        prop_assert_eq!(policy.scope(&other), policy.scope(&email));
        prop_assert_eq!(policy.placement(&other, Some("admin")), policy.placement(&email, Some("admin")));
    }

    #[test]
    fn the_excluded_never_come_in(file in some_file(), email in "[a-c*?\\[\\]]{1,3}@[a-c\\[]{1,2}") {
        let mut file = file;
        file.exclude.push(glob::Pattern::escape(&email).parse().unwrap());
        file.include = Some(file.exclude.clone());
        file.all = false;
        prop_assert_eq!(Policy::try_from(file).unwrap().scope(&email), Scope::NotIncluded);
    }

    #[test]
    fn a_saved_policy_decides_alike(file in some_file(), emails in prop::collection::vec(SOME_EMAIL, 1..9)) {
        let policy = Policy::try_from(file).unwrap();
        let json = serde_json::to_value(&policy).unwrap();
        let saved: Policy = serde_json::from_value(json).unwrap();
        prop_assert_eq!(&saved, &policy);
        for email in &emails {
            prop_assert_eq!(saved.scope(email), policy.scope(email));
            prop_assert_eq!(saved.placement(email, Some("admin")), policy.placement(email, Some("admin")));
        }
        prop_assert!(saved.organizations().eq(policy.organizations()));
        prop_assert_eq!(saved.max_changes(), policy.max_changes());
        prop_assert_eq!(saved.leaves_out_pending(), policy.leaves_out_pending());
        prop_assert_eq!(saved.leaves_out_inactive(), policy.leaves_out_inactive());
        prop_assert_eq!(saved.disables_missing(), policy.disables_missing());
        prop_assert_eq!(saved.names_its_people(), policy.names_its_people());
    }

    #[test]
    fn placement_names_only_known_organizations(file in some_file(), email in SOME_EMAIL) {
        let policy = Policy::try_from(file).unwrap();
        let placement = policy.placement(&email, None);
        prop_assert!(policy.organizations().any(|slug| slug == placement.organization));
    }
}

#[test]
fn a_rule_places_a_user_and_a_service_account_is_left_out() {
    let flags = PolicyFlags {
        rule: vec!["physics.example=physics".parse().unwrap()],
        owi_role: vec!["admin=admin".parse().unwrap()],
        ..PolicyFlags::default()
    };
    let policy = Policy::load(&flags).unwrap();
    assert_eq!(policy.scope("noreply@physics.example"), Scope::ServiceAccount);
    assert_eq!(placed(&policy, "Alice@physics.example", Some("admin")), ("physics", Admin));
}

#[test]
fn patterns_that_would_take_hours_together_are_refused() {
    let star = |n: usize| format!("?*{}{n}", "a*".repeat(160)).parse().unwrap();
    let file = |count: usize| PolicyFile { exclude: (0..count).map(star).collect(), ..PolicyFile::default() };
    assert!(Policy::try_from(file(50)).is_ok());
    let error = Policy::try_from(file(5000)).unwrap_err().to_string();
    assert!(error.starts_with("the policy: its patterns with *, ? and [ would take too long: "), "{error}");
}
