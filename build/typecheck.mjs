// Each folder is compiled with only what it may know: main has no DOM, the window no Node, shared/ neither.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

for (const project of ['shared', 'main', 'renderer', 'e2e', 'build']) {
  if (!existsSync(`${project}/tsconfig.json`)) continue
  const { status } = spawnSync('npx', ['--no-install', 'tsc', '-p', project], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
