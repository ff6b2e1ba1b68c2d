//! What people and scripts see, in all three shapes: a page of each command, both editions.

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{OwiVersion, Trouble};

use super::run::{Output, Run, World, snapshot};

/// The same line in every shape.
fn shapes(world: &World, line: &str) -> Vec<Output> {
    ["table", "plain", "json"].iter().map(|shape| world.run(&format!("{line} -o {shape}"))).collect()
}

#[test]
fn check_user() {
    for edition in super::run::EDITIONS {
        let world = World::plain(edition);
        let mut pages = shapes(&world, "check-user --email teacher@sandbox.test");
        pages.extend(shapes(&world, "check-user --email mixed.case@sandbox.test"));
        pages.push(world.run("check-user --email other-role@sandbox.test"));
        pages.push(world.run("check-user --email lost-org@sandbox.test"));
        pages.push(world.run("check-user --email student@sandbox.test"));
        snapshot(&format!("check_user_{edition}"), &pages);
    }
}

#[test]
fn check_owi_user() {
    let world = World::plain(Edition::Delegated);
    let mut pages = shapes(&world, "check-owi-user --email half@sandbox.test");
    pages.extend(shapes(&world, "check-owi-user --email renamed@sandbox.test --via api -q"));
    for email in ["double", "unreadable", "pending", "inactive", "Teacher", "nobody"] {
        pages.push(world.run(&format!("check-owi-user --email {email}@sandbox.test")));
    }
    pages.push(world.run("check-owi-user --email nobody@sandbox.test --via api"));
    snapshot("check_owi_user", &pages);
}

#[test]
fn list_users() {
    for edition in super::run::EDITIONS {
        let world = World::plain(edition);
        let mut pages = shapes(&world, "list-users");
        pages.extend(shapes(&world, "list-users techer@sandbox.test"));
        for line in [
            "list-users TEACHER",
            "list-users 'no-*@sandbox.test' --only lamb",
            "list-users --org physics --role none --sort name",
            "list-users --disabled --sort last-active",
            "list-users --only conflict",
        ] {
            pages.push(world.run(line));
        }
        snapshot(&format!("list_users_{edition}"), &pages);
    }
}

#[test]
fn list_organizations() {
    for edition in super::run::EDITIONS {
        let world = World::plain(edition);
        if edition == Edition::Native {
            world.lamb_sql(
                "INSERT INTO {p}lti_creator_keys (organization_id, oauth_consumer_key, oauth_consumer_secret, enabled, created_at, updated_at)
                 VALUES (2, 'physics-key', 'a-secret', 1, 0, 0), (3, 'closed-key', 'a-secret', 0, 0, 0)",
            );
        }
        let pages = shapes(&world, "list-organizations");
        assert!(pages.iter().all(|page| !page.stdout.contains("a-secret")));
        snapshot(&format!("list_organizations_{edition}"), &pages);
    }
}

#[test]
fn diagnose() {
    for (edition, version) in [(Edition::Delegated, OwiVersion::V0_5_6), (Edition::Native, OwiVersion::V0_12_4)] {
        let world = World::start(edition, version, None);
        let mut pages = shapes(&world, "diagnose --email admin@admin.owi");
        for line in [
            "diagnose --email teacher@sandbox.test",
            "diagnose --email student@sandbox.test",
            "diagnose --email teacher@sandbox.test --no-test-token",
            "diagnose --email inactive@sandbox.test",
            "diagnose -t box/tokens/expired.token --email teacher@sandbox.test",
            "diagnose -t box/tokens/owi-user-gone.token",
            "diagnose -t box/tokens/null.token",
        ] {
            pages.push(world.run(line));
        }
        for person in ["teacher", "disabled", "lti-creator", "no-creator", "no-owi"] {
            pages.push(world.run(&format!("diagnose --email {person}@sandbox.test --flow login")));
        }
        pages.push(world.run("diagnose --email teacher@sandbox.test --flow all"));
        snapshot(&format!("diagnose_{edition}"), &pages);
    }
}

#[test]
fn diagnose_the_platform() {
    for edition in super::run::EDITIONS {
        let mut pages = Vec::new();
        for trouble in
            [Trouble::OwiDown, Trouble::PrefixWrong, Trouble::OwiDbStale, Trouble::BackendWrong, Trouble::Unexplained]
        {
            let world = World::start(edition, OwiVersion::V0_5_6, Some(trouble));
            pages.push(world.run("diagnose --email teacher@sandbox.test --timeout 1"));
        }
        snapshot(&format!("diagnose_platform_{edition}"), &pages);
    }
}

