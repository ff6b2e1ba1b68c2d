//! What LAMB's backend was measured to answer on `/creator/assistant/get_assistants`, beside a real Open WebUI 0.5.6,
//! at two points of its history. There is no LAMB here to compare with: this table is the stand-in's contract.

use lamb_auth::sandbox::{OwiVersion, Trouble};

/// An answer, as the measured table words it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// 200 with `assistants` and `total_count`.
    Served,
    /// 403 `Not authenticated`, or for another scheme `Invalid authentication credentials`.
    Forbidden,
    /// 401 with the edition's own text.
    Refused,
    /// Nothing, for ever; and no other request of that worker is answered, `/status` included.
    Hangs,
}

use Said::{Forbidden, Hangs, Refused, Served};

/// A statement for one of the two files. `{p}` is LAMB's prefix, `<email>` the user's.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sql {
    Lamb(&'static str),
    Owi(&'static str),
}

use Sql::{Lamb, Owi};

/// What a login as the same user must answer: JSON pointer, and what the text there contains.
pub(crate) type Login = &'static [(&'static str, &'static str)];

/// One situation. Pairs are: delegated, native.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    /// The row of the measured table.
    pub(crate) situation: &'static str,
    /// Which one of those that the row puts together.
    pub(crate) which: &'static str,
    /// `Authorization`. `<valid>` is the token that this edition's browser holds, `<owi>` one of Open WebUI.
    pub(crate) header: Option<&'static str>,
    pub(crate) setup: &'static [Sql],
    pub(crate) trouble: Option<Trouble>,
    pub(crate) version: OwiVersion,
    /// Somebody holds `lamb_v4.db` with this `BEGIN …`.
    pub(crate) lock: Option<&'static str>,
    pub(crate) want: [Said; 2],
    /// The answer comes only after the lock was waited for.
    pub(crate) waits: [bool; 2],
    pub(crate) login: [Login; 2],
    /// Counted in the files after the login.
    pub(crate) after: [&'static [(Sql, i64)]; 2],
}

const CASE: Case = Case {
    situation: "",
    which: "",
    header: Some("Bearer <valid>"),
    setup: &[],
    trouble: None,
    version: OwiVersion::V0_5_6,
    lock: None,
    want: [Served, Served],
    waits: [false, false],
    login: [&[], &[]],
    after: [&[], &[]],
};

const NO_SCHEME: Case =
    Case { situation: "no Authorization header, raw token without Bearer, Basic …", want: [Forbidden; 2], ..CASE };
const BAD_TOKEN: Case = Case { situation: "malformed, expired or wrongly signed token", want: [Refused; 2], ..CASE };
const NO_ORGANIZATION: Case = Case {
    situation: "organization_id NULL, or its row missing, or suspended, or no role row",
    login: [&[("/success", "true"), ("/data/organization_role", "null")]; 2],
    ..CASE
};
const OWI_TROUBLE: Case = Case {
    situation: "OWI refuses connections, or answers 500, 502, HTML, or JSON without an e-mail",
    want: [Refused, Served],
    ..CASE
};
const OWI_TROUBLE_OTHER: Case = Case { header: Some("Bearer <owi>"), want: [Refused; 2], ..OWI_TROUBLE };
const OWI_HANGS: Case =
    Case { situation: "OWI accepts but never answers", trouble: Some(Trouble::OwiHangs), want: [Hangs; 2], ..CASE };
const WIDE: Case = Case {
    situation: "OWI user table with more than 12 columns",
    which: "0.6.43",
    version: OwiVersion::V0_6_43,
    login: [&[("/success", "false")], &[("/success", "true")]],
    ..CASE
};

const LOGGED_IN: Login = &[("/success", "true")];
const DISABLED: Login = &[("/success", "false"), ("/error", "Account has been disabled")];
const NO_LAUNCH: Login = &[("/success", "true"), ("/data/launch_url", "?token=None")];
const ADMINS: Sql = Owi("SELECT count(*) > 1 FROM user WHERE email = 'admin@admin.owi'");

pub(crate) const TABLE: &[Case] = &[
    Case { situation: "valid token", login: [LOGGED_IN; 2], ..CASE },
    Case { which: "no header", header: None, ..NO_SCHEME },
    Case { which: "raw", header: Some("<valid>"), ..NO_SCHEME },
    Case { which: "Basic", header: Some("Basic dXNlcjpwYXNz"), ..NO_SCHEME },
    Case { which: "malformed", header: Some("Bearer abc.def"), ..BAD_TOKEN },
    Case { which: "expired", header: Some("Bearer <expired>"), ..BAD_TOKEN },
    Case { which: "wrongly signed", header: Some("Bearer <forged>"), ..BAD_TOKEN },
    Case { situation: "lower-case bearer <valid>", header: Some("bearer <valid>"), want: [Refused, Served], ..CASE },
    Case {
        situation: "doubled Bearer Bearer <valid>",
        header: Some("Bearer Bearer <valid>"),
        want: [Served, Refused],
        ..CASE
    },
    Case {
        situation: "OWI-issued token, LAMB secret = OWI secret",
        header: Some("Bearer <owi>"),
        trouble: Some(Trouble::SharedSecret),
        want: [Served, Refused],
        ..CASE
    },
    Case { situation: "OWI-issued token, secrets differ", header: Some("Bearer <owi>"), ..CASE },
    Case {
        situation: "creator row missing",
        setup: &[Lamb("DELETE FROM {p}Creator_users WHERE user_email = '<email>'")],
        want: [Refused; 2],
        login: [&[("/success", "false")]; 2],
        ..CASE
    },
    Case {
        situation: "enabled = 0",
        setup: &[Lamb("UPDATE {p}Creator_users SET enabled = 0 WHERE user_email = '<email>'")],
        login: [DISABLED; 2],
        ..CASE
    },
    Case {
        which: "organization_id NULL",
        setup: &[Lamb("UPDATE {p}Creator_users SET organization_id = NULL WHERE user_email = '<email>'")],
        ..NO_ORGANIZATION
    },
    Case {
        which: "its row missing",
        setup: &[Lamb("UPDATE {p}Creator_users SET organization_id = 4711 WHERE user_email = '<email>'")],
        ..NO_ORGANIZATION
    },
    Case {
        which: "suspended",
        setup: &[
            Lamb(
                "UPDATE {p}organizations SET status = 'suspended' WHERE id = \
                 (SELECT organization_id FROM {p}Creator_users WHERE user_email = '<email>')",
            ),
            NO_ROLE,
        ],
        ..NO_ORGANIZATION
    },
    Case { which: "no role row", setup: &[NO_ROLE], ..NO_ORGANIZATION },
    Case {
        situation: "user_type = end_user",
        setup: &[Lamb("UPDATE {p}Creator_users SET user_type = 'end_user' WHERE user_email = '<email>'")],
        login: [&[("/data/user_type", "end_user")]; 2],
        ..CASE
    },
    Case {
        situation: "e-mail differs only by case between OWI and LAMB",
        setup: &[Lamb("UPDATE {p}Creator_users SET user_email = upper(user_email) WHERE user_email = '<email>'")],
        want: [Refused; 2],
        ..CASE
    },
    Case {
        situation: "OWI auth.active = 0",
        setup: &[Owi("UPDATE auth SET active = 0 WHERE email = '<email>'")],
        login: [&[("/success", "false")], NO_LAUNCH],
        ..CASE
    },
    Case {
        situation: "OWI role pending",
        setup: &[Owi("UPDATE user SET role = 'pending' WHERE email = '<email>'")],
        ..CASE
    },
    Case {
        situation: "OWI user row missing",
        // Open WebUI makes the account anew, if strangers may sign up.
        setup: &[
            Owi("DELETE FROM config"),
            Owi("DELETE FROM user WHERE email = '<email>'"),
            Owi("DELETE FROM auth WHERE email = '<email>'"),
        ],
        want: [Refused, Served],
        login: [&[("/success", "false")], LOGGED_IN],
        after: [&[(Owi(MADE), 0)], &[(Owi(MADE), 1)]],
        ..CASE
    },
    Case {
        which: "refuses",
        trouble: Some(Trouble::OwiDown),
        // The delegated edition was measured only as far as its answers go.
        login: [&[], NO_LAUNCH],
        ..OWI_TROUBLE
    },
    // Of 500 and 502 the sandbox has the first only: to LAMB, whatever is not 200 is the same.
    Case { which: "500", trouble: Some(Trouble::OwiError), ..OWI_TROUBLE },
    Case { which: "HTML", trouble: Some(Trouble::OwiWrongUrl), ..OWI_TROUBLE },
    Case { which: "no e-mail", trouble: Some(Trouble::OwiNotJson), ..OWI_TROUBLE },
    Case { which: "refuses, any other token", trouble: Some(Trouble::OwiDown), ..OWI_TROUBLE_OTHER },
    Case { which: "500, any other token", trouble: Some(Trouble::OwiError), ..OWI_TROUBLE_OTHER },
    Case { which: "HTML, any other token", trouble: Some(Trouble::OwiWrongUrl), ..OWI_TROUBLE_OTHER },
    Case { which: "no e-mail, any other token", trouble: Some(Trouble::OwiNotJson), ..OWI_TROUBLE_OTHER },
    Case { which: "its own token", want: [Hangs, Served], ..OWI_HANGS },
    Case { which: "a token that needs the fallback", header: Some("Bearer <owi>"), ..OWI_HANGS },
    Case { situation: "lamb_v4.db write-locked", lock: Some("BEGIN IMMEDIATE"), waits: [false, true], ..CASE },
    Case {
        situation: "lamb_v4.db exclusively locked",
        lock: Some("BEGIN EXCLUSIVE"),
        want: [Refused, Served],
        waits: [true, true],
        ..CASE
    },
    Case {
        situation: "a column of Creator_users missing",
        trouble: Some(Trouble::ColumnsMissing),
        want: [Refused; 2],
        ..CASE
    },
    Case { after: [&[(ADMINS, 1)], &[(ADMINS, 1)]], ..WIDE },
    Case {
        which: "0.12.4, where an index stops the admins",
        version: OwiVersion::V0_12_4,
        after: [&[(ADMINS, 0)], &[(ADMINS, 0)]],
        ..WIDE
    },
];
const NO_ROLE: Sql = Lamb(
    "DELETE FROM {p}organization_roles WHERE user_id = (SELECT id FROM {p}Creator_users WHERE user_email = '<email>')",
);
const MADE: &str = "SELECT count(*) FROM user WHERE email = '<email>'";
