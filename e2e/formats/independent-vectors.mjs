#!/usr/bin/env node
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readBundle } from './independent/bundle.mjs'
import { jcs, Refused } from './independent/bytes.mjs'
import { door, parseEnvelope } from './independent/door.mjs'
import { numbersOf, readJoinCard } from './independent/joining.mjs'
import { verifyEd25519 } from './independent/keys.mjs'
import { rootsOf } from './independent/ledger.mjs'
import { checkLedger } from './independent/ledger-check.mjs'
import { isCustodyProof } from './independent/ristretto.mjs'

// What the second verifier says of the published vectors, beside what they expect of it: one JSON object. Its argument is
// the folder shared/ of a working copy, for the vectors alone.

const [shared] = process.argv.slice(2)
const read = (...path) => readFileSync(join(shared, ...path))

function codeOf(judge) {
  try {
    return judge()
  } catch (error) {
    if (error instanceof Refused) return error.code
    throw error
  }
}

/** A vector file: lines of `name: value`, an empty line, and the envelope to the end (statements.md §9). */
function statementVector(name) {
  const file = read('statements/vectors/door', name)
  const end = file.indexOf('\n\n')
  const lines = file.subarray(0, end).toString().split('\n')
  return { ...Object.fromEntries(lines.map((line) => line.split(': '))), envelope: file.subarray(end + 2) }
}

function statements() {
  const genesis = parseEnvelope(statementVector('valid-roster.txt').envelope)
  const rosters = new Map([[genesis.id, genesis.payload]])
  return readdirSync(join(shared, 'statements/vectors/door')).map((name) => {
    const { expect, id, envelope } = statementVector(name)
    const got = codeOf(() => {
      const { waitsFor, ...statement } = door(envelope, genesis.id, rosters)
      return waitsFor === undefined ? `verified ${statement.id}` : 'waiting'
    })
    return { name, expected: expect === 'verified' ? `verified ${id}` : expect, got }
  })
}

function bundles() {
  const folder = 'ledger/vectors/bundles'
  const devices = JSON.parse(read(folder, 'keys.json'))
  return Object.entries(JSON.parse(read(folder, 'expected.json'))).map(([name, { error, verdict }]) => {
    const got = codeOf(() => {
      const bundle = readBundle(read(folder, `${name}.jsonl`))
      const keys = new Map(devices.map((one) => [one.name.split('/')[2], [Buffer.from(one.publicKey, 'base64url')]]))
      // Its expected result is that of a checker who was not given the exporter's key.
      if (name === 'unknown-exporter') keys.delete(bundle.header.device)
      const found = checkLedger(bundle, rootsOf(bundle.entries), keys).findings.verdict()
      return found.verdict === 'verified' ? 'holds' : found.verdict
    })
    return { name, expected: error ?? verdict, got }
  })
}

// statements.md §7.
const ODD = ['low_order_A', 'low_order_R', 'non_canonical_A', 'non_canonical_R', 'low_order_residue', 'reencoded_k']

function ed25519() {
  const hex = (text) => Buffer.from(text, 'hex')
  const cctv = JSON.parse(read('statements/vectors/ed25519/cctv.json')).map(({ number, key, sig, msg, flags }) => ({
    name: `cctv ${number}`,
    expected: !(flags ?? []).some((flag) => ODD.includes(flag)),
    got: verifyEd25519(hex(key), Buffer.from(msg), hex(sig)),
  }))
  const speccheck = JSON.parse(read('statements/vectors/ed25519/speccheck.json')).map((one, at) => ({
    name: `speccheck ${at}`,
    expected: at === 3,
    got: verifyEd25519(hex(one.pub_key), hex(one.message), hex(one.signature)),
  }))
  return [...cctv, ...speccheck]
}

function cards() {
  const folder = 'org/vectors/cards'
  return Object.entries(JSON.parse(read(folder, 'expected.json'))).map(([name, expected]) => {
    const got = codeOf(() => readJoinCard(read(folder, `${name}.join-card.json`)) && 'verified')
    return { name, expected, got }
  })
}

function custody() {
  const hexed = (hex) => Buffer.from(hex, 'hex').toString('base64url')
  const { verify } = JSON.parse(read('secrets/vectors/custody.json'))
  return verify.map(({ name, context, threshold, members, commitments, proof, expect }) => {
    const message = Buffer.from(jcs({ purpose: 'lockbox/custody/v1', ...context }))
    const holds =
      commitments.length === threshold &&
      isCustodyProof(commitments.map(hexed), members, context.index, message, hexed(proof))
    return { name, expected: expect === 'valid', got: holds }
  })
}

function words() {
  return JSON.parse(read('org/vectors/words.json')).map(({ roster, numbers }) => ({
    name: roster,
    expected: numbers.join(' '),
    got: numbersOf(roster).join(' '),
  }))
}

console.log(
  JSON.stringify({
    statements: statements(),
    bundles: bundles(),
    ed25519: ed25519(),
    cards: cards(),
    custody: custody(),
    words: words(),
  }),
)
