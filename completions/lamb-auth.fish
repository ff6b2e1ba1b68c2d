# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_lamb_auth_global_optspecs
    string join \n o/output= q/quiet v/verbose lamb-db= lamb-db-prefix= owi-db= owi-url= backend-url= owi-admin-email= env-file= secret-file= timeout= lock-timeout= answer-timeout= h/help V/version
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

complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -s o -l output -d 'How data is shown on stdout' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
plain\t'For grep and awk: tab-separated lines'"
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -l lamb-db -d 'LAMB\'s database, or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -l lamb-db-prefix -d 'What LAMB puts before its tables\' names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -l owi-db -d 'Open WebUI\'s webui.db, or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -l backend-url -d 'LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -l owi-admin-email -d 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -l secret-file -d 'A further secret that may have signed a token, alone in a file; may be repeated' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -l timeout -d 'How long one request may take' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -l lock-timeout -d 'How long to wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -l answer-timeout -d 'How long a question waits for its answer' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -s q -l quiet -d 'No notes on stderr, errors only'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -s v -l verbose -d 'Trace each request and query on stderr; all evidence in reports'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "diagnose" -d 'Say which of the seven steps fails, why, and what mends it'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "audit" -d 'Look at the whole deployment: everybody, and the platform'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "check-user" -d 'Show a creator as LAMB sees it'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "check-owi-user" -d 'Show a user as Open WebUI has it'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "verify-token" -d 'Say whether this LAMB would take a token, and if not, why'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "refresh-token" -d 'Get a fresh token for a user, without their browser'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "create-creator" -d 'Create the creator that LAMB lacks for an Open WebUI user'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "assign-role" -d 'Give a creator a role in its organisation, or a system role'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "sync" -d 'Keep LAMB\'s creators in step with Open WebUI\'s users'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "history" -d 'Show what this program has changed here: all runs, or one'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "undo" -d 'Take back what a run has changed'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "support-bundle" -d 'Pack what those who help need to know, without naming anybody'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "explain" -d 'Tell what a finding means, how it shows, and what mends it'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "config" -d 'List every setting, its origin, and whether it leads anywhere'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "sandbox" -d 'Try everything on a deployment in a temporary folder'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "completions" -d 'Print the completion script for a shell'
complete -c lamb-auth -n "__fish_lamb_auth_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -s e -l email -d 'The user\'s e-mail' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -s t -l token-file -d 'The token in a file, - for stdin; else LAMB_AUTH_TOKEN of the environment' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l journal -d 'The journal of all changes [default: lamb-auth.journal.jsonl beside LAMB\'s database]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l admin-token-file -d 'A token of an Open WebUI admin in a file, where LAMB\'s own ways of getting one are not open' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -s o -l output -d 'How data is shown on stdout' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
plain\t'For grep and awk: tab-separated lines'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l lamb-db -d 'LAMB\'s database, or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l lamb-db-prefix -d 'What LAMB puts before its tables\' names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l owi-db -d 'Open WebUI\'s webui.db, or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l backend-url -d 'LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l owi-admin-email -d 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l secret-file -d 'A further secret that may have signed a token, alone in a file; may be repeated' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l timeout -d 'How long one request may take' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l lock-timeout -d 'How long to wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l answer-timeout -d 'How long a question waits for its answer' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l no-probe -d 'Make no token for the purpose'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l replay -d 'Replay the real request even after a failed step, where that does no harm'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l fix -d 'Mend what can be mended, one kind of change at a time; the rest is told as steps'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l dry-run -d 'Show what would be changed, and change nothing'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -s y -l yes -d 'Do not ask'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l force -d 'Do it although a guard advises against it'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -l password-stdin -d 'Read the password of a new Open WebUI account from stdin instead of asking for it'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -s q -l quiet -d 'No notes on stderr, errors only'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -s v -l verbose -d 'Trace each request and query on stderr; all evidence in reports'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand diagnose" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l finding -d 'Only this finding, and everybody who has it' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l email -d 'Only addresses like this: a domain, or a pattern with * and ?' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l org -d 'Only people with a creator in this organisation' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l html -d 'Write one page for a browser to this file, too' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l fail-on -d 'From which severity on the exit code is 1' -r -f -a "warning\t'Warnings too'
error\t'Errors only'
never\t'Nothing that is found'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l journal -d 'The journal of all changes [default: lamb-auth.journal.jsonl beside LAMB\'s database]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l admin-token-file -d 'A token of an Open WebUI admin in a file, where LAMB\'s own ways of getting one are not open' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -s o -l output -d 'How data is shown on stdout' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
plain\t'For grep and awk: tab-separated lines'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l lamb-db -d 'LAMB\'s database, or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l lamb-db-prefix -d 'What LAMB puts before its tables\' names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l owi-db -d 'Open WebUI\'s webui.db, or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l backend-url -d 'LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l owi-admin-email -d 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l secret-file -d 'A further secret that may have signed a token, alone in a file; may be repeated' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l timeout -d 'How long one request may take' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l lock-timeout -d 'How long to wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l answer-timeout -d 'How long a question waits for its answer' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l platform -d 'Only the platform: servers, files, secrets, and whether this LAMB works with this Open WebUI'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l no-probe -d 'Make no token for the purpose'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l fix -d 'Mend what can be mended, one kind of change at a time; the rest is told as steps'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l dry-run -d 'Show what would be changed, and change nothing'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -s y -l yes -d 'Do not ask'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -l force -d 'Do it although a guard advises against it'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -s q -l quiet -d 'No notes on stderr, errors only'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -s v -l verbose -d 'Trace each request and query on stderr; all evidence in reports'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand audit" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -s e -l email -d 'The e-mail, in LAMB\'s own spelling' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -s t -l token-file -d 'The token in a file, - for stdin; else LAMB_AUTH_TOKEN of the environment' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -s o -l output -d 'How data is shown on stdout' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
plain\t'For grep and awk: tab-separated lines'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l lamb-db -d 'LAMB\'s database, or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l lamb-db-prefix -d 'What LAMB puts before its tables\' names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l owi-db -d 'Open WebUI\'s webui.db, or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l backend-url -d 'LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l owi-admin-email -d 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l secret-file -d 'A further secret that may have signed a token, alone in a file; may be repeated' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l timeout -d 'How long one request may take' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l lock-timeout -d 'How long to wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l answer-timeout -d 'How long a question waits for its answer' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -l with-owi -d 'Show Open WebUI\'s side too, and whether the two agree'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -s q -l quiet -d 'No notes on stderr, errors only'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -s v -l verbose -d 'Trace each request and query on stderr; all evidence in reports'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-user" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -s e -l email -d 'The e-mail, in Open WebUI\'s own spelling' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l via -d 'Whom to ask' -r -f -a "db\t'The file webui.db'
api\t'Open WebUI\'s admin API'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l admin-token-file -d 'A token of an Open WebUI admin in a file, where LAMB\'s own ways of getting one are not open' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -s o -l output -d 'How data is shown on stdout' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
plain\t'For grep and awk: tab-separated lines'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l lamb-db -d 'LAMB\'s database, or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l lamb-db-prefix -d 'What LAMB puts before its tables\' names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l owi-db -d 'Open WebUI\'s webui.db, or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l backend-url -d 'LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l owi-admin-email -d 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l secret-file -d 'A further secret that may have signed a token, alone in a file; may be repeated' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l timeout -d 'How long one request may take' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l lock-timeout -d 'How long to wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -l answer-timeout -d 'How long a question waits for its answer' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -s q -l quiet -d 'No notes on stderr, errors only'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -s v -l verbose -d 'Trace each request and query on stderr; all evidence in reports'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand check-owi-user" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -s t -l token-file -d 'The token in a file, - for stdin; else LAMB_AUTH_TOKEN of the environment' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l for -d 'Who is to take it' -r -f -a "lamb\t'This LAMB: what it is depends on its edition'
owi\t'Open WebUI'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -s e -l email -d 'Whose it should be' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l batch -d 'Judge a whole file of tokens, one a line; - for stdin. Blank lines and those with # are passed over' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l jobs -d 'How many requests at once [default: 8]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l journal -d 'The journal of all changes [default: lamb-auth.journal.jsonl beside LAMB\'s database]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -s o -l output -d 'How data is shown on stdout' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
plain\t'For grep and awk: tab-separated lines'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l lamb-db -d 'LAMB\'s database, or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l lamb-db-prefix -d 'What LAMB puts before its tables\' names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l owi-db -d 'Open WebUI\'s webui.db, or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l backend-url -d 'LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l owi-admin-email -d 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l secret-file -d 'A further secret that may have signed a token, alone in a file; may be repeated' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l timeout -d 'How long one request may take' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l lock-timeout -d 'How long to wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l answer-timeout -d 'How long a question waits for its answer' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l offline -d 'Stop after the autopsy: ask no server, open no database'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l ensure-creator -d 'Where only the creator is missing, create it, as create-creator does'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l dry-run -d 'Show what would be changed, and change nothing'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -s y -l yes -d 'Do not ask'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -l force -d 'Do it although a guard advises against it'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -s q -l quiet -d 'No notes on stderr, errors only'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -s v -l verbose -d 'Trace each request and query on stderr; all evidence in reports'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand verify-token" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -s e -l email -d 'The e-mail, in LAMB\'s own spelling' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l by -d 'By which way [default: the one that this deployment has]' -r -f -a "login\t'LAMB\'s login, as the browser does it. Takes a password'
password\t'Open WebUI\'s sign-in. Takes a password, and a server that trusts no header'
trusted\t'Open WebUI\'s trusted header, as LAMB itself signs in. Takes no password'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l out -d 'Write the token to this file; - is stdout. With -o json it must be said' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -s o -l output -d 'How data is shown on stdout' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
plain\t'For grep and awk: tab-separated lines'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l lamb-db -d 'LAMB\'s database, or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l lamb-db-prefix -d 'What LAMB puts before its tables\' names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l owi-db -d 'Open WebUI\'s webui.db, or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l backend-url -d 'LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l owi-admin-email -d 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l secret-file -d 'A further secret that may have signed a token, alone in a file; may be repeated' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l timeout -d 'How long one request may take' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l lock-timeout -d 'How long to wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l answer-timeout -d 'How long a question waits for its answer' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l password-stdin -d 'Read the user\'s password from stdin instead of asking for it'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -l force -d 'Let LAMB log in although that may make it write into Open WebUI\'s database'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -s q -l quiet -d 'No notes on stderr, errors only'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -s v -l verbose -d 'Trace each request and query on stderr; all evidence in reports'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand refresh-token" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -s e -l email -d 'The e-mail, in Open WebUI\'s own spelling' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l name -d 'The display name [default: Open WebUI\'s]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l org -d 'The organisation\'s slug [default: lamb]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l role -d 'The role there [default: member]' -r -f -a "owner\t'May do everything there'
admin\t'May manage its people'
member\t'The rest'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l user-type -d 'What the creator is for [default: creator]' -r -f -a "creator\t'Builds assistants'
end_user\t'Uses them; the creator interface sends such users away'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l system-role -d 'The system role, native edition only; never raised by itself [default: user]' -r -f -a "user\t'An ordinary creator'
admin\t'Administers the whole of LAMB'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l admin-token-file -d 'A token of an Open WebUI admin in a file, where LAMB\'s own ways of getting one are not open' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l journal -d 'The journal of all changes [default: lamb-auth.journal.jsonl beside LAMB\'s database]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -s o -l output -d 'How data is shown on stdout' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
plain\t'For grep and awk: tab-separated lines'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l lamb-db -d 'LAMB\'s database, or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l lamb-db-prefix -d 'What LAMB puts before its tables\' names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l owi-db -d 'Open WebUI\'s webui.db, or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l backend-url -d 'LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l owi-admin-email -d 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l secret-file -d 'A further secret that may have signed a token, alone in a file; may be repeated' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l timeout -d 'How long one request may take' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l lock-timeout -d 'How long to wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l answer-timeout -d 'How long a question waits for its answer' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l create-owi-user -d 'Where Open WebUI has no such user, have its API create it first'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l password-stdin -d 'Read the new Open WebUI password from stdin instead of asking for it'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l dry-run -d 'Show what would be changed, and change nothing'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -s y -l yes -d 'Do not ask'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -l force -d 'Do it although a guard advises against it'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -s q -l quiet -d 'No notes on stderr, errors only'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -s v -l verbose -d 'Trace each request and query on stderr; all evidence in reports'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand create-creator" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -s e -l email -d 'The creator\'s e-mail, in LAMB\'s own spelling' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l org -d 'The organisation\'s slug' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l role -d 'The role there' -r -f -a "owner\t'May do everything there'
admin\t'May manage its people'
member\t'The rest'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l system-role -d 'The system role (native edition only)' -r -f -a "user\t'An ordinary creator'
admin\t'Administers the whole of LAMB'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l journal -d 'The journal of all changes [default: lamb-auth.journal.jsonl beside LAMB\'s database]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -s o -l output -d 'How data is shown on stdout' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
plain\t'For grep and awk: tab-separated lines'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l lamb-db -d 'LAMB\'s database, or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l lamb-db-prefix -d 'What LAMB puts before its tables\' names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l owi-db -d 'Open WebUI\'s webui.db, or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l backend-url -d 'LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l owi-admin-email -d 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l secret-file -d 'A further secret that may have signed a token, alone in a file; may be repeated' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l timeout -d 'How long one request may take' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l lock-timeout -d 'How long to wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l answer-timeout -d 'How long a question waits for its answer' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l dry-run -d 'Show what would be changed, and change nothing'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -s y -l yes -d 'Do not ask'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -l force -d 'Do it although a guard advises against it'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -s q -l quiet -d 'No notes on stderr, errors only'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -s v -l verbose -d 'Trace each request and query on stderr; all evidence in reports'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand assign-role" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l plan-out -d 'Save the plan, to be looked at and carried out later' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l plan -d 'Carry out exactly this saved plan, or nothing' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l via -d 'Where Open WebUI\'s users are taken from' -r -f -a "file\t'From webui.db'
api\t'From Open WebUI\'s admin API, where webui.db is elsewhere'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l admin-token-file -d 'With --via api: a token of an Open WebUI admin in a file, where LAMB\'s own ways of getting one are not open' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l jobs -d 'With --via api: how many pages are asked for at once' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l interval -d 'How often it is looked, like 5s or 1m' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l journal -d 'The journal of all changes [default: lamb-auth.journal.jsonl beside LAMB\'s database]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l policy -d 'Read the policy from this TOML file; a flag beats the key of its name' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l org -d 'The organisation of newcomers whom no rule places elsewhere [default: lamb]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l role -d 'Their role there, where neither a rule nor --owi-role says [default: member]' -r -f -a "owner\t'May do everything there'
admin\t'May manage its people'
member\t'The rest'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l rule -d 'Place those who fit in another organisation; may be repeated, the first that fits counts, before the file\'s' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l owi-role -d 'Role in the organisation for those with this Open WebUI role, as admin=admin; may be repeated' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l include -d 'Only those who fit, instead of the file\'s; may be repeated [default: everybody]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l exclude -d 'Not those who fit, nor those whom the file excludes; beats --include; may be repeated' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l service-account -d 'An account of a program, left out; may be repeated, and replaces the list of the file and the built-in one' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l max-changes -d 'Refuse to change more than this in one run [default: 10% of the people, at least 100]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -s o -l output -d 'How data is shown on stdout' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
plain\t'For grep and awk: tab-separated lines'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l lamb-db -d 'LAMB\'s database, or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l lamb-db-prefix -d 'What LAMB puts before its tables\' names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l owi-db -d 'Open WebUI\'s webui.db, or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l backend-url -d 'LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l owi-admin-email -d 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l secret-file -d 'A further secret that may have signed a token, alone in a file; may be repeated' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l timeout -d 'How long one request may take' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l lock-timeout -d 'How long to wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l answer-timeout -d 'How long a question waits for its answer' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l apply -d 'Do what is planned: back up lamb_v4.db, then write all of it in one transaction'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -s y -l yes -d 'Do not ask'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l force -d 'Do it although a guard advises against it'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l no-backup -d 'Make no backup of lamb_v4.db first'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l watch -d 'Go on: give everybody who signs in to Open WebUI for the first time a creator within two intervals'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l all -d 'Everybody, said on purpose'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l with-pending -d 'Those whom Open WebUI has as pending, too'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l with-inactive -d 'Those who cannot sign in to Open WebUI, too'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -l disable-missing -d 'Disable creators whom Open WebUI no longer has'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -s q -l quiet -d 'No notes on stderr, errors only'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -s v -l verbose -d 'Trace each request and query on stderr; all evidence in reports'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sync" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l limit -d 'How many of the newest runs are shown' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l journal -d 'The journal of all changes [default: lamb-auth.journal.jsonl beside LAMB\'s database]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -s o -l output -d 'How data is shown on stdout' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
plain\t'For grep and awk: tab-separated lines'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l lamb-db -d 'LAMB\'s database, or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l lamb-db-prefix -d 'What LAMB puts before its tables\' names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l owi-db -d 'Open WebUI\'s webui.db, or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l backend-url -d 'LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l owi-admin-email -d 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l secret-file -d 'A further secret that may have signed a token, alone in a file; may be repeated' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l timeout -d 'How long one request may take' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l lock-timeout -d 'How long to wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -l answer-timeout -d 'How long a question waits for its answer' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -s q -l quiet -d 'No notes on stderr, errors only'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -s v -l verbose -d 'Trace each request and query on stderr; all evidence in reports'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand history" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l journal -d 'The journal of all changes [default: lamb-auth.journal.jsonl beside LAMB\'s database]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -s o -l output -d 'How data is shown on stdout' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
plain\t'For grep and awk: tab-separated lines'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l lamb-db -d 'LAMB\'s database, or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l lamb-db-prefix -d 'What LAMB puts before its tables\' names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l owi-db -d 'Open WebUI\'s webui.db, or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l backend-url -d 'LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l owi-admin-email -d 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l secret-file -d 'A further secret that may have signed a token, alone in a file; may be repeated' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l timeout -d 'How long one request may take' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l lock-timeout -d 'How long to wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l answer-timeout -d 'How long a question waits for its answer' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l dry-run -d 'Show what would be changed, and change nothing'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -s y -l yes -d 'Do not ask'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -l force -d 'Do it although a guard advises against it'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -s q -l quiet -d 'No notes on stderr, errors only'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -s v -l verbose -d 'Trace each request and query on stderr; all evidence in reports'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand undo" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l out -d 'The archive to write, .tar.gz; - is stdout' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -s e -l email -d 'Diagnose this user, too; may be repeated' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l key -d 'The key of the pseudonyms, made where there is none [default: beside the archive, FILE.key]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l who -d 'Print the pseudonym of this user, and make no bundle' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l journal -d 'The journal of all changes [default: lamb-auth.journal.jsonl beside LAMB\'s database]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -s o -l output -d 'How data is shown on stdout' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
plain\t'For grep and awk: tab-separated lines'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l lamb-db -d 'LAMB\'s database, or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l lamb-db-prefix -d 'What LAMB puts before its tables\' names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l owi-db -d 'Open WebUI\'s webui.db, or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l backend-url -d 'LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l owi-admin-email -d 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l secret-file -d 'A further secret that may have signed a token, alone in a file; may be repeated' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l timeout -d 'How long one request may take' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l lock-timeout -d 'How long to wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l answer-timeout -d 'How long a question waits for its answer' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l force -d 'Replace an archive that is there'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -l no-probe -d 'Make no token for the purpose'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -s q -l quiet -d 'No notes on stderr, errors only'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -s v -l verbose -d 'Trace each request and query on stderr; all evidence in reports'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand support-bundle" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -s o -l output -d 'How data is shown on stdout' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
plain\t'For grep and awk: tab-separated lines'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l lamb-db -d 'LAMB\'s database, or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l lamb-db-prefix -d 'What LAMB puts before its tables\' names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l owi-db -d 'Open WebUI\'s webui.db, or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l backend-url -d 'LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l owi-admin-email -d 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l secret-file -d 'A further secret that may have signed a token, alone in a file; may be repeated' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l timeout -d 'How long one request may take' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l lock-timeout -d 'How long to wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l answer-timeout -d 'How long a question waits for its answer' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -l markdown -d 'The whole catalogue as a page of Markdown'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -s q -l quiet -d 'No notes on stderr, errors only'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -s v -l verbose -d 'Trace each request and query on stderr; all evidence in reports'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand explain" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -s o -l output -d 'How data is shown on stdout' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
plain\t'For grep and awk: tab-separated lines'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l lamb-db -d 'LAMB\'s database, or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l lamb-db-prefix -d 'What LAMB puts before its tables\' names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l owi-db -d 'Open WebUI\'s webui.db, or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l backend-url -d 'LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l owi-admin-email -d 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l secret-file -d 'A further secret that may have signed a token, alone in a file; may be repeated' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l timeout -d 'How long one request may take' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l lock-timeout -d 'How long to wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l answer-timeout -d 'How long a question waits for its answer' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -l offline -d 'Ask no server'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -s q -l quiet -d 'No notes on stderr, errors only'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -s v -l verbose -d 'Trace each request and query on stderr; all evidence in reports'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand config" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l edition -d 'LAMB\'s edition' -r -f -a "delegated\t''
native\t''"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l owi-version -d 'Open WebUI\'s version' -r -f -a "0.5.6\t''
0.6.43\t''
0.12.4\t''"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l trouble -d 'What is wrong with the whole platform: one of those of --list' -r -f -a "owi-down\t''
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
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l token -d 'Put this token into LAMB_AUTH_TOKEN of the command' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -s o -l output -d 'How data is shown on stdout' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
plain\t'For grep and awk: tab-separated lines'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l lamb-db -d 'LAMB\'s database, or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l lamb-db-prefix -d 'What LAMB puts before its tables\' names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l owi-db -d 'Open WebUI\'s webui.db, or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l backend-url -d 'LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l owi-admin-email -d 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l secret-file -d 'A further secret that may have signed a token, alone in a file; may be repeated' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l timeout -d 'How long one request may take' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l lock-timeout -d 'How long to wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l answer-timeout -d 'How long a question waits for its answer' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -l list -d 'List the people, tokens and troubles, and end'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -s q -l quiet -d 'No notes on stderr, errors only'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -s v -l verbose -d 'Trace each request and query on stderr; all evidence in reports'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand sandbox" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -s o -l output -d 'How data is shown on stdout' -r -f -a "table\t'For people'
json\t'For scripts: one object with "schema"'
plain\t'For grep and awk: tab-separated lines'"
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -l lamb-db -d 'LAMB\'s database, or its folder [env: LAMB_DB_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -l lamb-db-prefix -d 'What LAMB puts before its tables\' names [env: LAMB_DB_PREFIX]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -l owi-db -d 'Open WebUI\'s webui.db, or its folder [env: OWI_PATH, a folder]' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -l owi-url -d 'Open WebUI\'s base URL [env: OWI_BASE_URL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -l backend-url -d 'LAMB\'s backend [env: LAMB_BACKEND_HOST]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -l owi-admin-email -d 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -l env-file -d 'Read settings from this file instead of ./.env' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -l secret-file -d 'A further secret that may have signed a token, alone in a file; may be repeated' -r -F
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -l timeout -d 'How long one request may take' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -l lock-timeout -d 'How long to wait for another process\'s lock' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -l answer-timeout -d 'How long a question waits for its answer' -r -f
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -s q -l quiet -d 'No notes on stderr, errors only'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -s v -l verbose -d 'Trace each request and query on stderr; all evidence in reports'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand completions" -s V -l version -d 'Print version'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user verify-token refresh-token create-creator assign-role sync history undo support-bundle explain config sandbox completions help" -f -a "diagnose" -d 'Say which of the seven steps fails, why, and what mends it'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user verify-token refresh-token create-creator assign-role sync history undo support-bundle explain config sandbox completions help" -f -a "audit" -d 'Look at the whole deployment: everybody, and the platform'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user verify-token refresh-token create-creator assign-role sync history undo support-bundle explain config sandbox completions help" -f -a "check-user" -d 'Show a creator as LAMB sees it'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user verify-token refresh-token create-creator assign-role sync history undo support-bundle explain config sandbox completions help" -f -a "check-owi-user" -d 'Show a user as Open WebUI has it'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user verify-token refresh-token create-creator assign-role sync history undo support-bundle explain config sandbox completions help" -f -a "verify-token" -d 'Say whether this LAMB would take a token, and if not, why'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user verify-token refresh-token create-creator assign-role sync history undo support-bundle explain config sandbox completions help" -f -a "refresh-token" -d 'Get a fresh token for a user, without their browser'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user verify-token refresh-token create-creator assign-role sync history undo support-bundle explain config sandbox completions help" -f -a "create-creator" -d 'Create the creator that LAMB lacks for an Open WebUI user'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user verify-token refresh-token create-creator assign-role sync history undo support-bundle explain config sandbox completions help" -f -a "assign-role" -d 'Give a creator a role in its organisation, or a system role'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user verify-token refresh-token create-creator assign-role sync history undo support-bundle explain config sandbox completions help" -f -a "sync" -d 'Keep LAMB\'s creators in step with Open WebUI\'s users'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user verify-token refresh-token create-creator assign-role sync history undo support-bundle explain config sandbox completions help" -f -a "history" -d 'Show what this program has changed here: all runs, or one'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user verify-token refresh-token create-creator assign-role sync history undo support-bundle explain config sandbox completions help" -f -a "undo" -d 'Take back what a run has changed'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user verify-token refresh-token create-creator assign-role sync history undo support-bundle explain config sandbox completions help" -f -a "support-bundle" -d 'Pack what those who help need to know, without naming anybody'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user verify-token refresh-token create-creator assign-role sync history undo support-bundle explain config sandbox completions help" -f -a "explain" -d 'Tell what a finding means, how it shows, and what mends it'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user verify-token refresh-token create-creator assign-role sync history undo support-bundle explain config sandbox completions help" -f -a "config" -d 'List every setting, its origin, and whether it leads anywhere'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user verify-token refresh-token create-creator assign-role sync history undo support-bundle explain config sandbox completions help" -f -a "sandbox" -d 'Try everything on a deployment in a temporary folder'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user verify-token refresh-token create-creator assign-role sync history undo support-bundle explain config sandbox completions help" -f -a "completions" -d 'Print the completion script for a shell'
complete -c lamb-auth -n "__fish_lamb_auth_using_subcommand help; and not __fish_seen_subcommand_from diagnose audit check-user check-owi-user verify-token refresh-token create-creator assign-role sync history undo support-bundle explain config sandbox completions help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
