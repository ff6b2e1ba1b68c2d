//! The e-mails of `cli::odd_spellings` on real servers, which read a header in their own way: whatever looks at them
//! leaves both databases as they are.

use lamb_auth::sandbox::OwiVersion;
use lamb_auth::secret::Secret;

use super::stage::{Complaints, Lamb, Stage};
use super::untouched::{bytes, rows};
use crate::cli::odd_spellings::{LOOKS, SPELLINGS, plant_accounts, plant_creators, token};

fn look_at_all(version: OwiVersion) {
    let stage = Stage::start(version);
    let mut complaints = Complaints::default();
    plant_accounts(&stage.world.open());
    let secret = Secret::from(stage.owi.secret());
    for open in [true, false] {
        stage.world.set_open(open);
        for lamb in stage.lambs() {
            plant_creators(&lamb.db(), lamb.edition);
            let (rows_before, bytes_before) = (rows(&stage), bytes(&lamb));
            for (number, (email, _)) in SPELLINGS.iter().enumerate() {
                let token = token(number, version, &secret);
                for words in commands(email) {
                    let run = lamb.run_in(&words, &[], &token);
                    let about = format!("{version} {}, signup {open}: {words:?}", lamb.edition);
                    complaints.equal(&format!("{about}: {run:?}"), matches!(run.code, Some(0 | 1 | 3 | 4)), true);
                    let after = rows(&stage);
                    let new: Vec<_> = after.iter().filter(|row| !rows_before.contains(row)).collect();
                    complaints.equal(&format!("{about}: rows of webui.db that are new"), new, Vec::<&String>::new());
                    complaints.equal(&format!("{about}: number of rows"), after.len(), rows_before.len());
                    complaints.equal(&format!("{about}: LAMB's files"), bytes(&lamb) == bytes_before, true);
                }
            }
            judged(&lamb, version, &mut complaints);
        }
    }
    complaints.end();
}

fn commands(email: &str) -> Vec<Vec<&str>> {
    let looks = LOOKS.iter().map(|words| {
        let words = words.iter().map(|word| if *word == "TOKEN" { "-" } else { word });
        words.chain(["--email", email]).collect()
    });
    let by_admin = [
        vec!["--owi-admin-email", email, "check-owi-user", "--email", email, "--via", "api"],
        vec!["--owi-admin-email", email, "audit", "--email", email],
    ];
    looks.chain(by_admin).collect()
}

/// é is found by LAMB's own way of signing in, and is sound; what no header can hold is told.
fn judged(lamb: &Lamb, version: OwiVersion, complaints: &mut Complaints) {
    let taken = lamb.run(&["refresh-token", "--by", "trusted", "--out", "-", "--email", "josé@odd.example"]);
    complaints.equal(&format!("{version} {}: {taken:?}", lamb.edition), taken.code, Some(0));
    for (email, unsendable) in [("josé@odd.example", false), ("łukasz@odd.example", true), ("😀@odd.example", true)]
    {
        let run = lamb.run(&["diagnose", "--email", email]);
        let told = run.findings();
        let about = format!("{version} {}: {email}: {told:?}", lamb.edition);
        complaints.equal(&about, told.contains(&"header-unsendable".to_owned()), unsendable);
        complaints.equal(&about, told.contains(&"trusted-header-off".to_owned()), false);
    }
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn odd_spellings_make_no_account_on_open_webui_0_5_6() {
    look_at_all(OwiVersion::V0_5_6);
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn odd_spellings_make_no_account_on_open_webui_0_6_43() {
    look_at_all(OwiVersion::V0_6_43);
}

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn odd_spellings_make_no_account_on_open_webui_0_12_4() {
    look_at_all(OwiVersion::V0_12_4);
}
