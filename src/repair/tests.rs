//! The table of repairs: who gets which, and who gets none.

mod cases;
mod world;

use super::*;
use crate::sqlite::value::PasswordHash;
use cases::{CASES, Spoil};
use world::World;

fn kinds(repairs: &Repairs) -> Vec<String> {
    let word = |repair: &Repair| {
        let hard = if repair.standing(true).is_some() { "!" } else { "" };
        format!("{}{hard}", repair.doing.kind())
    };
    repairs.repairs.iter().map(word).collect()
}

fn steps(repairs: &Repairs) -> Vec<&'static str> {
    repairs.steps.iter().map(|step| step.finding).collect()
}

/// A world that was spoilt like this: what is done, and which findings are left to a person.
fn holds(name: &str, edition: Edition, spoil: &Spoil, does: &[&str], left: &[&str]) {
    let mut world = World::new(edition);
    spoil(&mut world);
    let found = world.plan();
    assert_eq!(
        (kinds(&found), steps(&found)),
        (does.iter().map(ToString::to_string).collect(), left.to_vec()),
        "{edition}: {name}"
    );
}

#[test]
fn each_finding_gets_its_repair() {
    for edition in [Edition::Delegated, Edition::Native] {
        for (name, spoil, does, left) in CASES {
            holds(name, edition, spoil, does, left);
        }
    }
}

#[test]
fn what_differs_by_edition() {
    use Edition::{Delegated, Native};
    let gone: Spoil = |w| w.owi = Some(OwiMatches::default());
    let silent: Spoil = |w| {
        w.owi = Some(OwiMatches::default());
        w.has_password = false;
    };
    fn none(w: &mut World) {
        if let Some(native) = &mut w.creator().native {
            native.password_hash = PasswordHash::Missing;
        }
    }
    let empty = |w: &mut World| {
        if let Some(native) = &mut w.creator().native {
            native.password_hash = PasswordHash::Missing;
        }
        w.stored.hash_is_null = false;
    };
    let off: Spoil = |w| {
        none(w);
        w.user().auth.as_mut().unwrap().active = false;
    };
    let pending: Spoil = |w| {
        none(w);
        w.user().role = "pending".into();
    };
    let unreadable: Spoil = |w| {
        none(w);
        w.user().unreadable.push("settings is not JSON".into());
    };
    let disabled: Spoil = |w| {
        none(w);
        w.creator().enabled = false;
    };
    let by_lms = |w: &mut World| {
        if let Some(native) = &mut w.creator().native {
            (native.password_hash, native.auth_provider) = (PasswordHash::Missing, "lti_creator".to_owned());
        }
    };
    type Case<'a> = (&'a str, Edition, Spoil, &'a [&'a str], &'a [&'a str]);
    let cases: &[Case<'_>] = &[
        ("no account", Delegated, gone, &["create-owi-user"], &[]),
        ("no account, and no password source", Delegated, silent, &[], &["owi-user-missing"]),
        // By design: the judge of the walk weighs it less, here it is as the file's judge says.
        ("no account", Native, gone, &[], &["owi-user-missing"]),
        ("no password", Native, none, &["copy-password-hash"], &[]),
        ("no password", Delegated, none, &[], &[]),
        ("an empty password, which LAMB does not fall back from", Native, empty, &[], &["password-missing"]),
        ("no password, and switched off in Open WebUI", Native, off, &[], &["owi-inactive", "password-missing"]),
        ("no password, and pending", Native, pending, &["approve-owi-user"], &["password-missing"]),
        ("no password, and unreadable", Native, unreadable, &[], &["owi-row-unreadable", "password-missing"]),
        ("no password, and disabled", Native, disabled, &[], &["creator-disabled", "password-missing"]),
        ("from the LMS", Native, by_lms, &[], &[]),
    ];
    for (name, edition, spoil, does, left) in cases {
        holds(name, *edition, spoil, does, left);
    }
}

/// A creator made after the approval equals that of a user approved long ago.
#[test]
fn a_creator_waits_for_the_approval() {
    let mut world = World::new(Edition::Native);
    world.lamb.creator = None;
    let of_user = world.plan().repairs.remove(0);
    world.user().role = "pending".into();
    let found = world.plan();
    let [_, waits] = found.repairs.as_slice() else { panic!("{found:?}") };
    assert_eq!((waits.after, &waits.doing, waits.guards.len()), (Some("approve-owi-user"), &of_user.doing, 0));
    assert_eq!(of_user.after, None);
}

/// A native LAMB would let them in by the hash, whatever Open WebUI says.
#[test]
fn an_account_that_is_switched_off_gets_no_creator_by_itself() {
    for edition in [Edition::Native, Edition::Delegated] {
        let mut world = World::new(edition);
        world.lamb.creator = None;
        world.user().auth.as_mut().unwrap().active = false;
        let repair = world.plan().repairs.remove(0);
        let stands = edition == Edition::Native;
        let said = repair.notes.iter().any(|note| note.contains("login will be refused"));
        assert_eq!(
            (repair.doing.kind(), repair.standing(false).is_some(), repair.standing(true).is_some(), said),
            ("create-creator", stands, false, !stands)
        );
    }
}

/// The question says which account's password will give access to the creator.
#[test]
fn whose_password_opens_it_is_said() {
    let mut world = World::new(Edition::Native);
    world.spelled("Nina@X.ORG");
    world.owi.as_mut().unwrap().other_spellings[0].created_at = Some(0);
    let notes = world.plan().repairs.remove(0).notes.concat();
    for told in ["0c1d-1", "1970-01-01T00:00:00Z", "password", "creator 7"] {
        assert!(notes.contains(told), "{told}: {notes}");
    }
    let alone: Vec<_> = KINDS.iter().filter(|kind| kind.by_itself).map(|kind| kind.name).collect();
    assert_eq!(alone, ["create-owi-user", "delete-owi-user"], "a password is one person's, a deletion is for good");
    let access: Vec<_> = KINDS.iter().filter(|kind| kind.grants_access).map(|kind| kind.name).collect();
    assert_eq!(access, ["approve-owi-user", "set-owi-email", "copy-password-hash"]);
}

#[test]
fn every_kind_has_a_place_and_every_fixable_finding_is_in_the_catalogue() {
    for (finding, _) in REPAIRS {
        assert_eq!(findings::find(finding.id), Some(*finding));
    }
    let mut names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), KINDS.len());
}
