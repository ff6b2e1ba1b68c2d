//! Counting: findings with how many have them, and the first few.

use std::io;

use super::judge::AddressHit;
use super::listing::Listing;
use super::people::PeopleFilter;
use super::repairs::AT_ONCE;
use super::report::{Example, Group};
use crate::findings::{
    CREATOR_MISSING, EMAIL_INVALID, EMAIL_SPELLING, Finding, FixStep, HEADER_UNSENDABLE, Hit, Severity, catalogue,
};

/// How many are named of each group.
const FEW: usize = 5;

#[derive(Debug)]
struct Counted {
    group: Group,
    /// The first user's.
    first: Hit,
    /// How many of those who have it a repair may be offered for.
    fixable: usize,
}

/// What is found, as it is found.
#[derive(Debug, Default)]
pub(super) struct Tally {
    groups: Vec<Counted>,
    listing: Option<(&'static Finding, Listing)>,
}

impl Tally {
    /// `listed`: the finding whose users are all listed.
    ///
    /// # Errors
    /// Where no temporary file can be made.
    pub(super) fn new(listed: Option<&'static Finding>) -> io::Result<Self> {
        let listing = listed.map(|finding| Ok::<_, io::Error>((finding, Listing::new()?))).transpose()?;
        Ok(Self { groups: Vec::new(), listing })
    }

    /// Takes what was found about one address.
    ///
    /// # Errors
    /// Where the listing cannot be written.
    pub(super) fn add(&mut self, all: &[AddressHit]) -> io::Result<()> {
        for AddressHit { email, hit, is_fixable } in all {
            let example =
                || Example { email: email.as_str().to_owned(), detail: hit.detail.clone(), command: own_command(hit) };
            if let Some((_, listing)) = self.listing.as_mut().filter(|(listed, _)| *listed == hit.finding) {
                listing.push(&example())?;
            }
            match self.groups.iter_mut().find(|counted| counted.group.finding == hit.finding) {
                Some(Counted { group, fixable, .. }) => {
                    group.count += 1;
                    *fixable += usize::from(*is_fixable);
                    group.severity = group.severity.max(hit.severity);
                    if group.examples.len() < FEW {
                        group.examples.push(example());
                    }
                }
                None => {
                    let (finding, severity) = (hit.finding, hit.severity);
                    let group = Group { finding, severity, count: 1, examples: vec![example()], fix: Vec::new() };
                    self.groups.push(Counted { group, first: hit.clone(), fixable: usize::from(*is_fixable) });
                }
            }
        }
        Ok(())
    }

    /// How many have each finding that is worse than information: what is so by design has no cause to look for.
    pub(super) fn counts(&self) -> Vec<(&'static Finding, usize)> {
        let told = self.groups.iter().filter(|counted| counted.group.severity > Severity::Info);
        told.map(|counted| (counted.group.finding, counted.group.count)).collect()
    }

    /// The groups, the worst first, of these the biggest; and all users who have the listed finding.
    ///
    /// # Errors
    /// Where the listing cannot be written.
    pub(super) fn finish(self, filter: &PeopleFilter) -> io::Result<(Vec<Group>, Option<Listing>)> {
        let listed = self.listing.as_ref().map(|(finding, _)| *finding);
        let mut groups: Vec<Group> = self
            .groups
            .into_iter()
            .filter(|counted| listed.is_none_or(|listed| listed == counted.group.finding))
            .map(|counted| Group { fix: fix(&counted, filter), ..counted.group })
            .collect();
        let place = |group: &Group| catalogue().iter().position(|finding| *finding == group.finding);
        groups.sort_by_key(|group| (std::cmp::Reverse((group.severity, group.count)), place(group)));
        let listing = self.listing.map(|(_, listing)| listing.finish()).transpose()?;
        Ok((groups, listing))
    }
}

/// The command for this user alone, where no other fixes it for many: each gets another e-mail or name.
fn own_command(hit: &Hit) -> Option<String> {
    let is_by_user = [&EMAIL_SPELLING, &EMAIL_INVALID, &HEADER_UNSENDABLE].contains(&hit.finding);
    let update = |step: &&FixStep| match step {
        FixStep::Command(command) => command.words.first().is_some_and(|word| word == "update-creator"),
        FixStep::Advice(_) => false,
    };
    hit.fix.iter().find(update).filter(|_| is_by_user).map(|step| step.text().into_owned())
}

/// How to fix it for all selected users. For a single user, that user's own fix.
fn fix(counted: &Counted, filter: &PeopleFilter) -> Vec<FixStep> {
    let Counted { group, first, fixable } = counted;
    if group.count == 1 {
        return first.fix.clone();
    }
    let finding = group.finding;
    let email = filter.email.as_ref().map(ToString::to_string);
    let mut words = vec!["audit", "--finding", finding.id];
    words.extend(email.iter().flat_map(|email| ["--email", email.as_str()]));
    words.extend(filter.organization.iter().flat_map(|slug| ["--org", slug.as_str()]));
    let all = FixStep::command(&words);
    if finding == &CREATOR_MISSING && group.count > AT_ONCE && *filter == PeopleFilter::default() {
        return vec![FixStep::command(&["sync"]), FixStep::command(&["sync", "--apply"]), all];
    }
    let mut fix = vec![FixStep::advice(finding.remedy)];
    if *fixable > 0 {
        fix.insert(0, all.clone().switched(&["--fix", "--dry-run"]));
    }
    if group.severity > Severity::Info && group.count > FEW {
        fix.push(all);
    }
    fix
}
