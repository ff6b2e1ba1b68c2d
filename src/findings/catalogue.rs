//! The texts of the catalogue, as data.

use super::{About, Effect, Finding, Severity};

macro_rules! catalogue {
    ($($about:ident {
        $($name:ident: $severity:ident, $effect:ident, $id:literal, $title:literal,
          $meaning:literal, $told_apart:literal, $remedy:literal;)+
    })+) => {
        $($(
            #[doc = $title]
            pub static $name: Finding = Finding {
                id: $id,
                about: About::$about,
                title: $title,
                severity: Severity::$severity,
                effect: Effect::$effect,
                meaning: $meaning,
                told_apart: $told_apart,
                remedy: $remedy,
            };
        )+)+
        pub(super) static ALL: &[&Finding] = &[$($(&$name),+),+];
    };
}

catalogue! {
    Token {
    EXPIRED: Error, Refused, "expired",
        "The token has expired",
        "The browser still sends a token whose time is over. Neither LAMB nor Open WebUI renews one by \
         itself.",
        "The claim exp lies in the past, and Open WebUI refuses the token. It answers `401 Unauthorized` for \
         this and for a wrong secret alike; only the claims tell. The text \"Your session has expired\" means \
         something else: owi-user-gone.",
        "The user logs out of LAMB and in again. If this comes often, look at JWT_EXPIRES_IN of Open WebUI \
         and at the clocks.";
    NOT_YET_VALID: Error, Refused, "not-yet-valid",
        "The token is not valid yet",
        "The claim nbf or iat lies in the future: the server that issued the token has a clock ahead of this \
         one, or it was made for later.",
        "The claims, against this machine's clock.",
        "Set the clocks of all servers by NTP, then log out and in again.";
    CLOCK_SKEW: Warning, Nothing, "clock-skew",
        "Two clocks disagree about the token",
        "By this machine's clock the token is expired or not valid yet, and still Open WebUI accepts it.",
        "The claims say no, the server says yes.",
        "Set the clocks of all servers by NTP; when the other clock catches up, everybody is signed out.";
    WRONG_SECRET: Error, Refused, "wrong-secret",
        "The token was signed with another secret",
        "The secret changed after the token was issued: WEBUI_SECRET_KEY was edited, or it is empty and Open \
         WebUI made a new one when its container was created again, or LAMB and Open WebUI have different \
         ones.",
        "The token is well formed and not expired, and the server still answers `401 Unauthorized`. Where a \
         secret at hand signed it, that one is named.",
        "Set WEBUI_SECRET_KEY to one fixed value in the environment of Open WebUI (and of LAMB), restart \
         both, and let the users log in again.";
    OWI_USER_GONE: Error, Refused, "owi-user-gone",
        "The user of this token is gone from Open WebUI",
        "The signature is good, but Open WebUI has no user of the token's id any more: it was deleted, or \
         webui.db was replaced by another.",
        "Open WebUI answers \"Your session has expired or the token is invalid\" (0.12: \"Invalid authentication \
         request.\"), and webui.db has no such id. An unreadable row and a locked file get the same answer: \
         owi-row-unreadable, owi-locked.",
        "Where webui.db could not be looked at, look at that first. Where the user is gone: create the account again in \
         Open WebUI's admin panel, then the user logs in again.";
    SHARED_SECRET_TRAP: Error, Refused, "shared-secret-trap",
        "LAMB decodes an Open WebUI token and finds no e-mail in it",
        "LAMB's secret and Open WebUI's are the same. So a native LAMB decodes the Open WebUI token itself, \
         finds no e-mail, and refuses it without asking Open WebUI.",
        "An Open WebUI token (claim id, no e-mail) that LAMB's own secret signed.",
        "Sign in through LAMB's own login page. To have Open WebUI's tokens accepted too, set LAMB_JWT_SECRET \
         to a secret of its own.";
    WRONG_KIND: Error, Refused, "wrong-kind",
        "This is not the kind of token that is wanted here",
        "A LAMB token where only Open WebUI's are taken, an API key (sk-…), LAMB_BEARER_TOKEN, another \
         program's JWT, or the word null or undefined, which a page sends that has no token.",
        "By its form and its claims, before anyone is asked.",
        "Log out and in again through LAMB's login page, so that the browser stores a token of the right \
         kind.";
    MALFORMED: Error, Refused, "malformed",
        "This is not a token",
        "What arrives as a token is cut off, damaged, signed with another algorithm than HS256, or comes in a \
         header of a form that this LAMB refuses.",
        "It does not have three parts in base64 with JSON inside, or its header is not exactly `Bearer \
         TOKEN`.",
        "Log out and in again. If it comes back, look at what changes the Authorization header on its way: a \
         proxy, an extension, a script.";
    CLAIMS_REFUSED: Error, Refused, "claims-refused",
        "The server refuses what the token claims",
        "The token is whole, and still the library that both servers decode tokens with refuses it: for a claim aud of \
         another program, a sub or jti that is not text, a time that is null, or a header with b64 or crit. Neither LAMB \
         nor Open WebUI issues such tokens.",
        "Open WebUI answers `401 Unauthorized`, as for a wrong secret, but the secret fits. The report names the claim.",
        "Log out and in again through LAMB's login page. If such tokens come back, find the program that issues them.";
    REVOKED: Error, Refused, "revoked",
        "The session was revoked",
        "Open WebUI 0.12 ended this session: an admin revoked it, or the password was changed, or the token \
         lacks the session stamp.",
        "Open WebUI answers `Invalid token` to a token whose signature is good. Older versions know no \
         revocation.",
        "The user logs out and in again.";
    FORGEABLE_SECRET: Warning, Nothing, "forgeable-secret",
        "Anybody can make valid tokens here",
        "The secret that signs the tokens is the built-in t0p-s3cr3t, or empty. Whoever knows this can sign \
         in as anyone.",
        "The token's signature fits a secret that everybody knows.",
        "Set WEBUI_SECRET_KEY (and LAMB_JWT_SECRET) to a long random value, for example from `openssl rand \
         -hex 32`, and restart both. All users must log in again.";
    STALE_ROLE: Warning, Nothing, "stale-role",
        "The token's role is not the creator's role any more",
        "A native LAMB believes the role in the token for as long as the token lives, up to 7 days. The \
         creator's role was changed since.",
        "The claim role against Creator_users.role.",
        "The user logs out and in again. A demoted admin stays admin until then.";
    BEARER_DOUBLED: Warning, Nothing, "bearer-doubled",
        "The header says Bearer twice",
        "A delegated LAMB strips every `Bearer ` and takes this; a native one refuses it.",
        "The header as it was handed in.",
        "Mend the client that puts the scheme before a token that already has it.";
    OTHER_USER: Error, Refused, "other-user",
        "The token belongs to another user",
        "The token is somebody else's: the browser is signed in with another account than was thought.",
        "The e-mail that the token stands for, against the one that was asked about.",
        "Log out and in again as the right user, or ask about the other e-mail.";
    EMAIL_MISSING: Error, Refused, "email-missing",
        "The answer has no e-mail in it",
        "Open WebUI, or what stands in its place, accepts the token but does not say whose it is; LAMB has \
         nothing to look up.",
        "200 in JSON without an e-mail.",
        "Look at what answers at OWI_BASE_URL: /api/version must name an Open WebUI.";
    TOKEN_MISSING: Info, Nothing, "token-missing",
        "There is no token to go on with",
        "No token was given, and none could be made for the purpose.",
        "No --token-file, no LAMB_AUTH_TOKEN, and no way to make a probe: the report says which ways were \
         tried.",
        "Hand in the browser's token by --token-file, or set WEBUI_SECRET_KEY as Open WebUI has it.";
    }
    User {
    CREATOR_MISSING: Error, Refused, "creator-missing",
        "Open WebUI knows this user, LAMB does not",
        "There is no creator of this e-mail in LAMB's database. Whoever signs in with a good token is refused \
         all the same.",
        "No row in Creator_users with exactly this e-mail. Another spelling is email-spelling; a student is \
         lms-student; a wrong prefix is prefix-wrong.",
        "lamb-auth create-creator --email E. Not for students who came in through the LMS.";
    USER_UNKNOWN: Error, Refused, "user-unknown",
        "Neither LAMB nor Open WebUI knows this e-mail",
        "There is no such person on either side, in no spelling: a typing error, another address of theirs, or somebody \
         who was never here.",
        "No row in Creator_users, and none in webui.db.",
        "Check the address. To make both accounts: lamb-auth create-creator --email E --create-owi-user.";
    LMS_STUDENT: Info, Nothing, "lms-student",
        "A student who came in through the LMS: not a creator, by design",
        "LAMB makes an Open WebUI account for each student who comes in through the LMS. They have no \
         creator, and must not get one: in the delegated edition their password is guessable.",
        "The e-mail is in lti_users or lti_activity_users, or at one of LAMB's own domains.",
        "Nothing is to mend: the student opens the activity from the LMS. A person who also teaches gets a \
         creator by create-creator --force.";
    OWI_USER_MISSING: Error, Login, "owi-user-missing",
        "LAMB knows this creator, Open WebUI does not",
        "Delegated: nobody can log in as this creator, for the password is checked in Open WebUI. Native: \
         normal until the first chat.",
        "A row in Creator_users, none in webui.db.",
        "Create the account in Open WebUI's admin panel, or by POST /api/v1/auths/add.";
    OWI_USER_HALF: Error, Login, "owi-user-half",
        "Half of this user is missing in Open WebUI",
        "Open WebUI keeps a user in two tables, user and auth. One of the two rows is missing, they disagree \
         about the e-mail, or auth has a second row of it that is nobody's, and a sign-in finds that one.",
        "Both tables of webui.db, by id and by e-mail.",
        "In Open WebUI's admin panel set the e-mail and password of this user anew, or delete the account and \
         create it again.";
    OWI_DUPLICATE: Warning, Nothing, "owi-duplicate",
        "Open WebUI has this e-mail more than once",
        "Versions before 0.12 do not forbid it. Which of the rows a sign-in finds is chance, and chats are \
         spread over them.",
        "More than one row in user with this e-mail.",
        "Decide which one stays, move what hangs on the others, delete those in the admin panel. The upgrade \
         to 0.12 refuses to start otherwise.";
    OWI_ROW_UNREADABLE: Error, Refused, "owi-row-unreadable",
        "Open WebUI cannot read this user's row",
        "The row in webui.db is there, but settings, info or oauth is not a JSON object, a time is not a \
         number, or a text is not UTF-8. Open WebUI then behaves as if the user did not exist.",
        "The row is looked at in webui.db column by column; the answer is that of owi-user-gone, on 0.12 a \
         500 or 503.",
        "Stop Open WebUI, copy webui.db away, set the broken column to NULL (times: to a number) with \
         sqlite3, start it again.";
    EMAIL_SPELLING: Error, Refused, "email-spelling",
        "The two sides spell this e-mail differently",
        "LAMB compares e-mails byte for byte: another case, or a blank at its end, is another user. And Open WebUI's \
         sign-in finds nobody whose e-mail it has with upper case or blanks, even where both say the same.",
        "The same address in lower case and without outer blanks, but not the same bytes.",
        "Rename one side so that both say the same, in lower case; Open WebUI's sign-in finds lower case \
         only.";
    OWI_PENDING: Warning, Nothing, "owi-pending",
        "The user is pending in Open WebUI",
        "An admin has yet to approve the account. LAMB answers, but Open WebUI's own functions refuse the \
         user.",
        "Role pending in webui.db, or another that is neither user nor admin: Open WebUI treats them alike.",
        "An admin approves the user in Open WebUI: Admin Panel, Users, set the role to user.";
    OWI_INACTIVE: Error, Login, "owi-inactive",
        "The account is switched off in Open WebUI",
        "auth.active is 0: every sign-in is refused. Existing sessions go on, except on 0.12.",
        "The column active in webui.db. The creator's own switch is creator-disabled: the two are \
         independent.",
        "Switch the account on again: stop Open WebUI, set auth.active to 1 for this id with sqlite3, start \
         it.";
    CREATOR_DISABLED: Error, Login, "creator-disabled",
        "The creator is disabled in LAMB",
        "Login is refused with \"Account has been disabled\". A token that was issued before goes on working.",
        "Creator_users.enabled is 0. Open WebUI's own switch is owi-inactive: the two are independent.",
        "If it shall be so, nothing. Otherwise an admin enables the user in LAMB's user management.";
    PASSWORD_MISSING: Warning, Login, "password-missing",
        "The creator has no password of its own",
        "Native: password_hash is NULL, so login falls back to Open WebUI's password, and fails when that \
         cannot be asked.",
        "Creator_users.password_hash with auth_provider password.",
        "Set a password for the user in LAMB's user management.";
    OWI_PASSWORD_UNSOUND: Error, Login, "owi-password-unsound",
        "Open WebUI's password hash of this user is not one",
        "auth.password is empty or something else than bcrypt. A delegated LAMB checks the password there: no \
         password will ever fit.",
        "Its form: $2b$, 60 characters. LAMB's own hash is password-unsound.",
        "Set a new password for the user in Open WebUI: Admin Panel, Users, edit.";
    PASSWORD_UNSOUND: Error, Login, "password-unsound",
        "The stored password hash is not one",
        "Native: password_hash is something else than bcrypt. No password will ever fit.",
        "Its form: $2b$, 60 characters.",
        "Set a new password for the user in LAMB's user management.";
    END_USER: Info, Nothing, "end-user",
        "An end user: sent away by the creator interface, by design",
        "The user type is end_user. LAMB sends such users from the creator interface to the chat.",
        "Creator_users.user_type.",
        "If the person shall build assistants, an admin changes the type to creator in LAMB's user \
         management.";
    USER_CONFIG_BROKEN: Error, Refused, "user-config-broken",
        "The creator's user_config is not JSON",
        "LAMB fails to read the row and treats it as \"user not found\".",
        "The row is there; its user_config does not parse.",
        "Copy lamb_v4.db away, then set user_config of this row to '{}' with sqlite3.";
    LTI_CREATOR: Info, Nothing, "lti-creator",
        "This creator comes in through the LMS",
        "auth_provider is lti_creator: there is no password login, by design.",
        "Creator_users.auth_provider.",
        "The user opens LAMB from the LMS. A missing password hash is right for them.";
    }
    Organization {
    ORGANIZATION_MISSING: Warning, Login, "organization-missing",
        "The creator belongs to no organisation",
        "organization_id is NULL or points to an organisation that is not there. The list of assistants still \
         opens; roles and settings of an organisation are missing.",
        "Creator_users.organization_id against organizations.id.",
        "An admin assigns the user to an organisation in LAMB.";
    ORGANIZATION_SUSPENDED: Warning, Nothing, "organization-suspended",
        "The creator's organisation is suspended",
        "LAMB still answers; what the organisation may do is limited.",
        "organizations.status.",
        "If it shall be so, nothing. Otherwise an admin sets the organisation to active.";
    ORGANIZATION_CONFIG_BROKEN: Error, Refused, "organization-config-broken",
        "The organisation's config is not JSON",
        "Every request of every member fails: 401 in the delegated edition, 500 in the native one.",
        "organizations.config does not parse.",
        "Copy lamb_v4.db away, then mend the organisation's config with sqlite3, from a backup.";
    ROLE_MISSING: Warning, Login, "role-missing",
        "The creator has no role in its organisation",
        "There is no row in organization_roles for the creator's own organisation. The list of assistants \
         opens; what needs a role does not.",
        "organization_roles for organization_id and the creator's id.",
        "lamb-auth assign-role --email E --org SLUG --role member.";
    ROLE_ELSEWHERE: Warning, Nothing, "role-elsewhere",
        "The creator's role is in an organisation that is not its own",
        "LAMB reads roles in the creator's own organisation only. A row elsewhere has no effect.",
        "organization_roles of this creator against organization_id.",
        "lamb-auth assign-role --email E --org SLUG --role member, with the creator's own organisation.";
    ORGANIZATION_UNMANAGED: Warning, Nothing, "organization-unmanaged",
        "Nobody manages this organisation",
        "The organisation has no enabled owner or admin of its own: nobody can manage its people there.",
        "organization_roles with owner or admin, counting only enabled creators whose own organisation it is. \
         Organisations without any creator are left out.",
        "lamb-auth assign-role --email E --org SLUG --role admin, for one of its people.";
    }
    LambDatabase {
    LAMB_DB_MISSING: Error, Refused, "lamb-db-missing",
        "LAMB's database is not where LAMB looks for it",
        "There is no lamb_v4.db, or a folder stands in its place. LAMB would make an empty one.",
        "The path that LAMB_DB_PATH makes.",
        "Point LAMB_DB_PATH at the folder of lamb_v4.db, or mount the volume that has it.";
    LAMB_DB_EMPTY: Error, Refused, "lamb-db-empty",
        "LAMB's database file is empty",
        "0 bytes: it was cut off, or made by a tool that only touched it.",
        "The file's length.",
        "Stop LAMB and put the last backup in its place.";
    LAMB_DB_GARBAGE: Error, Refused, "lamb-db-garbage",
        "LAMB's database is not an SQLite database, or damaged",
        "The file is something else, or its pages contradict each other. LAMB swallows the error and says \
         \"user not found\".",
        "The first bytes of the file, and SQLite's own word.",
        "Stop LAMB, copy the file away, and put the last backup in its place; sqlite3 .recover may save what \
         is newer.";
    LAMB_DB_UNREADABLE: Error, Refused, "lamb-db-unreadable",
        "LAMB's database cannot be read from here",
        "The operating system refuses. Whether LAMB itself may read it depends on who it runs as.",
        "The error of opening the file.",
        "Run this as the user that LAMB runs as, or mend owner and mode of the file and its folder.";
    LAMB_DB_LOCKED: Error, Refused, "lamb-db-locked",
        "LAMB's database is locked",
        "Another process holds an exclusive lock. LAMB waits 5 seconds, then treats every user as not found.",
        "The file refuses to be read for as long as --lock-timeout allows.",
        "Find who holds lamb_v4.db (fuser lamb_v4.db, lsof) and end that.";
    LAMB_DB_READ_ONLY: Warning, Nothing, "lamb-db-read-only",
        "LAMB's database cannot be written",
        "The file, its folder or its mount is read-only from here. LAMB's migrations and every change fail, \
         also those that would mend something.",
        "Opening the file for writing fails; nothing is written for that. Another user than LAMB's may be \
         refused where LAMB is not.",
        "Mend owner and mode of the file and its folder, or mount the volume read-write.";
    LAMB_DB_NETWORK: Warning, Nothing, "lamb-db-network",
        "LAMB's database is on a network file system",
        "SQLite's locks cannot be trusted there: two writers may damage the file, and locks may stay behind.",
        "The type of the mount: nfs, cifs, 9p and their kin.",
        "Move the volume to a local disk.";
    LAMB_TABLES_MISSING: Error, Refused, "lamb-tables-missing",
        "LAMB's database has no tables of LAMB",
        "An SQLite file in which LAMB's backend never set up its tables, or several sets and nothing that \
         says which is read.",
        "No table whose name ends in Creator_users, or more than one.",
        "Check LAMB_DB_PATH and LAMB_DB_PREFIX; start LAMB's backend once so that it makes its tables.";
    PREFIX_WRONG: Error, Refused, "prefix-wrong",
        "LAMB reads the wrong tables",
        "The prefix that LAMB is told to use has no tables, or empty ones, while another set in the same file \
         is full. With the wrong prefix LAMB silently makes a second, empty set.",
        "All tables whose names end in Creator_users, and whether they have rows.",
        "Set LAMB_DB_PREFIX to the prefix of the full tables and restart LAMB.";
    COLUMNS_MISSING: Error, Refused, "columns-missing",
        "LAMB's tables lack columns: a migration did not finish",
        "LAMB selects columns that are not there. It swallows the error and says \"user not found\" to \
         everyone.",
        "The columns of Creator_users against those that this edition selects.",
        "Look into the backend's log for the failed migration, mend its cause (a lock, a full disk, a \
         read-only mount), restart LAMB.";
    }
    OpenWebUi {
    OWI_DOWN: Error, Refused, "owi-down",
        "Open WebUI is not running, or not there",
        "Nothing listens at OWI_BASE_URL, or no connection to it comes about: refused, unreachable, or in no time.",
        "Refused at once. No answer at all is owi-hangs; an unknown name is owi-dns.",
        "Start it: docker-compose up -d openwebui; look at docker-compose logs openwebui.";
    OWI_DNS: Error, Refused, "owi-dns",
        "Open WebUI's host name is unknown here",
        "The name in OWI_BASE_URL cannot be resolved. Inside a compose stack it is the service's name, which means \
         something only while that service runs; outside of the stack it means nothing.",
        "The resolver says no, or no name server answers in time.",
        "See whether it runs: docker-compose ps openwebui. If it does: run this inside the backend's container, or \
         set OWI_BASE_URL to a name that is known here.";
    OWI_HANGS: Error, Hangs, "owi-hangs",
        "Open WebUI takes the connection and never answers",
        "LAMB has no timeout here: one request freezes the whole worker, and with it every user.",
        "Connected, and no answer within --timeout.",
        "Restart Open WebUI, then LAMB's backend, whose workers are stuck: docker-compose restart openwebui \
         backend.";
    OWI_ERROR: Error, Refused, "owi-error",
        "Open WebUI answers with an error",
        "5xx, or an answer that breaks off, from Open WebUI itself or a gateway before it.",
        "The status.",
        "Look at docker-compose logs openwebui.";
    OWI_WRONG_URL: Error, Refused, "owi-wrong-url",
        "What answers at OWI_BASE_URL is no Open WebUI API",
        "A web page or something else answers. Open WebUI itself answers any wrong path with its page and \
         status 200, so a wrong base URL looks alive.",
        "/api/version does not answer in JSON with a version.",
        "Set OWI_BASE_URL to the root of Open WebUI, without /api.";
    OWI_REDIRECT: Error, Refused, "owi-redirect",
        "Open WebUI's address redirects elsewhere",
        "A redirect drops the Authorization header when it leads to another host, or leads to a login page.",
        "A status 3xx; it was not followed.",
        "Set OWI_BASE_URL to the address that it redirects to, if that is the Open WebUI.";
    OWI_TLS: Error, Refused, "owi-tls",
        "TLS to Open WebUI fails",
        "The certificate is not trusted here, is for another name, or has expired.",
        "The handshake's own words.",
        "Set REQUESTS_CA_BUNDLE to the file of your certificate authority, for LAMB too; or mend the \
         certificate.";
    OWI_SLOW: Warning, Nothing, "owi-slow",
        "Open WebUI answers slowly",
        "Each request of each user waits this long in LAMB. On 0.5.6 five seconds are the sign of a writer \
         that holds webui.db.",
        "The time of the request, above 2 seconds.",
        "Look for a process that writes to webui.db (a backup), and at the machine's load.";
    OWI_REFUSES_HEADER: Error, Refused, "owi-refuses-header",
        "Open WebUI says that no token arrived",
        "A proxy between LAMB and Open WebUI strips the Authorization header or adds the trusted header of \
         another user.",
        "\"Not authenticated\" or \"User mismatch\" to a request that had a token.",
        "Let LAMB reach Open WebUI directly, or mend the proxy.";
    OWI_SCHEMA_DRIFT: Warning, Login, "owi-schema-drift",
        "This Open WebUI is not the one that LAMB's reader expects",
        "The table user does not have exactly the 12 columns of 0.5.6. LAMB then reads every Open WebUI user \
         as missing: logins fail, and a native LAMB inserts another admin row at each start or login.",
        "The columns of user in webui.db.",
        "Pin Open WebUI to the version that this LAMB was made for (0.5.6), with a backup of webui.db from \
         before the upgrade.";
    OWI_DB_MISSING: Warning, Login, "owi-db-missing",
        "webui.db is not where LAMB looks for it",
        "OWI_PATH points to a folder without webui.db, or is not set. A backend that starts then waits for \
         ever without a word; one that runs cannot log anyone in.",
        "The path that OWI_PATH makes.",
        "Point OWI_PATH at the folder of webui.db: the same volume that Open WebUI has as its DATA_DIR.";
    OWI_DB_UNREADABLE: Warning, Login, "owi-db-unreadable",
        "webui.db cannot be read from here",
        "It is locked, unreadable, empty, or no Open WebUI database. What it could tell is missing from this \
         report.",
        "The error of opening the file.",
        "Mend owner and mode, or end the process that holds it; then ask again.";
    OWI_LOCKED: Error, Refused, "owi-locked",
        "Open WebUI's database is locked",
        "Another process holds a lock on webui.db for longer than Open WebUI waits: a backup, a copy, a \
         crashed tool.",
        "Open WebUI answers as if the user did not exist, while the row is there and sound; or the file \
         refuses to be read here too. /health stays green all the while.",
        "Find who holds webui.db (fuser webui.db, lsof) and end that.";
    OWI_DB_STALE: Error, Login, "owi-db-stale",
        "webui.db here is not the one that Open WebUI uses",
        "The server knows a user that the file lacks: another volume, an old copy, or an Open WebUI on \
         PostgreSQL. LAMB, which reads this file, works with the wrong people.",
        "The id in Open WebUI's answer against the file.",
        "Mount the volume that Open WebUI has as its DATA_DIR at OWI_PATH. Nothing should be written until \
         then.";
    TRUSTED_HEADER_OFF: Warning, Login, "trusted-header-off",
        "Open WebUI does not believe LAMB's trusted header",
        "LAMB takes every Open WebUI token by signing in with the header X-User-Email. With the header off or \
         called differently, login yields no token (launch_url …token=None).",
        "features.auth_trusted_header in /api/config, or the answer \"Your provider has not provided a trusted \
         header\".",
        "Set WEBUI_AUTH_TRUSTED_EMAIL_HEADER=X-User-Email and WEBUI_AUTH_TRUSTED_NAME_HEADER=X-User-Name for \
         Open WebUI and restart it. Never let that header in from outside.";
    OWI_ADMINS_MULTIPLIED: Warning, Nothing, "owi-admins-multiplied",
        "Open WebUI's admin is there several times",
        "A native LAMB that cannot read Open WebUI's user table inserts another row of its admin at each start \
         or login, where no unique index forbids it.",
        "More than one row of OWI_ADMIN_EMAIL in user or in auth of webui.db.",
        "Mend owi-schema-drift first, or they come back. Then delete the surplus accounts in Open WebUI's admin \
         panel, the ones without chats first.";
    OWI_UPGRADE_BLOCKED: Warning, Nothing, "owi-upgrade-blocked",
        "E-mails in Open WebUI would stop the upgrade to 0.12",
        "From 0.12 on no two users may have the same e-mail, in whatever case of letters. The upgrade refuses to \
         start, half migrated, when there are such.",
        "user.email of webui.db, compared in lower case; not where the unique index is there already.",
        "Before the upgrade: copy webui.db away, and leave one account of each such e-mail in Open WebUI's admin \
         panel.";
    BOOTSTRAP_ADMIN: Warning, Login, "bootstrap-admin",
        "The admin as whom LAMB signs in is not admin everywhere",
        "LAMB works in Open WebUI as OWI_ADMIN_EMAIL, and administers itself as that user. Where the account is \
         missing, pending, or no admin on one of the sides, a part of the administration fails.",
        "OWI_ADMIN_EMAIL in webui.db (role admin), among the creators, and in the organisation lamb (role admin).",
        "Give the role where it is missing: in Open WebUI's admin panel, and by lamb-auth assign-role.";
    WAL_OWNER: Warning, Refused, "wal-owner",
        "The files beside a database belong to another user than it",
        "A tool that ran as another user, mostly root, left -wal or -shm behind. The server may not open them, and \
         then not the database either.",
        "The owner of the -wal and -shm files against the owner of the database.",
        "Give them the database's owner: chown --reference=FILE FILE-wal FILE-shm.";
    }
    Backend {
    BACKEND_DOWN: Error, NoBackend, "backend-down",
        "LAMB's backend is not running, or not there",
        "Nothing listens at LAMB_BACKEND_HOST, or no connection to it comes about.",
        "Refused at once.",
        "Start it: docker-compose up -d backend; look at docker-compose logs backend.";
    BACKEND_DNS: Error, NoBackend, "backend-dns",
        "The backend's host name is unknown here",
        "The name in LAMB_BACKEND_HOST cannot be resolved.",
        "The resolver says no, or no name server answers in time.",
        "Run this inside the backend's container, or give --backend-url.";
    BACKEND_HANGS: Error, Hangs, "backend-hangs",
        "LAMB's backend takes the connection and never answers",
        "Its workers are stuck: with Open WebUI hanging, one request is enough; or it waits for a lock on its \
         database, or at its start for a webui.db that is not there.",
        "Connected, and no answer within --timeout.",
        "Mend what it waits for (step 4 tells of Open WebUI, OWI_PATH of the file), then docker-compose \
         restart backend.";
    BACKEND_ERROR: Error, Crashes, "backend-error",
        "LAMB's backend answers with an error",
        "5xx, or an answer that breaks off, from the backend itself or a gateway before it.",
        "The status.",
        "Look at docker-compose logs backend.";
    BACKEND_WRONG: Error, NoBackend, "backend-wrong",
        "What answers at LAMB_BACKEND_HOST is not LAMB's backend",
        "A web page, a 404, or an answer that no LAMB gives to a request without a token: a proxy, another \
         service, or an old process.",
        "LAMB answers 401 or 403 in JSON without a token; this is something else.",
        "Set LAMB_BACKEND_HOST to the backend itself, and look at the routes of the proxy.";
    BACKEND_REDIRECT: Error, NoBackend, "backend-redirect",
        "The backend's address redirects elsewhere",
        "A redirect from http to https, or to a login page.",
        "A status 3xx; it was not followed.",
        "Set LAMB_BACKEND_HOST to the address that it redirects to, if that is the backend.";
    BACKEND_TLS: Error, NoBackend, "backend-tls",
        "TLS to the backend fails",
        "The certificate is not trusted here, is for another name, or has expired.",
        "The handshake's own words.",
        "Set REQUESTS_CA_BUNDLE to the file of your certificate authority, or mend the certificate.";
    ANSWER_DIFFERS: Warning, Nothing, "answer-differs",
        "The backend answers otherwise than these files and servers predict",
        "By what was seen the request should have been refused, and it was not: the backend may read other \
         files or ask another server than those looked at here.",
        "The real request, replayed, against the prediction.",
        "Compare the settings of the running backend (docker-compose exec backend env) with `lamb-auth \
         config`.";
    UNEXPLAINED: Error, Refused, "unexplained",
        "The backend refuses, and nothing seen here says why",
        "Every step passed, and still the real answer is not 200. The cause is one that this tool does not \
         know, or the backend runs with other settings than those seen here.",
        "The real request, replayed, against the prediction.",
        "Look at docker-compose logs backend at this moment; compare the settings of the running backend with \
         `lamb-auth config`; please report the case with `diagnose -o json`.";
    }
}
