//! The measured tables, as data, asked of a running sandbox.

use super::*;

#[test]
fn leaves_nothing_behind() {
    let sandbox = Sandbox::start_blocking(&Options::default()).unwrap();
    let dir = sandbox.dir().to_owned();
    assert!(dir.join("lamb/lamb_v4.db").exists());
    drop(sandbox);
    assert!(!dir.exists());
}
