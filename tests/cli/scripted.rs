//! Repair by a script of ten lines: whoever is left is named.

use std::path::Path;
use std::process::Command;

use lamb_auth::lamb::Edition;

use super::run::World;

fn repair_in(world: &World, file: &str) -> (i32, String, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/repair");
    let told = world.command("config").process();
    let environment = told.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
    let mut command = Command::new("sh");
    command.arg(script).arg(file).env_clear().envs(environment).env("LAMB_AUTH", env!("CARGO_BIN_EXE_lamb-auth"));
    let done = command.current_dir(world.cwd.path()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (done.status.code().unwrap(), text(&done.stdout), text(&done.stderr))
}

fn repair(world: &World, people: &str) -> (i32, String, String) {
    std::fs::write(world.cwd.path().join("people.txt"), people).unwrap();
    repair_in(world, "people.txt")
}

#[test]
fn what_can_be_fixed_is_and_the_rest_is_named() {
    let world = World::plain(Edition::Delegated);
    let people = "admin@admin.owi\nno-role@sandbox.test\n\ninactive@sandbox.test\n-x@nobody.example\n'; rm -rf $HOME; '@x\na\\tb@x\nteacher@sandbox.test";
    let left = "left:\ninactive@sandbox.test\n-x@nobody.example\n'; rm -rf $HOME; '@x\na\\tb@x\n";
    assert_eq!(repair(&world, people), (1, left.to_owned(), String::new()));
    world.run("check-user --email admin@admin.owi").expect(0);
    assert_eq!(repair(&world, "admin@admin.owi\nno-role@sandbox.test\nteacher@sandbox.test\n").0, 0);
    assert_eq!(world.run("history -o plain").stdout.lines().filter(|line| line.contains("diagnose --fix")).count(), 2);
}

/// As an editor on Windows, a spreadsheet or a hurried hand writes it.
#[test]
fn a_list_may_have_been_written_anywhere() {
    let world = World::plain(Edition::Delegated);
    let people = "# those of Monday\r\n  admin@admin.owi \r\n\r\nno-role@sandbox.test\r\n";
    assert_eq!(repair(&world, people), (0, String::new(), String::new()));
    world.run("check-user --email admin@admin.owi").expect(0);
    assert_eq!(repair(&world, ""), (0, String::new(), String::new()));
}

#[test]
fn a_list_that_cannot_be_read_is_no_success() {
    let world = World::plain(Edition::Delegated);
    for file in ["nowhere.txt", "."] {
        let (code, stdout, stderr) = repair_in(&world, file);
        assert_eq!((code, &*stdout), (2, ""), "{file}: {stderr}");
        assert!(!stderr.is_empty(), "{file}");
    }
}
