# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_lamb_auth_global_optspecs
    string join \n o/output= json color= q/quiet v/verbose lamb-db= lamb-db-prefix= owi-db= owi-url= backend-url= owi-admin-email= env-file= secret-file= timeout= lock-timeout= answer-timeout= h/help V/version
end

function __fish_lamb_auth_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_lamb_auth_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_lamb_auth_using_subcommand
    set -l cmd (__fish_lamb_auth_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -s o -l output -d 'Output format' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
jsonl\t'For streams: one JSON object a line'
plain\t'For grep and awk: tab-separated lines'
prometheus\t'For monitoring: metrics, of audit only'"
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -l color -d 'When to use colors' -r -f -a "auto\t'At a terminal, unless NO_COLOR is set'
always\t'Always, for a pager'
never\t'Never'"
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -l lamb-db -d 'LAMB\'s database or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -l lamb-db-prefix -d 'Prefix of LAMB\'s table names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -l owi-db -d 'Open WebUI\'s webui.db or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -l backend-url -d 'URL of LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -l owi-admin-email -d 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -l secret-file -d 'File with one more secret that may have signed a token; repeatable' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -l timeout -d 'Maximum time for one request' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -l lock-timeout -d 'Maximum wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -l answer-timeout -d 'Maximum wait for the answer to a question' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -l json -d 'The same as -o json'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -s q -l quiet -d 'Print only errors on stderr'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -s v -l verbose -d 'Trace every request and query on stderr; show all evidence'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "diagnose" -d 'Find which step fails, why, and how to fix it'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "audit" -d 'Check all users and the platform'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "check-user" -d 'Show a creator as LAMB sees it'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "check-owi-user" -d 'Show a user as Open WebUI sees it'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "list-users" -d 'List users: creators and Open WebUI accounts side by side'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "list-organizations" -d 'List organizations: status, people, managers, LMS keys'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "verify-token" -d 'Check whether LAMB accepts a token, and if not, why'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "refresh-token" -d 'Get a new token for a user, without the user\'s browser'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "create-creator" -d 'Create the missing LAMB creator of an Open WebUI user'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "assign-role" -d 'Give a creator an organization role or a system role'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "update-creator" -d 'Change a creator: access, name, password, organization'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "update-organization" -d 'Change an organization: its status or its config'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "sync" -d 'Keep LAMB\'s creators in sync with Open WebUI\'s users'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "history" -d 'Show what lamb-auth changed here: all runs, or one run'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "undo" -d 'Undo the changes of a run'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "support-bundle" -d 'Create an anonymized support archive'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "explain" -d 'Explain a finding: meaning, how to tell, how to fix'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "config" -d 'Show every setting, its origin, and whether it works'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "schema" -d 'Print the JSON Schema of a command\'s output'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "sandbox" -d 'Try lamb-auth on a temporary test deployment'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "completions" -d 'Print the completion script for a shell'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "version" -d 'The version; the same as --version'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "options" -d 'The options of every command'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -s e -l email -d 'The user\'s e-mail' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -s t -l token-file -d 'File with the token, - for stdin' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l flow -d 'What the user does when it fails' -r -f -a "request\t'A request with a token: the seven steps'
login\t'Signing in to LAMB with e-mail and password'
lti\t'A launch from an LMS, for one user or one key (see --help for its flags)'
knowledge\t'Opening a knowledge base, which can sign the user out'
all\t'All flows of one user, and a table of the ways in'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l lms-user -d 'The user\'s id in the LMS' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l org -d 'The organization of the user; without --lms-user, the organization whose key is checked' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l public-url -d 'The address that browsers use for LAMB' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l script -d 'Write a Python script for what needs SQL on webui.db' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l journal -d 'Journal file [default: beside LAMB\'s database]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l admin-token-file -d 'File with an Open WebUI admin\'s token' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -s o -l output -d 'Output format' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
jsonl\t'For streams: one JSON object a line'
plain\t'For grep and awk: tab-separated lines'
prometheus\t'For monitoring: metrics, of audit only'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l color -d 'When to use colors' -r -f -a "auto\t'At a terminal, unless NO_COLOR is set'
always\t'Always, for a pager'
never\t'Never'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l lamb-db -d 'LAMB\'s database or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l lamb-db-prefix -d 'Prefix of LAMB\'s table names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l owi-db -d 'Open WebUI\'s webui.db or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l backend-url -d 'URL of LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l owi-admin-email -d 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l secret-file -d 'File with one more secret that may have signed a token; repeatable' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l timeout -d 'Maximum time for one request' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l lock-timeout -d 'Maximum wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l answer-timeout -d 'Maximum wait for the answer to a question' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l password-prompt -d 'Ask for the user\'s password, and check it offline'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l password-stdin -d 'Read the user\'s password from stdin, and check it offline'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l no-test-token -d 'Do not make a test token'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l replay -d 'Send the real request even after a failed step'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l global-key -d 'Check the key of all activities'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l old-key -d 'Check the secret of published assistants (LTI_SECRET)'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l send-launch -d 'Send a signed launch that writes nothing'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l fix -d 'Fix what is possible; list the rest as manual steps'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l dry-run -d 'Show the changes without making them'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -s y -l yes -d 'Do not ask for confirmation'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l force -d 'Override guards that refuse a change'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l new-password-stdin -d 'Read the password of a new Open WebUI account from stdin'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l json -d 'The same as -o json'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -s q -l quiet -d 'Print only errors on stderr'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -s v -l verbose -d 'Trace every request and query on stderr; show all evidence'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l finding -d 'Only this finding, with all users who have it' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l email -d 'Only e-mails that match this pattern or domain' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l org -d 'Only users with a creator in this organization' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l html -d 'Also write the report to this HTML file' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l out -d 'File for the metrics of -o prometheus' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l fail-on -d 'Lowest severity that makes the exit code 1' -r -f -a "warning\t'Warnings and errors'
error\t'Errors only'
never\t'No finding'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l script -d 'Write a Python script for what needs SQL on webui.db' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l journal -d 'Journal file [default: beside LAMB\'s database]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l admin-token-file -d 'File with an Open WebUI admin\'s token' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -s o -l output -d 'Output format' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
jsonl\t'For streams: one JSON object a line'
plain\t'For grep and awk: tab-separated lines'
prometheus\t'For monitoring: metrics, of audit only'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l color -d 'When to use colors' -r -f -a "auto\t'At a terminal, unless NO_COLOR is set'
always\t'Always, for a pager'
never\t'Never'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l lamb-db -d 'LAMB\'s database or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l lamb-db-prefix -d 'Prefix of LAMB\'s table names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l owi-db -d 'Open WebUI\'s webui.db or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l backend-url -d 'URL of LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l owi-admin-email -d 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l secret-file -d 'File with one more secret that may have signed a token; repeatable' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l timeout -d 'Maximum time for one request' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l lock-timeout -d 'Maximum wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l answer-timeout -d 'Maximum wait for the answer to a question' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l platform -d 'Only the platform: servers, files, secrets'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l no-test-token -d 'Do not make a test token'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l details -d 'Also who, how to fix each finding, and each check'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l fix -d 'Fix what is possible; list the rest as manual steps'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l dry-run -d 'Show the changes without making them'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -s y -l yes -d 'Do not ask for confirmation'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l force -d 'Override guards that refuse a change'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l json -d 'The same as -o json'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -s q -l quiet -d 'Print only errors on stderr'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -s v -l verbose -d 'Trace every request and query on stderr; show all evidence'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -s e -l email -d 'The user\'s e-mail' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -s t -l token-file -d 'File with the token, - for stdin' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -s o -l output -d 'Output format' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
jsonl\t'For streams: one JSON object a line'
plain\t'For grep and awk: tab-separated lines'
prometheus\t'For monitoring: metrics, of audit only'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l color -d 'When to use colors' -r -f -a "auto\t'At a terminal, unless NO_COLOR is set'
always\t'Always, for a pager'
never\t'Never'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l lamb-db -d 'LAMB\'s database or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l lamb-db-prefix -d 'Prefix of LAMB\'s table names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l owi-db -d 'Open WebUI\'s webui.db or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l backend-url -d 'URL of LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l owi-admin-email -d 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l secret-file -d 'File with one more secret that may have signed a token; repeatable' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l timeout -d 'Maximum time for one request' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l lock-timeout -d 'Maximum wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l answer-timeout -d 'Maximum wait for the answer to a question' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l with-owi -d 'Also show Open WebUI\'s side, and whether both agree'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l json -d 'The same as -o json'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -s q -l quiet -d 'Print only errors on stderr'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -s v -l verbose -d 'Trace every request and query on stderr; show all evidence'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -s e -l email -d 'The user\'s e-mail' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l via -d 'Where to look up the user' -r -f -a "file\t'From webui.db'
api\t'From Open WebUI\'s admin API, where webui.db is elsewhere'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l admin-token-file -d 'File with an Open WebUI admin\'s token' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -s o -l output -d 'Output format' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
jsonl\t'For streams: one JSON object a line'
plain\t'For grep and awk: tab-separated lines'
prometheus\t'For monitoring: metrics, of audit only'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l color -d 'When to use colors' -r -f -a "auto\t'At a terminal, unless NO_COLOR is set'
always\t'Always, for a pager'
never\t'Never'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l lamb-db -d 'LAMB\'s database or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l lamb-db-prefix -d 'Prefix of LAMB\'s table names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l owi-db -d 'Open WebUI\'s webui.db or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l backend-url -d 'URL of LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l owi-admin-email -d 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l secret-file -d 'File with one more secret that may have signed a token; repeatable' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l timeout -d 'Maximum time for one request' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l lock-timeout -d 'Maximum wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l answer-timeout -d 'Maximum wait for the answer to a question' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l json -d 'The same as -o json'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -s q -l quiet -d 'Print only errors on stderr'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -s v -l verbose -d 'Trace every request and query on stderr; show all evidence'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-users" -l org -d 'Only creators in this organization' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-users" -l only -d 'Only users on this side' -r -f -a "lamb\t'Only in LAMB'
owi\t'Only in Open WebUI'
both\t'Once in each, spelled alike'
conflict\t'Twice on one side, spelled differently, or half an account'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-users" -l role -d 'Only users with this role' -r -f -a "owner\t'Owner of the organization'
admin\t'Admin of the organization'
member\t'Member of the organization'
none\t'A creator without a role'
system-admin\t'Admin of Open WebUI, or of a native LAMB'
pending\t'Waits for approval in Open WebUI'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-users" -l sort -d 'Order of the list' -r -f -a "email\t'By e-mail'
name\t'By name'
org\t'By organization'
created\t'The newest first'
last-active\t'The last active in Open WebUI first'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-users" -s o -l output -d 'Output format' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
jsonl\t'For streams: one JSON object a line'
plain\t'For grep and awk: tab-separated lines'
prometheus\t'For monitoring: metrics, of audit only'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-users" -l color -d 'When to use colors' -r -f -a "auto\t'At a terminal, unless NO_COLOR is set'
always\t'Always, for a pager'
never\t'Never'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-users" -l lamb-db -d 'LAMB\'s database or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-users" -l lamb-db-prefix -d 'Prefix of LAMB\'s table names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-users" -l owi-db -d 'Open WebUI\'s webui.db or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-users" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-users" -l backend-url -d 'URL of LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-users" -l owi-admin-email -d 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-users" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-users" -l secret-file -d 'File with one more secret that may have signed a token; repeatable' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-users" -l timeout -d 'Maximum time for one request' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-users" -l lock-timeout -d 'Maximum wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-users" -l answer-timeout -d 'Maximum wait for the answer to a question' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-users" -l disabled -d 'Only users disabled in LAMB or inactive in Open WebUI'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-users" -l json -d 'The same as -o json'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-users" -s q -l quiet -d 'Print only errors on stderr'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-users" -s v -l verbose -d 'Trace every request and query on stderr; show all evidence'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-users" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-users" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-organizations" -s o -l output -d 'Output format' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
jsonl\t'For streams: one JSON object a line'
plain\t'For grep and awk: tab-separated lines'
prometheus\t'For monitoring: metrics, of audit only'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-organizations" -l color -d 'When to use colors' -r -f -a "auto\t'At a terminal, unless NO_COLOR is set'
always\t'Always, for a pager'
never\t'Never'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-organizations" -l lamb-db -d 'LAMB\'s database or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-organizations" -l lamb-db-prefix -d 'Prefix of LAMB\'s table names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-organizations" -l owi-db -d 'Open WebUI\'s webui.db or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-organizations" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-organizations" -l backend-url -d 'URL of LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-organizations" -l owi-admin-email -d 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-organizations" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-organizations" -l secret-file -d 'File with one more secret that may have signed a token; repeatable' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-organizations" -l timeout -d 'Maximum time for one request' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-organizations" -l lock-timeout -d 'Maximum wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-organizations" -l answer-timeout -d 'Maximum wait for the answer to a question' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-organizations" -l json -d 'The same as -o json'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-organizations" -s q -l quiet -d 'Print only errors on stderr'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-organizations" -s v -l verbose -d 'Trace every request and query on stderr; show all evidence'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-organizations" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand list-organizations" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -s t -l token-file -d 'File with the token, - for stdin' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l for -d 'Which server must accept the token' -r -f -a "lamb\t'This LAMB: what it is depends on its edition'
owi\t'Open WebUI'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -s e -l email -d 'The user that the token must belong to' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l batch -d 'Check a file with one token per line; - for stdin' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l jobs -d 'How many requests to send at once [default: 8]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l journal -d 'Journal file [default: beside LAMB\'s database]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -s o -l output -d 'Output format' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
jsonl\t'For streams: one JSON object a line'
plain\t'For grep and awk: tab-separated lines'
prometheus\t'For monitoring: metrics, of audit only'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l color -d 'When to use colors' -r -f -a "auto\t'At a terminal, unless NO_COLOR is set'
always\t'Always, for a pager'
never\t'Never'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l lamb-db -d 'LAMB\'s database or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l lamb-db-prefix -d 'Prefix of LAMB\'s table names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l owi-db -d 'Open WebUI\'s webui.db or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l backend-url -d 'URL of LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l owi-admin-email -d 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l secret-file -d 'File with one more secret that may have signed a token; repeatable' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l timeout -d 'Maximum time for one request' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l lock-timeout -d 'Maximum wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l answer-timeout -d 'Maximum wait for the answer to a question' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l offline -d 'Inspect the token locally; send no request'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l ensure-creator -d 'Create the creator if only that is missing'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l dry-run -d 'Show the changes without making them'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -s y -l yes -d 'Do not ask for confirmation'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l force -d 'Override guards that refuse a change'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l json -d 'The same as -o json'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -s q -l quiet -d 'Print only errors on stderr'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -s v -l verbose -d 'Trace every request and query on stderr; show all evidence'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -s e -l email -d 'The e-mail as LAMB spells it' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l by -d 'How to get the token [default: the way that fits]' -r -f -a "login\t'LAMB\'s login, as the browser does it. Takes a password'
password\t'Open WebUI\'s sign-in. Takes a password, and a server that trusts no header'
trusted\t'Open WebUI\'s trusted header, as LAMB itself signs in. Takes no password'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l out -d 'File for the token, - for stdout; required with -o json' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -s o -l output -d 'Output format' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
jsonl\t'For streams: one JSON object a line'
plain\t'For grep and awk: tab-separated lines'
prometheus\t'For monitoring: metrics, of audit only'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l color -d 'When to use colors' -r -f -a "auto\t'At a terminal, unless NO_COLOR is set'
always\t'Always, for a pager'
never\t'Never'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l lamb-db -d 'LAMB\'s database or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l lamb-db-prefix -d 'Prefix of LAMB\'s table names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l owi-db -d 'Open WebUI\'s webui.db or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l backend-url -d 'URL of LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l owi-admin-email -d 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l secret-file -d 'File with one more secret that may have signed a token; repeatable' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l timeout -d 'Maximum time for one request' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l lock-timeout -d 'Maximum wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l answer-timeout -d 'Maximum wait for the answer to a question' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l password-stdin -d 'Read the user\'s password from stdin'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l force -d 'Log in even if LAMB may write to Open WebUI\'s database'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l json -d 'The same as -o json'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -s q -l quiet -d 'Print only errors on stderr'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -s v -l verbose -d 'Trace every request and query on stderr; show all evidence'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -s e -l email -d 'The e-mail as Open WebUI spells it' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l name -d 'Display name [default: Open WebUI\'s]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l org -d 'Organization\'s slug [default: lamb]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l role -d 'Role in the organization [default: member]' -r -f -a "owner\t'May do everything there'
admin\t'May manage its people'
member\t'The rest'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l user-type -d 'User type [default: creator]' -r -f -a "creator\t'Builds assistants'
end_user\t'Uses them; the creator interface sends such users away'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l system-role -d 'System role, native edition only [default: user]' -r -f -a "user\t'An ordinary creator'
admin\t'Administers the whole of LAMB'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l admin-token-file -d 'File with an Open WebUI admin\'s token' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l journal -d 'Journal file [default: beside LAMB\'s database]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -s o -l output -d 'Output format' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
jsonl\t'For streams: one JSON object a line'
plain\t'For grep and awk: tab-separated lines'
prometheus\t'For monitoring: metrics, of audit only'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l color -d 'When to use colors' -r -f -a "auto\t'At a terminal, unless NO_COLOR is set'
always\t'Always, for a pager'
never\t'Never'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l lamb-db -d 'LAMB\'s database or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l lamb-db-prefix -d 'Prefix of LAMB\'s table names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l owi-db -d 'Open WebUI\'s webui.db or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l backend-url -d 'URL of LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l owi-admin-email -d 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l secret-file -d 'File with one more secret that may have signed a token; repeatable' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l timeout -d 'Maximum time for one request' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l lock-timeout -d 'Maximum wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l answer-timeout -d 'Maximum wait for the answer to a question' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l create-owi-user -d 'Create a missing Open WebUI user first, with its API'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l password-stdin -d 'Read the new Open WebUI password from stdin'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l dry-run -d 'Show the changes without making them'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -s y -l yes -d 'Do not ask for confirmation'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l force -d 'Override guards that refuse a change'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l json -d 'The same as -o json'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -s q -l quiet -d 'Print only errors on stderr'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -s v -l verbose -d 'Trace every request and query on stderr; show all evidence'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -s e -l email -d 'The e-mail as LAMB spells it' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l org -d 'The organization\'s slug [default: the creator\'s own]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l role -d 'Role in the organization' -r -f -a "owner\t'May do everything there'
admin\t'May manage its people'
member\t'The rest'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l system-role -d 'System role, native edition only' -r -f -a "user\t'An ordinary creator'
admin\t'Administers the whole of LAMB'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l journal -d 'Journal file [default: beside LAMB\'s database]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -s o -l output -d 'Output format' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
jsonl\t'For streams: one JSON object a line'
plain\t'For grep and awk: tab-separated lines'
prometheus\t'For monitoring: metrics, of audit only'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l color -d 'When to use colors' -r -f -a "auto\t'At a terminal, unless NO_COLOR is set'
always\t'Always, for a pager'
never\t'Never'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l lamb-db -d 'LAMB\'s database or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l lamb-db-prefix -d 'Prefix of LAMB\'s table names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l owi-db -d 'Open WebUI\'s webui.db or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l backend-url -d 'URL of LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l owi-admin-email -d 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l secret-file -d 'File with one more secret that may have signed a token; repeatable' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l timeout -d 'Maximum time for one request' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l lock-timeout -d 'Maximum wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l answer-timeout -d 'Maximum wait for the answer to a question' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l dry-run -d 'Show the changes without making them'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -s y -l yes -d 'Do not ask for confirmation'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l force -d 'Override guards that refuse a change'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l json -d 'The same as -o json'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -s q -l quiet -d 'Print only errors on stderr'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -s v -l verbose -d 'Trace every request and query on stderr; show all evidence'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -s e -l email -d 'The e-mail as LAMB spells it' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l user-type -d 'User type' -r -f -a "creator\t'Builds assistants'
end_user\t'Uses them; the creator interface sends such users away'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l name -d 'Display name in LAMB' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l org -d 'Move to the organization with this slug' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l role -d 'Role in the new organization [default: member]' -r -f -a "owner\t'May do everything there'
admin\t'May manage its people'
member\t'The rest'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l rename -d 'New e-mail, for the creator and all that names it' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l admin-token-file -d 'File with an Open WebUI admin\'s token' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l journal -d 'Journal file [default: beside LAMB\'s database]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -s o -l output -d 'Output format' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
jsonl\t'For streams: one JSON object a line'
plain\t'For grep and awk: tab-separated lines'
prometheus\t'For monitoring: metrics, of audit only'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l color -d 'When to use colors' -r -f -a "auto\t'At a terminal, unless NO_COLOR is set'
always\t'Always, for a pager'
never\t'Never'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l lamb-db -d 'LAMB\'s database or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l lamb-db-prefix -d 'Prefix of LAMB\'s table names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l owi-db -d 'Open WebUI\'s webui.db or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l backend-url -d 'URL of LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l owi-admin-email -d 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l secret-file -d 'File with one more secret that may have signed a token; repeatable' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l timeout -d 'Maximum time for one request' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l lock-timeout -d 'Maximum wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l answer-timeout -d 'Maximum wait for the answer to a question' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l enable -d 'Let the creator log in again'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l disable -d 'Refuse the creator\'s next login'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l reset-config -d 'Replace user_config by {}'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l copy-password -d 'Use Open WebUI\'s password, native edition only'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l set-password -d 'Ask for a new password'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l password-stdin -d 'With --set-password: read the new password from stdin'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l owi-too -d 'Change the e-mail or password in Open WebUI too'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l dry-run -d 'Show the changes without making them'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -s y -l yes -d 'Do not ask for confirmation'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l force -d 'Override guards that refuse a change'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -l json -d 'The same as -o json'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -s q -l quiet -d 'Print only errors on stderr'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -s v -l verbose -d 'Trace every request and query on stderr; show all evidence'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-creator" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-organization" -l org -d 'The organization\'s slug' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-organization" -l journal -d 'Journal file [default: beside LAMB\'s database]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-organization" -s o -l output -d 'Output format' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
jsonl\t'For streams: one JSON object a line'
plain\t'For grep and awk: tab-separated lines'
prometheus\t'For monitoring: metrics, of audit only'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-organization" -l color -d 'When to use colors' -r -f -a "auto\t'At a terminal, unless NO_COLOR is set'
always\t'Always, for a pager'
never\t'Never'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-organization" -l lamb-db -d 'LAMB\'s database or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-organization" -l lamb-db-prefix -d 'Prefix of LAMB\'s table names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-organization" -l owi-db -d 'Open WebUI\'s webui.db or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-organization" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-organization" -l backend-url -d 'URL of LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-organization" -l owi-admin-email -d 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-organization" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-organization" -l secret-file -d 'File with one more secret that may have signed a token; repeatable' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-organization" -l timeout -d 'Maximum time for one request' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-organization" -l lock-timeout -d 'Maximum wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-organization" -l answer-timeout -d 'Maximum wait for the answer to a question' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-organization" -l activate -d 'Set the status to active'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-organization" -l reset-config -d 'Replace config by {}'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-organization" -l dry-run -d 'Show the changes without making them'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-organization" -s y -l yes -d 'Do not ask for confirmation'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-organization" -l force -d 'Override guards that refuse a change'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-organization" -l json -d 'The same as -o json'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-organization" -s q -l quiet -d 'Print only errors on stderr'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-organization" -s v -l verbose -d 'Trace every request and query on stderr; show all evidence'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-organization" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand update-organization" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l forget -d 'Forget what earlier runs know of this e-mail, and do nothing else; repeatable' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l memory-days -d 'Days for which a creator is remembered who is gone from LAMB' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l plan-out -d 'Save the plan, to review it and apply it later' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l plan -d 'Apply exactly this saved plan, or nothing' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l via -d 'Where to read Open WebUI\'s users' -r -f -a "file\t'From webui.db'
api\t'From Open WebUI\'s admin API, where webui.db is elsewhere'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l admin-token-file -d 'With --via api: file with an Open WebUI admin\'s token' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l jobs -d 'With --via api: how many pages to request at once' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l listing-timeout -d 'With --via api: how long reading all users may take' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l interval -d 'With --watch: time between two checks, such as 5s or 1m' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l journal -d 'Journal file [default: beside LAMB\'s database]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l policy -d 'TOML file with the policy' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l org -d 'Organization of new creators [default: lamb]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l role -d 'Role of new creators there [default: member]' -r -f -a "owner\t'May do everything there'
admin\t'May manage its people'
member\t'The rest'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l rule -d 'Organization for matching e-mails; repeatable' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l owi-role -d 'Role for an Open WebUI role, such as admin=admin; repeatable' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l include -d 'Only matching e-mails [default: all users]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l exclude -d 'Not matching e-mails; overrides --include' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l service-account -d 'E-mail pattern of programs, never synced; repeatable' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l assume-new -d 'A newcomer, though like a creator of another address' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l recreate -d 'Create this creator again, though it was removed in LAMB' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l max-changes -d 'Most changes in one run [default: 10% of users, at least 100]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -s o -l output -d 'Output format' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
jsonl\t'For streams: one JSON object a line'
plain\t'For grep and awk: tab-separated lines'
prometheus\t'For monitoring: metrics, of audit only'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l color -d 'When to use colors' -r -f -a "auto\t'At a terminal, unless NO_COLOR is set'
always\t'Always, for a pager'
never\t'Never'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l lamb-db -d 'LAMB\'s database or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l lamb-db-prefix -d 'Prefix of LAMB\'s table names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l owi-db -d 'Open WebUI\'s webui.db or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l backend-url -d 'URL of LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l owi-admin-email -d 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l secret-file -d 'File with one more secret that may have signed a token; repeatable' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l timeout -d 'Maximum time for one request' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l lock-timeout -d 'Maximum wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l answer-timeout -d 'Maximum wait for the answer to a question' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l apply -d 'Make the changes'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -s y -l yes -d 'Do not ask for confirmation'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l force -d 'Override guards that refuse a change'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l no-backup -d 'Do not back up lamb_v4.db first'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l watch -d 'Keep running, and report new changes'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l all -d 'All users (must be requested explicitly)'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l with-pending -d 'Also users who are pending in Open WebUI'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l with-inactive -d 'Also users who cannot sign in to Open WebUI'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l move -d 'Move creators to the organization of their rule'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l disable-missing -d 'Disable creators missing in Open WebUI'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l json -d 'The same as -o json'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -s q -l quiet -d 'Print only errors on stderr'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -s v -l verbose -d 'Trace every request and query on stderr; show all evidence'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l limit -d 'How many runs to show, newest first' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l journal -d 'Journal file [default: beside LAMB\'s database]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -s o -l output -d 'Output format' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
jsonl\t'For streams: one JSON object a line'
plain\t'For grep and awk: tab-separated lines'
prometheus\t'For monitoring: metrics, of audit only'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l color -d 'When to use colors' -r -f -a "auto\t'At a terminal, unless NO_COLOR is set'
always\t'Always, for a pager'
never\t'Never'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l lamb-db -d 'LAMB\'s database or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l lamb-db-prefix -d 'Prefix of LAMB\'s table names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l owi-db -d 'Open WebUI\'s webui.db or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l backend-url -d 'URL of LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l owi-admin-email -d 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l secret-file -d 'File with one more secret that may have signed a token; repeatable' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l timeout -d 'Maximum time for one request' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l lock-timeout -d 'Maximum wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l answer-timeout -d 'Maximum wait for the answer to a question' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l json -d 'The same as -o json'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -s q -l quiet -d 'Print only errors on stderr'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -s v -l verbose -d 'Trace every request and query on stderr; show all evidence'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l admin-token-file -d 'File with an Open WebUI admin\'s token' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l journal -d 'Journal file [default: beside LAMB\'s database]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -s o -l output -d 'Output format' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
jsonl\t'For streams: one JSON object a line'
plain\t'For grep and awk: tab-separated lines'
prometheus\t'For monitoring: metrics, of audit only'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l color -d 'When to use colors' -r -f -a "auto\t'At a terminal, unless NO_COLOR is set'
always\t'Always, for a pager'
never\t'Never'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l lamb-db -d 'LAMB\'s database or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l lamb-db-prefix -d 'Prefix of LAMB\'s table names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l owi-db -d 'Open WebUI\'s webui.db or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l backend-url -d 'URL of LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l owi-admin-email -d 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l secret-file -d 'File with one more secret that may have signed a token; repeatable' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l timeout -d 'Maximum time for one request' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l lock-timeout -d 'Maximum wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l answer-timeout -d 'Maximum wait for the answer to a question' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l dry-run -d 'Show the changes without making them'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -s y -l yes -d 'Do not ask for confirmation'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l force -d 'Override guards that refuse a change'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l json -d 'The same as -o json'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -s q -l quiet -d 'Print only errors on stderr'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -s v -l verbose -d 'Trace every request and query on stderr; show all evidence'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l out -d 'Archive to write, .tar.gz; - for stdout' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -s e -l email -d 'Also diagnose this user; repeatable' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l key -d 'Key of the pseudonyms [default: OUT.key]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l who -d 'Print this user\'s pseudonym; write no archive' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l journal -d 'Journal file [default: beside LAMB\'s database]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -s o -l output -d 'Output format' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
jsonl\t'For streams: one JSON object a line'
plain\t'For grep and awk: tab-separated lines'
prometheus\t'For monitoring: metrics, of audit only'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l color -d 'When to use colors' -r -f -a "auto\t'At a terminal, unless NO_COLOR is set'
always\t'Always, for a pager'
never\t'Never'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l lamb-db -d 'LAMB\'s database or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l lamb-db-prefix -d 'Prefix of LAMB\'s table names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l owi-db -d 'Open WebUI\'s webui.db or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l backend-url -d 'URL of LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l owi-admin-email -d 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l secret-file -d 'File with one more secret that may have signed a token; repeatable' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l timeout -d 'Maximum time for one request' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l lock-timeout -d 'Maximum wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l answer-timeout -d 'Maximum wait for the answer to a question' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l force -d 'Replace an archive that another program made'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l no-test-token -d 'Do not make a test token'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l json -d 'The same as -o json'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -s q -l quiet -d 'Print only errors on stderr'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -s v -l verbose -d 'Trace every request and query on stderr; show all evidence'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -s o -l output -d 'Output format' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
jsonl\t'For streams: one JSON object a line'
plain\t'For grep and awk: tab-separated lines'
prometheus\t'For monitoring: metrics, of audit only'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l color -d 'When to use colors' -r -f -a "auto\t'At a terminal, unless NO_COLOR is set'
always\t'Always, for a pager'
never\t'Never'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l lamb-db -d 'LAMB\'s database or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l lamb-db-prefix -d 'Prefix of LAMB\'s table names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l owi-db -d 'Open WebUI\'s webui.db or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l backend-url -d 'URL of LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l owi-admin-email -d 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l secret-file -d 'File with one more secret that may have signed a token; repeatable' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l timeout -d 'Maximum time for one request' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l lock-timeout -d 'Maximum wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l answer-timeout -d 'Maximum wait for the answer to a question' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l markdown -d 'Print all findings as a Markdown page'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l json -d 'The same as -o json'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -s q -l quiet -d 'Print only errors on stderr'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -s v -l verbose -d 'Trace every request and query on stderr; show all evidence'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -s o -l output -d 'Output format' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
jsonl\t'For streams: one JSON object a line'
plain\t'For grep and awk: tab-separated lines'
prometheus\t'For monitoring: metrics, of audit only'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l color -d 'When to use colors' -r -f -a "auto\t'At a terminal, unless NO_COLOR is set'
always\t'Always, for a pager'
never\t'Never'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l lamb-db -d 'LAMB\'s database or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l lamb-db-prefix -d 'Prefix of LAMB\'s table names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l owi-db -d 'Open WebUI\'s webui.db or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l backend-url -d 'URL of LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l owi-admin-email -d 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l secret-file -d 'File with one more secret that may have signed a token; repeatable' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l timeout -d 'Maximum time for one request' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l lock-timeout -d 'Maximum wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l answer-timeout -d 'Maximum wait for the answer to a question' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l offline -d 'Send no request'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l json -d 'The same as -o json'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -s q -l quiet -d 'Print only errors on stderr'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -s v -l verbose -d 'Trace every request and query on stderr; show all evidence'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand schema" -s o -l output -d 'Output format' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
jsonl\t'For streams: one JSON object a line'
plain\t'For grep and awk: tab-separated lines'
prometheus\t'For monitoring: metrics, of audit only'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand schema" -l color -d 'When to use colors' -r -f -a "auto\t'At a terminal, unless NO_COLOR is set'
always\t'Always, for a pager'
never\t'Never'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand schema" -l lamb-db -d 'LAMB\'s database or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand schema" -l lamb-db-prefix -d 'Prefix of LAMB\'s table names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand schema" -l owi-db -d 'Open WebUI\'s webui.db or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand schema" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand schema" -l backend-url -d 'URL of LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand schema" -l owi-admin-email -d 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand schema" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand schema" -l secret-file -d 'File with one more secret that may have signed a token; repeatable' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand schema" -l timeout -d 'Maximum time for one request' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand schema" -l lock-timeout -d 'Maximum wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand schema" -l answer-timeout -d 'Maximum wait for the answer to a question' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand schema" -l list -d 'List the schemas'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand schema" -l json -d 'The same as -o json'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand schema" -s q -l quiet -d 'Print only errors on stderr'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand schema" -s v -l verbose -d 'Trace every request and query on stderr; show all evidence'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand schema" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l edition -d 'LAMB\'s edition' -r -f -a "delegated\t''
native\t''"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l owi-version -d 'Open WebUI\'s version' -r -f -a "0.5.6\t''
0.6.43\t''
0.12.4\t''"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l trouble -d 'Problem of the whole platform; see --list' -r -f -a "owi-down\t''
owi-hangs\t''
owi-error\t''
owi-wrong-url\t''
owi-redirect\t''
owi-not-json\t''
backend-down\t''
backend-hangs\t''
backend-error\t''
backend-wrong\t''
backend-not-found\t''
backend-redirect\t''
lamb-db-locked\t''
lamb-db-empty\t''
lamb-db-garbage\t''
lamb-db-missing\t''
prefix-wrong\t''
columns-missing\t''
owi-secret-changed\t''
forgeable-secret\t''
trusted-header-off\t''
trusted-header-renamed\t''
owi-db-missing\t''
owi-db-stale\t''
owi-db-locked\t''
shared-secret\t''
unexplained\t''"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l token -d 'Set LAMB_AUTH_TOKEN to this test token; see --list' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -s o -l output -d 'Output format' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
jsonl\t'For streams: one JSON object a line'
plain\t'For grep and awk: tab-separated lines'
prometheus\t'For monitoring: metrics, of audit only'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l color -d 'When to use colors' -r -f -a "auto\t'At a terminal, unless NO_COLOR is set'
always\t'Always, for a pager'
never\t'Never'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l lamb-db -d 'LAMB\'s database or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l lamb-db-prefix -d 'Prefix of LAMB\'s table names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l owi-db -d 'Open WebUI\'s webui.db or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l backend-url -d 'URL of LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l owi-admin-email -d 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l secret-file -d 'File with one more secret that may have signed a token; repeatable' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l timeout -d 'Maximum time for one request' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l lock-timeout -d 'Maximum wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l answer-timeout -d 'Maximum wait for the answer to a question' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l list -d 'List the test users, tokens and problems'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l json -d 'The same as -o json'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -s q -l quiet -d 'Print only errors on stderr'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -s v -l verbose -d 'Trace every request and query on stderr; show all evidence'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -s o -l output -d 'Output format' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
jsonl\t'For streams: one JSON object a line'
plain\t'For grep and awk: tab-separated lines'
prometheus\t'For monitoring: metrics, of audit only'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -l color -d 'When to use colors' -r -f -a "auto\t'At a terminal, unless NO_COLOR is set'
always\t'Always, for a pager'
never\t'Never'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -l lamb-db -d 'LAMB\'s database or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -l lamb-db-prefix -d 'Prefix of LAMB\'s table names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -l owi-db -d 'Open WebUI\'s webui.db or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -l backend-url -d 'URL of LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -l owi-admin-email -d 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -l secret-file -d 'File with one more secret that may have signed a token; repeatable' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -l timeout -d 'Maximum time for one request' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -l lock-timeout -d 'Maximum wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -l answer-timeout -d 'Maximum wait for the answer to a question' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -l json -d 'The same as -o json'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -s q -l quiet -d 'Print only errors on stderr'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -s v -l verbose -d 'Trace every request and query on stderr; show all evidence'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand version" -s o -l output -d 'Output format' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
jsonl\t'For streams: one JSON object a line'
plain\t'For grep and awk: tab-separated lines'
prometheus\t'For monitoring: metrics, of audit only'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand version" -l color -d 'When to use colors' -r -f -a "auto\t'At a terminal, unless NO_COLOR is set'
always\t'Always, for a pager'
never\t'Never'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand version" -l lamb-db -d 'LAMB\'s database or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand version" -l lamb-db-prefix -d 'Prefix of LAMB\'s table names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand version" -l owi-db -d 'Open WebUI\'s webui.db or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand version" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand version" -l backend-url -d 'URL of LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand version" -l owi-admin-email -d 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand version" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand version" -l secret-file -d 'File with one more secret that may have signed a token; repeatable' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand version" -l timeout -d 'Maximum time for one request' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand version" -l lock-timeout -d 'Maximum wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand version" -l answer-timeout -d 'Maximum wait for the answer to a question' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand version" -l json -d 'The same as -o json'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand version" -s q -l quiet -d 'Print only errors on stderr'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand version" -s v -l verbose -d 'Trace every request and query on stderr; show all evidence'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand version" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand version" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand options" -s o -l output -d 'Output format' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
jsonl\t'For streams: one JSON object a line'
plain\t'For grep and awk: tab-separated lines'
prometheus\t'For monitoring: metrics, of audit only'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand options" -l color -d 'When to use colors' -r -f -a "auto\t'At a terminal, unless NO_COLOR is set'
always\t'Always, for a pager'
never\t'Never'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand options" -l lamb-db -d 'LAMB\'s database or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand options" -l lamb-db-prefix -d 'Prefix of LAMB\'s table names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand options" -l owi-db -d 'Open WebUI\'s webui.db or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand options" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand options" -l backend-url -d 'URL of LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand options" -l owi-admin-email -d 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand options" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand options" -l secret-file -d 'File with one more secret that may have signed a token; repeatable' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand options" -l timeout -d 'Maximum time for one request' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand options" -l lock-timeout -d 'Maximum wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand options" -l answer-timeout -d 'Maximum wait for the answer to a question' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand options" -l json -d 'The same as -o json'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand options" -s q -l quiet -d 'Print only errors on stderr'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand options" -s v -l verbose -d 'Trace every request and query on stderr; show all evidence'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand options" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand options" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user list-users list-organizations verify-token refresh-token create-creator assign-role update-creator update-organization sync history undo support-bundle explain config schema sandbox completions version options help" -f -a "diagnose" -d 'Find which step fails, why, and how to fix it'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user list-users list-organizations verify-token refresh-token create-creator assign-role update-creator update-organization sync history undo support-bundle explain config schema sandbox completions version options help" -f -a "audit" -d 'Check all users and the platform'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user list-users list-organizations verify-token refresh-token create-creator assign-role update-creator update-organization sync history undo support-bundle explain config schema sandbox completions version options help" -f -a "check-user" -d 'Show a creator as LAMB sees it'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user list-users list-organizations verify-token refresh-token create-creator assign-role update-creator update-organization sync history undo support-bundle explain config schema sandbox completions version options help" -f -a "check-owi-user" -d 'Show a user as Open WebUI sees it'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user list-users list-organizations verify-token refresh-token create-creator assign-role update-creator update-organization sync history undo support-bundle explain config schema sandbox completions version options help" -f -a "list-users" -d 'List users: creators and Open WebUI accounts side by side'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user list-users list-organizations verify-token refresh-token create-creator assign-role update-creator update-organization sync history undo support-bundle explain config schema sandbox completions version options help" -f -a "list-organizations" -d 'List organizations: status, people, managers, LMS keys'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user list-users list-organizations verify-token refresh-token create-creator assign-role update-creator update-organization sync history undo support-bundle explain config schema sandbox completions version options help" -f -a "verify-token" -d 'Check whether LAMB accepts a token, and if not, why'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user list-users list-organizations verify-token refresh-token create-creator assign-role update-creator update-organization sync history undo support-bundle explain config schema sandbox completions version options help" -f -a "refresh-token" -d 'Get a new token for a user, without the user\'s browser'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user list-users list-organizations verify-token refresh-token create-creator assign-role update-creator update-organization sync history undo support-bundle explain config schema sandbox completions version options help" -f -a "create-creator" -d 'Create the missing LAMB creator of an Open WebUI user'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user list-users list-organizations verify-token refresh-token create-creator assign-role update-creator update-organization sync history undo support-bundle explain config schema sandbox completions version options help" -f -a "assign-role" -d 'Give a creator an organization role or a system role'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user list-users list-organizations verify-token refresh-token create-creator assign-role update-creator update-organization sync history undo support-bundle explain config schema sandbox completions version options help" -f -a "update-creator" -d 'Change a creator: access, name, password, organization'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user list-users list-organizations verify-token refresh-token create-creator assign-role update-creator update-organization sync history undo support-bundle explain config schema sandbox completions version options help" -f -a "update-organization" -d 'Change an organization: its status or its config'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user list-users list-organizations verify-token refresh-token create-creator assign-role update-creator update-organization sync history undo support-bundle explain config schema sandbox completions version options help" -f -a "sync" -d 'Keep LAMB\'s creators in sync with Open WebUI\'s users'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user list-users list-organizations verify-token refresh-token create-creator assign-role update-creator update-organization sync history undo support-bundle explain config schema sandbox completions version options help" -f -a "history" -d 'Show what lamb-auth changed here: all runs, or one run'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user list-users list-organizations verify-token refresh-token create-creator assign-role update-creator update-organization sync history undo support-bundle explain config schema sandbox completions version options help" -f -a "undo" -d 'Undo the changes of a run'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user list-users list-organizations verify-token refresh-token create-creator assign-role update-creator update-organization sync history undo support-bundle explain config schema sandbox completions version options help" -f -a "support-bundle" -d 'Create an anonymized support archive'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user list-users list-organizations verify-token refresh-token create-creator assign-role update-creator update-organization sync history undo support-bundle explain config schema sandbox completions version options help" -f -a "explain" -d 'Explain a finding: meaning, how to tell, how to fix'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user list-users list-organizations verify-token refresh-token create-creator assign-role update-creator update-organization sync history undo support-bundle explain config schema sandbox completions version options help" -f -a "config" -d 'Show every setting, its origin, and whether it works'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user list-users list-organizations verify-token refresh-token create-creator assign-role update-creator update-organization sync history undo support-bundle explain config schema sandbox completions version options help" -f -a "schema" -d 'Print the JSON Schema of a command\'s output'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user list-users list-organizations verify-token refresh-token create-creator assign-role update-creator update-organization sync history undo support-bundle explain config schema sandbox completions version options help" -f -a "sandbox" -d 'Try lamb-auth on a temporary test deployment'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user list-users list-organizations verify-token refresh-token create-creator assign-role update-creator update-organization sync history undo support-bundle explain config schema sandbox completions version options help" -f -a "completions" -d 'Print the completion script for a shell'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user list-users list-organizations verify-token refresh-token create-creator assign-role update-creator update-organization sync history undo support-bundle explain config schema sandbox completions version options help" -f -a "version" -d 'The version; the same as --version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user list-users list-organizations verify-token refresh-token create-creator assign-role update-creator update-organization sync history undo support-bundle explain config schema sandbox completions version options help" -f -a "options" -d 'The options of every command'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user list-users list-organizations verify-token refresh-token create-creator assign-role update-creator update-organization sync history undo support-bundle explain config schema sandbox completions version options help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
