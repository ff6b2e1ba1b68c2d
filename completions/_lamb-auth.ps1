
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'lamb-auth' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'lamb-auth'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'lamb-auth' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database, or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'What LAMB puts before its tables'' names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db, or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'A further secret that may have signed a token, alone in a file; may be repeated')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'How long a question waits for its answer')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('diagnose', 'diagnose', [CompletionResultType]::ParameterValue, 'Say which of the seven steps fails, why, and what mends it')
            [CompletionResult]::new('audit', 'audit', [CompletionResultType]::ParameterValue, 'Look at the whole deployment: everybody, and the platform')
            [CompletionResult]::new('check-user', 'check-user', [CompletionResultType]::ParameterValue, 'Show a creator as LAMB sees it')
            [CompletionResult]::new('check-owi-user', 'check-owi-user', [CompletionResultType]::ParameterValue, 'Show a user as Open WebUI has it')
            [CompletionResult]::new('verify-token', 'verify-token', [CompletionResultType]::ParameterValue, 'Say whether this LAMB would take a token, and if not, why')
            [CompletionResult]::new('refresh-token', 'refresh-token', [CompletionResultType]::ParameterValue, 'Get a fresh token for a user, without their browser')
            [CompletionResult]::new('create-creator', 'create-creator', [CompletionResultType]::ParameterValue, 'Create the creator that LAMB lacks for an Open WebUI user')
            [CompletionResult]::new('assign-role', 'assign-role', [CompletionResultType]::ParameterValue, 'Give a creator a role in its organisation, or a system role')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Keep LAMB''s creators in step with Open WebUI''s users')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'Show what this program has changed here: all runs, or one')
            [CompletionResult]::new('undo', 'undo', [CompletionResultType]::ParameterValue, 'Take back what a run has changed')
            [CompletionResult]::new('support-bundle', 'support-bundle', [CompletionResultType]::ParameterValue, 'Pack what those who help need to know, without naming anybody')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Tell what a finding means, how it shows, and what mends it')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'List every setting, its origin, and whether it leads anywhere')
            [CompletionResult]::new('sandbox', 'sandbox', [CompletionResultType]::ParameterValue, 'Try everything on a deployment in a temporary folder')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'lamb-auth;diagnose' {
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'The user''s e-mail')
            [CompletionResult]::new('--email', '--email', [CompletionResultType]::ParameterName, 'The user''s e-mail')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'The token in a file, - for stdin; else LAMB_AUTH_TOKEN of the environment')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'The token in a file, - for stdin; else LAMB_AUTH_TOKEN of the environment')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal of all changes [default: lamb-auth.journal.jsonl beside LAMB''s database]')
            [CompletionResult]::new('--admin-token-file', '--admin-token-file', [CompletionResultType]::ParameterName, 'A token of an Open WebUI admin in a file, where LAMB''s own ways of getting one are not open')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database, or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'What LAMB puts before its tables'' names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db, or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'A further secret that may have signed a token, alone in a file; may be repeated')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'How long a question waits for its answer')
            [CompletionResult]::new('--no-probe', '--no-probe', [CompletionResultType]::ParameterName, 'Make no token for the purpose')
            [CompletionResult]::new('--replay', '--replay', [CompletionResultType]::ParameterName, 'Replay the real request even after a failed step, where that does no harm')
            [CompletionResult]::new('--fix', '--fix', [CompletionResultType]::ParameterName, 'Mend what can be mended, one kind of change at a time; the rest is told as steps')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be changed, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Do it although a guard advises against it')
            [CompletionResult]::new('--password-stdin', '--password-stdin', [CompletionResultType]::ParameterName, 'Read the password of a new Open WebUI account from stdin instead of asking for it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;audit' {
            [CompletionResult]::new('--finding', '--finding', [CompletionResultType]::ParameterName, 'Only this finding, and everybody who has it')
            [CompletionResult]::new('--email', '--email', [CompletionResultType]::ParameterName, 'Only addresses like this: a domain, or a pattern with * and ?')
            [CompletionResult]::new('--org', '--org', [CompletionResultType]::ParameterName, 'Only people with a creator in this organisation')
            [CompletionResult]::new('--html', '--html', [CompletionResultType]::ParameterName, 'Write one page for a browser to this file, too')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'From which severity on the exit code is 1')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal of all changes [default: lamb-auth.journal.jsonl beside LAMB''s database]')
            [CompletionResult]::new('--admin-token-file', '--admin-token-file', [CompletionResultType]::ParameterName, 'A token of an Open WebUI admin in a file, where LAMB''s own ways of getting one are not open')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database, or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'What LAMB puts before its tables'' names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db, or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'A further secret that may have signed a token, alone in a file; may be repeated')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'How long a question waits for its answer')
            [CompletionResult]::new('--platform', '--platform', [CompletionResultType]::ParameterName, 'Only the platform: servers, files, secrets, and whether this LAMB works with this Open WebUI')
            [CompletionResult]::new('--no-probe', '--no-probe', [CompletionResultType]::ParameterName, 'Make no token for the purpose')
            [CompletionResult]::new('--fix', '--fix', [CompletionResultType]::ParameterName, 'Mend what can be mended, one kind of change at a time; the rest is told as steps')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be changed, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Do it although a guard advises against it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;check-user' {
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'The e-mail, in LAMB''s own spelling')
            [CompletionResult]::new('--email', '--email', [CompletionResultType]::ParameterName, 'The e-mail, in LAMB''s own spelling')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'The token in a file, - for stdin; else LAMB_AUTH_TOKEN of the environment')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'The token in a file, - for stdin; else LAMB_AUTH_TOKEN of the environment')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database, or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'What LAMB puts before its tables'' names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db, or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'A further secret that may have signed a token, alone in a file; may be repeated')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'How long a question waits for its answer')
            [CompletionResult]::new('--with-owi', '--with-owi', [CompletionResultType]::ParameterName, 'Show Open WebUI''s side too, and whether the two agree')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;check-owi-user' {
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'The e-mail, in Open WebUI''s own spelling')
            [CompletionResult]::new('--email', '--email', [CompletionResultType]::ParameterName, 'The e-mail, in Open WebUI''s own spelling')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Whom to ask')
            [CompletionResult]::new('--admin-token-file', '--admin-token-file', [CompletionResultType]::ParameterName, 'A token of an Open WebUI admin in a file, where LAMB''s own ways of getting one are not open')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database, or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'What LAMB puts before its tables'' names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db, or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'A further secret that may have signed a token, alone in a file; may be repeated')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'How long a question waits for its answer')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;verify-token' {
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'The token in a file, - for stdin; else LAMB_AUTH_TOKEN of the environment')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'The token in a file, - for stdin; else LAMB_AUTH_TOKEN of the environment')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'Who is to take it')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Whose it should be')
            [CompletionResult]::new('--email', '--email', [CompletionResultType]::ParameterName, 'Whose it should be')
            [CompletionResult]::new('--batch', '--batch', [CompletionResultType]::ParameterName, 'Judge a whole file of tokens, one a line; - for stdin. Blank lines and those with # are passed over')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'How many requests at once [default: 8]')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal of all changes [default: lamb-auth.journal.jsonl beside LAMB''s database]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database, or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'What LAMB puts before its tables'' names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db, or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'A further secret that may have signed a token, alone in a file; may be repeated')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'How long a question waits for its answer')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Stop after the autopsy: ask no server, open no database')
            [CompletionResult]::new('--ensure-creator', '--ensure-creator', [CompletionResultType]::ParameterName, 'Where only the creator is missing, create it, as create-creator does')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be changed, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Do it although a guard advises against it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;refresh-token' {
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'The e-mail, in LAMB''s own spelling')
            [CompletionResult]::new('--email', '--email', [CompletionResultType]::ParameterName, 'The e-mail, in LAMB''s own spelling')
            [CompletionResult]::new('--by', '--by', [CompletionResultType]::ParameterName, 'By which way [default: the one that this deployment has]')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write the token to this file; - is stdout. With -o json it must be said')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database, or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'What LAMB puts before its tables'' names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db, or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'A further secret that may have signed a token, alone in a file; may be repeated')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'How long a question waits for its answer')
            [CompletionResult]::new('--password-stdin', '--password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s password from stdin instead of asking for it')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Let LAMB log in although that may make it write into Open WebUI''s database')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;create-creator' {
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'The e-mail, in Open WebUI''s own spelling')
            [CompletionResult]::new('--email', '--email', [CompletionResultType]::ParameterName, 'The e-mail, in Open WebUI''s own spelling')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'The display name [default: Open WebUI''s]')
            [CompletionResult]::new('--org', '--org', [CompletionResultType]::ParameterName, 'The organisation''s slug [default: lamb]')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'The role there [default: member]')
            [CompletionResult]::new('--user-type', '--user-type', [CompletionResultType]::ParameterName, 'What the creator is for [default: creator]')
            [CompletionResult]::new('--system-role', '--system-role', [CompletionResultType]::ParameterName, 'The system role, native edition only; never raised by itself [default: user]')
            [CompletionResult]::new('--admin-token-file', '--admin-token-file', [CompletionResultType]::ParameterName, 'A token of an Open WebUI admin in a file, where LAMB''s own ways of getting one are not open')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal of all changes [default: lamb-auth.journal.jsonl beside LAMB''s database]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database, or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'What LAMB puts before its tables'' names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db, or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'A further secret that may have signed a token, alone in a file; may be repeated')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'How long a question waits for its answer')
            [CompletionResult]::new('--create-owi-user', '--create-owi-user', [CompletionResultType]::ParameterName, 'Where Open WebUI has no such user, have its API create it first')
            [CompletionResult]::new('--password-stdin', '--password-stdin', [CompletionResultType]::ParameterName, 'Read the new Open WebUI password from stdin instead of asking for it')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be changed, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Do it although a guard advises against it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;assign-role' {
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'The creator''s e-mail, in LAMB''s own spelling')
            [CompletionResult]::new('--email', '--email', [CompletionResultType]::ParameterName, 'The creator''s e-mail, in LAMB''s own spelling')
            [CompletionResult]::new('--org', '--org', [CompletionResultType]::ParameterName, 'The organisation''s slug')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'The role there')
            [CompletionResult]::new('--system-role', '--system-role', [CompletionResultType]::ParameterName, 'The system role (native edition only)')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal of all changes [default: lamb-auth.journal.jsonl beside LAMB''s database]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database, or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'What LAMB puts before its tables'' names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db, or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'A further secret that may have signed a token, alone in a file; may be repeated')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'How long a question waits for its answer')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be changed, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Do it although a guard advises against it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;sync' {
            [CompletionResult]::new('--plan-out', '--plan-out', [CompletionResultType]::ParameterName, 'Save the plan, to be looked at and carried out later')
            [CompletionResult]::new('--plan', '--plan', [CompletionResultType]::ParameterName, 'Carry out exactly this saved plan, or nothing')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Where Open WebUI''s users are taken from')
            [CompletionResult]::new('--admin-token-file', '--admin-token-file', [CompletionResultType]::ParameterName, 'With --via api: a token of an Open WebUI admin in a file, where LAMB''s own ways of getting one are not open')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'With --via api: how many pages are asked for at once')
            [CompletionResult]::new('--interval', '--interval', [CompletionResultType]::ParameterName, 'How often it is looked, like 5s or 1m')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal of all changes [default: lamb-auth.journal.jsonl beside LAMB''s database]')
            [CompletionResult]::new('--policy', '--policy', [CompletionResultType]::ParameterName, 'Read the policy from this TOML file; a flag beats the key of its name')
            [CompletionResult]::new('--org', '--org', [CompletionResultType]::ParameterName, 'The organisation of newcomers whom no rule places elsewhere [default: lamb]')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Their role there, where neither a rule nor --owi-role says [default: member]')
            [CompletionResult]::new('--rule', '--rule', [CompletionResultType]::ParameterName, 'Place those who fit in another organisation; may be repeated, the first that fits counts, before the file''s')
            [CompletionResult]::new('--owi-role', '--owi-role', [CompletionResultType]::ParameterName, 'Role in the organisation for those with this Open WebUI role, as admin=admin; may be repeated')
            [CompletionResult]::new('--include', '--include', [CompletionResultType]::ParameterName, 'Only those who fit, instead of the file''s; may be repeated [default: everybody]')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'Not those who fit, nor those whom the file excludes; beats --include; may be repeated')
            [CompletionResult]::new('--service-account', '--service-account', [CompletionResultType]::ParameterName, 'An account of a program, left out; may be repeated, and replaces the list of the file and the built-in one')
            [CompletionResult]::new('--max-changes', '--max-changes', [CompletionResultType]::ParameterName, 'Refuse to change more than this in one run [default: 10% of the people, at least 100]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database, or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'What LAMB puts before its tables'' names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db, or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'A further secret that may have signed a token, alone in a file; may be repeated')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'How long a question waits for its answer')
            [CompletionResult]::new('--apply', '--apply', [CompletionResultType]::ParameterName, 'Do what is planned: back up lamb_v4.db, then write all of it in one transaction')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Do it although a guard advises against it')
            [CompletionResult]::new('--no-backup', '--no-backup', [CompletionResultType]::ParameterName, 'Make no backup of lamb_v4.db first')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Go on: give everybody who signs in to Open WebUI for the first time a creator within two intervals')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Everybody, said on purpose')
            [CompletionResult]::new('--with-pending', '--with-pending', [CompletionResultType]::ParameterName, 'Those whom Open WebUI has as pending, too')
            [CompletionResult]::new('--with-inactive', '--with-inactive', [CompletionResultType]::ParameterName, 'Those who cannot sign in to Open WebUI, too')
            [CompletionResult]::new('--disable-missing', '--disable-missing', [CompletionResultType]::ParameterName, 'Disable creators whom Open WebUI no longer has')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;history' {
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'How many of the newest runs are shown')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal of all changes [default: lamb-auth.journal.jsonl beside LAMB''s database]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database, or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'What LAMB puts before its tables'' names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db, or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'A further secret that may have signed a token, alone in a file; may be repeated')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'How long a question waits for its answer')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;undo' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal of all changes [default: lamb-auth.journal.jsonl beside LAMB''s database]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database, or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'What LAMB puts before its tables'' names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db, or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'A further secret that may have signed a token, alone in a file; may be repeated')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'How long a question waits for its answer')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be changed, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Do it although a guard advises against it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;support-bundle' {
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'The archive to write, .tar.gz; - is stdout')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Diagnose this user, too; may be repeated')
            [CompletionResult]::new('--email', '--email', [CompletionResultType]::ParameterName, 'Diagnose this user, too; may be repeated')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key of the pseudonyms, made where there is none [default: beside the archive, FILE.key]')
            [CompletionResult]::new('--who', '--who', [CompletionResultType]::ParameterName, 'Print the pseudonym of this user, and make no bundle')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The journal of all changes [default: lamb-auth.journal.jsonl beside LAMB''s database]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database, or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'What LAMB puts before its tables'' names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db, or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'A further secret that may have signed a token, alone in a file; may be repeated')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'How long a question waits for its answer')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace an archive that is there')
            [CompletionResult]::new('--no-probe', '--no-probe', [CompletionResultType]::ParameterName, 'Make no token for the purpose')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;explain' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database, or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'What LAMB puts before its tables'' names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db, or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'A further secret that may have signed a token, alone in a file; may be repeated')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'How long a question waits for its answer')
            [CompletionResult]::new('--markdown', '--markdown', [CompletionResultType]::ParameterName, 'The whole catalogue as a page of Markdown')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;config' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database, or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'What LAMB puts before its tables'' names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db, or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'A further secret that may have signed a token, alone in a file; may be repeated')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'How long a question waits for its answer')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask no server')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;sandbox' {
            [CompletionResult]::new('--edition', '--edition', [CompletionResultType]::ParameterName, 'LAMB''s edition')
            [CompletionResult]::new('--owi-version', '--owi-version', [CompletionResultType]::ParameterName, 'Open WebUI''s version')
            [CompletionResult]::new('--trouble', '--trouble', [CompletionResultType]::ParameterName, 'What is wrong with the whole platform: one of those of --list')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Put this token into LAMB_AUTH_TOKEN of the command')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database, or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'What LAMB puts before its tables'' names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db, or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'A further secret that may have signed a token, alone in a file; may be repeated')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'How long a question waits for its answer')
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'List the people, tokens and troubles, and end')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;completions' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is shown on stdout')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database, or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'What LAMB puts before its tables'' names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db, or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'The admin as whom LAMB signs in to Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'A further secret that may have signed a token, alone in a file; may be repeated')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'How long a question waits for its answer')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes on stderr, errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace each request and query on stderr; all evidence in reports')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;help' {
            [CompletionResult]::new('diagnose', 'diagnose', [CompletionResultType]::ParameterValue, 'Say which of the seven steps fails, why, and what mends it')
            [CompletionResult]::new('audit', 'audit', [CompletionResultType]::ParameterValue, 'Look at the whole deployment: everybody, and the platform')
            [CompletionResult]::new('check-user', 'check-user', [CompletionResultType]::ParameterValue, 'Show a creator as LAMB sees it')
            [CompletionResult]::new('check-owi-user', 'check-owi-user', [CompletionResultType]::ParameterValue, 'Show a user as Open WebUI has it')
            [CompletionResult]::new('verify-token', 'verify-token', [CompletionResultType]::ParameterValue, 'Say whether this LAMB would take a token, and if not, why')
            [CompletionResult]::new('refresh-token', 'refresh-token', [CompletionResultType]::ParameterValue, 'Get a fresh token for a user, without their browser')
            [CompletionResult]::new('create-creator', 'create-creator', [CompletionResultType]::ParameterValue, 'Create the creator that LAMB lacks for an Open WebUI user')
            [CompletionResult]::new('assign-role', 'assign-role', [CompletionResultType]::ParameterValue, 'Give a creator a role in its organisation, or a system role')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Keep LAMB''s creators in step with Open WebUI''s users')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'Show what this program has changed here: all runs, or one')
            [CompletionResult]::new('undo', 'undo', [CompletionResultType]::ParameterValue, 'Take back what a run has changed')
            [CompletionResult]::new('support-bundle', 'support-bundle', [CompletionResultType]::ParameterValue, 'Pack what those who help need to know, without naming anybody')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Tell what a finding means, how it shows, and what mends it')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'List every setting, its origin, and whether it leads anywhere')
            [CompletionResult]::new('sandbox', 'sandbox', [CompletionResultType]::ParameterValue, 'Try everything on a deployment in a temporary folder')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'lamb-auth;help;diagnose' {
            break
        }
        'lamb-auth;help;audit' {
            break
        }
        'lamb-auth;help;check-user' {
            break
        }
        'lamb-auth;help;check-owi-user' {
            break
        }
        'lamb-auth;help;verify-token' {
            break
        }
        'lamb-auth;help;refresh-token' {
            break
        }
        'lamb-auth;help;create-creator' {
            break
        }
        'lamb-auth;help;assign-role' {
            break
        }
        'lamb-auth;help;sync' {
            break
        }
        'lamb-auth;help;history' {
            break
        }
        'lamb-auth;help;undo' {
            break
        }
        'lamb-auth;help;support-bundle' {
            break
        }
        'lamb-auth;help;explain' {
            break
        }
        'lamb-auth;help;config' {
            break
        }
        'lamb-auth;help;sandbox' {
            break
        }
        'lamb-auth;help;completions' {
            break
        }
        'lamb-auth;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
