mod browser;
mod driver;

use proptest::prelude::*;

use super::*;
use crate::audit::sample;

#[test]
fn says_all_that_the_audit_says() {
    let audit = sample::audit();
    let page = html(&audit);
    let says = |text: &str| {
        let escaped = html! { (text) }.into_string();
        assert!(page.contains(&escaped), "{text}");
    };
    for text in ["2026-11-23T00:18:30Z", "edition delegated", "0.6.43", "/data/lamb/lamb_v4.db", "/data/owi/webui.db"] {
        says(text);
    }
    says("482 of 4377 people have an error, and 83 a warning.");
    for group in &audit.groups {
        [group.finding.id, group.finding.title, group.finding.meaning].into_iter().for_each(says);
        group.fix.iter().for_each(|fix| says(&fix.text()));
        group.examples.iter().flat_map(|example| [&example.email, &example.detail]).for_each(|text| says(text));
    }
    says("lamb-auth audit --finding creator-missing");
    for hit in &audit.platform.findings {
        says(&hit.detail);
        hit.fix.iter().for_each(|fix| says(&fix.text()));
    }
    for check in &audit.platform.checks {
        [check.title, check.note.as_str()].into_iter().for_each(says);
    }
    for account in &audit.duplicates[0].accounts {
        [account.id.as_str(), account.email.as_str()].into_iter().for_each(says);
    }
    for text in ["41 chats", "3 chats, 2 files", "Open WebUI 0.12 would not start", "7 creators: their organization"] {
        says(text);
    }
}

#[test]
fn a_healthy_audit_shows_no_warning() {
    let mut audit = sample::audit();
    audit.groups.clear();
    audit.duplicates.clear();
    audit.could_not_tell.clear();
    audit.platform.findings.clear();
    audit.people = Some(PeopleTotals { addresses: 1, sound: 1, ..PeopleTotals::default() });
    let page = html(&audit);
    assert!(page.contains("None of 1 person has an error or a warning."), "{page}");
    assert!(page.contains("No findings about users."), "{page}");
    assert!(!page.contains("could not be checked."), "{page}");
    audit.people = Some(PeopleTotals { addresses: 9, sound: 8, ..PeopleTotals::default() });
    assert!(html(&audit).contains("1 of 9 people has a warning, and none an error."));
    // If no users were checked, none are called healthy.
    audit.people = None;
    assert!(!html(&audit).contains("No findings about users"));
}

#[test]
fn loads_nothing_from_anywhere() {
    let page = html(&sample::audit());
    for load in
        ["src=", "@import", "srcset", "<link", "<iframe", "<img", "href=\"http", "fetch(", "http-equiv=\"refresh"]
    {
        assert!(!page.contains(load), "{load}");
    }
    assert_eq!(page.matches("url(").count(), page.matches("url(#").count());
    assert!(page.contains("content=\"default-src 'none'; style-src 'sha256-"));
}

#[test]
fn style_and_script_stand_in_the_page_as_they_were_hashed() {
    let page = html(&sample::audit());
    for text in [STYLE, SCRIPT] {
        assert!(!text.contains("</") && page.contains(text));
    }
}

#[test]
fn a_bar_is_as_long_as_its_count_and_never_nothing() {
    assert_eq!([percent(412, 412), percent(37, 412), percent(1, 10_000)], ["100.0", "8.9", "0.5"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_from_outside_becomes_anything_but_text(
        text in "(<script>|</style>|-->|\"|'|&|<|>|\u{202e}|\u{1b}|\r|\\PC){0,12}"
    ) {
        let tags = |page: &str| page.matches('<').count() + page.matches('>').count() + page.matches('"').count();
        let page = html(&sample::hostile(&text));
        prop_assert_eq!(tags(&page), tags(&html(&sample::hostile("x"))));
        prop_assert_eq!(clean(&page), page);
    }
}
