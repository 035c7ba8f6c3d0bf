import { ShellError } from './errors.ts'

/**
 * A page's process of root has no sandbox, in either shell, and a page without one is no place for secrets.
 *
 * @throws {ShellError} `root-refused` for root where that was not allowed outright.
 */
export function refuseRoot({ isRoot, allowRoot }: { readonly isRoot: boolean; readonly allowRoot: boolean }): void {
  if (isRoot && !allowRoot) {
    throw new ShellError(
      'root-refused',
      'Lockbox does not run as root, where its window has no sandbox; start it as an ordinary user (test machines may set LOCKBOX_ALLOW_ROOT=1)',
    )
  }
}

/** Whether root is allowed outright, on a machine that is there for tests. */
export function isTestMachine(environment: Readonly<Record<string, string | undefined>>): boolean {
  return environment['LOCKBOX_ALLOW_ROOT'] === '1'
}
