// Each folder is compiled with only what it may know: main has no DOM, the window no Node, shared/ neither. Side by side,
// since the compiler works on one core; what it says of a folder is told in one piece.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** What takes longest first. */
const waiting = ['e2e', 'main', 'renderer', 'shared', 'build'].filter((one) => existsSync(`${one}/tsconfig.json`))

/** @param {string} project */
function check(project) {
  return new Promise((resolve) => {
    execFile('npx', ['--no-install', 'tsc', '-p', project, '--pretty'], (error, stdout) => {
      if (error !== null) {
        console.error(stdout || error.message)
        process.exitCode = 1
      }
      resolve(undefined)
    })
  })
}

async function checkNext() {
  for (let project = waiting.shift(); project !== undefined; project = waiting.shift()) await check(project)
}

await Promise.all(Array.from({ length: availableParallelism() }, checkNext))
