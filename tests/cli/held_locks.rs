//! Somebody else holds LAMB's write lock: `sync --apply` waits for as long as it was told, and then says so.

use std::fs;
use std::process::Child;
use std::thread::yield_now;
use std::time::Instant;

use super::crowd::Crowd;
use super::run::{BOUND, EDITIONS};

const SYNC: &str = "sync --apply --yes --max-changes 100% -o plain";

/// How often a process has gone to sleep by itself: while it waits for a lock, that is once for each time it has tried.
pub(crate) fn naps(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
    line.trim().parse().ok()
}

/// Waits until the program waits: it has opened its journal, which is the last before the transaction, and has tried so
/// many times.
fn tries(crowd: &Crowd, child: &mut Child, times: u64) {
    let began = Instant::now();
    let mut first = None;
    loop {
        assert!(child.try_wait().unwrap().is_none(), "it did not wait");
        assert!(began.elapsed() < BOUND);
        if crowd.journal_path().exists() {
            let now = naps(child).unwrap_or_default();
            if now >= *first.get_or_insert(now) + times {
                return;
            }
        }
        yield_now();
    }
}

/// SQLite tries a dozen times in the first third of a second, and then every tenth of one.
const THREE_SECONDS: u64 = 12 + 27;

#[test]
fn a_writer_who_is_soon_done_is_waited_for() {
    for edition in EDITIONS {
        let crowd = Crowd::of(edition, 50);
        let none = crowd.counts();
        let holder = crowd.lamb();
        holder.execute_batch("BEGIN IMMEDIATE").unwrap();
        let run = crowd.command(&format!("{SYNC} --lock-timeout 20"));
        let mut child = run.start();
        tries(&crowd, &mut child, THREE_SECONDS);
        // Meanwhile nobody else may begin.
        crowd.run(SYNC).expect(4).says(&format!("another sync is running (process {}", child.id()));
        assert_eq!(crowd.counts(), none);
        holder.execute_batch("COMMIT").unwrap();
        let output = run.finish(child);
        output.expect(0).says("result\tchanged");
        assert_eq!(crowd.counts().creators, none.creators + 50, "{output}");
        assert_eq!(crowd.fates(), ["done"]);
    }
}

#[test]
fn a_writer_who_is_never_done_is_not() {
    for edition in EDITIONS {
        for begin in ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"] {
            let crowd = Crowd::of(edition, 50);
            let none = crowd.counts();
            let holder = crowd.lamb();
            holder.execute_batch(begin).unwrap();
            let began = Instant::now();
            let output = crowd.run(&format!("{SYNC} --lock-timeout 0.3"));
            let about = format!("{edition}, {begin}: {output}");
            assert!(began.elapsed().as_secs() < 8, "{about}");
            output.expect(3).says("locked by another process, for longer than 0.3 s");
            holder.execute_batch("ROLLBACK").unwrap();
            drop(holder);
            assert_eq!(crowd.counts(), none, "{about}");
            assert_eq!(crowd.fates(), [""; 0], "{about}");
            crowd.run(SYNC).expect(0).says("result\tchanged");
            crowd.is_whole(&about);
        }
    }
}

/// In journal mode `delete`, a reader keeps a writer from committing.
#[test]
fn a_reader_who_is_never_done_is_not_either() {
    let crowd = Crowd::of(lamb_auth::lamb::Edition::Delegated, 50);
    let none = crowd.counts();
    let reader = crowd.lamb();
    reader.execute_batch("BEGIN; SELECT count(*) FROM organizations").unwrap();
    let output = crowd.run(&format!("{SYNC} --lock-timeout 0.3"));
    output.expect(3).says("LAMB's database was not changed").says("locked by another process");
    assert_eq!(crowd.fates(), ["failed"]);
    reader.execute_batch("COMMIT").unwrap();
    assert_eq!(crowd.counts(), none, "{output}");
    crowd.run(SYNC).expect(0).says("result\tchanged");
    assert_eq!(crowd.fates(), ["failed", "done"]);
}
