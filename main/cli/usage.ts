export { VERSION } from '../version.ts'

/** What `-` is answered with: a bundle may have to be read more than once. */
export const NO_STDIN = 'a bundle is read from a file, not from the standard input; save it as one first'

/** What the command line offers. */
export const USAGE = `Usage: lockbox verify FILE... [--json] [--case ID]...
       lockbox export --format=jsonl|csv|ocsf|cef|syslog FILE
       lockbox aws-check KEYFILE|- --role ARN... --region REGION... [OPTION]...
       lockbox --help | --version

Verifies bundles that Lockbox exported, from the files alone: no window, no network, no keys of yours.
Prints who did what when, or the first thing that is wrong. Times are UTC.

export verifies one bundle and prints its events for another system, one a line; nothing from a file that
does not hold.

aws-check tries an emergency key and its roles at AWS and says what is right and wrong with them. It changes
nothing there; every call is a use of the key, so alarms ring. docs/aws.md has its options and exit codes.

Without this program, lockbox-verifier.html does the same in a browser: one file, which comes with it.

Several files of one organization are verified together: what one lacks another may have.

  --json     the same facts for programs
  --case ID  this case in full, where a report has too many to give all
  --help     this text
  --version  the version

Exit codes: 0 verified, 1 refuted, 2 unreadable (or wrong use), 3 verified but incomplete.
Of several files the worst counts: 1 before 2 before 3 before 0.
`
