//! `create-creator --create-owi-user`: two halves in two systems, and what is told when only one is done.

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{OwiVersion, Trouble};

use super::run::{EDITIONS, World, rows};

const LINE: &str = "create-creator --email new@uni.example --name 'Nina New' --create-owi-user --yes";

fn accounts(world: &World) -> Vec<String> {
    rows(
        &world.owi(),
        "SELECT u.email, u.name, u.role, a.active, u.id = a.id FROM user u JOIN auth a ON a.email = u.email \
         WHERE u.email = 'new@uni.example'",
    )
}

fn creators(world: &World) -> Vec<String> {
    world.lamb_rows("SELECT user_email, user_name FROM {p}Creator_users WHERE user_email = 'new@uni.example'")
}

#[test]
fn both_halves_are_made() {
    for edition in EDITIONS {
        for version in OwiVersion::ALL {
            let world = World::start(edition, version, None);
            let output = world.command(&format!("{LINE} --password-stdin")).stdin("a new password\n").run();
            output.expect(0).never_says("a new password").never_says("keeps its password");
            assert_eq!(accounts(&world), ["new@uni.example|Nina New|user|1|1"], "{version}");
            assert_eq!(creators(&world), ["new@uni.example|Nina New"], "{version}");
            if edition == Edition::Native {
                let copied =
                    world.lamb_rows("SELECT password_hash FROM {p}Creator_users WHERE user_email = 'new@uni.example'");
                let hash = rows(&world.owi(), "SELECT password FROM auth WHERE email = 'new@uni.example'");
                assert_eq!(copied, hash);
                // What was typed, without the line's end.
                assert!(bcrypt::verify("a new password", &hash[0]).unwrap());
            }
            // Beside a delegated LAMB no login works on the later versions.
            let drifted = edition == Edition::Delegated && version > OwiVersion::V0_5_6;
            world.run("diagnose --email new@uni.example").expect(i32::from(drifted));
            world.run(LINE).expect(0).says("Nothing to do");
        }
    }
}

#[test]
fn without_a_password_nothing_is_made() {
    let world = World::plain(Edition::Delegated);
    world.run(LINE).expect(4).says("--password-stdin");
    world.command(&format!("{LINE} --password-stdin")).stdin("\n").run().expect(2).says("empty");
    world.command(&format!("{LINE} --password-stdin")).stdin("x".repeat(73)).run().expect(2).says("72 bytes");
    world.run("create-creator --email new@uni.example --password-stdin --yes").expect(2);
    assert!(accounts(&world).is_empty() && creators(&world).is_empty());
    // No header holds it: neither half is made, unless it is wanted.
    for email in ["\u{448}@uni.example", "new@school.local"] {
        let line = format!("create-creator --email {email} --create-owi-user --password-stdin");
        world.command(&format!("{line} --yes")).stdin("pw").run().expect(4).says("could not log in");
        world.run(&format!("{line} --force --dry-run")).expect(1).says("create the Open WebUI account");
    }
}

/// Open WebUI's API made the account, and then somebody else holds LAMB's database.
#[test]
fn half_done_is_exit_5() {
    for edition in EDITIONS {
        let world = World::plain(edition);
        let lock = world.lamb();
        lock.execute_batch("BEGIN IMMEDIATE").unwrap();
        let line = format!("{LINE} --password-stdin -o json --lock-timeout 0.2");
        let output = world.command(&line).stdin("a new password").run();
        output.expect(5).says("partly done").says("new@uni.example").never_says("a new password");
        assert_eq!(output.json()["error"]["exit_code"], 5);
        assert_eq!(output.json()["error"]["half_done"]["made"]["kind"], "create-owi-user", "{output}");
        assert_eq!(world.json("history").1["runs"][0]["fate"], "only-in-open-webui");
        assert_eq!((accounts(&world).len(), creators(&world).len()), (1, 0), "{output}");
        lock.execute_batch("ROLLBACK").unwrap();
        // The account keeps the password of the first run, and the second says so.
        let again = world.command(&format!("{LINE} --password-stdin")).stdin("another password").run();
        again.expect(0).says("it keeps its password");
        again.says("lamb-auth update-creator --email new@uni.example --set-password --owi-too");
        let hash = "SELECT a.password FROM auth a JOIN user u ON u.id = a.id WHERE u.email = 'new@uni.example'";
        let stored: String = world.owi().query_row(hash, [], |row| row.get(0)).unwrap();
        assert!(bcrypt::verify("a new password", &stored).unwrap());
        let line = "update-creator --email new@uni.example --set-password --owi-too --password-stdin --yes";
        world.command(line).stdin("another password").run().expect(0);
        let stored: String = world.owi().query_row(hash, [], |row| row.get(0)).unwrap();
        assert!(bcrypt::verify("another password", &stored).unwrap());
        assert_eq!((accounts(&world).len(), creators(&world).len()), (1, 1));
    }
}

/// A file that is not the server's is found out before anything is made.
#[test]
fn beside_an_old_copy_nothing_is_made() {
    let world = World::start(Edition::Delegated, OwiVersion::V0_5_6, Some(Trouble::OwiDbStale));
    let output = world.command(&format!("{LINE} --password-stdin")).stdin("a new password").run();
    output.expect(4).says("Open WebUI uses another file");
    assert!(accounts(&world).is_empty() && creators(&world).is_empty());
}

/// What LAMB's own ways of getting an admin's token do not open, a token in a file does.
#[test]
fn an_admins_token_may_be_handed_in() {
    let world = World::start(Edition::Delegated, OwiVersion::V0_5_6, Some(Trouble::TrustedHeaderOff));
    let closed = world.command(&format!("{LINE} --password-stdin --owi-admin-email nobody@uni.example")).stdin("pw");
    closed.run().expect(3).says("--admin-token-file");
    assert!(accounts(&world).is_empty());
    let handed = format!("{LINE} --password-stdin --owi-admin-email nobody@uni.example --admin-token-file");
    let wrong = format!("{handed} box/tokens/valid.token");
    world.command(&wrong).stdin("pw").run().expect(4).says("Open WebUI refused this");
    assert!(accounts(&world).is_empty() && creators(&world).is_empty());
    let right = format!("{handed} box/tokens/admin@admin.owi.token");
    world.command(&right).stdin("pw").run().expect(0);
    assert_eq!((accounts(&world).len(), creators(&world).len()), (1, 1));
}

#[test]
fn a_server_that_is_not_there_changes_nothing() {
    for trouble in [Trouble::OwiDown, Trouble::OwiHangs, Trouble::OwiError, Trouble::OwiWrongUrl, Trouble::OwiRedirect]
    {
        let world = World::start(Edition::Delegated, OwiVersion::V0_5_6, Some(trouble));
        world.command(&format!("{LINE} --password-stdin --timeout 0.5")).stdin("pw").run().expect(3);
        assert!(accounts(&world).is_empty() && creators(&world).is_empty(), "{trouble}");
    }
}

/// LAMB's half is looked at before Open WebUI's is made.
#[test]
fn nothing_is_made_where_lamb_cannot_be_written() {
    let world = World::plain(Edition::Delegated);
    let lock = world.lamb();
    lock.execute_batch("BEGIN EXCLUSIVE").unwrap();
    world.command(&format!("{LINE} --password-stdin --lock-timeout 0.1")).stdin("pw").run().expect(3).says("locked");
    drop(lock);
    assert!(accounts(&world).is_empty() && creators(&world).is_empty());
}
