#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { verifyBundle } from './independent/verify.mjs'

// A second verifier of Lockbox bundles, written from docs/formats alone: Node's own modules, and no line of the app. Prints
// one JSON object of facts for each file. It does not open boxes (HPKE).

for (const path of process.argv.slice(2))
  console.log(JSON.stringify({ file: path, ...verifyBundle(readFileSync(path)) }))
