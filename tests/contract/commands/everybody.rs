//! All users by the admin API, held against the rows of `webui.db`.

use std::time::Duration;

use lamb_auth::http::Http;
use lamb_auth::owi::api::client::OwiClient;
use lamb_auth::owi::api::users::all_users::{self, AllUsers, ListOptions};
use lamb_auth::sandbox::OwiVersion;
use lamb_auth::secret::Secret;
use lamb_auth::settings::{Overrides, Settings};

use super::stage::{Complaints, Stage};
use crate::contract::world::BULK;

/// More than two ranges of 200, as 0.5.6 is asked for, and 14 pages of 30.
const MANY: usize = 420;

fn client(stage: &Stage) -> OwiClient {
    let settings = Settings::load(&Overrides::default(), None, &[]).unwrap();
    OwiClient::new(Http::new(&settings, Duration::from_secs(60)).unwrap(), stage.owi.url())
}

fn list(stage: &Stage, jobs: usize) -> AllUsers {
    let admin = Secret::new(stage.word("admin.token"));
    let options = ListOptions { jobs, tries: 3, bound: Duration::from_secs(600) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(all_users::all(&client(stage), &admin, &options, &mut |_, _| ())).unwrap()
}

/// E-mails, names and roles of all rows for which this holds.
fn rows(stage: &Stage, condition: &str) -> Vec<[String; 3]> {
    let db = stage.world.open();
    let sql = format!("SELECT email, name, role FROM user WHERE {condition} ORDER BY email, name");
    let mut query = db.prepare(&sql).unwrap();
    let rows = query.query_map([], |row| Ok([0, 1, 2].map(|at| row.get_unwrap(at)))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn told(listing: &AllUsers) -> Vec<[String; 3]> {
    let people = listing.people.iter();
    let mut told: Vec<_> = people.map(|p| [p.email.to_string(), p.name.to_string(), p.role.to_string()]).collect();
    told.sort();
    told
}

fn hold(stage: &Stage, about: &str, unreadable: usize, complaints: &mut Complaints) {
    for jobs in [1, 4] {
        let about = format!("{} {about}, {jobs} at once", stage.version);
        let listing = list(stage, jobs);
        let should = rows(stage, "settings IS NULL OR json_valid(settings)");
        complaints.equal(&about, told(&listing) == should, true);
        complaints.equal(&about, (listing.people.len(), listing.unreadable_rows), (should.len(), unreadable));
    }
}

fn everybody(version: OwiVersion) {
    let stage = Stage::start(version);
    let mut complaints = Complaints::default();
    hold(&stage, "two pages", 0, &mut complaints);
    // All of one second, in which they have no order.
    stage.world.copy_plain(BULK..MANY);
    hold(&stage, "many", 0, &mut complaints);

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    stage.world.sql("UPDATE user SET created_at = created_at + 9 WHERE email = 'bulk99@contract.example'");
    let admin = Secret::new(stage.word("admin.token"));
    let newest = runtime.block_on(all_users::newest(&client(&stage), &admin)).unwrap();
    let first = newest.first().map(|account| account.email.as_str());
    complaints.equal("the newest", (newest.len(), first), (30, Some("bulk99@contract.example")));

    stage.world.sql("UPDATE user SET settings = '{not json' WHERE email = 'bulk150@contract.example'");
    hold(&stage, "one unreadable", 1, &mut complaints);
    stage.world.sql("UPDATE user SET settings = '{not json' WHERE email = 'bulk00@contract.example'");
    hold(&stage, "two unreadable", 2, &mut complaints);
    stage.world.sql("UPDATE user SET settings = NULL WHERE email LIKE 'bulk%'");
    stage.world.sql("DELETE FROM user WHERE email LIKE 'bulk%' AND email > 'bulk2'");
    stage.world.sql("DELETE FROM user WHERE email LIKE 'bulk1%' AND email > 'bulk10'");
    stage.world.sql("UPDATE user SET settings = '{not json' WHERE email = 'plain@contract.example'");
    complaints.equal("one page", rows(&stage, "1").len() <= 30, true);
    hold(&stage, "one page, one unreadable", 1, &mut complaints);
    complaints.end();
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn everybody_is_listed_on_open_webui_0_5_6() {
    everybody(OwiVersion::V0_5_6);
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn everybody_is_listed_on_open_webui_0_6_43() {
    everybody(OwiVersion::V0_6_43);
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn everybody_is_listed_on_open_webui_0_12_4() {
    everybody(OwiVersion::V0_12_4);
}