#[test]
fn verify_token() {
    for edition in super::run::EDITIONS {
        let world = World::plain(edition);
        let mut pages = shapes(&world, "verify-token -t box/tokens/valid.token");
        for token in ["expired", "wrong-secret", "owi-row-unreadable", "creator-missing", "malformed"] {
            pages.push(world.run(&format!("verify-token -t box/tokens/{token}.token")));
        }
        pages.push(world.run("verify-token -t box/tokens/valid.token --offline"));
        pages.push(world.run("verify-token -t box/tokens/valid.token --for owi -o plain"));
        snapshot(&format!("verify_token_{edition}"), &pages);
    }
}

#[test]
fn writing() {
    for edition in super::run::EDITIONS {
        let world = World::plain(edition);
        let mut pages = shapes(&world, "create-creator --email admin@admin.owi --dry-run");
        pages.extend(shapes(&world, "create-creator --email student@sandbox.test --yes"));
        for line in [
            "create-creator --email admin@admin.owi",
            "create-creator --email nobody@uni.example --yes",
            "create-creator --email admin@admin.owi --role admin --yes",
            "create-creator --email admin@admin.owi --role admin --yes",
            "create-creator --email admin@admin.owi --org physics --role owner --yes",
            "assign-role --email no-role@sandbox.test --org physics --role member --dry-run",
            "assign-role --email teacher@sandbox.test --org physics --role member --yes",
            "assign-role --email teacher@sandbox.test --org lamb --role admin --yes",
            "assign-role --email teacher@sandbox.test --org physics --role admin --yes",
            "assign-role --email teacher@sandbox.test --org physics --role admin --yes",
        ] {
            pages.push(world.run(line));
        }
        snapshot(&format!("writing_{edition}"), &pages);
    }
}

#[test]
fn config() {
    let world = World::plain(Edition::Native);
    let mut pages = shapes(&world, "config");
    pages.push(world.run("config --offline --lamb-db nowhere --lamb-db-prefix old_"));
    snapshot("config", &pages);
}

#[test]
fn explain() {
    let world = World::plain(Edition::Delegated);
    let mut pages = shapes(&world, "explain creator-missing");
    pages.push(world.run("explain -o plain"));
    pages.push(world.run("explain creator-mising"));
    snapshot("explain", &pages);
    // Every finding can be explained by itself.
    for finding in lamb_auth::findings::catalogue() {
        let (code, told) = world.json(&format!("explain {}", finding.id));
        assert_eq!((code, told["finding"]["id"].as_str()), (0, Some(finding.id)));
    }
}

#[test]
fn help() {
    let line = |words: &str| Run::new(words.split_whitespace().map(str::to_owned).collect()).run();
    let commands = [
        "",
        "diagnose",
        "check-user",
        "check-owi-user",
        "list-users",
        "list-organizations",
        "verify-token",
        "create-creator",
        "assign-role",
        "history",
        "undo",
        "support-bundle",
        "explain",
        "config",
        "schema",
        "sandbox",
        "completions",
    ];
    let pages: Vec<_> = commands.iter().map(|command| line(&format!("{command} --help"))).collect();
    assert!(pages.iter().all(|page| page.code == 0 && page.stderr.is_empty()));
    snapshot("help", &pages);
}

#[test]
fn sandbox() {
    let line = |words: &str| Run::new(words.split_whitespace().map(str::to_owned).collect()).run();
    let pages = [line("sandbox --list"), line("sandbox --edition native --owi-version 0.12.4 --list")];
    snapshot("sandbox_list", &pages);
    // The exit code of the command inside is its own.
    for (words, code) in [
        ("sandbox -- check-user --email teacher@sandbox.test", 0),
        ("sandbox -- check-user --email admin@admin.owi", 1),
        ("sandbox -- check-user", 2),
        ("sandbox --trouble lamb-db-garbage -- check-user --email teacher@sandbox.test", 3),
        ("sandbox -- create-creator --email student@sandbox.test --yes", 4),
        ("sandbox --token expired -- verify-token", 1),
        ("sandbox --edition native --owi-version 0.12.4 --token shared-secret-trap -- verify-token", 1),
        ("sandbox -- diagnose --email admin@admin.owi", 1),
        ("sandbox -- sandbox -- diagnose --email operator@sandbox.test", 0),
    ] {
        line(words).expect(code);
    }
    // What it suggests runs in a sandbox too.
    let sick = line("sandbox --edition native -- diagnose --email admin@admin.owi");
    let next = "Next:\n  lamb-auth sandbox --edition native -- diagnose --email admin@admin.owi --fix\n";
    assert!(sick.stdout.ends_with(next), "{}", sick.stdout);
}
