//! Against the stand-ins of all three versions.

use rusqlite::Connection;

use super::*;
use crate::owi::file::people::Standing;
use crate::sandbox::{self, OwiVersion, Sandbox};

fn start(owi_version: OwiVersion, more: usize) -> Sandbox {
    let sandbox = Sandbox::start_blocking(&sandbox::Options { owi_version, ..Default::default() }).unwrap();
    // All created in the same second, as by an import: by time they have no order.
    let sql = format!(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {more}) \
         INSERT INTO user (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at) \
         SELECT printf('id-%d', i), printf('Person %d', i * 7919 % 1000), printf('many%04d@sandbox.test', i), \
         'user', '/user.png', 1760000000, 1760000000, 1760000000 + i * 6007 % 5003 FROM n"
    );
    if more > 0 {
        file(&sandbox).execute_batch(&sql).unwrap();
    }
    sandbox
}

fn file(sandbox: &Sandbox) -> Connection {
    Connection::open(sandbox.dir().join("owi/webui.db")).unwrap()
}

/// E-mails, names and roles of the rows for which this holds.
fn rows(sandbox: &Sandbox, condition: &str) -> Vec<(String, String, String)> {
    let db = file(sandbox);
    let mut query = db.prepare(&format!("SELECT email, name, role FROM user WHERE {condition}")).unwrap();
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    sorted(rows.map(Result::unwrap))
}

/// The same e-mail may be in it twice, with another id.
fn sorted(rows: impl Iterator<Item = (String, String, String)>) -> Vec<(String, String, String)> {
    let mut rows: Vec<_> = rows.collect();
    rows.sort();
    rows
}

fn told(listing: &AllUsers) -> Vec<(String, String, String)> {
    sorted(listing.people.iter().map(|p| (p.email.to_string(), p.name.to_string(), p.role.to_string())))
}

async fn list(sandbox: &Sandbox, jobs: usize) -> Result<AllUsers, UsersError> {
    let admin = sandbox.token("admin@admin.owi").unwrap();
    let pager = Pager::new(&client(sandbox.owi_url()), admin, RetryPolicy::noting(3, Arc::default()));
    list_all(&pager, jobs, &mut |_, _| ()).await
}

const SOUND: &str = "settings IS NULL OR json_valid(settings)";

#[tokio::test]
async fn every_user_is_listed_once() {
    for version in OwiVersion::ALL {
        for (more, jobs) in [(0, 1), (0, 4), (500, 1), (500, 4), (601, 16)] {
            let sandbox = start(version, more);
            file(&sandbox).execute_batch("UPDATE user SET settings = NULL").unwrap();
            let listing = list(&sandbox, jobs).await.unwrap();
            assert!(told(&listing) == rows(&sandbox, "1"), "{version}, {more} more, {jobs} jobs");
            assert_eq!((listing.unreadable_rows, listing.people[0].standing), (0, Standing::Unknown));
        }
    }
}

/// Exactly those, even where a page hides 29 sound ones with each: searches find them.
#[tokio::test]
async fn rows_that_cannot_be_read_hide_no_other_user() {
    for version in OwiVersion::ALL {
        for jobs in [1, 4] {
            let sandbox = start(version, 700);
            let spoil = "UPDATE user SET settings = NULL; UPDATE user SET settings = '{not json' \
                         WHERE id IN ('id-0', 'id-199', 'id-200', 'id-699')";
            file(&sandbox).execute_batch(spoil).unwrap();
            let listing = list(&sandbox, jobs).await.unwrap();
            let mut hidden = rows(&sandbox, SOUND);
            hidden.retain(|row| !told(&listing).contains(row));
            assert_eq!(hidden, [], "{version}, {jobs} jobs");
            let all = rows(&sandbox, "1").len();
            assert_eq!(listing.unreadable_rows, all - listing.people.len(), "{version}, {jobs} jobs");
        }
    }
}

/// All users are on it, in any order: searches separate them.
#[tokio::test]
async fn a_single_page_that_is_spoilt_hides_no_other_user() {
    for version in OwiVersion::ALL {
        let sandbox = start(version, 0);
        let listing = list(&sandbox, 4).await.unwrap();
        assert_eq!((told(&listing), listing.unreadable_rows), (rows(&sandbox, SOUND), 1), "{version}");
    }
}

#[tokio::test]
async fn only_admins_may() {
    for version in OwiVersion::ALL {
        let sandbox = start(version, 0);
        let token = sandbox.token("valid").unwrap();
        let options = ListOptions { jobs: 4, tries: 3, bound: Duration::from_secs(60) };
        let error = all(&client(sandbox.owi_url()), token, &options, &mut |_, _| ()).await.unwrap_err();
        assert!(matches!(&error, UsersError::Refused(text) if text.contains("answers 401")), "{error}");
    }
}

#[tokio::test]
async fn the_newest_are_one_page() {
    for version in OwiVersion::ALL {
        let sandbox = start(version, 100);
        let (client, admin) = (client(sandbox.owi_url()), sandbox.token("admin@admin.owi").unwrap());
        file(&sandbox)
            .execute_batch(
                "UPDATE user SET settings = NULL; UPDATE user SET created_at = 1999999999 WHERE id = 'id-50'",
            )
            .unwrap();
        let newest = newest(&client, admin).await.unwrap();
        assert_eq!((newest.len(), newest[0].id.as_str()), (30, "id-50"), "{version}");
    }
}
