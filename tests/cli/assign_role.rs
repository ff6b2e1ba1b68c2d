//! What `assign-role` changes: the role in its row, which keeps its id and the time it was made.

use lamb_auth::lamb::Edition;

use super::create_creator::everything;
use super::run::{EDITIONS, World};

fn role_rows(world: &World, email: &str) -> Vec<String> {
    world.lamb_rows(&format!(
        "SELECT r.id, r.organization_id, r.role, r.created_at, r.updated_at > r.created_at \
         FROM {{p}}organization_roles r JOIN {{p}}Creator_users c ON c.id = r.user_id \
         WHERE c.user_email = '{email}' ORDER BY r.id"
    ))
}

#[test]
fn a_role_is_changed_in_place() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        let before = everything(&world);
        let line = "assign-role --email teacher@sandbox.test --org physics --role admin --yes";
        let [row] = role_rows(&world, "teacher@sandbox.test").try_into().unwrap();
        assert!(row.contains("|2|owner|1760000000|0"), "{row}");
        let (code, done) = world.json(line);
        assert_eq!((code, done["changed"].as_bool()), (0, Some(true)), "{done:#}");
        assert_eq!(done["changes"][0]["before"], "owner");
        let id = row.split('|').next().unwrap();
        assert_eq!(role_rows(&world, "teacher@sandbox.test"), [format!("{id}|2|admin|1760000000|1")]);
        // One row of all that LAMB has.
        let after = everything(&world);
        assert_eq!(after.iter().filter(|row| !before.contains(row)).count(), 1, "{edition}");
        assert_eq!(after.len(), before.len());

        let (code, again) = world.json(line);
        assert_eq!((code, again["changed"].as_bool()), (0, Some(false)), "{again:#}");
        assert_eq!(everything(&world), after);
    }
}

#[test]
fn a_missing_role_is_made_and_fixes_the_user() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        for email in ["no-role@sandbox.test", "other-role@sandbox.test"] {
            let rows = role_rows(&world, email);
            let (_, report) = world.json(&format!("diagnose --email {email}"));
            let command = report["steps"][6]["findings"][0]["mend"][0]["command"].as_str().unwrap();
            world.run(&format!("{} --yes", command.strip_prefix("lamb-auth ").unwrap())).expect(0);
            let after = role_rows(&world, email);
            assert_eq!(after.len(), rows.len() + 1, "a row elsewhere stays");
            let (code, report) = world.json(&format!("diagnose --email {email}"));
            assert_eq!((code, report["overall"].as_str()), (0, Some("healthy")), "{report:#}");
        }
    }
}

#[test]
fn a_dry_run_shows_and_keeps_still() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        let before = everything(&world);
        // Without --org, the creator's own organization is meant.
        let (code, plan) = world.json("assign-role --email no-role@sandbox.test --role member --dry-run");
        assert_eq!(plan["changes"][0]["organization"]["slug"], "physics", "{plan:#}");
        assert_eq!((code, plan["pending"].as_bool(), plan["changed"].as_bool()), (1, Some(true), Some(false)));
        assert_eq!(everything(&world), before);
    }
}

#[test]
fn the_system_role_is_natives_alone() {
    let world = World::plain(Edition::Delegated);
    world.run("assign-role --email teacher@sandbox.test --system-role admin --yes").expect(2).says("delegated");

    let world = World::plain(Edition::Native);
    let role = |email: &str| {
        world.lamb_rows(&format!(
            "SELECT role, created_at, updated_at > created_at FROM {{p}}Creator_users WHERE user_email = '{email}'"
        ))
    };
    let raise = "assign-role --email teacher@sandbox.test --system-role admin";
    world.run(&format!("{raise} --yes")).expect(0);
    assert_eq!(role("teacher@sandbox.test"), ["admin|1760000000|1"]);
    assert_eq!(world.json(&format!("{raise} --yes")).1["changed"], false);
    // Their old token says user until it ends, and that is said of it; taking admin away says so beforehand.
    world.run("verify-token -t box/tokens/valid.token").expect(0).says("stale-role");
    let lower = "assign-role --email teacher@sandbox.test --system-role user";
    world.run(&format!("{lower} --dry-run")).expect(1).says("until they expire");
    world.run(&format!("{lower} --yes")).expect(0).says("until they expire");
    assert_eq!(role("teacher@sandbox.test"), ["user|1760000000|1"]);

    // Both at once, in one transaction.
    let (code, both) = world
        .json("assign-role --email teacher@sandbox.test --org physics --role member --system-role admin --yes --force");
    assert_eq!((code, both["changes"].as_array().unwrap().len()), (0, 2), "{both:#}");
    assert_eq!(role("teacher@sandbox.test"), ["admin|1760000000|1"]);
}

#[test]
fn who_is_not_there_gets_no_role() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        let before = everything(&world);
        let flags = "--org physics --role admin --yes --force";
        world
            .run(&format!("assign-role --email admin@admin.owi {flags}"))
            .expect(1)
            .says("create-creator --email admin@admin.owi");
        world
            .run(&format!("assign-role --email mixed.case@sandbox.test {flags}"))
            .expect(1)
            .says("Mixed.Case@sandbox.test");
        assert_eq!(everything(&world), before);
    }
}
