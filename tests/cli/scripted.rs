//! Repair by a script of ten lines: whoever is left is named.

use std::path::Path;
use std::process::Command;

use lamb_auth::lamb::Edition;

use super::run::World;

fn repair(world: &World, people: &str) -> (i32, String, String) {
    let file = world.cwd.path().join("people.txt");
    std::fs::write(&file, people).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/repair");
    let told = world.command("config").process();
    let environment = told.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
    let mut command = Command::new("sh");
    command.arg(script).arg(file).env_clear().envs(environment).env("LAMB_AUTH", env!("CARGO_BIN_EXE_lamb-auth"));
    let done = command.current_dir(world.cwd.path()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (done.status.code().unwrap(), text(&done.stdout), text(&done.stderr))
}

#[test]
fn what_can_be_mended_is_and_the_rest_is_named() {
    let world = World::plain(Edition::Delegated);
    let people = "admin@admin.owi\nno-role@sandbox.test\n\ninactive@sandbox.test\n-x@nobody.test\n'; rm -rf $HOME; '@x\nteacher@sandbox.test";
    let left = "left:\ninactive@sandbox.test\n-x@nobody.test\n'; rm -rf $HOME; '@x\n";
    assert_eq!(repair(&world, people), (1, left.to_owned(), String::new()));
    world.run("check-user --email admin@admin.owi").expect(0);
    assert_eq!(repair(&world, "admin@admin.owi\nno-role@sandbox.test\nteacher@sandbox.test\n").0, 0);
    assert_eq!(world.run("history -o plain").stdout.lines().filter(|line| line.contains("diagnose --fix")).count(), 2);
}
