//! The texts of the catalogue, as data.

use super::{About, Effect, Finding, Severity};

macro_rules! catalogue {
    ($($about:ident {
        $($name:ident: $severity:ident, $effect:ident, $id:literal, $title:literal,
          $meaning:literal, $how_to_tell:literal, $remedy:literal;)+
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
                how_to_tell: $how_to_tell,
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
        "The browser still sends a token that is past its lifetime. Neither LAMB nor Open WebUI renews a token \
         automatically.",
        "The claim exp is in the past, and Open WebUI refuses the token. Open WebUI answers `401 Unauthorized` \
         here and for a wrong secret; only the claims tell them apart. The text \"Your session has expired\" \
         is another finding: owi-user-gone.",
        "Ask the user to log out of LAMB and log in again. If this happens often, check JWT_EXPIRES_IN of Open \
         WebUI and the clocks of all servers.";
    NOT_YET_VALID: Error, Refused, "not-yet-valid",
        "The token is not valid yet",
        "The claim nbf or iat is in the future. The clock of the server that issued the token is ahead, or the \
         token was issued for later use.",
        "The claims nbf and iat are later than this machine's clock.",
        "Synchronize the clocks of all servers with NTP. Then ask the user to log out and log in again.";
    CLOCK_SKEW: Warning, Nothing, "clock-skew",
        "Two clocks disagree about the token",
        "This machine's clock and a server's clock differ. The server judges the token's times by its own clock.",
        "The header Date of the server's answers differs from this machine's time. Or the server accepts a token that is \
         expired or not valid yet by this machine's clock.",
        "Synchronize the clocks of all servers with NTP. When the slower clock catches up, all users with such \
         a token are signed out.";
    WRONG_SECRET: Error, Refused, "wrong-secret",
        "The token was signed with another secret",
        "The secret changed after the token was issued, or LAMB and Open WebUI have different secrets. If \
         WEBUI_SECRET_KEY is empty, Open WebUI makes a new one each time its container is created.",
        "The token is well formed and not expired, and the server still answers `401 Unauthorized`. If a known \
         secret signed the token, the report names it.",
        "Set WEBUI_SECRET_KEY to one fixed value in the environment of Open WebUI and of LAMB. Restart both. \
         Then all users must log in again.";
    OWI_USER_GONE: Error, Refused, "owi-user-gone",
        "Open WebUI no longer has the user of this token",
        "The signature is valid, but Open WebUI has no user with the token's id. The user was deleted, or \
         webui.db was replaced by another file.",
        "Open WebUI answers \"Your session has expired or the token is invalid\" (0.12: \"Invalid \
         authentication request.\"), and webui.db has no such id. An unreadable row and a locked file get the \
         same answer: see owi-row-unreadable and owi-locked.",
        "If webui.db could not be read, make it readable first. If the user is gone, create the account again \
         in Open WebUI's admin panel. Then the user logs in again.";
    SHARED_SECRET_TRAP: Error, Refused, "shared-secret-trap",
        "LAMB decodes an Open WebUI token and finds no e-mail in it",
        "LAMB and Open WebUI have the same secret. A native LAMB therefore decodes the Open WebUI token \
         itself. It finds no e-mail and refuses the token without asking Open WebUI.",
        "The token is an Open WebUI token (claim id, no e-mail), and LAMB's own secret signed it.",
        "Sign in through LAMB's own login page. To have Open WebUI's tokens accepted too, set LAMB_JWT_SECRET \
         to a different secret.";
    WRONG_KIND: Error, Refused, "wrong-kind",
        "This is not the kind of token that LAMB expects",
        "LAMB got another kind of token: an API key (sk-…), LAMB_BEARER_TOKEN, another program's JWT, or a \
         LAMB token where only Open WebUI's are accepted. A page without a token sends the word null or \
         undefined.",
        "The token's form and claims show it, before any request is sent.",
        "Log out and log in again on LAMB's login page, so that the browser stores the right kind of token.";
    MALFORMED: Error, Refused, "malformed",
        "This is not a valid token",
        "The token is cut off, damaged, or not signed with HS256. Or the header has a form that this LAMB \
         refuses.",
        "The token does not have three base64 parts with JSON inside, or the header is not exactly `Bearer \
         TOKEN`.",
        "Log out and log in again. If it happens again, check what changes the Authorization header on its \
         way: a proxy, a browser extension, a script.";
    CLAIMS_REFUSED: Error, Refused, "claims-refused",
        "The server refuses the token's claims",
        "The token is intact, but the library that both servers decode tokens with refuses it. Causes: a claim aud \
         of another program, a sub or jti that is not text, a null time, a header with b64 or crit. Neither LAMB \
         nor Open WebUI issues these tokens.",
        "Open WebUI answers `401 Unauthorized`, as for a wrong secret, but the secret matches. The report names the \
         claim.",
        "Log out and log in again on LAMB's login page. If it happens again, find the program that issues these \
         tokens.";
    REVOKED: Error, Refused, "revoked",
        "The session was revoked",
        "Open WebUI 0.12 ended this session. An admin revoked it, the password was changed, or the token has \
         no session stamp.",
        "Open WebUI answers `Invalid token`, although the signature is valid. Versions before 0.12 cannot \
         revoke a session.",
        "Ask the user to log out and log in again.";
    FORGEABLE_SECRET: Warning, Nothing, "forgeable-secret",
        "Anyone can create valid tokens",
        "The tokens are signed with the built-in secret t0p-s3cr3t, or with an empty one. Anyone who knows \
         this can sign in as any user.",
        "The token's signature matches a publicly known secret.",
        "Set WEBUI_SECRET_KEY (and LAMB_JWT_SECRET) to a long random value, for example from `openssl rand \
         -hex 32`. Restart both servers. Then all users must log in again.";
    STALE_ROLE: Warning, Nothing, "stale-role",
        "The token's role differs from the creator's current role",
        "The creator's role changed after the token was issued. A native LAMB uses the role in the token until \
         the token expires, up to 7 days.",
        "The claim role differs from Creator_users.role.",
        "Ask the user to log out and log in again. Until then, a demoted admin is still treated as admin.";
    LAMB_SECRET_DIFFERS: Warning, Nothing, "lamb-secret-differs",
        "LAMB has another secret than these settings",
        "The running LAMB accepts tokens that the secret in these settings did not sign. The settings changed after LAMB \
         started, or they are not LAMB's own.",
        "The real request was made: LAMB accepts a token of another secret. If LAMB refused it, the finding would be \
         wrong-secret.",
        "Run lamb-auth in the backend's container, or pass LAMB_JWT_SECRET as the backend has it. If the new secret is \
         the right one, restart LAMB; then all users must log in again.";
    ANSWERS_VARY: Error, Varies, "answers-vary",
        "The same token is refused once and accepted once",
        "Several processes answer at this address, and they have different secrets. They are replicas behind a proxy, or \
         workers of Open WebUI without a fixed WEBUI_SECRET_KEY.",
        "lamb-auth sent the same token again. The server accepted it once and refused it once. With wrong-secret, the \
         server refuses the token each time.",
        "Set WEBUI_SECRET_KEY (and LAMB_JWT_SECRET) to one fixed value for all processes and replicas, and restart them.";
    BEARER_DOUBLED: Warning, Nothing, "bearer-doubled",
        "The header says Bearer twice",
        "A delegated LAMB removes every `Bearer ` and accepts this header. A native LAMB refuses it.",
        "The header as it was passed to lamb-auth contains `Bearer ` twice.",
        "Fix the client: it adds the scheme to a token that already starts with it.";
    OTHER_USER: Error, Refused, "other-user",
        "The token belongs to another user",
        "The browser is signed in with a different account than the one you asked about.",
        "The token's e-mail differs from the e-mail that you asked about.",
        "Log out and log in as the right user, or run the command for the other e-mail.";
    EMAIL_MISSING: Error, Refused, "email-missing",
        "The answer has no e-mail in it",
        "The server at OWI_BASE_URL accepts the token but does not say which user it belongs to. LAMB has no \
         e-mail to look up.",
        "The answer is 200 and JSON, but has no e-mail.",
        "Check what answers at OWI_BASE_URL: /api/version must name an Open WebUI.";
    TOKEN_MISSING: Info, Nothing, "token-missing",
        "There is no token to check",
        "You passed no token, and lamb-auth could not make a test token.",
        "There is no --token-file and no LAMB_AUTH_TOKEN. The report says which ways to make a test token were \
         tried.",
        "Pass the browser's token with --token-file, or set WEBUI_SECRET_KEY to Open WebUI's value.";
    }
    User {
    CREATOR_MISSING: Error, Refused, "creator-missing",
        "The user exists in Open WebUI, but not in LAMB",
        "LAMB's database has no creator with this e-mail. LAMB refuses the user even with a valid token.",
        "Creator_users has no row with exactly this e-mail. Similar findings: email-spelling (other spelling), \
         lms-student (a student), prefix-wrong (wrong tables).",
        "lamb-auth create-creator --email E. Do not do this for students who came in through the LMS.";
    PROBABLY_RENAMED: Error, Refused, "probably-renamed",
        "The e-mail changed in Open WebUI, but not in LAMB",
        "A creator is only in LAMB, and a user is only in Open WebUI. They are probably one person. LAMB finds a creator by \
         the e-mail alone, so it does not find this one. A second creator would have none of the assistants.",
        "The LMS has one identity for both, or the addresses look the same. Or both have a name that no other user has, and \
         one more sign. Without a sign, it is creator-missing and owi-user-missing.",
        "lamb-auth update-creator --email OLD --rename NEW. If they are two people, run lamb-auth create-creator --email NEW.";
    USER_UNKNOWN: Error, Refused, "user-unknown",
        "Neither LAMB nor Open WebUI knows this e-mail",
        "The user exists in neither system, in any spelling. The address is mistyped, the user has another \
         address, or the user never had an account.",
        "Neither Creator_users nor webui.db has a row with this e-mail.",
        "Check the address. To create both accounts: lamb-auth create-creator --email E --create-owi-user.";
    LMS_STUDENT: Info, Nothing, "lms-student",
        "An LMS student: has no creator, by design",
        "LAMB makes an Open WebUI account for each student who comes in through the LMS. Students have no \
         creator and must not get one: a delegated LAMB gives them a guessable password.",
        "The e-mail is in lti_users or lti_activity_users, or its domain is one of LAMB's own.",
        "Nothing needs fixing: the student opens the activity in the LMS. If the student also teaches, use \
         lamb-auth create-creator --force.";
    LMS_ADMIN: Warning, Nothing, "lms-admin",
        "An account from the LMS is an admin in Open WebUI",
        "Open WebUI makes its first user an admin. If that was a student who came in through the LMS, the student can \
         read all chats and change all users.",
        "The role in webui.db is admin, LAMB has no creator with this e-mail, and the account came in through the LMS. For \
         other admins without a creator, see owi-admin-unknown.",
        "Sign in to Open WebUI as another admin, open Admin Panel, Users, and set the role of this account to user.";
    OWI_ADMIN_UNKNOWN: Warning, Nothing, "owi-admin-unknown",
        "An Open WebUI admin is not a user of LAMB",
        "Open WebUI makes its first user an admin. That may have been a service account, or a user that LAMB has never \
         seen. An admin can read all chats and change all users.",
        "The role in Open WebUI is admin, LAMB has no creator with this e-mail, and it is not OWI_ADMIN_EMAIL. For \
         accounts from the LMS, see lms-admin.",
        "If this account must not be an admin, sign in to Open WebUI as another admin. Open Admin Panel, Users, and set \
         its role to user. If it must be one, create its creator: lamb-auth create-creator --email E --role admin.";
    LTI_CREATOR_MISSING: Error, Refused, "lti-creator-missing",
        "The creator of a teacher from the LMS is gone",
        "A native LAMB gives each teacher who opens it from the LMS an address that begins with lti_creator_, and a \
         creator. Open WebUI still has the account, but LAMB's database has no such creator.",
        "The address begins with lti_creator_ and ends in @lamb-lti.local, and no table of students has it. For a \
         student, see lms-student.",
        "Ask the teacher to open LAMB from the LMS again: LAMB then creates the creator itself. Do not create it with \
         lamb-auth: without the LMS's id in it, LAMB refuses each launch of this teacher.";
    LTI_ACCOUNT_TAKEN: Error, Launch, "lti-account-taken",
        "Another creator has the e-mail that LAMB makes for this teacher",
        "LAMB makes an e-mail from the organization and the LMS's id. A creator with that e-mail exists, but LAMB does not find \
         it by the id: it is in another organization, or has another id. The launch answers 500 \"Failed to create user\".",
        "Creator_users has a row with this e-mail whose organization_id or lti_user_id differs.",
        "Move the creator back to the organization of the key, or set its lti_user_id to the LMS's id. Copy lamb_v4.db before.";
    LTI_ID_MISSING: Warning, Launch, "lti-id-missing",
        "A teacher from the LMS has no LMS id",
        "LAMB finds a teacher of a launch by lti_user_id alone. Without it, LAMB tries to create the account again, and \
         fails with \"Failed to create user\". A password does not help: the account is for the LMS only.",
        "auth_provider is lti_creator, and lti_user_id is NULL or empty.",
        "Stop LAMB, copy lamb_v4.db, and set lti_user_id of the creator to the user's id in the LMS.";
    LTI_CAPITALS: Error, Launch, "lti-capitals",
        "The account in the group is not the one that signs in",
        "The LMS's user name or id has capital letters. LAMB makes an account with them and puts it into the group. Open WebUI \
         signs in a second account in lowercase, which has no assistant.",
        "The e-mail that LAMB made has capital letters. webui.db may have both spellings.",
        "Let the LMS send user names and ids in lowercase. Or add the lowercase account to the group in Open WebUI's admin panel.";
    LTI_GROUP: Error, Launch, "lti-group",
        "The group of the assistant is gone, or the user is not in it",
        "Open WebUI shows the assistant to the members of one group only. Without the group, the old launch of a \
         new student fails with 500; other students are signed in but see no assistant.",
        "webui.db has no group with the stored id of an activity, or with the stored name of an assistant's group. Or the \
         group's members lack the account's id: user_ids in 0.5.6, group_member in later versions.",
        "Publish the assistant again in LAMB, or add the account to the group in Open WebUI's admin panel.";
    LTI_LINK_DANGLING: Warning, Launch, "lti-link-dangling",
        "An LMS user is linked to a creator that is gone",
        "A teacher connected the LMS account to a creator, and that creator no longer exists. LAMB then takes the teacher for \
         unknown and shows \"Unable to Set Up This Activity\".",
        "lti_identity_links has a creator_user_id that Creator_users lacks.",
        "Ask the teacher to open the activity and to connect the account again on the page that LAMB shows.";
    OWI_USER_MISSING: Error, Refused, "owi-user-missing",
        "The creator exists in LAMB, but not in Open WebUI",
        "Delegated: Open WebUI checks the password and every token, so the creator cannot log in, and is refused with an \
         older token. Native: normal until the creator's first chat.",
        "Creator_users has a row with this e-mail; webui.db has none.",
        "Create the account in Open WebUI's admin panel, or with POST /api/v1/auths/add.";
    OWI_USER_HALF: Error, Login, "owi-user-half",
        "Half of this user is missing in Open WebUI",
        "Open WebUI keeps each user in two tables, user and auth. One of the rows is missing, or they have \
         different e-mails. Or auth has a second row that belongs to no user, and sign-in finds that row.",
        "lamb-auth compares both tables of webui.db by id and by e-mail.",
        "If the two e-mails differ, set the e-mail again in Open WebUI's admin panel. Otherwise, lamb-auth diagnose --email E \
         names a sqlite3 command: stop Open WebUI, copy webui.db, run it, and start Open WebUI. Nothing else removes a row \
         that belongs to no user: a new e-mail or password does not, and neither does a new account.";
    OWI_DUPLICATE: Warning, Nothing, "owi-duplicate",
        "Open WebUI has this e-mail more than once",
        "Versions before 0.12 allow duplicates. Sign-in may find any of the accounts, and the user's chats are \
         spread over them.",
        "The table user of webui.db has more than one row with this e-mail.",
        "Delete the empty ones: lamb-auth audit --fix --finding owi-duplicate. Of the others, decide which account \
         keeps the e-mail. Move the data of the others to it, then give them another e-mail in the admin panel. Also set \
         their role to pending there: sync takes an account with a new e-mail for a newcomer. Open WebUI 0.12 does not \
         start while there are duplicates.";
    OWI_ROW_UNREADABLE: Error, Refused, "owi-row-unreadable",
        "Open WebUI cannot read this user's row",
        "The row is in webui.db but has a bad value. Possible causes: settings, info or oauth is not a JSON \
         object, a time is not a number, or a text is not UTF-8. Open WebUI then behaves as if the user did \
         not exist.",
        "lamb-auth reads the row in webui.db column by column. Open WebUI answers as for owi-user-gone; 0.12 \
         answers 500 or 503.",
        "Stop Open WebUI and copy webui.db to a safe place. Use sqlite3 to set the broken column to NULL (a \
         time: to a number). Start Open WebUI. A script does it: lamb-auth diagnose --email E --fix --script fix.py.";
    EMAIL_SPELLING: Error, Refused, "email-spelling",
        "The e-mail is stored in another spelling",
        "LAMB compares e-mails byte for byte: different case, a blank at the end, or a character without \
         width makes a different user. Open WebUI's sign-in never finds an e-mail stored with uppercase letters \
         or blanks, or as bytes, even if LAMB has the same.",
        "The addresses look the same in lowercase, but their bytes differ. Reports show invisible characters as \
         numbers, such as \\u{200b}. Or diagnose was given a spelling that is stored nowhere: asked and judged \
         in its JSON differ.",
        "Use the stored spelling. If LAMB and Open WebUI differ, give both the same e-mail in lowercase, which is all that \
         Open WebUI's sign-in finds. In LAMB: lamb-auth update-creator --email E --rename NEW.";
    EMAIL_INVALID: Error, Login, "email-invalid",
        "LAMB's login does not accept this e-mail as an address",
        "A delegated LAMB checks the form of the e-mail that a user types. If it is not an address, every login fails, \
         even with a creator of this e-mail. Existing sessions continue.",
        "user_email in Creator_users does not have exactly one @, has a character that is not allowed, or ends in a \
         reserved domain such as .local. A native LAMB does not check the form.",
        "Change it on both servers: lamb-auth update-creator --email E --rename NEW --owi-too.";
    HEADER_UNSENDABLE: Error, Login, "header-unsendable",
        "LAMB cannot send this user's e-mail or name to Open WebUI",
        "LAMB signs users in to Open WebUI with two HTTP headers, the e-mail and the name. It can send only Latin-1 \
         characters, and no line break or leading blank. For other users it gets no token. Delegated: every login fails \
         with \"Failed to get authentication token\". Native: login works, but launch_url ends in token=None.",
        "user_email or user_name in Creator_users has such a character. é and ñ can be sent; Ł, ž, € and ’ cannot. The \
         finding names the first one.",
        "For a name: lamb-auth update-creator --email E --name NAME. For an e-mail, on both servers: lamb-auth \
         update-creator --email E --rename NEW --owi-too. For a student from an LMS, who has no creator: change the name in \
         the LMS.";
    OTHER_ACCOUNT: Error, Login, "other-account",
        "A sign-in opens the account of another user",
        "Open WebUI's sign-in goes from the e-mail to a row of auth, and from its id to the user. Here that user is another \
         one. Delegated: the login signs the user in to LAMB as the other one. Native: the link to the chat opens the \
         other user's chats.",
        "The row of auth with this e-mail has the id of another user, often because two ids were swapped by hand. \
         owi-user-half is a row whose id has no user.",
        "Stop Open WebUI and copy webui.db to a safe place. Use sqlite3 to give each row of auth the id of the user with \
         the same e-mail. Start Open WebUI.";
    HAND_OFF_MISSING: Warning, Nothing, "hand-off-missing",
        "Open WebUI lacks the page that LAMB's link opens",
        "LAMB's link to Open WebUI opens /api/v1/auths/complete, which only LAMB's own copy of Open WebUI has. Another server \
         shows its web app there and signs no user in, although every token is good. LAMB's own pages work. A user of \
         the type end_user has no other page.",
        "Without a token, the page answers 422 in LAMB's copy. Another server answers 200 with a web page. /api/version \
         says the same in both.",
        "Run the Open WebUI that LAMB ships. A server from PyPI lacks this page.";
    PUBLIC_URL: Warning, Nothing, "public-url",
        "A browser cannot open an address that LAMB gives to it",
        "LAMB's link to Open WebUI begins with OWI_PUBLIC_BASE_URL. If that is not set, it begins with OWI_BASE_URL, by \
         which the backend reaches Open WebUI. The page after a launch begins with LAMB_PUBLIC_BASE_URL. LAMB's own login \
         works.",
        "The address is a name inside Docker's network, or one of a single machine or a private network although LAMB's \
         is not. Or it is no complete URL, or has a password. hand-off-missing is an address that a browser opens, \
         without the page.",
        "In LAMB's environment, set the variable to the address at which a browser opens the server, without a password. \
         Restart the backend. Users then log in to LAMB again, because the browser keeps the old link.";
    OWI_PENDING: Warning, Nothing, "owi-pending",
        "The user is pending in Open WebUI",
        "An admin has not approved the account yet. LAMB answers, but Open WebUI's own functions refuse the \
         user.",
        "The role in webui.db is pending, or a value other than user and admin, which Open WebUI treats like \
         pending.",
        "In Open WebUI, an admin opens Admin Panel, Users, and sets the role to user. lamb-auth does not approve students \
         from the LMS. If an account is pending after each SSO sign-in, Open WebUI sets roles from the identity provider \
         (ENABLE_OAUTH_ROLE_MANAGEMENT): give the user one of OAUTH_ALLOWED_ROLES there.";
    OWI_INACTIVE: Error, Login, "owi-inactive",
        "The account is deactivated in Open WebUI",
        "auth.active is 0, so every sign-in is refused. Existing sessions continue, except on 0.12.",
        "The column active in webui.db is 0. LAMB has a separate switch: see creator-disabled.",
        "Stop Open WebUI. Use sqlite3 to set auth.active to 1 for this id. Start Open WebUI.";
    CREATOR_DISABLED: Error, Login, "creator-disabled",
        "The creator is disabled in LAMB",
        "Login is refused with \"Account has been disabled\". Tokens issued before still work.",
        "Creator_users.enabled is 0. Open WebUI has a separate switch: see owi-inactive.",
        "If this is intended, do nothing. Otherwise: lamb-auth update-creator --email E --enable.";
    PASSWORD_MISSING: Warning, Login, "password-missing",
        "The creator has no password in LAMB",
        "Native: password_hash is NULL, so LAMB checks Open WebUI's password instead. Login fails if Open \
         WebUI does not answer.",
        "Creator_users.password_hash is NULL, and auth_provider is password.",
        "lamb-auth update-creator --email E --set-password, or --copy-password to use Open WebUI's.";
    OWI_PASSWORD_UNSOUND: Error, Login, "owi-password-unsound",
        "Open WebUI's password hash of this user is not valid",
        "auth.password is empty or not a bcrypt hash. A delegated LAMB checks the password there: every \
         password is refused.",
        "A valid hash starts with $2b$ and has 60 characters. For LAMB's own hash, see password-unsound.",
        "Set a new password for the user in Open WebUI: Admin Panel, Users, edit.";
    PASSWORD_UNSOUND: Error, Login, "password-unsound",
        "LAMB's password hash of this user is not valid",
        "Native: password_hash is not a bcrypt hash. Every password is refused.",
        "A valid hash starts with $2b$ and has 60 characters.",
        "lamb-auth update-creator --email E --set-password, or --copy-password to use Open WebUI's.";
    PASSWORD_WRONG: Error, Login, "password-wrong",
        "The password is not the stored one",
        "The password that you passed fits neither LAMB's nor Open WebUI's hash of this user.",
        "lamb-auth compared the password with the stored hashes, offline. password-spelling is a password that is nearly \
         right; password-elsewhere is one that the other system has.",
        "Native: lamb-auth update-creator --email E --set-password. Delegated: lamb-auth update-creator --email E \
         --set-password --owi-too.";
    PASSWORD_ELSEWHERE: Error, Login, "password-elsewhere",
        "The password is right for another row than the one that counts",
        "LAMB and Open WebUI each store a password. A native LAMB checks its own, a delegated one checks that of the first \
         active Open WebUI row. A password that was changed on one side only is wrong on the other.",
        "lamb-auth compared the password with the stored hashes, offline. The finding names the row that it fits, and the \
         one that counts.",
        "Tell the user which password counts. Or make both the same. Native: lamb-auth update-creator --email E \
         --copy-password. Delegated: set it in Open WebUI's admin panel (Users, edit).";
    PASSWORD_SPELLING: Error, Login, "password-spelling",
        "The password is nearly right",
        "A change that is hard to see makes it right: a blank before or after it, caps lock, or how an accent is composed. \
         LAMB compares bytes, and refuses it.",
        "lamb-auth tried these changes with the hash that counts, offline. The finding names the one that fits.",
        "Have the user type the password anew, without copying it. If a keyboard composes accents in another way, set a \
         password without accents.";
    PASSWORD_CUT: Warning, Nothing, "password-cut",
        "Only the first 72 bytes of the password count",
        "bcrypt, with which both systems store passwords, ignores all bytes after the 72nd. The login works, also with \
         another end.",
        "The password that you passed is longer than 72 bytes, and fits the hash that counts.",
        "Nothing must be done. A shorter password is as safe.";
    END_USER: Info, Nothing, "end-user",
        "An end user: sent from the creator interface to the chat, by design",
        "The user type is end_user. LAMB redirects these users from the creator interface to the chat.",
        "Creator_users.user_type is end_user.",
        "If the user needs to build assistants: lamb-auth update-creator --email E --user-type creator.";
    CREATOR_ROW_UNREADABLE: Error, Refused, "creator-row-unreadable",
        "LAMB cannot read the creator's row",
        "A text in the row is not UTF-8. LAMB cannot read the row, and answers every request and login as if the user did \
         not exist.",
        "The finding names the column. Other rows are not affected. user-config-broken is the same for user_config.",
        "Copy lamb_v4.db, then set the column of this creator again with sqlite3. LAMB has no page for it.";
    ASSISTANT_UNREADABLE: Error, Crashes, "assistant-unreadable",
        "LAMB fails on one of this creator's own assistants",
        "LAMB lists all assistants that the creator owns. One row has a value that LAMB cannot put into its answer, so \
         LAMB answers 500. Login works.",
        "The finding names the row, the column, and what is wrong: bytes that are not UTF-8, or text where a number \
         belongs.",
        "Copy lamb_v4.db, then correct the value with sqlite3. LAMB has no page for it.";
    USER_CONFIG_BROKEN: Error, Refused, "user-config-broken",
        "The creator's user_config is not JSON",
        "LAMB fails to read the row and treats it as \"user not found\".",
        "The row exists, but its user_config cannot be parsed as JSON.",
        "lamb-auth update-creator --email E --reset-config. The user's preferences are lost; the journal keeps them.";
    LTI_CREATOR: Info, Nothing, "lti-creator",
        "This creator signs in through the LMS",
        "auth_provider is lti_creator: password login is not available, by design.",
        "Creator_users.auth_provider is lti_creator.",
        "Ask the user to open LAMB from the LMS. A missing password hash is normal for this user.";
    }
    Organization {
    ORGANIZATION_MISSING: Warning, Login, "organization-missing",
        "The creator belongs to no organization",
        "organization_id is NULL or points to an organization that does not exist. The list of assistants \
         still opens, but roles and settings of an organization are missing.",
        "lamb-auth looks up Creator_users.organization_id in organizations.id.",
        "lamb-auth update-creator --email E --org SLUG.";
    ORGANIZATION_SUSPENDED: Warning, Nothing, "organization-suspended",
        "The creator's organization is suspended",
        "LAMB still answers, but it limits what the organization may do.",
        "organizations.status is not active.",
        "If this is intended, do nothing. Otherwise: lamb-auth update-organization --org SLUG --activate.";
    ORGANIZATION_CONFIG_BROKEN: Error, Refused, "organization-config-broken",
        "The organization's config is not JSON",
        "Every request of every member fails: 401 in the delegated edition, 500 in the native edition.",
        "organizations.config cannot be parsed as JSON.",
        "Restore the organization's config from a backup with sqlite3. Without a backup: lamb-auth update-organization \
         --org SLUG --reset-config. The organization then loses its model providers.";
    ROLE_MISSING: Warning, Login, "role-missing",
        "The creator has no role in their organization",
        "organization_roles has no row for the creator's own organization. The list of assistants opens, but \
         functions that need a role do not work.",
        "organization_roles has no row with this organization_id and this creator's id.",
        "lamb-auth assign-role --email E --org SLUG --role member.";
    ROLE_ELSEWHERE: Warning, Nothing, "role-elsewhere",
        "The creator has a role in another organization",
        "LAMB reads roles only in the creator's own organization. A role in another organization has no \
         effect.",
        "organization_roles has a row of this creator with another organization_id than the creator's.",
        "lamb-auth assign-role --email E --org SLUG --role member, where SLUG is the creator's own \
         organization.";
    ORGANIZATION_UNMANAGED: Warning, Nothing, "organization-unmanaged",
        "This organization has no admin",
        "No owner or admin of this organization is enabled, so its users cannot be managed there.",
        "organization_roles has no owner or admin who is enabled and belongs to this organization. \
         Organizations without creators are not counted.",
        "lamb-auth assign-role --email E --org SLUG --role admin, for one creator of the organization.";
    }
    LambDatabase {
    LAMB_DB_MISSING: Error, Refused, "lamb-db-missing",
        "LAMB's database is not at the configured path",
        "There is no file lamb_v4.db, or a folder has its name. LAMB would create an empty database there.",
        "The path comes from LAMB_DB_PATH.",
        "Set LAMB_DB_PATH to the folder of lamb_v4.db, or mount the volume that contains it.";
    LAMB_DB_EMPTY: Error, Refused, "lamb-db-empty",
        "LAMB's database file is empty",
        "The file has 0 bytes. It was truncated, or a tool created it without writing to it.",
        "The file's length is 0.",
        "Stop LAMB and restore the last backup.";
    LAMB_DB_GARBAGE: Error, Refused, "lamb-db-garbage",
        "LAMB's database is damaged or not an SQLite database",
        "The file is something else, or its pages contradict each other. LAMB hides the error and answers \
         \"user not found\".",
        "The first bytes of the file are wrong, or SQLite reports an error.",
        "Stop LAMB, copy the file to a safe place, and restore the last backup. `sqlite3 .recover` may save \
         newer data.";
    LAMB_DB_UNREADABLE: Error, Refused, "lamb-db-unreadable",
        "lamb-auth cannot read LAMB's database",
        "The operating system denies access. LAMB itself may still have access if it runs as another user.",
        "Opening the file fails with this error.",
        "Run lamb-auth as the user that LAMB runs as, or fix the owner and mode of the file and its folder.";
    LAMB_DB_LOCKED: Error, Refused, "lamb-db-locked",
        "LAMB's database is locked",
        "Another process holds an exclusive lock. LAMB waits 5 seconds, then answers \"user not found\" for \
         every user.",
        "Reading the file failed for as long as --lock-timeout allows.",
        "Find the process that holds lamb_v4.db (fuser lamb_v4.db, lsof) and stop it.";
    LAMB_DB_READ_ONLY: Warning, Nothing, "lamb-db-read-only",
        "LAMB's database cannot be written",
        "The file, its folder or its mount is read-only for lamb-auth. LAMB's migrations and all changes fail, \
         including fixes.",
        "Opening the file for writing fails; this test writes nothing. LAMB may have access if it runs as \
         another user.",
        "Fix the owner and mode of the file and its folder, or mount the volume read-write.";
    LAMB_DB_NETWORK: Warning, Nothing, "lamb-db-network",
        "LAMB's database is on a network file system",
        "SQLite's locks are not reliable there. Two writers can damage the file, and a lock can stay behind.",
        "The mount's type is nfs, cifs, 9p or similar.",
        "Move the volume to a local disk.";
    LAMB_TABLES_MISSING: Error, Refused, "lamb-tables-missing",
        "LAMB's database has no LAMB tables",
        "LAMB's backend never created its tables in this file. Or the file has several sets of tables, and no \
         setting says which one LAMB reads.",
        "No table name ends in Creator_users, or several do.",
        "Check LAMB_DB_PATH and LAMB_DB_PREFIX. If both are right, start LAMB's backend once: it creates its \
         tables.";
    PREFIX_WRONG: Error, Refused, "prefix-wrong",
        "LAMB reads the wrong tables",
        "LAMB's configured prefix has no tables, or empty ones, while another prefix in the same file has \
         data. With the wrong prefix, LAMB silently creates a second, empty set of tables.",
        "lamb-auth lists all tables whose names end in Creator_users and checks which have rows.",
        "Set LAMB_DB_PREFIX to the prefix of the tables that have data, and restart LAMB.";
    LAMB_TABLE_IS_VIEW: Warning, Nothing, "lamb-table-is-view",
        "A view stands in the place of one of LAMB's tables",
        "LAMB reads the view like a table, and its users can work. LAMB cannot write to it, and its next migration fails. \
         A virtual table is reported in the same way.",
        "sqlite_schema lists the name as a view or a virtual table. LAMB itself makes ordinary tables only.",
        "Find out who made the view. Stop LAMB, copy lamb_v4.db, and put the table back. Until then, lamb-auth makes no \
         changes there.";
    LAMB_TRIGGERS: Warning, Nothing, "lamb-triggers",
        "LAMB's database has triggers",
        "A trigger runs with every write to its table, by LAMB and by lamb-auth. It may change, remove or refuse rows \
         that LAMB believes to be there.",
        "sqlite_schema lists triggers. LAMB itself makes none.",
        "Find out who made each trigger, and what it does. If it is intended, do nothing: lamb-auth compares what it \
         wrote before it commits, and refuses where a trigger changed something. Otherwise, remove it with DROP TRIGGER.";
    COMMON_CAUSE: Error, Nothing, "common-cause",
        "Many users have the same problem, so it has one cause",
        "One event broke many users at once. Examples: a restore of only one database, a wrong volume, a migration that \
         did not finish. Fixing users one by one hides the event, and may make it harder to undo.",
        "More than half of all users who can have a finding have it, or a quarter of all accounts is gone. Ten users are \
         the least. The finding names the numbers and likely causes.",
        "Find the event: compare both databases with the last backup, and check the volumes and LAMB's log. Restore both \
         databases from the same time. If there was no such event, fix the users with lamb-auth audit --fix --force.";
    COLUMNS_MISSING: Error, Refused, "columns-missing",
        "LAMB's tables lack columns: a migration did not finish",
        "LAMB selects columns that do not exist. It hides the error and answers \"user not found\" for every \
         user.",
        "Creator_users lacks columns that this edition of LAMB selects.",
        "Find the failed migration in the backend's log and fix its cause: a lock, a full disk, a read-only \
         mount. Then restart LAMB.";
    }
    OpenWebUi {
    OWI_DOWN: Error, Refused, "owi-down",
        "Open WebUI is not running or not reachable",
        "Nothing listens at OWI_BASE_URL, or no connection can be made: refused, unreachable, or timed out.",
        "The connection failed. If it connects but gets no answer, see owi-hangs; for an unknown host name, \
         see owi-dns.",
        "Start it: docker-compose up -d openwebui. Then check docker-compose logs openwebui.";
    OWI_DNS: Error, Refused, "owi-dns",
        "Open WebUI's host name is unknown here",
        "The host name in OWI_BASE_URL cannot be resolved. In a compose stack it is the service's name, which \
         resolves only inside the stack and while the service runs.",
        "The resolver says that the name does not exist, or no name server answers in time.",
        "Check whether it runs: docker-compose ps openwebui. If it does, run lamb-auth inside the backend's \
         container, or set OWI_BASE_URL to a name that resolves here.";
    OWI_HANGS: Error, Hangs, "owi-hangs",
        "Open WebUI accepts the connection but never answers",
        "LAMB has no timeout for this request: one request blocks the whole worker, and every user with it.",
        "The connection was made, but no answer came within --timeout. A slow server looks the same: a larger --timeout \
         tells them apart.",
        "Restart Open WebUI, then LAMB's backend, whose workers are blocked: docker-compose restart openwebui \
         backend.";
    OWI_ERROR: Error, Refused, "owi-error",
        "Open WebUI answers with an error",
        "Open WebUI, or a gateway in front of it, answers 5xx, or its answer is cut off.",
        "The answer's HTTP status is 5xx, or the answer is incomplete.",
        "Check docker-compose logs openwebui.";
    OWI_WRONG_URL: Error, Refused, "owi-wrong-url",
        "OWI_BASE_URL is not an Open WebUI API",
        "A web page or another service answers. Open WebUI answers every wrong path with its page and status \
         200, so a wrong URL looks right.",
        "/api/version does not return JSON with a version.",
        "Set OWI_BASE_URL to the root of Open WebUI, without /api.";
    OWI_CREDENTIALS: Error, Refused, "owi-credentials",
        "LAMB sends other credentials to Open WebUI in place of the token",
        "OWI_BASE_URL has a user and a password, or a .netrc file has an entry for Open WebUI's host. LAMB's HTTP library \
         then replaces the token in the Authorization header, and Open WebUI refuses each request.",
        "OWI_BASE_URL has the form http://user:password@host, or the file that NETRC names (else ~/.netrc) has the host or \
         a default entry.",
        "Remove the user and the password from OWI_BASE_URL, or the entry from the .netrc file. Then restart LAMB.";
    OWI_REDIRECT: Error, Refused, "owi-redirect",
        "Open WebUI's address redirects elsewhere",
        "The redirect leads to a login page, or to another host, where the Authorization header is dropped.",
        "The HTTP status is 3xx. lamb-auth did not follow the redirect.",
        "If the redirect leads to your Open WebUI, set OWI_BASE_URL to that address.";
    OWI_TLS: Error, Refused, "owi-tls",
        "The TLS connection to Open WebUI fails",
        "The certificate is not trusted here, is for another name, or has expired. Or OWI_BASE_URL has http:// and the \
         port expects https://, or the reverse.",
        "The TLS handshake failed with this error. Or a request in plain HTTP failed, and the port answers TLS.",
        "If the error names http:// or https://, change OWI_BASE_URL, for LAMB too. Otherwise set REQUESTS_CA_BUNDLE to \
         your certificate authority's file, for LAMB too, or fix the certificate.";
    OWI_SLOW: Warning, Nothing, "owi-slow",
        "Open WebUI answers slowly",
        "Every request to LAMB waits this long. On 0.5.6, five seconds mean that a process is writing to \
         webui.db.",
        "The request took longer than 2 seconds.",
        "Look for a process that writes to webui.db, such as a backup. Check the machine's load.";
    OWI_REFUSES_HEADER: Error, Refused, "owi-refuses-header",
        "Open WebUI says that no token arrived",
        "A proxy between LAMB and Open WebUI removes the Authorization header or adds another user's trusted \
         header.",
        "Open WebUI answers \"Not authenticated\" or \"User mismatch\", although the request had a token.",
        "Let LAMB reach Open WebUI directly, or fix the proxy.";
    OWI_SCHEMA_DRIFT: Warning, Login, "owi-schema-drift",
        "LAMB cannot read this version of Open WebUI's database",
        "The table user does not have exactly the 12 columns of 0.5.6. LAMB then treats every Open WebUI user \
         as missing, and logins fail. A native LAMB also inserts another admin row at each start or login. Or the \
         table auth lacks a column: Open WebUI then signs no user in.",
        "The columns of the table user in webui.db differ, or auth has no column active or password.",
        "Run the version of Open WebUI that this LAMB was made for (0.5.6). Use a backup of webui.db from \
         before the upgrade.";
    OWI_DB_MISSING: Warning, Login, "owi-db-missing",
        "webui.db is not at the configured path",
        "OWI_PATH is not set, or its folder has no webui.db. A backend that starts now waits forever, without \
         a message. A running backend refuses every login.",
        "The path comes from OWI_PATH.",
        "Set OWI_PATH to the folder of webui.db: the volume that Open WebUI uses as DATA_DIR.";
    OWI_DB_UNREADABLE: Warning, Login, "owi-db-unreadable",
        "lamb-auth cannot read webui.db",
        "The file is locked, unreadable, empty, or not an Open WebUI database. This report lacks what the file \
         would show.",
        "Opening the file fails with this error.",
        "Fix the file's owner and mode, or stop the process that holds it. Then run the command again.";
    OWI_LOCKED: Error, Refused, "owi-locked",
        "Open WebUI's database is locked",
        "Another process holds a lock on webui.db for longer than Open WebUI waits: a backup, a copy, a \
         crashed tool.",
        "Open WebUI says that the user does not exist, but the row is intact. Or lamb-auth cannot read the \
         file either. /health stays green.",
        "Find the process that holds webui.db (fuser webui.db, lsof) and stop it.";
    OWI_DB_STALE: Error, Login, "owi-db-stale",
        "This webui.db is not the one that Open WebUI uses",
        "The server knows a user that the file lacks, or another role, name or e-mail of a user. The file is on another \
         volume or an old copy, or Open WebUI uses PostgreSQL. LAMB reads this file and works with the wrong users.",
        "The id in Open WebUI's answer is not in the file, or the row of that id has other data.",
        "Mount the volume that Open WebUI uses as DATA_DIR at OWI_PATH. Change nothing until then.";
    TRUSTED_HEADER_OFF: Warning, Login, "trusted-header-off",
        "Open WebUI ignores LAMB's trusted header",
        "LAMB gets each Open WebUI token by sending the user's e-mail in the header X-User-Email. If Open \
         WebUI ignores this header, login yields no token (launch_url …token=None).",
        "features.auth_trusted_header in /api/config is not true. Or Open WebUI answers \"Your provider has \
         not provided a trusted header\".",
        "For Open WebUI, set WEBUI_AUTH_TRUSTED_EMAIL_HEADER=X-User-Email and \
         WEBUI_AUTH_TRUSTED_NAME_HEADER=X-User-Name, then restart it. Your proxy must remove both headers from \
         outside requests.";
    SIGN_IN_REFUSED: Error, Login, "sign-in-refused",
        "Open WebUI refuses every sign-in",
        "LAMB signs its users in at /api/v1/auths/signin. Open WebUI, or a proxy in front of it, refuses this request for \
         all users. Delegated: every login fails with \"Failed to get authentication token\". Native: login works, but \
         launch_url ends in token=None.",
        "lamb-auth sends a sign-in that names no user. Open WebUI normally answers that the trusted header is missing. \
         Another answer, such as 403, 404, 429 or 500, goes to all users.",
        "If the answer is 403 and says that the action is restricted, set ENABLE_PASSWORD_AUTH=True for Open WebUI and \
         restart it. Otherwise let LAMB reach Open WebUI directly, or fix the proxy.";
    OWI_ADMINS_MULTIPLIED: Warning, Nothing, "owi-admins-multiplied",
        "Open WebUI's admin exists several times",
        "A native LAMB that cannot read Open WebUI's user table inserts another admin row at each start or \
         login. A unique index prevents this.",
        "webui.db has several rows with OWI_ADMIN_EMAIL in user or in auth.",
        "Fix owi-schema-drift first, or LAMB adds more rows. Then delete the extra accounts in Open WebUI's \
         admin panel, starting with those without chats.";
    OWI_UPGRADE_BLOCKED: Warning, Nothing, "owi-upgrade-blocked",
        "E-mails in Open WebUI block the upgrade to 0.12",
        "Since 0.12, two users cannot have the same e-mail, even in different case. With duplicates the \
         upgrade stops half migrated, and Open WebUI does not start.",
        "user.email in webui.db has duplicates, compared in lowercase, and there is no unique index.",
        "Before the upgrade, copy webui.db to a safe place. Then keep only one account of each such e-mail, in \
         Open WebUI's admin panel.";
    OWI_VERSION_DIFFERS: Warning, Nothing, "owi-version-differs",
        "Open WebUI and its database are of different versions",
        "A migration did not finish, or webui.db was replaced by a copy of another version. If the server is newer, it \
         lacks columns and answers 500 or 503 to every token. If it is older, it does not start again.",
        "The version in /api/version leaves another Alembic revision in webui.db than the one that is there. \
         owi-upgrade-blocked is the migration to 0.12 that stopped at duplicate e-mails.",
        "Copy webui.db to a safe place. Then start the version of Open WebUI that wrote the file. Or restart the newer \
         version, and check its log for the migration that fails.";
    BOOTSTRAP_ADMIN: Warning, Login, "bootstrap-admin",
        "LAMB's admin account is not an admin everywhere",
        "LAMB uses OWI_ADMIN_EMAIL as its own admin and signs in to Open WebUI as this user. The account is \
         missing, pending, or not an admin in LAMB or Open WebUI. Some administration fails.",
        "OWI_ADMIN_EMAIL must be an admin in webui.db, a creator in LAMB, and an admin of the organization \
         lamb.",
        "Give the missing role: in Open WebUI's admin panel, or with lamb-auth assign-role.";
    WAL_OWNER: Warning, Refused, "wal-owner",
        "The -wal or -shm file has another owner than the database",
        "A tool that ran as another user, usually root, left -wal or -shm behind. If the server cannot open \
         these files, it cannot open the database either.",
        "The owner of the -wal or -shm file differs from the owner of the database.",
        "Give them the database's owner: chown --reference=FILE FILE-wal FILE-shm.";
    }
    Backend {
    BACKEND_DOWN: Error, NoBackend, "backend-down",
        "LAMB's backend is not running or not reachable",
        "Nothing listens at LAMB_BACKEND_HOST, or no connection can be made.",
        "The connection failed.",
        "Start it: docker-compose up -d backend. Then check docker-compose logs backend.";
    PROXY_DOWN: Error, Refused, "proxy-down",
        "The proxy that the environment names does not answer",
        "HTTP_PROXY, HTTPS_PROXY or ALL_PROXY is set, and NO_PROXY does not exclude this host. The request goes to the \
         proxy, and the proxy cannot be reached. A LAMB with the same environment fails in the same way.",
        "The connection to the proxy fails. The finding names the setting.",
        "In LAMB's environment, add the hosts of Open WebUI and of the backend to NO_PROXY, or remove the proxy setting. \
         Then restart LAMB.";
    BACKEND_DNS: Error, NoBackend, "backend-dns",
        "The backend's host name is unknown here",
        "The host name in LAMB_BACKEND_HOST cannot be resolved.",
        "The resolver says that the name does not exist, or no name server answers in time.",
        "Run lamb-auth inside the backend's container, or pass --backend-url.";
    BACKEND_HANGS: Error, Hangs, "backend-hangs",
        "LAMB's backend accepts the connection but never answers",
        "Its workers are blocked. If Open WebUI hangs, one request is enough. Other causes: a lock on LAMB's \
         database, or a missing webui.db at start.",
        "The connection was made, but no answer came within --timeout.",
        "Fix what it waits for: step 4 checks Open WebUI, and OWI_PATH must lead to webui.db. Then run \
         docker-compose restart backend.";
    BACKEND_ERROR: Error, Crashes, "backend-error",
        "LAMB's backend answers with an error",
        "The backend, or a gateway in front of it, answers 5xx, or its answer is cut off.",
        "The answer's HTTP status is 5xx, or the answer is incomplete.",
        "Check docker-compose logs backend.";
    BACKEND_WRONG: Error, NoBackend, "backend-wrong",
        "LAMB_BACKEND_HOST is not LAMB's backend",
        "A proxy, another service or an old process answers. It returns a web page, a 404, or another answer \
         that LAMB does not give without a token.",
        "Without a token, LAMB answers 401 or 403 in JSON; this answer is different.",
        "Set LAMB_BACKEND_HOST to the backend itself, and check the proxy's routes.";
    BACKEND_REDIRECT: Error, NoBackend, "backend-redirect",
        "The backend's address redirects elsewhere",
        "The address redirects from http to https, or to a login page.",
        "The HTTP status is 3xx. lamb-auth did not follow the redirect.",
        "If the redirect leads to your backend, set LAMB_BACKEND_HOST to that address.";
    BACKEND_TLS: Error, NoBackend, "backend-tls",
        "The TLS connection to the backend fails",
        "The certificate is not trusted here, is for another name, or has expired. Or LAMB_BACKEND_HOST has http:// and \
         the port expects https://, or the reverse.",
        "The TLS handshake failed with this error. Or a request in plain HTTP failed, and the port answers TLS.",
        "If the error names http:// or https://, change LAMB_BACKEND_HOST. Otherwise set REQUESTS_CA_BUNDLE to your \
         certificate authority's file, or fix the certificate.";
    HEADER_DROPPED: Error, Forbidden, "header-dropped",
        "The token does not arrive at LAMB's backend",
        "LAMB answers as if the request had no Authorization header with Bearer. A proxy between the browser and the \
         backend drops the header, or puts its own in its place.",
        "LAMB answers 403 \"Not authenticated\" or \"Invalid authentication credentials\" to a request that had a token. \
         Without a proxy, only a request without a token gets that answer.",
        "Let the proxy pass the Authorization header on to the backend.";
    ANSWER_DIFFERS: Warning, Nothing, "answer-differs",
        "LAMB's answer contradicts the files that lamb-auth reads",
        "LAMB serves a user that these files say it must refuse, or refuses one that they say it must serve. LAMB reads \
         another file, another prefix, or asks another server.",
        "lamb-auth sent the real request and compared the answer with the prediction.",
        "Compare the settings of the running backend (docker-compose exec backend env) with `lamb-auth \
         config`.";
    UNEXPLAINED: Error, Refused, "unexplained",
        "The backend refuses the request, and no check explains why",
        "Every step passed, but the real answer is not 200. lamb-auth does not know the cause, or the backend \
         runs with other settings.",
        "lamb-auth sent the real request and compared the answer with the prediction.",
        "Check docker-compose logs backend for this moment. Compare the settings of the running backend with \
         `lamb-auth config`. Please report the case with `diagnose -o json`.";
    }
    Lms {
    LTI_KEY_UNKNOWN: Error, Launch, "lti-key-unknown",
        "LAMB does not know the key of the LMS",
        "LAMB has no such key, the key is switched off or empty, or it has a blank at an end. LAMB refuses each launch with \
         \"Invalid consumer key\".",
        "lti_creator_keys has no enabled row for the organization, or LAMB answers 401 \"Invalid consumer key\" to a signed \
         launch. For a wrong secret or address, see lti-signature.",
        "Set the key and the secret on LAMB's admin page (organization, settings, LTI), and enter both in the LMS \
         byte for byte.";
    LTI_KEY_SHADOWED: Warning, Nothing, "lti-key-shadowed",
        "The stored key of all activities replaces the one in the environment",
        "lti_global_config has a key, so LAMB ignores LTI_GLOBAL_CONSUMER_KEY, LTI_GLOBAL_SECRET and LTI_SECRET for \
         activities. An LMS that has the key of the environment is refused.",
        "The table has a row, and the environment says another key or secret.",
        "Enter the stored key in the LMS, or set the key of the environment on LAMB's admin page.";
    LTI_SYSTEM_ORGANIZATION: Error, Launch, "lti-system-organization",
        "The key belongs to LAMB's own organization",
        "LAMB lets no teacher into its system organization from an LMS. It answers 403 \"LTI creator access not allowed for \
         system organization\".",
        "The organization of the key has is_system set, or LAMB answers so to a signed launch.",
        "Create an organization for the teachers, set a key there, and enter that key in the LMS.";
    LTI_SECRET_MISSING: Error, Launch, "lti-secret-missing",
        "LAMB has no secret for this launch",
        "LAMB cannot check the signature and answers 500 \"LTI not properly configured\", \"LTI not configured\" or \
         \"LTI secret not configured\".",
        "The stored secret or key is empty, or LTI_SECRET and LTI_GLOBAL_SECRET are not set in LAMB's environment.",
        "Set a secret of letters and digits: on LAMB's admin page, or LTI_SECRET in the environment of the backend. Then enter \
         it in the LMS.";
    LTI_SECRET_ENCODING: Error, Launch, "lti-secret-encoding",
        "The secret has characters that LAMB signs differently from the LMS",
        "By OAuth 1, the secret is encoded before it signs. LAMB does not. If the secret has another character than letters, \
         digits, - . _ ~, the signatures always differ.",
        "lamb-auth reads the stored secret and looks for characters that need encoding. The LMS shows the same \
         \"Invalid OAuth signature\" for lti-signature.",
        "Choose a secret of letters and digits only, set it in LAMB, and enter it in the LMS.";
    LTI_SIGNATURE: Error, Launch, "lti-signature",
        "LAMB expects another signature than the LMS makes",
        "The signature covers the URL. LAMB puts the URL together from the headers of the proxy, and the LMS takes \
         the one that it sends to. If the scheme, host, prefix or path differ, LAMB answers 401 \"Invalid OAuth signature\". So \
         it does for a wrong secret.",
        "lamb-auth sends a signed launch that writes nothing. If that is refused, it signs other forms of the URL. The one that \
         LAMB accepts shows what differs.",
        "Let the proxy send X-Forwarded-Proto and the Host of the browser. If it strips a prefix, let it also send \
         X-Forwarded-Prefix. Enter the URL and the secret in the LMS again.";
    LTI_ADDRESS: Error, Launch, "lti-address",
        "No launch answers at this address",
        "A proxy strips a part of the path, or the address belongs to another program. LAMB answers 405 \"Method Not Allowed\" \
         or 404. A delegated LAMB has only the launch of published assistants.",
        "The answer to a signed launch is 404, 405, a redirect or a web page. A wrong signature gets 401, see lti-signature.",
        "Enter the URL in the LMS that lamb-auth diagnose --flow lti --send-launch names. A proxy that strips /lamb needs \
         /lamb/lamb/v1/... in the URL.";
    LTI_ACTIVITY_NOT_READY: Error, Launch, "lti-activity-not-ready",
        "The activity is not set up",
        "LAMB has no activity for this link of the LMS, or its status is not active. Students see \"Activity Not Ready Yet\".",
        "lti_activities has no row with the resource_link_id, or its status is another than active.",
        "Ask the teacher to open the activity in the LMS once, and to finish the setup page.";
    LTI_UNPUBLISHED: Error, Launch, "lti-unpublished",
        "No published assistant has this key",
        "The consumer key of the old launch names a published assistant. Without one, LAMB answers 500 \"404: No published \
         assistant found for this oauth_consumer_name\".",
        "assistant_publish has no row with this oauth_consumer_name.",
        "Publish the assistant under this name, or enter the name of a published assistant as the key in the LMS.";
    }
    KnowledgeBase {
    KB_TOKEN_MISMATCH: Error, KnowledgeBases, "kb-token-mismatch",
        "The knowledge base server refuses LAMB's token",
        "LAMB passes the server's 401 on. In the native edition the browser takes each 401 for the end of the session. Opening \
         or creating a knowledge base then signs the user out, without a message. The list of knowledge bases looks empty. \
         The Library Manager does the same.",
        "The server's /health answers 200, and a read with LAMB's token answers 401. LAMB's own 401 says \"KB server error\" or \
         \"Library Manager error\". A real one says \"Invalid or expired authentication token\".",
        "Set the organization's token to the server's own secret (LAMB_API_KEY of the knowledge base server), or \
         LAMB_KB_SERVER_TOKEN where the organization has none.";
    KB_SERVER_DOWN: Error, KnowledgeBases, "kb-server-down",
        "The knowledge base server does not answer as it should",
        "LAMB asks the server's /health before each request. If that fails, the list shows \"Knowledge Base server offline\", and \
         no knowledge base can be used. If another program answers, the list is empty and the rest fails with 500.",
        "The server at the organization's address refuses connections, hangs, or does not answer 200 to /health. Or a read with \
         the token answers another error than 401.",
        "Start the server, or correct its address in the organization's settings (LAMB_KB_SERVER where the organization has \
         none).";
    KB_OLD_KEY_WINS: Warning, KnowledgeBases, "kb-old-key-wins",
        "An old setting of the organization hides the new one",
        "LAMB reads server_url and api_token of setups.default.knowledge_base first. The admin page writes url and api_key of \
         kb_server. If both are set, the value from the admin page has no effect.",
        "The organization's config has both keys with different values.",
        "Remove server_url and api_token from setups.default.knowledge_base of the organization's config, or set \
         them to the new values.";
    }
}
