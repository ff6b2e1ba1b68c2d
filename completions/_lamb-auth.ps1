
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
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'Prefix of LAMB''s table names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'URL of LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'File with one more secret that may have signed a token; repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Maximum time for one request')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for the answer to a question')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('diagnose', 'diagnose', [CompletionResultType]::ParameterValue, 'Find which step fails, why, and how to fix it')
            [CompletionResult]::new('audit', 'audit', [CompletionResultType]::ParameterValue, 'Check all users and the platform')
            [CompletionResult]::new('check-user', 'check-user', [CompletionResultType]::ParameterValue, 'Show a creator as LAMB sees it')
            [CompletionResult]::new('check-owi-user', 'check-owi-user', [CompletionResultType]::ParameterValue, 'Show a user as Open WebUI sees it')
            [CompletionResult]::new('verify-token', 'verify-token', [CompletionResultType]::ParameterValue, 'Check whether LAMB accepts a token, and if not, why')
            [CompletionResult]::new('refresh-token', 'refresh-token', [CompletionResultType]::ParameterValue, 'Get a new token for a user, without the user''s browser')
            [CompletionResult]::new('create-creator', 'create-creator', [CompletionResultType]::ParameterValue, 'Create the missing LAMB creator of an Open WebUI user')
            [CompletionResult]::new('assign-role', 'assign-role', [CompletionResultType]::ParameterValue, 'Give a creator a role in an organization, or a system role')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Keep LAMB''s creators in sync with Open WebUI''s users')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'Show what lamb-auth changed here: all runs, or one run')
            [CompletionResult]::new('undo', 'undo', [CompletionResultType]::ParameterValue, 'Undo the changes of a run')
            [CompletionResult]::new('support-bundle', 'support-bundle', [CompletionResultType]::ParameterValue, 'Create an anonymized support archive')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explain a finding: what it means, how to tell, how to fix it')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show every setting, where it comes from, and whether it works')
            [CompletionResult]::new('sandbox', 'sandbox', [CompletionResultType]::ParameterValue, 'Try lamb-auth on a temporary test deployment')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script for a shell')
            [CompletionResult]::new('options', 'options', [CompletionResultType]::ParameterValue, 'The options of every command')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'lamb-auth;diagnose' {
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'The user''s e-mail')
            [CompletionResult]::new('--email', '--email', [CompletionResultType]::ParameterName, 'The user''s e-mail')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'File with the token, - for stdin')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File with the token, - for stdin')
            [CompletionResult]::new('--flow', '--flow', [CompletionResultType]::ParameterName, 'What the user does when it fails')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Journal file [default: beside LAMB''s database]')
            [CompletionResult]::new('--admin-token-file', '--admin-token-file', [CompletionResultType]::ParameterName, 'File with an Open WebUI admin''s token')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'Prefix of LAMB''s table names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'URL of LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'File with one more secret that may have signed a token; repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Maximum time for one request')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for the answer to a question')
            [CompletionResult]::new('--no-test-token', '--no-test-token', [CompletionResultType]::ParameterName, 'Do not make a test token')
            [CompletionResult]::new('--replay', '--replay', [CompletionResultType]::ParameterName, 'Send the real request even after a failed step')
            [CompletionResult]::new('--fix', '--fix', [CompletionResultType]::ParameterName, 'Fix what is possible; list the rest as manual steps')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show the changes without making them')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Override guards that refuse a change')
            [CompletionResult]::new('--password-stdin', '--password-stdin', [CompletionResultType]::ParameterName, 'Read the new Open WebUI password from stdin')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;audit' {
            [CompletionResult]::new('--finding', '--finding', [CompletionResultType]::ParameterName, 'Only this finding, with all users who have it')
            [CompletionResult]::new('--email', '--email', [CompletionResultType]::ParameterName, 'Only e-mails that match this domain or pattern')
            [CompletionResult]::new('--org', '--org', [CompletionResultType]::ParameterName, 'Only users with a creator in this organization')
            [CompletionResult]::new('--html', '--html', [CompletionResultType]::ParameterName, 'Also write the report to this HTML file')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'Lowest severity that makes the exit code 1')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Journal file [default: beside LAMB''s database]')
            [CompletionResult]::new('--admin-token-file', '--admin-token-file', [CompletionResultType]::ParameterName, 'File with an Open WebUI admin''s token')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'Prefix of LAMB''s table names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'URL of LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'File with one more secret that may have signed a token; repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Maximum time for one request')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for the answer to a question')
            [CompletionResult]::new('--platform', '--platform', [CompletionResultType]::ParameterName, 'Only the platform: servers, files, secrets')
            [CompletionResult]::new('--no-test-token', '--no-test-token', [CompletionResultType]::ParameterName, 'Do not make a test token')
            [CompletionResult]::new('--fix', '--fix', [CompletionResultType]::ParameterName, 'Fix what is possible; list the rest as manual steps')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show the changes without making them')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Override guards that refuse a change')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;check-user' {
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'The e-mail as LAMB spells it')
            [CompletionResult]::new('--email', '--email', [CompletionResultType]::ParameterName, 'The e-mail as LAMB spells it')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'File with the token, - for stdin')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File with the token, - for stdin')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'Prefix of LAMB''s table names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'URL of LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'File with one more secret that may have signed a token; repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Maximum time for one request')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for the answer to a question')
            [CompletionResult]::new('--with-owi', '--with-owi', [CompletionResultType]::ParameterName, 'Also show Open WebUI''s side, and whether both agree')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;check-owi-user' {
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'The e-mail as Open WebUI spells it')
            [CompletionResult]::new('--email', '--email', [CompletionResultType]::ParameterName, 'The e-mail as Open WebUI spells it')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Where to look up the user')
            [CompletionResult]::new('--admin-token-file', '--admin-token-file', [CompletionResultType]::ParameterName, 'File with an Open WebUI admin''s token')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'Prefix of LAMB''s table names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'URL of LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'File with one more secret that may have signed a token; repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Maximum time for one request')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for the answer to a question')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;verify-token' {
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'File with the token, - for stdin')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File with the token, - for stdin')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'Which server must accept the token')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'The user that the token must belong to')
            [CompletionResult]::new('--email', '--email', [CompletionResultType]::ParameterName, 'The user that the token must belong to')
            [CompletionResult]::new('--batch', '--batch', [CompletionResultType]::ParameterName, 'Check a file with one token per line; - for stdin')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'How many requests to send at once [default: 8]')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Journal file [default: beside LAMB''s database]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'Prefix of LAMB''s table names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'URL of LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'File with one more secret that may have signed a token; repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Maximum time for one request')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for the answer to a question')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Inspect the token locally; send no request')
            [CompletionResult]::new('--ensure-creator', '--ensure-creator', [CompletionResultType]::ParameterName, 'Create the creator if only that is missing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show the changes without making them')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Override guards that refuse a change')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;refresh-token' {
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'The e-mail as LAMB spells it')
            [CompletionResult]::new('--email', '--email', [CompletionResultType]::ParameterName, 'The e-mail as LAMB spells it')
            [CompletionResult]::new('--by', '--by', [CompletionResultType]::ParameterName, 'How to get the token [default: the way that fits]')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'File for the token, - for stdout; required with -o json')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'Prefix of LAMB''s table names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'URL of LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'File with one more secret that may have signed a token; repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Maximum time for one request')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for the answer to a question')
            [CompletionResult]::new('--password-stdin', '--password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s password from stdin')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Log in even if LAMB may write to Open WebUI''s database')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;create-creator' {
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'The e-mail as Open WebUI spells it')
            [CompletionResult]::new('--email', '--email', [CompletionResultType]::ParameterName, 'The e-mail as Open WebUI spells it')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Display name [default: Open WebUI''s]')
            [CompletionResult]::new('--org', '--org', [CompletionResultType]::ParameterName, 'Organization''s slug [default: lamb]')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Role in the organization [default: member]')
            [CompletionResult]::new('--user-type', '--user-type', [CompletionResultType]::ParameterName, 'User type [default: creator]')
            [CompletionResult]::new('--system-role', '--system-role', [CompletionResultType]::ParameterName, 'System role, native edition only [default: user]')
            [CompletionResult]::new('--admin-token-file', '--admin-token-file', [CompletionResultType]::ParameterName, 'File with an Open WebUI admin''s token')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Journal file [default: beside LAMB''s database]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'Prefix of LAMB''s table names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'URL of LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'File with one more secret that may have signed a token; repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Maximum time for one request')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for the answer to a question')
            [CompletionResult]::new('--create-owi-user', '--create-owi-user', [CompletionResultType]::ParameterName, 'Create a missing Open WebUI user first, with its API')
            [CompletionResult]::new('--password-stdin', '--password-stdin', [CompletionResultType]::ParameterName, 'Read the new Open WebUI password from stdin')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show the changes without making them')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Override guards that refuse a change')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;assign-role' {
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'The e-mail as LAMB spells it')
            [CompletionResult]::new('--email', '--email', [CompletionResultType]::ParameterName, 'The e-mail as LAMB spells it')
            [CompletionResult]::new('--org', '--org', [CompletionResultType]::ParameterName, 'The organization''s slug')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Role in the organization')
            [CompletionResult]::new('--system-role', '--system-role', [CompletionResultType]::ParameterName, 'System role, native edition only')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Journal file [default: beside LAMB''s database]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'Prefix of LAMB''s table names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'URL of LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'File with one more secret that may have signed a token; repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Maximum time for one request')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for the answer to a question')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show the changes without making them')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Override guards that refuse a change')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;sync' {
            [CompletionResult]::new('--plan-out', '--plan-out', [CompletionResultType]::ParameterName, 'Save the plan, to review it and apply it later')
            [CompletionResult]::new('--plan', '--plan', [CompletionResultType]::ParameterName, 'Apply exactly this saved plan, or nothing')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Where to read Open WebUI''s users')
            [CompletionResult]::new('--admin-token-file', '--admin-token-file', [CompletionResultType]::ParameterName, 'With --via api: file with an Open WebUI admin''s token')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'With --via api: how many pages to request at once')
            [CompletionResult]::new('--listing-timeout', '--listing-timeout', [CompletionResultType]::ParameterName, 'With --via api: how long reading all users may take')
            [CompletionResult]::new('--interval', '--interval', [CompletionResultType]::ParameterName, 'With --watch: time between two checks, such as 5s or 1m')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Journal file [default: beside LAMB''s database]')
            [CompletionResult]::new('--policy', '--policy', [CompletionResultType]::ParameterName, 'TOML file with the policy')
            [CompletionResult]::new('--org', '--org', [CompletionResultType]::ParameterName, 'Organization of new creators [default: lamb]')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Role of new creators there [default: member]')
            [CompletionResult]::new('--rule', '--rule', [CompletionResultType]::ParameterName, 'Organization for matching e-mails; repeatable')
            [CompletionResult]::new('--owi-role', '--owi-role', [CompletionResultType]::ParameterName, 'Role for an Open WebUI role, such as admin=admin; repeatable')
            [CompletionResult]::new('--include', '--include', [CompletionResultType]::ParameterName, 'Only matching e-mails [default: all users]')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'Not matching e-mails; overrides --include')
            [CompletionResult]::new('--service-account', '--service-account', [CompletionResultType]::ParameterName, 'E-mail pattern of programs, never synced; repeatable')
            [CompletionResult]::new('--max-changes', '--max-changes', [CompletionResultType]::ParameterName, 'Most changes in one run [default: 10% of users, at least 100]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'Prefix of LAMB''s table names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'URL of LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'File with one more secret that may have signed a token; repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Maximum time for one request')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for the answer to a question')
            [CompletionResult]::new('--apply', '--apply', [CompletionResultType]::ParameterName, 'Make the changes')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Override guards that refuse a change')
            [CompletionResult]::new('--no-backup', '--no-backup', [CompletionResultType]::ParameterName, 'Do not back up lamb_v4.db first')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Keep running, and report new changes')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All users (must be requested explicitly)')
            [CompletionResult]::new('--with-pending', '--with-pending', [CompletionResultType]::ParameterName, 'Also users who are pending in Open WebUI')
            [CompletionResult]::new('--with-inactive', '--with-inactive', [CompletionResultType]::ParameterName, 'Also users who cannot sign in to Open WebUI')
            [CompletionResult]::new('--disable-missing', '--disable-missing', [CompletionResultType]::ParameterName, 'Disable creators missing in Open WebUI')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;history' {
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'How many runs to show, newest first')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Journal file [default: beside LAMB''s database]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'Prefix of LAMB''s table names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'URL of LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'File with one more secret that may have signed a token; repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Maximum time for one request')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for the answer to a question')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;undo' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Journal file [default: beside LAMB''s database]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'Prefix of LAMB''s table names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'URL of LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'File with one more secret that may have signed a token; repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Maximum time for one request')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for the answer to a question')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show the changes without making them')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Override guards that refuse a change')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;support-bundle' {
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Archive to write, .tar.gz; - for stdout')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Also diagnose this user; repeatable')
            [CompletionResult]::new('--email', '--email', [CompletionResultType]::ParameterName, 'Also diagnose this user; repeatable')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Key of the pseudonyms [default: OUT.key]')
            [CompletionResult]::new('--who', '--who', [CompletionResultType]::ParameterName, 'Print this user''s pseudonym; write no archive')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Journal file [default: beside LAMB''s database]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'Prefix of LAMB''s table names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'URL of LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'File with one more secret that may have signed a token; repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Maximum time for one request')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for the answer to a question')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace an existing archive')
            [CompletionResult]::new('--no-test-token', '--no-test-token', [CompletionResultType]::ParameterName, 'Do not make a test token')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;explain' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'Prefix of LAMB''s table names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'URL of LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'File with one more secret that may have signed a token; repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Maximum time for one request')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for the answer to a question')
            [CompletionResult]::new('--markdown', '--markdown', [CompletionResultType]::ParameterName, 'Print all findings as a Markdown page')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;config' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'Prefix of LAMB''s table names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'URL of LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'File with one more secret that may have signed a token; repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Maximum time for one request')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for the answer to a question')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Send no request')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;sandbox' {
            [CompletionResult]::new('--edition', '--edition', [CompletionResultType]::ParameterName, 'LAMB''s edition')
            [CompletionResult]::new('--owi-version', '--owi-version', [CompletionResultType]::ParameterName, 'Open WebUI''s version')
            [CompletionResult]::new('--trouble', '--trouble', [CompletionResultType]::ParameterName, 'Problem of the whole platform; see --list')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Set LAMB_AUTH_TOKEN to this test token; see --list')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'Prefix of LAMB''s table names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'URL of LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'File with one more secret that may have signed a token; repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Maximum time for one request')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for the answer to a question')
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'List the test users, tokens and problems')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;completions' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'Prefix of LAMB''s table names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'URL of LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'File with one more secret that may have signed a token; repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Maximum time for one request')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for the answer to a question')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;options' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--lamb-db', '--lamb-db', [CompletionResultType]::ParameterName, 'LAMB''s database or its folder [env: LAMB_DB_PATH, a folder]')
            [CompletionResult]::new('--lamb-db-prefix', '--lamb-db-prefix', [CompletionResultType]::ParameterName, 'Prefix of LAMB''s table names [env: LAMB_DB_PREFIX]')
            [CompletionResult]::new('--owi-db', '--owi-db', [CompletionResultType]::ParameterName, 'Open WebUI''s webui.db or its folder [env: OWI_PATH, a folder]')
            [CompletionResult]::new('--owi-url', '--owi-url', [CompletionResultType]::ParameterName, 'Open WebUI''s base URL [env: OWI_BASE_URL]')
            [CompletionResult]::new('--backend-url', '--backend-url', [CompletionResultType]::ParameterName, 'URL of LAMB''s backend [env: LAMB_BACKEND_HOST]')
            [CompletionResult]::new('--owi-admin-email', '--owi-admin-email', [CompletionResultType]::ParameterName, 'Admin that LAMB uses in Open WebUI [env: OWI_ADMIN_EMAIL]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read settings from this file instead of ./.env')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'File with one more secret that may have signed a token; repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Maximum time for one request')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for another process''s lock')
            [CompletionResult]::new('--answer-timeout', '--answer-timeout', [CompletionResultType]::ParameterName, 'Maximum wait for the answer to a question')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Trace every request and query on stderr; show all evidence')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'lamb-auth;help' {
            [CompletionResult]::new('diagnose', 'diagnose', [CompletionResultType]::ParameterValue, 'Find which step fails, why, and how to fix it')
            [CompletionResult]::new('audit', 'audit', [CompletionResultType]::ParameterValue, 'Check all users and the platform')
            [CompletionResult]::new('check-user', 'check-user', [CompletionResultType]::ParameterValue, 'Show a creator as LAMB sees it')
            [CompletionResult]::new('check-owi-user', 'check-owi-user', [CompletionResultType]::ParameterValue, 'Show a user as Open WebUI sees it')
            [CompletionResult]::new('verify-token', 'verify-token', [CompletionResultType]::ParameterValue, 'Check whether LAMB accepts a token, and if not, why')
            [CompletionResult]::new('refresh-token', 'refresh-token', [CompletionResultType]::ParameterValue, 'Get a new token for a user, without the user''s browser')
            [CompletionResult]::new('create-creator', 'create-creator', [CompletionResultType]::ParameterValue, 'Create the missing LAMB creator of an Open WebUI user')
            [CompletionResult]::new('assign-role', 'assign-role', [CompletionResultType]::ParameterValue, 'Give a creator a role in an organization, or a system role')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Keep LAMB''s creators in sync with Open WebUI''s users')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'Show what lamb-auth changed here: all runs, or one run')
            [CompletionResult]::new('undo', 'undo', [CompletionResultType]::ParameterValue, 'Undo the changes of a run')
            [CompletionResult]::new('support-bundle', 'support-bundle', [CompletionResultType]::ParameterValue, 'Create an anonymized support archive')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explain a finding: what it means, how to tell, how to fix it')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show every setting, where it comes from, and whether it works')
            [CompletionResult]::new('sandbox', 'sandbox', [CompletionResultType]::ParameterValue, 'Try lamb-auth on a temporary test deployment')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script for a shell')
            [CompletionResult]::new('options', 'options', [CompletionResultType]::ParameterValue, 'The options of every command')
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
        'lamb-auth;help;options' {
            break
        }
        'lamb-auth;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
