import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What starts the program that hands out sessions, and what goes before its options. In an installed package that is its own
 * script, which lets no core file be written and no `NODE_OPTIONS` meant for others in; else Node itself.
 *
 * @param main - the folder of the programs' bundles.
 * @param node - the path of Node.
 */
export function credentialsProgram(main: string, node: string): readonly string[] {
  const script = join(main, '../../../bin/lockbox-credentials')
  const isInstalled = main.replaceAll('\\', '/').endsWith('/lib/lockbox/main') && existsSync(script)
  return isInstalled ? [script] : [node, join(main, 'lockbox-credentials.cjs')]
}
