#!/usr/bin/env node
import { runHandout } from '../handout/program.ts'

void runHandout(process.argv.slice(2)).then(({ code, out, err }) => {
  process.exitCode = code
  process.stdout.write(out)
  process.stderr.write(err)
})
